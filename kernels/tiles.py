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

from .compiler import COMPILED

_features = binding.get_host_cpu_features()
_wide = _features.get("avx512f", False)
_many = _wide or platform.machine().lower() in ("arm64", "aarch64")  # 32 registers, not 16
REGISTER = 64 if _wide else 32 if _features.get("avx", False) else 16  # bytes
VECTORS = 3  # registers side by side in a row of a tile
ROWS = 8 if _many else 4  # of a tile: 24 of 32 registers hold it, or 12 of 16


def columns_of(dtype):
    """Columns of a tile."""
    return VECTORS * REGISTER // np.dtype(dtype).itemsize


if COMPILED:
    I32, INT = ir.IntType(32), cgutils.intp_t

    @intrinsic
    def tile_columns(typingctx, array):
        """Columns of a tile of this array's dtype."""
        columns = columns_of(str(array.dtype))

        def codegen(context, builder, signature, values):
            return context.get_constant(types.intp, columns)

        return types.intp(array), codegen

    def _tile(rows):
        """The tile of that many rows."""

        @intrinsic
        def tile(typingctx, a, a_at, b, b_at, inner, out, at, stride, height, width):
            def codegen(context, builder, signature, values):
                def address(j):  # of an array's element; its place is the next argument
                    array = context.make_array(signature.args[j])(context, builder, values[j])
                    return builder.gep(array.data, [values[j + 1]])

                a, b, out = address(0), address(2), address(5)
                code = TileCode(builder, out.type.pointee, rows)
                code.find_lines(out, *values[7:])
                code.sum_over(a, b, inner=values[4])
                code.store()
                return context.get_dummy_value()

            n = types.intp
            return types.none(a, n, b, n, n, out, n, n, n, n), codegen

        return tile

    def _line(strided):
        """The copy of numbers side by side, or `stride` numbers apart."""

        @intrinsic
        def line(typingctx, source, source_at, stride, width, out, at):
            def codegen(context, builder, signature, values):
                source, source_at, stride, width, out, at = values
                arrays = (signature.args[0], source), (signature.args[4], out)
                source, out = (context.make_array(t)(context, builder, a).data for t, a in arrays)
                code = TileCode(builder, out.type.pointee, 1)
                step = stride if strided else None
                code.pack(builder.gep(source, [source_at]), step, width, builder.gep(out, [at]))
                return context.get_dummy_value()

            n = types.intp
            return types.none(source, n, n, n, out, n), codegen

        return line

    class TileCode:
        """LLVM's instructions for one tile, and for the lines of what it reads.

        Parameters
        ----------
        builder : llvmlite.ir.IRBuilder
        number : llvmlite.ir.Type
            float or double.
        rows : int
            R, of the tile.
        """

        def __init__(self, builder, number, rows):
            self.builder, self.rows = builder, rows
            self.size = 4 if number == ir.FloatType() else 8
            self.lanes = REGISTER // self.size
            self.vector = ir.VectorType(number, self.lanes)
            self.zero = ir.Constant(self.vector, None)

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

        def find_lines(self, out, stride, height, width):
            """Addresses and masks of the tile's vectors in the result.

            Rows from `height` on stand for the last one: they compute and store the same again.
            """
            build, vectors = self.builder, range(VECTORS)
            lane = ir.Constant(ir.VectorType(INT, self.lanes), [INT(j) for j in range(self.lanes)])
            left = [build.sub(width, INT(v * self.lanes)) for v in vectors]
            self.masks = [build.icmp_signed("<", lane, self.spread(n)) for n in left] * self.rows
            self.places, last = [], build.sub(height, INT(1))
            for r in range(self.rows):
                row = build.select(build.icmp_signed("<", INT(r), last), INT(r), last)
                line = build.gep(out, [build.mul(row, stride)])
                self.places += [self.vector_at(line, v) for v in vectors]
                behind = build.gep(out, [build.mul(INT(ROWS + r), stride)])  # in the next tile:
                for v in vectors:  # it is asked for before it is needed
                    soon = build.bitcast(self.vector_at(behind, v), cgutils.voidptr_t)
                    self.llvm("prefetch.p0", ir.VoidType(), soon, I32(0), I32(3), I32(1))

        def sum_over(self, a, b, inner):
            """sums[r, v] = out[r, v] + sum over q of a[q, r] * b[q, v], in this order."""
            build, align, start = self.builder, I32(self.size), []
            for place, mask in zip(self.places, self.masks, strict=True):
                start.append(self.masked("load", self.vector, place, align, mask, self.zero))
            before, body = build.block, build.append_basic_block("q")
            build.branch(body)
            build.position_at_end(body)
            q, sums = build.phi(INT), [build.phi(self.vector) for _ in start]
            a_line = build.gep(a, [build.mul(q, INT(ROWS))])
            b_line = build.gep(b, [build.mul(q, INT(VECTORS * self.lanes))])
            vectors = [self.vector_at(b_line, v) for v in range(VECTORS)]
            weights = [build.load(vector, align=self.size) for vector in vectors]
            factors = [build.load(build.gep(a_line, [INT(r)])) for r in range(self.rows)]
            factors = [self.spread(factor) for factor in factors]
            self.sums, together = [], ("contract",)  # one rounding for product and sum
            for j, total in enumerate(sums):
                product = build.fmul(factors[j // VECTORS], weights[j % VECTORS], flags=together)
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

        def pack(self, source, stride, width, out):
            """A tile's width of numbers from source, zeros where there are no more."""
            build, align = self.builder, I32(self.size)
            lane = ir.Constant(ir.VectorType(INT, self.lanes), [INT(j) for j in range(self.lanes)])
            for v in range(VECTORS):
                inside = build.icmp_signed(
                    "<", lane, self.spread(build.sub(width, INT(v * self.lanes)))
                )
                if stride is None:
                    place = self.vector_at(source, v)
                    found = self.masked("load", self.vector, place, align, inside, self.zero)
                else:
                    bytes_apart = build.mul(stride, INT(self.size))
                    first = build.ptrtoint(source, INT)
                    first = build.add(first, build.mul(bytes_apart, INT(v * self.lanes)))
                    offsets = build.mul(lane, self.spread(bytes_apart))
                    pointers = ir.VectorType(source.type, self.lanes)
                    places = build.inttoptr(build.add(self.spread(first), offsets), pointers)
                    kind = f"v{self.lanes}f{self.size * 8}.v{self.lanes}p0"
                    found = self.llvm(
                        f"masked.gather.{kind}", self.vector, places, align, inside, self.zero
                    )
                build.store(found, self.vector_at(out, v), align=self.size)

        def store(self):
            """out[r, v] = sums[r, v]."""
            align, nothing = I32(self.size), ir.VoidType()
            for total, place, mask in zip(self.sums, self.places, self.masks, strict=True):
                self.masked("store", nothing, total, place, align, mask)

    copy_line, gather_line = _line(strided=False), _line(strided=True)

else:

    def tile_columns(array):
        """Columns of a tile of this array's dtype."""
        return columns_of(array.dtype)

    def _tile(rows):
        """The tile of that many rows."""

        def tile(a, a_at, b, b_at, inner, out, at, stride, height, width):
            columns = tile_columns(a)
            a = a[a_at : a_at + inner * ROWS].reshape(inner, ROWS)[:, : min(height, rows)]
            b = b[b_at : b_at + inner * columns].reshape(inner, columns)[:, :width]
            flat = out.reshape(-1)
            for r, row in enumerate(a.T @ b):
                flat[at + r * stride : at + r * stride + width] += row

        return tile

    def gather_line(source, source_at, stride, width, out, at):
        """out[at : at + tile_columns] = so many numbers of source, `stride` apart, then zeros."""
        flat = source.reshape(-1)
        out[at : at + tile_columns(out)] = 0
        out[at : at + width] = flat[source_at : source_at + (width - 1) * stride + 1 : stride]

    def copy_line(source, source_at, stride, width, out, at):
        """The same where they lie side by side, whatever the stride says."""
        gather_line(source, source_at, 1, width, out, at)


# add_tile(a, a_at, b, b_at, inner, out, at, stride, height, width):
#     tile[:height, :width] += a[:, :height].T @ b[:, :width]
# a (inner, ROWS) and b (inner, tile_columns) lie row behind row, from a_at and b_at on; the rows of
# the tile are `stride` numbers apart in out, from at on. The half tile has half as many rows.
add_tile, add_half_tile = _tile(ROWS), _tile(ROWS // 2)
