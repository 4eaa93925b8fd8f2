"""Models that are made of graphs: our own, and what is refused of those of others."""

import numpy as np
import pytest

import tinylstm
from tests.formats.onnx.models import MODELS, STATEFUL, B, data_for, made
from tinylstm import GRU, LSTM, Dense, Flatten, RepeatVector, TimeDistributed, load_model
from tinylstm.formats import doors

pytestmark = pytest.mark.quick


@pytest.fixture
def path(tmp_path):
    return tmp_path / "m.onnx"


@pytest.mark.parametrize("name", MODELS)
def test_a_model_that_was_saved_puts_out_the_same(path, name):
    model = made(MODELS[name]())
    model.save(path)
    found = load_model(path)
    x = data_for(model)
    expected = model.predict(x, batch_size=B, verbose=0)
    same = {"rtol": 0, "atol": 1e-6 if name == "what training alone has" else 0}
    np.testing.assert_allclose(found.predict(x, batch_size=B, verbose=0), expected, **same)
    assert found.batch_input_shape == model.batch_input_shape
    kept = [one.name for one in model.layers if one.name in {two.name for two in found.layers}]
    assert kept == [one.name for one in found.layers if one.name in kept]


@pytest.mark.parametrize("name", STATEFUL)
def test_a_model_that_carries_a_state_still_does(path, name):
    model = made(STATEFUL[name]())
    model.save(path)
    found = load_model(path)
    x = data_for(model)
    for _ in range(3):
        expected = model.predict(x, batch_size=B, verbose=0)
        np.testing.assert_array_equal(found.predict(x, batch_size=B, verbose=0), expected)
    states = found.get_states()
    for layer, arrays in model.get_states().items():
        for one, other in zip(states[layer], arrays, strict=True):
            np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize("every", [True, False])
def test_lengths_of_one_are_no_axes_less(path, every):
    lstm = LSTM(1, batch_input_shape=(1, 1, 1), return_sequences=True)
    model = made([lstm, GRU(1, return_sequences=every, go_backwards=True), Dense(1)])
    model.save(path)
    x = np.ones((1, 1, 1), "f4")
    found = load_model(path)
    np.testing.assert_array_equal(found.predict(x, verbose=0), model.predict(x, verbose=0))
    assert [one.name for one in found.layers] == [one.name for one in model.layers]


def test_names_of_nodes_and_usual_ones_do_not_meet(path):
    model = made([TimeDistributed(Dense(2), input_shape=(6, 3)), Dense(3), Dense(2, name="last")])
    model.save(path)
    assert [one.name for one in load_model(path).layers] == ["dense_1", "dense", "last"]


@pytest.mark.parametrize("rows", [1, None])
def test_a_step_alone_is_no_feature_where_samples_lie_end_to_end(path, rows):
    shape = {"batch_input_shape": (rows, 1, 3)}
    model = made([LSTM(4, state_mode="batch_carried", **shape), Dense(2)])
    model.save(path)
    x = np.random.default_rng(1).normal(size=(rows or B, 1, 3))
    expected = model.predict(x, batch_size=len(x), verbose=0)
    found = load_model(path).predict(x, batch_size=len(x), verbose=0)
    np.testing.assert_array_equal(found, expected)


@pytest.mark.parametrize("shape", [(1, 1, 3), (1, 2, 3), (4, 1, 3), (None, 1, 3)])
def test_flat_samples_stay_samples(path, shape):
    model = made([Dense(3, batch_input_shape=shape), Flatten(), RepeatVector(2), LSTM(2)])
    model.save(path)
    x = np.random.default_rng(1).normal(size=(shape[0] or B, *shape[1:]))
    expected = model.predict(x, verbose=0)
    np.testing.assert_array_equal(load_model(path).predict(x, verbose=0), expected)


def test_weights_come_into_a_model_that_is_there(path):
    model, other = made(MODELS["a stack"]()), tinylstm.Sequential(MODELS["a stack"]())
    model.save(path)
    other.load_weights(path)
    np.testing.assert_array_equal(other.theta, model.theta)


def test_show_lists_the_nodes_that_have_weights(path):
    made([LSTM(4, stateful=True, input_shape=(None, 3))]).save(path)
    shown = doors.shown(path)
    shapes = [("lstm/W", (1, 16, 3)), ("lstm/R", (1, 16, 4)), ("lstm/B", (1, 32))]
    assert (shown.what, shown.dtype) == ("an ONNX graph", "float32")
    assert shown.layers == [("lstm", "LSTM", shapes)]
    assert shown.lines == [
        "reads: x (batch, steps, 3), lstm/h (batch, 4), lstm/c (batch, 4)",
        "gives: y (batch, 4), lstm/h_new (batch, 4), lstm/c_new (batch, 4)",
        f"made by tinylstm {tinylstm.__version__}, opset 20",
    ]


def test_a_model_of_a_graph_is_not_compiled_and_can_be(path):
    made(MODELS["LSTM"]()).save(path)
    found = load_model(path)
    assert found.loss is None
    found.compile("adam", "mse")
    before = found.get_weights()[0]
    found.fit(data_for(found), np.zeros((B, 2)), verbose=0)
    assert not np.array_equal(before, found.get_weights()[0])
