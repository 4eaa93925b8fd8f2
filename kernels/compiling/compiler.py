"""How kernels are compiled, and how the loop over batches calls them by address.

Every kernel is an ordinary function of arrays. With ``NUMBA_DISABLE_JIT=1`` it runs as it stands,
under a debugger; compiled, each one is its own machine code, made and cached apart, and the loop
reaches it through its address. So a model compiles only the kinds of layer that it has, tests call
the very code that runs, and a kernel written outside this package is called like one of ours.
"""

import ctypes
import inspect
import platform
import sys
import threading
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numba
import numpy as np
from numba import types
from numba.core import cgutils
from numba.core.compiler import Compiler
from numba.core.dispatcher import _FunctionCompiler
from numba.core.errors import NumbaError
from numba.extending import intrinsic
from numba.np import arrayobj

from . import symbols  # noqa: F401  (before anything is compiled)
from .cache import KernelCache, reserve
from .inside import Distinct, Inner, Linked
from .known import made
from .locks import give_all_back
from .notes import way_out, written
from .streams import tell

X86 = platform.machine().lower() in ("x86_64", "amd64")
# Two bits of that processor's control word: numbers below 1e-38 (1e-308) count as zero. They are as
# small as the moments of a gradient that has been zero for long, and cost 150 times a normal one.
FLUSH_DENORMALS = 0x8040
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


compiling = threading.RLock()  # taken before any lock of a file: threads never wait crosswise


def compile_kernel(dispatcher, signature):
    """Compile a kernel, or load it from the disk."""
    with compiling:
        try:
            reserve(dispatcher, signature)  # here Ctrl-C ends a wait for another process
            aside(dispatcher.compile, signature)
        except NumbaError as reason:
            reason.add_note(f"tinylstm was compiling {written(dispatcher)}. {way_out(str(reason))}")
            raise
        finally:
            give_all_back()


def aside(function, *args):
    """Call a function in a thread of its own, for its effect, while the main one hears Ctrl-C.

    LLVM calls back where Python can only report that, and cannot be stopped. So a person is told,
    and what the handler of a signal raises is raised when the function has ended.
    """
    if threading.current_thread() is not threading.main_thread() or is_importing():
        return function(*args)
    outcome, begin, running = [], threading.Lock(), threading.Lock()

    def run():
        begin.acquire()
        try:
            outcome.append(function(*args))
        except BaseException as reason:
            outcome.append(reason)
        running.release()

    begin.acquire()
    running.acquire()
    try:
        threading.Thread(target=run, daemon=True).start()  # Ctrl-C here: it does not begin
    except RuntimeError:  # there can be no further one
        return function(*args)
    heard, told = None, False
    while not outcome:
        try:
            if begin.locked():
                begin.release()
            if heard is not None and not told:
                told = True
                tell("\ntinylstm stops after this kernel, which takes some seconds ...")
            running.acquire(timeout=0.1)  # Windows hears nothing meanwhile
        except BaseException as reason:
            heard = reason
    for reason in (heard, *outcome):
        if isinstance(reason, BaseException):
            raise reason


def is_importing():
    """Whether a module is on its way, for which another thread would wait: Numba looks it up."""
    specs = [getattr(module, "__spec__", None) for module in list(sys.modules.values())]
    return any(getattr(spec, "_initializing", False) for spec in specs)


