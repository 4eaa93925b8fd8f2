"""Closed loop: what a model puts out is what it reads next, many steps in one compiled call."""

import math
from functools import lru_cache

import numba
import numpy as np
from numba import types

from .compiler import FLUSH_DENORMALS, float_mode, inner, kernel, set_float_mode, view
from .dropout import stream_key, uniform
from .products import copy
from .stepping import go_on
from .tables import BATCH, LAYER

FEEDBACK = np.dtype(
    [
        ("y", np.int64),  # place of the output in the workspace
        ("classes", np.int64),  # K, its features
        ("steps", np.int64),  # that the model reads at a time: 1, or those of a window
        ("choice", np.int64),  # VALUE, ARGMAX or SAMPLE
        ("one_hot", np.int64),  # 1: a class is fed back as a row of zeros and a one,
        ("scale", np.float64),  # else as its number times this
        ("temperature", np.float64),
        ("seed", np.uint64),
    ],
    align=True,
)
VALUE, ARGMAX, SAMPLE = range(3)
SAMPLING_STREAM = 2**32 + 1  # no layer has this number, nor the order of the samples


@lru_cache
def generation_signature(dtype):
    """Type of `generate` for one dtype."""
    vector = types.Array(numba.from_dtype(np.dtype(dtype)), 1, "C")
    tables = (types.Array(numba.from_dtype(row), 1, "C") for row in (FEEDBACK, LAYER, BATCH))
    flags, chosen = types.Array(types.int8, 1, "C"), types.Array(types.int64, 2, "C")
    return types.none(*tables, flags, vector, vector, types.Array(vector.dtype, 3, "C"), chosen)


@kernel
def generate(feedback, layers, batch, flags, theta, work, outputs, chosen):
    """From the steps that lie where the first layer reads, go on on the model's own answers.

    outputs (n, B, K): what it put out;  chosen (n, B): the classes that were fed back, -1 for
    values. The state goes from step to step; with a window, each output is read from the last
    steps anew.
    """
    mode = float_mode()
    set_float_mode(mode | FLUSH_DENORMALS)
    f = feedback[0]
    B, D, K = batch[0].rows, layers[0].fan_in, f.classes
    x, y = view(work, layers[0].x, (f.steps * B, D)), view(work, f.y, (B, K))
    for n in range(len(outputs)):
        go_on(layers, batch, flags, theta, work)
        key = stream_key(f.seed, n, SAMPLING_STREAM)
        for row in range((f.steps - 1) * B):  # a window moves on by a step
            copy(x[row + B], x[row])
        for r in range(B):
            copy(y[r], outputs[n, r])
            chosen[n, r] = choose(f, y[r], uniform(key, r))
            feed(f, y[r], chosen[n, r], x[(f.steps - 1) * B + r])
    set_float_mode(mode)


@inner
def choose(f, p, u):
    """The class that is fed back: the likeliest, or one drawn with the number u from [0, 1).

    Drawn with probabilities p_k^(1 / temperature) over their sum.  p (K).  Returns -1 for values.
    """
    if f.choice == VALUE:
        return -1
    best = 0
    for k in range(1, len(p)):
        if p[k] > p[best]:
            best = k
    if f.choice == ARGMAX:
        return best
    total = 0.0
    for k in range(len(p)):
        total += share(p[k], p[best], f.temperature)
    left = u * total
    for k in range(len(p)):
        left -= share(p[k], p[best], f.temperature)
        if left < 0.0:
            return k
    return best  # the shares add up to less by a rounding


@inner
def share(p, largest, temperature):
    """(p / largest)^(1 / temperature)."""
    return math.exp(math.log(p / largest) / temperature) if p > 0 else 0.0


@inner
def feed(f, y, kind, x):
    """The next input from an output, or from a class.  y (K), x (D) out."""
    c = x.dtype.type
    if f.choice == VALUE:
        copy(y, x)
    elif f.one_hot:
        for k in range(len(x)):
            x[k] = c(1) if k == kind else c(0)
    else:
        x[0] = c(kind * f.scale)
