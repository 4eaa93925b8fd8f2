"""What ONNX' messages are made of: the fields that are read or written here, by their numbers.

Source: ``onnx/onnx.proto``, IR version 8.
"""

import math

import numpy as np

from ...files.refusals import Damaged, named
from .wire import BYTES, DOUBLE, FLOAT, INT, TEXT, Field

ENTRY = {1: Field("key", TEXT), 2: Field("value", TEXT)}
DIMENSION = {1: Field("dim_value", INT), 2: Field("dim_param", TEXT)}
SHAPE = {1: Field("dim", DIMENSION, many=True)}
TENSOR_TYPE = {1: Field("elem_type", INT), 2: Field("shape", SHAPE)}
TYPE = {1: Field("tensor_type", TENSOR_TYPE)}
VALUE_INFO = {1: Field("name", TEXT), 2: Field("type", TYPE)}
TENSOR = {
    1: Field("dims", INT, many=True),
    2: Field("data_type", INT),
    4: Field("float_data", FLOAT, many=True),
    5: Field("int32_data", INT, many=True),
    7: Field("int64_data", INT, many=True),
    8: Field("name", TEXT),
    9: Field("raw_data", BYTES),
    10: Field("double_data", DOUBLE, many=True),
    13: Field("external_data", ENTRY, many=True),
    14: Field("data_location", INT),
}
ATTRIBUTE = {
    1: Field("name", TEXT),
    2: Field("f", FLOAT),
    3: Field("i", INT),
    4: Field("s", TEXT),
    5: Field("t", TENSOR),
    6: Field("g", BYTES),  # a graph inside, which is not looked at
    7: Field("floats", FLOAT, many=True),
    8: Field("ints", INT, many=True),
    9: Field("strings", TEXT, many=True),
    20: Field("type", INT),
}
NODE = {
    1: Field("input", TEXT, many=True),
    2: Field("output", TEXT, many=True),
    3: Field("name", TEXT),
    4: Field("op_type", TEXT),
    5: Field("attribute", ATTRIBUTE, many=True),
    7: Field("domain", TEXT),
}
GRAPH = {
    1: Field("node", NODE, many=True),
    2: Field("name", TEXT),
    5: Field("initializer", TENSOR, many=True),
    11: Field("input", VALUE_INFO, many=True),
    12: Field("output", VALUE_INFO, many=True),
}
OPSET = {1: Field("domain", TEXT), 2: Field("version", INT)}
FUNCTION = {
    1: Field("name", TEXT),
    4: Field("input", TEXT, many=True),
    5: Field("output", TEXT, many=True),
    7: Field("node", NODE, many=True),
    9: Field("opset_import", OPSET, many=True),
    10: Field("domain", TEXT),
}
MODEL = {
    1: Field("ir_version", INT),
    2: Field("producer_name", TEXT),
    3: Field("producer_version", TEXT),
    7: Field("graph", GRAPH),
    8: Field("opset_import", OPSET, many=True),
    14: Field("metadata_props", ENTRY, many=True),
    25: Field("functions", FUNCTION, many=True),
}

# Numbers of `data_type`, and which field has the values where raw_data has not.
DTYPES: dict[int, tuple[np.dtype, str]] = {
    1: (np.dtype("<f4"), "float_data"),
    6: (np.dtype("<i4"), "int32_data"),
    7: (np.dtype("<i8"), "int64_data"),
    9: (np.dtype("?"), "int32_data"),
    10: (np.dtype("<f2"), "int32_data"),  # the bits of one in each
    11: (np.dtype("<f8"), "double_data"),
}
NUMBERS = {dtype: number for number, (dtype, _) in DTYPES.items()}
# Numbers of an attribute's `type`, by the field that has its value.
ATTRIBUTES = {"f": 1, "i": 2, "s": 3, "t": 4, "g": 5, "floats": 6, "ints": 7, "strings": 8}


def tensor_of(array, name=""):
    """The message of an array."""
    array = np.asarray(array, array.dtype.newbyteorder("<"), order="C")
    message = {
        "dims": array.shape,
        "data_type": NUMBERS[array.dtype],
        "raw_data": memoryview(array.reshape(-1).view(np.uint8)),
    }
    return message | ({"name": name} if name else {})


def array_of(tensor):
    """The array of a message: a view of the file, where that has its bytes."""
    name, shape = named(tensor.get("name", "")), tuple(tensor.get("dims", ()))
    if tensor.get("data_location", 0) or tensor.get("external_data"):
        raise Damaged(
            f"the numbers of tensor {name} are in another file; torch.onnx.export(..., "
            "external_data=False) and onnx.save write all into one"
        )
    if tensor.get("data_type") not in DTYPES:
        number = tensor.get("data_type")
        raise Damaged(f"tensor {name} has the data type {number}, which is not read here")
    dtype, field = DTYPES[tensor["data_type"]]
    if "raw_data" in tensor:
        raw = tensor["raw_data"]
        if len(raw) % dtype.itemsize:
            raise Damaged(f"the numbers of tensor {name} are cut off")
        numbers = np.frombuffer(raw, dtype)
    elif field in ("float_data", "double_data"):
        numbers = np.concatenate([np.zeros(0, dtype), *map(np.ravel, tensor.get(field, ()))])
    else:
        bits = np.dtype("<u2") if dtype.kind == "f" else dtype
        numbers = whole_numbers(tensor.get(field, ()), bits, name).view(dtype)
    if min(shape, default=0) < 0 or math.prod(shape) != len(numbers):
        raise Damaged(f"tensor {name} has {len(numbers):,} numbers, but the shape {list(shape)}")
    return numbers.reshape(shape)


def whole_numbers(values, dtype, name):
    """Whole numbers as an array."""
    try:
        return np.array(values, dtype)
    except OverflowError:
        raise Damaged(f"tensor {name} has numbers that do not fit") from None


def by_name(messages):
    """{name: message}; a name that stands twice is refused: others take the first, or the last."""
    found = {}
    for one in messages:
        name = one.get("name", "")
        if name in found:
            raise Damaged(f"it says {named(name)} twice")
        found[name] = one
    return found


def attributes_of(node):
    """{name: value} of a node, tensors as arrays."""
    found = {}
    for name, one in by_name(node.get("attribute", ())).items():
        fields = [field for field in ATTRIBUTES if field in one]
        by_type = [field for field in fields if ATTRIBUTES[field] == one.get("type")]
        field = (by_type or fields or [None])[0]
        value = one.get(field)
        if field == "t":
            value = array_of(value)
        elif field == "floats":
            value = [float(x) for part in value for x in np.ravel(part)]
        found[name] = value
    return found


def attribute_of(name, value):
    """The message of an attribute."""
    first = value[0] if isinstance(value, list | tuple) else value
    kind = {int: "i", float: "f", str: "s", np.ndarray: "t"}[type(first)]
    if isinstance(value, list | tuple):
        kind = {"i": "ints", "f": "floats", "s": "strings"}[kind]
    value = tensor_of(value) if kind == "t" else value
    return {"name": name, kind: value, "type": ATTRIBUTES[kind]}
