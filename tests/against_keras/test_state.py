"""State and masks against live Keras: what is carried, handed in and out, and held."""

import keras
import numpy as np
import pytest
import tensorflow as tf

import tinylstm
from tests.keras_twins import GRADIENT, OUTPUT, Twins
from tests.tolerances import KERAS_WEIGHTS, assert_close

B, T, D, H, K = 6, 7, 3, 5, 2
DTYPES = ("float32", "float64")
STEPS = 50  # of Adam

STATEFUL = {
    "lstm": lambda k: [k.LSTM(H, stateful=True), k.Dense(K)],
    "stacked": lambda k: [
        k.LSTM(H, stateful=True, return_sequences=True),
        k.LSTM(8, stateful=True),
        k.Dense(K),
    ],
    "stateless_below": lambda k: [
        k.LSTM(H, return_sequences=True),
        k.LSTM(8, stateful=True, return_sequences=True),
    ],
    "backwards": lambda k: [k.LSTM(H, stateful=True, go_backwards=True, return_sequences=True)],
}
MASKED = {
    "lstm": lambda k: [k.LSTM(H), k.Dense(K)],
    "sequences": lambda k: [k.LSTM(H, return_sequences=True), k.Dense(K)],
    "stacked": lambda k: [k.LSTM(H, return_sequences=True), k.LSTM(8)],
    "backwards": lambda k: [k.LSTM(H, go_backwards=True, return_sequences=True)],
}
MASKED_STATEFUL = {name: STATEFUL[name] for name in ("lstm", "stacked", "backwards")}


def every_kind_of_mask():
    """A row each: nothing, the beginning, the middle, the end, both ends, everything masked."""
    mask = np.ones((B, T), bool)
    mask[1, :3] = False
    mask[2, 2:5] = False
    mask[3, 4:] = False
    mask[4, [0, 3, 6]] = False
    mask[5] = False
    return mask


def assert_call(twins, x, mask=None):
    """One call of both, which carries the state on, gives equal outputs and equal states."""
    before = twins.ours.get_states()
    if mask is None:
        y = twins.ours.predict(x)
    else:  # predict takes no mask: the state is carried on by hand
        y, states = twins.ours.forward(x, mask=mask, return_states=True)
        twins.ours.set_states({name: states[name] for name in before})
    expected = twins.keras(x, mask=None if mask is None else tf.constant(mask)).numpy()
    assert_close(y, expected, OUTPUT[twins.dtype], "y")
    twins.assert_states(OUTPUT[twins.dtype])
    return y


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", STATEFUL)
def test_stateful_calls_carry_on_and_a_reset_begins_anew_as_in_keras(rng, name, dtype):
    twins = Twins(STATEFUL[name], (B, T, D), rng, dtype)
    x = twins.random(B, T, D)
    first, second = assert_call(twins, x), assert_call(twins, x)
    assert np.abs(second - first).max() > 0.01  # the state made a difference
    twins.reset()
    np.testing.assert_array_equal(assert_call(twins, x), first)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", STATEFUL)
def test_gradients_after_a_carried_state_equal_keras(rng, name, dtype):
    twins = Twins(STATEFUL[name], (B, T, D), rng, dtype)
    assert_call(twins, twins.random(B, T, D))
    twins.assert_gradients(twins.random(B, T, D))


def test_recurrent_gradient_of_a_single_stateful_step_equals_keras(rng):
    """With one step, all of dU comes from the carried h."""
    twins = Twins(STATEFUL["stacked"], (B, 1, D), rng)
    assert_call(twins, twins.random(B, 1, D))
    twins.assert_gradients(twins.random(B, 1, D))
    assert np.abs(twins.ours.backward(twins.random(B, K))["lstm"]["recurrent_kernel"]).max() > 0


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", MASKED)
def test_masked_steps_equal_keras(rng, name, dtype):
    twins = Twins(MASKED[name], (None, T, D), rng, dtype)
    x, mask = twins.random(B, T, D), every_kind_of_mask()
    y = twins.ours.forward(x, mask=mask)
    assert_close(y, twins.keras(x, mask=tf.constant(mask)).numpy(), OUTPUT[dtype], "y")
    assert np.abs(y - twins.ours.forward(x)).max() > 0.01  # the mask made a difference
    twins.assert_gradients(x, mask)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", MASKED_STATEFUL)
