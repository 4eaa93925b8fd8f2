"""How numbers come into a recurrent layer, go out of it, and from where they lie to where a step or
a product reads them.

Where things lie says ``memory.py``. A thread that shares a layer moves its own units, in all rows.
"""

from ..compiling import inner, view
from ..threads import own_columns, own_units, shares_row
from ..vectors import add, copy, fill
from .memory import (
    DOUT,
    DSTATES_TRACED,
    X,
    count_steps,
    dstates_at,
    place_of_vectors,
    states_at,
    vector_at,
)


@inner
def move(work, source, goal, size):
    """Copy so many numbers from one place of the workspace to another."""
    copy(view(work, source, (size,)), view(work, goal, (size,)))


@inner
def own_pieces(layer, batch):
    """Own units of all rows of a step as (begin, size, apart, count): one piece, or one a row."""
    B, H, (begin, end) = batch.rows, layer.units, own_units(batch, layer.units)
    if end - begin == H:
        return 0, B * H, B * H, 1
    return begin, end - begin, H, B


@inner
def move_own(layer, batch, work, source, goal):
    """Copy own units of (B, H) from one place to another."""
    begin, size, apart, count = own_pieces(layer, batch)
    for k in range(count):
        move(work, source + begin + k * apart, goal + begin + k * apart, size)


@inner
def add_own(layer, batch, work, source, goal):
    """Add own units of (B, H) at one place to those at another."""
    begin, size, apart, count = own_pieces(layer, batch)
    for k in range(count):
        at = begin + k * apart
        add(view(work, source + at, (size,)), view(work, goal + at, (size,)))


@inner
def move_states(layer, batch, work, source, goal):
    """Copy own units of all states; source, goal: place of the first one, and how far apart."""
    for k in range(layer.states):
        move_own(layer, batch, work, source[0] + k * source[1], goal[0] + k * goal[1])


@inner
def take_states(layer, batch, work):
    """The states that come in are what the first step starts from."""
    if batch.keep:
        came_in = vector_at(layer, batch, batch.state_in)
        move_states(layer, batch, work, came_in, states_at(layer, batch, 0))


@inner
def give_states(layer, batch, work):
    """The states behind the last step are what goes out."""
    if batch.keep:
        behind = states_at(layer, batch, count_steps(layer, batch))
        move_states(layer, batch, work, behind, vector_at(layer, batch, batch.state_out))


@inner
def take_gradients(layer, batch, grad, work):
    """The gradients of the states that went out come in; those that are summed up are zero."""
    came_in = vector_at(layer, batch, batch.dstate_out)
    move_states(layer, batch, work, came_in, dstates_at(layer, batch, count_steps(layer, batch)))
    begin, size, apart, count = own_pieces(layer, batch)
    for k in range(count):
        dout = view(work, layer.buffer[DOUT] + begin + k * apart, (size,))
        fill(dout, dout.dtype.type(0))
    begin, end = own_units(batch, layer.units)
    for k in range(layer.vectors):
        vector = view(grad, place_of_vectors(layer) + k * layer.units + begin, (end - begin,))
        fill(vector, vector.dtype.type(0))


@inner
def give_gradients(layer, batch, work):
    """The gradients of the states that came in go out."""
    first = dstates_at(layer, batch, 0)
    move_states(layer, batch, work, first, vector_at(layer, batch, batch.dstate_in))


@inner
def trace_gradients(layer, batch, work, s):
    """Keep what reached the states behind the s-th step, in a traced pass."""
    if layer.traced:
        n = batch.rows * layer.units
        traced = layer.buffer[DSTATES_TRACED] + s * n, count_steps(layer, batch) * n
        move_states(layer, batch, work, dstates_at(layer, batch, s + 1), traced)


@inner
def put_x_in_order(layer, batch, work):
    """x in the order of processing, where that is not the order of time."""
    if layer.go_backwards:
        T, size = count_steps(layer, batch), batch.rows * layer.fan_in
        for s in range(T):
            move(work, layer.x + (T - 1 - s) * size, layer.buffer[X] + s * size, size)


@inner
def put_dx_in_order(layer, batch, work):
    """dx in the order of time again: own columns of it."""
    if layer.go_backwards and layer.need_dx:
        n, D = count_steps(layer, batch) * batch.rows, layer.fan_in
        dx, columns = view(work, layer.dx, (n, D)), own_columns(batch, D, 1)
        for r in range(n // 2 // batch.rows * batch.rows):
            other = n - batch.rows * (r // batch.rows + 1) + r % batch.rows
            for j in range(columns.first, columns.last):
                dx[r, j], dx[other, j] = dx[other, j], dx[r, j]


@inner
def planes_of_rows(layer, batch, work, z, planes, r, rows):
    """Own units of some rows of z (B, G H), from the r-th on, each gate into its plane."""
    B, H, (begin, end) = batch.rows, layer.units, own_units(batch, layer.units)
    width, first = (end - begin, 0) if shares_row(batch) else (H, begin)
    for k in range(layer.gates):
        for q in range(r, r + rows):
            source = z + (q * layer.gates + k) * width + first
            move(work, source, planes + (k * B + q) * H + begin, end - begin)


@inner
def rows_of_planes(layer, batch, work, planes, z, r, rows):
    """The same the other way round."""
    B, H, (begin, end) = batch.rows, layer.units, own_units(batch, layer.units)
    for k in range(layer.gates):
        for q in range(r, r + rows):
            goal = z + (q * layer.gates + k) * H + begin
            move(work, planes + (k * B + q) * H + begin, goal, end - begin)


@inner
def zero_row(layer, batch, work, z, r):
    """Own units of a row of z (B, G H) = 0, in every gate's block."""
    begin, end = own_units(batch, layer.units)
    for k in range(layer.gates):
        block = view(work, z + (r * layer.gates + k) * layer.units + begin, (end - begin,))
        fill(block, block.dtype.type(0))
