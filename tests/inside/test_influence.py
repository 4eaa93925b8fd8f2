"""The influence of each input on each output, against central differences."""

import numpy as np
import pytest

from tinylstm import GRU, LSTM, Dense, Embedding, Masking, Sequential, inside
from tinylstm.inside.influence import norms_of

N, T, D, K, STEP = 3, 4, 2, 3, 1e-6


def by_differences(model, x):
    """The same from pairs of forward passes."""
    y = model.forward(x)
    found = np.zeros((N, y.shape[1] if y.ndim == 3 else 1, N, T))
    for m, s, d in np.ndindex(x.shape):
        a, b = x.copy(), x.copy()
        a[m, s, d] += STEP
        b[m, s, d] -= STEP
        slope = (model.forward(a) - model.forward(b)) / (2 * STEP)
        found[:, :, m, s] += (slope.reshape(N, -1, K) ** 2).sum(axis=2)
    return np.sqrt(found)


@pytest.mark.parametrize("sequences", [True, False])
@pytest.mark.parametrize("mode", ["stateless", "batch_carried", "stateful"])
def test_influence_equals_differences(rng, mode, sequences):
    lstm = LSTM(5, state_mode=mode, return_sequences=sequences, batch_input_shape=(N, T, D))
    model = Sequential([lstm, Dense(K, "tanh")], dtype="float64")
    x = rng.normal(size=(N, T, D))
    model.predict(x, batch_size=N)
    found = inside.influence(model, x)
    np.testing.assert_allclose(found, by_differences(model, x), rtol=1e-6, atol=1e-9)
    others = found[0, :, 1:].sum() + found[1, :, 0].sum()
    assert (others > 0) == (mode == "batch_carried")


@pytest.mark.parametrize("mode", ["stateless", "batch_carried"])
def test_some_outputs_are_those_of_all(rng, mode):
    lstm = LSTM(5, state_mode=mode, return_sequences=True, input_shape=(T, D))
    model, x = Sequential([lstm, Dense(K)]), rng.normal(size=(N, T, D))
    some, whole = inside.influence(model, x, outputs=[3, 1]), inside.influence(model, x)
    np.testing.assert_array_equal(some, whole[:, [3, 1]])
    with pytest.raises(ValueError, match="Each of outputs"):
        inside.influence(model, x, outputs=[T])


@pytest.mark.parametrize("mode", ["stateless", "batch_carried", "stateful"])
def test_no_room_is_taken_for_samples_that_have_no_influence_on_each_other(rng, mode):
    lstm = LSTM(5, state_mode=mode, return_sequences=True, batch_input_shape=(N, T, D))
    model, x = Sequential([lstm, Dense(K)]), rng.normal(size=(N, T, D))
    found, whole = norms_of(model, x, [3, 1]), inside.influence(model, x)[:, [3, 1]]
    if mode == "batch_carried":
        np.testing.assert_array_equal(found, whole)
    else:
        np.testing.assert_array_equal(found, whole[range(N), :, range(N)])


def test_a_masked_step_has_no_influence(rng):
    model = Sequential([Masking(7.0, input_shape=(T, D)), GRU(5), Dense(K)])
    x = rng.normal(size=(N, T, D))
    x[1, 2] = 7
    found = inside.influence(model, x)[[0, 1, 2], 0, [0, 1, 2]]
    np.testing.assert_array_equal(found == 0, (x == 7).all(axis=2))


def test_of_numbers_it_is_the_influence_of_their_rows(rng):
    model = Sequential([Embedding(6, D), LSTM(5), Dense(K)], dtype="float64")
    numbers = rng.integers(0, 6, (N, T))
    model.predict(numbers)
    rows = model.layers[0].get_weights()[0][numbers]
    above = Sequential([LSTM(5, input_shape=(T, D)), Dense(K)], dtype="float64")
    above.set_weights(model.get_weights()[1:])
    found, expected = inside.influence(model, numbers), inside.influence(above, rows)
    np.testing.assert_allclose(found, expected, rtol=1e-12)


def test_without_steps_a_sample_is_one(rng):
    model = Sequential([Dense(K, input_shape=(D,))], dtype="float64")
    found = inside.influence(model, rng.normal(size=(N, D)))
    W = model.get_weights()[0]
    np.testing.assert_allclose(found[:, 0, :, 0], np.eye(N) * np.linalg.norm(W))


def test_what_a_model_holds_stays(rng):
    model = Sequential([LSTM(5, batch_input_shape=(N, T, D), stateful=True)])
    x = rng.normal(size=(N, T, D))
    model.predict(x)
    states = model.get_states()
    model.forward(x)
    expected = model.backward(np.ones((N, 5))).x
    grad = model.grad.copy()
    model.forward(x)
    inside.influence(model, x * 2)
    np.testing.assert_array_equal(model.grad, grad)
    np.testing.assert_array_equal(model.backward(np.ones((N, 5))).x, expected)
    for a, b in zip(states["lstm"], model.get_states()["lstm"], strict=True):
        np.testing.assert_array_equal(a, b)
