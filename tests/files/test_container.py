"""A container gives back what was put into it, and is a safetensors file for others."""

from functools import reduce

import numpy as np
import pytest
from safetensors import safe_open
from safetensors.numpy import load_file

from tests.files.by_hand import has_its_checksum
from tests.snapshots import refused
from tinylstm.files import container

KIND = {"kind": "tinylstm test", "version": 2}
DTYPES = [
    *("float16", "float32", "float64"),
    *(f"{sign}int{bits}" for sign in ("", "u") for bits in (8, 16, 32, 64)),
]


@pytest.mark.parametrize(
    "value",
    [
        *("", "a word", "7", "true", "null", "[1", '"', '"in quotes"', "NaN", " [] ", "für\n"),
        *("half a letter: \ud800", "[" * 200, 0, -7, 2**200, 0.1, 1e-300, float("inf")),
        *(True, None, [], {}, [[1, "a"], {"b": None}], {"a": {"b": [0.5]}, "": 1}),
    ],
)
def test_what_is_said_comes_back(tmp_path, value):
    container.write(tmp_path / "f", {}, KIND | {"value": value})
    _, about = container.read(tmp_path / "f")
    assert about == KIND | {"value": value}
    assert type(about["value"]) is type(value)


def test_numbers_come_back_bit_by_bit_in_their_dtypes_and_shapes(tmp_path):
    rng = np.random.default_rng(5)
    shapes = [(), (0,), (3,), (2, 0, 4), (2, 3, 4)]
    tensors = {
        f"{dtype} {shape}": (100 * rng.random(shape)).astype(dtype)
        for dtype in DTYPES
        for shape in shapes
    }
    tensors["not in one piece"] = rng.random((4, 6)).T[::2]
    tensors["big end first"] = rng.random(3).astype(">f8")
    container.write(tmp_path / "f", tensors, KIND)
    ours, theirs = container.read(tmp_path / "f")[0], load_file(tmp_path / "f")
    assert ours.keys() == theirs.keys() == tensors.keys()
    for name, array in tensors.items():
        for found in (ours[name], theirs[name]):
            assert found.dtype == array.dtype.newbyteorder("<")
            assert found.shape == array.shape
            assert found.tobytes() == array.astype(found.dtype).tobytes()
        assert ours[name].flags.carray


def test_others_read_it_and_the_checksum_is_that_of_its_bytes(tmp_path):
    container.write(tmp_path / "f", {"a/b": np.ones(3, "float32")}, KIND | {"said": [1, 2]})
    assert has_its_checksum((tmp_path / "f").read_bytes())
    with safe_open(tmp_path / "f", "numpy") as file:
        said = file.metadata()
        assert (file.get_tensor("a/b") == 1).all()
    assert len(said.pop("tinylstm checksum")) == 64
    assert said == {"kind": "tinylstm test", "version": "2", "said": "[1, 2]"}


@pytest.mark.parametrize(
    ("tensors", "about"),
    [
        ({"n" * 17_000_000: np.ones(1)}, {}),
        ({"half a letter \ud800": np.ones(1)}, {}),
        ({"many axes": np.ones((1,) * 33)}, {}),
        ({}, {"deep": reduce(lambda inner, _: [inner], range(100), [])}),
        ({}, {"digits": 10**500}),
        ({}, {"tables": [{}] * 700_000}),
    ],
)
def test_what_would_not_be_read_again_is_not_written(tmp_path, tensors, about):
    (tmp_path / "f").write_bytes(b"old")
    with refused(ValueError, "No file of this is read again"):
        container.write(tmp_path / "f", tensors, KIND | about)
    assert (tmp_path / "f").read_bytes() == b"old"
