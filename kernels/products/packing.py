"""Packing: both factors of a large product, laid out as its tiles read them.

A tile reads M as a panel, its own width of numbers for each inner index, and `a` as a block, its
own height of numbers for each. Where a factor lies the other way round it is transposed on the way,
a square at a time in registers: each line of memory is then read and written once, in one piece.
"""

import numpy as np
from llvmlite import ir
from numba import types
from numba.extending import intrinsic

from ..compiling import COMPILED, inner
from .tiles import INT, ROWS, lanes, lanes_of, tile_columns

DEPTH = 256  # inner indices of a block: a panel of M takes 48 KB (AVX-512), in either dtype


def padded(size, unit):
    """The size, rounded up to a whole number of units."""
    return (size + unit - 1) // unit * unit


round_up = inner(padded)


if COMPILED:
    from .tiles import VECTORS, TileCode

    def _square(size_of):
        """The transposition of a square of so many numbers of a dtype, in as many registers."""

        @intrinsic
        def transpose(typingctx, source, at, below, out, out_at, out_below):
            size = size_of(str(source.dtype))

            def codegen(context, builder, signature, values):
                def lines(j):  # of an array; behind it, where they begin and how far apart
                    array = context.make_array(signature.args[j])(context, builder, values[j])
                    at, below = values[j + 1 : j + 3]
                    for r in range(size):
                        place = builder.add(at, builder.mul(below, INT(r)))
                        yield _vector_at(builder, builder.gep(array.data, [place]), size)

                rows = [builder.load(line, align=4) for line in lines(0)]
                for column, line in zip(_transposed(builder, rows), lines(3), strict=True):
                    builder.store(column, line, align=4)
                return context.get_dummy_value()

            n = types.intp
            return types.none(source, n, n, out, n, n), codegen

        return transpose

    @intrinsic
    def copy_line(typingctx, source, at, width, out, out_at):
        """out[out_at : out_at + width] = so many numbers of source, a tile's line at most."""

        def codegen(context, builder, signature, values):
            source = context.make_array(signature.args[0])(context, builder, values[0]).data
            out = context.make_array(signature.args[3])(context, builder, values[3]).data
            code = TileCode(builder, out.type.pointee, 1, VECTORS)
            line, goal = builder.gep(source, [values[1]]), builder.gep(out, [values[4]])
            for v in range(VECTORS):
                inside = code.inside(values[2], v)
                found = code.load(code.vector_at(line, v), inside)
                code.keep(found, code.vector_at(goal, v), inside)
            return context.get_dummy_value()

        return types.none(source, types.intp, types.intp, out, types.intp), codegen

    @intrinsic
    def copy_few(typingctx, source, at, out, out_at):
        """out[out_at : out_at + ROWS] = as many numbers of source."""

        def codegen(context, builder, signature, values):
            source = context.make_array(signature.args[0])(context, builder, values[0]).data
            out = context.make_array(signature.args[2])(context, builder, values[2]).data
            found = _vector_at(builder, builder.gep(source, [values[1]]), ROWS)
            goal = _vector_at(builder, builder.gep(out, [values[3]]), ROWS)
            builder.store(builder.load(found, align=4), goal, align=4)
            return context.get_dummy_value()

        return types.none(source, types.intp, out, types.intp), codegen

    def _vector_at(builder, place, size):
        """Address of the vector of so many numbers that begins at a place."""
        return builder.bitcast(place, ir.VectorType(place.type.pointee, size).as_pointer())

    def _transposed(builder, rows):
        """The columns of n rows of n numbers: squares of half the size change places, and so on."""
        n, half = len(rows), len(rows) // 2
        while half:
            for r in (r for r in range(n) if not r & half):
                upper, lower = rows[r], rows[r + half]
                left = [j if not j & half else n + j - half for j in range(n)]
                right = [j + half if not j & half else n + j for j in range(n)]
                rows[r] = builder.shuffle_vector(upper, lower, _order(left))
                rows[r + half] = builder.shuffle_vector(upper, lower, _order(right))
            half //= 2
        return rows

    def _order(places):
        """The places from which a shuffle takes its numbers, of both vectors in a row."""
        kind = ir.IntType(32)
        return ir.Constant(ir.VectorType(kind, len(places)), [kind(j) for j in places])

