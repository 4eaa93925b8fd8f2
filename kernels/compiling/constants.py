"""Values that reach nothing further, as texts that are the same in every process."""

from enum import Enum
from functools import cache

import numpy as np
from llvmlite import ir
from numba.core import types

PLAIN = {type(None), bool, int, float, complex, str, bytes, type(...), range}
LARGE = 2**20  # bytes: of a larger array Numba takes the address, and not the content


def text_of(value):
    """A number, a text, an array or a type as a text; None where it is something else.

    1, 1.0 and True are three values, and so are 0.0 and -0.0.
    """
    return writer_of(type(value))(value)


@cache
def writer_of(kind):
    """How values of a type become texts."""
    if kind in PLAIN:
        return lambda value: f"{kind.__name__} {value!r}"
    return next((WRITERS[one] for one in kind.__mro__ if one in WRITERS), lambda value: None)


def array(value):
    """Dtype, layout and content."""
    if value.nbytes > LARGE or value.dtype.hasobject:
        return None
    layout = value.shape, value.strides, value.flags.writeable, value.flags.aligned
    return f"{type(value).__name__} {value.dtype!r} {layout} {value.tobytes().hex()}"


def member(value):
    """Of an enumeration."""
    kind = type(value)
    return f"{kind.__module__}.{kind.__qualname__} {value.name} {text_of(value.value)}"


def type_or_constant(value):
    """Of Numba's or LLVM's; their texts are unique, but for an address that is in some."""
    text = f"{type(value).__name__} {value}"
    return None if " at 0x" in text else text


WRITERS = {
    np.generic: lambda value: f"{value.dtype!r} {value.tobytes().hex()}",
    np.dtype: repr,
    np.ndarray: array,
    Enum: member,
    **dict.fromkeys((types.Type, ir.Type, ir.Constant), type_or_constant),
}
