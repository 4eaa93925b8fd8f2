"""A metric: what it sums up over the targets of an epoch, and what the sums amount to."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Self

import numpy as np
from numpy.typing import ArrayLike

from ..data.rows import row_by_row
from ..kernels import kinds
from ..surface.arguments import OWN, as_list, checked_name, finite_number, whole_number
from ..surface.callables import need_kernel
from ..surface.copying import twin_of
from ..surface.described import Described
from ..surface.errors import mismatch
from ..surface.types import Array, Kernel

SPARSE = (  # for classes by number
    "sparse_categorical_accuracy",
    "accuracy",
    "acc",
    "sparse_top_k_categorical_accuracy",
)


def kind_for(sums):
    """That of the kernel of a metric with so many sums."""
    return kinds.metric_of_sums if sums else kinds.metric


class Metric(Described):
    """A metric: the mean over all targets of what a kernel sums up, unless a kind says otherwise.

    Parameters
    ----------
    name : str
        In the logs.
    kernel : kernel
        ``(y, target, valid)``: the sum over the rows of y (n, K) with valid (n) = 1. With `sums`
        ``(y, target, valid, option, sums)``, which adds to sums.
    sums : int, default=0
        How many numbers it adds up, 0 for one that it returns.
    option : sequence of float
        Its parameters, as ``option[0]`` ... of the kernel.
    sparse : bool, optional
        The targets are classes by number, or are not; by default it takes either.
    rises : bool, optional
        Whether it gets better by rising, for callbacks with mode="auto"; by default nobody knows.

    Raises
    ------
    TypeError
        If the kernel is none, or takes other arguments.
    """

    def __init__(
        self,
        name: str,
        kernel: Kernel,
        sums: int = 0,
        option: Iterable[float] = (),
        sparse: bool | None = None,
        rises: bool | None = None,
    ) -> None:
        self.name = checked_name(name, "A metric")
        self.sums = whole_number(sums, "sums", least=0)
        need_kernel(kernel, kind_for(sums), "The kernel of a metric", OWN["metric"])
        self.kernel, self.sparse, self.rises = kernel, sparse, rises
        numbers = as_list(option, "option")
        self.option = np.array([finite_number(one, "An option of a metric") for one in numbers])

    def __repr__(self) -> str:
        return f"<metric {self.name}>"

    @property
    def columns(self) -> int:
        """How many sums of an epoch are its."""
        return max(self.sums, 1)

    def _arguments(self):
        values = super()._arguments()
        return values | ({"name": self.name} if "name" in values else {})

    def named(self, name: str) -> Self:
        """The same under another name in the logs."""
        twin = twin_of(self)
        twin.name = name
        return twin

    def for_outputs(self, units: int, sparse: bool) -> Metric:
        """The metric for outputs of that many units; sparse: the targets are class numbers.

        Raises
        ------
        ValueError
            If it takes other targets than the loss.
        """
        if self.sparse not in (None, sparse):
            raise mismatch(
                f"The metric {self.name} takes other targets than the loss.",
                ", ".join(SPARSE) if sparse else "sparse_categorical_crossentropy as the loss",
                self.name,
            )
        return self

    def result(self, sums: Array, valid: Array) -> Array:
        """What the sums amount to.

        Parameters
        ----------
        sums : array (epochs, columns)
        valid : array (epochs,)
            Targets that count.

        Returns
        -------
        array (epochs,)
        """
        return sums[:, 0] / valid

    def rows(self, y_true: ArrayLike, y_pred: ArrayLike) -> Array:
        """What each target adds to the first sum.

        Parameters
        ----------
        y_true : array (..., K)
            Or (...), the numbers of classes.
        y_pred : array (..., K)

        Returns
        -------
        array (...)
        """

        def value_of(target, y):
            one = np.ones(1, y.dtype)
            if self.sums == 0:
                return self.kernel(y, target, one)
            sums = np.zeros(self.sums)
            self.kernel(y, target, one, self.option, sums)
            return sums[0]

        return row_by_row(value_of, y_true, y_pred, bool(self.sparse))
