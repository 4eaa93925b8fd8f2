"""Dropout between layers, from a random stream that is a function of a counter.

A random number is a hash of (seed, step, layer, element): no order, no state. The same step gives
the same mask whatever the number of threads, so a mask can be held for a gradient check, and to
resume a training takes two integers.
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


@kernel
def dropout_forward(layer, batch, flags, theta, work):
    """y = x * mask in training, else y = x.  An element is dropped with probability rate.

    x, y (n, K); mask 0 or 1 / (1 - rate), so that the expectation of y is x (inverted dropout).
    """
    size = batch.rows * batch.chain * layer.steps * layer.units
    x = view(work, layer.x, (size,))
    y = view(work, layer.y, (size,))
    mask = view(work, layer.buffer[MASK], (size,))
    kept = x.dtype.type(1.0 / (1.0 - layer.rate))
    key = stream_key(batch.seed, batch.step, layer.index)
    for j in range(size):
        if batch.training:
            mask[j] = kept if uniform(key, j) >= layer.rate else x.dtype.type(0)
        else:
            mask[j] = x.dtype.type(1)
        y[j] = x[j] * mask[j]


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
