"""Settings of the process: the default dtype, and where seeds come from."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import numpy as np
from numpy.typing import DTypeLike

from .surface.arguments import whole_number
from .surface.errors import mismatch

FLOATS = np.dtype(np.float32), np.dtype(np.float64)

_floatx = FLOATS[0]
_seeds = None
_none_drawn = ContextVar("none_drawn", default=False)


def floatx() -> str:
    """Name of the dtype of models that name none: "float32" or "float64"."""
    return _floatx.name


def set_floatx(dtype: DTypeLike) -> None:
    """Set the dtype of models that name none.

    Raises
    ------
    ValueError
        If it is neither float32 nor float64.
    """
    global _floatx
    _floatx = known_float(dtype)


def float_dtype(dtype: DTypeLike | None) -> np.dtype[Any]:
    """A dtype from its name, or the default from None."""
    return _floatx if dtype is None else known_float(dtype)


def known_float(dtype: DTypeLike) -> np.dtype[Any]:
    """A dtype from its name; only float32 and float64 are known."""
    named = named_dtype(dtype)
    if named is None or named not in FLOATS:
        raise mismatch("This dtype is not supported.", "'float32' or 'float64'", repr(dtype))
    return named


def named_dtype(dtype: DTypeLike | None) -> np.dtype[Any] | None:
    """NumPy's dtype of a name, or None where there is none.

    None itself names none, though NumPy takes it for float64, even in ``==`` and ``in``.
    """
    try:
        return None if dtype is None else np.dtype(dtype)
    except (TypeError, ValueError, SyntaxError):  # whatever it makes of other words and objects
        return None


def set_random_seed(seed: int) -> None:
    """Make everything that follows repeat bit for bit: weights, shuffling, dropout.

    A model draws its seed with its first layer, so a later call changes nothing of it.

    Parameters
    ----------
    seed : int
        Not negative.
    """
    global _seeds
    _seeds = np.random.default_rng(whole_number(seed, "seed", least=0))


@contextmanager
def no_seeds() -> Iterator[None]:
    """A block in which no seed is drawn: the models that it makes are given theirs."""
    token = _none_drawn.set(True)
    try:
        yield
    finally:
        _none_drawn.reset(token)


def new_seed() -> int:
    """A seed for what is drawn, as each model takes one: from `set_random_seed`, or from NumPy's
    global state where that was not called, so that ``numpy.random.seed`` at the top of a script
    makes it repeat."""
    if _none_drawn.get():
        return 0
    if _seeds is None:
        return int(np.random.randint(0, 2**31 - 1))  # noqa: NPY002
    return int(_seeds.integers(2**31 - 1))
