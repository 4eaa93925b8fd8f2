"""Losses: which kernel computes one, what its targets must look like, and all by name.

A function, ``huber(y_true, y_pred)``, is one number for each target, of arrays. Where a loss is
chosen, in ``model.compile(loss=...)``, the function, its name and an object, ``Huber(delta=0.5)``,
are the same loss. `docs/own_loss.md` writes one of one's own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from .data.rows import row_by_row
from .kernels import kinds
from .kernels.training import losses as kernels
from .layers.activation import Activation
from .layers.layer import Layer
from .surface.arguments import OWN, as_list, find, finite_number
from .surface.callables import name_of, need_kernel
from .surface.described import Described
from .surface.errors import is_of_keras, mismatch
from .surface.plain import know, plain, reference
from .surface.types import Array, Kernel


def any_target(target: Array) -> None:
    """Nothing to refuse."""


class Loss(Described):
    """A loss: sum_r w_r l_r over the targets r of a batch, w_r = 1/n without further weights.

    Parameters
    ----------
    name : str
    kernel : kernel
        ``(z, target, weight, y, dz, option)``: reads the model's output z (n, K), returns the loss
        and writes its gradient dz (n, K).
    fused : dict
        Kernels that read pre-activations instead, by the output layer's activation: safe for
        values of any size.
    check : callable
        Checks the targets (N, T, K).
    sparse : bool
        The targets are classes by number.
    reads_output : bool
        It takes none of the fused kernels, whatever the output layer.
    option : sequence of float
        Its parameters, as ``option[0]`` ... of the kernel, which reads them anew for each batch.

    Attributes
    ----------
    option : array
        The parameters. What is written into it holds from the next compiled call on.

    Raises
    ------
    TypeError
        If the kernel is none, or takes other arguments.
    """

    def __init__(
        self,
        name: str,
        kernel: Kernel,
        fused: Mapping[str, Kernel] | None = None,
        check: Callable[[Array], object] = any_target,
        sparse: bool = False,
        reads_output: bool = False,
        option: Iterable[float] = (),
    ) -> None:
        for one in (kernel, *(fused or {}).values()):
            need_kernel(one, kinds.loss, "The kernel of a loss", OWN["loss"])
        self.name, self.kernel, self.fused, self.check = name, kernel, fused or {}, check
        self.sparse, self.reads_output = sparse, reads_output
        numbers = as_list(option, "option")
        self.option = np.array([finite_number(one, "An option of a loss") for one in numbers])

    def __repr__(self) -> str:
        option = f", option {', '.join(f'{one:g}' for one in self.option)}" * (len(self.option) > 0)
        return f"<loss {self.name}{option}>"

    def __reduce_ex__(self, protocol):
        if self is LOSSES.get(self.name):
            return get, (self.name,)
        return super().__reduce_ex__(protocol)

    def __call__(
        self, y_true: ArrayLike, y_pred: ArrayLike, sample_weight: ArrayLike | None = None
    ) -> float:
        """The mean of weight times `call` over the targets of arrays.

        Parameters
        ----------
        y_true, y_pred
            As in `call`.
        sample_weight : array, optional
            Of each target, or of each sample.

        Returns
        -------
        float
        """
        values = self.call(y_true, y_pred)
        weight = np.ones(()) if sample_weight is None else np.asarray(sample_weight, values.dtype)
        missing = values.ndim - weight.ndim
        return float(np.mean(values * weight.reshape(weight.shape + (1,) * missing)))

    def call(self, y_true: ArrayLike, y_pred: ArrayLike) -> Array:
        """The loss of each target.

        Parameters
        ----------
        y_true : array (..., K)
            Or (...), the numbers of classes.
        y_pred : array (..., K)
            Outputs.

        Returns
        -------
        array (...)
        """

        def value_of(target, y):
            return self.kernel(y, target, np.ones(1, y.dtype), y, np.empty_like(y), self.option)

        return row_by_row(value_of, y_true, y_pred, self.sparse)

    def classes(self, units: int) -> int | None:
        """Classes that so many outputs tell apart; None where one output is any number."""
        if units > 1 or self.sparse:
            return units
        return 2 if self.check is check_shares else None

    def kernel_for(self, layers: Sequence[Layer]) -> tuple[Kernel, bool]:
        """The kernel for a chain of layers, and whether it takes the last one's place."""
        last: Any = layers[-1]
        fuses = isinstance(last, Activation) and not self.reads_output
        fused = self.fused.get(last.activation) if fuses else None
        return (fused, True) if fused is not None and len(layers) > 1 else (self.kernel, False)


class Huber(Loss):
    """Quadratic near the target, linear far from it: outliers count less than in a square.

    l = mean_k of e^2 / 2 where abs(e) <= delta, else delta abs(e) - delta^2 / 2; e = y - t.

    Parameters
    ----------
    delta : float, default=1
        Where the one becomes the other, in units of the target; above 0.
    name : str, default="huber"

    Source: P. Huber: Robust estimation of a location parameter, 1964; ``keras.losses.Huber``.
    """

    def __init__(self, delta: float = 1.0, name: str = "huber") -> None:
        if finite_number(delta, "delta") <= 0:
            raise mismatch("delta is a distance from the target.", "above 0", repr(delta))
        super().__init__(name, kernels.huber, option=[delta])


class Hinge(Loss):
    """How far an output is from the right side of a margin: for targets of -1 and 1.

    l = mean_k of max(1 - t_k y_k, 0). Where all targets of a batch are 0 or 1, 0 stands for -1.

    Parameters
    ----------
    name : str, default="hinge"

    Source: ``keras.losses.Hinge``.
    """

    def __init__(self, name: str = "hinge") -> None:
        super().__init__(name, kernels.hinge)


