"""Arrays of layers as they are in old files, and as they are here.

Keras 1 had the arrays of each gate apart: W, U and b of an LSTM's i, c, f and o, of a GRU's z, r
and h. The layers for GPUs, `CuDNNLSTM` and `CuDNNGRU`, have W and U of each gate transposed, and a
second bias. Both are told by their shapes alone, so nothing need be known of the layer.

Source: ``preprocess_weights_for_loading`` of Keras 2.0 to 2.15.
"""

import numpy as np

GATES = {12: (0, 2, 1, 3), 9: (0, 1, 2)}  # arrays of an LSTM, of a GRU: gates in our order
FOUR, THREE = 4, 3


def of_today(arrays, gate_by_gate, one_bias=np.sum):
    """Arrays in Keras' order as they are since 2.0, and for the layers that any processor has.

    Parameters
    ----------
    arrays : list of arrays
        Of one layer, or of several one after the other.
    gate_by_gate : bool
        Whether they may be those of Keras 1.
    one_bias : callable, default=np.sum
        What makes one bias of the two that an LSTM has on a GPU.
    """
    found, at = [], 0
    while at < len(arrays):
        count = next((n for n in GATES if gate_by_gate and are_of_gates(arrays[at : at + n], n)), 0)
        if count:
            found += joined(arrays[at : at + count], GATES[count])
        elif gates := gates_of_cudnn(arrays[at : at + 3]):
            count = 3
            found += of_any_processor(*arrays[at : at + 3], gates, one_bias)
        else:
            count = 1
            found.append(arrays[at])
        at += count
    return found


def are_of_gates(arrays, count):
    """Whether so many arrays are W, U and b of each gate."""
    if len(arrays) < count or [a.ndim for a in arrays[:3]] != [2, 2, 1]:
        return False
    features, units = arrays[0].shape
    shapes = [(features, units), (units, units), (units,)]
    return [a.shape for a in arrays] == shapes * (count // 3)


def joined(arrays, order):
    """W, U and b, the gates side by side in our order."""
    return [np.concatenate([arrays[3 * gate + k] for gate in order], axis=-1) for k in range(3)]


def gates_of_cudnn(arrays):
    """How many gates W, U and b of a layer for GPUs have, 0 where they are not such."""
    if [a.ndim for a in arrays] != [2, 2, 1]:
        return 0
    kernel, recurrent, bias = arrays
    units = len(recurrent)
    for gates in (FOUR, THREE):
        columns = gates * units
        if kernel.shape[1] == recurrent.shape[1] == columns and bias.shape == (2 * columns,):
            return gates
    return 0


def of_any_processor(kernel, recurrent, bias, gates, one_bias):
    """The same for a layer that any processor has; an LSTM has one bias there."""
    kernels = [one.T.reshape(one.shape, order="F") for one in np.hsplit(kernel, gates)]
    recurrents = [one.T for one in np.hsplit(recurrent, gates)]
    biases = bias.reshape(2, -1)
    return [
        np.hstack(kernels),
        np.hstack(recurrents),
        one_bias(biases, axis=0) if gates == FOUR else biases,
    ]
