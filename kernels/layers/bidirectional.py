"""What stands before and behind the two layers of a Bidirectional.

fork     x goes to both directions;  dx = dx_forward + dx_backward
merge    y from the outputs fwd and bwd (last step first), each (n, H), n = T * B:
         [fwd | bwd], fwd + bwd, fwd * bwd or (fwd + bwd) / 2;  zeros at a masked step
"""

from ..compiling import inner, kernel, view
from ..tables import HOLD
from ..vectors import fill

CONCAT, SUM, MULTIPLY, AVERAGE = range(4)
MODE = 0  # of layer.option


@kernel
def fork_forward(layer, batch, flags, theta, work):
    """Both directions read x where it is."""


@kernel
def fork_backward(layer, batch, flags, theta, grad, work):
    """dx = the sum of what comes back from the two directions.  All (n, D)."""
    if not layer.need_dx:
        return
    size = batch.rows * batch.chain * layer.steps * layer.fan_in
    dx, dy = view(work, layer.dx, (size,)), view(work, layer.dy, (size,))
    dside = view(work, layer.dside, (size,))
    for j in range(size):
        dx[j] = dy[j] + dside[j]


@inner
def same_step(r, n, B):
    """Row of bwd that belongs to row r of fwd: the same sample at the same step."""
    return n - B * (r // B + 1) + r % B


@inner
def merge_step(fwd, bwd, y, mode):
    """y (2H) or (H) of one step from fwd and bwd (H)."""
    H, half = len(fwd), y.dtype.type(0.5)
    for k in range(H):
        if mode == CONCAT:
            y[k] = fwd[k]
            y[H + k] = bwd[k]
        elif mode == SUM:
            y[k] = fwd[k] + bwd[k]
        elif mode == MULTIPLY:
            y[k] = fwd[k] * bwd[k]
        else:
            y[k] = half * (fwd[k] + bwd[k])


@inner
def merge_step_backward(fwd, bwd, dy, dfwd, dbwd, mode):
    """dfwd and dbwd (H) of one step from dy (2H) or (H)."""
    H, half = len(fwd), dy.dtype.type(0.5)
    for k in range(H):
        if mode == CONCAT:
            dfwd[k] = dy[k]  # y = [fwd | bwd]
            dbwd[k] = dy[H + k]
        elif mode == SUM:
            dfwd[k] = dy[k]  # y = fwd + bwd
            dbwd[k] = dy[k]
        elif mode == MULTIPLY:
            dfwd[k] = dy[k] * bwd[k]  # y = fwd * bwd
            dbwd[k] = dy[k] * fwd[k]
        else:
            dfwd[k] = half * dy[k]  # y = (fwd + bwd) / 2
            dbwd[k] = half * dy[k]


@kernel
def merge_forward(layer, batch, flags, theta, work):
    """y from fwd and bwd, zeros at a masked step.  fwd, bwd (n, H) in;  y (n, 2H) or (n, H) out."""
    B, H, K = batch.rows, layer.fan_in, layer.units
    n = B * layer.steps
    flags = view(flags, layer.x_flags, (n,))
    fwd, bwd = view(work, layer.x, (n, H)), view(work, layer.side, (n, H))
    y, mode = view(work, layer.y, (n, K)), int(layer.option[MODE])
    for r in range(n):
        if flags[r] & HOLD:
            fill(y[r], y.dtype.type(0))
        else:
            merge_step(fwd[r], bwd[same_step(r, n, B)], y[r], mode)


@kernel
def merge_backward(layer, batch, flags, theta, grad, work):
    """dfwd and dbwd from dy.  dy (n, 2H) or (n, H) in;  dfwd, dbwd (n, H) out."""
    B, H, K = batch.rows, layer.fan_in, layer.units
    n = B * layer.steps
    flags = view(flags, layer.x_flags, (n,))
    fwd, bwd = view(work, layer.x, (n, H)), view(work, layer.side, (n, H))
    dfwd, dbwd = view(work, layer.dx, (n, H)), view(work, layer.dside, (n, H))
    dy, mode = view(work, layer.dy, (n, K)), int(layer.option[MODE])
    for r in range(n):
        q = same_step(r, n, B)
        if flags[r] & HOLD:
            fill(dfwd[r], dy.dtype.type(0))
            fill(dbwd[q], dy.dtype.type(0))
        else:
            merge_step_backward(fwd[r], bwd[q], dy[r], dfwd[r], dbwd[q], mode)
