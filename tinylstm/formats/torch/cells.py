"""The arrays of nn.LSTM, nn.GRU and nn.RNN, and the same as Keras and this package have them.

PyTorch multiplies from the left, with a matrix of one row a unit, and has a bias for x and another
one for h; here there is one where a cell needs only their sum::

    weight_ih (G H, D)  =  W'       bias_ih (G H)  =  b, or b[0]
    weight_hh (G H, H)  =  U'       bias_hh (G H)  =  0, or b[1]

An LSTM has the order of Keras, i f g o. A GRU calls the update gate z, as Keras does, and lets it
keep h_prev, as Keras does; its gates are r z n where Keras has z r h.

Source: the pages of torch.nn on LSTM, GRU and RNN.
"""

from typing import NamedTuple

import numpy as np

from ...layers import GRU, LSTM, SimpleRNN

WEIGHTS, BIASES = ("weight_ih", "weight_hh"), ("bias_ih", "bias_hh")
DIRECTIONS = "", "_reverse"  # what the names end in


class Cell(NamedTuple):
    """A cell in both.

    Attributes
    ----------
    kind : type
        Its layer here.
    order : tuple of int
        Of PyTorch's blocks, to have ours; the same leads back.
    apart : bool
        Whether both biases are there.
    """

    kind: type
    order: tuple
    apart: bool = False


CELLS = {
    "LSTM": Cell(LSTM, (0, 1, 2, 3)),
    "GRU": Cell(GRU, (1, 0, 2), apart=True),
    "RNN": Cell(SimpleRNN, (0,)),
}


def names_of(level, ending, with_bias):
    """What the tensors of a direction are called, in the order of a state_dict."""
    return [f"{name}_l{level}{ending}" for name in (*WEIGHTS, *(BIASES if with_bias else ()))]


def ours(cell, tensors):
    """[W, U, b] of [weight_ih, weight_hh, bias_ih, bias_hh]; neither has b where there is none."""
    weights, biases = tensors[:2], tensors[2:]
    found = [reordered(array.T, cell.order) for array in weights]
    if biases:
        both = reordered(np.stack(biases), cell.order)
        found.append(both if cell.apart else both.sum(axis=0))
    return found


def theirs(cell, arrays):
    """[weight_ih, weight_hh, bias_ih, bias_hh] of [W, U, b]."""
    weights, biases = arrays[:2], arrays[2:]
    found = [reordered(array, cell.order).T for array in weights]
    for bias in biases:
        both = bias if cell.apart else [bias, np.zeros_like(bias)]
        found += [*reordered(np.asarray(both), cell.order)]
    return [np.ascontiguousarray(array) for array in found]


def reordered(array, order):
    """An array whose last axis has blocks, one a gate, with these in another order."""
    blocks = np.split(array, len(order), axis=-1)
    return np.concatenate([blocks[k] for k in order], axis=-1)
