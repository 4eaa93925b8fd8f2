"""Masked and restarted steps: which they are, and what they do."""

from ..compiling import inner, view
from ..tables import HOLD, RESTART
from ..threads import own_units
from ..vectors import fill
from .memory import count_steps, move, move_own, place_of_output, states_at


@inner
def place_of_flags(layer, batch, s):
    """Where the flags of the rows of the s-th step lie: they stand in the order of time."""
    t = count_steps(layer, batch) - 1 - s if layer.go_backwards else s
    return layer.x_flags + t * batch.rows


@inner
def is_held(flags, at, rows):
    """Whether one of so many rows is masked."""
    held = 0
    for r in range(at, at + rows):
        held |= flags[r] & HOLD
    return held > 0


@inner
def restart(layer, batch, flags, work, s, states):
    """Zero the states, or their gradients, of the rows that restart at the s-th step; own units.

    states: place of the first one (B, H), and how far apart they are.  Where no state came in, the
    first step restarts every row.  Returns how many rows carry on.
    """
    B, H, (begin, end) = batch.rows, layer.units, own_units(batch, layer.units)
    at, carried, (place, apart) = place_of_flags(layer, batch, s), 0, states
    for r in range(B):
        if flags[at + r] & RESTART or (s == 0 and layer.carry == 0):
            for k in range(layer.states):
                state = view(work, place + k * apart + r * H + begin, (end - begin,))
                fill(state, state.dtype.type(0))
        else:
            carried += 1
    return carried


@inner
def put_out(layer, batch, flags, work, s):
    """y = h behind the s-th step, where it is put out; own units.

    A held row repeats its last output: before the first, h where its sequence goes on, else zeros.
    """
    B, H, (begin, end) = batch.rows, layer.units, own_units(batch, layer.units)
    y, at = layer.y + place_of_output(layer, batch, s), place_of_flags(layer, batch, s)
    (h_prev, _), (h, _) = states_at(layer, batch, s), states_at(layer, batch, s + 1)
    if not is_held(flags, at, B):
        move_own(layer, batch, work, h, y)
        return
    for r in range(B):
        own, size = r * H + begin, end - begin
        if not is_held(flags, at + r, 1):
            move(work, h + own, y + own, size)
        elif s == 0 and batch.goes_on:
            move(work, h_prev + own, y + own, size)
        elif s == 0:
            zeros = view(work, y + own, (size,))
            fill(zeros, zeros.dtype.type(0))
        elif layer.every == 1 or s % layer.every == 0:
            move(work, y + own - B * H, y + own, size)
