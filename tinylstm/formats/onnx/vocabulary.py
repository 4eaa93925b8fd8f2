"""What our cells and activations are called in ONNX, and in which order it has gates."""

from collections.abc import Callable
from functools import partial
from typing import NamedTuple

import numpy as np

from ...kernels.cells import gru, gru_reset_before, lstm, simple_rnn
from ...layers import GRU, LSTM, RNN, SimpleRNN

# (operator, alpha, beta) by our names; those without numbers have none.
ACTIVATIONS = {
    "linear": ("Affine", 1.0, 0.0),
    "tanh": ("Tanh",),
    "sigmoid": ("Sigmoid",),
    "relu": ("Relu",),
    "hard_sigmoid": ("HardSigmoid", 1 / 6, 0.5),
    "hard_sigmoid_keras2": ("HardSigmoid", 0.2, 0.5),
}
NUMBERS = {  # (alpha, beta) that an activation of a recurrent operator has where none is said
    "Affine": (1.0, 0.0),
    "HardSigmoid": (0.2, 0.5),
    "ScaledTanh": (1.0, 1.0),
    "LeakyRelu": (0.01,),
    "ThresholdedRelu": (1.0,),
    "Elu": (1.0,),
}
NEAR = 1e-6  # numbers of float32 that are meant to be the same


class Operator(NamedTuple):
    """A recurrent operator, and what is the same here.

    Attributes
    ----------
    name : str
    layer : type or callable
        What makes the layer here.
    gates : str
        Ours, in the order of ONNX' blocks.
    activations : tuple of str
        The arguments of the layer that its activations are, in ONNX' order.
    """

    name: str
    layer: Callable[..., RNN]
    gates: str
    activations: tuple[str, ...]

    @property
    def states(self):
        """h, and c of an LSTM."""
        return CELLS[self].states

    def order(self):
        """Places of our blocks, in ONNX' order."""
        return [CELLS[self].gates.index(gate) for gate in self.gates]


OF_LSTM = Operator("LSTM", LSTM, "iofg", ("recurrent_activation", "activation", "activation"))
OF_GRU = Operator("GRU", GRU, "urg", ("recurrent_activation", "activation"))
OF_GRU_BEFORE = OF_GRU._replace(layer=partial(GRU, reset_after=False))
OF_RNN = Operator("RNN", SimpleRNN, "g", ("activation",))
CELLS = {OF_LSTM: lstm, OF_GRU: gru, OF_GRU_BEFORE: gru_reset_before, OF_RNN: simple_rnn}
OF_CELLS = {cell: one for one, cell in CELLS.items()}


def operator_of(name, linear_before_reset):
    """The operator of that name, a GRU by where its reset gate stands: ONNX' default is before."""
    of_gru = OF_GRU if linear_before_reset else OF_GRU_BEFORE
    return {one.name: one for one in (OF_LSTM, of_gru, OF_RNN)}[name]


def to_onnx(operator, kernel, recurrent_kernel, bias=None):
    """W (G H, D), R (G H, H) and B (2 G H) of an operator, from W, U and b of ours."""
    order, units = operator.order(), len(recurrent_kernel)

    def blocks(array):
        return array.reshape(-1, len(order), units)[:, order].reshape(len(array), -1)

    if bias is None:
        return [blocks(kernel).T, blocks(recurrent_kernel).T]
    both = bias if bias.ndim == 2 else np.stack([bias, np.zeros_like(bias)])
    return [blocks(kernel).T, blocks(recurrent_kernel).T, blocks(both).reshape(-1)]


def columns(operator, W, R, B=None):
    """W, U and b of ours from those of a direction of an operator: of each its blocks, views as far
    as they can be, that lie side by side."""
    order, units = np.argsort(operator.order()), R.shape[-1]
    each = [[matrix.reshape(-1, units, matrix.shape[-1])[k].T for k in order] for matrix in (W, R)]
    if B is None:
        return each
    biases = B.reshape(2, -1, units)
    own = [biases[:, k] if operator is OF_GRU else biases[:, k].sum(0) for k in order]
    return [*each, own]


def activation_of(name, numbers):
    """Our name of an activation of a recurrent operator, or None."""
    for ours, (theirs, *own) in ACTIVATIONS.items():
        if name == theirs and np.allclose(numbers, own, rtol=0, atol=NEAR):
            return ours
    return None
