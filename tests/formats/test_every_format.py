"""Which weights of a file go where is the same in each format, whatever layers are called."""

import numpy as np
import pytest

import tinylstm
from tests.snapshots import changed, refused, snapshot
from tinylstm import LSTM, Activation, Dense, Dropout, Sequential


def model_of(names):
    model = Sequential([LSTM(4, input_shape=(3, 2), name=names[0]), Dense(2, name=names[1])])
    model.build((None, 3, 2))
    return model


@pytest.mark.parametrize("suffix", ["", ".h5", ".weights.h5"])
@pytest.mark.parametrize("by_name", [False, True])
def test_weights_of_other_shapes_are_left_where_that_is_wanted(tmp_path, suffix, by_name):
    path, first = tmp_path / f"w{suffix}", model_of(("a", "b"))
    first.save_weights(path)
    second = Sequential([LSTM(4, input_shape=(3, 2), name="a"), Dense(3, name="b")])
    third = Sequential([LSTM(5, input_shape=(3, 2), name="a"), Dense(3, name="b")])
    for model, skip in ((second, False), (third, False), (third, True)):  # of the third none fits
        model.compile("sgd", "mse")
        model.build((None, 3, 2))
        before = snapshot(model)
        with refused(ValueError, "another model"):
            model.load_weights(path, by_name, skip)
        assert changed(model, before) == []
    with pytest.warns(UserWarning, match="stays as it was") as said:
        second.load_weights(path, by_name, skip_mismatch=True)
    assert [str(one.message).partition(" (")[0] for one in said] == ["b/kernel", "b/bias"]
    assert all(map(np.array_equal, first.layers[0].get_weights(), second.layers[0].get_weights()))


@pytest.mark.parametrize("suffix", ["", ".h5", ".weights.h5", ".keras"])
def test_layers_that_one_side_alone_has_are_refused_but_by_name(tmp_path, suffix):
    path, first = tmp_path / f"w{suffix}", model_of(("a", "b"))
    (first.save if suffix == ".keras" else first.save_weights)(path)
    second = Sequential([LSTM(4, input_shape=(3, 2), name="a"), Dense(2, name="b"), Dense(2)])
    second.build((None, 3, 2))
    for skip in (False, True):
        with refused(ValueError, "another model"):
            second.load_weights(path, skip_mismatch=skip)
    second.load_weights(path, by_name=True)
    assert all(map(np.array_equal, first.get_weights(), second.get_weights()))


@pytest.mark.parametrize("suffix", ["", ".h5", ".weights.h5"])
def test_weights_of_no_layer_go_there_and_back(tmp_path, suffix):
    model = Sequential([Dropout(0.5, input_shape=(3,)), Activation("tanh")])
    model.build((None, 3))
    model.save_weights(tmp_path / f"w{suffix}")
    model.load_weights(tmp_path / f"w{suffix}")
    with refused(ValueError, "another model"):
        model_of(("a", "b")).load_weights(tmp_path / f"w{suffix}")


@pytest.mark.parametrize("suffix", [".safetensors", ".h5", ".keras"])
@pytest.mark.parametrize(
    "names", [("größe 層", "a.b"), ("a/b", "c"), ("a\nb", "../x"), ("1", "vars"), (" ", "a:0")]
)
def test_layers_of_any_name_go_there_and_back(tmp_path, names, suffix):
    model = model_of(names)
    model.save(tmp_path / f"m{suffix}")
    found = tinylstm.load_model(tmp_path / f"m{suffix}", compile=False)
    assert [layer.name for layer in found.layers] == [*names]
    assert all(map(np.array_equal, model.get_weights(), found.get_weights()))
    other = model_of((names[1], names[0]))
    other.load_weights(tmp_path / f"m{suffix}")
    assert all(map(np.array_equal, model.get_weights(), other.get_weights()))
