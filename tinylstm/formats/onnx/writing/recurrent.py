"""Recurrent layers as nodes: the operator, what it reads turned to its order of axes, and back.

ONNX' operators read (steps, samples, features), and put out every step (steps, directions, samples,
units) and the last states (directions, samples, units). With ``batch_carried`` all samples are one
long one. Masked steps are not read.
"""

from typing import NamedTuple

import numpy as np

from ....surface.errors import mismatch
from ..vocabulary import ACTIVATIONS, OF_CELLS, OF_GRU, OF_GRU_BEFORE, to_onnx
from . import masks
from .flow import Flow

END = -(2**63)  # of a slice that goes back to the first one
MERGES = {"sum": "ReduceSum", "mul": "ReduceProd", "ave": "ReduceMean"}


class Put(NamedTuple):
    """What an operator puts out: names of values."""

    every: str  # (steps, directions, samples, units)
    last: str  # h of the last one, (directions, samples, units)


def recurrent(graph, layer, flow):
    """A layer that reads in one direction."""
    chained = layer.state_mode == "batch_carried"
    read = end_to_end(graph, layer, flow) if chained else flow
    found, packed = run(graph, layer, [layer], read)
    if not (layer.return_sequences or chained):
        last = packed.or_before(found.last)
        y = graph.node("Squeeze", [last, graph.numbers(0)])
        return Flow(y, flow.lengths[:1], None)
    y = graph.node("Squeeze", [found.every, graph.numbers(1)])
    y = graph.node("Transpose", [y], perm=[1, 0, 2])
    y = packed.unpacked(y, layer.go_backwards)
    if layer.tail is not None:
        y = packed.blanked(y)
    if chained:
        return apart(graph, layer, flow, y)
    if layer.go_backwards:  # in the order in which the steps were read
        ends = [graph.numbers(n) for n in (-1, END, 1, -1)]
        y = graph.node("Slice", [y, *ends])
    return flow._replace(name=y)


def bidirectional(graph, layer, flow):
    """Two layers in one operator, their outputs merged."""
    found, packed = run(graph, layer, [layer.forward_layer, layer.backward_layer], flow)
    units, mode = layer.forward_layer.units, layer.merge_mode
    axis = 1 if layer.return_sequences else 0  # of the directions
    y = found.every if layer.return_sequences else packed.or_before(found.last)
    if mode == "concat":
        y = graph.node("Transpose", [y], perm=[2, 0, 1, 3] if axis else [1, 0, 2])
        kept = [0] * (axis + 1)
        y = graph.node("Reshape", [y, graph.numbers(*kept, 2 * units)])
    else:
        y = graph.node(MERGES[mode], [y, graph.numbers(axis)], keepdims=0)
        y = graph.node("Transpose", [y], perm=[1, 0, 2]) if axis else y
    if not layer.return_sequences:
        return Flow(y, flow.lengths[:1], None)
    return flow._replace(name=packed.blanked(packed.unpacked(y, False)))


def run(graph, layer, directions, flow):
    """What the operator of one or two directions puts out; and how it has read the steps."""
    first = directions[0]
    operator = OF_CELLS.get(first.cell)
    if operator is None:
        raise mismatch(
            f"ONNX cannot say layer {layer.name!r}: it has no operator for a cell of your own.",
            "an LSTM, a GRU or a SimpleRNN",
            f"RNN of the cell {first.cell.name!r}",
        )
    tensors = stacked(operator, directions)
    weights = [graph.tensor(f"{layer.name}/{n}", a) for n, a in zip("WRB", tensors, strict=False)]
    starts = started(graph, operator, directions, flow) if first.stateful else []
    packed = masks.packed(graph, flow)
    x = graph.node("Transpose", [packed.x], perm=[1, 0, 2])
    inputs = [x, *weights, *[""] * (3 - len(weights)), packed.lengths, *starts]
    every, *states = graph.node(
        operator.name,
        inputs[: max(k for k, name in enumerate(inputs) if name) + 1],
        layer.name,
        outputs=1 + len(operator.states),
        hidden_size=first.units,
        direction=direction_of(directions),
        **settings(operator, first, len(directions)),
    )
    if first.stateful or first.return_state:
        before = starts or [None] * len(states)
        handed = [packed.or_before(*pair) for pair in zip(states, before, strict=True)]
        hand_on(graph, operator, directions, handed, flow)
    return Put(every, states[0]), packed


def direction_of(directions):
    """The word of ONNX."""
    if len(directions) == 2:
        return "bidirectional"
    return "reverse" if directions[0].go_backwards else "forward"


def settings(operator, layer, directions):
    """Attributes of the operator: activations with their numbers, and what a GRU does."""
    chosen = [getattr(layer, name) or "linear" for name in operator.activations] * directions
    said = [ACTIVATIONS[name] for name in chosen]
    found = {"activations": [name for name, *_ in said]}
    for k, name in enumerate(("activation_alpha", "activation_beta")):
        values = [float(one[k + 1]) for one in said if len(one) > k + 1]
        found |= {name: values} if values else {}
    if operator in (OF_GRU, OF_GRU_BEFORE):
        found["linear_before_reset"] = int(operator is OF_GRU)
    return found


def stacked(operator, directions):
    """W, R and B of all directions."""
    each = []
    for part in directions:
        weights = part.named_weights()
        names = ("kernel", "recurrent_kernel", "bias")
        arrays = [weights[part.prefix + n] for n in names if part.prefix + n in weights]
        each.append(to_onnx(operator, *arrays))
    return [np.stack(arrays) for arrays in zip(*each, strict=True)]


def started(graph, operator, directions, flow):
    """The states that come in, (directions, samples, units) each."""
    found = []
    for state in operator.states:
        each = []
        for part in directions:
            came = graph.input(f"{part.name}/{state}", (flow.lengths[0], part.units))
            each.append(graph.node("Unsqueeze", [came, graph.numbers(0)]))
        found.append(each[0] if len(each) == 1 else graph.node("Concat", each, axis=0))
    return found


def hand_on(graph, operator, directions, states, flow):
    """Have the last states go out."""
    for state, value in zip(operator.states, states, strict=True):
        for k, part in enumerate(directions):
            own = graph.node("Gather", [value, graph.number(k)], axis=0)
            graph.output(own, f"{part.name}/{state}_new", (flow.lengths[0], part.units))


def end_to_end(graph, layer, flow):
    """All samples of a batch as one."""
    features = layer.input_shape[-1]
    x = graph.node("Reshape", [flow.name, graph.numbers(1, -1, features)])
    mask = flow.mask and graph.node("Reshape", [flow.mask, graph.numbers(1, -1)])
    return Flow(x, (1, "batch x steps"), mask)


def apart(graph, layer, flow, y):
    """The samples of such a one apart again, every step of them or the last."""
    lengths = graph.node("Shape", [flow.name], start=0, end=2)
    shape = graph.node("Concat", [lengths, graph.numbers(layer.units)], axis=0)
    y = graph.node("Reshape", [y, shape])
    if layer.return_sequences:
        return flow._replace(name=y)
    return Flow(graph.node("Gather", [y, graph.number(-1)], axis=1), flow.lengths[:1], None)
