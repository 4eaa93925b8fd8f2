"""Penalties on weights by name; the arithmetic is in ``kernels/training/regularizers.py``."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .data.arrays import flat_parameter, table
from .kernels import kinds
from .kernels.signatures import address_for
from .kernels.tables import MAX_OPTIONS, TENSOR
from .kernels.training import regularizers as kernels
from .optimizers import checked_rate
from .surface.arguments import OWN, find, numbers
from .surface.callables import need_kernel, need_pair
from .surface.described import Described
from .surface.plain import know
from .surface.types import Kernel

KINDS = kinds.penalty, kinds.penalty_gradient  # of the two kernels of a penalty


class Regularizer(Described):
    """What a parameter adds to the loss: a pair of kernels, called by the compiled loop.

    A penalty of your own sets `kernels` and, where it has numbers, `option`; see
    ``docs/own_parts.md``. Called on an array, it returns what that costs.

    Attributes
    ----------
    kernels : tuple of kernel
        ``value(tensor, w)`` returns the penalty of w (n, m), of a vector (n, 1);
        ``gradient(tensor, w, dw)`` adds its gradient to dw.
    option : tuple of float
        Up to four numbers, ``tensor.option[k]`` in the kernels.

    Source: as ``keras.regularizers.Regularizer``.
    """

    kernels: tuple[Kernel, ...] = ()
    option: tuple[float, ...] = ()

    def __init__(self) -> None:
        kind, page = type(self), OWN["regularizer"]
        need_pair(self.kernels, "(value, gradient)", kind, page)
        for kernel, one, place in zip(self.kernels, KINDS, ("first", "second"), strict=True):
            need_kernel(kernel, one, f"The {place} kernel of {kind.__name__}", page)

    def __call__(self, w: ArrayLike) -> float:
        vector, shape = flat_parameter(w)
        address_for(vector.dtype, kernels.penalty_of_all)
        return kernels.penalty_of_all(vector, rows_of([(self, 0, shape)], vector.dtype))


class L1L2(Regularizer):
    """l1 sum |w| + l2 sum w^2, added to the loss.

    Parameters
    ----------
    l1, l2 : float, default=0
        Finite and not negative.

    Raises
    ------
    ValueError
        If they are not.

    Source: as ``keras.regularizers.L1L2``.
    """

    def __init__(
        self, l1: float = 0.0, l2: float = 0.0
    ) -> None:  # its arithmetic needs no kernels of its own
        self.l1, self.l2 = checked_rate("l1", l1), checked_rate("l2", l2)

    @property
    def option(self) -> tuple[float, ...]:
        return (self.l1, self.l2)

    def __repr__(self) -> str:
        return f"L1L2(l1={self.l1}, l2={self.l2})"


know(L1L2)


def l1(l1: float = 0.01) -> L1L2:
    """The penalty l1 sum |w|."""
    return L1L2(l1=l1)


def l2(l2: float = 0.01) -> L1L2:
    """The penalty l2 sum w^2."""
    return L1L2(l2=l2)


def l1_l2(l1: float = 0.01, l2: float = 0.01) -> L1L2:
    """The penalty l1 sum |w| + l2 sum w^2."""
    return L1L2(l1=l1, l2=l2)


L1, L2 = l1, l2
REGULARIZERS = {"l1": l1, "l2": l2, "l1_l2": l1_l2, "L1": L1, "L2": L2, "L1L2": L1L2}
RegularizerLike = str | Regularizer | type[Regularizer] | None


def get(regularizer: RegularizerLike) -> Regularizer | None:
    """A penalty by name, the one that was given, or None; of a class, one with its defaults."""
    if regularizer is None or isinstance(regularizer, Regularizer):
        return regularizer
    if isinstance(regularizer, type) and issubclass(regularizer, Regularizer):
        return regularizer()
    return find(REGULARIZERS, regularizer, "regularizer")()


def rows_of(
    found: Sequence[tuple[Regularizer, int, tuple[int, ...]]], dtype: np.dtype[Any]
) -> NDArray[Any]:
    """The table of the compiled loop for (penalty, place in theta, shape) of some parameters."""
    rows = table(TENSOR, len(found))
    for k, (penalty, start, shape) in enumerate(found):
        own = map(partial(address_for, dtype), penalty.kernels, KINDS)
        addresses = own if penalty.kernels else (0, 0)
        option = numbers(penalty.option, f"option of {penalty}", MAX_OPTIONS)
        rows[k] = (start, 1, shape[0], math.prod(shape[1:]), *addresses, option)
    return rows
