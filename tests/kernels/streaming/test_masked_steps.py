"""A masked step, one at a time: `Stepper` and `generate` put out what `predict` does."""

import numpy as np
import pytest

from tests.models import randomize
from tests.tolerances import NAIVE, assert_close
from tinylstm import LSTM, Activation, Dense, Dropout, Embedding, Masking, Sequential

uncompiled = pytest.mark.uncompiled
D, V, ROWS = 3, 4, 5  # features, words; each row has other masked steps
STACKS = {
    "one LSTM": lambda: [LSTM(4)],
    "its last output": lambda: [LSTM(4), Dense(6, "tanh")],
    "every output": lambda: [LSTM(4, return_sequences=True), Dropout(0.5), Dense(6)],
    "two LSTMs": lambda: [LSTM(4, return_sequences=True), LSTM(5), Activation("relu")],
    "no LSTM": lambda: [Dense(4)],
}
MASKED = (  # words, or steps of x: zeros are masked
    (1, 2, 0, 0, 3, 0),
    (0, 0, 2, 1, 0, 3),
    (0, 0, 0, 0, 0, 0),
    (3, 0, 1, 0, 2, 1),
    (1, 3, 2, 2, 1, 3),
)


def model_of(first, layers, rng, shape):
    model = Sequential([first, *layers], dtype="float64")
    model.build((None, *shape))
    return randomize(model, rng)


def word_model(rng, *layers):
    return model_of(Embedding(V, 2, mask_zero=True), layers, rng, (None,))


def last_of(model, x):
    """What `predict` puts out at the last step of x, from zeros."""
    y = model.predict(x)
    return y[:, -1] if y.ndim == 3 else y


@uncompiled
@pytest.mark.parametrize("first", ["words", "vectors"])
@pytest.mark.parametrize("stack", STACKS)
def test_each_step_equals_predict_of_the_sequence_so_far(rng, stack, first):
    words = np.array(MASKED)
    if first == "words":
        model, x = word_model(rng, *STACKS[stack]()), words
    else:
        model = model_of(Masking(), STACKS[stack](), rng, (None, D))
        x = rng.normal(size=(*words.shape, D)) * (words > 0)[..., None]
    stepper = model.stepper(ROWS)
    for t in range(words.shape[1]):
        expected = last_of(model, x[:, : t + 1])
        assert_close(stepper(x[:, t]), expected, NAIVE["float64"], f"step {t}")


@uncompiled
def test_a_state_that_was_set_brings_its_last_output_along(rng):
    model = model_of(Masking(), STACKS["its last output"](), rng, (None, D))
    stepper, other = model.stepper(), model.stepper()
    stepper(np.ones(D))
    saved, last = stepper.state, stepper.y.copy()
    stepper(-np.ones(D))
    for one in (stepper, stepper.copy(), other):
        one.state = saved
        assert_close(one(np.zeros(D)), last, NAIVE["float64"], "y")


FEEDBACK = {
    "value": lambda x, y: np.concatenate([x, y[:, None]], axis=1),
    "argmax": lambda x, y: np.concatenate([x, y.argmax(axis=-1)[:, None]], axis=1),
}


def answers(model, x, steps, feedback, window):
    """What `generate` answers, each read by `predict` from the beginning on, or from a window."""
    start = x.shape[1]
    found = []
    for _ in range(steps):
        found.append(last_of(model, x if window is None else x[:, -window:]))
        x = FEEDBACK[feedback](x, found[-1])
    return np.stack(found, axis=1) if feedback == "value" else x[:, start:]


@uncompiled
@pytest.mark.parametrize("window", [None, 3])
@pytest.mark.parametrize("return_sequences", [False, True])
@pytest.mark.parametrize("feedback", FEEDBACK)
def test_closed_loops_go_on_from_masked_steps_and_through_their_own(
    rng, feedback, return_sequences, window
):
    words, lstm = np.array(MASKED), LSTM(4, return_sequences=return_sequences)
    if feedback == "argmax":
        model = word_model(rng, lstm, Dense(V, "softmax"))
        model.layers[2].set_weights([9 * rng.normal(size=(4, V)), [1, 0.2, 0.1, 0]])
        x = words
    else:  # an answer of zeros is the mask value
        model = model_of(Masking(), [lstm, Dense(D, "relu")], rng, (None, D))
        model.layers[2].set_weights([-3 * rng.normal(size=(4, 1)) * np.ones(D), [0.3] * D])
        x = rng.normal(size=(*words.shape, D)) * (words > 0)[..., None]
    expected = answers(model, x, 8, feedback, window)
    masked = ~expected.any(axis=-1) if feedback == "value" else expected == 0
    assert 0 < masked.sum() < masked.size
    found = model.generate(x, 8, feedback, window=window)
    assert_close(found, expected, NAIVE["float64"], "answers")


@uncompiled
def test_a_class_is_drawn_from_the_last_output_behind_a_masked_step(rng):
    model = word_model(rng, LSTM(4), Dense(V, "softmax"))
    model.layers[2].set_weights([9 * rng.normal(size=(4, V)), [0.1, 0.2, 0, 0]])
    x = np.array(MASKED)
    cold = model.generate(x, 5, "sample", temperature=1e-6, seed=1)
    assert_close(cold, answers(model, x, 5, "argmax", None), 0, "classes")
