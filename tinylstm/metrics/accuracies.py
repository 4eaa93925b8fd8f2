"""Shares of targets that are right."""

from __future__ import annotations

from ..kernels.training import losses as kernels
from ..kernels.training import metrics as of_sums
from ..surface.arguments import whole_number
from .metric import Metric

BINARY = Metric("binary_accuracy", kernels.binary_accuracy, sparse=False, rises=True)
CATEGORICAL = Metric("categorical_accuracy", kernels.categorical_accuracy, sparse=False, rises=True)
BY_NUMBER = Metric(
    "sparse_categorical_accuracy", kernels.sparse_categorical_accuracy, sparse=True, rises=True
)


class Accuracy(Metric):
    """One of the three accuracies: by the widths of output and targets."""

    def __init__(self, name: str) -> None:
        super().__init__(name, kernels.categorical_accuracy, rises=True)

    def for_outputs(self, units: int, sparse: bool) -> Metric:
        of_rows = BINARY if units == 1 else CATEGORICAL
        return (BY_NUMBER if sparse else of_rows).named(self.name)


class TopKCategoricalAccuracy(Metric):
    """The share of targets whose class is among the k largest outputs.

    Parameters
    ----------
    k : int, default=5
    name : str, default="top_k_categorical_accuracy"

    Source: ``keras.metrics.TopKCategoricalAccuracy``; equal outputs share the better place.
    """

    def __init__(self, k: int = 5, name: str = "top_k_categorical_accuracy") -> None:
        option = [whole_number(k, "k")]
        super().__init__(name, of_sums.top_k, 1, option, sparse=False, rises=True)


class SparseTopKCategoricalAccuracy(Metric):
    """The same for classes by number.

    Parameters
    ----------
    k : int, default=5
    name : str, default="sparse_top_k_categorical_accuracy"

    Source: ``keras.metrics.SparseTopKCategoricalAccuracy``.
    """

    def __init__(self, k: int = 5, name: str = "sparse_top_k_categorical_accuracy") -> None:
        option = [whole_number(k, "k")]
        super().__init__(name, of_sums.sparse_top_k, 1, option, sparse=True, rises=True)
