"""Dropout between layers, of numbers or of whole features.

The masks are drawn from the random stream of ``random.py``.
"""

from ..compiling import kernel, view
from ..random import draw_mask, stream_key
from .arrays import Arrays

ARRAYS = Arrays()
MASK = ARRAYS.add("mask", "steps", "rows", "features")  # 0 or 1 / (1 - rate)


@kernel
def dropout_forward(layer, batch, flags, theta, work):
    """y = x * mask in training, else y = x.  An element is dropped with probability rate.

    x, y (T, B * K); mask 0 or 1 / (1 - rate), so that the expectation of y is x (inverted dropout).
    """
    steps, n = batch.chain * layer.steps, batch.rows * layer.units
    x = view(work, layer.x, (steps, n))
    y = view(work, layer.y, (steps, n))
    mask = view(work, layer.buffer[MASK], (steps, n))
    key = stream_key(batch.seed, batch.step, layer.index)
    whole = (batch.before + batch.rows + batch.behind) * layer.units
    for t in range(steps):
        first = t * whole + batch.before * layer.units
        draw_mask(key, first, layer.rate, batch.training, mask[t])
        for j in range(n):
            y[t, j] = x[t, j] * mask[t, j]


@kernel
def dropout_backward(layer, batch, flags, theta, grad, work):
    """dx = dy * mask.  dy, dx (n, K)."""
    if not layer.need_dx:
        return
    size = batch.rows * batch.chain * layer.steps * layer.units
    dy = view(work, layer.dy, (size,))
    dx = view(work, layer.dx, (size,))
    mask = view(work, layer.buffer[MASK], (size,))
    for j in range(size):
        dx[j] = dy[j] * mask[j]


@kernel
def feature_dropout_forward(layer, batch, flags, theta, work):
    """y = x * mask in training, else y = x; the mask is the same at all steps of a sample.

    x, y (T, B * K);  mask (samples of a row, B * K): 0 or 1 / (1 - rate).
    """
    steps, n = batch.chain * layer.steps, batch.rows * layer.units
    x, y = view(work, layer.x, (steps, n)), view(work, layer.y, (steps, n))
    mask = view(work, layer.buffer[MASK], (batch.chain, n))
    key = stream_key(batch.seed, batch.step, layer.index)
    whole = (batch.before + batch.rows + batch.behind) * layer.units
    for sample in range(batch.chain):
        first = sample * whole + batch.before * layer.units
        draw_mask(key, first, layer.rate, batch.training, mask[sample])
    for t in range(steps):
        kept = mask[t // layer.steps]
        for j in range(n):
            y[t, j] = x[t, j] * kept[j]


@kernel
def feature_dropout_backward(layer, batch, flags, theta, grad, work):
    """dx = dy * mask.  dy, dx (T, B * K)."""
    if not layer.need_dx:
        return
    steps, n = batch.chain * layer.steps, batch.rows * layer.units
    dy, dx = view(work, layer.dy, (steps, n)), view(work, layer.dx, (steps, n))
    mask = view(work, layer.buffer[MASK], (batch.chain, n))
    for t in range(steps):
        kept = mask[t // layer.steps]
        for j in range(n):
            dx[t, j] = dy[t, j] * kept[j]
