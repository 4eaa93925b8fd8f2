"""The optimisers that Keras has too, with its names, defaults and results."""

from __future__ import annotations

from typing import Unpack

from ..kernels.training import optimizers as kernels
from ..surface.arguments import find
from ..surface.chosen import not_yet
from ..surface.errors import mismatch
from ..surface.plain import know
from ..surface.types import Array
from .hyper_parameters import HyperParameter, RunningNumber, checked_choice, checked_share
from .optimizer import Bounds, Optimizer, OptimizerArguments


class Adam(Optimizer):
    """m = b1 m + (1 - b1) g;  v = b2 v + (1 - b2) g^2;  theta -= rate m / (sqrt(v) + eps),
    rate = lr sqrt(1 - b2^t) / (1 - b1^t).

    Parameters
    ----------
    learning_rate : float, default=0.001
    beta_1 : float, default=0.9
        Decay a step of the mean of gradients.
    beta_2 : float, default=0.999
        Decay a step of the mean of squared gradients.
    epsilon : float, default=1e-7
    **bounds
        Of `Optimizer`.

    Source: Kingma and Ba 2015, in the form of ``keras.optimizers.Adam``.
    """

    kernel = kernels.adam
    rests = True
    beta_1 = HyperParameter("Decay a step of the mean of gradients.", checked_share)
    beta_2 = HyperParameter("Decay a step of the mean of squared gradients.", checked_share)
    epsilon = HyperParameter("Added to the root.")
    moments_needed = 2

    def __init__(
        self,
        learning_rate: float = 0.001,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float = 1e-7,
        **bounds: Unpack[OptimizerArguments],
    ) -> None:
        super().__init__(learning_rate, beta_1=beta_1, beta_2=beta_2, epsilon=epsilon, **bounds)


class SGD(Optimizer):
    """theta -= lr g, or with momentum m = momentum m - lr g and theta += m.

    Parameters
    ----------
    learning_rate : float, default=0.01
    momentum : float, default=0
    nesterov : bool, default=False
        theta += momentum m - lr g instead.
    **bounds
        Of `Optimizer`.
    """

    kernel = kernels.sgd
    rests = True
    momentum = HyperParameter("Share of the last step that is kept.", checked_share)
    nesterov = HyperParameter("Whether the momentum comes before the gradient.", checked_choice)

    def __init__(
        self,
        learning_rate: float = 0.01,
        momentum: float = 0.0,
        nesterov: bool = False,
        **bounds: Unpack[OptimizerArguments],
    ) -> None:
        super().__init__(learning_rate, momentum=momentum, nesterov=nesterov, **bounds)


class RMSprop(Optimizer):
    """v = rho v + (1 - rho) g^2;  theta -= lr g / sqrt(v + eps).

    Parameters
    ----------
    learning_rate : float, default=0.001
    rho : float, default=0.9
    momentum : float, default=0
    epsilon : float, default=1e-7
    centered : bool, default=False
        Divide by the variance's root: v less the squared mean of gradients.
    **bounds
        Of `Optimizer`.

    Source: Tieleman and Hinton 2012, in the form of ``keras.optimizers.RMSprop``.
    """

    kernel = kernels.rmsprop
    rests = True
    rho = HyperParameter("Decay a step of the mean of squared gradients.", checked_share)
    momentum = HyperParameter("Share of the last step that is kept.", checked_share)
    epsilon = HyperParameter("Added under the root.")
    centered = HyperParameter("Whether it divides by the root of the variance.", checked_choice)
    moments_needed = 3

    def __init__(
        self,
        learning_rate: float = 0.001,
        rho: float = 0.9,
        momentum: float = 0.0,
        epsilon: float = 1e-7,
        centered: bool = False,
        **bounds: Unpack[OptimizerArguments],
    ) -> None:
        super().__init__(
            learning_rate, rho=rho, momentum=momentum, epsilon=epsilon, centered=centered, **bounds
        )


class AdamW(Adam):
    """theta -= lr weight_decay theta, and then the step of `Adam`, which sees no decay.

    Parameters
    ----------
    learning_rate : float, default=0.001
    weight_decay : float, default=0.004
        Of all that is trained, biases too.
    beta_1 : float, default=0.9
        Decay a step of the mean of gradients.
    beta_2 : float, default=0.999
        Decay a step of the mean of squared gradients.
    epsilon : float, default=1e-7
    **bounds
        Of `Optimizer`.

    Source: Loshchilov and Hutter 2019, in the form of ``keras.optimizers.AdamW``.
    """

    weight_decay = HyperParameter("Share of the weights, times the step size.")

    def __init__(
        self,
        learning_rate: float = 0.001,
        weight_decay: float = 0.004,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float = 1e-7,
        **bounds: Unpack[Bounds],
    ) -> None:
        super().__init__(
            learning_rate, beta_1, beta_2, epsilon, weight_decay=weight_decay, **bounds
        )