class MeanAbsolutePercentageError(Loss):
    """l = 100 mean_k of abs(y_k - t_k) / max(abs(t_k), 1e-7), in percent.

    Parameters
    ----------
    name : str, default="mean_absolute_percentage_error"

    Source: ``keras.losses.MeanAbsolutePercentageError``.
    """

    def __init__(self, name: str = "mean_absolute_percentage_error") -> None:
        super().__init__(name, kernels.mean_absolute_percentage_error)


class KLDivergence(Loss):
    """How far one distribution is from another: l = sum_k t_k log(t_k / y_k), in nats.

    Both are kept in [1e-7, 1].

    Parameters
    ----------
    name : str, default="kl_divergence"

    Source: S. Kullback and R. Leibler, 1951; ``keras.losses.KLDivergence``.
    """

    def __init__(self, name: str = "kl_divergence") -> None:
        super().__init__(name, kernels.kl_divergence)


def check_classes(target: Array) -> None:
    """Refuse rows that are not a distribution over the classes (one-hot rows are)."""
    sums = target.sum(axis=-1)
    if target.min() < 0 or np.abs(sums - 1).max() > 1e-3:
        worst = int(np.abs(sums - 1).argmax())
        raise mismatch(
            "categorical_crossentropy takes a row of class probabilities for each target.",
            "rows that are not negative and sum to 1",
            f"smallest value {target.min():g}; row {worst} sums to {sums.reshape(-1)[worst]:g}",
        )


def check_shares(target: Array) -> None:
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
    "mean_absolute_percentage_error": MeanAbsolutePercentageError(),
    "huber": Huber(),
    "hinge": Hinge(),
    "kl_divergence": KLDivergence(),
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
LOSSES["mape"] = LOSSES["mean_absolute_percentage_error"]
LOSSES["kld"] = LOSSES["kl_divergence"]
LossLike = str | Loss | type[Loss] | Kernel


def get(loss: LossLike | None) -> Loss:
    """A loss by its name, as an object, as one of the functions below, or as a kernel of one's own.

    Raises
    ------
    ValueError, TypeError
        If the name is unknown, or a kernel takes other arguments.
    """
    if isinstance(loss, Loss):
        return loss
    if isinstance(loss, type) and issubclass(loss, Loss):
        return loss()  # type: ignore[call-arg]
    if not callable(loss) or isinstance(loss, type) or is_of_keras(loss):
        return find(LOSSES, loss, "loss")
    return LOSSES[FUNCTIONS[loss]] if loss in FUNCTIONS else Loss(name_of(loss), loss)


def is_shipped(loss: Loss) -> bool:
    """Whether it is one of this package, by whose name alone it is found again."""
    return LOSSES.get(loss.name) is loss


def described(loss: Loss) -> Any:
    """What stands for a loss in files: its name, or its class with the arguments."""
    if is_shipped(loss):
        return loss.name
    return reference(loss.name, loss) if type(loss) is Loss else plain(loss)


know(Loss, Huber, Hinge, MeanAbsolutePercentageError, KLDivergence)


def mean_squared_error(y_true: ArrayLike, y_pred: ArrayLike) -> Array:
    """mean_k of (y_k - t_k)^2, a number for each target: see `Loss.call`."""
    return LOSSES["mean_squared_error"].call(y_true, y_pred)


def mean_absolute_error(y_true: ArrayLike, y_pred: ArrayLike) -> Array:
    """mean_k of abs(y_k - t_k), a number for each target."""
    return LOSSES["mean_absolute_error"].call(y_true, y_pred)


def mean_absolute_percentage_error(y_true: ArrayLike, y_pred: ArrayLike) -> Array:
    """100 mean_k of abs(y_k - t_k) / max(abs(t_k), 1e-7), a number for each target."""
    return LOSSES["mean_absolute_percentage_error"].call(y_true, y_pred)


def huber(y_true: ArrayLike, y_pred: ArrayLike, delta: float = 1.0) -> Array:
    """What `Huber` is for each target."""
    return Huber(delta).call(y_true, y_pred)


def hinge(y_true: ArrayLike, y_pred: ArrayLike) -> Array:
    """mean_k of max(1 - t_k y_k, 0), a number for each target; see `Hinge`."""
    return LOSSES["hinge"].call(y_true, y_pred)


def kl_divergence(y_true: ArrayLike, y_pred: ArrayLike) -> Array:
    """sum_k of t_k log(t_k / y_k), in nats, a number for each target; see `KLDivergence`."""
    return LOSSES["kl_divergence"].call(y_true, y_pred)


def binary_crossentropy(y_true: ArrayLike, y_pred: ArrayLike) -> Array:
    """mean_k of -t_k log y_k - (1 - t_k) log(1 - y_k), in nats, a number for each target."""
    return LOSSES["binary_crossentropy"].call(y_true, y_pred)


def categorical_crossentropy(y_true: ArrayLike, y_pred: ArrayLike) -> Array:
    """-sum_k of t_k log y_k, in nats, a number for each target, y divided by its sum."""
    return LOSSES["categorical_crossentropy"].call(y_true, y_pred)


def sparse_categorical_crossentropy(y_true: ArrayLike, y_pred: ArrayLike) -> Array:
    """-log y_t for the class t of each target, in nats, y divided by its sum."""
    return LOSSES["sparse_categorical_crossentropy"].call(y_true, y_pred)


mse, mae, mape, kld = (
    mean_squared_error,
    mean_absolute_error,
    mean_absolute_percentage_error,
    kl_divergence,
)
FUNCTIONS = {globals()[name]: name for name in LOSSES}  # a function stands for its name
