"""A matrix that comes again in many products, as U at each step: packed once, if that pays.

Threads that share a single row have copies of own columns of it.
"""

from typing import Any, NamedTuple

from ..compiling import body, call, inner, view
from ..threads import edges_of, own_columns, own_units, shares_row
from ..vectors import copy
from .blocked import room_packed
from .matrix import is_large, nothing, own_scratch, zero_row
from .rows import fill_columns
from .small import add_small_product, add_small_product_nt


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
