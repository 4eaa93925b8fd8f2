"""Backward passes against central differences in float64, over layers, state modes and options.

In every case B, T, D, H and K differ, T >= 3, each gate has random weights of its own, no bias and
no state is zero, targets or upstream gradients are random, and no point is near a kink.
"""

import numpy as np
import pytest
from hypothesis import given

from tests.models import MODES, Draw, drawn, few, random_states
from tests.snapshots import refused
from tests.tolerances import DIFFERENCES, assert_close
from tinylstm import LSTM, Dense, Dropout, gradient_check, reference

pytestmark = pytest.mark.quick
uncompiled = pytest.mark.uncompiled
RECURRENT = ("linear", "tanh", "sigmoid", "relu", "hard_sigmoid", "hard_sigmoid_keras2")
KINKS = {"relu": [0.0], "hard_sigmoid": [-3.0, 3.0], "hard_sigmoid_keras2": [-2.5, 2.5]}
MARGIN = 1e-3  # from a kink: many times what a difference moves


def check(model, x, y, **options):
    report = gradient_check(model, x, y, **options)
    assert report.worst_error <= DIFFERENCES, f"\n{report}"


def near_kink(z, activation):
    return any(np.abs(z - kink).min() < MARGIN for kink in KINKS.get(activation, ()))


@pytest.mark.parametrize("return_sequences", [False, True])
@pytest.mark.parametrize("mode", MODES)
@given(d=drawn())
@few
def test_lstm_of_every_mode(mode, return_sequences, d):
    lstm = LSTM(d.H, return_sequences=return_sequences, **MODES[mode])
    y = d.shares(d.B, d.T) if return_sequences else d.shares(d.B)
    check(d.model(lstm, Dense(d.K, "softmax")), d.x(), y)


@uncompiled
@pytest.mark.parametrize("mode", MODES)
def test_lstm_of_every_mode_at_one_size(mode):
    d = Draw((2, 3, 1, 4, 5), 1)
    model = d.model(LSTM(d.H, **MODES[mode]), loss="mse")
    check(model, d.x(), d.rng.normal(size=(d.B, d.H)))


@pytest.mark.parametrize("return_sequences", [False, True])
@pytest.mark.parametrize("mode", ["stateless", "stateful"])
@given(d=drawn())
@few
def test_lstm_that_goes_backwards(mode, return_sequences, d):
    lstm = LSTM(d.H, return_sequences=return_sequences, go_backwards=True, **MODES[mode])
    y = d.shares(d.B, d.T) if return_sequences else d.shares(d.B)
    check(d.model(lstm, Dense(d.K, "softmax")), d.x(), y)


@pytest.mark.parametrize(
    ("first", "second"), [*((mode, mode) for mode in MODES), ("stateful", "stateless")]
)
@given(d=drawn())
@few
def test_stacked_lstms(first, second, d):
    layers = [LSTM(d.H, return_sequences=True, **MODES[first]), LSTM(d.H + 1, **MODES[second])]
    check(d.model(*layers, Dense(d.K, "softmax")), d.x(), d.shares(d.B))


@pytest.mark.parametrize("both", [False, True], ids=["cell", "cell and gates"])
@pytest.mark.parametrize("activation", RECURRENT)
@given(d=drawn())
@few
def test_lstm_of_every_activation_away_from_kinks(activation, both, d):
    recurrent = activation if both else RECURRENT[RECURRENT.index(activation) - 1]
    while True:
        lstm = LSTM(d.H, activation, recurrent, return_sequences=True)
        model = d.model(lstm, Dense(d.K), loss="mse")
        model.theta *= 0.3  # nothing bounds a linear cell
        x, states = d.x(), {lstm.name: d.state(lstm)}
        trace = model.trace(x, states)[lstm.name]
        z_g, c = trace.z[..., 2 * d.H : 3 * d.H], trace.c
        if not (
            near_kink(trace.z, recurrent) or near_kink(z_g, activation) or near_kink(c, activation)
        ):
            break
    check(model, x, d.shares(d.B, d.T), states=states)


@pytest.mark.parametrize("go_backwards", [False, True])
@pytest.mark.parametrize("mode", MODES)
@given(d=drawn())
@few
def test_masked_steps(mode, go_backwards, d):
    go_backwards = go_backwards and mode != "batch_carried"
    layers = [LSTM(d.H, return_sequences=True, go_backwards=go_backwards, **MODES[mode])]
    layers.append(LSTM(d.H + 1, return_sequences=True, **MODES[mode]))
    mask = d.rng.random((d.B, d.T)) < 0.6
    mask[-1] = False  # a whole row
    check(d.model(*layers, Dense(d.K, "softmax")), d.x(), d.shares(d.B, d.T), mask=mask)


