"""Values that reach nothing further, as texts that are the same in every process."""

from enum import Enum

import numpy as np
from llvmlite import ir
from numba.core import types

PLAIN = {type(None), bool, int, float, complex, str, bytes, type(...), range}
LARGE = 2**20  # bytes: of a larger array Numba takes the address, and not the content


def text_of(value):
    """A number, a text, an array or a type as a text; None where it is something else.

    1, 1.0 and True are three values, and so are 0.0 and -0.0.
    """
    kind = type(value)
    if kind in PLAIN:
        return f"{kind.__name__} {value!r}"
    if isinstance(value, np.generic):
        return f"{value.dtype!r} {value.tobytes().hex()}"
    if isinstance(value, np.dtype):
        return repr(value)
    if isinstance(value, np.ndarray) and value.nbytes <= LARGE and not value.dtype.hasobject:
        layout = value.shape, value.strides, value.flags.writeable, value.flags.aligned
        return f"{kind.__name__} {value.dtype!r} {layout} {value.tobytes().hex()}"
    if isinstance(value, Enum):
        return f"{kind.__module__}.{kind.__qualname__} {value.name} {text_of(value.value)}"
    if isinstance(value, types.Type | ir.Type | ir.Constant):
        text = f"{kind.__name__} {value}"
        return None if " at 0x" in text else text
    return None
