"""An activation as a layer of its own; Dense puts it behind its product."""

from ..kernels import activations
from ..kernels.layers.activation import activation_backward, activation_forward
from ..surface.arguments import find
from .layer import Layer

ACTIVATIONS = {
    "linear": activations.LINEAR,
    "tanh": activations.TANH,
    "sigmoid": activations.SIGMOID,
    "relu": activations.RELU,
    "hard_sigmoid": activations.HARD_SIGMOID,
    "hard_sigmoid_keras2": activations.HARD_SIGMOID_KERAS2,
    "softmax": activations.SOFTMAX,
}


class Activation(Layer):
    """y = activation(x), elementwise, or softmax over the last axis.

    Parameters
    ----------
    activation : str
        linear, tanh, sigmoid, relu, hard_sigmoid, hard_sigmoid_keras2 or softmax.
    **kwargs
        Of `Layer`.
    """

    kernels = (activation_forward, activation_backward)
    each_step = True

    def __init__(self, activation, **kwargs):
        super().__init__(**kwargs)
        self.activation = activation
        self.fields = {"activation": find(ACTIVATIONS, activation, "activation")}
