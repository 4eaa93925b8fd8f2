"""Training against live Keras: optimisers, bounds on gradients, carried state, what fit reports."""

import numpy as np
import pytest

import tinylstm
from tests.keras_twins import Twins, keras
from tests.tolerances import KERAS_WEIGHTS, NAIVE, assert_close, error

B, T, D, H, K = 4, 6, 3, 5, 2
STEPS = 20

OPTIMIZERS = {
    "sgd": ("SGD", {}),
    "momentum": ("SGD", {"momentum": 0.9}),
    "nesterov": ("SGD", {"momentum": 0.9, "nesterov": True}),
    "rmsprop": ("RMSprop", {}),
    "rmsprop_momentum": ("RMSprop", {"rho": 0.8, "momentum": 0.9}),
    "rmsprop_centered": ("RMSprop", {"centered": True, "epsilon": 1e-5}),
    "adam": ("Adam", {"beta_1": 0.8, "beta_2": 0.99, "epsilon": 1e-3}),
    "adamw": ("AdamW", {"weight_decay": 0.5}),
    "nadam": ("Nadam", {"beta_1": 0.8, "beta_2": 0.99, "epsilon": 1e-3}),
    "adagrad": ("Adagrad", {"initial_accumulator_value": 0.5, "epsilon": 1e-2}),
    "lion": ("Lion", {"beta_1": 0.8, "beta_2": 0.9}),
    "sgd_decayed": ("SGD", {"weight_decay": 0.5}),
}
BOUNDS = {"clipnorm": 0.2, "clipvalue": 0.01, "global_clipnorm": 0.2}


def small_model(k):
    return [k.LSTM(H), k.Dense(K)]


