"""Who does what: each of several threads that share a layer has some of its units.

A unit's share of a step is its columns of every product, one in each block of z, and its gate math
in all rows. So it needs what the others have at one point only: the whole of h_prev, or of dz on
the way back. What is no unit's, a gradient of weights or of x, is shared by columns likewise.
"""

from typing import NamedTuple

from ..compiling import call_value, inner
from ..tables import LINE


class Columns(NamedTuple):
    """Columns of a matrix: first ... last - 1, and of further pieces, so many columns apart."""

    first: int  # of a cache line, as are all pieces if one is so much longer as `pad` says
    last: int
    apart: int
    pieces: int
    pad: int


@inner
def own_units(batch, H):
    """The first of H units that is this thread's, and the one after its last; or all of them."""
    if batch.threads <= 1:
        return 0, H
    size = -(-H // (batch.threads * LINE)) * LINE  # whole cache lines; the last ones may have none
    return min(batch.thread * size, H), min((batch.thread + 1) * size, H)


@inner
def own_columns(batch, m, blocks):
    """This thread's of m columns, those of its units in so many blocks; or all, if those are 0."""
    if batch.threads <= 1 or blocks == 0:
        return Columns(0, m, m, 1, 0)
    H = m // blocks
    begin, end = own_units(batch, H)
    return Columns(begin, end, H, blocks, -(-H // LINE) * LINE - H)


@inner
def edges_of(columns, piece):
    """The first column of a piece, and the one after its last."""
    return columns.first + piece * columns.apart, columns.last + piece * columns.apart


@inner
def shares_row(batch):
    """Whether several threads share a single row, and each has copies of what its units need."""
    return batch.copies > 0 and batch.threads > 1


@inner
def all_there(batch):
    """Wait for those who share the layer, if any do; whether to go on with them."""
    return batch.threads <= 1 or call_value(batch.meet, (batch,)) > 0
