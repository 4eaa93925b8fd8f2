"""A model as an ONNX file.

What comes in is ``x``, what goes out is ``y``, both with the samples first; and for each state
that goes on, ``lstm/h`` and ``lstm/c`` come in, and ``lstm/h_new`` and ``lstm/c_new`` go out,
(samples, units) as `Sequential.get_states` has them.
"""

import numpy as np

from ....surface.errors import mismatch
from .. import wire
from ..functions import DOMAIN, FUNCTIONS, OPSETS
from ..messages import MODEL
from .flow import Flow
from .graph import Graph
from .layers import put

IR_VERSION = 9
WORDS = "batch", "steps"  # for lengths that are free
INPUT, OUTPUT = "x", "y"


def pieces_of(model, version):
    """The file of a built model, piece after piece.

    Raises
    ------
    ValueError
        If ONNX cannot say a layer; names it.
    """
    if model.network is None:
        raise mismatch(
            "An ONNX file has the weights of a model.",
            "an input_shape in the first layer, model.build(shape), or data in fit or predict",
            "a model whose input shape is not known",
        )
    graph, shape = Graph(model.dtype), model.batch_input_shape
    words = model.layers[0].reads_numbers
    axes = shape if words else shape[:-1]  # without that of the features
    lengths = [word if n is None else n for n, word in zip(axes, WORDS, strict=False)]
    x = graph.input(INPUT, [*lengths, *shape[len(lengths) :]], np.dtype("<i8") if words else None)
    flow = Flow(x, tuple(lengths), None)
    for layer in model.layers:
        flow = put(graph, layer, flow)
    lengths = *flow.lengths, model.layers[-1].units_out
    graph.output(flow.name, OUTPUT, lengths, first=True)
    masked = any(node["domain"] == DOMAIN for node in graph.nodes)
    brought = list(FUNCTIONS.values()) if masked else []
    message = {
        "ir_version": IR_VERSION,
        "producer_name": "tinylstm",
        "producer_version": version,
        "graph": graph.message(model.name),
        "opset_import": OPSETS if brought else OPSETS[:1],
        "metadata_props": [{"key": "tinylstm", "value": version}],
        "functions": brought,
    }
    return wire.pieces_of(MODEL, message)