if COMPILED:

    def address_of(dispatcher, signature):
        """Address of the machine code of a kernel for a signature; compiles it where needed."""
        if signature.args not in dispatcher.overloads:
            compile_kernel(dispatcher, signature)
        result = dispatcher.overloads[signature.args]
        return result.library.get_pointer_to_function(result.fndesc.llvm_func_name)

    # The call is Numba's own, from native code to native code, without a detour by way of C's.
    def _caller(restype):
        @intrinsic
        def call(typingctx, address, args):
            def codegen(context, builder, signature, values):
                argtypes = signature.args[1].types
                fntype = context.call_conv.get_function_type(restype, argtypes)
                pointer = builder.inttoptr(values[0], fntype.as_pointer())
                arguments = cgutils.unpack_tuple(builder, values[1])
                status, result = context.call_conv.call_function(
                    builder, pointer, restype, argtypes, arguments
                )
                with builder.if_then(status.is_error, likely=False):
                    _print_exception(context, builder, status)
                return result

            return restype(types.intp, args), codegen

        return call

    def _print_exception(context, builder, status):
        """What a kernel raises nobody can catch: Python says so."""
        python = context.get_python_api(builder)
        lock = python.gil_ensure()
        context.call_conv.raise_error(builder, python, status)
        where = python.string_from_string(context.insert_const_string(builder.module, "a kernel"))
        python.err_write_unraisable(where)
        python.decref(where)
        python.gil_release(lock)

    call = _caller(types.none)  # call(address, args): run the kernel at an address
    call_value = _caller(types.float64)  # the same for a kernel that returns a number

    @intrinsic
    def view(typingctx, vector, offset, shape):
        """``vector[offset:offset + prod(shape)].reshape(shape)``, without counting references.

        Of a matrix offset counts numbers from its first one.
        """
        result = types.Array(vector.dtype, len(shape), "C")

        def codegen(context, builder, signature, values):
            source = context.make_array(signature.args[0])(context, builder, values[0])
            lengths = cgutils.unpack_tuple(builder, values[2])
            itemsize = context.get_constant(
                types.intp, context.get_abi_sizeof(context.get_data_type(vector.dtype))
            )
            strides, stride = [], itemsize
            for length in reversed(lengths):
                strides.insert(0, stride)
                stride = builder.mul(stride, length)
            array = context.make_array(result)(context, builder)
            arrayobj.populate_array(
                array,
                data=builder.gep(source.data, [values[1]]),
                shape=lengths,
                strides=strides,
                itemsize=itemsize,
                meminfo=None,
            )
            return array._getvalue()

        shape_type = types.UniTuple(types.intp, len(shape))
        return result(vector, types.intp, shape_type), codegen

    def planes(count):
        """The function that sees so many vectors of one length in another, so far apart: a tuple.

        ``planes(2)(vector, offset, apart, n)`` is ``(vector[offset : offset + n], vector[offset +
        apart : offset + apart + n])``.
        """

        @intrinsic
        def views(typingctx, vector, offset, apart, n):
            one = types.Array(vector.dtype, 1, "C")

            def codegen(context, builder, signature, values):
                source = context.make_array(signature.args[0])(context, builder, values[0])
                itemsize = context.get_constant(
                    types.intp, context.get_abi_sizeof(context.get_data_type(vector.dtype))
                )
                found, place = [], values[1]
                for _ in range(count):
                    array = context.make_array(one)(context, builder)
                    arrayobj.populate_array(
                        array,
                        data=builder.gep(source.data, [place]),
                        shape=[values[3]],
                        strides=[itemsize],
                        itemsize=itemsize,
                        meminfo=None,
                    )
                    found.append(array._getvalue())
                    place = builder.add(place, values[2])
                return context.make_tuple(builder, signature.return_type, found)

            return types.UniTuple(one, count)(vector, types.intp, types.intp, types.intp), codegen

        return views

    def chosen(places):
        """The function that chooses the elements of a tuple that stand at these places."""

        @intrinsic
        def choose(typingctx, given):
            result = types.Tuple([given.types[k] for k in places])

            def codegen(context, builder, signature, values):
                found = cgutils.unpack_tuple(builder, values[0])
                found = [found[k] for k in places]
                return context.make_tuple(builder, signature.return_type, found)

            return result(given), codegen

        return choose

    @intrinsic
    def array_at(typingctx, address, length, dtype):
        """The vector of that dtype and length at an address of the process's memory."""
        result = types.Array(dtype.dtype, 1, "C")

        def codegen(context, builder, signature, values):
            data_type = context.get_data_type(result.dtype)
            itemsize = context.get_constant(types.intp, context.get_abi_sizeof(data_type))
            array = context.make_array(result)(context, builder)
            arrayobj.populate_array(
                array,
                data=builder.inttoptr(values[0], data_type.as_pointer()),
                shape=[values[1]],
                strides=[itemsize],
                itemsize=itemsize,
                meminfo=None,
            )
            return array._getvalue()

        return result(types.intp, types.intp, dtype), codegen

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
    FUNCTIONS = []  # a kernel's "address" is its place in this list

    def address_of(function, signature):
        """Number of a function under which `call` finds it."""
        if function not in FUNCTIONS:
            FUNCTIONS.append(function)
        return FUNCTIONS.index(function)

    def call(address, args):
        """Run the function with that number."""
        return FUNCTIONS[address](*args)

    call_value = call

    def view(vector, offset, shape):
        """Some numbers of an array, seen as an array of that shape."""
        size = 1
        for length in shape:
            size *= length
        return vector.reshape(-1)[offset : offset + size].reshape(shape)

    def planes(count):
        """The function that sees so many vectors of one length in another, so far apart."""

        def views(vector, offset, apart, n):
            places = (offset + k * apart for k in range(count))
            return tuple(vector[place : place + n] for place in places)

        return views

    def chosen(places):
        """The function that chooses the elements of a tuple that stand at these places."""
        return lambda given: tuple(given[k] for k in places)

    def array_at(address, length, dtype):
        """The vector of that dtype and length at an address of the process's memory."""
        memory = (ctypes.c_char * (int(length) * dtype.itemsize)).from_address(int(address))
        vector = np.frombuffer(memory, dtype, length)
        return vector if dtype.names is None else vector.view(np.recarray)

    def prefer_wide_registers():
        """NumPy chooses its own."""

    def float_mode():
        """Python's arithmetic has no control word."""
        return 0

    def set_float_mode(mode):
        """Nothing to set."""
