"""The decorators under which a function of arrays becomes machine code.

Every kernel is an ordinary function of arrays. With ``NUMBA_DISABLE_JIT=1`` it runs as it stands,
under a debugger; compiled, each one is its own machine code, made and cached apart, and the loop
reaches it through its address (``calling.py``). So a model compiles only the kinds of layer that it
has, tests call the very code that runs, and a kernel written outside this package is called like
one of ours.
"""

import inspect
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numba
import numpy as np
from numba.core.compiler import Compiler
from numba.core.dispatcher import _FunctionCompiler

from . import symbols  # noqa: F401  (before anything is compiled)
from .cache import KernelCache
from .inside import Distinct, Inner, Linked
from .known import made

COMPILED = not numba.config.DISABLE_JIT
KERNELS = __package__.rpartition(".")[0] + "."  # what the names of all our modules begin with

# arcp, contract, nsz, reassoc: vector code for sums and divisions. Not nnan or ninf: a NaN must be
# found. error_model "numpy": a division by zero is inf, not an exception that blocks vectors.
OPTIONS = {
    "error_model": "numpy",
    "fastmath": {"reassoc", "contract", "arcp", "nsz"},
    "nogil": True,
}
# Kernels of this package make no arrays, so they need not count references to them: a step of one
# row of 32 units would spend a quarter of its time on that. A kernel of one's own may make some.
UNCOUNTED = OPTIONS | {"_nrt": False}


def kernel(
    function: Callable[..., Any] | None = None,
    *,
    assume: Sequence[str] = (),
    name: str | None = None,
) -> Any:
    """Compile a function of arrays on first use (decorator).

    Machine code is kept on disk, for as long as neither the function nor anything that it reaches
    changes: code, numbers, closures, options. Where that cannot be known, as of an object of one's
    own, it is compiled anew in each process.

    Parameters
    ----------
    function : function
    assume : sequence of str
        Further liberties of LLVM's fast math that this one kernel grants.
    name : str
        Where its module has it, if not under the function's own name: "cell.forward" for what a
        factory has made and an object `cell` keeps. Files are named so, and other processes of
        tinylstm's own find it there.
    """
    if function is None:
        return partial(kernel, assume=assume, name=name)
    options = UNCOUNTED if is_ours(function) else OPTIONS
    fastmath = options["fastmath"] | set(assume)
    dispatcher = numba.njit(**options | {"fastmath": fastmath}, no_cfunc_wrapper=True)(function)
    if COMPILED:
        dispatcher._cache = KernelCache(dispatcher, name or function.__qualname__)
        if is_ours(function):
            made.add(dispatcher)
    return dispatcher


def is_kernel(function):
    """Whether compiled code can call a function; without compilation any function of Python's."""
    return hasattr(function, "py_func") or (not COMPILED and inspect.isfunction(function))


def is_ours(function):
    """Whether a function is one of this package, not of somebody's own kernels."""
    return str(function.__module__).startswith(KERNELS)


# Without what Python needs for a call, which is a fifth of what there is to compile.
BARE = UNCOUNTED | {"no_cpython_wrapper": True, "no_cfunc_wrapper": True}


def inner(function=None, *, in_order=False, distinct=False):
    """Compile a function inside the kernels that call it (decorator).

    in_order: its sums keep the order in which they are written, as what cancels must.
    distinct: none of its arrays is a part of another one.
    """
    if function is None:
        return partial(inner, in_order=in_order, distinct=distinct)
    if not COMPILED:
        return function
    if not is_ours(function) and not distinct:
        return numba.njit(**OPTIONS)(function)
    options = {"nopython": True, "boundscheck": None, **BARE}
    if not is_ours(function):
        options["_nrt"] = True
    if in_order:
        options["fastmath"] = BARE["fastmath"] - {"reassoc"}
    pipeline = Linked if is_ours(function) else Compiler
    return Inner(function, options, Distinct if distinct else _FunctionCompiler, pipeline)


# Integers wrap around silently in compiled code; Python's need to be told.
wrapping = (lambda function: function) if COMPILED else np.errstate(over="ignore")
body = numba.njit(inline="always", **UNCOUNTED)  # a part of one kernel: a third less to compile
