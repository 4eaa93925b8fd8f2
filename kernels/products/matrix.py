"""Matrix products: in tiles where the factors lie, in packed blocks, or of one column.

``small.py`` has what is done where the factors lie, ``blocked.py`` the blocks, ``column.py`` the
column; a matrix that comes again has ``repeated.py``. The forms are the three of back-propagation:
``a @ M`` forward, ``a @ M.T`` for the gradient that goes back, ``a.T @ M`` for the gradient of a
weight.
"""

from ..compiling import body, call, inner, view
from ..tables import LINE
from ..threads import own_columns
from ..vectors import fill
from .blocked import room_for, round_up
from .column import add_column
from .rows import fill_columns
from .small import add_in_tiles, add_small_product, add_small_product_nt, set_sum_of_few

IN_PLACE = 2**16  # numbers: an M up to this is read where it lies, as fast as if it were packed
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
def product_in_blocks(a, a_transposed, M, M_transposed, row, out, columns, batch, work):
    """out = row + op(a) @ op(M), or += if row is empty; see `blocked_product`."""
    scratch, factors = own_scratch(batch, work, out.shape[1]), (a, a_transposed, M, M_transposed)
    call(batch.product, (*factors, row, out, columns, scratch, nothing(work), 0))


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
