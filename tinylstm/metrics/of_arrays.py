"""A metric that is a function of arrays."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ..surface.callables import name_of, need_arguments
from ..surface.errors import mismatch, snake_case
from ..surface.types import Array
from .metric import Metric


class OfArrays(Metric):
    """A function of arrays, ``f(y_true, y_pred)``: a number for each target, or one for a batch.

    It is called between batches, for each batch; see ``call_functions`` in ``engine/runs.py``.
    """

    sparse = rises = None
    kernel: Any = None
    sums = 2  # of its values, and how many there were
    option = np.zeros(0)

    def __init__(self, function: Callable[..., Any], name: str | None = None) -> None:
        need_arguments(function, ("y_true", "y_pred"), "A metric")
        made = "".join(letter for letter in name_of(function) if letter.isalnum() or letter == "_")
        self.function, self.name = function, snake_case(made) if name is None else name

    def result(self, sums: Array, valid: Array) -> Array:
        return sums[:, 0] / sums[:, 1]

    def of_batch(self, y_true: Array, y_pred: Array) -> tuple[Any, Any]:
        """Its two sums over a batch, or a part of it: arrays with as many rows.

        Raises
        ------
        ValueError
            If the function gives neither a number nor numbers for each target.
        """
        values = np.asarray(self.function(y_true, y_pred))
        rows = y_pred.shape[:-1]
        fits = values.dtype.kind in "fiub" and values.shape[: len(rows)] in ((), rows)
        if not fits:
            raise mismatch(
                f"The metric {self.name} gives no number.",
                f"one, or an array of shape {rows}, a number for each target",
                f"{values.dtype} of shape {values.shape}",
            )
        if values.ndim == 0:
            return float(values), 1
        count = len(values.reshape(-1)) / np.prod(values.shape[len(rows) :])
        return float(values.mean(dtype=np.float64)) * count, count
