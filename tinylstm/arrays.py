"""Arrays that compiled code reads and writes."""

import numpy as np

from .kernels.compiler import COMPILED

ALIGNMENT = 16  # elements: a cache line of float32


def aligned(size, dtype):
    """A vector of zeros that begins with a cache line: a vector register is read in one access."""
    line = ALIGNMENT * 4
    room = np.zeros(size + ALIGNMENT, dtype)
    first = -room.ctypes.data % line // room.itemsize
    return room[first : first + size]


def table(dtype, rows):
    """An array of records: structured for compiled code, with attributes where it is Python."""
    array = np.zeros(rows, dtype)
    return array if COMPILED else array.view(np.recarray)
