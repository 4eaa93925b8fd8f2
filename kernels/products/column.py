"""A product with one column: of each row, the sum of its numbers times those of the column.

In a tile one lane of a vector register would work at it, and each multiply-add wait for the one
before. Here all lanes of two registers add up parts of a row side by side, and then each other in
pairs. The order is the same for every row: its sum has the same bits alone and beside others.
"""

from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

from ..compiling import COMPILED, inner

REGISTERS = 2  # that add up parts of one row


if COMPILED:
    from .tiles import I32, INT, TileCode, ir

    @intrinsic
    def add_sum(typingctx, a, a_at, b, size, out, at):
        def codegen(context, builder, signature, values):
            a, b, out = (
                context.make_array(signature.args[j])(context, builder, values[j]).data
                for j in (0, 2, 4)
            )
            a, out = builder.gep(a, [values[1]]), builder.gep(out, [values[5]])
            total = SumCode(builder, out.type.pointee, 1, REGISTERS).sum(a, b, size=values[3])
            builder.store(builder.fadd(builder.load(out), total, flags=SumCode.order), out)
            return context.get_dummy_value()

        n = types.intp
        return types.none(a, n, b, n, out, n), codegen

    class SumCode(TileCode):
        """LLVM's instructions for the sum over one row."""

        order = ("contract",)  # one rounding for product and sum, and no other liberty: it stays

        def sum(self, a, b, size):
            """The sum over q of a[q] * b[q]."""
            build, width = self.builder, INT(self.vectors * self.lanes)
            whole = build.sub(size, build.srem(size, width))
            self.sums = [cgutils.alloca_once_value(build, self.zero) for _ in self.masks]
            with cgutils.for_range_slice(build, INT(0), whole, width) as (q, _):
                self.add_products(a, b, q)
            with build.if_then(build.icmp_signed("<", whole, size)):
                self.leave_out(build.sub(size, whole))
                self.add_products(a, b, whole)
            first, *others = [build.load(place) for place in self.sums]
            for other in others:
                first = build.fadd(first, other, flags=self.order)
            return self.in_pairs(first)

        def add_products(self, a, b, q):
            """sums[v] += a[q] * b[q], for the registers from q on."""
            build = self.builder
            a, b = build.gep(a, [q]), build.gep(b, [q])
            for v, (place, mask) in enumerate(zip(self.sums, self.masks, strict=True)):
                factors = [self.load(self.vector_at(line, v), mask) for line in (a, b)]
                product = build.fmul(*factors, flags=self.order)
                build.store(build.fadd(product, build.load(place), flags=self.order), place)

        def in_pairs(self, vector):
            """The sum of a vector's lanes: each of the first half and its like, again and again."""
            half = self.lanes // 2
            while half:
                lanes = [I32(j % (2 * half) ^ half) for j in range(self.lanes)]
                order = ir.Constant(ir.VectorType(I32, self.lanes), lanes)
                swapped = self.builder.shuffle_vector(vector, vector, order)
                vector = self.builder.fadd(vector, swapped, flags=self.order)
                half //= 2
            return self.builder.extract_element(vector, I32(0))

else:

    def add_sum(a, a_at, b, size, out, at):
        row = a.reshape(-1)[a_at : a_at + size]
        out.reshape(-1)[at] += (row * b.reshape(-1)).sum()


@inner
def add_column(a, M, out):
    """out += a @ M, of one column.  a (n, k), M (k, 1), out (n, 1)."""
    n, k = a.shape
    for r in range(n):
        add_sum(a, r * k, M, k, out, r)  # out[r] += sum over q of a[r, q] * M[q]