else:

    def _square(size_of):
        """The transposition of a square of so many numbers of a dtype."""

        def transpose(source, at, below, out, out_at, out_below):
            n = np.arange(size_of(out.dtype))
            square = source.reshape(-1)[at + below * n[:, None] + n]
            out.reshape(-1)[out_at + out_below * n[:, None] + n] = square.T

        return transpose

    def copy_line(source, at, width, out, out_at):
        """out[out_at : out_at + width] = so many numbers of source, a tile's line at most."""
        out[out_at : out_at + width] = source.reshape(-1)[at : at + width]

    def copy_few(source, at, out, out_at):
        """out[out_at : out_at + ROWS] = as many numbers of source."""
        out.reshape(-1)[out_at : out_at + ROWS] = source.reshape(-1)[at : at + ROWS]


# transpose_*(source, at, below, out, out_at, out_below):
#     out[out_at + out_below * q + i] = source[at + below * i + q]
# for i, q < n, where n is the height of a tile, or the numbers in a register.
transpose_rows, transpose_lanes = _square(lambda dtype: ROWS), _square(lanes_of)


@inner
def pack_panels(M, transposed, first, deep, begin, end, shift, across, panels):
    """Rows `first` ... of op(M), `deep` of them: blocks of rows, each as panels (depth, columns).

    begin, end: only these columns, whose panels are all as wide as a tile but the last one. What
    lies beyond is neither read nor written: another thread may have it.  shift: columns by which
    the panels lie further on;  across: columns of all panels.
    """
    columns, length = tile_columns(panels), M.shape[1]
    for start in range(0, deep, DEPTH):
        depth, q = min(DEPTH, deep - start), first + start
        if transposed:
            for j in range(begin, end, columns):
                at, wide = start * across + (j + shift) * depth, panel_width(panels, end - j)
                panel = panels[at : at + depth * wide].reshape((depth, wide))
                turn_panel(M, j, q, min(columns, end - j), panel)
        else:
            for d in range(depth):
                for j in range(begin, end, columns):
                    width, wide = min(columns, end - j), panel_width(panels, end - j)
                    at = start * across + (j + shift) * depth + d * wide
                    copy_line(M, (q + d) * length + j, width, panels, at)


@inner
def panel_width(panels, left):
    """Columns of a panel, where so many are left: those of a tile, or of as few registers."""
    return min(tile_columns(panels), round_up(left, lanes(panels)))


@inner
def turn_panel(M, j, first, width, panel):
    """panel[q, i] = M[j + i, first + q], for i < width.  panel (depth, columns)."""
    n, (depth, columns), length = lanes(panel), panel.shape, M.shape[1]
    whole = depth - depth % n
    for i in range(0, width, n):
        squares = whole if i + n <= width else 0
        for q in range(0, squares, n):
            at, out_at = (j + i) * length + first + q, q * columns + i
            transpose_lanes(M, at, length, panel, out_at, columns)
        for q in range(squares, depth):
            for row in range(i, min(i + n, width)):
                panel[q, row] = M[j + row, first + q]


@inner
def pack_rows(a, transposed, first, height, start, deep, packed):
    """Columns `start` ... of rows `first` ... of op(a), as (deep, ROWS) one after the other.

    Where there are no more rows, the last one stands in.
    """
    for r in range(0, height, ROWS):
        high = min(ROWS, height - r)
        block = packed[r * deep : (r + ROWS) * deep].reshape((deep, ROWS))
        if transposed:
            copy_lines(a, first + r, high, start, block)
        else:
            turn_rows(a, first + r, high, start, block)


@inner
def copy_lines(a, row, high, start, block):
    """block[q, i] = a[start + q, row + i]; from `high` on, the last one stands in."""
    whole = len(block) if high == ROWS else 0
    for q in range(whole):
        copy_few(a, (start + q) * a.shape[1] + row, block, q * ROWS)
    for q in range(whole, len(block)):
        for i in range(ROWS):
            block[q, i] = a[start + q, row + min(i, high - 1)]


@inner
def turn_rows(a, row, high, start, block):
    """block[q, i] = a[row + i, start + q]; from `high` on, the last row stands in."""
    deep, length = len(block), a.shape[1]
    squares = deep - deep % ROWS if high == ROWS else 0
    for q in range(0, squares, ROWS):
        transpose_rows(a, row * length + start + q, length, block, q * ROWS, ROWS)
    for q in range(squares, deep):
        for i in range(ROWS):
            block[q, i] = a[row + min(i, high - 1), start + q]
