"""A model's life outside training, side by side with live Keras."""

import re

import keras
import numpy as np
import pytest
from scipy.stats import ks_2samp

import tinylstm
from tests.keras_twins import Twins
from tests.tolerances import KERAS_OUTPUT, NAIVE, assert_close

T, D, H, K = 4, 3, 5, 2
IMPROBABLE = 1e-3  # p of a draw as unlikely as this: the distributions differ
LIBRARIES = {"keras": (keras, keras.layers), "tinylstm": (tinylstm, tinylstm)}
BOTH = pytest.mark.parametrize(("library", "k"), LIBRARIES.values(), ids=LIBRARIES)


def frozen_directions(k):
    """Both directions, not trained, and a Dense."""
    both = k.Bidirectional(k.LSTM(H))
    both.trainable = False
    return [both, k.Dense(K)]


MODELS = {
    "lstm": ((T, D), lambda k: [k.LSTM(H), k.Dense(K, activation="softmax")]),
    "stacked": (
        (None, D),
        lambda k: [
            k.LSTM(H, return_sequences=True),
            k.Dropout(0.2),
            k.LSTM(300, return_sequences=True, go_backwards=True),
            k.Dense(K),
        ],
    ),
    "no_bias": ((T, D), lambda k: [k.LSTM(H, use_bias=False), k.Dense(K, use_bias=False)]),
    "dense": ((D,), lambda k: [k.Dense(H), k.Activation("relu"), k.Dense(1)]),
    "frozen": ((T, D), lambda k: [k.LSTM(H, trainable=False), k.Dense(K)]),
    "words": (
        (T,),
        lambda k: [
            k.Embedding(9, D, mask_zero=True),
            k.Bidirectional(k.LSTM(H, return_sequences=True)),
            k.Bidirectional(k.LSTM(H), merge_mode="mul"),
            k.Dense(K),
        ],
    ),
    "encoder_decoder": (
        (None, D),
        lambda k: [
            *(k.Masking(), k.LSTM(H), k.RepeatVector(7), k.LSTM(H, return_sequences=True)),
            *(k.TimeDistributed(k.Dense(K)), k.Flatten(), k.Reshape((K, 7))),
        ],
    ),
    "frozen directions": ((T, D), frozen_directions),
}


@pytest.mark.parametrize("call", ["predict", "predict_on_batch"])
def test_a_model_predicts_before_it_is_compiled_as_in_keras(rng, call):
    twins = Twins(lambda k: [k.LSTM(H), k.Dense(K)], (None, T, D), rng)
    x = twins.random(7, T, D)
    y = getattr(twins.ours, call)(x)
    assert_close(y, twins.keras.predict_on_batch(x), KERAS_OUTPUT, call)


@BOTH
def test_a_layer_has_its_weights_as_soon_as_the_model_has_an_input_shape(rng, library, k):
    model = library.Sequential([library.Input((T, D)), k.LSTM(H), k.Dense(K)])
    shapes = [(D, 4 * H), (H, 4 * H), (4 * H,)]
    assert [w.shape for w in model.layers[0].get_weights()] == shapes
    weights = [rng.normal(size=shape).astype("float32") for shape in shapes]
    model.layers[0].set_weights(weights)
    for a, b in zip(model.get_weights(), weights, strict=False):
        np.testing.assert_array_equal(a, b)


@BOTH
def test_adding_a_layer_keeps_the_weights_of_those_before_it(rng, library, k):
    model = library.Sequential([library.Input((T, D)), k.LSTM(H)])
    weights = [rng.normal(size=w.shape).astype("float32") for w in model.get_weights()]
    model.set_weights(weights)
    model.add(k.Dense(K))
    assert len(model.get_weights()) == 5
    for a, b in zip(model.get_weights(), weights, strict=False):
        np.testing.assert_array_equal(a, b)


@BOTH
def test_resetting_a_layer_before_its_model_is_built_changes_nothing(library, k):
    layer = k.LSTM(H, stateful=True)
    layer.reset_states()
    layer.reset_state()
    with pytest.raises(ValueError, match="weights"):
        layer.set_weights([np.zeros(1)])


