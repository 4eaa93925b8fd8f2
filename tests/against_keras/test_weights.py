"""What a target weighs, against live Keras: masks in loss and metrics, weights of samples, of steps
and of classes, classes by number, penalties on weights, and layers that are not trained."""

import keras
import numpy as np
import pytest

import tinylstm
from tests.keras_twins import Twins
from tests.tolerances import KERAS_OUTPUT, KERAS_WEIGHTS, assert_close, error

N, B, T, D, H, K, V = 11, 4, 5, 3, 6, 3, 7
SPARSE = "sparse_categorical_crossentropy"


def numbers(rng, *shape):
    """Standard normal numbers of K features."""
    return rng.normal(size=(*shape, K)).astype(np.float32)


def coins(rng, *shape):
    """Zeros and ones of K features."""
    return rng.integers(2, size=(*shape, K)).astype(np.float32)


def classes(rng, *shape):
    """Classes by number."""
    return rng.integers(K, size=shape)


def one_hot(rng, *shape):
    """Classes as one-hot rows."""
    return np.eye(K, dtype=np.float32)[classes(rng, *shape)]


LOSSES = {  # last layer, targets, loss, metrics
    "mse": (None, numbers, "mse", ["mae"]),
    "mae": (None, numbers, "mae", ["mse"]),
    "binary": ("sigmoid", coins, "binary_crossentropy", ["binary_accuracy"]),
    "binary_of_outputs": ("hard_sigmoid", coins, "binary_crossentropy", ["accuracy"]),
    "categorical": ("softmax", one_hot, "categorical_crossentropy", ["accuracy", "mse"]),
    "categorical_of_outputs": ("hard_sigmoid", one_hot, "categorical_crossentropy", ["accuracy"]),
    "sparse": ("softmax", classes, SPARSE, ["accuracy", "sparse_categorical_accuracy"]),
    "sparse_of_outputs": ("hard_sigmoid", classes, SPARSE, ["accuracy"]),
}
EVERY_LOSS = pytest.mark.parametrize("name", LOSSES)


def per_step(activation, mask=True):
    """An output at every step, behind a mask or not."""

    def layers(k):
        first = [k.Masking(0.0)] if mask else []
        return [*first, k.LSTM(H, return_sequences=True), k.Dense(K, activation=activation)]

    return layers


def last_step(activation):
    """An output for each sample."""
    return lambda k: [k.LSTM(H), k.Dense(K, activation=activation)]


def compiled(rng, name, layers):
    """Twins with the loss and the metrics of that name."""
    activation, _, loss, metrics = LOSSES[name]
    twins = Twins(layers(activation), (None, T, D), rng)
    twins.compile(loss, metrics=metrics, eagerly=True)
    return twins


def padded(rng, twins):
    """Samples with masked steps on the right, on the left, in the middle, everywhere."""
    x = twins.random(N, T, D)
    held = rng.random((N, T)) < 0.3
    held[:4] = False
    held[1, 2:] = held[2, :3] = held[3] = held[N - N % B :] = True  # the last batch: all of it
    x[held] = 0
    return x


@EVERY_LOSS
def test_masked_steps_count_for_nothing_in_loss_and_metrics_as_in_keras(rng, name):
    twins = compiled(rng, name, per_step)
    x, y = padded(rng, twins), LOSSES[name][1](rng, N, T)
    for size in (B, N):
        twins.assert_scores("evaluate", x, y, batch_size=size, verbose=0)
    twins.assert_scores("test_on_batch", x[:5], y[:5])
    twins.fit(x, y, batch_size=B, epochs=2, validation_data=(x[:6], y[:6]))
    without = compiled(rng, name, lambda activation: per_step(activation, mask=False))
    without.ours.set_weights(twins.ours.get_weights())
    masked, plain = (model.evaluate(x, y)[0] for model in (twins.ours, without.ours))
    assert error(masked, plain) > 0.001


