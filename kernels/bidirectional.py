"""What stands before and behind the two layers of a Bidirectional.

fork     x goes to both directions;  dx = dx_forward + dx_backward
merge    y from the outputs a (forward) and b (backward, last step first), each (n, H), n = T * B:
         [a | b], a + b, a * b or (a + b) / 2;  zeros where every step is put out and this is masked
"""

from .compiler import inner, kernel, view
from .products import fill
from .tables import HOLD

CONCAT, SUM, MULTIPLY, AVERAGE = range(4)
MODE = 0  # of layer.option


@kernel
def fork_forward(layer, batch, flags, theta, work):
    """Both directions read x where it is."""


@kernel
def fork_backward(layer, batch, flags, theta, grad, work):
    """dx = the sum of what comes back from the two directions.  All (n, D)."""
    size = batch.rows * batch.chain * layer.steps * layer.fan_in
    dx, dy = view(work, layer.dx, (size,)), view(work, layer.dy, (size,))
    dside = view(work, layer.dside, (size,))
    for j in range(size):
        dx[j] = dy[j] + dside[j]


@inner
def same_step(r, n, B):
    """Row of b that belongs to row r of a: the same sample at the same step."""
    return n - B * (r // B + 1) + r % B


@inner
def merge_step(a, b, y, mode):
    """y (2H) or (H) of one step from a and b (H)."""
    H, half = len(a), y.dtype.type(0.5)
    for k in range(H):
        if mode == CONCAT:
            y[k] = a[k]
            y[H + k] = b[k]
        elif mode == SUM:
            y[k] = a[k] + b[k]
        elif mode == MULTIPLY:
            y[k] = a[k] * b[k]
        else:
            y[k] = half * (a[k] + b[k])


@inner
def merge_step_backward(a, b, dy, da, db, mode):
    """da and db (H) of one step from dy (2H) or (H)."""
    H, half = len(a), dy.dtype.type(0.5)
    for k in range(H):
        if mode == CONCAT:
            da[k] = dy[k]
            db[k] = dy[H + k]
        elif mode == SUM:
            da[k] = dy[k]
            db[k] = dy[k]
        elif mode == MULTIPLY:
            da[k] = dy[k] * b[k]
            db[k] = dy[k] * a[k]
        else:
            da[k] = half * dy[k]
            db[k] = half * dy[k]


@kernel
def merge_forward(layer, batch, flags, theta, work):
    """y from a and b, zeros at a masked step.  a, b (n, H) in;  y (n, 2H) or (n, H) out."""
    B, H, K = batch.rows, layer.fan_in, layer.units
    n = B * layer.steps
    flags = view(flags, layer.x_flags, (n,))
    a, b = view(work, layer.x, (n, H)), view(work, layer.side, (n, H))
    y, mode = view(work, layer.y, (n, K)), int(layer.option[MODE])
    for r in range(n):
        if flags[r] & HOLD:
            fill(y[r], y.dtype.type(0))
        else:
            merge_step(a[r], b[same_step(r, n, B)], y[r], mode)


@kernel
def merge_backward(layer, batch, flags, theta, grad, work):
    """da and db from dy.  dy (n, 2H) or (n, H) in;  da, db (n, H) out."""
    B, H, K = batch.rows, layer.fan_in, layer.units
    n = B * layer.steps
    flags = view(flags, layer.x_flags, (n,))
    a, b = view(work, layer.x, (n, H)), view(work, layer.side, (n, H))
    da, db = view(work, layer.dx, (n, H)), view(work, layer.dside, (n, H))
    dy, mode = view(work, layer.dy, (n, K)), int(layer.option[MODE])
    for r in range(n):
        q = same_step(r, n, B)
        if flags[r] & HOLD:
            fill(da[r], dy.dtype.type(0))
            fill(db[q], dy.dtype.type(0))
        else:
            merge_step_backward(a[r], b[q], dy[r], da[r], db[q], mode)
