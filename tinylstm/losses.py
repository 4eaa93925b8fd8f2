"""Losses by name: which kernel computes one, and what its targets must look like."""

import numpy as np

from .kernels.training import losses as kernels
from .layers.activation import Activation
from .surface.arguments import find
from .surface.errors import mismatch


class Loss:
    """A loss.

    Parameters
    ----------
    name : str
    kernel : kernel
        Reads the model's output.
    fused : dict
        Kernels that read pre-activations instead, by the output layer's activation: safe for
        values of any size.
    check : callable
        Checks the targets (N, T, K).
    sparse : bool
        The targets are classes by number.
    reads_output : bool
        It takes none of the fused kernels: see `of_outputs`.
    """

    signature = staticmethod(kernels.loss_signature)

    def __init__(
        self,
        name,
        kernel,
        fused=None,
        check=lambda target: None,
        sparse=False,
        reads_output=False,
    ):
        self.name, self.kernel, self.fused, self.check = name, kernel, fused or {}, check
        self.sparse, self.reads_output = sparse, reads_output

    def __repr__(self):
        return f"<loss {self.name}>"

    def __reduce__(self):
        return of_outputs if self.reads_output else get, (self.name,)

    def classes(self, units):
        """Classes that so many outputs tell apart; None where one output is any number."""
        if units > 1 or self.sparse:
            return units
        return 2 if self.check is check_shares else None

    def kernel_for(self, layers):
        """The kernel for a chain of layers, and whether it takes the last one's place."""
        last = layers[-1]
        fuses = isinstance(last, Activation) and not self.reads_output
        fused = self.fused.get(last.activation) if fuses else None
        return (fused, True) if fused is not None and len(layers) > 1 else (self.kernel, False)


def check_classes(target):
    """Refuse rows that are not a distribution over the classes (one-hot rows are)."""
    sums = target.sum(axis=-1)
    if target.min() < 0 or np.abs(sums - 1).max() > 1e-3:
        worst = int(np.abs(sums - 1).argmax())
        raise mismatch(
            "categorical_crossentropy takes a row of class probabilities for each target.",
            "rows that are not negative and sum to 1",
            f"smallest value {target.min():g}; row {worst} sums to {sums.reshape(-1)[worst]:g}",
        )


def check_shares(target):
    """Refuse targets outside [0, 1]."""
    if target.min() < 0 or target.max() > 1:
        raise mismatch(
            "binary_crossentropy takes a probability for each target.",
            "values from 0 to 1",
            f"values from {target.min():g} to {target.max():g}",
        )


LOSSES = {
    "mean_squared_error": Loss("mean_squared_error", kernels.mean_squared_error),
    "mean_absolute_error": Loss("mean_absolute_error", kernels.mean_absolute_error),
    "binary_crossentropy": Loss(
        "binary_crossentropy",
        kernels.binary_crossentropy,
        {"sigmoid": kernels.sigmoid_crossentropy},
        check_shares,
    ),
    "categorical_crossentropy": Loss(
        "categorical_crossentropy",
        kernels.categorical_crossentropy,
        {"softmax": kernels.softmax_crossentropy},
        check_classes,
    ),
    "sparse_categorical_crossentropy": Loss(
        "sparse_categorical_crossentropy",
        kernels.sparse_categorical_crossentropy,
        {"softmax": kernels.sparse_softmax_crossentropy},
        sparse=True,
    ),
}
LOSSES["mse"] = LOSSES["mean_squared_error"]
LOSSES["mae"] = LOSSES["mean_absolute_error"]


def of_outputs(name):
    """The loss of a name as one that always reads the output, whose ends are cut off."""
    loss = LOSSES[name]
    return Loss(loss.name, loss.kernel, loss.fused, loss.check, loss.sparse, reads_output=True)


def get(loss):
    """A loss by name."""
    return loss if isinstance(loss, Loss) else find(LOSSES, loss, "loss")
