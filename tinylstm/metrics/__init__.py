"""Metrics: numbers that are summed up over the targets of an epoch, and what the sums amount to.

A mean needs one sum, an area under a curve some hundreds. The compiled loop adds them up over
batches and threads, so that a metric is that of all targets whatever the size of a batch. Masked
targets do not count, weights do not enter. `docs/own_loss.md` writes one of one's own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from ..kernels.compiling import is_kernel
from ..kernels.training import losses as kernels
from ..surface.arguments import find, listed
from ..surface.callables import name_of, names_taken
from ..surface.errors import is_of_keras
from ..surface.plain import know, plain, reference
from ..surface.types import Array
from .accuracies import (
    BINARY,
    BY_NUMBER,
    CATEGORICAL,
    Accuracy,
)
from .accuracies import SparseTopKCategoricalAccuracy as SparseTopKCategoricalAccuracy
from .accuracies import TopKCategoricalAccuracy as TopKCategoricalAccuracy
from .auc import AUC as AUC
from .metric import Metric as Metric
from .of_arrays import OfArrays

METRICS = {
    "sparse_categorical_accuracy": BY_NUMBER,
    "categorical_accuracy": CATEGORICAL,
    "binary_accuracy": BINARY,
    "mse": Metric("mse", kernels.squared_errors, sparse=False, rises=False),
    "mae": Metric("mae", kernels.absolute_errors, sparse=False, rises=False),
    "accuracy": Accuracy("accuracy"),
    "acc": Accuracy("acc"),
    "top_k_categorical_accuracy": TopKCategoricalAccuracy(),
    "sparse_top_k_categorical_accuracy": SparseTopKCategoricalAccuracy(),
    "auc": AUC(),
}
METRICS["mean_squared_error"] = METRICS["mse"].named("mean_squared_error")
METRICS["mean_absolute_error"] = METRICS["mae"].named("mean_absolute_error")
MetricLike = str | Metric | type[Metric] | Callable[..., Any]


def get(metric: MetricLike) -> Metric:
    """A metric by its name, as an object, a kernel of one's own, or a function of arrays.

    Raises
    ------
    ValueError, TypeError
        If the name is unknown, or a function takes other arguments.
    """
    if isinstance(metric, Metric):
        return metric
    if isinstance(metric, type) and issubclass(metric, Metric):
        return metric()  # type: ignore[call-arg]
    if isinstance(metric, type) or not callable(metric) or is_of_keras(metric):
        return find(METRICS, metric, "metric")
    if metric in FUNCTIONS:
        return METRICS[FUNCTIONS[metric]]
    if is_kernel(metric) and len(names_taken(metric)) != 2:
        return Metric(name_of(metric), metric)
    return OfArrays(metric)


def metrics_of(given: Any) -> list[Metric]:
    """The metrics of a list, or a single one, as objects."""
    alone = isinstance(given, str) or callable(given)
    return [get(one) for one in ([given] if alone else listed(given, "metrics"))]


def described(metric: Metric) -> Any:
    """What stands for a metric in files: its name, or its class with the arguments."""
    if METRICS.get(metric.name) is metric:
        return metric.name
    return reference(metric.name, metric) if type(metric) is Metric else plain(metric)


know(Metric, OfArrays, Accuracy, TopKCategoricalAccuracy, SparseTopKCategoricalAccuracy, AUC)


def distinct_names(metrics: Iterable[Metric]) -> list[str]:
    """Their names in the logs; of those that are alike, or "loss", the later ones get numbers.

    Source: ``CompileMetrics.result`` of Keras.
    """
    counts, names = {"loss": 1}, []
    for metric in metrics:
        count = counts.get(metric.name, 0)
        names.append(f"{metric.name}_{count}" if count else metric.name)
        counts[metric.name] = count + 1
    return names


def mean_squared_error(y_true: ArrayLike, y_pred: ArrayLike) -> Array:
    """mean_k of (y_k - t_k)^2, a number for each target: see `Metric.rows`."""
    return METRICS["mse"].rows(y_true, y_pred)


def mean_absolute_error(y_true: ArrayLike, y_pred: ArrayLike) -> Array:
    """mean_k of abs(y_k - t_k), a number for each target."""
    return METRICS["mae"].rows(y_true, y_pred)


def binary_accuracy(y_true: ArrayLike, y_pred: ArrayLike) -> Array:
    """1 for each output that is on its target's side of 0.5, else 0.  (..., K) as the arrays."""
    y_true, y_pred = np.asarray(y_true), np.asarray(y_pred)
    y_true = y_true[..., None] if y_true.ndim < y_pred.ndim else y_true
    return METRICS["binary_accuracy"].rows(y_true[..., None], y_pred[..., None])


def categorical_accuracy(y_true: ArrayLike, y_pred: ArrayLike) -> Array:
    """1 for each target whose largest output is at its largest entry, else 0."""
    return METRICS["categorical_accuracy"].rows(y_true, y_pred)


def sparse_categorical_accuracy(y_true: ArrayLike, y_pred: ArrayLike) -> Array:
    """1 for each target whose largest output is its class, else 0."""
    return METRICS["sparse_categorical_accuracy"].rows(y_true, y_pred)


def top_k_categorical_accuracy(y_true: ArrayLike, y_pred: ArrayLike, k: int = 5) -> Array:
    """1 for each target whose class is among the k largest outputs, else 0."""
    return TopKCategoricalAccuracy(k).rows(y_true, y_pred)


def sparse_top_k_categorical_accuracy(y_true: ArrayLike, y_pred: ArrayLike, k: int = 5) -> Array:
    """The same for classes by number."""
    return SparseTopKCategoricalAccuracy(k).rows(y_true, y_pred)


mse, mae = mean_squared_error, mean_absolute_error
FUNCTIONS = {  # a function stands for its name
    globals()[name]: name for name in METRICS if name not in ("accuracy", "acc", "auc")
}
