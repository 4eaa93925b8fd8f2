"""What evaluate, fit and train_on_batch report, against live Keras."""

import numpy as np
import pytest

from tests.keras_twins import Twins
from tests.tolerances import KERAS_OUTPUT, KERAS_WEIGHTS, assert_close

B, T, D, H, K = 4, 5, 3, 6, 3
N = 23  # samples: the last batch holds three


def one_hot(rng, *shape):
    """Random one-hot rows (*shape, K)."""
    return np.eye(K, dtype=np.float32)[rng.integers(K, size=shape)]


def coins(rng, *shape):
    """Random zeros and ones."""
    return rng.integers(2, size=shape).astype(np.float32)


def numbers(rng, *shape):
    """Standard normal numbers."""
    return rng.normal(size=shape).astype(np.float32)


def ends_with(*last, **lstm):
    """Layers: an LSTM and a Dense with those arguments."""
    return lambda k: [k.LSTM(H, **lstm), k.Dense(*last)]


CASES = {  # layers, targets, loss, metrics
    "mse": (ends_with(K), lambda rng: numbers(rng, N, K), "mse", ["mae"]),
    "mae": (ends_with(K), lambda rng: numbers(rng, N, K), "mae", ["mse"]),
    "mean_squared_error": (
        ends_with(1),
        lambda rng: numbers(rng, N),
        "mean_squared_error",
        ["mean_absolute_error"],
    ),
    "binary_crossentropy": (
        ends_with(1, "sigmoid"),
        lambda rng: coins(rng, N, 1),
        "binary_crossentropy",
        ["accuracy"],
    ),
    "binary_crossentropy_flat": (
        ends_with(1, "sigmoid"),
        lambda rng: coins(rng, N),
        "binary_crossentropy",
        ["acc"],
    ),
    "binary_crossentropy_wide": (
        ends_with(K, "sigmoid"),
        lambda rng: coins(rng, N, K),
        "binary_crossentropy",
        ["binary_accuracy", "accuracy"],
    ),
    "binary_crossentropy_of_outputs": (
        ends_with(K, "hard_sigmoid"),
        lambda rng: coins(rng, N, K),
        "binary_crossentropy",
        ["binary_accuracy"],
    ),
    "categorical_crossentropy": (
        ends_with(K, "softmax"),
        lambda rng: one_hot(rng, N),
        "categorical_crossentropy",
        ["accuracy"],
    ),
    "categorical_crossentropy_of_outputs": (
        ends_with(K, "hard_sigmoid"),
        lambda rng: one_hot(rng, N),
        "categorical_crossentropy",
        ["categorical_accuracy", "mse"],
    ),
    "categorical_crossentropy_of_steps": (
        ends_with(K, "softmax", return_sequences=True),
        lambda rng: one_hot(rng, N, T),
        "categorical_crossentropy",
        ["accuracy"],
    ),
    "mse_of_steps": (
        ends_with(K, return_sequences=True),
        lambda rng: numbers(rng, N, T, K),
        "mse",
        ["mae"],
    ),
}


@pytest.fixture(params=CASES)
def case(request, rng):
    """Compiled twins and their data."""
    layers, targets, loss, metrics = CASES[request.param]
    twins = Twins(layers, (None, T, D), rng)
    twins.compile(loss, metrics=metrics)
    return twins, twins.random(N, T, D), targets(rng)


def test_evaluate_with_a_short_last_batch_reports_what_keras_reports(case):
    twins, x, y = case
    for batch_size in (B, N, None):
        expected = twins.keras.evaluate(x, y, batch_size=batch_size, verbose=0)
        found = twins.ours.evaluate(x, y, batch_size=batch_size)
        assert len(found) == len(expected)
        for k, (a, b) in enumerate(zip(found, expected, strict=True)):
            assert_close(a, b, KERAS_OUTPUT, f"score {k}, batch size {batch_size}")


def test_fit_reports_what_keras_reports(case):
    """History of four epochs with short last batches, in training and validation."""
    twins, x, y = case
    given = {"batch_size": B, "epochs": 4, "shuffle": False, "verbose": 0}
    parts = {"x": x[:13], "y": y[:13], "validation_data": (x[13:], y[13:])}
    expected = twins.keras.fit(**parts, **given)
    found = twins.ours.fit(**parts, **given)
    assert found.epoch == expected.epoch
    assert set(found.history) == set(expected.history)
    for name, values in expected.history.items():
        assert_close(found.history[name], values, KERAS_WEIGHTS, name)
    twins.assert_weights(KERAS_WEIGHTS)


