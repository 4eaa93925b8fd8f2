"""What stands before and behind the two layers of a Bidirectional.

fork     x goes to both directions;  dx = dx_forward + dx_backward
merge    y from the outputs a (forward) and b (backward, last step first), each (n, H), n = T * B:
         [a | b], a + b, a * b or (a + b) / 2
"""

from .compiler import inner, kernel, view

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


@kernel
def merge_forward(layer, batch, flags, theta, work):
    """y from a and b.  a, b (n, H);  y (n, 2H) or (n, H) out."""
    B, H, K = batch.rows, layer.fan_in, layer.units
    n = B * layer.steps
    a, b = view(work, layer.x, (n, H)), view(work, layer.side, (n, H))
    y, mode = view(work, layer.y, (n, K)), int(layer.option[MODE])
    half = y.dtype.type(0.5)
    for r in range(n):
        a_r, b_r, y_r = a[r], b[same_step(r, n, B)], y[r]
        for k in range(H):
            if mode == CONCAT:
                y_r[k] = a_r[k]
                y_r[H + k] = b_r[k]
            elif mode == MULTIPLY:
                y_r[k] = a_r[k] * b_r[k]
            elif mode == SUM:
                y_r[k] = a_r[k] + b_r[k]
            else:
                y_r[k] = half * (a_r[k] + b_r[k])


@kernel
def merge_backward(layer, batch, flags, theta, grad, work):
    """da and db from dy.  dy (n, 2H) or (n, H);  da, db (n, H) out."""
    B, H, K = batch.rows, layer.fan_in, layer.units
    n = B * layer.steps
    a, b = view(work, layer.x, (n, H)), view(work, layer.side, (n, H))
    da, db = view(work, layer.dx, (n, H)), view(work, layer.dside, (n, H))
    dy, mode = view(work, layer.dy, (n, K)), int(layer.option[MODE])
    half = dy.dtype.type(0.5)
    for r in range(n):
        q = same_step(r, n, B)
        a_r, b_r, da_r, db_r, dy_r = a[r], b[q], da[r], db[q], dy[r]
        for k in range(H):
            if mode == CONCAT:
                da_r[k] = dy_r[k]
                db_r[k] = dy_r[H + k]
            elif mode == MULTIPLY:
                da_r[k] = dy_r[k] * b_r[k]
                db_r[k] = dy_r[k] * a_r[k]
            else:
                da_r[k] = dy_r[k] if mode == SUM else half * dy_r[k]
                db_r[k] = da_r[k]
