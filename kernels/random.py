"""A random stream that is a function of a counter.

A random number is a hash of (seed, step, layer, element): no order, no state. The element counts in
the whole batch, so the same step gives the same mask whatever the number of threads; a mask can be
held for a gradient check, and to resume a training takes two integers.
"""

import numpy as np

from .compiling import inner, wrapping


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
def draw_mask(key, first, rate, training, mask):
    """0 with probability rate, else 1 / (1 - rate); drawn from the stream's `first` element on.

    All ones where it is not for training.  mask (m) out.
    """
    zero, one, scaled = mask.dtype.type(0), mask.dtype.type(1), mask.dtype.type(1.0 / (1.0 - rate))
    for j in range(len(mask)):
        if training:
            mask[j] = scaled if uniform(key, first + j) >= rate else zero
        else:
            mask[j] = one
