"""Matrix products: in tiles where the factors lie, in packed blocks, or of one column.

``tiles.py`` has the tiles, ``blocked.py`` the blocks, ``column.py`` the column. The forms are the
three of back-propagation: ``a @ M`` forward, ``a @ M.T`` for the gradient that goes back,
``a.T @ M`` for the gradient of a weight.
"""

from typing import Any, NamedTuple

from ..compiling import body, call, inner, prefer_wide_registers, view
from ..tables import LINE
from ..threads import edges_of, own_columns, own_units, shares_row
from ..vectors import add, copy, fill
from .blocked import room_for, room_packed, round_up
from .column import add_column
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

IN_PLACE = 2**16  # numbers: an M up to this is read where it lies, as fast as if it were packed
# An M up to this stays near the core; of a larger one so many rows are read side by side, from one
# end to the other, as the processor fetches in advance.
NEAR, STREAMS = 2**18, 8
# An M up to this lies next to the core: then the sums of a row wait for each other, not for M, and
# twice as many of them at once are faster.
NEXT = 2**13
FEW = 4  # rows of a' M whose sums need no registers
# Packing M pays for so many rows in all, and a packed product for so many at a time,
ROWS_IN_ALL, ROWS_AT_ONCE = 16, 2
INNER_FROM, COLUMNS_FROM = 3, 12  # from so many inner indices and columns,
BLOCKS_FROM = 8_192  # and multiply-adds on, for which a call of its own is made


def pays(n, k, m, times=1, turned=False):
    """Whether ``(n, k) @ (k, m)``, so many times with the same M, is better done in blocks.

    turned: M lies in memory as (m, k), and must be packed to be read along its rows.
    """
    in_place = not turned and k * m <= IN_PLACE
    rows = n >= ROWS_AT_ONCE and n * times >= ROWS_IN_ALL
    large = k >= INNER_FROM and m >= COLUMNS_FROM and n * k * m >= BLOCKS_FROM
    return rows and large and not in_place


pays_here = inner(pays)


@inner
def is_large(n, k, m, times, turned, batch):
    """Whether it pays, and there is room for it: the layer has declared its products."""
    return pays_here(n, k, m, times, turned) and room_for(n, k, m) <= batch.scratch_size


@inner
def add_product(a, M, out, batch, work):
    """out += a @ M.  a (n, k), M (k, m), out (n, m).

    Each element is the same chain of multiply-adds in blocks and in tiles, and a single column is
    always summed up by itself: a sample's output has the same bits in any batch.
    """
    n, k = a.shape
    m = M.shape[1]
    columns = own_columns(batch, m, 1)
    if is_large(n, k, m, 1, False, batch):
        product_in_blocks(a, 0, M, 0, nothing(work), out, columns, batch, work)
    elif m > 1:
        add_small_product(a, M, out, columns)
    elif columns.last > columns.first:
        add_column(a, M, out)


@inner
def set_product_nt(a, M, out, batch, work):
    """out = a @ M.T.  a (n, k), M (m, k), out (n, m)."""
    n, k = a.shape
    m = M.shape[0]
    columns = own_columns(batch, m, 1)
    if is_large(n, k, m, 1, True, batch):
        product_in_blocks(a, 0, M, 1, zero_row(batch, work, m), out, columns, batch, work)
    else:
        fill_columns(nothing(work), out, columns)
        add_small_product_nt(a, M, out, columns)


@inner
def set_product_tn(a, M, out, batch, work):
    """out = a.T @ M.  a (n, k), M (n, m), out (k, m); n = 0 gives zeros."""
    n, k = a.shape
    m = M.shape[1]
    columns = own_columns(batch, m, 1)
    if n > FEW and is_large(k, n, m, 1, False, batch):
        product_in_blocks(a, 1, M, 0, zero_row(batch, work, m), out, columns, batch, work)
    elif 0 < n <= FEW:
        set_sum_of_few(a, M, out, columns)
    else:
        fill_columns(nothing(work), out, columns)
        if n > 0:
            add_in_tiles(a, 1, k, M, out, columns)


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
def product_in_blocks(a, a_transposed, M, M_transposed, row, out, columns, batch, work):
    """out = row + op(a) @ op(M), or += if row is empty; see `blocked_product`."""
    scratch, factors = own_scratch(batch, work, out.shape[1]), (a, a_transposed, M, M_transposed)
    call(batch.product, (*factors, row, out, columns, scratch, nothing(work), 0))


class Recurring(NamedTuple):
    """op(M), which comes again in many products; op transposes where it is turned."""

    M: Any  # or own columns of it, side by side
    turned: int
    columns: int  # of the product: the first so many, if not all
    blocks: int  # of these columns: a thread's lie in each; 0: M has these alone
    large: bool  # it is read from where it lies packed:
    place: int  # in the workspace


