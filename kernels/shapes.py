"""Layers that only lay numbers out anew: RepeatVector, Flatten and Reshape.

Inside, step t of sample (l, s), the l-th of sequence s, is row (l * T + t) * S + s; outside, the
numbers of a sample follow each other step by step, feature by feature.
"""

from .compiler import inner, kernel, view


@inner
def row_of(link, t, s, steps, rows):
    """Row of step t of link `link` of sequence s."""
    return (link * steps + t) * rows + s


@inner
def lay_out(source, goal, batch):
    """Copy the numbers of every sample, in their order.

    source (links, T, S, D), goal (links, T', S, K) as rows (n, D) and (n', K), T D = T' K.
    """
    S, D, K = batch.rows, source.shape[1], goal.shape[1]
    T, T_goal = len(source) // (batch.chain * S), len(goal) // (batch.chain * S)
    for link in range(batch.chain):
        for s in range(S):
            for e in range(T * D):
                number = source[row_of(link, e // D, s, T, S), e % D]
                goal[row_of(link, e // K, s, T_goal, S), e % K] = number


@kernel
def reshape_forward(layer, batch, flags, theta, work):
    """y = the numbers of x in another shape.  x (T, D), y (T', K) for each sample."""
    samples = batch.rows * batch.chain
    x = view(work, layer.x, (samples * layer.steps, layer.fan_in))
    y = view(work, layer.y, (samples * layer.y_steps, layer.units))
    lay_out(x, y, batch)


@kernel
def reshape_backward(layer, batch, flags, theta, grad, work):
    """dx = the numbers of dy in the shape of x."""
    samples = batch.rows * batch.chain
    dx = view(work, layer.dx, (samples * layer.steps, layer.fan_in))
    dy = view(work, layer.dy, (samples * layer.y_steps, layer.units))
    lay_out(dy, dx, batch)


@kernel
def repeat_forward(layer, batch, flags, theta, work):
    """y_t = x for every step t.  x (samples, K), y (T' * samples, K)."""
    S, T, K = batch.rows, layer.y_steps, layer.units
    x = view(work, layer.x, (batch.chain * S, K))
    y = view(work, layer.y, (batch.chain * T * S, K))
    for link in range(batch.chain):
        for t in range(T):
            for s in range(S):
                for k in range(K):
                    y[row_of(link, t, s, T, S), k] = x[link * S + s, k]


@kernel
def repeat_backward(layer, batch, flags, theta, grad, work):
    """dx = sum over t of dy_t."""
    S, T, K = batch.rows, layer.y_steps, layer.units
    dx = view(work, layer.dx, (batch.chain * S, K))
    dy = view(work, layer.dy, (batch.chain * T * S, K))
    for link in range(batch.chain):
        for s in range(S):
            for k in range(K):
                total = dx.dtype.type(0)
                for t in range(T):
                    total += dy[row_of(link, t, s, T, S), k]
                dx[link * S + s, k] = total
