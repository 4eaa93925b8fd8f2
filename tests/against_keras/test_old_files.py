"""Files of Keras 2 beside Keras 2 itself, which is tf-keras, and Keras 3: both directions."""

import warnings

import numpy as np
import pytest
import tensorflow as tf

import tinylstm
from tests.keras_twins import keras
from tinylstm import (
    LSTM,
    SGD,
    Activation,
    Adam,
    AdamW,
    Bidirectional,
    Dense,
    Dropout,
    Embedding,
    Flatten,
    LeakyReLU,
    Masking,
    RepeatVector,
    Reshape,
    RMSprop,
    Sequential,
    SpatialDropout1D,
    load_model,
)
from tinylstm.legacy.updates import NadamOfKeras2, RMSpropOfKeras2

pytestmark = pytest.mark.filterwarnings("ignore")  # Keras' own, of a format of before
STEPS, FEATURES, ROWS = 4, 2, 3
OUTPUT, UPDATED = 1e-5, 1e-4


@pytest.fixture(autouse=True)
def without_graphs():
    """Graphs take longer to be made than these few steps to be run."""
    tf.config.run_functions_eagerly(True)
    yield
    tf.config.run_functions_eagerly(False)


@pytest.fixture(scope="module")
def keras2():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return pytest.importorskip("tf_keras")


def stack(layers):
    """Layers of many kinds, of this package or of Keras."""
    return [
        layers.Bidirectional(layers.LSTM(3, return_sequences=True, kernel_regularizer="l2")),
        layers.TimeDistributed(layers.Dense(2, activation="relu")),
        layers.GRU(3, return_sequences=True),
        layers.GRU(2, return_sequences=True, reset_after=False),
        layers.LayerNormalization(),
        layers.SimpleRNN(2, return_sequences=True),
        layers.LSTM(3),
        layers.Dense(1),
    ]


def data(rng):
    return (
        rng.normal(size=(ROWS, STEPS, FEATURES)).astype("f4"),
        rng.normal(size=(ROWS, 1)).astype("f4"),
    )


def both(model, other, x, y):
    """Outputs of the two, and after one more update each."""
    yield model.predict(x, verbose=0), other.predict(x, verbose=0), OUTPUT
    for one in (model, other):
        one.train_on_batch(x, y)
    yield model.predict(x, verbose=0), other.predict(x, verbose=0), UPDATED


OF_KERAS2 = {
    "Adam": lambda optimizers: optimizers.Adam(0.01),
    "Adam of before 2.11": lambda optimizers: optimizers.legacy.Adam(0.01, decay=0.1),
    "SGD of before 2.11": lambda optimizers: optimizers.legacy.SGD(0.1, momentum=0.9),
    "RMSprop of before 2.11": lambda optimizers: optimizers.legacy.RMSprop(0.01),
    "Nadam of before 2.11": lambda optimizers: optimizers.legacy.Nadam(0.01),
    "RMSprop": lambda optimizers: optimizers.RMSprop(0.01, momentum=0.5, centered=True),
}


@pytest.mark.parametrize("case", OF_KERAS2)
def test_what_keras_2_wrote_goes_on_as_there(tmp_path, rng, keras2, case):
    theirs = keras2.Sequential(
        [
            keras2.layers.InputLayer(input_shape=(STEPS, FEATURES)),
            *stack(keras2.layers),
        ]
        if case == "Adam"
        else [
            keras2.layers.LSTM(
                3, recurrent_activation="hard_sigmoid", input_shape=(STEPS, FEATURES)
            ),
            keras2.layers.Dense(1),
        ]
    )
    theirs.compile(OF_KERAS2[case](keras2.optimizers), "mse", metrics=["mae"], jit_compile=False)
    x, y = data(rng)
    for _ in range(3):
        theirs.train_on_batch(x, y)
    theirs.save(tmp_path / "m.h5")
    ours = load_model(tmp_path / "m.h5")
    assert ours.optimizer.iterations == 3
    np.testing.assert_allclose(ours.evaluate(x, y), theirs.evaluate(x, y, verbose=0), rtol=1e-4)
    for found, expected, atol in both(ours, theirs, x, y):
        np.testing.assert_allclose(found, expected, atol=atol)


