"""A product with a block of U inside a cell's step: of one row, and with U where it lies."""

from typing import Any, NamedTuple

from ..compiling import inner, view
from ..vectors import fill, multiply
from .column import add_sum
from .small import add_piece


class Block(NamedTuple):
    """U_k (H, H), the block of columns of U that a gate has."""

    U: Any  # (H, G H)
    first: int  # the first of its columns
    mask: Any  # (H) of dropout inside, for this row; empty without


@inner
def recur(U_k, a, z):
    """z += a U_k.  a, z (H).

    Where dropout is inside, a is thinned first, and stays so: a * mask_h_k.
    """
    n = len(a)
    if len(U_k.mask) > 0:
        multiply(a, U_k.mask, a)
    add_piece(view(a, 0, (1, n)), n, 1, U_k.U, view(z, 0, (1, n)), (0, n, U_k.first))


@inner
def recur_backward(U_k, dz, da):
    """da = dz U_k', times the mask where dropout is inside.  dz (H) in, da (H) out."""
    n, width = len(dz), U_k.U.shape[1]
    fill(da, da.dtype.type(0))
    for j in range(n):
        add_sum(U_k.U, j * width + U_k.first, dz, n, da, j)  # sum over q of U_k[j, q] * dz[q]
    if len(U_k.mask) > 0:
        multiply(da, U_k.mask, da)
