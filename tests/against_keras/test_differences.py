"""Where layers and weights differ from Keras on purpose: both sides of ``docs/layers.md``."""

import keras
import numpy as np
import pytest

import tinylstm
from tests.keras_twins import LEARNING_RATE, Twins
from tests.snapshots import refused
from tests.tolerances import KERAS_OUTPUT, KERAS_WEIGHTS, assert_close, error
from tinylstm import reference

N, T, D, H, K, V = 6, 4, 3, 5, 2, 3


def per_step(k):
    """An output at every step, behind a mask."""
    return [k.Masking(), k.LSTM(H, return_sequences=True), k.Dense(K, activation="softmax")]


def compiled(rng):
    """Twins of outputs at every step, samples of which two are masked here and there, targets."""
    twins = Twins(per_step, (None, T, D), rng)
    twins.compile("categorical_crossentropy", metrics=["accuracy"])
    x = twins.random(N, T, D)
    x[0, 1:] = x[1, :2] = 0
    return twins, x, np.eye(K, dtype="float32")[rng.integers(K, size=(N, T))]


def test_a_step_is_masked_by_either_of_two_masks_and_in_keras_by_the_second_alone(rng):
    twins = Twins(lambda k: [k.Masking(1.0), k.Masking(2.0), k.LSTM(H)], (None, T, D), rng)
    x = twins.random(1, T, D)
    x[0, 1], x[0, 2] = 1.0, 2.0
    expected = twins.ours.layers[2](x[:, [0, 3]])
    assert_close(twins.ours.predict(x), expected, KERAS_OUTPUT)
    zeros = x.copy()
    zeros[0, 1] = 0  # what the first one puts out
    assert_close(
        twins.keras.predict(x, verbose=0), twins.ours.layers[2](zeros[:, [0, 1, 3]]), KERAS_OUTPUT
    )


def test_the_gradient_of_a_word_that_comes_twice_is_one_sum_in_adams_square(rng):
    twins = Twins(lambda k: [k.Embedding(V, 2), k.LSTM(H)], (None, T), rng)
    twins.compile("mse")
    x, y = rng.integers(0, V, (N, T)), twins.random(N, H)
    E = twins.ours.get_weights()[0].astype(np.float64)
    out = twins.ours.forward(x)
    dE = twins.ours.backward(2 * (out - y) / out.size)["embedding"]["embeddings"]
    wanted, _, v = reference.adam(E, dE, 0 * E, 0 * E, 1, LEARNING_RATE)
    twins.ours.train_on_batch(x, y)
    twins.keras.train_on_batch(x, y)
    assert_close(twins.ours.get_weights()[0], wanted, KERAS_WEIGHTS)
    theirs, *_ = [a.numpy() for a in twins.keras.optimizer.variables if "velocity" in a.path]
    assert error(theirs, v) > 0.01


@pytest.mark.parametrize(("bound", "tensors"), [("clipnorm", 1), ("global_clipnorm", 4)])
def test_the_gradient_of_a_word_that_comes_twice_is_one_sum_in_a_norm(rng, bound, tensors):
    twins = Twins(lambda k: [k.Embedding(V, 2), k.LSTM(H)], (None, T), rng)
    twins.compile("mse", "SGD", learning_rate=0.125, **{bound: 0.01})
    x, y, start = rng.integers(0, V, (N, T)), twins.random(N, H), twins.ours.get_weights()
    norms = []
    for model in (twins.ours, twins.keras):
        model.train_on_batch(x, y)
        steps = [(b - a).ravel() for a, b in zip(start, model.get_weights(), strict=True)]
        norms.append(np.linalg.norm(np.concatenate(steps[:tensors])) / 0.125)
    assert_close(norms[0], 0.01, KERAS_WEIGHTS)
    assert error(norms[1], 0.01) > 0.01


def test_what_is_made_not_to_be_trained_is_not_and_keras_forgets_it(rng):
    def layers(k):
        return [
            k.Bidirectional(k.LSTM(H, return_sequences=True), trainable=False),
            k.TimeDistributed(k.Dense(K), trainable=False),
        ]

    twins = Twins(layers, (None, T, D), rng)
    assert len(twins.keras.trainable_weights) == 8
    assert twins.ours.trainable_weights == []


def test_weights_of_samples_hold_for_all_steps_of_which_some_are_masked(rng):
    twins, x, y = compiled(rng)
    weight = rng.random(N).astype("float32")
    expected = twins.keras.test_on_batch(x, y, weight[:, None])
    assert_close(twins.ours.test_on_batch(x, y, weight), expected, KERAS_OUTPUT)
    fresh, x, y = compiled(rng)
    with pytest.raises(Exception, match=r"Incompatible shapes|Dimensions must be equal"):
        fresh.keras.test_on_batch(x, y, weight)


def test_weights_of_samples_and_classes_are_multiplied(rng):
    twins, x, y = compiled(rng)
    weight, classes = rng.random((N, T)).astype("float32"), {1: 3.0}
    with pytest.raises(ValueError, match="at the same time"):
        twins.keras.fit(x, y, sample_weight=weight, class_weight=classes, verbose=0)
    product = weight * np.where(y.argmax(axis=-1) == 1, 3.0, 1.0)
    expected = twins.ours.test_on_batch(x, y, product)
    assert_close(twins.ours.train_on_batch(x, y, weight, classes), expected, KERAS_OUTPUT)


def test_weights_of_classes_are_those_of_each_step(rng):
    twins, x, y = compiled(rng)
    with pytest.raises(TypeError):
        twins.keras.fit(x, y, class_weight={1: 3.0}, verbose=0)
    weight = np.where(y.argmax(axis=-1) == 1, 3.0, 1.0)
    expected = twins.ours.test_on_batch(x, y, weight)
    assert_close(twins.ours.train_on_batch(x, y, class_weight={1: 3.0}), expected, KERAS_OUTPUT)


def test_metrics_of_nothing_are_not_a_number(rng):
    twins, x, y = compiled(rng)
    assert twins.keras.test_on_batch(0 * x, y) == [0, 0]
    loss, accuracy = twins.ours.test_on_batch(0 * x, y)
    assert loss == 0
    assert np.isnan(accuracy)


def test_one_lstm_reads_in_one_place_where_keras_makes_copies(rng):
    def layers(k):
        inner = k.LSTM(H, return_sequences=True)
        return [k.Bidirectional(inner), k.Bidirectional(inner)]

    model = keras.Sequential([keras.Input((T, D)), *layers(keras.layers)])
    assert len(model.get_weights()) == 12
    with refused(TypeError, "Only a new layer"):
        tinylstm.Sequential(layers(tinylstm))


def test_a_new_argument_of_a_layer_is_refused_and_in_keras_without_effect(rng):
    twins = Twins(lambda k: [k.Dense(K)], (None, D), rng)
    x = twins.random(N, D)
    before = twins.keras.predict(x, verbose=0)
    twins.keras.layers[0].activation = keras.activations.tanh
    np.testing.assert_array_equal(twins.keras.predict(x, verbose=0), before)
    with refused(AttributeError, "activation of a layer cannot be set"):
        twins.ours.layers[0].activation = "tanh"
