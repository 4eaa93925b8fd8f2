"""Products inside a step: what the time loop leaves to a cell, and what it still does for it.

Of the last gates of such a cell, U_k multiplies not h_prev but a vector that the step makes, a_k;
those are the first of what the cell keeps:

    z_k = b_k + x W_k                   of the loop
    ... a_k U_k                         inside the step: ``products/inside.py``
    dU_k = sum a_k' dz_k                of the loop, over all steps and rows
"""

from ..compiling import inner, view
from ..products import Block, set_product_tn
from ..vectors import copy, fill
from .memory import (
    BLOCK,
    H_MASK,
    PRODUCT,
    RECURRENT,
    THINNED,
    U_OF_LOOP,
    count_columns,
    count_steps,
    dz_of,
    place_of_kept,
)
from .moves import move
from .thinned import put_block, take_block


def blocks_inside(count):
    """The function that gives a step so many of its blocks of U, for the r-th row: a tuple."""
    if count == 0:
        return inner(lambda layer, batch, theta, work, r: ())
    others = blocks_inside(count - 1)

    @inner
    def blocks(layer, batch, theta, work, r):
        k, H = layer.gates - layer.inside + count - 1, layer.units
        U = view(theta, layer.tensor[RECURRENT], (H, count_columns(layer)))
        mask = view(work, layer.buffer[H_MASK] + (k * batch.rows + r) * H, (H * layer.thinned,))
        return (*others(layer, batch, theta, work, r), Block(U, k * H, mask))

    return blocks


@inner
def leave_out(layer, theta, work):
    """U as the loop multiplies it on the way back, (H, G H): zeros for what is inside the step."""
    H, columns = layer.units, count_columns(layer)
    U = view(theta, layer.tensor[RECURRENT], (H, columns))
    of_loop = view(work, layer.buffer[U_OF_LOOP], (H, columns))
    first = (layer.gates - layer.inside) * H
    for q in range(H):
        copy(U[q, :first], of_loop[q, :first])
        fill(of_loop[q, first:], of_loop.dtype.type(0))


@inner
def inside_gradients(layer, batch, grad, work):
    """dU_k = sum a_k' dz_k over all steps and rows, of the products inside the steps."""
    T, B, H, columns = count_steps(layer, batch), batch.rows, layer.units, count_columns(layer)
    dU = view(grad, layer.tensor[RECURRENT], (H, columns))
    a = view(work, layer.buffer[THINNED], (T * B, H))
    dz_k = view(work, layer.buffer[BLOCK], (T * B, H))
    product = view(work, layer.buffer[PRODUCT], (H, H))
    for k in range(layer.inside):
        for s in range(T):
            kept = place_of_kept(layer, batch, s) + k * B * H
            move(work, kept, layer.buffer[THINNED] + s * B * H, B * H)
        gate = layer.gates - layer.inside + k
        take_block(dz_of(layer, batch, work, 0, T, 0), gate, dz_k)
        set_product_tn(a, dz_k, product, batch, work)
        put_block(product, gate, dU)
