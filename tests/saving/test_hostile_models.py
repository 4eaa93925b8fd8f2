"""A file of a model that was written to do harm makes no model, and takes little to refuse."""

import tracemalloc

import pytest

from tests.attacks.damaged_models import RUN, model_of, with_
from tests.files.by_hand import parts
from tests.snapshots import refused
from tinylstm import LSTM, Dense, Sequential, load_model

LAYER, CONFIG = ("config", "layers", 0), ("config", "layers", 0, "config")
CHANGES = {  # what is said otherwise in the text of a file: path, value; and what is then said
    "huge units": ("model", [(*CONFIG, "units"), 10**9], "not those of the model"),
    "units beyond all": ("model", [(*CONFIG, "units"), 10**300], "units must be a whole number"),
    "units below zero": ("model", [(*CONFIG, "units"), -4], "units must be a whole number"),
    "other units": ("model", [(*CONFIG, "units"), 5], "not those of the model"),
    "no such class": ("model", [(*LAYER, "class_name"), "Nothing"], "nothing of tinylstm"),
    "a function of the system": (
        *("model", [(*LAYER, "class_name"), "system", (*LAYER, "module"), "os"]),
        "nothing of tinylstm",
    ),
    "a class that is no layer": ("model", [(*LAYER, "class_name"), "Adam"], ""),
    "a class that is no optimiser": ("compile", [("optimizer", "class_name"), "Dropout"], ""),
    "something to run": ("model", [(*CONFIG, "activation"), RUN], "Unknown"),
    "huge batches": ("model", [("config", "batch_input_shape"), [10**9, 3, 2]], ""),
    "huge features": ("model", [("config", "batch_input_shape"), [None, 3, 10**12]], ""),
    "a seed below zero": ("position", [("seed",), -1], "seed must be a whole number"),
    "rows below zero": ("position", [("rows",), -1], "rows"),
}


@pytest.fixture(scope="module")
def content(tmp_path_factory):
    """The bytes of a file of a model."""
    path = tmp_path_factory.mktemp("model") / "m"
    model_of("one").save(path)
    return path.read_bytes()


@pytest.mark.parametrize("name", CHANGES)
def test_what_is_said_otherwise_is_refused(tmp_path, monkeypatch, content, name):
    text, changes, fragment = CHANGES[name]
    monkeypatch.chdir(tmp_path)
    (tmp_path / "m").write_bytes(with_(content, text, *changes))
    tracemalloc.start()
    try:
        with pytest.raises(ValueError, match="Expected: ") as caught:
            load_model(tmp_path / "m")
        assert tracemalloc.get_traced_memory()[1] < 2**23
    finally:
        tracemalloc.stop()
    assert fragment in str(caught.value)
    assert [path.name for path in tmp_path.iterdir()] == ["m"]


def test_a_file_of_weights_is_no_model_and_a_model_has_weights(tmp_path, content):
    model = Sequential([LSTM(4, input_shape=(3, 2)), Dense(2)])
    model.save_weights(tmp_path / "w")
    with refused(ValueError, "no model in"):
        load_model(tmp_path / "w")
    (tmp_path / "m").write_bytes(content)
    model.load_weights(tmp_path / "m")
    assert (model.theta == load_model(tmp_path / "m").theta).all()


def test_a_flipped_bit_in_a_model_is_an_error(tmp_path, content):
    start = 8 + len(parts(content)[0])
    for byte in (8, 100, start - 50, start, len(content) - 1):
        flipped = bytes([content[byte] ^ 4])
        (tmp_path / "m").write_bytes(content[:byte] + flipped + content[byte + 1 :])
        with pytest.raises(ValueError, match="Expected: "):
            load_model(tmp_path / "m")