@pytest.mark.parametrize("mode", MODES)
@given(d=drawn())
@few
def test_dropout_with_its_masks_held(mode, d):
    layers = [Dropout(0.3), LSTM(d.H, return_sequences=True, **MODES[mode]), Dropout(0.4)]
    model = d.model(*layers, Dense(d.K, "softmax"))
    check(model, d.x(), d.shares(d.B, d.T), training=True)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(
    ("loss", "activation"),
    [
        *(("categorical_crossentropy", "softmax"), ("categorical_crossentropy", "sigmoid")),
        *(("binary_crossentropy", "sigmoid"), ("binary_crossentropy", "softmax")),
        *(("mse", "linear"), ("mse", "tanh"), ("mae", "linear"), ("mae", "tanh")),
    ],
)
@given(d=drawn())
@few
def test_every_loss_with_weights_of_samples(loss, activation, mode, d):
    lstm = LSTM(d.H, return_sequences=True, **MODES[mode])
    model = d.model(lstm, Dense(d.K, activation), loss=loss)
    x, y = d.x(), d.shares(d.B, d.T)
    if loss == "mae":  # far from where an error changes its sign, with any state
        y = 3 * np.sign(d.rng.normal(size=y.shape))
        model.theta *= 0.5
    check(model, x, y, sample_weight=d.rng.random(d.B) + 0.1)


@pytest.mark.parametrize("activation", [*RECURRENT, "softmax"])
@given(d=drawn())
@few
def test_dense_of_every_activation_away_from_kinks(activation, d):
    while True:
        model, x = d.model(Dense(d.K, activation), Dense(d.K), loss="mse"), d.x()
        W, b, *_ = model.get_weights()
        if not near_kink(x @ W + b, activation):
            break
    check(model, x, d.shares(d.B, d.T))


def check_projection(d, mode, go_backwards=False):
    """Gradients of sum(dy * y) + sum(dstates * final states), both LSTMs starting from states."""
    options = {"return_sequences": True, "go_backwards": go_backwards, **MODES[mode]}
    model = d.model(LSTM(d.H, **options), LSTM(d.K, **options))
    rows = 1 if mode == "batch_carried" else d.B
    states, dstates = (random_states(model, rows, d.rng) for _ in range(2))
    x, dy, mask = d.x(), d.rng.normal(size=(d.B, d.T, d.K)), d.rng.random((d.B, d.T)) < 0.7

    def projection():
        y, final = model.forward(x, states, mask, return_states=True)
        pairs = [(a, b) for name in final for a, b in zip(final[name], dstates[name], strict=True)]
        return np.sum(y * dy) + sum(np.sum(a * b) for a, b in pairs)

    projection()
    gradients = model.backward(dy, dstates)
    arrays = [(gradients.x, x, "x")]
    for layer in model.layers:
        names = [f"{layer.name}/{name}" for name in ("h0", "c0")]
        arrays += zip(gradients.states[layer.name], states[layer.name], names, strict=True)
        for name, array in model.views(layer, model.theta).items():
            arrays.append((gradients[layer.name][name], array, f"{layer.name}/{name}"))
    for gradient, array, name in arrays:
        numerical = reference.finite_difference(projection, array)
        assert_close(gradient, numerical, DIFFERENCES, name)


@pytest.mark.parametrize("go_backwards", [False, True])
@pytest.mark.parametrize("mode", ["stateless", "stateful"])
@given(d=drawn())
@few
def test_random_projections_of_outputs_and_final_states(mode, go_backwards, d):
    check_projection(d, mode, go_backwards)


@given(d=drawn())
@few
def test_random_projections_of_a_carried_batch(d):
    check_projection(d, "batch_carried")


@uncompiled
def test_a_random_projection_at_one_size():
    check_projection(Draw((2, 3, 4, 1, 5), 1), "stateful")


@uncompiled
def test_a_layer_that_is_called_after_forward_is_not_taken_for_the_pass_of_backward():
    d = Draw((2, 3, 4, 1, 5), 1)
    model, x, dy = d.model(LSTM(d.H)), d.x(), d.rng.normal(size=(d.B, d.H))
    model.forward(x)
    model.layers[0](x + 1)
    with refused(ValueError, "backward follows a forward pass"):
        model.backward(dy)