@EVERY_LOSS
def test_words_that_are_masked_count_for_nothing_as_in_keras(rng, name):
    activation, targets, loss, metrics = LOSSES[name]

    def layers(k):
        both = k.Bidirectional(k.LSTM(H, return_sequences=True))
        dense = k.TimeDistributed(k.Dense(K, activation=activation))
        return [k.Embedding(V, 4, mask_zero=True), both, dense]

    twins = Twins(layers, (None, T), rng)
    twins.compile(loss, "SGD", metrics=metrics, learning_rate=0.1, eagerly=True)
    x, y = rng.integers(0, V, (N, T)) * (rng.random((N, T)) < 0.7), targets(rng, N, T)
    twins.fit(x, y, batch_size=B, epochs=2)
    twins.assert_scores("evaluate", x, y, batch_size=B, verbose=0, tolerance=KERAS_WEIGHTS)


@pytest.mark.parametrize(
    ("layers", "of_steps"),
    [(last_step, False), (per_step, False), (per_step, True)],
    ids=["samples", "samples of steps", "steps"],
)
@pytest.mark.parametrize("name", ["mse", "binary", "categorical", "sparse", "sparse_of_outputs"])
def test_weights_of_samples_and_steps_equal_keras(rng, name, layers, of_steps):
    """In fit, with validation data of their own weights, evaluate and the calls of one batch."""
    twins = compiled(rng, name, layers)
    steps = (T,) if layers is per_step else ()
    x, y = padded(rng, twins) if steps else twins.random(N, T, D), LOSSES[name][1](rng, N, *steps)
    weight = rng.random((N, *steps) if of_steps else N).astype(np.float32)
    if steps and not of_steps:
        weight = weight[:, None]  # Keras fails where steps are masked and this has one axis
    weight[2] = 0
    given = {"sample_weight": weight}
    twins.assert_scores("evaluate", x, y, batch_size=B, verbose=0, **given)
    assert error(twins.ours.evaluate(x, y, **given)[0], twins.ours.evaluate(x, y)[0]) > 0.01
    twins.assert_scores("test_on_batch", x[:5], y[:5], weight[:5])
    twins.assert_scores("train_on_batch", x[:5], y[:5], weight[:5])
    twins.assert_weights(KERAS_WEIGHTS)
    part = x[:6], y[:6]
    validation = x[6:], y[6:], weight[6:]
    given = {"sample_weight": weight[:6], "validation_data": validation}
    twins.fit(*part, batch_size=B, epochs=2, **given)


@pytest.mark.parametrize("name", ["binary", "categorical", "sparse", "sparse_of_outputs"])
def test_weights_of_classes_equal_keras(rng, name):
    twins = compiled(rng, name, last_step)
    x, y, weights = twins.random(N, T, D), LOSSES[name][1](rng, N), {0: 3.0, 2: 0.25}
    twins.assert_scores("train_on_batch", x[:5], y[:5], class_weight=weights)
    without = twins.ours.copy()
    twins.fit(x, y, batch_size=B, epochs=2, class_weight=weights)
    twins.fit(x, y, batch_size=B, epochs=1, class_weight=weights, validation_split=0.3)
    without.fit(x, y, batch_size=B, epochs=4, verbose=0, shuffle=False)
    moved = [
        error(a, b) for a, b in zip(twins.ours.get_weights(), without.get_weights(), strict=True)
    ]
    assert np.max(moved) > 0.001


@pytest.mark.parametrize("y", [np.arange(N) % 2, np.arange(N)[:, None] % 2], ids=["flat", "column"])
def test_weights_of_two_classes_equal_keras(rng, y):
    layers = lambda k: [k.LSTM(H), k.Dense(1, activation="sigmoid")]  # noqa: E731
    twins = Twins(layers, (None, T, D), rng)
    twins.compile("binary_crossentropy", metrics=["accuracy"], eagerly=True)
    x = twins.random(N, T, D)
    twins.fit(x, y.astype(np.float32), batch_size=B, epochs=2, class_weight={1: 4.0})


