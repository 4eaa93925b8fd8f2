"""Masking: steps that say nothing are held, so that h and c pass by them as they are.

A masked step is marked HOLD in the flags of the output, which every layer above reads.
"""

from ..compiling import inner, kernel, view
from ..tables import HOLD
from ..vectors import copy, fill

MASK_VALUE = 0  # of layer.option


@inner
def says_nothing(x, value):
    """Whether every feature of a step is the mask value.  x (D)."""
    different = 0
    for j in range(len(x)):
        different += 1 if x[j] != value else 0
    return different == 0


@kernel
def masking_forward(layer, batch, flags, theta, work):
    """y = x, or zeros where all features of a step are the mask value.  x, y (n, D), n = T * B."""
    n, D = batch.rows * batch.chain * layer.steps, layer.fan_in
    x, y = view(work, layer.x, (n, D)), view(work, layer.y, (n, D))
    before, after = view(flags, layer.x_flags, (n,)), view(flags, layer.y_flags, (n,))
    value = x.dtype.type(layer.option[MASK_VALUE])
    for r in range(n):
        if says_nothing(x[r], value):
            after[r] = before[r] | HOLD
            fill(y[r], x.dtype.type(0))
        else:
            after[r] = before[r]
            copy(x[r], y[r])


@kernel
def masking_backward(layer, batch, flags, theta, grad, work):
    """dx = dy, or zeros where a step is masked.  dx, dy (n, D)."""
    if not layer.need_dx:
        return
    n, D = batch.rows * batch.chain * layer.steps, layer.fan_in
    x = view(work, layer.x, (n, D))
    dx, dy = view(work, layer.dx, (n, D)), view(work, layer.dy, (n, D))
    value = x.dtype.type(layer.option[MASK_VALUE])
    for r in range(n):
        if says_nothing(x[r], value):
            fill(dx[r], x.dtype.type(0))
        else:
            copy(dy[r], dx[r])
