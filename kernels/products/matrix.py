"""Matrix products: in tiles where the factors lie, in packed blocks, or of one column.

``tiles.py`` has the tiles, ``blocked.py`` the blocks, ``column.py`` the column. The forms are the
three of back-propagation: ``a @ M`` forward, ``a @ M.T`` for the gradient that goes back,
``a.T @ M`` for the gradient of a weight.
"""

from ..compiling import body, call, inner, prefer_wide_registers, view
from ..tables import LINE
from ..threads import is_first, own_columns, shares_units
from ..vectors import add, fill, fill_rows, zero_rows
from .blocked import DEPTH, room_for, round_up
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
    if is_large(n, k, m, 1, False, batch):
        add_in_blocks(a, 0, M, 0, out, batch, work)
    elif is_first(batch):
        add_column(a, M, out) if m == 1 else add_small_product(a, M, out)


@inner
def set_product_nt(a, M, out, batch, work):
    """out = a @ M.T.  a (n, k), M (m, k), out (n, m)."""
    n, k = a.shape
    m = M.shape[0]
    if is_large(n, k, m, 1, True, batch):
        set_in_blocks(a, 0, M, 1, out, batch, work)
    elif is_first(batch):
        zero_rows(out)
        add_small_product_nt(a, M, out)


@inner
def set_product_tn(a, M, out, batch, work):
    """out = a.T @ M.  a (n, k), M (n, m), out (k, m); n = 0 gives zeros."""
    n, k = a.shape
    m = M.shape[1]
    if n > FEW and is_large(k, n, m, 1, False, batch):
        set_in_blocks(a, 1, M, 0, out, batch, work)
    elif is_first(batch):
        if 0 < n <= FEW:
            set_sum_of_few(a, M, out)
            return
        zero_rows(out)
        if n > 0:
            add_in_tiles(a, 1, k, M, out)


@inner
def set_products_tn(a, b, skip, M, out_a, out_b, batch, work):
    """out_a = a.T @ M, and out_b = b.T @ M without its first `skip` rows, or its last ones.

    a (n, k), b (n - ..., l), M (n, m), out_a (k, m), out_b (l, m).  Where both products are large,
    a block of M is packed once for the two.
    """
    n, k = a.shape
    m, last = M.shape[1], skip + len(b)
    large = is_large(k, n, m, 1, False, batch)
    if len(b) <= FEW or not (large and is_large(len(out_b), len(b), m, 1, False, batch)):
        set_product_tn(a, M, out_a, batch, work)
        set_product_tn(b, M[skip:last], out_b, batch, work)
        return
    begin, end = own_columns(batch, m, LINE)
    zeros, scratch = zero_row(batch, work, m), own_scratch(batch, work, m)
    room = min(n, DEPTH) * round_up(m, LINE)
    packed, scratch = scratch[len(scratch) - room :], scratch[: len(scratch) - room]
    q = 0
    while q < n:
        stop = min(q + DEPTH, skip if q < skip else last if q < last else n)
        block = M[q:stop]
        row, factors = zeros if q == 0 else zeros[:0], (a[q:stop], 1, block, 0)
        call(batch.product, (*factors, row, out_a, begin, end, scratch, packed, 0))
        if skip <= q < last:
            row, factors = (
                zeros if q == skip else zeros[:0],
                (b[q - skip : stop - skip], 1, block, 0),
            )
            call(batch.product, (*factors, row, out_b, begin, end, scratch, packed, 1))
        q = stop


@inner
def set_sum_of_few(a, M, out):
    """out = a.T @ M of one or a few rows, written at once."""
    for q in range(len(out)):
        out_q, a0, b0 = out[q], a[0, q], M[0]
        for j in range(len(out_q)):
            out_q[j] = a0 * b0[j]
        for r in range(1, len(a)):
            a0, b0 = a[r, q], M[r]
            for j in range(len(out_q)):
                out_q[j] += a0 * b0[j]


@inner
def add_in_blocks(a, a_transposed, M, M_transposed, out, batch, work):
    """out += op(a) @ op(M), where op transposes if the number behind it is 1; own columns of it."""
    product_in_blocks(a, a_transposed, M, M_transposed, nothing(work), out, batch, work)


@inner
def set_in_blocks(a, a_transposed, M, M_transposed, out, batch, work):
    """out = op(a) @ op(M), as `add_in_blocks`."""
    zeros = zero_row(batch, work, out.shape[1])
    product_in_blocks(a, a_transposed, M, M_transposed, zeros, out, batch, work)


@inner
def product_in_blocks(a, a_transposed, M, M_transposed, row, out, batch, work):
    """Own columns of out = row + op(a) @ op(M), or += if row is empty; see `blocked_product`."""
    begin, end = own_columns(batch, out.shape[1], LINE)
    scratch, factors = own_scratch(batch, work, out.shape[1]), (a, a_transposed, M, M_transposed)
    call(batch.product, (*factors, row, out, begin, end, scratch, nothing(work), 0))


