"""Layer normalisation, dropout of whole features, zeros at masked steps: equal the naive twin."""

import numpy as np
import pytest

import tinylstm
from tests.kernels.layers.test_layers import DTYPE, LAYOUTS, Alone
from tests.models import MODES, randomize
from tests.tolerances import NAIVE, SIGMAS, assert_close
from tinylstm import (
    GRU,
    LSTM,
    Bidirectional,
    Dense,
    LayerNormalization,
    Masking,
    Sequential,
    SimpleRNN,
    SpatialDropout1D,
    gradient_check,
    reference,
)
from tinylstm.testing.twin import twin_check

uncompiled = pytest.mark.uncompiled
N, T, D = 6, 4, 3


@uncompiled
@DTYPE
@LAYOUTS
@pytest.mark.parametrize("center", [True, False])
@pytest.mark.parametrize("scale", [True, False])
def test_normalisation_equals_the_naive_twin(rng, rows, chain, scale, center, dtype):
    layer = LayerNormalization(epsilon=0.01, center=center, scale=scale)
    x, dy = 1 + rng.normal(size=(N, T, D)), rng.normal(size=(N, T, D))
    alone = Alone(layer, x, rows, chain, dtype)
    found = alone.run(np.zeros((N, T)), dy)
    given = {name: w.astype(float) for name, w in layer.weights.items()}
    assert list(given) == ["gamma"] * scale + ["beta"] * center
    gamma, beta = given.get("gamma", np.ones(D)), given.get("beta", np.zeros(D))
    y, n, inverse = reference.layer_normalization_forward(x.reshape(-1, D), gamma, beta, 0.01)
    back = reference.layer_normalization_backward(n, inverse, gamma, dy.reshape(-1, D))
    assert_close(found[0].reshape(-1, D), y, NAIVE[dtype], "y")
    assert_close(found[1].reshape(-1, D), back[0], 4 * NAIVE[dtype], "dx")
    gradients = alone.model.views(layer, alone.model.grad)
    for name, wanted in zip(("gamma", "beta"), back[1:], strict=True):
        if name in given:
            assert_close(gradients[name], wanted, 4 * NAIVE[dtype], name)


@pytest.mark.parametrize("mode", MODES)
def test_normalisation_in_a_model_passes_the_checks(rng, mode):
    normal = LayerNormalization(gamma_regularizer="l2", beta_regularizer="l1")
    layers = [LSTM(4, return_sequences=True, **MODES[mode]), normal, LSTM(3, **MODES[mode])]
    model = Sequential([*layers, LayerNormalization(center=False), Dense(2)], dtype="float64")
    model.compile("sgd", "mse")
    model.build((6, T, D))
    randomize(model, rng)
    data = rng.normal(size=(6, T, D)), rng.normal(size=(6, 2))
    assert gradient_check(model, *data).passed
    assert twin_check(model, *data).passed


def dropped(rate, dtype="float64", n=50, steps=4, features=30, mode=None):
    """What features of ones become in training, and the model."""
    tinylstm.set_random_seed(5)
    layers = [SpatialDropout1D(rate, batch_input_shape=(n, steps, features))]
    if mode:
        layers.append(LSTM(2, state_mode=mode))
    model = Sequential(layers, dtype=dtype)
    x = np.ones((n, steps, features))
    return (
        model.trace(x, training=True)["spatial_dropout1_d"].y
        if mode
        else model.forward(x, training=True)
    )


@DTYPE
def test_a_feature_is_dropped_at_all_steps_of_a_sample_or_at_none(dtype):
    y = dropped(0.3, dtype)
    assert (y == y[:, :1]).all()
    assert set(np.unique(y)) == {0, np.dtype(dtype).type(1 / (1 - 0.3))}
    sigma = np.sqrt(0.3 * 0.7 / y[:, 0].size)
    assert abs((y[:, 0] == 0).mean() - 0.3) < SIGMAS * sigma
    assert len({row.tobytes() for row in y[:, 0]}) == len(y)  # each sample has its own