def test_train_on_batch_reports_what_keras_reports(case):
    """Loss and metrics before each of ten updates, on batches of changing size."""
    twins, x, y = case
    for step in range(10):
        batch = slice(2 * step, 2 * step + 1 + step % 4)
        expected = twins.keras.train_on_batch(x[batch], y[batch])
        found = twins.ours.train_on_batch(x[batch], y[batch])
        for k, (a, b) in enumerate(zip(found, expected, strict=True)):
            assert_close(a, b, KERAS_WEIGHTS, f"score {k} of step {step}")
    twins.assert_weights(KERAS_WEIGHTS)


def test_validation_split_takes_the_samples_that_keras_takes(rng):
    twins = Twins(ends_with(K), (None, T, D), rng)
    twins.compile("mse")
    x, y = twins.random(N, T, D), twins.random(N, K)
    given = {"batch_size": B, "epochs": 2, "shuffle": False, "verbose": 0, "validation_split": 0.3}
    expected = twins.keras.fit(x, y, **given)
    found = twins.ours.fit(x, y, **given)
    for name in ("loss", "val_loss"):
        assert_close(found.history[name], expected.history[name], KERAS_WEIGHTS, name)


@pytest.mark.parametrize("frequency", [1, 2, 3, 9, [1, 4]])
def test_validation_follows_the_epochs_that_keras_validates(rng, frequency):
    twins = Twins(ends_with(K), (None, T, D), rng)
    twins.compile("mse")
    x, y = twins.random(N, T, D), twins.random(N, K)
    given = {"batch_size": B, "epochs": 5, "shuffle": False, "verbose": 0}
    given |= {"validation_split": 0.3, "validation_freq": frequency}
    expected = twins.keras.fit(x, y, **given)
    found = twins.ours.fit(x, y, **given)
    assert found.history.keys() == expected.history.keys()
    for name in expected.history:
        assert_close(found.history[name], expected.history[name], KERAS_WEIGHTS, name)
    listed = frequency if isinstance(frequency, list) else range(frequency, 6, frequency)
    assert [epoch + 1 for epoch in found.validated] == [*listed]


@pytest.mark.parametrize("name", ["binary_crossentropy", "categorical_crossentropy"])
def test_loss_of_saturated_outputs_equals_keras(rng, name):
    """Logits of +-200: losses are exact, not those of clipped probabilities."""
    layers, targets, loss, metrics = CASES[name]
    twins = Twins(layers, (None, T, D), rng)
    twins.compile(loss, "SGD", metrics=metrics)
    weights = twins.ours.get_weights()
    weights[3] *= 400
    twins.ours.set_weights(weights)
    twins.keras.set_weights(weights)
    x, y = twins.random(N, T, D), targets(rng)
    expected = twins.keras.evaluate(x, y, batch_size=B, verbose=0)
    assert expected[0] > 20  # clipping would give at most 16
    for a, b in zip(twins.ours.evaluate(x, y, batch_size=B), expected, strict=True):
        assert_close(a, b, KERAS_OUTPUT)
    twins.keras.train_on_batch(x, y)
    twins.ours.train_on_batch(x, y)
    twins.assert_weights(KERAS_WEIGHTS)


@pytest.mark.parametrize("loss", ["binary_crossentropy", "categorical_crossentropy"])
def test_loss_of_outputs_that_are_exactly_zero_or_one_equals_keras(rng, loss):
    """No logits are known behind a relu: probabilities are clipped, as float32 rounds the ends."""
    twins = Twins(lambda k: [k.Dense(3, activation="relu")], (None, 3), rng)
    twins.compile(loss, "SGD")
    weights = [np.eye(3), np.zeros(3)]
    twins.keras.set_weights(weights)
    twins.ours.set_weights(weights)
    x = np.eye(3, dtype=np.float32)
    targets = np.eye(3, dtype=np.float32)[[[0, 1, 2], [0, 0, 0], [1, 2, 0]]]
    expected = [twins.keras.evaluate(x, y, verbose=0) for y in targets]
    assert expected[2] > 10
    assert_close([twins.ours.evaluate(x, y) for y in targets], expected, KERAS_OUTPUT)
