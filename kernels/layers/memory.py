"""Where the arrays of a recurrent layer lie: nobody else counts offsets.

All rows of a step lie together, (B, H), and the units of a row. What a cell reads and writes are
planes, one a gate, (gates, B, H): a piece of some rows is one vector of each gate then. Products
read and write rows, (B, gates * H), in which every gate has a block of columns; of a single row
both are the same. A state has slots, between which the steps are,

    slot 0 --- step 0 ---> slot 1 --- step 1 ---> slot 2 ...

or two slots in turn, where nothing but the next step needs them. Steps count in the order of
processing.
"""

from ..compiling import body, inner, view
from ..threads import own_units, shares_row
from .arrays import Arrays

KERNEL, RECURRENT, BIAS = range(3)  # W (D, G H), U (H, G H), b (G H); then the cell's vectors

ARRAYS = Arrays()  # of lengths that `buffers` of ``tinylstm/layers/rnn.py`` knows
STATES = ARRAYS.add("states", "states", "slots", "rows", "units")
Z = ARRAYS.add("z", "z")  # b + x W + h_prev U of a group of steps: (group, B, G H)
Z_H = ARRAYS.add("z_h", "apart", "rows", "columns")  # b_h + h_prev U of a step, read apart
GATES = ARRAYS.add("gates", "steps", "planes", "rows", "units")
KEPT = ARRAYS.add("kept", "steps", "kept", "rows", "units")  # what else a cell leaves
DZ = ARRAYS.add("dz", "steps", "rows", "columns")
DZ_H = ARRAYS.add("dz_h", "steps_apart", "rows", "columns")
DSTATES = ARRAYS.add("dstates", "two", "states", "rows", "units")  # on their way back through time
DOUT = ARRAYS.add("dout", "rows", "units")  # of outputs, on its way to the step that made them
DGATES = ARRAYS.add("dgates", "planes", "rows", "units")
DKEPT = ARRAYS.add("dkept", "kept", "rows", "units")
X = ARRAYS.add("x", "steps_backwards", "rows", "features")  # in the order of processing
PACKED_W = ARRAYS.add("packed_w", "packed_w")  # as large products read them
PACKED_U = ARRAYS.add("packed_u", "packed_u")
DSTATES_TRACED = ARRAYS.add("dstates_traced", "states", "steps_traced", "rows", "units")
# Of dropout inside: see ``thinned.py``.
X_MASK = ARRAYS.add("x_mask", "masks", "rows", "features")
H_MASK = ARRAYS.add("h_mask", "masks", "rows", "units")
W_BLOCKS = ARRAYS.add("w_blocks", "masks", "features", "units")
U_BLOCKS = ARRAYS.add("u_blocks", "masks", "units", "units")
THINNED = ARRAYS.add("thinned", "rows_gathered", "widest")
BLOCK = ARRAYS.add("block", "rows_gathered", "units")
PRODUCT = ARRAYS.add("product", "product_rows", "widest")

# Of products inside a step: see ``inside.py``.
U_OF_LOOP = ARRAYS.add("u_of_loop", "units_inside", "columns")

GROUP = 2**18  # numbers of z, of the steps whose x W is added at once: 1 MB of float32
PLANE = 2**10  # numbers of a plane at a time, so that all planes stay next to the core


@inner
def count_steps(layer, batch):
    """T: steps of a row, of all its samples."""
    return batch.chain * layer.steps


@inner
def count_own(layer, batch):
    """Columns of z as it lies: those of own units alone where threads share a single row.

    Side by side for each of them: no thread's caches fetch in advance what another one writes.
    """
    begin, end = own_units(batch, layer.units)
    return layer.gates * (end - begin if shares_row(batch) else layer.units)


@inner
def count_columns(layer):
    """G H: columns of z."""
    return layer.gates * layer.units


# Places, in the workspace, and how far apart what follows is.


@inner
def states_at(layer, batch, slot):
    """The first state (B, H) in a slot; from a state to the next one.

    Where nothing is kept, the first slot is where the states come in, the last where they go out.
    """
    T, n = count_steps(layer, batch), batch.rows * layer.units
    if batch.keep:
        return layer.buffer[STATES] + slot * n, (T + 1) * n
    if slot == 0:
        return vector_at(layer, batch, batch.state_in)
    if slot == T:
        return vector_at(layer, batch, batch.state_out)
    return layer.buffer[STATES] + slot % 2 * n, (T + 1) * n


