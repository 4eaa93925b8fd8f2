"""Graphs as others write them, by hand: after what torch.onnx and tf2onnx put out."""

import numpy as np

from tests.formats.onnx.models import D, T
from tinylstm.formats.onnx.writing.graph import Graph

H, LAST = 4, 2**31 - 1
FLOAT = np.dtype("f4")
RNG = np.random.default_rng(3)


def message_of(graph):
    """A whole file of a graph."""
    return {
        "ir_version": 8,
        "producer_name": "by hand",
        "graph": graph.message("main"),
        "opset_import": [{"domain": "", "version": 17}],
    }


def weights(graph, operator, name, features, directions=1):
    """W, R and B of an operator: names."""
    rows = {"LSTM": 4, "GRU": 3, "RNN": 1}[operator] * H
    shapes = {"W": (rows, features), "R": (rows, H), "B": (2 * rows,)}
    return [
        graph.tensor(f"{name}.{key}", RNG.normal(0, 0.5, (directions, *shape)))
        for key, shape in shapes.items()
    ]


def dense(graph, value, features, units=2):
    """A Gemm, as torch writes a Linear."""
    inputs = [
        value,
        graph.tensor("fc.weight", RNG.normal(size=(units, features))),
        graph.tensor("fc.bias", RNG.normal(size=units)),
    ]
    return graph.node("Gemm", inputs, transB=1, alpha=1.0, beta=1.0)


def zeros_for(graph, x, rows=1):
    """An initial state of zeros, whose shape is reckoned from that of x, as torch does."""
    shape = graph.node("Shape", [x])
    batch = graph.node("Gather", [shape, graph.number(0)], axis=0)
    batch = graph.node("Unsqueeze", [batch, graph.numbers(0)])
    shape = graph.node("Concat", [graph.numbers(rows), batch, graph.numbers(H)], axis=0)
    return graph.node("ConstantOfShape", [shape], value=np.zeros(1, "f4"))


def of_torch(operator, told=None):
    """nn.LSTM(batch_first=True) with nn.Linear behind its last step; told: other attributes."""
    graph = Graph(FLOAT)
    x = graph.input("x", ("batch", "time", D))
    start = zeros_for(graph, x)
    turned = graph.node("Transpose", [x], perm=[1, 0, 2])
    states = [start] * (2 if operator == "LSTM" else 1)
    if told is None:
        told = {"linear_before_reset": 1} if operator == "GRU" else {}
    inputs = [turned, *weights(graph, operator, "l0", D), "", *states]
    every, *_ = graph.node(operator, inputs, outputs=2, hidden_size=H, **told)
    y = graph.node("Squeeze", [every, graph.numbers(1)])
    y = graph.node("Transpose", [y], perm=[1, 0, 2])
    y = graph.node("Gather", [y, graph.number(-1)], axis=1)
    graph.output(dense(graph, y, H), "out", ("batch", 2))
    return message_of(graph)


def of_torch_in_both_directions():
    """Two layers of nn.GRU(bidirectional=True), steps first, all steps put out."""
    graph = Graph(FLOAT)
    value = x = graph.input("x", (T, "batch", D))
    both = graph.node("Slice", [x, graph.numbers(0), graph.numbers(LAST), graph.numbers(0)])
    for k, features in enumerate((D, 2 * H)):
        inputs = [value if k else both, *weights(graph, "GRU", f"l{k}", features, 2)]
        told = {"direction": "bidirectional", "linear_before_reset": 1, "hidden_size": H}
        every, _ = graph.node("GRU", inputs, outputs=2, **told)
        value = graph.node("Transpose", [every], perm=[0, 2, 1, 3])
        value = graph.node("Reshape", [value, graph.numbers(0, 0, -1)])
    graph.output(value, "out", (T, "batch", 2 * H))
    return message_of(graph)


def of_tf2onnx():
    """Bidirectional(LSTM): the end of each direction, side by side, then half of a sum."""
    graph = Graph(FLOAT)
    x = graph.input("x", ("batch", T, D))
    turned = graph.node("Transpose", [x], perm=[1, 0, 2])
    inputs = [turned, *weights(graph, "LSTM", "W", D, 2)]
    names = ["Sigmoid", "Tanh", "Tanh"] * 2
    every, *_ = graph.node(
        "LSTM", inputs, outputs=3, hidden_size=H, direction="bidirectional", activations=names
    )
    ends = []
    for way, step in ((0, (-1, LAST)), (1, (0, 1))):
        part = [graph.numbers(n) for n in (way, way + 1, 1)]
        y = graph.node("Squeeze", [graph.node("Slice", [every, *part]), graph.numbers(1)])
        y = graph.node("Slice", [y, *(graph.numbers(n) for n in (*step, 0))])
        ends.append(graph.node("Squeeze", [y, graph.numbers(0)]))
    y = graph.node("Mul", [graph.node("Add", ends), graph.scalar(0.5)])
    y = graph.node("MatMul", [y, graph.tensor("kernel", RNG.normal(size=(H, 3)))])
    y = graph.node("Add", [y, graph.tensor("bias", RNG.normal(size=3))])
    graph.output(graph.node("Softmax", [y], axis=-1), "out", ("batch", 3))
    return message_of(graph)


def with_states():
    """Two layers, whose states come in together and go out together."""
    graph = Graph(FLOAT)
    x = graph.input("x", ("batch", "time", D))
    states = [graph.input(name, (2, "batch", H)) for name in ("h", "c")]
    value, last = graph.node("Transpose", [x], perm=[1, 0, 2]), []
    for k, features in enumerate((D, H)):
        own = [
            graph.node("Slice", [one, *(graph.numbers(n) for n in (k, k + 1, 0))]) for one in states
        ]
        inputs = [value, *weights(graph, "LSTM", f"l{k}", features), "", *own]
        every, *new = graph.node("LSTM", inputs, outputs=3, hidden_size=H)
        value = graph.node("Squeeze", [every, graph.numbers(1)])
        last.append(new)
    graph.output(graph.node("Transpose", [value], perm=[1, 0, 2]), "out", ("batch", "time", H))
    for name, arrays in zip(("hn", "cn"), zip(*last, strict=True), strict=True):
        graph.output(graph.node("Concat", list(arrays), axis=0), name, (2, "batch", H))
    return message_of(graph)


GRAPHS = {
    "torch's LSTM": of_torch("LSTM"),
    "torch's GRU": of_torch("GRU"),
    "a GRU that says nothing": of_torch("GRU", told={}),
    "torch's RNN": of_torch("RNN"),
    "torch's two directions": of_torch_in_both_directions(),
    "tf2onnx' two directions": of_tf2onnx(),
    "states of two layers": with_states(),
}
