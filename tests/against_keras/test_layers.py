"""Masks, embeddings, both directions and shapes against live Keras, in every place of a mask."""

import numpy as np
import pytest

from tests.keras_twins import OUTPUT, Twins
from tests.tolerances import KERAS_OUTPUT, assert_close, error

B, T, D, H, K, V = 7, 6, 3, 5, 2, 9
MASK_VALUE = -1.5
DTYPES = ("float32", "float64")
MERGES = ("concat", "sum", "mul", "ave")


def encoder_decoder(k):
    """A sequence read into a vector, and a sequence of another length written from it."""
    return [
        *(k.LSTM(H), k.RepeatVector(4), k.LSTM(7, return_sequences=True)),
        k.TimeDistributed(k.Dense(K, activation="softmax")),
    ]


LAYERS = {  # of numbers
    "encoder_decoder": encoder_decoder,
    "time_distributed": lambda k: [
        k.TimeDistributed(k.Dense(H, activation="tanh")),
        k.LSTM(4, return_sequences=True),
        k.TimeDistributed(k.Activation("sigmoid")),
    ],
    "flatten": lambda k: [k.LSTM(H, return_sequences=True), k.Flatten(), k.Dense(K)],
    "flatten_of_features": lambda k: [k.LSTM(H), k.Flatten(), k.Dense(K)],
    "reshape": lambda k: [k.Reshape((9, -1)), k.LSTM(H), k.Reshape((-1, 1)), k.LSTM(4)],
    "reshape_to_features": lambda k: [k.Reshape((-1,)), k.Dense(H), k.Reshape((H, 1)), k.LSTM(4)],
}
MASKED = {  # behind a Masking
    "lstm": lambda k: [k.LSTM(H)],
    "sequences": lambda k: [k.LSTM(H, return_sequences=True)],
    "stacked": lambda k: [k.LSTM(H, return_sequences=True), k.LSTM(4), k.Dense(K)],
    "dense_between": lambda k: [
        k.Dense(4, activation="tanh"),
        k.Dropout(0.3),
        k.Activation("tanh"),
        k.LSTM(H, return_sequences=True),
        k.TimeDistributed(k.Dense(K)),
    ],
    "backwards": lambda k: [k.LSTM(H, go_backwards=True, return_sequences=True), k.LSTM(4)],
    "encoder_decoder": encoder_decoder,
    "flatten": lambda k: [k.LSTM(H, return_sequences=True), k.Flatten(), k.Dense(K)],
} | {
    f"{mode}{'_sequences' * sequences}": lambda k, mode=mode, sequences=sequences: [
        k.Bidirectional(k.LSTM(H, return_sequences=sequences), merge_mode=mode),
        k.Dense(K),
    ]
    for mode in MERGES
    for sequences in (False, True)
}
MASKED["bidirectional_stack"] = lambda k: [
    k.Bidirectional(k.LSTM(H, return_sequences=True)),
    k.Bidirectional(k.LSTM(4), merge_mode="sum"),
]


ENDS_AT_FLATTEN = pytest.mark.filterwarnings("ignore:Layer 'flatten")  # the mask, as Keras says


def held_steps():
    """(B, T) booleans; of a row none, the left, the right, the middle, some, all, all but one."""
    held = np.zeros((B, T), bool)
    held[1, :3] = held[2, 4:] = held[3, 2:4] = True
    held[4, [0, 3, 5]] = held[5] = True
    held[6] = True
    held[6, 2] = False
    return held


def masked_samples(twins, value=MASK_VALUE):
    """Random samples whose held steps are the mask value."""
    x = twins.random(B, T, D)
    x[held_steps()] = value
    return x


def masked(layers):
    """The layers behind a Masking."""
    return lambda k: [k.Masking(MASK_VALUE), *layers(k)]


def embedded(layers):
    """The layers behind an Embedding that masks zeros."""
    return lambda k: [k.Embedding(V, 4, mask_zero=True), *layers(k)]


def words(rng):
    """Numbers of words, 0 in the held steps."""
    return np.where(held_steps(), 0, rng.integers(1, V, (B, T)))


def assert_same(twins, x):
    """Outputs, alone and in batches, and all gradients."""
    expected = twins.keras(x).numpy()
    assert_close(twins.ours.forward(x), expected, OUTPUT[twins.dtype], "forward")
    assert_close(twins.ours.predict(x), expected, OUTPUT[twins.dtype], "predict")
    twins.assert_gradients(x)


def assert_trained(twins, x, classes=False, optimizer="Adam"):
    """50 updates, of two batches each epoch, end in the same weights."""
    rates = {"SGD": {"learning_rate": 0.2}, "Adam": {}}
    loss = "categorical_crossentropy" if classes else "mse"
    twins.compile(loss, optimizer, **rates[optimizer])
    start = twins.ours.get_weights()
    y = twins.random(*twins.keras(x).shape)
    if classes:
        y = np.exp(y) / np.exp(y).sum(axis=-1, keepdims=True)
    twins.fit(x, y, batch_size=4, epochs=25)
    moved = [error(a, b) for a, b in zip(twins.ours.get_weights(), start, strict=True)]
    assert np.min(moved) > 0.01


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", LAYERS)
def test_shapes_and_time_distributed_equal_keras(rng, name, dtype):
    twins = Twins(LAYERS[name], (None, T, D), rng, dtype)
    assert_same(twins, twins.random(B, T, D))