@body
def recurring(theta, tensor, k, m, blocks, left_out, n, times, place, batch, work):
    """M (k, m), a tensor of theta, for products ``(n, k) @ M`` that come so many times.

    left_out: of the blocks of columns, so many of the last ones.  Threads that share a single row
    have copies of own columns, see `own_tensor`, and the product is of these alone.
    """
    large = is_large(n, k, m, times, False, batch)
    M = own_tensor(theta, tensor, k, m, blocks, batch, work)
    columns = M.shape[1] - left_out * (m // blocks)
    if shares_row(batch):
        place += k * blocks * own_units(batch, m // blocks)[0]
        blocks = 0
    again = Recurring(M, 0, columns, blocks, large, place)
    return packed_where_large(again, k, M.shape[1], batch, work)


@body
def own_tensor(theta, tensor, k, m, blocks, batch, work):
    """A tensor of theta (k, m); or, for threads that share a single row, own columns of it.

    Those lie side by side, and stay in the cache next to each core. They are copied anew when the
    parameters have changed.
    """
    if not shares_row(batch):
        return view(theta, tensor, (k, m))
    columns = own_columns(batch, m, blocks)
    size = columns.pieces * (columns.last - columns.first)
    own = view(work, batch.copies + tensor + k * blocks * columns.first, (k, size))
    if batch.renew:
        copy_own(view(theta, tensor, (k, m)), columns, own)
    return own


@body
def recurring_turned(theta, tensor, k, m, n, times, place, batch, work):
    """M' (m, k), of such an M, for products ``(n, m) @ M'``."""
    large = is_large(n, m, k, times, True, batch)
    M = view(theta, tensor, (k, m))
    return packed_where_large(Recurring(M, 1, k, 1, large, place), m, k, batch, work)


@body
def packed_where_large(again, k, m, batch, work):
    """The same op(M) (k, m), which lies packed now if it is read so."""
    if again.large:  # a product of no rows does nothing but pack
        rows, out = view(work, 0, (0, k)), view(work, 0, (0, m))
        product_with(nothing(work), rows, again, out, 0, batch, work)
    return again


@inner
def copy_own(M, columns, own):
    """own (k, size) = these columns of M (k, m), side by side."""
    size = columns.last - columns.first
    for q in range(len(M)):
        for piece in range(columns.pieces):
            begin, _ = edges_of(columns, piece)
            source = view(M, q * M.shape[1] + begin, (size,))
            copy(source, view(own, q * own.shape[1] + piece * size, (size,)))


@inner
def set_product_with(row, a, again, out, batch, work):
    """out = row + a @ op(M), or from zeros where the row is empty.  a (n, k), out (n, m)."""
    if again.large:
        row = zero_row(batch, work, out.shape[1]) if len(row) == 0 else row
        product_with(row, a, again, out, 1, batch, work)
    else:
        columns = own_columns(batch, again.columns, again.blocks)
        fill_columns(row, out, columns)
        add_small_product(a, again.M, out, columns)


@inner
def add_product_with(a, again, out, batch, work):
    """out += a @ op(M), as `set_product_with`."""
    columns = own_columns(batch, again.columns, again.blocks)
    if again.large:
        product_with(nothing(work), a, again, out, 1, batch, work)
    elif again.turned:
        add_small_product_nt(a, again.M, out, columns)
    else:
        add_small_product(a, again.M, out, columns)


@inner
def product_with(row, a, again, out, ready, batch, work):
    """`product_in_blocks`, op(M) packed at its place; ready: see `blocked_product`."""
    m = out.shape[1]
    packed = view(work, again.place, (room_packed(a.shape[1], m, max(1, again.blocks)),))
    factors = a, 0, again.M, again.turned
    columns = own_columns(batch, again.columns, again.blocks)
    scratch = own_scratch(batch, work, m)
    call(batch.product, (*factors, row, out, columns, scratch, packed, ready))


@body
def nothing(vector):
    """An empty row, of the same dtype."""
    return view(vector, 0, (0,))


@body
def own_scratch(batch, work, m):
    """This thread's scratch room, behind a row of m numbers."""
    row = round_up(m, LINE)
    return view(work, place_of_scratch(batch) + row, (batch.scratch_size - row,))


@body
def zero_row(batch, work, m):
    """The row of m zeros before it."""
    row = view(work, place_of_scratch(batch), (m,))
    fill(row, row.dtype.type(0))
    return row


@inner
def place_of_scratch(batch):
    """Where this thread's scratch room begins."""
    return batch.scratch + batch.thread * batch.scratch_size


@inner
def add_small_product(a, M, out, columns):
    """out += a @ M, both read where they lie.  a (n, k), M (k, m), out (n, m)."""
    add_in_tiles(a, a.shape[1], 1, M, out, columns)


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
def sum_rows(a, out, batch):
    """out = sum over rows of a; own columns of it.  a (n, m), out (m)."""
    columns = own_columns(batch, len(out), 1)
    own = view(out, columns.first, (columns.last - columns.first,))
    fill(own, out.dtype.type(0))
    for r in range(len(a)):
        add(own_of_row(a, r, columns), own)


@body
def own_of_row(a, r, columns):
    """The columns of the first piece in a row of a matrix."""
    return view(a, r * a.shape[1] + columns.first, (columns.last - columns.first,))


@inner
def fill_columns(row, out, columns):
    """These columns of every row become those of the given one, or zeros where it is empty."""
    size = columns.last - columns.first
    for piece in range(columns.pieces):
        begin, _ = edges_of(columns, piece)
        for r in range(len(out)):
            goal = view(out, r * out.shape[1] + begin, (size,))
            if len(row) == 0:
                fill(goal, goal.dtype.type(0))
            else:
                copy(view(row, begin, (size,)), goal)
