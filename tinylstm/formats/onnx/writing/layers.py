"""Each layer as nodes of a graph; ``writing/recurrent.py`` has those that carry a state."""

from typing import Any

from ....layers import (
    GRU,
    LSTM,
    RNN,
    Activation,
    Bidirectional,
    Dense,
    Dropout,
    Embedding,
    Flatten,
    LayerNormalization,
    LeakyReLU,
    Masking,
    RepeatVector,
    Reshape,
    SimpleRNN,
    SpatialDropout1D,
    TimeDistributed,
)
from ....surface.errors import kind_of, mismatch
from ..vocabulary import ACTIVATIONS
from .flow import Flow
from .masks import of_numbers, of_words
from .recurrent import bidirectional, recurrent


def put(graph, layer, flow):
    """Append a layer's nodes; what flows behind it.

    Raises
    ------
    ValueError
        If ONNX has no way to say it.
    """
    kind = type(layer)
    if kind not in LAYERS:
        raise mismatch(
            f"ONNX cannot say layer {layer.name!r}: it has no operator for what is of your own.",
            f"layers among {', '.join(sorted(one.__name__ for one in LAYERS))}",
            kind_of(kind),
        )
    return LAYERS[kind](graph, layer, flow)


def dense(graph, layer, flow):
    """y = activation(x W + b)."""
    y = graph.node("MatMul", [flow.name, parameter(graph, layer, "kernel")], layer.name)
    if layer.use_bias:
        y = graph.node("Add", [y, parameter(graph, layer, "bias")], f"{layer.name}/add")
    flow = flow._replace(name=y)
    return flow if layer.tail is None else activation(graph, layer.tail, flow)


def activation(graph, layer, flow):
    """y = activation(x), elementwise, or softmax over the features."""
    name = layer.activation
    known = NODES.get(name) if isinstance(name, str) else None
    if known is None:
        raise mismatch(
            f"ONNX cannot say the activation of layer {layer.name!r}.",
            f"one of {', '.join(NODES)}",
            repr(name),
        )
    operator, attributes = known
    return flow._replace(name=graph.node(operator, [flow.name], layer.name, **attributes))


def leaky_relu(graph, layer, flow):
    """y = x where x > 0, else slope x."""
    slope = {"alpha": layer.negative_slope}
    return flow._replace(name=graph.node("LeakyRelu", [flow.name], layer.name, **slope))


def normalization(graph, layer, flow):
    """Mean 0 and variance 1, then a gain, which ONNX always has, and a shift."""
    weights = layer.named_weights()
    gamma = weights["gamma"] if layer.scale else [1.0] * layer.input_shape[-1]
    inputs = [flow.name, graph.tensor(f"{layer.name}/gamma", gamma)]
    if layer.center:
        inputs.append(parameter(graph, layer, "beta"))
    found = graph.node("LayerNormalization", inputs, layer.name, axis=-1, epsilon=layer.epsilon)
    return flow._replace(name=found)


def embedding(graph, layer, flow):
    """y = E[x]."""
    mask = of_words(graph, flow.name) if layer.mask_zero else None
    found = graph.node("Gather", [parameter(graph, layer, "embeddings"), flow.name], layer.name)
    return flow._replace(name=found, mask=mask)


def left_out(graph, layer, flow):
    """What only is there in training."""
    return flow


def reshape(graph, layer, flow):
    """The same numbers of a sample in another shape."""
    shape = layer.output_shape(layer.input_shape)
    found = graph.node("Reshape", [flow.name, graph.numbers(0, *shape)], layer.name)
    return Flow(found, (flow.lengths[0], *shape[:-1]), None)


def repeat(graph, layer, flow):
    """The same vector at each of n steps."""
    one = graph.node("Unsqueeze", [flow.name, graph.numbers(1)])
    found = graph.node("Tile", [one, graph.numbers(1, layer.n, 1)], layer.name)
    return Flow(found, (flow.lengths[0], layer.n), None)


def time_distributed(graph, layer, flow):
    """The layer itself, which reads the last axis."""
    return put(graph, layer.layer, flow)


def parameter(graph, layer, name):
    """Add a parameter under the name that it has in our files."""
    return graph.tensor(f"{layer.name}/{name}", layer.named_weights()[name])


LAYERS: dict[type, Any] = {
    **dict.fromkeys((LSTM, GRU, SimpleRNN, RNN), recurrent),
    Bidirectional: bidirectional,
    Dense: dense,
    Activation: activation,
    LeakyReLU: leaky_relu,
    LayerNormalization: normalization,
    Embedding: embedding,
    Masking: of_numbers,
    **dict.fromkeys((Dropout, SpatialDropout1D), left_out),
    **dict.fromkeys((Reshape, Flatten), reshape),
    RepeatVector: repeat,
    TimeDistributed: time_distributed,
}
NODES: dict[str, Any] = {  # (operator, attributes) of an activation behind a layer
    "linear": ("Identity", {}),
    "softmax": ("Softmax", {"axis": -1}),
    "elu": ("Elu", {"alpha": 1.0}),
    "gelu": ("Gelu", {}),
} | {
    name: (operator, dict(zip(("alpha", "beta"), numbers, strict=False)))
    for name, (operator, *numbers) in ACTIVATIONS.items()
    if name != "linear"
}
