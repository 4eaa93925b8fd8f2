"""Constraints on weights by name; the arithmetic is in ``kernels/training/constraints.py``."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .data.arrays import flat_parameter, table
from .kernels import kinds
from .kernels.signatures import address_for
from .kernels.tables import MAX_OPTIONS, TENSOR
from .kernels.training import constraints as kernels
from .surface.arguments import OWN, as_list, find, finite_number, numbers, whole_number
from .surface.callables import need_kernel
from .surface.described import Described
from .surface.errors import mismatch
from .surface.plain import know
from .surface.types import Array


class Constraint(Described):
    """What a parameter is after each update: a kernel that changes it, called by the compiled loop.

    A constraint of your own sets `kernel` and, where it has numbers, `option`; see
    ``docs/own_parts.md``. Called on an array, it returns the array as it would be after an update.

    Parameters
    ----------
    axis : int or list of int, optional
        Along which a norm is taken: 0, that of a kernel (D, K), for what each unit reads. None: of
        all numbers together. Several stand beside each other.

    Attributes
    ----------
    kernel : kernel
        ``(tensor, w)``: changes w (n, m) in place, whose columns lie along the axis.
    option : tuple of float
        Up to four numbers, ``tensor.option[k]`` in the kernel.

    Source: as ``keras.constraints.Constraint``.
    """

    kernel: Any = None
    option: tuple[float, ...] = ()

    def __init__(self, axis: int | Sequence[int] | None = 0) -> None:
        self.axis = axis if axis is None else checked_axes(axis)
        what = f"The kernel of {type(self).__name__}"
        need_kernel(type(self).kernel, kinds.constraint, what, OWN["constraint"])

    def __call__(self, w: ArrayLike) -> Array:
        vector, shape = flat_parameter(w)
        address_for(vector.dtype, kernels.apply_constraints)
        kernels.apply_constraints(vector, rows_of([(self, 0, shape)], vector.dtype))
        return vector.reshape(shape)

    def __repr__(self) -> str:
        numbers = {name: value for name, value in vars(self).items() if not name.startswith("_")}
        return f"{type(self).__name__}({', '.join(f'{k}={v}' for k, v in numbers.items())})"

    def matrices(self, shape: tuple[int, ...]) -> tuple[int, int, int]:
        """How a parameter of a shape is seen by the kernel: how many matrices, rows and columns.

        Raises
        ------
        ValueError
            If it has no such axis, or several that are not beside each other.
        """
        axes = range(len(shape)) if self.axis is None else self.axis
        found = sorted({axis % len(shape) for axis in axes if -len(shape) <= axis < len(shape)})
        if len(found) < len(axes) or [*range(found[0], found[-1] + 1)] != found:
            expected = f"axes of {tuple(shape)}, beside each other where they are several"
            raise mismatch("A constraint is along axes of its parameter.", expected, repr(self))
        first, last = found[0], found[-1] + 1
        return math.prod(shape[:first]), math.prod(shape[first:last]), math.prod(shape[last:])


def checked_axes(axis: int | Sequence[int]) -> tuple[int, ...]:
    """The numbers of the axes, as a tuple."""
    axes = as_list(axis, "axis") if isinstance(axis, list | tuple) else [axis]
    if not axes:
        raise mismatch("A norm is along an axis.", "an axis or several, or None", repr(axis))
    return tuple(whole_number(one, "axis", least=-8, most=7) for one in axes)


class MaxNorm(Constraint):
    """w = w min(|w|, max_value) / (|w| + 1e-7): no norm is above max_value.

    Parameters
    ----------
    max_value : float, default=2
        Not negative.
    axis : int or list of int, default=0
        See `Constraint`.

    Source: as ``keras.constraints.MaxNorm``; Srivastava et al. 2014.
    """

    kernel = kernels.max_norm

    def __init__(self, max_value: float = 2, axis: int | Sequence[int] | None = 0) -> None:
        super().__init__(axis)
        self.max_value = finite_number(max_value, "max_value", 0)

    @property
    def option(self) -> tuple[float, ...]:
        return (self.max_value,)


class NonNeg(Constraint):
    """w = max(w, 0).

    Source: as ``keras.constraints.NonNeg``.
    """

    kernel = kernels.non_negative

    def __init__(self) -> None:
        super().__init__()


class UnitNorm(Constraint):
    """w /= |w| + 1e-7: each norm is 1.

    Parameters
    ----------
    axis : int or list of int, default=0
        See `Constraint`.

    Source: as ``keras.constraints.UnitNorm``.
    """

    kernel = kernels.unit_norm


class MinMaxNorm(Constraint):
    """w = w (rate min(max(|w|, min_value), max_value) + (1 - rate) |w|) / (|w| + 1e-7).

    Parameters
    ----------
    min_value, max_value : float, default=0 and 1
        Not negative; the norm is to be between them.
    rate : float, default=1
        The share of its way there that it goes with each update.
    axis : int or list of int, default=0
        See `Constraint`.

    Source: as ``keras.constraints.MinMaxNorm``.
    """

    kernel = kernels.min_max_norm

    def __init__(
        self,
        min_value: float = 0.0,
        max_value: float = 1.0,
        rate: float = 1.0,
        axis: int | Sequence[int] | None = 0,
    ) -> None:
        super().__init__(axis)
        self.min_value = finite_number(min_value, "min_value", 0)
        self.max_value = finite_number(max_value, "max_value", self.min_value)
        self.rate = finite_number(rate, "rate", 0)

    @property
    def option(self) -> tuple[float, ...]:
        return (self.min_value, self.max_value, self.rate)


know(MaxNorm, NonNeg, UnitNorm, MinMaxNorm)
CONSTRAINTS = {
    "MaxNorm": MaxNorm,
    "NonNeg": NonNeg,
    "UnitNorm": UnitNorm,
    "MinMaxNorm": MinMaxNorm,
    "max_norm": MaxNorm,
    "non_neg": NonNeg,
    "unit_norm": UnitNorm,
    "min_max_norm": MinMaxNorm,
}
ConstraintLike = str | Constraint | type[Constraint] | None


def get(constraint: ConstraintLike) -> Constraint | None:
    """A constraint by name, the one that was given, or None; of a class, one with its defaults."""
    if constraint is None or isinstance(constraint, Constraint):
        return constraint
    if isinstance(constraint, type) and issubclass(constraint, Constraint):
        return constraint()
    return find(CONSTRAINTS, constraint, "constraint")()


def rows_of(
    found: Sequence[tuple[Constraint, int, tuple[int, ...]]], dtype: np.dtype[Any]
) -> NDArray[Any]:
    """The table of the compiled loop for (constraint, place in theta, shape) of some parameters."""
    rows = table(TENSOR, len(found))
    for k, (constraint, start, shape) in enumerate(found):
        blocks, n, m = constraint.matrices(shape)
        address = address_for(dtype, type(constraint).kernel, kinds.constraint)
        option = numbers(constraint.option, f"option of {constraint}", MAX_OPTIONS)
        rows[k] = (start, blocks, n, m, address, 0, option)
    return rows
