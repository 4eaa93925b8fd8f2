"""Functions that only kernels call: LLVM's code of them is linked into theirs.

They get no machine code of their own, which nobody would run: a fifth less to compile.
"""

from functools import cache, cached_property

import numba
from numba import types
from numba.core.codegen import JITCPUCodegen
from numba.core.compiler import Compiler
from numba.core.dispatcher import _FunctionCompiler
from numba.core.registry import CPUDispatcher

PASSED_ON = "error_model", "fastmath", "nogil", "_nrt"  # options that Python's own is compiled with


class Inner(CPUDispatcher):
    """A function that only kernels call. Called from Python it is compiled once more, for that."""

    def __init__(self, function, options, compiler, pipeline):
        super().__init__(function, targetoptions=options)
        self._compiler = compiler(function, self.targetdescr, options, {}, pipeline)

    def __call__(self, *args):
        return self.whole(*args)

    def get_call_template(self, args, kws):
        """One compilation for all numbers that stand in the callers' source."""
        return super().get_call_template([types.unliteral(one) for one in args], kws)

    @cached_property
    def whole(self):
        """The same, with what Python needs."""
        options = {name: self.targetoptions[name] for name in PASSED_ON}
        return numba.njit(**options)(self.py_func)


class Distinct(_FunctionCompiler):
    """Compiles a function whose arrays share no memory, so that its loops need no check of that."""

    def _customize_flags(self, flags):
        flags.noalias = True
        return flags


class Linked(Compiler):
    """Stages of a compilation that ends with LLVM's code."""

    def __init__(self, typing, target, library, *rest):
        super().__init__(typing, target, library or unmade().create_library("inner"), *rest)


class Unmade(JITCPUCodegen):
    """Makes no machine code: Numba compiles what is added, and tells its place in memory."""

    def _add_module(self, module):
        """Left out."""

    def set_env(self, name, env):
        """What an exception would need; functions that raise none do not."""


@cache
def unmade():
    """One for this process."""
    return Unmade("tinylstm.inner")
