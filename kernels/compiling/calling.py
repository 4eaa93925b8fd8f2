"""How compiled code calls a kernel: by its address, from native code to native code.

Without compilation a kernel's address is its number in a list, and the call one of Python's.
"""

from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

from .aside import compile_kernel
from .decorators import COMPILED

if COMPILED:

    def address_of(dispatcher, signature):
        """Address of the machine code of a kernel for a signature; compiles it where needed."""
        if signature.args not in dispatcher.overloads:
            compile_kernel(dispatcher, signature)
        result = dispatcher.overloads[signature.args]
        return result.library.get_pointer_to_function(result.fndesc.llvm_func_name)

    # The call is Numba's own, without a detour by way of C's.
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
