"""What a kernel may ask of the processor: wide registers, and how it takes very small numbers."""

import platform

from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

from .decorators import COMPILED

X86 = platform.machine().lower() in ("x86_64", "amd64")
# Two bits of that processor's control word: numbers below 1e-38 (1e-308) count as zero. They are as
# small as the moments of a gradient that has been zero for long, and cost 150 times a normal one.
FLUSH_DENORMALS = 0x8040

if COMPILED:

    @intrinsic
    def prefer_wide_registers(typingctx):
        """Let LLVM make this function's loops in registers of 64 bytes, where there are any."""

        def codegen(context, builder, signature, values):
            attributes = builder.function.attributes  # llvmlite knows the names of a few alone
            set.add(attributes, '"prefer-vector-width"="512"')
            return context.get_dummy_value()

        return types.none(), codegen

    @intrinsic
    def float_mode(typingctx):
        """The processor's floating-point control word (0 where it is not known how to read it)."""

        def codegen(context, builder, signature, values):
            slot = cgutils.alloca_once(builder, cgutils.int32_t)
            builder.store(cgutils.int32_t(0), slot)
            if X86:
                _control_word(builder, "llvm.x86.sse.stmxcsr", slot)
            return builder.zext(builder.load(slot), cgutils.intp_t)

        return types.intp(), codegen

    @intrinsic
    def set_float_mode(typingctx, mode):
        """Set the processor's floating-point control word."""

        def codegen(context, builder, signature, values):
            word = builder.trunc(values[0], cgutils.int32_t)
            if X86:
                slot = cgutils.alloca_once_value(builder, word)
                _control_word(builder, "llvm.x86.sse.ldmxcsr", slot)
            return context.get_dummy_value()

        return types.none(types.intp), codegen

    def _control_word(builder, name, slot):
        fntype = cgutils.ir.FunctionType(cgutils.ir.VoidType(), [cgutils.voidptr_t])
        function = cgutils.get_or_insert_function(builder.module, fntype, name)
        builder.call(function, [builder.bitcast(slot, cgutils.voidptr_t)])

else:

    def prefer_wide_registers():
        """NumPy chooses its own."""

    def float_mode():
        """Python's arithmetic has no control word."""
        return 0

    def set_float_mode(mode):
        """Nothing to set."""