@ENDS_AT_FLATTEN
@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", MASKED)
def test_masked_steps_in_any_place_equal_keras(rng, name, dtype):
    twins = Twins(masked(MASKED[name]), (None, T, D), rng, dtype)
    x = masked_samples(twins)
    assert_same(twins, x)
    without = twins.ours.copy()
    without.layers[0].fields = {"option": (123.0, 0, 0, 0)}  # masks nothing
    without.network._programs.clear()
    assert error(without.predict(x), twins.ours.predict(x)) > 0.01


WORDS = {
    "sequences": lambda k: [k.Embedding(V, 4), k.LSTM(H, return_sequences=True)],
    "masked sequences": lambda k: [
        k.Embedding(V, 4, mask_zero=True),
        k.LSTM(H, return_sequences=True),
    ],
    "flat": lambda k: [k.Embedding(V, 4), k.Dense(H), k.Flatten(), k.Dense(K)],
}


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", WORDS)
def test_embedding_equals_keras(rng, name, dtype):
    assert_same(Twins(WORDS[name], (None, T), rng, dtype), words(rng))


@ENDS_AT_FLATTEN
@pytest.mark.parametrize("name", MASKED)
def test_what_stands_behind_an_embedding_that_masks_zeros_equals_keras(rng, name):
    assert_same(Twins(embedded(MASKED[name]), (None, T), rng), words(rng))


@pytest.mark.parametrize("name", ["encoder_decoder", "time_distributed", "flatten", "reshape"])
def test_weights_after_50_adam_steps_equal_keras(rng, name):
    twins = Twins(LAYERS[name], (None, T, D), rng)
    assert_trained(twins, twins.random(B, T, D), name == "encoder_decoder")


@pytest.mark.parametrize("name", ["stacked", "dense_between", "concat_sequences", "mul", "ave"])
def test_weights_after_50_masked_adam_steps_equal_keras(rng, name):
    twins = Twins(
        masked(MASKED[name] if name != "dense_between" else MASKED["sequences"]), (None, T, D), rng
    )
    assert_trained(twins, masked_samples(twins))


@pytest.mark.parametrize("optimizer", ["SGD", "Adam"])
@pytest.mark.parametrize("name", ["lstm", "sequences", "bidirectional_stack", "sum_sequences"])
def test_weights_of_an_embedding_after_50_steps_equal_keras(rng, name, optimizer):
    """With Adam no word twice in a batch: of one that is, Keras on TensorFlow squares the gradient
    place by place, and of its sum elsewhere (`tf.IndexedSlices`); here it is the sum."""
    size = V if optimizer == "SGD" else 4 * T + 1
    twins = Twins(
        lambda k: [k.Embedding(size, 4, mask_zero=True), *MASKED[name](k)], (None, T), rng
    )
    x = rng.integers(0, size, (B, T))
    if optimizer == "Adam":
        x = np.array([rng.permutation(4 * T).reshape(4, T) + 1 for _ in range(2)]).reshape(8, T)
        x = np.where(rng.random(x.shape) < 0.2, 0, x)
    assert_trained(twins, x, optimizer=optimizer)


@pytest.mark.parametrize("return_sequences", [False, True])
@pytest.mark.parametrize("mode", MERGES)
def test_both_directions_carry_states_of_their_own_and_a_reset_reaches_both_as_in_keras(
    rng, mode, return_sequences
):
    def layers(k):
        inner = k.LSTM(H, stateful=True, return_sequences=return_sequences)
        return [k.Masking(MASK_VALUE), k.Bidirectional(inner, merge_mode=mode), k.Dense(K)]

    twins = Twins(layers, (B, T, D), rng)
    x = masked_samples(twins)
    outputs = []
    for _ in range(2):
        outputs.append(twins.ours.predict(x))
        assert_close(outputs[-1], twins.keras(x).numpy(), KERAS_OUTPUT, "y")
        twins.assert_states(KERAS_OUTPUT)
    assert error(outputs[1], outputs[0]) > 0.01
    twins.reset()
    assert not any(a.any() for arrays in twins.ours.get_states().values() for a in arrays)
    np.testing.assert_array_equal(twins.ours.predict(x), outputs[0])
    twins.ours.layers[1].reset_states()
    np.testing.assert_array_equal(twins.ours.predict(x), outputs[0])


def test_stateful_directions_train_as_in_keras(rng):
    def layers(k):
        inner = k.LSTM(H, stateful=True, return_sequences=True)
        return [k.Bidirectional(inner), k.Bidirectional(k.LSTM(4, stateful=True)), k.Dense(K)]

    twins = Twins(layers, (B, T, D), rng)
    twins.compile("mse")
    twins.fit(twins.random(5 * B, T, D), twins.random(5 * B, K), batch_size=B, epochs=10)
    twins.assert_states(KERAS_OUTPUT * 10)