@inner
def product_again(fresh, b, a, M, out, batch, work, times, place, ready):
    """If fresh, out = b + a @ M, where an empty b is none; if not, out += a @ M.

    Comes `times` times with the same M.  a (n, k), M (k, m), b (m), out (n, m).  A large M stays
    packed at `place` of the workspace. ready: what the last call has returned, 0 before the first;
    see `blocked_product`.
    """
    n, k = a.shape
    m = M.shape[1]
    if is_large(n, k, m, times, False, batch):
        row = zero_row(batch, work, m) if fresh and len(b) == 0 else b
        return product_packed(a, M, 0, row, out, batch, work, place, ready)
    if is_first(batch):
        if fresh:
            fill_rows(b, out)
        add_small_product(a, M, out)
    return ready


@inner
def add_product_nt_again(a, M, out, batch, work, times, place, ready):
    """out += a @ M.T, as `product_again`.  a (n, k), M (m, k), out (n, m)."""
    n, k = a.shape
    m = M.shape[0]
    if is_large(n, k, m, times, True, batch):
        return product_packed(a, M, 1, nothing(work), out, batch, work, place, ready)
    if is_first(batch):
        add_small_product_nt(a, M, out)
    return ready


@inner
def product_packed(a, M, M_transposed, row, out, batch, work, place, ready):
    """`product_in_blocks`, op(M) packed at `place`; returns what is ready for the next time.

    Threads that share a row have no place each, and pack it anew; those that are together have one
    place, and each packs and reads its own columns.
    """
    m = out.shape[1]
    begin, end = own_columns(batch, m, LINE)
    size = 0 if shares_units(batch) else a.shape[1] * round_up(m, LINE)
    packed, scratch = view(work, place, (size,)), own_scratch(batch, work, m)
    factors = a, 0, M, M_transposed
    call(batch.product, (*factors, row, out, begin, end, scratch, packed, ready))
    if shares_units(batch):
        return 0
    return 1 if ready == 2 else 2


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
    return batch.scratch + batch.part * batch.scratch_size


@inner
def add_small_product(a, M, out):
    """out += a @ M, both read where they lie.  a (n, k), M (k, m), out (n, m)."""
    add_in_tiles(a, a.shape[1], 1, M, out)


@inner
def add_in_tiles(a, down, along, M, out):
    """out += op(a) @ M, where op(a)[r, q] is the element r * down + q * along of a.

    Each element is a chain in the order of q.
    """
    n, (k, m) = len(out), M.shape
    depth = k if k * m <= NEAR else STREAMS
    tall = n if n % ROWS > ROWS // 2 else n - n % ROWS
    for q in range(0, k, depth):
        deep = min(depth, k - q)
        for r in range(0, tall, ROWS):
            add_rows(a, down, along, M, out, r, min(ROWS, n - r), q, deep)
        for r in range(tall, n):
            add_row(a, down, along, M, out, r, 1, q, deep)


def _rows_with(tile, narrow_tile, registers, wide_tile=None):
    """`add_rows` in these tiles, so many registers wide; or twice as many, where M is small."""
    doubled, wide_tile = wide_tile is not None, wide_tile or tile

    @inner
    def add(a, down, along, M, out, r, height, q, deep):
        """out[r : r + height] += op(a)[r : r + height, q : q + deep] @ M[q : q + deep]."""
        m, at, a_at, M_at = out.shape[1], r * out.shape[1], r * down + q * along, q * out.shape[1]
        columns, narrow = registers * lanes(out), lanes(out)
        wide = m - m % (2 * columns) if doubled and M.size <= NEXT else 0
        whole = m - m % columns
        for j in range(0, wide, 2 * columns):
            wide_tile(a, a_at, down, along, M, M_at + j, m, deep, out, at + j, m, height, columns)
        for j in range(wide, whole, columns):
            tile(a, a_at, down, along, M, M_at + j, m, deep, out, at + j, m, height, columns)
        for j in range(whole, m, narrow):
            width = min(narrow, m - j)
            narrow_tile(a, a_at, down, along, M, M_at + j, m, deep, out, at + j, m, height, width)

    return add


add_rows = _rows_with(add_tile, add_narrow_tile, VECTORS)
add_row = _rows_with(add_row_tile, add_narrow_row_tile, ROW_VECTORS, add_wide_row_tile)


@inner
def add_small_product_nt(a, M, out):
    """out += a @ M.T, four sums at a time."""
    prefer_wide_registers()
    n, k = a.shape
    m = M.shape[0]
    zero = a.dtype.type(0)
    last = m - m % 4
    for r in range(n):
        for j in range(0, last, 4):
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
        for j in range(last, m):
            s0 = zero
            for q in range(k):
                s0 += a[r, q] * M[j, q]
            out[r, j] += s0


@inner
def sum_rows(a, out, batch):
    """out = sum over rows of a; own columns of it.  a (n, m), out (m)."""
    begin, end = own_columns(batch, len(out), lanes(out))
    if end - begin < len(out):
        sum_columns(a, begin, end, out)
        return
    for j in range(a.shape[1]):
        out[j] = a.dtype.type(0)
    for r in range(a.shape[0]):
        for j in range(a.shape[1]):
            out[j] += a[r, j]


@inner
def sum_columns(a, begin, end, out):
    """out[begin : end] = sum over rows of a[:, begin : end]; slices cost short rows too much."""
    fill(out[begin:end], out.dtype.type(0))
    for r in range(len(a)):
        add(a[r, begin:end], out[begin:end])
