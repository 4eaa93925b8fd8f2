"""Threads that share the rows of a batch do what one thread does, but for the order of sums."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import tinylstm
from tests.models import few
from tests.tolerances import THREADS, THREADS_TRAINED, assert_close, bits
from tinylstm import (
    GRU,
    LSTM,
    SGD,
    Adam,
    AdamW,
    Bidirectional,
    Dense,
    Dropout,
    Embedding,
    Flatten,
    LayerNormalization,
    LeakyReLU,
    Masking,
    Nadam,
    RepeatVector,
    RMSprop,
    Sequential,
    SimpleRNN,
    SpatialDropout1D,
    TimeDistributed,
    constraints,
    regularizers,
)
from tinylstm.threads import how_many

N, T, D, H, K = 13, 3, 2, 5, 4
STACKS = {  # layers for samples (T, D) of a mode, and whether the targets are steps
    "one": lambda **mode: [LSTM(H, **mode), Dense(K)],
    "dropout": lambda **mode: [
        LSTM(H, return_sequences=True, dropout=0.3, recurrent_dropout=0.2, **mode),
        Dropout(0.4),
        LSTM(H, dropout=0.3, **mode),
        Dense(K, activation="softmax"),
    ],
    "masked": lambda **mode: [Masking(), LSTM(H, return_sequences=True, **mode), Dense(K)],
    "both ways": lambda **mode: [
        Bidirectional(LSTM(H, return_sequences=True, **mode)),
        TimeDistributed(Dense(K)),
        Flatten(),
        Dense(K),
    ],
    "repeated": lambda **mode: [
        LSTM(H, **mode),
        RepeatVector(T + 1),
        LSTM(H, return_sequences=True, **mode),
        Dense(K),
    ],
    "penalties": lambda **mode: [
        LSTM(H, kernel_regularizer=regularizers.l2(0.1), **mode),
        Dense(K, bias_regularizer=regularizers.l1(0.1)),
    ],
    "constraints": lambda **mode: [
        LSTM(H, kernel_constraint=constraints.MaxNorm(0.3, axis=1), **mode),
        Dense(K, kernel_constraint="unit_norm", bias_constraint="non_neg"),
    ],
    "other layers": lambda **mode: [
        SpatialDropout1D(0.4),
        LSTM(H, return_sequences=True, **mode),
        LayerNormalization(),
        Dense(H, "gelu"),
        LeakyReLU(),
        LSTM(H, zero_output_for_mask=True, **mode),
        Dense(K),
    ],
    "other cells": lambda **mode: [
        GRU(H, return_sequences=True, recurrent_dropout=0.2, **mode),
        SimpleRNN(H + 1, return_sequences=True, **mode),
        GRU(H, **mode),
        Dense(K),
    ],
    "words": lambda **mode: [Embedding(7, D, mask_zero=True), LSTM(H, **mode), Dense(K)],
}
OPTIMIZERS = {
    "sgd": lambda: SGD(0.1, momentum=0.5),
    "values clipped": lambda: SGD(0.1, clipvalue=0.01),
    "norms clipped": lambda: SGD(0.1, clipnorm=0.01),
    "norm clipped": lambda: SGD(0.1, global_clipnorm=0.01),
    "adam": lambda: Adam(0.01),
    "rmsprop": lambda: RMSprop(0.01),
    "adamw": lambda: AdamW(0.01, weight_decay=0.1),
    "nadam": lambda: Nadam(0.01),
}


@pytest.fixture(autouse=True)
def small_models_too(monkeypatch):
    """Every model is worth any number of threads; afterwards one is the default again."""
    monkeypatch.setattr(how_many, "WORTH", 1)
    yield
    tinylstm.set_num_threads(None)


class Case:
    """A model, data for it, and how it is trained: all from a few choices and a seed."""

    def __init__(self, stack, optimizer="sgd", stateful=False, rows=5, seed=0, dtype="float64"):
        self.choices = stack, optimizer, stateful, rows, seed, dtype
        self.stack, self.optimizer, self.stateful = stack, optimizer, stateful
        self.rows, self.seed, self.dtype = rows, seed, dtype
        rng = np.random.default_rng(seed)
        n = N - N % rows if stateful else N
        self.x = rng.normal(size=(n, T, D))
        self.x[rng.random((n, T)) < 0.3] = 0  # a masked step, where there is a mask
        if stack == "words":
            self.x = rng.integers(0, 7, (n, T))
        shape = self.model().output_shape[1:]
        y = rng.random((n, *shape)) + 0.1
        self.y = y / y.sum(axis=-1, keepdims=True)
        self.weight = rng.random((n, *shape[:-1]))

    def __repr__(self):
        return f"Case{self.choices}"

    def model(self):
        tinylstm.set_random_seed(self.seed)
        mode = {"stateful": True} if self.stateful else {}
        layers = STACKS[self.stack](**mode)
        model = Sequential(layers, dtype=self.dtype)
        rows = self.rows if self.stateful else None
        model.build((rows, T) if self.stack == "words" else (rows, T, D))
        loss = "categorical_crossentropy" if self.stack == "dropout" else "mse"
        model.compile(OPTIMIZERS[self.optimizer](), loss, metrics=["mae", "accuracy"])
        return model

    def trained(self, count, epochs=2):
        """The model after some epochs with so many threads."""
        tinylstm.set_num_threads(count)
        model = self.model()
        options = {"sample_weight": self.weight, "epochs": epochs, "verbose": 0}
        model.fit(self.x, self.y, self.rows, **options)
        return model

    def split(self, model):
        """Whether threads share the batches of this model, so that a test is about them."""
        batches = model.state.batches(len(self.x), self.rows)
        return how_many.threads_for(model.network, self.x.shape[1:], batches, True) > 1


cases = st.builds(
    Case,
    stack=st.sampled_from(list(STACKS)),
    optimizer=st.sampled_from(list(OPTIMIZERS)),
    stateful=st.booleans(),
    rows=st.integers(2, 6),
    seed=st.integers(0, 99),
)
counts = st.integers(2, 4)
many = settings(few, max_examples=60)


@pytest.mark.uncompiled
@many
@given(case=cases, count=counts)
def test_a_training_is_that_of_one_thread_but_for_the_order_of_sums(case, count):
    model, twin = case.trained(count), case.trained(1)
    tinylstm.set_num_threads(count)
    assert case.split(model)
    for one, other in zip(model.get_weights(), twin.get_weights(), strict=True):
        assert_close(one, other, THREADS_TRAINED, "weights")
    assert_close(model.optimizer.moments, twin.optimizer.moments, THREADS_TRAINED, "moments")
    assert model.optimizer.iterations == twin.optimizer.iterations
    for name, values in model.history.history.items():
        assert_close(values, twin.history.history[name], THREADS_TRAINED, name)
    assert_close(model.state.values, twin.state.values, THREADS_TRAINED, "state")
    assert model.epochs_seen == twin.epochs_seen


@pytest.mark.uncompiled
@many
@given(case=cases, count=counts)
def test_predictions_have_the_bits_of_one_thread_and_scores_their_digits(case, count):
    model = case.model()
    found = []
    for number in (count, 1):
        tinylstm.set_num_threads(number)
        model.reset_states()
        y = model.predict(case.x, case.rows)
        state = bits(model.state.values)
        scores = model.evaluate(case.x, case.y, case.rows, sample_weight=case.weight)
        found.append((bits(y), state, scores))
    (y, state, scores), (y_1, state_1, scores_1) = found
    assert y == y_1
    assert state == state_1
    assert_close(scores, scores_1, THREADS["float64"], "scores")


@many
@given(case=cases, count=counts, dtype=st.sampled_from(["float64", "float32"]))
def test_a_gradient_is_that_of_one_thread_within_the_bound(case, count, dtype):
    case = Case(*case.choices[:-1], dtype)
    x, y, weight = (a[: case.rows] for a in (case.x, case.y, case.weight))
    found = []
    for number in (count, 1):
        tinylstm.set_num_threads(number)
        model = case.model()
        model.train_on_batch(x, y, sample_weight=weight)
        found.append([g for one in model.layers for g in model.views(one, model.grad).values()])
    for one, other in zip(*found, strict=True):
        assert_close(one, other, THREADS[dtype], "gradient")


@many
@given(case=cases, count=counts)
def test_the_same_number_of_threads_gives_the_same_bits(case, count):
    model, twin = case.trained(count), case.trained(count)
    assert bits(model.theta) == bits(twin.theta)
    assert model.history.history == twin.history.history
