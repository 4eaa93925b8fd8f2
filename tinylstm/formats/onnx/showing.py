"""What an ONNX file holds, also where no model of tinylstm is that."""

from ...files.refusals import word
from .. import Shown, only_one
from .messages import DTYPES
from .reading import message_of

FLOATS = {number for number, (dtype, _) in DTYPES.items() if dtype.kind == "f"}


def shown_of(content):
    """A `Shown` of the bytes of a file: its nodes with the tensors that they read."""
    message = message_of(content)
    graph = message["graph"]
    left = {one.get("name", ""): one for one in graph.get("initializer", ())}
    layers = []
    for node in graph.get("node", ()):
        names = [
            name for name in dict.fromkeys(node.get("input", ())) if is_parameter(left.get(name))
        ]
        tensors = [(name, tuple(left.pop(name).get("dims", ()))) for name in names]
        if tensors:
            layers.append((node.get("name") or node["output"][0], node.get("op_type"), tensors))
    numbers = (one["data_type"] for one in graph.get("initializer", ()) if is_parameter(one))
    dtype = only_one(DTYPES[number][0].name for number in numbers)
    lines = [
        f"{what}: {', '.join(map(said, graph.get(name, ())))}"
        for what, name in (("reads", "input"), ("gives", "output"))
    ]
    maker = " ".join(word(message.get(f"producer_{name}", "")) for name in ("name", "version"))
    maker = maker.removesuffix(" None")  # of tf2onnx: its commit, where nobody knows it
    opset = max(one.get("version", 0) for one in message["opset_import"])
    lines.append(f"made by {maker.strip() or 'nobody'}, opset {opset}")
    return Shown("an ONNX graph", layers, lines, dtype)


def is_parameter(tensor):
    """Whether a tensor is one: floats along some axis."""
    floats = tensor is not None and tensor.get("data_type") in FLOATS
    return floats and len(tensor.get("dims", ())) > 0


def said(value):
    """The name of an input or output with its lengths."""
    dims = value.get("type", {}).get("tensor_type", {}).get("shape", {}).get("dim", ())
    lengths = [word(dim.get("dim_param") or str(dim.get("dim_value", "?"))) for dim in dims]
    return f"{word(value.get('name', ''))} ({', '.join(lengths)})"
