"""Layers that only lay numbers out anew: RepeatVector, Flatten and Reshape.

Inside, step t of link l of row r lies at (l * T + t) * B + r; outside, the numbers of a sample
follow each other step by step, feature by feature.
"""

from ..compiling import inner, kernel, view
from ..vectors import add, copy, zero_rows


@inner
def place_of(link, t, r, T, B):
    """Where step t of a link of row r lies."""
    return (link * T + t) * B + r


@inner
def lay_out(source, goal, batch):
    """Copy the numbers of every sample, in their order.

    source (links * T * B, D), goal (links * T_y * B, K), T D = T_y K.
    """
    B, D, K = batch.rows, source.shape[1], goal.shape[1]
    T, T_y = len(source) // (batch.chain * B), len(goal) // (batch.chain * B)
    for link in range(batch.chain):
        for r in range(B):
            for j in range(T * D):
                number = source[place_of(link, j // D, r, T, B), j % D]
                goal[place_of(link, j // K, r, T_y, B), j % K] = number


@kernel
def reshape_forward(layer, batch, flags, theta, work):
    """y = the numbers of x in another shape.  x (T, D), y (T_y, K) for each sample."""
    samples = batch.rows * batch.chain
    x = view(work, layer.x, (samples * layer.steps, layer.fan_in))
    y = view(work, layer.y, (samples * layer.y_steps, layer.units))
    lay_out(x, y, batch)


@kernel
def reshape_backward(layer, batch, flags, theta, grad, work):
    """dx = the numbers of dy in the shape of x."""
    if not layer.need_dx:
        return
    samples = batch.rows * batch.chain
    dx = view(work, layer.dx, (samples * layer.steps, layer.fan_in))
    dy = view(work, layer.dy, (samples * layer.y_steps, layer.units))
    lay_out(dy, dx, batch)


@kernel
def repeat_forward(layer, batch, flags, theta, work):
    """y_t = x for every step t, all rows at once.  x (links, B * K), y (links * T_y, B * K)."""
    links, T_y, n = batch.chain, layer.y_steps, batch.rows * layer.units
    x, y = view(work, layer.x, (links, n)), view(work, layer.y, (links * T_y, n))
    for t in range(links * T_y):
        copy(x[t // T_y], y[t])


@kernel
def repeat_backward(layer, batch, flags, theta, grad, work):
    """dx = sum over t of dy_t, all rows at once.  dx (links, B * K), dy (links * T_y, B * K)."""
    if not layer.need_dx:
        return
    links, T_y, n = batch.chain, layer.y_steps, batch.rows * layer.units
    dx, dy = view(work, layer.dx, (links, n)), view(work, layer.dy, (links * T_y, n))
    zero_rows(dx)
    for t in range(links * T_y):
        add(dy[t], dx[t // T_y])
