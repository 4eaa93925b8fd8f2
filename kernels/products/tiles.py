"""The innermost piece of every large matrix product: a tile of the result, held in registers.

A vector register holds L numbers side by side (16 of float32 with AVX-512). A processor multiplies
and adds two of them in each cycle, but reads from memory hardly faster. So a tile of R rows and 3
registers' columns of the result stays in registers while the sum over the inner index runs: each
vector of M that is read serves R multiply-adds, each number of a serves three.

Numba has no names for registers, so this file hands LLVM the vectors themselves; with
``NUMBA_DISABLE_JIT=1`` the same tile is a line of NumPy.

Source: Goto and van de Geijn, Anatomy of high-performance matrix multiplication, 2008.
"""

import platform

import numpy as np
from llvmlite import binding, ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

from ..compiling import COMPILED
from ..tables import CACHE_LINE

_features = binding.get_host_cpu_features()
_wide = _features.get("avx512f", False)
_many = _wide or platform.machine().lower() in ("arm64", "aarch64")  # 32 registers, not 16
REGISTER = 64 if _wide else 32 if _features.get("avx", False) else 16  # bytes
VECTORS = 3  # registers side by side in a row of a tile
ROWS = 8 if _many else 4  # of a tile: 24 of 32 registers hold it, or 12 of 16
ROW_VECTORS = 4  # registers of a tile of one row


def columns_of(dtype):
    """Columns of a tile."""
    return VECTORS * lanes_of(dtype)


def lanes_of(dtype):
    """Numbers in a register."""
    return REGISTER // np.dtype(dtype).itemsize


INT = cgutils.intp_t


