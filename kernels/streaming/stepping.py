"""One step after the other, as the data comes: what a `Stepper` calls."""

import math
from functools import lru_cache

import numba
import numpy as np
from numba import types

from ..compiling import FLUSH_DENORMALS, float_mode, inner, kernel, set_float_mode, view
from ..tables import BATCH, LAYER
from ..training.loop import forward_pass


@lru_cache
def step_signature(dtype):
    """Type of `step` for one dtype."""
    vector = types.Array(numba.from_dtype(np.dtype(dtype)), 1, "C")
    layers = types.Array(numba.from_dtype(LAYER), 1, "C")
    batch = types.Array(numba.from_dtype(BATCH), 1, "C")
    return types.boolean(layers, batch, types.Array(types.int8, 1, "C"), vector, vector)


@kernel
def step(layers, batch, flags, theta, work):
    """Run all layers forward for one step, and let the state that goes out come in next.

    x lies where the first layer reads it.  Returns False, and has done nothing, where a number of x
    is not finite.
    """
    first, one = layers[0], batch[0]
    x = view(work, first.x, (one.rows * first.fan_in,))
    for j in range(len(x)):
        if not math.isfinite(x[j]):
            return False
    mode = float_mode()
    set_float_mode(mode | FLUSH_DENORMALS)
    go_on(layers, batch, flags, theta, work)
    set_float_mode(mode)
    return True


@inner
def go_on(layers, batch, flags, theta, work):
    """All layers forward; then the state that went out is the one that comes in."""
    forward_pass(layers, len(layers), batch, flags, theta, work)
    one = batch[0]
    one.state_in, one.state_out = one.state_out, one.state_in
