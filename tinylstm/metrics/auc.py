"""The area under a curve of which each threshold is a point."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Literal

import numpy as np

from ..kernels.training import metrics as of_sums
from ..kernels.training.losses import EPSILON
from ..surface.arguments import as_list, finite_number, known, whole_number
from ..surface.types import Array
from .metric import Metric

CURVES = "ROC", "PR"
SUMMATIONS: dict[str, Any] = {
    "interpolation": lambda a, b: (a + b) / 2,
    "minoring": np.minimum,
    "majoring": np.maximum,
}


class AUC(Metric):
    """Area under the curve of true positives over false ones, or of precision over recall.

    Outputs count as positive above a threshold, targets where they are not 0; each output of a
    target counts. The curve has a point for each threshold, so the area is an approximation.

    Parameters
    ----------
    num_thresholds : int, default=200
        Evenly spaced from 0 to 1, the ends just outside.
    curve : {"ROC", "PR"}
    summation_method : {"interpolation", "minoring", "majoring"}
        Between two points: the mean of both heights, for "PR" the area under an interpolated curve;
        the lower one; the higher one.
    name : str, default="auc"
    thresholds : sequence of float, optional
        In the place of those evenly spaced; the two ends come to them.

    Source: ``keras.metrics.AUC``; J. Davis and M. Goadrich, 2006, for the interpolation.
    """

    def __init__(
        self,
        num_thresholds: int = 200,
        curve: Literal["ROC", "PR"] = "ROC",
        summation_method: Literal["interpolation", "minoring", "majoring"] = "interpolation",
        name: str = "auc",
        thresholds: Iterable[float] | None = None,
    ) -> None:
        self.curve = known(CURVES, curve, "curve")
        self.summation_method = known(SUMMATIONS, summation_method, "summation_method")
        if thresholds is None:
            n = whole_number(num_thresholds, "num_thresholds", least=2)
            kernel, option = of_sums.evenly_binned, [n]
        else:
            given = as_list(thresholds, "thresholds")
            inner = sorted(finite_number(one, "A threshold") for one in given)
            n, kernel = len(inner) + 2, of_sums.binned
            option = [-EPSILON, *inner, 1 + EPSILON]
            if n > 2 and np.allclose([0, *inner, 1], np.linspace(0, 1, n), atol=EPSILON):
                kernel, option = of_sums.evenly_binned, [n]
        super().__init__(name, kernel, 2 * (n + 1), option, sparse=False, rises=True)

    def result(self, sums: Array, valid: Array) -> Array:
        positives, negatives = np.split(sums, 2, axis=1)
        true, false = above(positives), above(negatives)  # positives at each threshold
        missed = positives.sum(axis=1, keepdims=True) - true
        if (self.curve, self.summation_method) == ("PR", "interpolation"):
            return interpolated(true, false, missed)
        recall = share(true, true + missed)
        if self.curve == "ROC":
            x, y = share(false, negatives.sum(axis=1, keepdims=True)), recall
        else:
            x, y = recall, share(true, true + false)
        heights = SUMMATIONS[self.summation_method](y[:, :-1], y[:, 1:])
        return np.sum((x[:, :-1] - x[:, 1:]) * heights, axis=1)


def above(counts):
    """Of counts by how many thresholds lie below: how many lie above each threshold."""
    return counts[:, :0:-1].cumsum(axis=1)[:, ::-1]


def share(part, whole):
    """The quotient, 0 where the whole is 0."""
    return np.divide(part, whole, out=np.zeros(np.broadcast(part, whole).shape), where=whole != 0)


def interpolated(true, false, missed):
    """Area under precision over recall, true and false positives linear between two thresholds.

    With slope = dTP / dP of P = TP + FP: slope (dTP + (TP - slope P) log(P_a / P_b)) over all
    positives.
    """
    both = true + false
    gained = true[:, :-1] - true[:, 1:]
    slope = share(gained, both[:, :-1] - both[:, 1:])
    at_zero = true[:, 1:] - slope * both[:, 1:]
    ratio = np.where((both[:, :-1] > 0) & (both[:, 1:] > 0), share(both[:, :-1], both[:, 1:]), 1)
    area = slope * (gained + at_zero * np.log(ratio))
    return share(area, true[:, 1:] + missed[:, 1:]).sum(axis=1)