def many(kind):
    """Layers of ours, and their loss."""

    shape = (STEPS, FEATURES)
    if kind == "numbers":
        layers = [Embedding(5, 3, mask_zero=True, input_shape=(STEPS,)), LSTM(3), RepeatVector(2)]
        return [*layers, LeakyReLU(), Flatten(), Dense(2, "softmax")], "categorical_crossentropy"
    if kind == "masked":
        layers = [Masking(input_shape=shape), LSTM(3, return_sequences=True), Dropout(0.0)]
        layers += [SpatialDropout1D(0.0), Reshape((2, 6)), Activation("elu"), Flatten()]
        return [*layers, Dense(1, "sigmoid")], "binary_crossentropy"
    if kind == "gates of before":
        first = LSTM(3, recurrent_activation="hard_sigmoid_keras2", input_shape=shape)
        return [first, Dense(1)], "mse"
    layers = stack(tinylstm)
    assert isinstance(layers[0], Bidirectional)
    return layers, tinylstm.losses.Huber(0.5)


OURS = {
    "stack": Adam(0.01, decay=0.1, clipnorm=0.5),
    "numbers": SGD(0.1, momentum=0.9),
    "masked": RMSprop(0.01),
    "gates of before": NadamOfKeras2(learning_rate=0.01),
    "stack, RMSprop of before": RMSpropOfKeras2(learning_rate=0.01),
    "stack, AdamW": AdamW(0.01),
}


def saved(path, rng, case):
    """A model of ours after three updates, in a file; with its data."""
    kind = case.partition(",")[0]
    layers, loss = many(kind)
    model = Sequential(layers)
    model.compile(OURS[case].copy(), loss, ["accuracy"] if kind != "stack" else [])
    x, y = data(rng)
    if kind == "numbers":
        x, y = rng.integers(0, 5, (ROWS, STEPS)), np.eye(2, dtype="f4")[[0, 1, 0]]
    if kind == "masked":
        x[1, 2:], y = 0, np.float32([[0], [1], [0]])
    for _ in range(3):
        model.train_on_batch(x, y)
    model.save(path)
    return model, x, y


@pytest.mark.parametrize("case", OURS)
def test_what_is_written_goes_on_in_keras_2(tmp_path, rng, keras2, case):
    model, x, y = saved(tmp_path / "m.h5", rng, case)
    theirs = keras2.models.load_model(tmp_path / "m.h5")
    assert int(theirs.optimizer.iterations) == 3
    for found, expected, atol in both(model, theirs, x, y):
        np.testing.assert_allclose(found, expected, atol=atol)


@pytest.mark.parametrize("case", ["stack", "numbers", "masked", "stack, AdamW"])
def test_what_is_written_computes_the_same_in_keras_3(tmp_path, rng, case):
    model, x, _ = saved(tmp_path / "m.h5", rng, case)
    theirs = keras.models.load_model(tmp_path / "m.h5")
    expected = theirs.predict(x, verbose=0)
    np.testing.assert_allclose(model.predict(x, verbose=0), expected, atol=OUTPUT)
    assert theirs.loss is not None


def test_weights_go_to_keras_2_and_3_and_back(tmp_path, rng, keras2):
    ours = Sequential(stack(tinylstm))
    ours.build((None, STEPS, FEATURES))
    x, _ = data(rng)
    ours.save_weights(tmp_path / "w.h5")
    for library in (keras2, keras):
        theirs = library.Sequential(stack(library.layers))
        theirs.build((None, STEPS, FEATURES))
        theirs.load_weights(tmp_path / "w.h5")
        found = ours.predict(x, verbose=0)
        np.testing.assert_allclose(found, theirs.predict(x, verbose=0), atol=OUTPUT)
    theirs = keras2.Sequential(stack(keras2.layers))
    theirs.build((None, STEPS, FEATURES))
    theirs.save_weights(tmp_path / "back.h5")
    ours.load_weights(tmp_path / "back.h5")
    for one, other in zip(ours.get_weights(), theirs.get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)


def test_what_keras_3_wrote_as_h5_is_read(tmp_path, rng):
    theirs = keras.Sequential([keras.Input((STEPS, FEATURES)), *stack(keras.layers)])
    theirs.compile(keras.optimizers.Adam(0.01), "mean_squared_error")
    x, y = data(rng)
    for _ in range(3):
        theirs.train_on_batch(x, y)
    theirs.save(tmp_path / "m.h5")
    ours = load_model(tmp_path / "m.h5")
    for found, expected, atol in both(ours, theirs, x, y):
        np.testing.assert_allclose(found, expected, atol=atol)
