"""Messages as bytes, held to the onnx package; and bytes that are none."""

import math

import numpy as np
import pytest

from tests.attacks._judge import measured
from tinylstm.files.refusals import Damaged
from tinylstm.formats.onnx.messages import (
    ATTRIBUTE,
    MODEL,
    NODE,
    TENSOR,
    array_of,
    attribute_of,
    attributes_of,
    tensor_of,
)
from tinylstm.formats.onnx.wire import MOST, Reader, written

pytestmark = pytest.mark.quick


def back(table, message):
    return Reader(written(table, message)).read(table)


@pytest.mark.parametrize("number", [0, 1, 127, 128, 300, 2**31, 2**63 - 1, -1, -(2**63)])
def test_whole_numbers_come_back(number):
    assert back(ATTRIBUTE, {"i": number, "ints": [number, 5]}) == {"i": number, "ints": [number, 5]}


def test_fields_that_no_table_has_are_passed_over():
    content = b"\x98\x06\x05" + written(NODE, {"name": "a"}) + b"\x9a\x06\x02hi" + b"\xf5\x06abcd"
    assert Reader(content).read(NODE) == {"name": "a"}


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"\x1a\x05abc", "cut off"),
        (b"\x1a" + b"\xff" * 9 + b"\x7f", "cut off"),
        (b"\x1a\xff", "no end"),
        (b"\x1a" + b"\x80" * 20, "no end"),
        (b"\x18\x05", "another kind"),
        (b"\x1d\0\0\0\0", "another kind"),
        (b"\x1b", "cut off"),  # a group, which protobuf has given up
        (b"\x1a\x02\xff\xfe", "none of UTF-8"),
        (b"\x0d\0\0", "cut off"),
        (b"\x1a\x01a\x1a\x01b", "its name twice"),
    ],
)
def test_bytes_that_are_no_message_are_damaged(content, said):
    with pytest.raises(Damaged, match=said):
        Reader(content).read(NODE)


@pytest.mark.parametrize(
    ("table", "content"),
    [
        (NODE, b"\x0a\0" * (10 * MOST)),
        (MODEL, written(MODEL, {"graph": {"node": [{}] * (2 * MOST)}})),
        (ATTRIBUTE, written(ATTRIBUTE, {"name": "x"}) + b"\x42\x80\x80\x80\x01" + bytes(2**21)),
    ],
)
def test_a_file_of_nothing_but_fields_is_given_up_before_it_fills_the_memory(table, content):
    with measured(0), pytest.raises(Damaged, match="fields"):
        Reader(content).read(table)


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64", "int32", "int64", "bool"])
def test_arrays_are_those_of_the_onnx_package(dtype):
    onnx = pytest.importorskip("onnx")
    array = np.arange(6).reshape(2, 3).astype(dtype)
    ours = onnx.TensorProto.FromString(written(TENSOR, tensor_of(array, "a")))
    np.testing.assert_array_equal(onnx.numpy_helper.to_array(ours), array)
    number = onnx.helper.np_dtype_to_tensor_dtype(np.dtype(dtype))
    for raw in (True, False):
        values = array.tobytes() if raw else array.reshape(-1).tolist()
        theirs = onnx.helper.make_tensor("a", number, array.shape, values, raw=raw)
        found = array_of(Reader(theirs.SerializeToString()).read(TENSOR))
        np.testing.assert_array_equal(found, array)
        assert found.dtype == array.dtype


@pytest.mark.parametrize("value", [3, -3, 0.5, "word", [1, 2], [0.5, 2.0], ["a", "b"]])
def test_attributes_are_those_of_the_onnx_package(value):
    onnx = pytest.importorskip("onnx")
    theirs = onnx.helper.make_node("Any", [], ["y"], told=value)
    assert attributes_of(Reader(theirs.SerializeToString()).read(NODE)) == {"told": value}
    ours = onnx.AttributeProto.FromString(written(ATTRIBUTE, attribute_of("told", value)))
    assert ours == theirs.attribute[0]


def test_no_tensor_is_larger_than_its_bytes():
    for dims in ([2**62, 2], [2**31] * 4, [-1], [3]):
        with pytest.raises(Damaged, match="but the shape"):
            array_of({"dims": dims, "data_type": 1, "raw_data": bytes(8)})
    assert array_of({"dims": [2, 0], "data_type": 1}).shape == (2, 0)
    assert math.prod(array_of({"data_type": 1, "raw_data": bytes(4)}).shape) == 1
