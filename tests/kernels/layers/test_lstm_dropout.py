"""Dropout inside the LSTM: masks that stay the same over time, with Keras' meaning of each."""

import numpy as np
import pytest
from hypothesis import given

from tests.keras_twins import GRADIENT, OUTPUT, Twins, keras, tf
from tests.models import MODES, Draw, drawn, few
from tests.tolerances import DIFFERENCES, NAIVE, SIGMAS, assert_close
from tinylstm import LSTM, Bidirectional, Dense, Sequential, gradient_check, reference
from tinylstm.engine.study import Gradients, Pass

uncompiled = pytest.mark.uncompiled
RATES = [(0.4, 0.0), (0.0, 0.4), (0.3, 0.5)]


def masks_of(made):
    """m (4, B, D) and r (4, B, H) of a pass through a model's first layer."""
    layer = made.layers[0]
    B, D, H = made.program.rows, layer.input_shape[-1], layer.units
    return (
        made.program.view(made.program.places[layer, name], (4, B, width)).copy()
        for name, width in (("x_mask", D), ("h_mask", H))
    )


def thinned_lstm(x, W, U, b, h, c, m, r):
    """y (B, T, H), step by step and gate by gate, from the equations."""
    H, y = len(U), []
    for t in range(x.shape[1]):
        z = [
            (x[:, t] * m[k]) @ W[:, k * H : (k + 1) * H]
            + (h * r[k]) @ U[:, k * H : (k + 1) * H]
            + b[k * H : (k + 1) * H]
            for k in range(4)
        ]
        i, f, g, o = (
            reference.sigmoid(z[0]),
            reference.sigmoid(z[1]),
            np.tanh(z[2]),
            reference.sigmoid(z[3]),
        )
        c = f * c + i * g
        h = o * np.tanh(c)
        y.append(h)
    return np.stack(y, axis=1)


@uncompiled
@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("rates", RATES)
def test_outputs_with_the_masks_that_were_drawn_equal_the_equations(rates, dtype):
    d = Draw((3, 4, 2, 5, 1), 2)
    dropout, recurrent_dropout = rates
    model = d.model(
        LSTM(
            d.H,
            return_sequences=True,
            stateful=True,
            dropout=dropout,
            recurrent_dropout=recurrent_dropout,
        ),
        loss="mse",
    ).copy(dtype)
    x, (h, c) = d.x(), model.get_states()["lstm"]
    made = Pass(model, model.network.chain, x.astype(dtype), None, None, True, False)
    expected = thinned_lstm(x, *model.get_weights(), h, c, *masks_of(made))
    assert_close(made.y(), expected, NAIVE[dtype], "y")


@pytest.mark.parametrize("rates", RATES)
@pytest.mark.parametrize("mode", MODES)
@given(d=drawn())
@few
def test_gradients_with_masks_held(mode, rates, d):
    dropout, recurrent_dropout = rates
    options = {"dropout": dropout, "recurrent_dropout": recurrent_dropout, **MODES[mode]}
    layers = [LSTM(d.H, return_sequences=True, **options), LSTM(d.H + 1, **options), Dense(d.K)]
    model = d.model(*layers, loss="mse")
    report = gradient_check(model, d.x(), d.rng.normal(size=(d.B, d.K)), training=True)
    assert report.worst_error <= DIFFERENCES, f"\n{report}"


def test_gradients_with_masks_backwards_masked_and_in_both_directions():
    d = Draw((3, 4, 2, 5, 6), 3)
    mask = np.array([[False, True, True, True], [True, False, True, True], [False] * 4])
    options = {"dropout": 0.3, "recurrent_dropout": 0.4}
    for first in (
        LSTM(d.H, return_sequences=True, go_backwards=True, **options),
        Bidirectional(LSTM(d.H, return_sequences=True, **options)),
    ):
        model = d.model(first, LSTM(3, use_bias=False, **options), Dense(d.K), loss="mse")
        y = d.rng.normal(size=(d.B, d.K))
        report = gradient_check(model, d.x(), y, mask=mask, training=True)
        assert report.worst_error <= DIFFERENCES, f"\n{report}"