@inner
def dstates_at(layer, batch, slot):
    """The gradient of the first state (B, H) in a slot; from one to the next."""
    n = batch.rows * layer.units
    return layer.buffer[DSTATES] + slot % 2 * layer.states * n, n


@inner
def vector_at(layer, batch, vector):
    """The first state (B, H) of the layer in a state vector of the model; from one to the next."""
    return vector + layer.state * batch.rows, batch.rows * layer.units


@inner
def planes_are_rows(layer, batch):
    """Whether gates take the place of their z: of a single row, where z itself is not wanted.

    Nor where threads that share the row keep the gates, for one of them goes back.
    """
    alone = batch.rows == 1 and not layer.apart and not layer.traced
    return alone and not (batch.keep and shares_row(batch))


@inner
def place_of_z(layer, batch, first):
    """z (B, G H) of the first step of a group, of own units; behind it those of the others."""
    if shares_row(batch):
        return layer.buffer[Z] + layer.group * layer.gates * own_units(batch, layer.units)[0]
    if planes_are_rows(layer, batch) and batch.keep:
        return layer.buffer[GATES] + first * count_columns(layer)
    return layer.buffer[Z]


@inner
def place_of_z_h(layer, batch):
    """The part of h_prev of a step's z (B, G H), for a cell that reads it apart; of own units."""
    begin = own_units(batch, layer.units)[0] if shares_row(batch) else 0
    return layer.buffer[Z_H] + layer.gates * begin


@inner
def place_of_gates(layer, batch, s):
    """The planes (B, H) of the s-th step's gates, one behind the other."""
    planes = layer.gates * (1 + layer.apart)
    return layer.buffer[GATES] + s * batch.keep * planes * batch.rows * layer.units


@inner
def place_of_kept(layer, batch, s):
    """The planes of what else the s-th step keeps."""
    return layer.buffer[KEPT] + s * batch.keep * layer.kept * batch.rows * layer.units


@inner
def place_of_dz(layer, batch, s, of_h):
    """dz (B, G H) of the s-th step; of_h: that of its part of h_prev, if that is apart."""
    buffer = layer.buffer[DZ_H] if of_h and layer.apart else layer.buffer[DZ]
    return buffer + s * batch.rows * count_columns(layer)


@inner
def place_of_dgates(layer, batch, s):
    """The planes of the gradients of the gates' z: of a single row where dz lies."""
    if batch.rows == 1 and not layer.apart:
        return place_of_dz(layer, batch, s, 0)
    return layer.buffer[DGATES]


@inner
def place_of_output(layer, batch, s):
    """y or dy (B, H) of the s-th step among those that are put out."""
    return (s if layer.every == 1 else s // layer.every) * batch.rows * layer.units


@inner
def place_of_vectors(layer):
    """The cell's vectors (H), one behind the other, in theta, or their gradients in grad."""
    return layer.tensor[2 + layer.use_bias]


@inner
def place_of_x(layer):
    """x (T, B, D) in the order of processing."""
    return layer.buffer[X] if layer.go_backwards else layer.x


# Arrays of a step, or of all steps, as products read and write them.


@body
def z_of(layer, batch, work, place, steps):
    """z of so many steps of a group, from a place on: (steps * B, G H), or of own units."""
    return view(work, place, (steps * batch.rows, count_own(layer, batch)))


@body
def dz_of(layer, batch, work, first, last, of_h):
    """dz of the steps first ... last - 1: (steps * B, G H); of_h: see `place_of_dz`."""
    shape = (last - first) * batch.rows, count_columns(layer)
    return view(work, place_of_dz(layer, batch, first, of_h), shape)


@body
def x_of(layer, batch, work, first, last):
    """x of the steps first ... last - 1: (steps * B, D)."""
    place = place_of_x(layer) + first * batch.rows * layer.fan_in
    return view(work, place, ((last - first) * batch.rows, layer.fan_in))


@body
def h_of(layer, batch, work, first, last):
    """h in the slots first ... last - 1: (slots * B, H)."""
    place, _ = states_at(layer, batch, first)
    return view(work, place, ((last - first) * batch.rows, layer.units))


@body
def dh_of(layer, batch, work, slot):
    """dh in a slot: (B, H)."""
    place, _ = dstates_at(layer, batch, slot)
    return view(work, place, (batch.rows, layer.units))


@body
def bias(layer, vector, of_h):
    """b (G H), or b_h, or their gradients; empty where there is none."""
    columns = count_columns(layer)
    if layer.use_bias:
        return view(vector, layer.tensor[BIAS] + of_h * columns, (columns,))
    return view(vector, 0, (0,))
