"""Threads that are together in the layers of a batch: one workspace, and units of each one's own.

Where layers are wide, a thread with rows of its own would read all of U at every step for few rows.
Together, each thread reads half of U, or its own part of it, for all rows: ``share.py`` says which.
They meet before and behind each layer, and in it once a step, where one needs what the others have.
The numbers are those of one thread, to the last bit.
"""

from functools import lru_cache

import numba
import numpy as np
from numba import types

from ..compiling import call, call_value, inner, kernel
from ..tables import BATCH, LAYER
from .meeting import begin_to_wait


@lru_cache
def together_signatures(dtype):
    """Types of `forward_together` and `backward_together` for one dtype."""
    vector = types.Array(numba.from_dtype(np.dtype(dtype)), 1, "C")
    layers = types.Array(numba.from_dtype(LAYER), 1, "C")
    batch = types.Array(numba.from_dtype(BATCH), 1, "C")
    data = layers, types.int64, batch, types.Array(types.int8, 1, "C"), vector, vector
    return types.float64(*data), types.none(*data, vector)


@kernel
def forward_together(layers, count, batch, flags, theta, work):
    """Run this thread's part of the first `count` layers forward; returns 1: it has been done."""
    call_value(batch[0].meet, (batch[0],))  # the input is there
    run_part(layers, count, batch, flags, theta, work)
    return 1.0


@inner
def run_part(layers, count, batch, flags, theta, work):
    """A thread's part of the layers forward; those that share nothing are the first thread's.

    Returns how many of them are done: all, or those before the one that was called off.
    """
    one, done = batch[0], 0
    while done < count:
        shared = layers[done].shares
        one.parts = one.most if shared else 1
        begin_to_wait(one)
        if one.part == 0 or shared:
            call(layers[done].forward, (layers[done], one, flags, theta, work))
        together = call_value(one.meet, (one,)) > 0
        done += 1 if together or not shared else 0
        if not together:
            break
    one.parts = 1
    return done


@kernel
def backward_together(layers, count, batch, flags, theta, grad, work):
    """Run this thread's part of the first `count` layers backward, the last one first."""
    one = batch[0]
    call_value(one.meet, (one,))  # the gradient of the loss is there
    for k in range(count - 1, -1, -1):
        shared = layers[k].shares
        one.parts = one.most if shared else 1
        if one.part == 0 or shared:
            call(layers[k].backward, (layers[k], one, flags, theta, grad, work))
        call_value(one.meet, (one,))
    one.parts = 1