def fit_both(twins, x, y, steps=STEPS):
    """The same batches, in order: Keras one at a time, ours in one fit."""
    batches = len(x) // B
    for step in range(steps):
        batch = slice(B * (step % batches), B * (step % batches + 1))
        twins.keras.train_on_batch(x[batch], y[batch])
    twins.ours.fit(x, y, batch_size=B, epochs=steps // batches, shuffle=False, verbose=0)


def weights_after(twins, start, x, y, optimizer, **rates):
    """Our weights after the same fit from the same start with another optimiser."""
    twins.ours.set_weights(start)
    twins.ours.compile(getattr(tinylstm, optimizer)(**rates), "mse")
    twins.ours.fit(x, y, batch_size=B, epochs=STEPS * B // len(x), shuffle=False, verbose=0)
    return twins.ours.get_weights()


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_weights_after_20_steps_equal_keras(rng, name):
    optimizer, rates = OPTIMIZERS[name]
    twins = Twins(small_model, (None, T, D), rng)
    start = twins.ours.get_weights()
    x, y = twins.random(5 * B, T, D), twins.random(5 * B, K)
    twins.compile("mse", optimizer, **rates)
    fit_both(twins, x, y)
    twins.assert_weights(KERAS_WEIGHTS)
    found = twins.ours.get_weights()
    without = weights_after(twins, start, x, y, optimizer, learning_rate=0.01)
    moved = [error(a, b) for a, b in zip(found, start, strict=True)]
    assert np.min(moved) > 50 * KERAS_WEIGHTS
    if rates:  # each of them made a difference
        made = [error(a, b) for a, b in zip(found, without, strict=True)]
        assert np.max(made) > 10 * KERAS_WEIGHTS


@pytest.mark.parametrize("optimizer", ["SGD", "Adam"])
@pytest.mark.parametrize("bound", BOUNDS)
def test_bounded_gradients_move_the_weights_as_in_keras(rng, optimizer, bound):
    rates = {"learning_rate": 0.1 if optimizer == "SGD" else 0.01}
    twins = Twins(small_model, (None, T, D), rng)
    start = twins.ours.get_weights()
    x, y = twins.random(5 * B, T, D), twins.random(5 * B, K)
    y[: 2 * B] *= 10  # some batches far above the bound
    twins.compile("mse", optimizer, **rates, **{bound: BOUNDS[bound]})
    fit_both(twins, x, y)
    twins.assert_weights(KERAS_WEIGHTS)
    found = twins.ours.get_weights()
    without = weights_after(twins, start, x, y, optimizer, **rates)
    assert np.max([error(a, b) for a, b in zip(found, without, strict=True)]) > 10 * KERAS_WEIGHTS


IN_FLOAT64 = {  # numbers that float32 holds, in which Keras has them
    "AdamW": {"weight_decay": 2**-4, "beta_1": 0.875, "beta_2": 1 - 2**-7, "epsilon": 2**-20},
    "Nadam": {"beta_1": 0.875, "beta_2": 1 - 2**-7, "epsilon": 2**-20},
    "Adagrad": {"initial_accumulator_value": 0.125, "epsilon": 2**-20},
    "Lion": {"beta_1": 0.875, "beta_2": 1 - 2**-6},
}


@pytest.mark.parametrize("bound", [None, *BOUNDS])
@pytest.mark.parametrize("optimizer", IN_FLOAT64)
def test_weights_in_float64_after_50_steps_equal_keras(rng, optimizer, bound):
    twins = Twins(small_model, (None, T, D), rng, "float64")
    start = twins.ours.get_weights()
    x, y = twins.random(5 * B, T, D), twins.random(5 * B, K)
    y[: 2 * B] *= 10  # some batches far above the bound
    bounds = {} if bound is None else {bound: 0.25}
    rates = {"learning_rate": 2**-6} | IN_FLOAT64[optimizer] | bounds
    twins.compile("mse", optimizer, **rates)
    whole = keras.losses.MeanSquaredError(dtype="float64")
    theirs = getattr(keras.optimizers, optimizer)(**rates)
    twins.keras.compile(optimizer=theirs, loss=whole, jit_compile=False)
    fit_both(twins, x, y, 50)
    tolerance = 1e-6 if optimizer == "Nadam" else NAIVE["float64"]  # whose 0.96 it has so too
    twins.assert_weights(tolerance)
    moved = [error(a, b) for a, b in zip(twins.ours.get_weights(), start, strict=True)]
    assert np.min(moved) > 1e-2


@pytest.mark.parametrize("name", tinylstm.optimizers.OPTIMIZERS)
def test_an_optimizer_by_name_has_the_rates_of_keras(rng, name):
    twins = Twins(small_model, (None, T, D), rng)
    x, y = twins.random(5 * B, T, D), twins.random(5 * B, K)
    twins.keras.compile(optimizer=name, loss="mse", jit_compile=False)
    twins.ours.compile(optimizer=name, loss="mse")
    fit_both(twins, x, y)
    twins.assert_weights(KERAS_WEIGHTS)


def test_a_frozen_layer_stays_and_counts_in_no_norm_as_in_keras(rng):
    twins = Twins(lambda k: [k.LSTM(H, trainable=False), k.Dense(K)], (None, T, D), rng)
    start = twins.ours.get_weights()
    twins.compile("mse", "SGD", learning_rate=0.1, global_clipnorm=0.2)
    fit_both(twins, twins.random(5 * B, T, D), twins.random(5 * B, K))
    twins.assert_weights(KERAS_WEIGHTS)
    for old, new in zip(start[:3], twins.ours.get_weights(), strict=False):
        np.testing.assert_array_equal(old, new)


STATEFUL = {
    "lstm": lambda k: [k.LSTM(H, stateful=True), k.Dense(K)],
    "stacked": lambda k: [
        k.LSTM(H, stateful=True, return_sequences=True),
        k.LSTM(7, stateful=True),
        k.Dense(K),
    ],
}


@pytest.mark.parametrize("reset", [None, "epoch"])
@pytest.mark.parametrize("name", STATEFUL)
def test_stateful_weights_and_states_after_50_adam_steps_equal_keras(rng, name, reset):
    """Ten epochs of five batches, the state carried from batch to batch."""
    twins = Twins(STATEFUL[name], (B, T, D), rng)
    x, y = twins.random(5 * B, T, D), twins.random(5 * B, K)
    twins.compile("mse")
    for step in range(50):
        batch = slice(B * (step % 5), B * (step % 5 + 1))
        twins.keras.train_on_batch(x[batch], y[batch])
        if reset == "epoch" and step % 5 == 4 and step < 49:
            for layer in twins.keras.layers[:-1]:
                layer.reset_state()
    twins.ours.fit(x, y, batch_size=B, epochs=9, shuffle=False, verbose=0, reset_states=reset)
    twins.ours.fit(x, y, batch_size=B, epochs=1, shuffle=False, verbose=0)
    twins.assert_weights(KERAS_WEIGHTS)
    twins.assert_states(KERAS_WEIGHTS)


@pytest.mark.parametrize("name", STATEFUL)
def test_the_state_goes_on_through_fit_evaluate_and_predict_as_in_keras(rng, name):
    twins = Twins(STATEFUL[name], (B, T, D), rng)
    x, y = twins.random(5 * B, T, D), twins.random(5 * B, K)
    twins.compile("mse", metrics=["mae"])
    given = {"batch_size": B, "verbose": 0}
    expected = twins.keras.fit(x, y, epochs=3, shuffle=False, **given).history
    found = twins.ours.fit(x, y, epochs=3, shuffle=False, **given).history
    for metric, values in expected.items():
        assert_close(found[metric], values, KERAS_WEIGHTS, metric)
    twins.assert_states(KERAS_WEIGHTS)
    expected = twins.keras.evaluate(x, y, **given)
    assert_close(twins.ours.evaluate(x, y, **given), expected, KERAS_WEIGHTS, "evaluate")
    twins.assert_states(KERAS_WEIGHTS)
    first = twins.ours.predict(x[:B], **given)
    assert_close(first, twins.keras.predict(x[:B], **given), KERAS_WEIGHTS, "predict")
    assert_close(
        twins.ours.predict(x, **given), twins.keras.predict(x, **given), KERAS_WEIGHTS, "predict"
    )
    twins.reset()
    assert error(twins.ours.predict(x[:B], **given), first) > 10 * KERAS_WEIGHTS  # it had a state


def test_a_reset_after_each_epoch_trains_other_weights(rng):
    """So the two cases above cannot both pass with the reset left out."""
    twins = Twins(STATEFUL["lstm"], (B, T, D), rng)
    x, y = twins.random(5 * B, T, D), twins.random(5 * B, K)
    start, found = twins.ours.get_weights(), []
    for reset in (None, "epoch"):
        twins.ours.set_weights(start)
        twins.ours.reset_states()
        twins.ours.compile(tinylstm.Adam(0.01), "mse")
        twins.ours.fit(x, y, batch_size=B, epochs=10, verbose=0, reset_states=reset)
        found.append(twins.ours.get_weights())
    assert np.max([error(a, b) for a, b in zip(*found, strict=True)]) > 100 * KERAS_WEIGHTS


def test_validation_inside_fit_leaves_weights_and_state_of_the_training_alone(rng):
    """In Keras the validation's last state is where the next epoch begins; here it is not."""
    twins = Twins(STATEFUL["lstm"], (B, T, D), rng)
    x, y = twins.random(5 * B, T, D), twins.random(5 * B, K)
    validation = twins.random(3 * B, T, D), twins.random(3 * B, K)
    start, found = twins.ours.get_weights(), []
    for given in (None, validation):
        twins.ours.set_weights(start)
        twins.ours.reset_states()
        twins.ours.compile(tinylstm.Adam(0.01), "mse")
        history = twins.ours.fit(
            x, y, batch_size=B, epochs=4, verbose=0, validation_data=given
        ).history
        found.append([*twins.ours.get_weights(), *twins.ours.get_states()["lstm"]])
    for a, b in zip(*found, strict=True):
        np.testing.assert_array_equal(a, b)
    with twins.ours.scratch_state(zero=True):  # it began from zeros
        loss = twins.ours.evaluate(*validation, batch_size=B)
    assert history["val_loss"][-1] == loss
