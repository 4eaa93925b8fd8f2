"""Masked and restarted steps: which they are, and what they do."""

from ..compiling import inner, view
from ..tables import HOLD, RESTART
from ..threads import own_units
from ..vectors import add, fill
from .memory import DOUT, count_steps, dstates_at, place_of_output, states_at
from .moves import add_own, move, move_own


@inner
def place_of_flags(layer, batch, s):
    """Where the flags of the rows of the s-th step lie: they stand in the order of time."""
    t = count_steps(layer, batch) - 1 - s if layer.go_backwards else s
    return layer.x_flags + t * batch.rows


@inner
def marks_of(layer, batch, flags, s):
    """The flags of all rows of the s-th step in one: 0 where none is masked or restarts."""
    marks, at = 0, place_of_flags(layer, batch, s)
    for r in range(at, at + batch.rows):
        marks |= flags[r]
    return marks


@inner
def restart(layer, batch, flags, work, s, marks, states):
    """Zero the states, or their gradients, of the rows that restart at the s-th step; own units.

    states: place of the first one (B, H), and how far apart they are.  Where no state came in, the
    first step restarts every row.  Returns how many rows carry on.
    """
    B, H, (begin, end) = batch.rows, layer.units, own_units(batch, layer.units)
    anew = s == 0 and layer.carry == 0
    if not (anew or marks & RESTART):
        return B
    at, carried, (place, apart) = place_of_flags(layer, batch, s), 0, states
    for r in range(B):
        if anew or flags[at + r] & RESTART:
            for k in range(layer.states):
                state = view(work, place + k * apart + r * H + begin, (end - begin,))
                fill(state, state.dtype.type(0))
        else:
            carried += 1
    return carried


@inner
def put_out(layer, batch, flags, work, s, marks):
    """y = h behind the s-th step, where it is put out; own units.

    A held row repeats its last output: before the first, h where its sequence goes on, else zeros.
    """
    B, H, (begin, end) = batch.rows, layer.units, own_units(batch, layer.units)
    y, at = layer.y + place_of_output(layer, batch, s), place_of_flags(layer, batch, s)
    (h_prev, _), (h, _) = states_at(layer, batch, s), states_at(layer, batch, s + 1)
    if not marks & HOLD:
        move_own(layer, batch, work, h, y)
        return
    for r in range(B):
        own, size = r * H + begin, end - begin
        if not flags[at + r] & HOLD:
            move(work, h + own, y + own, size)
        elif s == 0 and batch.goes_on:
            move(work, h_prev + own, y + own, size)
        elif s == 0:
            zeros = view(work, y + own, (size,))
            fill(zeros, zeros.dtype.type(0))
        elif layer.every == 1 or s % layer.every == 0:
            move(work, y + own - B * H, y + own, size)


@inner
def add_dy(layer, batch, flags, work, s, marks, waits):
    """dh += dy, the gradient of the output of the s-th step, if that is put out; own units.

    What reaches a held row's output waits, in dout, for the step that has made it. waits: whether
    any does; returns whether any may from now on.
    """
    is_out = layer.every == 1 or (s + 1) % layer.every == 0
    dh, dy = dstates_at(layer, batch, s + 1)[0], layer.dy + place_of_output(layer, batch, s)
    dout, at = layer.buffer[DOUT], place_of_flags(layer, batch, s)
    if not (waits or marks & HOLD):
        if is_out:
            add_own(layer, batch, work, dy, dh)
        return False
    if is_out:
        add_own(layer, batch, work, dy, dout)
    H, (begin, end) = layer.units, own_units(batch, layer.units)
    for r in range(batch.rows):
        if not flags[at + r] & HOLD:
            own, size = r * H + begin, (end - begin,)
            waited = view(work, dout + own, size)
            add(waited, view(work, dh + own, size))
            fill(waited, waited.dtype.type(0))
    return marks & HOLD > 0
