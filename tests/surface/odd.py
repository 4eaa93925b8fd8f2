"""Values that an argument may be given by mistake, whatever it is for."""

import math

import numpy as np

from .use import New


def nothing():
    """A function that takes no arguments."""


NUMBERS = (0, -1, 2**31, 2**62, 2**63, 2**64, 10**30, True, 1.5, math.nan, math.inf, 1j)
OF_NUMPY = (np.float32("nan"), np.int64(-1), np.uint64(2**64 - 1), np.array([1, 2]), np.zeros(0))
WORDS = ("", "word", b"", b"x")
LISTS = ([], (), {}, [None], [[1], [1, 2]], New(lambda: iter([])))
OTHERS = (None, nothing, object, New(object))
ODD = (*NUMBERS, *OF_NUMPY, *WORDS, *LISTS, *OTHERS)
