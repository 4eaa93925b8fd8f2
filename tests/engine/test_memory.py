"""What `Sequential.memory` says a step needs is what it reserves, and nothing more."""

import tracemalloc

import numpy as np
import pytest
from numpy.lib import tracemalloc_domain

import tinylstm
from tests.kernels.threads.test_together import TOGETHER
from tests.snapshots import refused
from tinylstm import GRU, LSTM, SGD, Bidirectional, Dense, Embedding, Sequential, SimpleRNN

SHARE = 0.1  # that may be missing or too much
ROWS, T, D, K = 24, 60, 20, 30
LSTM_AND_DENSE = (lambda: [LSTM(64), Dense(K, activation="softmax")], "adam")
MODELS = {  # layers, optimiser, batch size
    "one LSTM": (*LSTM_AND_DENSE, ROWS),
    "sgd": (LSTM_AND_DENSE[0], "sgd", ROWS),
    "momentum": (LSTM_AND_DENSE[0], lambda: SGD(momentum=0.9), ROWS),
    "large, small batch": (lambda: [LSTM(300), Dense(K)], "adam", 1),
    "every step": (lambda: [LSTM(64, return_sequences=True), Dense(K, "softmax")], "adam", ROWS),
    "two LSTM": (
        lambda: [LSTM(50, return_sequences=True), LSTM(70, stateful=True), Dense(K)],
        "rmsprop",
        ROWS,
    ),
    "both directions": (lambda: [Bidirectional(LSTM(48)), Dense(K)], "adam", ROWS),
    "carried in the batch": (lambda: [LSTM(64, state_mode="batch_carried"), Dense(K)], "adam", 50),
    "other cells": (
        lambda: [GRU(64, return_sequences=True), SimpleRNN(70), Dense(K)],
        "adam",
        ROWS,
    ),
    "thinned": (lambda: [LSTM(64, dropout=0.2, recurrent_dropout=0.1), Dense(K)], "adam", ROWS),
    "no LSTM": (lambda: [Dense(500, "tanh"), Dense(K)], "adam", ROWS),
}


FORMS = {  # threads, and what lets them share any batch so
    "one thread": (1, {}),
    "two threads": (2, {(tinylstm.threads.how_many, "WORTH"): 1}),
    "two together": (2, TOGETHER),
}


@pytest.fixture(autouse=True, params=FORMS)
def gradients(request, monkeypatch):
    """So many gradients there are, one for each thread that is not together with others."""
    number, changes = FORMS[request.param]
    for (module, name), value in changes.items():
        monkeypatch.setattr(module, name, value)
    tinylstm.set_num_threads(number)
    yield 1 if changes is TOGETHER else number
    tinylstm.set_num_threads(None)


def model_of(name, rows):
    layers, optimizer, _ = MODELS[name]
    tinylstm.set_random_seed(7)
    model = Sequential(layers())
    model.compile(optimizer() if callable(optimizer) else optimizer, "mse")
    model.build((rows, T, D))
    return model


def reserved():
    """Bytes of all arrays that were made since tracing began."""
    domain = tracemalloc.DomainFilter(True, tracemalloc_domain)
    traces = tracemalloc.take_snapshot().filter_traces([domain]).traces
    return sum(trace.size for trace in traces)


@pytest.fixture
def tracing():
    """Memory is traced from `tracemalloc.start` to the end of the test."""
    yield tracemalloc.start
    tracemalloc.stop()


@pytest.mark.parametrize("name", MODELS)
def test_it_is_what_a_training_step_reserves(name, tracing):
    rows = MODELS[name][-1]
    x = np.ones((rows, T, D), np.float32)
    y = np.ones_like(model_of(name, rows).predict(x))
    model_of(name, rows).train_on_batch(x, y)  # what is compiled, or kept for all models, is there
    tracing()
    model = model_of(name, rows)
    expected = model.memory(rows)
    model.train_on_batch(x, y)
    found = reserved()
    assert abs(found - expected.total) < SHARE * expected.total
    tracemalloc.reset_peak()
    before, _ = tracemalloc.get_traced_memory()
    model.train_on_batch(x, y)
    assert tracemalloc.get_traced_memory()[1] - before < SHARE * expected.total


def test_its_parts_are_those_of_the_model(gradients):
    model = Sequential([LSTM(64, input_shape=(T, D)), Dense(K)])
    count = model.count_params()
    assert model.memory()[:3] == (4 * count, 4 * count, 0)  # a prediction has no optimiser
    model.compile("adam", "mse")
    parameters, gradient, moments, workspace = model.memory(ROWS)
    assert (parameters, moments) == (4 * count, 8 * count)
    assert 4 * count * gradients <= gradient < 4 * (count + 16) * gradients
    assert sum((parameters, gradient, moments, workspace)) == model.memory(ROWS).total
    assert model.network._programs == {}  # it has only counted
    assert str(model.memory(ROWS)).splitlines()[0].split() == ["parameters", "92.62", "KB"]


def test_it_grows_with_steps_and_rows_as_a_line():
    model = Sequential([LSTM(64, input_shape=(None, D)), Dense(K)])
    model.compile("adam", "mse")
    for grown in (lambda k: model.memory(48, 100 * k), lambda k: model.memory(48 * k, 100)):
        one, two, three = (grown(k).workspace for k in (1, 2, 3))
        assert three - two == pytest.approx(two - one, rel=0.03)
        assert 1.7 * one < two <= 2 * one  # a part of it is the same for any number


def test_words_and_unknown_steps():
    model = Sequential([Embedding(50, 8), LSTM(16), Dense(2)])
    with refused(ValueError, "needs a built model"):
        model.memory()
    model.build((None, None))
    with refused(ValueError, "any number of steps"):
        model.memory(ROWS)
    with refused(ValueError, "batch_size"):
        model.memory(0, 5)
    assert model.memory(ROWS, 20).total > model.memory(ROWS, 10).total


LSTM_OF = {  # T, B, D, H, K
    "characters": (100, 32, 64, 128, 64),
    "wide": (50, 32, 256, 512, 256),
    "one row": (1000, 1, 4, 32, 1),
    "long": (100_000, 1, 1, 8, 1),
}


@pytest.mark.parametrize("name", LSTM_OF)
def test_the_formula_of_the_documents_is_right_from_a_megabyte_on(name, gradients):
    T, B, D, H, K = LSTM_OF[name]
    R = min(gradients, B)
    layers = [LSTM(H, return_sequences=True), Dense(K, activation="softmax")]
    model = Sequential(layers)
    model.compile("adam", "mse")
    model.build((None, T, D))
    lstm = (11 * T + 12) * B * H + min(4 * T * B * H, 2**18) + 2 * T * B * H
    numbers = model.count_params() * (1 + R + 2) + 2 * T * B * D + lstm
    numbers += 4 * T * B * K + T * B * (K + 2)
    numbers += R * 4 * H * (D + H)
    numbers += R * (min(T * B * max(D, H), 2**17) + 4 * H * max(D, H, 256))
    assert 4 * numbers == pytest.approx(model.memory(B).total, rel=SHARE)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_all_vectors_of_a_model_begin_with_a_cache_line(dtype):
    model = Sequential([LSTM(5, input_shape=(3, 2)), Dense(1)], dtype=dtype)
    model.compile("adam", "mse")
    model.build((None, 3, 2))
    work = model.network.program(steps=3, rows=2, chain=1).rooms(1)[0][2]
    for vector in (model.theta, model.grad, model.optimizer.moments, work):
        assert vector.ctypes.data % 64 == 0