class Nadam(Adam):
    """Adam with Nesterov's momentum: m and v as in `Adam`;
    theta -= lr m_hat / (sqrt(v / (1 - b2^t)) + eps), where
    m_hat = u(t+1) m / (1 - P u(t+1)) + (1 - u(t)) g / (1 - P).

    The momenta are u(t) = b1 (1 - 0.96^t / 2), and P = u(1) ... u(t).

    Parameters
    ----------
    learning_rate : float, default=0.001
    beta_1 : float, default=0.9
        Decay a step of the mean of gradients.
    beta_2 : float, default=0.999
        Decay a step of the mean of squared gradients.
    epsilon : float, default=1e-7
    **bounds
        Of `Optimizer`.

    Source: Dozat 2016, in the form of ``keras.optimizers.Nadam``.
    """

    kernel = kernels.nadam
    advance = kernels.advance_nadam
    rests = True
    product = RunningNumber("Of the momenta so far.", start=1)


class Adagrad(Optimizer):
    """v += g^2;  theta -= lr g / sqrt(v + eps).

    Parameters
    ----------
    learning_rate : float, default=0.001
    initial_accumulator_value : float, default=0.1
        What v begins with.
    epsilon : float, default=1e-7
    **bounds
        Of `Optimizer`.

    Source: Duchi, Hazan and Singer 2011, in the form of ``keras.optimizers.Adagrad``.
    """

    kernel = kernels.adagrad
    rests = True
    initial_accumulator_value = HyperParameter("What the sums of squares begin with.")
    epsilon = HyperParameter("Added under the root.")

    def __init__(
        self,
        learning_rate: float = 0.001,
        initial_accumulator_value: float = 0.1,
        epsilon: float = 1e-7,
        **bounds: Unpack[OptimizerArguments],
    ) -> None:
        own = {"initial_accumulator_value": initial_accumulator_value, "epsilon": epsilon}
        super().__init__(learning_rate, **own, **bounds)

    def begin(self, moments: Array) -> None:
        """The sums of squares begin with a number."""
        moments[:] = self.initial_accumulator_value


def checked_part(name, value):
    """A share that is kept, and more than none."""
    if checked_share(name, value) == 0:
        raise mismatch(f"Without {name} there is nothing but signs.", "0 < share < 1", value)
    return float(value)


class Lion(Optimizer):
    """theta -= lr sign(b1 m + (1 - b1) g), and then m = b2 m + (1 - b2) g.

    All parameters make steps of one length, so the learning rate is some 3 to 10 times smaller than
    Adam's.

    Parameters
    ----------
    learning_rate : float, default=0.001
    beta_1 : float, default=0.9
        Share of the mean in the direction of a step.
    beta_2 : float, default=0.99
        Decay a step of the mean of gradients.
    **bounds
        Of `Optimizer`.

    Source: Chen et al. 2023, in the form of ``keras.optimizers.Lion``.
    """

    kernel = kernels.lion
    rests = True
    beta_1 = HyperParameter("Share of the mean in the direction of a step.", checked_part)
    beta_2 = HyperParameter("Decay a step of the mean of gradients.", checked_share)

    def __init__(
        self,
        learning_rate: float = 0.001,
        beta_1: float = 0.9,
        beta_2: float = 0.99,
        **bounds: Unpack[OptimizerArguments],
    ) -> None:
        super().__init__(learning_rate, beta_1=beta_1, beta_2=beta_2, **bounds)


KINDS = (Adam, AdamW, Nadam, SGD, RMSprop, Adagrad, Lion)
know(*KINDS)
OPTIMIZERS = {kind.__name__.lower(): kind for kind in KINDS}


def get(optimizer: str | Optimizer) -> Optimizer:
    """An optimiser by name, or the one that was given."""
    if isinstance(optimizer, Optimizer):
        if "rule" not in vars(optimizer):
            raise not_yet(optimizer, "rule")
        return optimizer
    if isinstance(optimizer, type) and issubclass(optimizer, Optimizer):
        made, whose = f"what it makes: {optimizer.__name__}()", f"the class {optimizer.__name__}"
        raise mismatch("An optimizer is an object.", made, whose, TypeError)
    name = optimizer.lower() if isinstance(optimizer, str) else optimizer
    return find(OPTIMIZERS, name, "optimizer")()
