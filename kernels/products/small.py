"""Small products: in tiles, with both factors where they lie, or as sums of a few rows.

``tiles.py`` has the tiles. Columns are those that are meant: all, or a thread's own.
"""

from ..compiling import inner, prefer_wide_registers
from ..threads import edges_of
from .rows import own_of_row
from .tiles import (
    ROW_VECTORS,
    ROWS,
    VECTORS,
    add_narrow_row_tile,
    add_narrow_tile,
    add_row_tile,
    add_tile,
    add_wide_row_tile,
    lanes,
)

# An M up to this stays near the core; of a larger one so many rows are read side by side, from one
# end to the other, as the processor fetches in advance.
NEAR, STREAMS = 2**18, 8
# An M up to this lies next to the core: then the sums of a row wait for each other, not for M, and
# twice as many of them at once are faster.
NEXT = 2**13


@inner
def add_small_product(a, M, out, columns):
    """out += a @ M, both read where they lie.  a (n, k), M (k, m), out (n, m)."""
    add_in_tiles(a, a.shape[1], 1, M, out, columns)


@inner
def add_small_product_nt(a, M, out, columns):
    """out += a @ M.T, four sums at a time."""
    prefer_wide_registers()
    n, k = a.shape
    zero = a.dtype.type(0)
    first, end = columns.first, columns.last
    last = end - (end - first) % 4
    for r in range(n):
        for j in range(first, last, 4):
            s0, s1, s2, s3 = zero, zero, zero, zero
            for q in range(k):
                s0 += a[r, q] * M[j, q]
                s1 += a[r, q] * M[j + 1, q]
                s2 += a[r, q] * M[j + 2, q]
                s3 += a[r, q] * M[j + 3, q]
            out[r, j] += s0
            out[r, j + 1] += s1
            out[r, j + 2] += s2
            out[r, j + 3] += s3
        for j in range(last, end):
            s0 = zero
            for q in range(k):
                s0 += a[r, q] * M[j, q]
            out[r, j] += s0


@inner
def set_sum_of_few(a, M, out, columns):
    """out = a.T @ M of one or a few rows, written at once."""
    for q in range(len(out)):
        out_q, M_0, a_q = own_of_row(out, q, columns), own_of_row(M, 0, columns), a[0, q]
        for j in range(len(out_q)):
            out_q[j] = a_q * M_0[j]
        for r in range(1, len(a)):
            M_r, a_q = own_of_row(M, r, columns), a[r, q]
            for j in range(len(out_q)):
                out_q[j] += a_q * M_r[j]


@inner
def add_in_tiles(a, down, along, M, out, columns):
    """out += op(a) @ M, where op(a)[r, q] is the element r * down + q * along of a.

    M has all columns, or these alone, side by side.  Each element is a chain in the order of q.
    """
    m = M.shape[1]
    for piece in range(columns.pieces):
        begin, end = edges_of(columns, piece)
        edges = begin, end, begin if m == out.shape[1] else piece * (end - begin)
        add_piece(a, down, along, M, out, edges)


@inner
def add_piece(a, down, along, M, out, edges):
    """out += op(a) @ M, some columns of it; edges: see `add_rows`."""
    n, (k, m) = len(out), M.shape
    depth = k if k * m <= NEAR else STREAMS
    tall = n if n % ROWS > ROWS // 2 else n - n % ROWS
    for q in range(0, k, depth):
        deep = min(depth, k - q)
        for r in range(0, tall, ROWS):
            add_rows(a, down, along, M, out, r, min(ROWS, n - r), q, deep, edges)
        for r in range(tall, n):
            add_row(a, down, along, M, out, r, 1, q, deep, edges)


def _rows_with(tile, narrow_tile, registers, wide_tile=None):
    """`add_rows` in these tiles, so many registers wide; or twice as many, where M is small."""
    doubled, wide_tile = wide_tile is not None, wide_tile or tile

    @inner
    def add(a, down, along, M, out, r, height, q, deep, edges):
        """out[r : r + height] += op(a)[r : r + height, q : q + deep] @ M[q : q + deep].

        edges: the first column of out that is meant, the one after the last, the first one of M.
        """
        m, below, (begin, end, M_begin) = out.shape[1], M.shape[1], edges
        at, a_at, M_at = r * m, r * down + q * along, q * below + M_begin - begin
        columns, narrow, size = registers * lanes(out), lanes(out), end - begin
        wide = begin + (size - size % (2 * columns) if doubled and M.size <= NEXT else 0)
        whole = end - size % columns
        for j in range(begin, wide, 2 * columns):
            wide_tile(
                a, a_at, down, along, M, M_at + j, below, deep, out, at + j, m, height, columns
            )
        for j in range(wide, whole, columns):
            tile(a, a_at, down, along, M, M_at + j, below, deep, out, at + j, m, height, columns)
        for j in range(whole, end, narrow):
            width = min(narrow, end - j)
            narrow_tile(
                a, a_at, down, along, M, M_at + j, below, deep, out, at + j, m, height, width
            )

    return add


add_rows = _rows_with(add_tile, add_narrow_tile, VECTORS)
add_row = _rows_with(add_row_tile, add_narrow_row_tile, ROW_VECTORS, add_wide_row_tile)
