"""One step after the other, as the data comes: what a `Stepper` calls."""

import math

from ..compiling import FLUSH_DENORMALS, float_mode, inner, kernel, set_float_mode, view
from ..training.loop import forward_pass


@kernel
def step(layers, batch_table, flags, theta, work) -> bool:
    """Run all layers forward for one step, and let the state that goes out come in next.

    x lies where the first layer reads it.  Returns False, and has done nothing, where a number of x
    is not finite.
    """
    first, batch = layers[0], batch_table[0]
    x = view(work, first.x, (batch.rows * first.fan_in,))
    for j in range(len(x)):
        if not math.isfinite(x[j]):
            return False
    mode = float_mode()
    set_float_mode(mode | FLUSH_DENORMALS)
    go_on(layers, batch_table, flags, theta, work)
    set_float_mode(mode)
    return True


@inner
def go_on(layers, batch_table, flags, theta, work):
    """All layers forward; then the state that went out is the one that comes in."""
    forward_pass(layers, len(layers), batch_table, flags, theta, work)
    batch = batch_table[0]
    batch.state_in, batch.state_out = batch.state_out, batch.state_in
