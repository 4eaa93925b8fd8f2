"""Closed loop: what a model puts out is what it reads next, many steps in a compiled call."""

import numpy as np

from ..activations import exp, largest
from ..compiling import FLUSH_DENORMALS, float_mode, inner, kernel, set_float_mode, view
from ..random import stream_key, uniform
from ..vectors import copy
from .stepping import go_on

FEEDBACK = np.dtype(
    [
        ("y", np.int64),  # place of the output in the workspace,
        ("z", np.int64),  # and of what its softmax reads, where a class is drawn
        ("steps", np.int64),  # that the model reads at a time: 1, or those of a window
        ("first", np.int64),  # outputs of this call: from this one on,
        ("last", np.int64),  # to the one before that
        ("choice", np.int64),  # VALUE, ARGMAX or SAMPLE
        ("one_hot", np.int64),  # 1: a class is fed back as a row of zeros and a one,
        ("scale", np.float64),  # else as its number times this
        ("sharpness", np.float64),  # 1 / temperature
        ("seed", np.uint64),
    ],
    align=True,
)
VALUE, ARGMAX, SAMPLE = range(3)
SAMPLING_STREAM = 2**32 + 1  # no layer has this number, nor the order of the samples


@kernel
def generate(feedback_table, layers, batch_table, flags, theta, work, beginning, answers, classes):
    """Read the steps of a beginning, and go on on the model's own answers: a part of both.

    beginning (m * B * D), time first, or nothing where what is read next is in the workspace;
    answers (B, N, K) or classes (B, N): what is fed back. The state goes from step to step; with a
    window, each answer comes from the last steps anew.
    """
    mode = float_mode()
    set_float_mode(mode | FLUSH_DENORMALS)
    f = feedback_table[0]
    B, D, K = batch_table[0].rows, layers[0].fan_in, answers.shape[2]
    x, y = view(work, layers[0].x, (f.steps * B, D)), view(work, f.y, (B, K))
    z = view(work, f.z, (B, K))
    key = stream_key(f.seed, 0, SAMPLING_STREAM)
    if len(beginning) > 0:
        begin(f.steps * B * D, B * D, beginning, layers, batch_table, flags, theta, work)
    for n in range(f.first, f.last):
        go_on(layers, batch_table, flags, theta, work)
        for row in range((f.steps - 1) * B):  # a window moves on by a step
            copy(x[row + B], x[row])
        for r in range(B):
            kind = choose(f, y[r], z[r], key, (r << 32) + n)
            feed(f, y[r], kind, x[(f.steps - 1) * B + r])
            if f.choice == VALUE:
                copy(y[r], answers[r, n])
            else:
                classes[r, n] = kind
    set_float_mode(mode)


@inner
def begin(size, step, beginning, layers, batch_table, flags, theta, work):
    """Read all steps but those that are read next: the last `size` numbers."""
    for at in range(0, len(beginning) - size, step):
        copy(view(beginning, at, (step,)), view(work, layers[0].x, (step,)))
        go_on(layers, batch_table, flags, theta, work)
    copy(view(beginning, len(beginning) - size, (size,)), view(work, layers[0].x, (size,)))


@inner
def choose(f, y, z, key, number):
    """The class that is fed back, -1 for values.  y, z (K);  z is overwritten."""
    if f.choice == VALUE:
        return -1
    if f.choice == ARGMAX:
        return likeliest(y)
    return draw_class(z, z.dtype.type(f.sharpness), uniform(key, number))


@inner
def likeliest(y):
    """The first of the largest elements.  y (K)."""
    best = 0
    for k in range(1, len(y)):
        if y[k] > y[best]:
            best = k
    return best


@inner
def draw_class(z, sharpness, u):
    """A class, drawn with probabilities softmax(z * sharpness) by a number u from [0, 1).

    z (K), overwritten. With p = softmax(z) these are p_k^sharpness over their sum, and z needs no
    logarithm.
    """
    z_max, total = largest(z), 0.0
    for k in range(len(z)):
        z[k] = (z[k] - z_max) * sharpness
    for k in range(len(z)):
        z[k] = exp(z[k])
    for k in range(len(z)):
        total += z[k]
    left = u * total
    for k in range(len(z)):
        left -= z[k]
        if left < 0.0:
            return k
    return likeliest(z)  # the shares add up to less by a rounding


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
