"""A model from the bytes of an ONNX file.

``walk.py`` goes through the graph once and follows what each value is (``values.py``); one function
for each operator says what comes out of it (``operators.py``). Behind that there is a chain of
layers, of which a model is made (``made.py``).
"""

import numpy as np

from ....files.refusals import Damaged, named
from ..functions import DOMAIN, FUNCTIONS
from ..messages import FUNCTION, MODEL
from ..wire import Reader, written
from .made import batch_shape, links_of, model_of, returned_by
from .values import OtherAxes
from .walk import STANDARD, Graph

LEAST = 13  # opset: what Softmax and Squeeze are was another thing before


def message_of(content):
    """The message of a file, of which the opset and the functions are those that are known."""
    message = Reader(content).read(MODEL)
    if "graph" not in message:
        raise Damaged("it has no graph")
    sets = [one for one in message.get("opset_import", ()) if one.get("domain", "") in STANDARD]
    opset = max((one.get("version", 0) for one in sets), default=0)
    if opset < LEAST:
        raise Damaged(
            f"its operators are those of opset {opset}; opset_version={LEAST} or more in the "
            "exporter, or onnx.version_converter, makes one that is read"
        )
    for one in message.get("functions", ()):
        ours = FUNCTIONS.get(one.get("name")) if one.get("domain") == DOMAIN else None
        if ours is None or Reader(written(FUNCTION, ours)).read(FUNCTION) != one:
            raise Damaged(f"its function {named(one.get('name'))} is none of tinylstm's")
    return message


def read(kind, content):
    """A new model of a kind."""
    return model_of(kind, *links_in(content), len(content))


def weights(content):
    """[(name, class, arrays in Keras' order)] of the layers that have weights."""
    links, _, _ = links_in(content)
    return [
        (link.name, link.kind.__name__, [np.concatenate(one, -1) for one in link.weights])
        for link in links
        if link.weights
    ]


def links_in(content):
    """The layers of a file, which of them give their last states, and the shape of a batch."""
    message = message_of(content)
    graph = Graph(message["graph"], len(content))
    brought = {one["name"] for one in message.get("functions", ())}
    used = {one.get("op_type") for one in graph.nodes if one.get("domain") == DOMAIN}
    if used - brought:
        raise Damaged(f"it has not the function {named(min(used - brought))}")
    steps_first = False
    try:
        outputs = graph.walk(steps_first)
    except OtherAxes:
        steps_first = True
        outputs = graph.walk(steps_first)
    links = links_of(outputs[0])
    returned = returned_by(links, outputs[1:])
    return links, returned, batch_shape(graph.inputs[0], links[0], steps_first)
