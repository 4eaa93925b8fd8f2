"""What ONNX Runtime makes of a file, and the checks of the onnx package."""

import numpy as np
import pytest

import tinylstm
from tests.formats.onnx.models import FIXED, MODELS, STATEFUL, B, data_for, made
from tests.formats.onnx.running import NEAR, onnx, run, session_of
from tests.own_cells import peephole
from tests.snapshots import refused
from tinylstm import GRU, LSTM, RNN, Dense, Layer, Sequential

CALLS = 3


@pytest.fixture
def path(tmp_path):
    return tmp_path / "m.onnx"


@pytest.mark.parametrize("name", MODELS)
def test_onnx_runtime_puts_out_what_predict_does(path, name):
    model = made(MODELS[name]())
    x = data_for(model)
    expected = model.predict(x, batch_size=B, verbose=0)
    model.save(path)
    found = run(session_of(path.read_bytes()), x)["y"]
    assert found.shape == expected.shape
    np.testing.assert_allclose(found, expected, **NEAR)
    assert np.abs(expected).max() > 0.01


@pytest.mark.parametrize("name", STATEFUL)
def test_a_state_that_is_handed_on_is_that_of_the_model(path, name):
    model = made(STATEFUL[name]())
    model.save(path)
    session = session_of(path.read_bytes())
    states = {one.name: np.zeros((B, one.shape[1]), np.float32) for one in session.get_inputs()[1:]}
    assert states
    x, outputs = data_for(model), []
    for _ in range(CALLS):
        outputs.append(model.predict(x, batch_size=B, verbose=0))
        found = run(session, x, **states)
        np.testing.assert_allclose(found["y"], outputs[-1], **NEAR)
        states = {state: found[f"{state}_new"] for state in states}
    for layer, arrays in model.get_states().items():
        for letter, array in zip("hc", arrays, strict=False):
            np.testing.assert_allclose(states[f"{layer}/{letter}"], array, **NEAR)
    assert np.abs(outputs[1] - outputs[0]).max() > 1e-3


def test_other_batches_and_lengths_go_where_they_are_free(path):
    model = made([LSTM(4, input_shape=(None, 3))])
    model.save(path)
    session = session_of(path.read_bytes())
    for shape in ((1, 2, 3), (5, 9, 3)):
        x = np.random.default_rng(1).normal(size=shape).astype(np.float32)
        np.testing.assert_allclose(run(session, x)["y"], model.predict(x, verbose=0), **NEAR)


def test_names_and_lengths_say_what_comes_in_and_goes_out(path):
    made([LSTM(4, stateful=True, name="first", **FIXED), Dense(2)]).save(path)
    session = session_of(path.read_bytes())
    assert {one.name: one.shape for one in session.get_inputs()} == {
        **{"x": [4, 6, 3], "first/h": [4, 4], "first/c": [4, 4]}
    }
    assert {one.name: one.shape for one in session.get_outputs()} == {
        **{"y": [4, 2], "first/h_new": [4, 4], "first/c_new": [4, 4]}
    }
    free = made([GRU(4, return_state=True, input_shape=(None, 3))])
    free.save(path)
    session = session_of(path.read_bytes())
    assert [one.shape for one in session.get_inputs()] == [["batch", "steps", 3]]
    assert [one.name for one in session.get_outputs()] == ["y", "gru/h_new"]


def test_layers_are_called_what_they_like(path):
    """As what comes in and goes out, a state, a node or a value of another layer."""
    names = "y", "x", "y/h_new", "x/add", "Identity:1", "Transpose:1"
    first = LSTM(4, stateful=True, return_sequences=True, name=names[0], **FIXED)
    model = made([first, *(Dense(2, activation="relu", name=name) for name in names[1:])])
    model.save(path)
    x, session = data_for(model), session_of(path.read_bytes())
    states = {name: np.zeros((B, 4), np.float32) for name in ("y/h", "y/c")}
    expected = model.predict(x, batch_size=B, verbose=0)
    np.testing.assert_allclose(run(session, x, **states)["y"], expected, **NEAR)
    found = tinylstm.load_model(path)
    np.testing.assert_array_equal(found.predict(x, batch_size=B, verbose=0), expected)


def test_a_file_says_who_wrote_it_and_brings_functions_only_for_masks(path):
    made(MODELS["LSTM"]()).save(path)
    message = onnx.load(path)
    version = tinylstm.__version__
    assert (message.producer_name, message.producer_version) == ("tinylstm", version)
    assert {one.key: one.value for one in message.metadata_props} == {"tinylstm": version}
    assert not message.functions
    assert [one.domain for one in message.opset_import] == [""]
    made(MODELS["a mask"]()).save(path)
    assert {one.name for one in onnx.load(path).functions} > {"MaskNumbers", "Pack", "OrBefore"}


def test_float64_is_written_as_it_is(path):
    model = Sequential([LSTM(4, input_shape=(6, 3))], dtype="float64")
    model.build((None, 6, 3))
    model.save(path)
    tensors = onnx.load(path).graph.initializer
    assert {one.data_type for one in tensors} == {onnx.TensorProto.DOUBLE, onnx.TensorProto.INT64}


class Own(Layer):
    kernels = Dense.kernels


@tinylstm.activation
def square(x, y):
    for j in range(len(x)):
        y[j] = x[j] * x[j]


@square.backward
def square_backward(x, dy, dx):
    for j in range(len(x)):
        dx[j] = 2 * x[j] * dy[j]


@pytest.mark.parametrize(
    ("layer", "sentence"),
    [
        (Own, "ONNX cannot say layer 'first': it has no operator for what is of your own"),
        (lambda **k: RNN(peephole, 2, **k), "ONNX cannot say layer 'first': it has no operator"),
        (lambda **k: Dense(2, activation=square, **k), "ONNX cannot say the activation"),
    ],
)
def test_what_is_of_ones_own_is_refused_and_nothing_written(path, layer, sentence):
    model = Sequential([layer(name="first", input_shape=(6, 3))])
    model.build((None, 6, 3))
    with refused(ValueError, sentence):
        model.save(path)
    assert not path.exists()


def test_a_model_without_a_shape_is_refused(path):
    with refused(ValueError, "An ONNX file has the weights of a model"):
        Sequential([LSTM(3)]).save(path)


def test_weights_alone_have_another_format(path):
    with refused(ValueError, "Files of ONNX of the format 'onnx' hold whole models only"):
        made(MODELS["LSTM"]()).save_weights(path)
