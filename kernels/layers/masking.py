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


@inner
def masked_row(layer, batch, r):
    """The row of the flags, which are in the order of time, for row r of an output, which is not
    where the layer before goes backwards."""
    B, T = batch.rows, batch.chain * layer.steps
    return (T - 1 - r // B) * B + r % B if layer.go_backwards else r


@kernel
def blank_forward(layer, batch, flags, theta, work):
    """y = x, or zeros at a masked step.  x, y (n, H), n = T * B."""
    n, H = batch.rows * batch.chain * layer.steps, layer.units
    x, y = view(work, layer.x, (n, H)), view(work, layer.y, (n, H))
    for r in range(n):
        if flags[layer.x_flags + masked_row(layer, batch, r)] & HOLD:
            fill(y[r], y.dtype.type(0))
        else:
            copy(x[r], y[r])


@kernel
def blank_backward(layer, batch, flags, theta, grad, work):
    """dx = dy, or zeros at a masked step.  dx, dy (n, H)."""
    if not layer.need_dx:
        return
    n, H = batch.rows * batch.chain * layer.steps, layer.units
    dx, dy = view(work, layer.dx, (n, H)), view(work, layer.dy, (n, H))
    for r in range(n):
        if flags[layer.x_flags + masked_row(layer, batch, r)] & HOLD:
            fill(dx[r], dx.dtype.type(0))
        else:
            copy(dy[r], dx[r])