@pytest.mark.parametrize("stateful", [False, True])
@pytest.mark.parametrize("rates", RATES)
def test_outputs_and_gradients_equal_keras_given_our_masks(rng, rates, stateful):
    B, T, D, H = 4, 5, 3, 6
    dropout, recurrent_dropout = rates
    twins = Twins(
        lambda k: [
            k.LSTM(
                H,
                return_sequences=True,
                stateful=stateful,
                dropout=dropout,
                recurrent_dropout=recurrent_dropout,
            )
        ],
        (B, T, D),
        rng,
        "float64",
    )
    x, dy = twins.random(B, T, D), twins.random(B, T, H)
    if stateful:
        states = [rng.normal(size=(B, H)).astype(np.float32) for _ in range(2)]
        twins.ours.set_states({"lstm": states})
        for variable, array in zip(twins.keras.layers[0].states, states, strict=True):
            variable.assign(array)
    ours = twins.ours
    made = Pass(ours, ours.network.chain, x, None, None, True, False)
    made.set_dy(dy)
    made.backward()
    m, r = masks_of(made)
    cell = twins.keras.layers[0].cell
    if recurrent_dropout == 0:
        for k in range(4):
            np.testing.assert_array_equal(m[k], m[0])  # Keras draws one for all gates
    cell.get_dropout_mask = lambda step: m if recurrent_dropout else m[0]
    cell.get_recurrent_dropout_mask = lambda step: r
    with tf.GradientTape() as tape:
        tensor = tf.constant(x)
        tape.watch(tensor)
        y = twins.keras(tensor, training=True)
        total = tf.reduce_sum(y * dy)
    variables = [*twins.keras.trainable_variables, tensor]
    assert_close(made.y(), y.numpy(), OUTPUT["float64"], "y")
    gradients = Gradients(made)
    found = [*gradients["lstm"].values(), gradients.x]
    for variable, one, theirs in zip(
        variables, found, tape.gradient(total, variables), strict=True
    ):
        assert_close(one, theirs.numpy(), GRADIENT["float64"], str(variable.shape))


def test_rates_of_elements_left_out_and_masks_of_each_gate():
    layer = LSTM(300, dropout=0.2, recurrent_dropout=0.6, input_shape=(2, 200))
    model = Sequential([layer])
    model.need_built("a pass")
    x = np.ones((50, 2, 200), np.float32)
    m, r = masks_of(Pass(model, model.network.chain, x, None, None, True, False))
    for mask, rate in ((m, 0.2), (r, 0.6)):
        left_out = mask == 0
        np.testing.assert_array_equal(mask[~left_out], np.float32(1 / (1 - rate)))
        for k in range(4):
            sigma = np.sqrt(rate * (1 - rate) / mask[k].size)
            assert abs(left_out[k].mean() - rate) <= SIGMAS * sigma
            for other in range(k):
                both = (left_out[k] & left_out[other]).mean()
                assert abs(both - rate**2) <= SIGMAS * sigma


def test_every_update_draws_anew_and_prediction_leaves_nothing_out():
    options = {"dropout": 0.5, "recurrent_dropout": 0.5}
    model = Sequential([LSTM(4, input_shape=(3, 2), **options)])
    plain = Sequential([LSTM(4, input_shape=(3, 2))])
    model.compile("sgd", "mse")
    plain.need_built("weights")
    plain.set_weights(model.get_weights() if model.built else [])
    x = np.random.default_rng(1).normal(size=(5, 3, 2)).astype(np.float32)
    assert_close(model.predict(x), plain.predict(x), NAIVE["float32"], "y")
    first = model.forward(x, training=True)
    np.testing.assert_array_equal(model.forward(x, training=True), first)  # the same update's
    model.train_on_batch(x, np.zeros((5, 4)))
    assert not np.allclose(model.forward(x, training=True), first, atol=0.02)


def test_training_with_dropout_inside_learns_and_repeats():
    rng = np.random.default_rng(2)
    x = rng.normal(size=(60, 4, 2))
    y = x.sum(axis=(1, 2), keepdims=False)[:, None]
    losses = []
    for _ in range(2):
        model = Sequential([LSTM(8, dropout=0.1, recurrent_dropout=0.1), Dense(1)])
        model.seed = 3
        model.compile("adam", "mse")
        losses.append(model.fit(x, y, epochs=100, batch_size=10, verbose=0).history["loss"])
    assert losses[0] == losses[1]
    assert losses[0][-1] < 0.5 * losses[0][0]


def test_keras_draws_masks_as_is_said_here():
    """One mask for all gates with dropout of the input alone, four with recurrent dropout."""
    cell = keras.layers.LSTMCell(3, dropout=0.5)
    assert not isinstance(cell.get_dropout_mask(tf.ones((2, 3))), list)
    cell = keras.layers.LSTM(3, dropout=0.5, recurrent_dropout=0.5).cell
    assert len(cell.get_dropout_mask(tf.ones((2, 3)))) == 4
    assert len(cell.get_recurrent_dropout_mask(tf.ones((2, 3)))) == 4