def test_masked_steps_hold_a_carried_state_as_in_keras(rng, name, dtype):
    """Before a row's first step the output is zero, though the carried h is not."""
    twins = Twins(MASKED_STATEFUL[name], (B, T, D), rng, dtype)
    assert_call(twins, twins.random(B, T, D))
    assert_call(twins, twins.random(B, T, D), every_kind_of_mask())
    twins.assert_gradients(twins.random(B, T, D), every_kind_of_mask())


@pytest.mark.parametrize("name", ["lstm", "backwards"])
def test_weights_after_50_masked_adam_steps_equal_keras(rng, name):
    twins = Twins(MASKED[name], (None, T, D), rng)
    before = twins.ours.get_weights()
    twins.adam_steps(twins.random(B, T, D), STEPS, every_kind_of_mask())
    twins.assert_weights(KERAS_WEIGHTS)
    for old, new in zip(before, twins.ours.get_weights(), strict=True):
        assert np.abs(new - old).max() > 0.01


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("masked", [False, True])
@pytest.mark.parametrize(
    "options", [{}, {"return_sequences": True}, {"return_sequences": True, "go_backwards": True}]
)
def test_initial_state_and_its_gradient_equal_keras(rng, options, masked, dtype):
    """States handed in and out, with random upstream gradients on y, h and c."""
    theirs = keras.layers.LSTM(H, return_state=True, dtype=dtype, **options)
    layer = tinylstm.LSTM(H, return_state=True, **options)
    model = tinylstm.Sequential([tinylstm.Input((T, D)), layer], dtype=dtype)
    arrays = [rng.normal(size=shape).astype(dtype) for shape in [(B, T, D), (B, H), (B, H)]]
    theirs.build((B, T, D))
    weights = [0.5 * rng.normal(size=w.shape) for w in theirs.get_weights()]
    theirs.set_weights(weights)
    layer.set_weights(weights)
    mask = every_kind_of_mask() if masked else None

    x, h, c = (tf.constant(array) for array in arrays)
    with tf.GradientTape() as tape:
        tape.watch([x, h, c])
        outputs = theirs(x, initial_state=[h, c], mask=None if mask is None else tf.constant(mask))
        upstream = [rng.normal(size=y.shape).astype(dtype) for y in outputs]
        total = sum(tf.reduce_sum(y * dy) for y, dy in zip(outputs, upstream, strict=True))
    expected = [g.numpy() for g in tape.gradient(total, [*theirs.trainable_variables, x, h, c])]

    called = layer(arrays[0], initial_state=arrays[1:], mask=mask)
    model.forward(arrays[0], states={"lstm": arrays[1:]}, mask=mask)
    grads = model.backward(upstream[0], dstates={"lstm": upstream[1:]})
    for name, a, b in zip(("y", "h", "c"), called, outputs, strict=True):
        assert_close(a, b.numpy(), OUTPUT[dtype], name)
    found = {**grads["lstm"], "x": grads.x, **dict(zip("hc", grads.states["lstm"], strict=True))}
    for (name, a), b in zip(found.items(), expected, strict=True):
        assert_close(a, b, GRADIENT[dtype], f"gradient of {name}")


def test_one_initial_state_for_a_stateful_layer_is_where_it_carries_on_as_in_keras(rng):
    twins = Twins(STATEFUL["lstm"], (B, T, D), rng)
    states = [twins.random(B, H), twins.random(B, H)]
    x = twins.random(B, T, D)
    for variable, value in zip(twins.keras.layers[0].states, states, strict=True):
        variable.assign(value)
    twins.ours.set_states(states)
    assert_call(twins, x)
    assert_call(twins, x)
