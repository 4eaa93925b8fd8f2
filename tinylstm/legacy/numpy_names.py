"""Names that NumPy had when old scripts were written, and has no more."""

from contextlib import contextmanager

import numpy as np

GONE = {  # with 1.24, then with 2.0 and later
    "bool": bool,
    "int": int,
    "float": float,
    "complex": complex,
    "object": object,
    "str": str,
    "float_": np.float64,
    "complex_": np.complex128,
    "unicode_": np.str_,
    "string_": np.bytes_,
    "Inf": np.inf,
    "Infinity": np.inf,
    "infty": np.inf,
    "PINF": np.inf,
    "NINF": -np.inf,
    "NaN": np.nan,
    "asscalar": lambda a: a.item(),
    "asfarray": lambda a, dtype=float: np.asarray(a, dtype),
    "rank": np.ndim,
    "product": np.prod,
    "cumproduct": np.cumprod,
    "alltrue": np.all,
    "sometrue": np.any,
    "in1d": np.isin,
    "round_": np.round,
    "trapz": np.trapezoid,
    "mat": np.asmatrix,
    "msort": lambda a: np.sort(a, axis=0),
}


@contextmanager
def old_numpy():
    """``np.int``, ``np.float`` and their kind, where this NumPy has none; they go afterwards."""
    given = {name: value for name, value in GONE.items() if name not in vars(np)}
    vars(np).update(given)
    try:
        yield
    finally:
        for name in given:
            vars(np).pop(name, None)
