"""Callbacks: their order and logs are Keras'; where they stop a training."""

import sys
import threading

import numpy as np
import pytest
from tinylstm.kernels.compiling import cache

import tinylstm
from tests.snapshots import changed, snapshot
from tinylstm import LSTM, Dense, Sequential
from tinylstm.callbacks import Callback, History, ModelCheckpoint

N, T, D, K = 6, 3, 2, 3
BATCHES = 3  # an epoch, of 2 samples each
RNG = np.random.default_rng(9)
X = RNG.normal(size=(N, T, D)).astype(np.float32)
Y = np.eye(K, dtype=np.float32)[[0, 2, 1, 1, 0, 2]]


def model_of(optimizer="adam", **lstm):
    tinylstm.set_random_seed(7)
    model = Sequential([LSTM(4, **lstm), Dense(K, activation="softmax")])
    model.compile(optimizer, "categorical_crossentropy", metrics=["accuracy"])
    model.build((2, T, D))
    return model


METHODS = [
    f"on_{what}_{when}" for what in ("train", "epoch", "train_batch") for when in ("begin", "end")
]


def calls_to(log, name=None, methods=METHODS):
    """A callback that notes each of its calls: (name, method, number, names in the logs)."""

    def noting(method):
        def call(self, *arguments, logs=None):
            if arguments and isinstance(arguments[-1], dict):
                *arguments, logs = arguments
            log.append((*([name] if name else []), method, *arguments, *(logs or ())))

        return call

    return type("Noting", (Callback,), {method: noting(method) for method in methods})()


@pytest.mark.uncompiled
def test_order_and_logs_are_those_of_keras():
    log, scores = [], ("loss", "accuracy")
    val_scores = (*scores, "val_loss", "val_accuracy")
    model_of().fit(X, Y, 2, epochs=2, verbose=0, validation_data=(X, Y), callbacks=[calls_to(log)])
    expected = [("on_train_begin",)]
    for epoch in range(2):
        expected.append(("on_epoch_begin", epoch))
        for batch in range(BATCHES):
            expected.append(("on_train_batch_begin", batch))
            expected.append(("on_train_batch_end", batch, *scores))
        expected.append(("on_epoch_end", epoch, *val_scores))
    assert log == [*expected, ("on_train_end", *val_scores)]


@pytest.mark.uncompiled
def test_callbacks_take_turns_in_their_order_each_told_of_the_model_first():
    log = []
    methods = ["set_model", "set_params", "on_train_begin", "on_epoch_end", "on_train_end"]
    first, second = (calls_to(log, name, methods) for name in "ab")
    model = model_of()
    model.fit(X, Y, 2, epochs=1, verbose=0, callbacks=[first, second])
    assert [(name, method) for name, method, *_ in log] == [
        *[(name, method) for name in "ab" for method in ("set_model", "set_params")],
        *[(name, method) for method in methods[2:] for name in "ab"],
    ]
    assert log[0][2] is model
    assert set(log[1][2:]) >= {"epochs", "steps", "verbose"}


@pytest.mark.uncompiled
def test_epochs_count_from_initial_epoch_and_history_keeps_what_a_callback_adds():
    class Adds(Callback):
        def on_epoch_end(self, epoch, logs=None):
            logs["epoch squared"] = epoch**2

    history = model_of().fit(X, Y, initial_epoch=3, epochs=6, verbose=0, callbacks=[Adds()])
    assert isinstance(history, History)
    assert history.epoch == [3, 4, 5]
    assert history.history["epoch squared"] == [9, 16, 25]


@pytest.mark.uncompiled
def test_on_batch_methods_are_called_in_training_too():
    log = []
    noting = calls_to(log, methods=["on_batch_begin", "on_batch_end"])
    model_of().fit(X, Y, 3, verbose=0, callbacks=[noting])
    assert [call[:2] for call in log] == [
        (method, batch) for batch in (0, 1) for method in ("on_batch_begin", "on_batch_end")
    ]


@pytest.mark.uncompiled
def test_logs_of_a_batch_are_means_over_the_epoch_so_far():
    seen = []

    class Notes(Callback):
        def on_train_batch_end(self, batch, logs=None):
            seen.append([logs["loss"], logs["accuracy"]])

    model = model_of(tinylstm.SGD(0.0))  # the weights stay, so that scores can be taken later
    history = model.fit(X, Y, 2, epochs=2, verbose=0, shuffle=False, callbacks=[Notes()])
    for k in range(2 * BATCHES):
        n = 2 * (k % BATCHES + 1)
        np.testing.assert_allclose(seen[k], model.evaluate(X[:n], Y[:n]), rtol=1e-6)
    assert history.history["loss"] == [seen[BATCHES - 1][0], seen[-1][0]]


@pytest.mark.uncompiled
def test_a_callback_between_batches_changes_no_number():
    plain, watched, one_by_one = (model_of(stateful=True) for _ in range(3))
    plain.fit(X, Y, epochs=4, verbose=0, reset_states="epoch")
    watched.fit(X, Y, epochs=4, verbose=0, reset_states="epoch", callbacks=[Callback()])
    one_by_one.fit(X, Y, epochs=4, verbose=0, reset_states="epoch", callbacks=[calls_to([])])
    assert changed(watched, snapshot(plain)) == changed(one_by_one, snapshot(plain)) == []


