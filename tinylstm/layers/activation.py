"""An activation as a layer of its own; Dense puts it behind its product."""

from __future__ import annotations

from typing import TypeAlias, Unpack

from ..kernels import activations
from ..kernels.layers.activation import activation_backward, activation_forward
from ..kernels.layers.elementwise import Elementwise, elu, gelu, of_leaky_relu
from ..kernels.tables import MAX_OPTIONS
from ..surface.arguments import find, finite_number, numbers
from ..surface.errors import mismatch
from ..surface.types import Kernel
from .layer import Layer, LayerArguments

ACTIVATIONS = {
    "linear": activations.LINEAR,
    "tanh": activations.TANH,
    "sigmoid": activations.SIGMOID,
    "relu": activations.RELU,
    "hard_sigmoid": activations.HARD_SIGMOID,
    "hard_sigmoid_keras2": activations.HARD_SIGMOID_KERAS2,
    "softmax": activations.SOFTMAX,
}


GATES = {name: kind for name, kind in ACTIVATIONS.items() if name != "softmax"}
ELEMENTWISE = {"elu": elu, "gelu": gelu}  # their derivatives need what comes in
ActivationLike: TypeAlias = str | Elementwise | None


class Activation(Layer):
    """y = activation(x), elementwise, or softmax over the last axis.

    Parameters
    ----------
    activation : str or Elementwise
        linear, tanh, sigmoid, relu, hard_sigmoid, hard_sigmoid_keras2, softmax, elu (with alpha 1)
        or gelu (the exact form), or one of your own: see `tinylstm.activation`.
    **kwargs
        Of `Layer`.
    """

    kernels = (activation_forward, activation_backward)
    each_step = True

    def __init__(self, activation: ActivationLike, **kwargs: Unpack[LayerArguments]) -> None:
        super().__init__(**kwargs)
        self.activation = activation
        self._elementwise = elementwise_of(activation)
        if self._elementwise is None:
            self.fields = {"activation": find(ACTIVATIONS | ELEMENTWISE, activation, "activation")}
        else:
            self.fields = {"option": numbers_of(self._elementwise)}

    def pair(self) -> tuple[Kernel, Kernel]:
        one = self._elementwise
        return super().pair() if one is None else one.kernels


def elementwise_of(activation):
    """What has kernels of its own for an activation, or None."""
    if isinstance(activation, str):
        return ELEMENTWISE.get(activation)
    if not isinstance(activation, Elementwise):
        return None
    if activation.derivative is None:
        raise mismatch(
            f"The activation {activation.name!r} has no way back.",
            f"a function with @{activation.name}.backward, under a name of its own",
            repr(activation),
            TypeError,
        )
    return activation


def numbers_of(activation):
    """Its numbers, with zeros behind them: as many as there may be."""
    return numbers(activation.numbers.values(), f"{activation.name}", MAX_OPTIONS)


def gate_of(activation):
    """The number of an activation for a cell, which keeps what its gates put out, and no more."""
    if elementwise_of(activation) is not None:
        name = activation if isinstance(activation, str) else activation.name
        raise mismatch(
            f"A cell keeps what a gate puts out, and the derivative of {name} needs what comes in.",
            f"one of {', '.join(GATES)}; {name} of a Dense, or of an Activation behind the layer",
            repr(activation),
        )
    return find(GATES, "linear" if activation is None else activation, "activation")


class LeakyReLU(Layer):
    """y = x where x > 0, else negative_slope x.

    Parameters
    ----------
    negative_slope : float, default=0.3
        Not negative.
    **kwargs
        Of `Layer`.

    Source: Maas, Hannun and Ng 2013, as ``keras.layers.LeakyReLU``.
    """

    kernels = of_leaky_relu
    each_step = True

    def __init__(self, negative_slope: float = 0.3, **kwargs: Unpack[LayerArguments]) -> None:
        super().__init__(**kwargs)
        self.negative_slope = finite_number(negative_slope, "negative_slope", 0)
        self.fields = {"option": (self.negative_slope, 0, 0, 0)}