def test_weights_of_rounded_numbers_equal_keras(rng):
    """Targets of an mse, negative and large ones too: the class is the rounded target."""
    twins = Twins(lambda k: [k.LSTM(H), k.Dense(1)], (None, T, D), rng)
    twins.compile("mse", eagerly=True)
    x, y = twins.random(N, T, D), np.linspace(-3, 3, N, dtype=np.float32)[:, None]
    y[5] = 40
    twins.fit(x, y, batch_size=B, epochs=2, class_weight={0: 2.0, 1: 0.5, 3: 0.1})


@pytest.mark.parametrize("targets", [classes, lambda rng, *shape: classes(rng, *shape, 1)])
def test_labels_of_steps_by_number_equal_keras(rng, targets):
    twins = compiled(rng, "sparse", lambda activation: per_step(activation, mask=False))
    x, y = twins.random(N, T, D), targets(rng, N, T)
    twins.assert_scores("evaluate", x, y, batch_size=B, verbose=0)
    twins.fit(x, y, batch_size=B, epochs=2)
    hot = compiled(rng, "categorical", lambda activation: per_step(activation, mask=False))
    hot.ours.set_weights(twins.ours.get_weights())
    loss, accuracy, _ = hot.ours.evaluate(x, np.eye(K)[y.reshape(N, T)])
    assert_close(twins.ours.evaluate(x, y), [loss, accuracy, accuracy], KERAS_OUTPUT)


def regularizers(k):
    """The module of penalties that belongs to the layers k."""
    return keras.regularizers if k is keras.layers else tinylstm.regularizers


def penalized(l1, l2, **lstm):
    """An LSTM and a Dense, each tensor with a penalty of its own kind."""

    def layers(k):
        r = regularizers(k)
        return [
            k.LSTM(
                H,
                kernel_regularizer=r.L1L2(l1, l2),
                recurrent_regularizer=r.L2(l2),
                bias_regularizer=r.L1(l1),
                **lstm,
            ),
            k.Dense(K, kernel_regularizer=r.l1(l1), bias_regularizer=r.l2(l2)),
        ]

    return layers


@pytest.mark.parametrize(("l1", "l2"), [(0.02, 0.0), (0.0, 0.03), (0.01, 0.02)])
def test_penalties_are_in_the_loss_that_is_reported_as_in_keras(rng, l1, l2):
    twins = Twins(penalized(l1, l2), (None, T, D), rng)
    twins.compile("mse", metrics=["mae"])
    x, y = twins.random(N, T, D), twins.random(N, K)
    twins.assert_scores("evaluate", x, y, batch_size=B, verbose=0)
    loss, _ = twins.ours.evaluate(x, y)
    plain = tinylstm.Sequential([tinylstm.Input((T, D)), tinylstm.LSTM(H), tinylstm.Dense(K)])
    plain.compile("sgd", "mse")
    plain.set_weights(twins.ours.get_weights())
    assert loss > plain.evaluate(x, y) + 0.1
    twins.fit(x, y, batch_size=B, epochs=22, validation_split=0.3)  # 44 updates
    twins.assert_scores("train_on_batch", x[:3], y[:3], tolerance=KERAS_WEIGHTS)
    twins.assert_weights(KERAS_WEIGHTS)


@pytest.mark.parametrize("name", ["l1", "l2", "L1", "L2", "L1L2"])
def test_a_penalty_by_name_has_the_rates_of_keras(rng, name):
    layers = lambda k: [k.LSTM(H), k.Dense(K, kernel_regularizer=name)]  # noqa: E731
    twins = Twins(layers, (None, T, D), rng)
    twins.compile("mse", "SGD", learning_rate=0.1, eagerly=True)
    x, y = twins.random(N, T, D), twins.random(N, K)
    twins.fit(x, y, batch_size=B, epochs=2)


