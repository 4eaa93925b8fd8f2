"""What trains but is hardly meant is said in a warning; what is meant is not."""

import warnings

import numpy as np
import pytest

from tinylstm import (
    LSTM,
    Activation,
    Bidirectional,
    Dense,
    Dropout,
    Embedding,
    Flatten,
    Layer,
    RepeatVector,
    Sequential,
    TimeDistributed,
)

pytestmark = pytest.mark.uncompiled
N, T, K = 6, 2, 3
LETTERS, NEXT = np.arange(1.0, N + 1).reshape(N, 1, 1) / N, np.eye(N)
X = np.random.default_rng(1).normal(size=(N, T, 2))
TARGETS = {
    "categorical_crossentropy": np.eye(K)[[0, 1, 2, 0, 1, 2]],
    "sparse_categorical_crossentropy": np.array([0, 1, 2, 0, 1, 2]),
    "binary_crossentropy": np.eye(K)[[0, 1, 2, 0, 1, 2]],
}
BETTER = dict(zip(TARGETS, ("softmax", "softmax", "sigmoid"), strict=True))


def warnings_of(call):
    """The texts of the warnings in a call, but for those of numbers that are not finite."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        call()
    return [str(one.message) for one in caught if "update was left out" not in str(one.message)]


def stateful_model(batch_input_shape=(None, 1, 1), mode="stateful"):
    layers = [LSTM(4, state_mode=mode, batch_input_shape=batch_input_shape)]
    model = Sequential([*layers, Dense(N, activation="softmax")])
    model.compile("adam", "categorical_crossentropy")
    return model


def test_a_stateful_training_without_a_batch_size_says_what_it_reads():
    for options in ({}, {"reset_states": "epoch"}, {"validation_split": 0.5}):
        model = stateful_model()
        (text,) = warnings_of(lambda o=options, m=model: m.fit(LETTERS, NEXT, verbose=0, **o))
        rows = 3 if "validation_split" in options else N
        assert f"{rows} streams of 1 sample, each with a state of its own" in text
        assert "batch_size=1, if" in text
        assert f"batch_size={rows}, if" in text
    many = stateful_model()
    x, y = np.tile(LETTERS, (16, 1, 1)), np.tile(NEXT, (16, 1))
    (text,) = warnings_of(lambda: many.fit(x, y, verbose=0))
    assert "32 streams of 3 samples" in text


MEANT = {
    "one stream": lambda: stateful_model().fit(LETTERS, NEXT, batch_size=1, verbose=0),
    "streams": lambda: stateful_model().fit(LETTERS, NEXT, batch_size=N, verbose=0),
    "streams of the model": lambda: stateful_model((N, 1, 1)).fit(LETTERS, NEXT, verbose=0),
    "one sample": lambda: stateful_model().fit(LETTERS[:1], NEXT[:1], verbose=0),
    "a batch": lambda: stateful_model().train_on_batch(LETTERS, NEXT),
    "stateless": lambda: stateful_model(mode="stateless").fit(LETTERS, NEXT, verbose=0),
    "carried": lambda: stateful_model(mode="batch_carried").fit(LETTERS, NEXT, verbose=0),
    "a generator": lambda: stateful_model().fit(iter([(LETTERS, NEXT)]), verbose=0),
    "predict": lambda: stateful_model().predict(LETTERS),
    "evaluate": lambda: stateful_model().evaluate(LETTERS, NEXT),
}


@pytest.mark.parametrize("call", MEANT)
def test_what_names_its_streams_is_not_doubted(call):
    assert warnings_of(MEANT[call]) == []


def test_a_stream_that_goes_on_has_its_batch_size():
    model = stateful_model()
    model.fit(LETTERS, NEXT, batch_size=2, verbose=0)
    assert warnings_of(lambda: model.fit(LETTERS, NEXT, verbose=0)) == []


DOUBTFUL = {
    "Dense": lambda: [LSTM(4), Dense(K)],
    "tanh": lambda: [LSTM(4), Dense(K, "tanh")],
    "relu": lambda: [LSTM(4), Dense(K), Activation("relu")],
    "LSTM": lambda: [LSTM(K)],
    "both": lambda: [Bidirectional(LSTM(K), "sum")],
    "behind": lambda: [LSTM(4), Dense(K), Activation("linear"), Dropout(0.1)],
    "flat": lambda: [
        LSTM(4, return_sequences=True),
        TimeDistributed(Dense(1)),
        Flatten(),
        Dense(K),
    ],
}
PROBABLE = {
    "softmax": lambda: [LSTM(4), Dense(K, "softmax")],
    "sigmoid": lambda: [LSTM(4), Dense(K, "sigmoid")],
    "hard": lambda: [LSTM(4), Dense(K, "hard_sigmoid")],
    "LSTM": lambda: [LSTM(K, activation="sigmoid")],
    "behind": lambda: [LSTM(4), Dense(K, "softmax"), Activation("linear"), Dropout(0.1)],
    "repeated": lambda: [LSTM(4), Dense(1, "sigmoid"), RepeatVector(K), Flatten()],
    "both": lambda: [Bidirectional(LSTM(K, activation="sigmoid"), "mul")],
}


@pytest.mark.parametrize("loss", TARGETS)
@pytest.mark.parametrize("stack", DOUBTFUL)
def test_a_crossentropy_of_any_numbers_is_doubted_once_after_each_compile(stack, loss):
    model, y = Sequential(DOUBTFUL[stack]()), TARGETS[loss]
    for _ in range(2):
        model.compile("sgd", loss)
        (text,) = warnings_of(lambda: (model.fit(X, y, verbose=0), model.train_on_batch(X, y)))
        assert f"{loss} reads probabilities" in text
        assert repr(model.layers[-1].name) in text
        assert f"activation={BETTER[loss]!r}" in text
    assert len(warnings_of(lambda: Sequential.copy(model).train_on_batch(X, y))) == 1
    model.compile("sgd", "mse")
    y = np.zeros((N, K))
    assert warnings_of(lambda: model.fit(X, y, verbose=0)) == []


@pytest.mark.parametrize("loss", TARGETS)
@pytest.mark.parametrize("stack", PROBABLE)
def test_probabilities_are_not_doubted(stack, loss):
    model = Sequential(PROBABLE[stack]())
    model.compile("sgd", loss)
    assert warnings_of(lambda: model.fit(X, TARGETS[loss], verbose=0)) == []


class Own(Layer):
    """A layer of which nobody knows what it puts out."""

    kernels = Activation.kernels


def test_a_table_of_numbers_is_doubted_and_a_layer_of_ones_own_is_not():
    words, loss = np.ones((N, 1), int), "categorical_crossentropy"
    for layers, x, doubted in (([Embedding(4, K), Flatten()], words, 1), ([LSTM(K), Own()], X, 0)):
        model = Sequential(layers)
        model.compile("sgd", loss)
        found = warnings_of(lambda m=model, x=x: m.fit(x, TARGETS[loss], verbose=0))
        assert len(found) == doubted


def test_a_softmax_of_one_output_is_doubted():
    model = Sequential([LSTM(4), Dense(1, "softmax")])
    model.compile("sgd", "binary_crossentropy")
    (text,) = warnings_of(lambda: model.fit(X, np.zeros(N), verbose=0))
    assert "always 1: nothing is learned" in text