@pytest.mark.parametrize("name", MODELS)
def test_shapes_and_numbers_of_parameters_equal_keras(name, capsys):
    shape, layers = MODELS[name]
    theirs = keras.Sequential([keras.Input(shape), *layers(keras.layers)])
    ours = tinylstm.Sequential([tinylstm.Input(shape), *layers(tinylstm)])
    assert [w.shape for w in ours.get_weights()] == [w.shape for w in theirs.get_weights()]
    assert ours.count_params() == theirs.count_params()
    ours.summary()
    title, _, header, _, *rows, _, total, trained, rest, _ = capsys.readouterr().out.splitlines()
    for row, layer in zip(rows, theirs.layers, strict=True):
        assert str(tuple(layer.output.shape)) in row
        assert f" {layer.count_params():,} " in row
    shown = []
    theirs.summary(print_fn=lambda text, **_: shown.extend(text.splitlines()))
    assert title == shown[0].replace(theirs.name, ours.name)
    assert re.findall(r"\w+ \S+", header)[:3] == re.findall(r"\w+ [^\s┃]+", shown[2])
    assert [total, trained, rest] == [line.strip() for line in shown if " params: " in line]


def test_a_model_without_input_shape_takes_that_of_its_first_data_as_in_keras(rng):
    x = rng.normal(size=(7, T, D)).astype("float32")
    theirs = keras.Sequential([keras.layers.LSTM(2), keras.layers.Dense(1)])
    ours = tinylstm.Sequential([tinylstm.LSTM(2), tinylstm.Dense(1)])
    assert ours.predict(x).shape == theirs.predict_on_batch(x).shape
    assert [w.shape for w in ours.get_weights()] == [w.shape for w in theirs.get_weights()]


@pytest.mark.parametrize(
    ("kernel", "recurrent"),
    [("glorot_uniform", "orthogonal"), ("random_normal", "random_uniform")],
)
def test_initial_weights_are_distributed_as_in_keras(kernel, recurrent):
    keras.utils.set_random_seed(7)

    def layers(k):
        names = {"kernel_initializer": kernel, "recurrent_initializer": recurrent}
        return [k.LSTM(40, **names), k.Dense(50, kernel_initializer=kernel)]

    theirs = keras.Sequential([keras.Input((T, 30)), *layers(keras.layers)])
    ours = tinylstm.Sequential([tinylstm.Input((T, 30)), *layers(tinylstm)])
    compared = 0
    for a, b in zip(ours.get_weights(), theirs.get_weights(), strict=True):
        if a.ndim == 2:
            assert ks_2samp(a.ravel(), b.ravel()).pvalue > IMPROBABLE
            assert ks_2samp(a.ravel(), 1.5 * b.ravel()).pvalue < IMPROBABLE  # it can tell
            compared += 1
    assert compared == 3


@BOTH
def test_an_embedding_begins_within_the_limits_of_keras(library, k):
    (E,) = library.Sequential([library.Input((T,)), k.Embedding(50, 40)]).get_weights()
    assert 0.049 < np.abs(E).max() <= 0.05
    assert abs(E.mean()) < 0.003


def test_default_initial_weights_keep_the_limits_of_keras():
    """Glorot's limit is reached and kept; a fused kernel (D, 4H) counts as one matrix."""
    for library, k in LIBRARIES.values():
        model = library.Sequential([library.Input((T, 30)), k.LSTM(40), k.Dense(50)])
        for at, fan in ((0, 30 + 160), (3, 40 + 50)):
            limit = np.sqrt(6 / fan)
            largest = np.abs(model.get_weights()[at]).max()
            assert 0.99 * limit < largest <= limit * (1 + 1e-6)


@BOTH
def test_the_recurrent_kernel_begins_with_orthonormal_rows_over_all_gates(library, k):
    model = library.Sequential([library.Input((T, D)), k.LSTM(H)])
    U = model.get_weights()[1]
    assert_close(U @ U.T, np.eye(H), NAIVE["float32"], "U U'")
    block = U[:, :H]
    assert np.abs(block @ block.T - np.eye(H)).max() > 0.1  # no gate's own block has them


@pytest.mark.parametrize("unit_forget_bias", [True, False])
def test_initial_biases_equal_keras(unit_forget_bias):
    biases = []
    for library, k in LIBRARIES.values():
        layer = k.LSTM(H, unit_forget_bias=unit_forget_bias)
        model = library.Sequential([library.Input((T, D)), layer, k.Dense(K)])
        biases.append([model.get_weights()[2], model.get_weights()[4]])
    for a, b in zip(*biases, strict=True):
        np.testing.assert_array_equal(a, b)
    assert (biases[0][0][H : 2 * H] == float(unit_forget_bias)).all()


@BOTH
def test_a_bias_initializer_fills_all_but_the_forget_gate(library, k):
    layer = k.LSTM(H, bias_initializer="random_normal")
    bias = library.Sequential([library.Input((T, D)), layer]).get_weights()[2].reshape(4, H)
    assert (bias[1] == 1).all()
    assert (np.abs(bias[[0, 2, 3]]) < 0.5).all()
    assert len(np.unique(bias[[0, 2, 3]])) >= 2 * H  # Keras gives g the numbers of i again
