"""Metrics by name: means over the targets of a batch or an epoch."""

from .kernels.training import losses as kernels
from .surface.arguments import find
from .surface.errors import mismatch

METRICS = {
    "sparse_categorical_accuracy": kernels.sparse_categorical_accuracy,
    "categorical_accuracy": kernels.categorical_accuracy,
    "binary_accuracy": kernels.binary_accuracy,
    "mse": kernels.squared_errors,
    "mean_squared_error": kernels.squared_errors,
    "mae": kernels.absolute_errors,
    "mean_absolute_error": kernels.absolute_errors,
    "accuracy": None,  # one of the three accuracies: by the widths of output and targets
    "acc": None,
}


SPARSE = ("sparse_categorical_accuracy", "accuracy", "acc")  # for classes by number


def get(name, units, sparse):
    """Kernel of a metric for outputs of that many units; sparse: the targets are class numbers.

    Raises
    ------
    ValueError
        If the metric is unknown, or takes other targets than the loss.
    """
    kernel = find(METRICS, name, "metric")
    if kernel is None:
        name = "binary_accuracy" if units == 1 else "categorical_accuracy"
        name = "sparse_categorical_accuracy" if sparse else name
    if sparse != (name == "sparse_categorical_accuracy"):
        raise mismatch(
            f"The metric {name} takes other targets than the loss.",
            ", ".join(SPARSE) if sparse else "sparse_categorical_crossentropy as the loss",
            name,
        )
    return METRICS[name]