if COMPILED:
    I32 = ir.IntType(32)
    L1, L2 = I32(3), I32(2)  # as LLVM names the nearest cache, and the one behind it

    def _size(size_of):
        """That size for an array's dtype, as a constant."""

        @intrinsic
        def size(typingctx, array):
            def codegen(context, builder, signature, values):
                return context.get_constant(types.intp, size_of(str(array.dtype)))

            return types.intp(array), codegen

        return size

    tile_columns, lanes = _size(columns_of), _size(lanes_of)

    def _tile(rows, vectors, ragged=False):
        """The tile of that many rows and registers side by side."""

        @intrinsic
        def tile(
            typingctx, a, a_at, down, along, b, b_at, below, inner, out, at, stride, height, width
        ):
            def codegen(context, builder, signature, values):
                def address(j):  # of an array's element; its place is the next argument
                    array = context.make_array(signature.args[j])(context, builder, values[j])
                    return builder.gep(array.data, [values[j + 1]])

                a, b, out = address(0), address(4), address(8)
                code = TileCode(builder, out.type.pointee, rows, vectors)
                code.find_lines(out, values[10], height=values[11])
                if ragged:
                    code.leave_out(width=values[12])
                code.sum_over(a, values[2], values[3], b, values[6], inner=values[7])
                code.store()
                return context.get_dummy_value()

            n = types.intp
            return types.none(a, n, n, n, b, n, n, n, out, n, n, n, n), codegen

        return tile

    def _panel_tile(rows, vectors, ragged=False):
        """The tile that reads packed factors, and may start from a row."""

        @intrinsic
        def tile(
            typingctx, a, a_at, b, b_at, inner, row, row_at, out, at, stride, height, width, ask_at
        ):
            def codegen(context, builder, signature, values):
                def array(j):
                    return context.make_array(signature.args[j])(context, builder, values[j])

                def address(j):  # of an array's element; its place is the next argument
                    return builder.gep(array(j).data, [values[j + 1]])

                code = TileCode(builder, array(7).data.type.pointee, rows, vectors)
                code.find_lines(address(7), values[9], height=values[10])
                code.start_from(address(5), builder.icmp_signed(">", array(5).nitems, INT(0)))
                if ragged:
                    code.leave_out(width=values[11])
                code.asked = builder.gep(array(2).data, [values[12]])
                below = INT(vectors * code.lanes)
                code.sum_over(address(0), INT(1), INT(ROWS), address(2), below, inner=values[4])
                code.store()
                return context.get_dummy_value()

            n = types.intp
            return types.none(a, n, b, n, n, row, n, out, n, n, n, n, n), codegen

        return tile

    class TileCode:
        """LLVM's instructions for one tile.

        Parameters
        ----------
        builder : llvmlite.ir.IRBuilder
        number : llvmlite.ir.Type
            float or double.
        rows, vectors : int
            R of the tile, and registers in each.
        """

        def __init__(self, builder, number, rows, vectors):
            self.builder, self.rows, self.vectors = builder, rows, vectors
            self.size = 4 if number == ir.FloatType() else 8
            self.lanes = REGISTER // self.size
            self.vector = ir.VectorType(number, self.lanes)
            self.zero = ir.Constant(self.vector, None)
            self.masks = [None] * vectors  # all lanes
            self.asked = None  # nothing is fetched in advance

        def vector_at(self, line, v):
            """Address of the v-th vector of a line."""
            place = self.builder.gep(line, [INT(v * self.lanes)])
            return self.builder.bitcast(place, self.vector.as_pointer())

        def spread(self, scalar):
            """A vector with the scalar in each lane."""
            empty = ir.Constant(ir.VectorType(scalar.type, self.lanes), ir.Undefined)
            first = self.builder.insert_element(empty, scalar, I32(0))
            order = ir.Constant(ir.VectorType(I32, self.lanes), None)
            return self.builder.shuffle_vector(first, empty, order)

        def llvm(self, name, result, *arguments):
            """Call one of LLVM's own functions."""
            fntype = ir.FunctionType(result, [argument.type for argument in arguments])
            function = cgutils.get_or_insert_function(self.builder.module, fntype, f"llvm.{name}")
            return self.builder.call(function, arguments)

        def masked(self, name, result, *arguments):
            """A masked load or store: lanes outside the mask are left alone."""
            kind = f"v{self.lanes}f{self.size * 8}"
            return self.llvm(f"masked.{name}.{kind}.p0", result, *arguments)

        def load(self, place, mask):
            """The vector at an address; zeros outside the mask, where there is one."""
            if mask is None:
                return self.builder.load(place, align=self.size)
            return self.masked("load", self.vector, place, I32(self.size), mask, self.zero)

        def inside(self, width, v):
            """Mask of the v-th vector's lanes that lie in a line of that width."""
            lane = ir.Constant(ir.VectorType(INT, self.lanes), [INT(j) for j in range(self.lanes)])
            left = self.builder.sub(width, INT(v * self.lanes))
            return self.builder.icmp_signed("<", lane, self.spread(left))

        def leave_out(self, width):
            """Neither read nor write what lies beyond the width."""
            self.masks = [self.inside(width, v) for v in range(self.vectors)]

        def find_lines(self, out, stride, height):
            """Addresses of the tile's vectors in the result.

            Rows from `height` on stand for the last one: they compute and store the same again.
            """
            build, last = self.builder, self.builder.sub(height, INT(1))
            numbers = [INT(r) for r in range(self.rows)]
            self.row = [build.select(build.icmp_signed("<", r, last), r, last) for r in numbers]
            lines = [build.gep(out, [build.mul(row, stride)]) for row in self.row]
            self.places = [self.vector_at(line, v) for line in lines for v in range(self.vectors)]
            self.starts = self.places

        def start_from(self, row, there):
            """Start from a row's numbers, the same in each line of the tile, if it is there."""
            vectors = [self.vector_at(row, v) for v in range(self.vectors)] * self.rows
            pairs = zip(vectors, self.places, strict=True)
            self.starts = [self.builder.select(there, *pair) for pair in pairs]

        def sum_over(self, a, down, along, b, below, inner):
            """sums[r, v] = start[r, v] + sum over q of a[r, q] * b[q, v], in this order."""
            build, masks = self.builder, self.masks * self.rows
            start = [self.load(*pair) for pair in zip(self.starts, masks, strict=True)]
            a_lines = [build.gep(a, [build.mul(row, down)]) for row in self.row]
            before, body = build.block, build.append_basic_block("q")
            build.branch(body)
            build.position_at_end(body)
            q, sums = build.phi(INT), [build.phi(self.vector) for _ in start]
            b_line, a_at = build.gep(b, [build.mul(q, below)]), build.mul(q, along)
            weights = [self.load(self.vector_at(b_line, v), m) for v, m in enumerate(self.masks)]
            factors = [self.spread(build.load(build.gep(line, [a_at]))) for line in a_lines]
            if self.asked is not None:  # a cache line for each q
                step = INT(CACHE_LINE // self.size)
                self.fetch(build.gep(self.asked, [build.mul(q, step)]), near=L2)
            self.sums, together = [], ("contract",)  # one rounding for product and sum
            for j, total in enumerate(sums):
                factor, weight = factors[j // self.vectors], weights[j % self.vectors]
                product = build.fmul(factor, weight, flags=together)
                self.sums.append(build.fadd(product, total, flags=together))
            after = build.add(q, INT(1))
            for phi, first, later in zip(
                [q, *sums], [INT(0), *start], [after, *self.sums], strict=True
            ):
                phi.add_incoming(first, before)
                phi.add_incoming(later, body)
            behind = build.append_basic_block("behind")
            build.cbranch(build.icmp_signed("<", after, inner), body, behind)
            build.position_at_end(behind)

        def store(self):
            """out[r, v] = sums[r, v]."""
            masks = self.masks * self.rows
            for total, place, mask in zip(self.sums, self.places, masks, strict=True):
                self.keep(total, place, mask)

        def keep(self, vector, place, mask):
            """Store a vector at an address; only the lanes in the mask, where there is one."""
            if mask is None:
                self.builder.store(vector, place, align=self.size)
            else:
                self.masked("store", ir.VoidType(), vector, place, I32(self.size), mask)

        def ask_for(self, out, stride):
            """Have the tile's lines of the result fetched, before they are needed."""
            for r in range(self.rows):
                line = self.builder.gep(out, [self.builder.mul(INT(r), stride)])
                for v in range(self.vectors):
                    self.fetch(self.vector_at(line, v), near=L1)

        def fetch(self, place, near):
            """Have a cache line fetched into a cache, without waiting for it."""
            place = self.builder.bitcast(place, cgutils.voidptr_t)
            self.llvm("prefetch.p0", ir.VoidType(), place, I32(0), near, I32(1))

    @intrinsic
    def ask_for_tile(typingctx, out, at, stride):
        """Have the lines of the result fetched that the tile below will read."""

        def codegen(context, builder, signature, values):
            array = context.make_array(signature.args[0])(context, builder, values[0])
            code = TileCode(builder, array.data.type.pointee, ROWS, VECTORS)
            code.ask_for(builder.gep(array.data, [values[1]]), values[2])
            return context.get_dummy_value()

        return types.none(out, types.intp, types.intp), codegen

else:

    def tile_columns(array):
        """Columns of a tile of this array's dtype."""
        return columns_of(array.dtype)

    def lanes(array):
        """Numbers of this array's dtype in a register."""
        return lanes_of(array.dtype)

    def _tile(rows, vectors, ragged=False):
        """The tile of that many rows and registers side by side."""

        def tile(a, a_at, down, along, b, b_at, below, inner, out, at, stride, height, width):
            width = width if ragged else vectors * lanes(out)
            a, b, out = a.reshape(-1), b.reshape(-1), out.reshape(-1)
            row, j = np.arange(min(height, rows))[:, None], np.arange(width)
            for q in range(inner):  # in this order
                out[at + stride * row + j] += (
                    a[a_at + down * row + along * q] * b[b_at + below * q + j]
                )

        return tile

    def _panel_tile(rows, vectors, ragged=False):
        """The tile that reads packed factors, and may start from a row."""
        add_tile = _tile(rows, vectors, ragged)

        def tile(a, a_at, b, b_at, inner, row, row_at, out, at, stride, height, width, ask_at):
            width = width if ragged else vectors * lanes(out)
            if len(row) > 0:
                for r in range(min(height, rows)):
                    start = at + r * stride
                    out.reshape(-1)[start : start + width] = row[row_at : row_at + width]
            below = vectors * lanes(out)
            add_tile(a, a_at, 1, ROWS, b, b_at, below, inner, out, at, stride, height, width)

        return tile

    def ask_for_tile(out, at, stride):
        """Nothing is fetched beforehand."""


# add_tile(a, a_at, down, along, b, b_at, below, inner, out, at, stride, height, width):
#     tile[:height, :width] += a[:height] @ b[:, :width]
# The tile's rows are `stride` numbers apart in out, from at on; a[r, q] lies r * down + q * along
# behind a_at, and b[q, j] lies q * below + j behind b_at. A tile is as wide as its registers; only
# a narrow one, of one register, leaves out what lies beyond `width`.
add_tile, add_narrow_tile = _tile(ROWS, VECTORS), _tile(ROWS, 1, ragged=True)
add_row_tile, add_wide_row_tile = _tile(1, ROW_VECTORS), _tile(1, 2 * ROW_VECTORS)
add_narrow_row_tile = _tile(1, 1, ragged=True)

# panel_tile(a, a_at, b, b_at, inner, row, row_at, out, at, stride, height, width, ask_at):
#     tile[:height, :width] += a[:height] @ b[:, :width]
# or, unless `row` is empty: tile[:height, :width] = row[row_at : row_at + width] + ...
# Both factors are packed, a as (inner, ROWS), b as (inner, columns of the tile). For each q a line
# of b is fetched, from `ask_at` on, which a later tile will read.
panel_tile, half_panel_tile = _panel_tile(ROWS, VECTORS), _panel_tile(ROWS // 2, VECTORS)
narrow_panel_tile, pair_panel_tile, last_panel_tile = (
    _panel_tile(ROWS, vectors, ragged=True) for vectors in range(1, VECTORS + 1)
)
