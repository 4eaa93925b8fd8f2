"""Layers against live Keras: outputs, gradients, and weights after 50 Adam steps."""

import numpy as np
import pytest

from tests.keras_twins import OUTPUT, Twins
from tests.tolerances import KERAS_WEIGHTS, assert_close

B, T, D, H, K = 4, 6, 3, 5, 2
DTYPES = ("float32", "float64")
STEPS = 50  # of Adam

LAYERS = {
    "lstm": lambda k: [k.LSTM(H)],
    "lstm_dense": lambda k: [k.LSTM(H), k.Dense(K)],
    "sequences": lambda k: [k.LSTM(H, return_sequences=True)],
    "stacked": lambda k: [k.LSTM(H, return_sequences=True), k.LSTM(7), k.Dense(K)],
    "stacked_sequences": lambda k: [
        k.LSTM(H, return_sequences=True),
        k.LSTM(7, return_sequences=True),
        k.Dense(K, activation="tanh"),
    ],
    "backwards": lambda k: [k.LSTM(H, go_backwards=True), k.Dense(K)],
    "backwards_sequences": lambda k: [
        k.LSTM(H, return_sequences=True, go_backwards=True),
        k.LSTM(7),
    ],
    "relu": lambda k: [k.LSTM(H, activation="relu", return_sequences=True)],
    "hard_sigmoid": lambda k: [k.LSTM(H, recurrent_activation="hard_sigmoid"), k.Dense(K)],
    "sigmoid_and_tanh_exchanged": lambda k: [
        k.LSTM(H, activation="sigmoid", recurrent_activation="tanh")
    ],
    "linear": lambda k: [k.LSTM(H, activation=None)],
    "no_bias": lambda k: [k.LSTM(H, use_bias=False), k.Dense(K, use_bias=False)],
    "no_forget_bias": lambda k: [k.LSTM(H, unit_forget_bias=False), k.Dense(K)],
    "dense_of_steps": lambda k: [k.Dense(H, activation="tanh"), k.Dense(K)],
    "dense_softmax_of_steps": lambda k: [k.Dense(K + 1, activation="softmax")],
    "activation": lambda k: [k.LSTM(H), k.Activation("sigmoid"), k.Dense(K)],
    "dropout_at_rest": lambda k: [k.LSTM(H), k.Dropout(0.3), k.Dense(K)],
}
UNTRAINED = ("lstm", "sequences", "linear", "no_forget_bias", "dropout_at_rest")  # as another one
FLAT = {
    activation or "linear": lambda k, activation=activation: [k.Dense(H, activation=activation)]
    for activation in (None, "tanh", "sigmoid", "relu", "hard_sigmoid", "softmax")
}
FLAT["two_layers"] = lambda k: [k.Dense(H, activation="relu"), k.Dense(K, use_bias=False)]


def assert_outputs(twins, x):
    """Both give the same outputs, called eagerly and in batches."""
    expected = twins.keras(x).numpy()
    assert_close(twins.ours.predict(x), expected, OUTPUT[twins.dtype], "predict")
    assert_close(twins.ours.forward(x), expected, OUTPUT[twins.dtype], "forward")


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", LAYERS)
def test_outputs_and_gradients_of_sequences_equal_keras(rng, name, dtype):
    twins = Twins(LAYERS[name], (None, T, D), rng, dtype)
    x = twins.random(B, T, D)
    assert_outputs(twins, x)
    twins.assert_gradients(x)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", FLAT)
def test_outputs_and_gradients_of_dense_on_features_equal_keras(rng, name, dtype):
    twins = Twins(FLAT[name], (None, D), rng, dtype)
    x = twins.random(B, D)
    assert_outputs(twins, x)
    twins.assert_gradients(x)


@pytest.mark.parametrize("shape", [(1, 1, 1), (1, 9, 2), (7, 1, 3), (3, 60, 2), (40, 5, 11)])
def test_every_batch_shape_equals_keras(rng, shape):
    twins = Twins(LAYERS["stacked"], (None, *shape[1:]), rng)
    x = twins.random(*shape)
    assert_outputs(twins, x)
    twins.assert_gradients(x)


@pytest.mark.parametrize("name", [name for name in LAYERS if name not in UNTRAINED])
def test_weights_after_50_adam_steps_equal_keras(rng, name):
    """Five batches, ten epochs: Keras batch by batch, ours in one compiled fit."""
    twins = Twins(LAYERS[name], (None, T, D), rng)
    check_training(twins, twins.random(5 * B, T, D))


@pytest.mark.parametrize("name", ["linear", "softmax", "two_layers"])
def test_weights_of_dense_after_50_adam_steps_equal_keras(rng, name):
    twins = Twins(FLAT[name], (None, D), rng)
    check_training(twins, twins.random(5 * B, D))


def test_weights_in_float64_after_50_adam_steps_equal_keras(rng):
    twins = Twins(LAYERS["stacked"], (None, T, D), rng, "float64")
    check_training(twins, twins.random(5 * B, T, D))


def check_training(twins, x):
    """Fit both to random targets and compare the weights, which must have moved."""
    before = twins.ours.get_weights()
    y = twins.random(*twins.ours.predict(x).shape)
    twins.compile("mse")
    for step in range(STEPS):
        batch = slice(B * (step % 5), B * (step % 5 + 1))
        twins.keras.train_on_batch(x[batch], y[batch])
    twins.ours.fit(x, y, batch_size=B, epochs=STEPS // 5, shuffle=False, verbose=0)
    twins.assert_weights(KERAS_WEIGHTS)
    for old, new in zip(before, twins.ours.get_weights(), strict=True):
        assert np.abs(new - old).max() > 0.01