def test_a_penalty_on_the_recurrent_kernel_shrinks_it_where_it_gets_no_gradient_as_in_keras(rng):
    layers = lambda k: [k.LSTM(H, recurrent_regularizer="l2"), k.Dense(K)]  # noqa: E731
    twins = Twins(layers, (None, 1, D), rng)
    twins.compile("mse", "SGD", learning_rate=0.1, eagerly=True)
    before = twins.ours.get_weights()[1]
    twins.fit(twins.random(N, 1, D), twins.random(N, K), batch_size=B, epochs=2)
    assert error(twins.ours.get_weights()[1], before) > 0.01


def test_a_penalty_counts_in_the_bounds_of_gradients_as_in_keras(rng):
    twins = Twins(penalized(0.1, 0.5), (None, T, D), rng)
    twins.compile("mse", "SGD", learning_rate=0.1, global_clipnorm=0.5, eagerly=True)
    twins.fit(twins.random(N, T, D), twins.random(N, K), batch_size=B, epochs=2)


def test_penalties_behind_masks_with_weights_of_samples_equal_keras(rng):
    def layers(k):
        lstm, _ = penalized(0.01, 0.02, return_sequences=True)(k)
        both = k.Bidirectional(lstm, merge_mode="sum")
        return [k.Masking(0.0), both, k.TimeDistributed(k.Dense(K, kernel_regularizer="l2"))]

    twins = Twins(layers, (None, T, D), rng)
    twins.compile("mse", metrics=["mae"], eagerly=True)
    x, y, weight = padded(rng, twins), twins.random(N, T, K), rng.random((N, 1))
    twins.fit(x, y, batch_size=B, epochs=2, sample_weight=weight)


def test_a_penalty_on_an_embedding_equals_keras(rng):
    layers = lambda k: [k.Embedding(V, 4, embeddings_regularizer="l2"), k.LSTM(K)]  # noqa: E731
    twins = Twins(layers, (None, T), rng)
    twins.compile("mse", "SGD", learning_rate=0.1, eagerly=True)
    twins.fit(rng.integers(0, 3, (N, T)), twins.random(N, K), batch_size=B, epochs=2)


FROZEN = {
    "lstm": lambda k, **frozen: [k.LSTM(H, kernel_regularizer="l2", **frozen), k.Dense(K)],
    "both directions": lambda k, **frozen: [
        k.Bidirectional(k.LSTM(H, kernel_regularizer="l2"), **frozen),
        k.Dense(K, kernel_regularizer="l1"),
    ],
    "every step": lambda k, **frozen: [
        k.TimeDistributed(k.Dense(4, kernel_regularizer="l2"), **frozen),
        *(k.LSTM(H), k.Dense(K)),
    ],
}


@pytest.mark.parametrize(
    ("name", "when"),
    [
        ("lstm", "made"),  # Keras forgets what layers around others are made with
        *((name, when) for name in FROZEN for when in ("before compile", "after compile")),
    ],
)
def test_a_layer_that_is_not_trained_stays_and_its_penalty_counts_for_nothing_as_in_keras(
    rng, name, when
):
    frozen = {"trainable": False} if when == "made" else {}
    twins = Twins(lambda k: FROZEN[name](k, **frozen), (None, T, D), rng)
    models = twins.keras, twins.ours
    if when == "before compile":
        for model in models:
            model.layers[0].trainable = False
    twins.compile("mse", eagerly=True)
    if when == "after compile":
        for model in models:
            model.layers[0].trainable = False
    start = twins.ours.layers[0].get_weights()
    x, y = twins.random(N, T, D), twins.random(N, K)
    twins.assert_scores("evaluate", x, y, batch_size=B, verbose=0)
    twins.fit(x, y, batch_size=B, epochs=2)
    for old, new in zip(start, twins.ours.layers[0].get_weights(), strict=True):
        np.testing.assert_array_equal(old, new)
    for model in models:
        model.layers[0].trainable = True
    twins.compile("mse", eagerly=True)
    twins.fit(x, y, batch_size=B, epochs=2)
    assert error(twins.ours.layers[0].get_weights()[0], start[0]) > 0.001
