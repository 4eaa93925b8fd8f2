"""Dropout between layers, from a random stream that is a function of a counter.

A random number is a hash of (seed, step, layer, element): no order, no state. The element counts in
the whole batch, so the same step gives the same mask whatever the number of threads; a mask can be
held for a gradient check, and to resume a training takes two integers.
"""

import numpy as np

from .compiler import inner, kernel, view, wrapping

MASK = 0  # (n, K): 0 or 1 / (1 - rate)


@inner
@wrapping
def mix(bits):
    """A bijection of 64 bits in which every input bit flips half of the output bits.

    Source: Steele, Lea and Flood 2014 (SplitMix64), the finaliser of Stafford's variant 13.
    """
    bits = (bits ^ (bits >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    bits = (bits ^ (bits >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return bits ^ (bits >> np.uint64(31))


@inner
@wrapping
def stream_key(seed, step, index):
    """Key of the stream of one layer in one step."""
    golden = np.uint64(0x9E3779B97F4A7C15)
    key = mix(np.uint64(seed) + golden)
    key = mix(key + np.uint64(step) * golden + golden)
    return mix(key + np.uint64(index) * golden + golden)


@inner
@wrapping
def uniform(key, element):
    """Number in [0, 1) of one element of the stream, a multiple of 2^-53."""
    bits = mix(key + np.uint64(element) * np.uint64(0x9E3779B97F4A7C15))
    return np.float64(bits >> np.uint64(11)) * 2.0**-53


@inner
def draw(key, first, rate, training, mask):
    """0 with probability rate, else 1 / (1 - rate); drawn from the stream's `first` element on.

    All ones where it is not for training.  mask (m) out.
    """
    zero, one, kept = mask.dtype.type(0), mask.dtype.type(1), mask.dtype.type(1.0 / (1.0 - rate))
    for j in range(len(mask)):
        if training:
            mask[j] = kept if uniform(key, first + j) >= rate else zero
        else:
            mask[j] = one


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
        draw(key, first, layer.rate, batch.training, mask[t])
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