@uncompiled
@DTYPE
@LAYOUTS
def test_dropped_features_have_no_gradient(rng, rows, chain, dtype):
    x, dy = 1 + rng.random((N, T, D)), rng.normal(size=(N, T, D))
    alone = Alone(SpatialDropout1D(0.5), x, rows, chain, dtype)
    alone.program.batch["training"] = 1
    y, dx = alone.run(np.zeros((N, T)), dy)
    kept = (y != 0).astype(float)
    assert 0 < kept.sum() < kept.size
    assert (kept == kept[:, :1]).all()
    assert_close(y, reference.dropout_forward(x, kept, 0.5), NAIVE[dtype], "y")
    assert_close(dx, reference.dropout_backward(dy, kept, 0.5), NAIVE[dtype], "dx")
    alone.program.batch["training"] = 0
    y, dx = alone.run(np.zeros((N, T)), dy)
    assert_close(y, x, NAIVE[dtype], "y")
    assert_close(dx, dy, NAIVE[dtype], "dx")


@pytest.mark.parametrize("mode", MODES)
def test_dropout_of_features_passes_the_checks(rng, mode):
    layers = [SpatialDropout1D(0.4), LSTM(4, **MODES[mode]), Dense(2)]
    model = Sequential(layers, dtype="float64")
    model.compile("sgd", "mse")
    model.build((6, T, D))
    randomize(model, rng)
    data = rng.normal(size=(6, T, D)), rng.normal(size=(6, 2))
    assert gradient_check(model, *data, training=True).passed
    assert twin_check(model, *data, training=True).passed


def masked(rng):
    """Samples some of whose steps are masked: on the left, in the middle, on the right, all."""
    x = rng.normal(size=(6, T, D))
    x[0, 0], x[1, 1:3], x[2, 3], x[3] = 0, 0, 0, 0
    return x


@pytest.mark.parametrize("kind", [LSTM, GRU, SimpleRNN])
@pytest.mark.parametrize("back", [False, True])
def test_masked_steps_put_out_zeros(rng, kind, back):
    x = masked(rng)
    options = {"return_sequences": True, "go_backwards": back}
    model = Sequential([Masking(), kind(5, **options, zero_output_for_mask=True)])
    plain = Sequential([Masking(), kind(5, **options)])
    y = model.predict(x)
    plain.build((None, T, D))
    plain.set_weights(model.get_weights())
    wanted, held = plain.predict(x), (x == 0).all(axis=-1)
    held = held[:, ::-1] if back else held
    np.testing.assert_array_equal(y[held], np.zeros((held.sum(), 5)))
    np.testing.assert_array_equal(y[~held], wanted[~held])


@pytest.mark.parametrize(
    ("mode", "back"), [(mode, back) for mode in MODES for back in (False, True)][:-1]
)
def test_zeros_at_masked_steps_pass_the_checks(rng, mode, back):
    options = {"return_sequences": True, "go_backwards": back, "zero_output_for_mask": True}
    layers = [Masking(), LSTM(4, **options, **MODES[mode]), GRU(3, **MODES[mode]), Dense(2)]
    model = Sequential(layers, dtype="float64")
    model.compile("sgd", "mse")
    model.build((6, T, D))
    randomize(model, rng)
    data = masked(rng), rng.normal(size=(6, 2))
    assert gradient_check(model, *data).passed
    assert twin_check(model, *data).passed


def test_zeros_are_there_step_by_step_and_in_copies(rng):
    layers = [Masking(), LSTM(4, return_sequences=True, zero_output_for_mask=True), Dense(2)]
    model = Sequential(layers)
    x = masked(rng)
    y = model.predict(x)
    stepper = model.copy().stepper(rows=len(x))
    for t in range(T):
        assert_close(stepper(x[:, t]), y[:, t], 1e-6)
    both = Bidirectional(LSTM(4, return_sequences=True, zero_output_for_mask=True))
    assert (Sequential([Masking(), both]).predict(x)[3] == 0).all()


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: LayerNormalization(axis=1), "axis=-1"),
        (lambda: LayerNormalization(epsilon=0), "above 0"),
        (lambda: SpatialDropout1D(1.0), "0 <= rate < 1"),
        (lambda: Sequential([SpatialDropout1D(0.1, input_shape=(3,))]), "reads sequences"),
        (lambda: LSTM(2, zero_output_for_mask="yes"), "zero_output_for_mask"),
    ],
)
def test_what_they_cannot_be_is_refused(call, words):
    with pytest.raises(ValueError, match=words):
        call()
