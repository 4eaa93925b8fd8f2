"""Arrays that compiled code reads and writes."""

import numpy as np

from ..kernels.compiling import COMPILED
from .gate import real_array

ALIGNMENT = 16  # elements: a cache line of float32
guard = None  # what makes all vectors in the guard mode of the tests: see ``tests/guards.py``


def zeros(size, dtype):
    """A vector of zeros."""
    return np.zeros(size, dtype) if guard is None else guard(size, dtype)


def aligned(size, dtype):
    """A vector of zeros that begins with a cache line: a vector register is read in one access."""
    if guard is not None:
        return guard(size, dtype)
    line = ALIGNMENT * 4
    room = np.zeros(size + line // np.dtype(dtype).itemsize, dtype)
    first = -room.ctypes.data % line // room.itemsize
    return room[first : first + size]


def copied(vector):
    """A copy of a vector, made as all of them are."""
    twin = aligned(len(vector), vector.dtype)
    twin[:] = vector
    return twin


def flat_parameter(w):
    """A parameter that a user gave, as a vector of its own, and its shape: what is not float32
    becomes float64."""
    dtype = np.float32 if getattr(w, "dtype", None) == np.float32 else np.float64
    w = real_array(w, dtype, "The parameter")
    return copied(w.reshape(-1)), w.shape


def table(dtype, rows):
    """An array of records: structured for compiled code, with attributes where it is Python."""
    array = zeros(rows, dtype)
    return array if COMPILED else array.view(np.recarray)
