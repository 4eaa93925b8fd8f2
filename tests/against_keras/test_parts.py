"""Activations by what comes in, normalisation and zeros at masked steps against live Keras."""

import inspect

import keras
import numpy as np
import pytest

import tinylstm
from tests.keras_twins import OUTPUT, Twins
from tests.tolerances import assert_close
from tinylstm import LayerNormalization, LeakyReLU

N, B, T, D, H, K = 13, 4, 5, 3, 6, 3
ROUNDED = "gelu", "leaky"  # the constants in them are float32 in Keras
LAYERS = {
    "elu": lambda k: [k.Dense(H, "elu"), k.Activation("elu"), k.Dense(K)],
    "gelu": lambda k: [k.Dense(H, "gelu"), k.TimeDistributed(k.Activation("gelu")), k.Dense(K)],
    "leaky": lambda k: [k.Dense(H), k.LeakyReLU(), k.Dense(K), k.LeakyReLU(negative_slope=0.01)],
    "normal": lambda k: [k.LSTM(H, return_sequences=True), k.LayerNormalization(), k.LSTM(K)],
    "no gain": lambda k: [k.Dense(H), k.LayerNormalization(scale=False, epsilon=0.1)],
    "no shift": lambda k: [k.Dense(H), k.LayerNormalization(center=False), k.Dense(K)],
    "neither": lambda k: [k.Dense(H), k.LayerNormalization(-1, 1e-5, False, False), k.Dense(K)],
}


@pytest.mark.parametrize(
    ("name", "dtype"),
    [(name, "float32") for name in LAYERS]
    + [(name, "float64") for name in LAYERS if name not in ROUNDED],
)
def test_outputs_and_gradients_equal_keras(rng, name, dtype):
    twins = Twins(LAYERS[name], (None, T, D), rng, dtype)
    x = 2 * twins.random(B, T, D)
    assert_close(twins.ours.predict(x), np.asarray(twins.keras(x)), OUTPUT[dtype])
    twins.assert_gradients(x)


@pytest.mark.parametrize("name", ["elu", "gelu", "leaky", "normal"])
def test_a_fit_equals_keras(rng, name):
    twins = Twins(LAYERS[name], (None, T, D), rng)
    twins.compile("mse")
    x = twins.random(N, T, D)
    twins.fit(x, twins.random(*twins.ours.predict(x).shape), batch_size=B, epochs=3)


def test_a_fit_with_dropped_features_of_rate_zero_equals_keras(rng):
    layers = lambda k: [k.SpatialDropout1D(0.0), k.LSTM(H), k.Dense(K)]  # noqa: E731
    twins = Twins(layers, (None, T, D), rng)
    twins.compile("mse")
    twins.fit(twins.random(N, T, D), twins.random(N, K), batch_size=B, epochs=2)


MASKED = {
    "lstm": lambda k, **given: [k.LSTM(H, **given)],
    "gru": lambda k, **given: [k.GRU(H, **given)],
    "simple_rnn": lambda k, **given: [k.SimpleRNN(H, **given)],
    "both": lambda k, **given: [k.Bidirectional(k.LSTM(H, **given))],
}


@pytest.mark.parametrize(
    ("name", "back"), [*((name, False) for name in MASKED), *((name, True) for name in MASKED)][:-1]
)
def test_zeros_at_masked_steps_equal_keras(rng, name, back):
    def layers(k):
        given = {"zero_output_for_mask": True, "return_sequences": True, "go_backwards": back}
        return [k.Masking(0.0), *MASKED[name](k, **given), k.Dense(K)]

    twins = Twins(layers, (None, T, D), rng)
    x = twins.random(B, T, D)
    x[0, 0], x[1, 1:3], x[2, 3:], x[3] = 0, 0, 0, 0
    assert_close(twins.ours.predict(x), np.asarray(twins.keras(x)), OUTPUT["float32"])
    twins.assert_gradients(x)


def test_without_sequences_it_does_nothing_which_keras_says_and_does_not_do(rng):
    layers = lambda k: [k.Masking(0.0), k.LSTM(H, zero_output_for_mask=True)]  # noqa: E731
    twins = Twins(layers, (None, None, D), rng)
    x = twins.random(B, T, D)
    x[0, -1] = 0
    ours, theirs = twins.ours.predict(x), np.asarray(twins.keras(x))
    assert_close(ours[1:], theirs[1:], OUTPUT["float32"])
    assert (theirs[0] == 0).all()
    assert_close(ours[:1], twins.ours.predict(x[:1, :-1]), OUTPUT["float32"])


@pytest.mark.parametrize("kind", ["Dense", "Embedding", "LayerNormalization", "LeakyReLU"])
def test_arguments_stand_in_the_order_of_keras(kind):
    ours, theirs = (
        inspect.signature(getattr(k, kind)).parameters for k in (tinylstm, keras.layers)
    )
    shared = [name for name, one in ours.items() if one.kind is one.POSITIONAL_OR_KEYWORD]
    assert shared == [name for name in theirs if name in shared]


def test_defaults_are_those_of_keras():
    theirs, ours = keras.layers.LayerNormalization(), LayerNormalization()
    for name in ("epsilon", "center", "scale"):
        assert getattr(ours, name) == getattr(theirs, name)
    assert np.isclose(LeakyReLU().negative_slope, keras.layers.LeakyReLU().negative_slope)
