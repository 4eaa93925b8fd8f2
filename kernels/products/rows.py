"""Rows of a matrix, beside its products: filled, and summed up; own columns of them."""

from ..compiling import body, inner, view
from ..threads import edges_of, own_columns
from ..vectors import add, copy, fill


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