class StopAt(Callback):
    """Sets stop_training in one of its methods, when it is called for the n-th time."""

    def __init__(self, n):
        self.left = n

    def stop(self, *_):
        self.left -= 1
        self.model.stop_training = self.left == 0


@pytest.mark.uncompiled
@pytest.mark.parametrize(
    ("method", "n", "batches", "epochs"),
    [("on_train_batch_end", 5, 5, 2), ("on_train_batch_end", 3, 3, 1), ("on_epoch_end", 2, 6, 2)],
)
def test_stop_training_ends_after_that_batch_or_epoch(method, n, batches, epochs):
    class Stops(StopAt):
        pass

    setattr(Stops, method, StopAt.stop)
    log, model = [], model_of()
    ends = calls_to(log, methods=["on_epoch_end", "on_train_end"])
    history = model.fit(X, Y, 2, epochs=9, verbose=0, callbacks=[Stops(n), ends])
    assert model.optimizer.iterations == batches
    assert history.epoch == list(range(epochs))
    assert log == [
        *[("on_epoch_end", epoch, "loss", "accuracy") for epoch in range(epochs)],
        ("on_train_end", "loss", "accuracy"),
    ]
    model.fit(X, Y, 2, verbose=0)  # the wish to stop is over
    assert model.optimizer.iterations == batches + BATCHES


@pytest.mark.parametrize("what", ["compile", "add", "pop"])
def test_a_callback_cannot_take_the_model_apart(what):
    calls = {
        "compile": lambda model: model.compile("sgd", "mse"),
        "add": lambda model: model.add(Dense(1)),
        "pop": lambda model: model.pop(),
    }

    class Meddling(Callback):
        def on_epoch_end(self, epoch, logs=None):
            calls[what](self.model)

    model = Sequential([Dense(2, input_shape=(1,)), Dense(1)])
    model.compile("sgd", "mse")
    x = np.ones((4, 1))
    with pytest.raises(ValueError, match=f"{what} changes a model in training"):
        model.fit(x, x, epochs=2, callbacks=[Meddling()], verbose=0)
    calls[what](model)  # afterwards it may


@pytest.mark.uncompiled
@pytest.mark.parametrize("verbose", [0, 1, 2])
def test_without_standard_streams_a_program_trains_and_nothing_is_shown(
    monkeypatch, tmp_path, verbose
):
    """They are None in a Python for windows alone, and where a process starts with them closed."""
    for name in ("stdin", "stdout", "stderr"):
        monkeypatch.setattr(sys, name, None)
    model = model_of()
    checkpoint = ModelCheckpoint(tmp_path / "weights", monitor="loss", verbose=1)
    monkeypatch.setattr(cache, "_announced", threading.Lock())
    cache.announce_compilation()
    model.fit(X, Y, 2, epochs=2, verbose=verbose, callbacks=[checkpoint])
    model.predict(X, verbose=verbose)
    model.evaluate(X, Y, verbose=verbose)
    model.summary()
    assert (tmp_path / "weights").exists()


class Counting(Callback):
    """Counts the batches of the compiled calls."""

    def __init__(self):
        self.chunks, self.batches = [], 0

    def on_chunk_end(self, batches, logs=None):
        self.chunks.append((batches, tuple(sorted(logs))))
        self.batches += batches


@pytest.mark.uncompiled
@pytest.mark.parametrize("verbose", [0, 1, 2, 3])
def test_a_callback_is_told_of_compiled_calls_and_not_of_those_of_a_validation(verbose):
    model, seen = model_of(), Counting()
    model.fit(X, Y, 2, epochs=2, verbose=verbose, validation_data=(X, Y), callbacks=[seen])
    assert seen.batches == 2 * BATCHES
    assert {names for _, names in seen.chunks} == {("accuracy", "loss")}
    assert not seen.wants_batches()


@pytest.mark.uncompiled
@pytest.mark.parametrize("verbose", [0, 1])
def test_evaluate_and_predict_tell_of_compiled_calls_too(verbose):
    model, tested, predicted = model_of(), Counting(), Counting()
    model.evaluate(X, Y, 2, verbose=verbose, callbacks=[tested])
    model.predict(X, 2, verbose=verbose, callbacks=[predicted])
    assert tested.batches == predicted.batches == BATCHES
    assert {names for _, names in tested.chunks} == {("accuracy", "loss")}
    assert {names for _, names in predicted.chunks} == {()}


def test_a_callback_that_hears_of_batches_hears_of_each_as_a_compiled_call():
    seen = Counting()
    seen.on_train_batch_end = lambda batch, logs: None
    model_of().fit(X, Y, 2, epochs=1, verbose=0, callbacks=[seen])
    assert [batches for batches, _ in seen.chunks] == [1] * BATCHES
