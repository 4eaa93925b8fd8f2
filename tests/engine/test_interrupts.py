"""Ctrl-C stops at once, at a whole batch, and training goes on from there as if never stopped."""

import os
import signal
import sys
import threading
import time

import numpy as np
import pytest

import tinylstm
from tests.snapshots import changed, snapshot
from tinylstm import LSTM, Dense, Dropout, Sequential
from tinylstm.callbacks import Callback, LambdaCallback
from tinylstm.engine.runs import Run

LIMIT = 0.2 + 0.3  # seconds of the processor: the promise, and slack for a slower machine
LONG = 10**7  # epochs: hours
N, T, D, K = 20, 3, 2, 3
RNG = np.random.default_rng(13)
X = RNG.normal(size=(N, T, D)).astype(np.float32)
Y = np.eye(K, dtype=np.float32)[RNG.integers(0, K, N)]


def model_of(**lstm):
    tinylstm.set_random_seed(7)
    model = Sequential([LSTM(4, **lstm), Dropout(0.3), Dense(K, activation="softmax")])
    model.compile("adam", "categorical_crossentropy")
    model.build((None, T, D))
    model.train_on_batch(X[:2], Y[:2])  # what is compiled once is compiled now
    return model


class CtrlC:
    """Sends Ctrl-C to this process after some seconds, which hears it; says how long it took.

    In seconds of the processor: on the clock, other things that the machine has to do would count.
    """

    def __init__(self, after=0.4):
        self.timer = threading.Timer(after, self.send)

    def send(self):
        self.sent = time.process_time()
        os.kill(os.getpid(), signal.SIGINT)

    def __enter__(self):
        self.before = signal.signal(signal.SIGINT, signal.default_int_handler)
        self.timer.start()
        return self

    def __exit__(self, kind, error, _):
        self.took = time.process_time() - self.sent
        signal.signal(signal.SIGINT, self.before)
        self.error = error  # and with it all that its frames hold, as in a notebook
        return kind is KeyboardInterrupt


class StopAfter(Callback):
    """Stops after so many batches."""

    def __init__(self, batches):
        self.left = batches

    def on_train_batch_end(self, batch, logs=None):
        self.left -= 1
        self.model.stop_training = self.left == 0


def train(model, batches, **options):
    """Train for so many batches of 2, whole epochs in one go; the losses of all epochs."""
    epochs, before_last = divmod(batches - 1, N // 2)
    losses = model.fit(X, Y, 2, epochs=epochs, **options).history["loss"]
    options.pop("reset_states", None)  # the last epoch does not end
    last = model.fit(X, Y, 2, callbacks=[StopAfter(before_last + 1)], **options)
    return losses + last.history["loss"]


STATEFUL = {"state_mode": "stateful"}
CASES = {  # settings of the LSTM, options of fit
    "quiet": ({}, {"verbose": 0}),
    "with a bar": ({}, {"verbose": 1}),
    "a line an epoch": ({}, {"verbose": 2}),
    "in order": ({}, {"verbose": 0, "shuffle": False}),
    "stateful": (STATEFUL, {"verbose": 0}),
    "reset by epoch": (STATEFUL, {"verbose": 0, "reset_states": "epoch"}),
    "batch_carried": ({"state_mode": "batch_carried"}, {"verbose": 0}),
}


@pytest.mark.parametrize("case", CASES)
def test_ctrl_c_in_fit_leaves_the_model_of_an_uninterrupted_training_of_whole_batches(case):
    lstm, options = CASES[case]
    model, twin = model_of(**lstm), model_of(**lstm)
    with CtrlC() as ctrl_c:
        model.fit(X, Y, 2, epochs=LONG, **options)
    assert ctrl_c.took < LIMIT
    batches = model.optimizer.iterations - twin.optimizer.iterations
    assert batches > 10
    losses = train(twin, batches, **options | {"verbose": 0})
    assert set(changed(model, snapshot(twin))) <= {"history"}
    epochs = batches // (N // 2)
    if options["verbose"]:  # the display may not have heard of the last one
        assert len(model.history.epoch) in (epochs - 1, epochs)
    else:
        assert model.history.epoch == list(range(epochs))
        assert model.history.history["loss"] == losses[:epochs]
    assert [len(losses) for losses in model.history.history.values()] == [len(model.history.epoch)]
    for one in (model, twin):
        one.fit(X, Y, 2, epochs=3, verbose=0)
    assert changed(model, snapshot(twin)) == []


@pytest.mark.parametrize("before", range(1, 60))
def test_history_is_whole_wherever_a_ctrl_c_is_heard_after_a_compiled_call(before):
    """It comes so many lines of Python after the return of the third call, if not later."""
    model, calls, left = model_of(), [], [before]

    def trace(frame, event, _):
        if "tinylstm" not in frame.f_code.co_filename:
            return None
        if event == "return" and frame.f_code is Run.__call__.__code__:
            calls.append(frame)
        elif event == "line" and len(calls) >= 3:
            left[0] -= 1
            if left[0] == 0:
                raise KeyboardInterrupt
        return trace

    before_fit = model.optimizer.iterations
    before = sys.gettrace()  # that of a measurement of coverage
    sys.settrace(trace)
    try:
        with pytest.raises(KeyboardInterrupt):
            model.fit(X, Y, 2, epochs=5 + LONG, initial_epoch=5, verbose=0)
    finally:
        sys.settrace(before)
    epochs = (model.optimizer.iterations - before_fit) // (N // 2)
    assert epochs > 1
    assert model.history.epoch == list(range(5, 5 + epochs))
    assert [len(losses) for losses in model.history.history.values()] == [epochs]


def test_a_second_ctrl_c_is_as_harmless():
    model, twin = model_of(stateful=True), model_of(stateful=True)
    for _ in range(3):
        before = model.optimizer.iterations
        with CtrlC(0.1) as ctrl_c:
            model.fit(X, Y, 2, epochs=LONG, verbose=0)
        assert ctrl_c.took < LIMIT
        train(twin, model.optimizer.iterations - before, verbose=0)
        assert set(changed(model, snapshot(twin))) <= {"history"}


@pytest.mark.parametrize("method", ["fit", "evaluate", "predict"])
def test_ctrl_c_comes_through_in_the_middle_of_an_epoch_of_seconds(method):
    x, y = np.tile(X, (20000, 1, 1)), np.tile(Y, (20000, 1))
    model = model_of()
    before = snapshot(model)
    with CtrlC() as ctrl_c:
        for _ in range(1000):
            getattr(model, method)(*((x,) if method == "predict" else (x, y)), 1, verbose=0)
    assert ctrl_c.took < LIMIT
    assert (changed(model, before) == []) == (method != "fit")
    assert np.isfinite(model.evaluate(X, Y))


def seconds_of_a_batch(model, x, y):
    started = time.process_time()
    model.train_on_batch(x, y)
    return time.process_time() - started


def test_ctrl_c_waits_for_a_batch_that_is_longer_and_no_more():
    tinylstm.set_random_seed(7)
    model = Sequential([LSTM(128), Dense(1)])
    model.compile("adam", "mse")
    x, y = np.zeros((128, 100, 8), np.float32), np.zeros((128, 1), np.float32)
    x[:] = RNG.normal(size=x.shape)
    model.train_on_batch(x, y)  # compiles
    batch = max(seconds_of_a_batch(model, x, y) for _ in range(5))  # a busy machine varies
    model.predict(x, batch_size=128)  # a shorter one, which is no measure
    with CtrlC() as ctrl_c:
        model.fit(x, y, batch_size=128, epochs=LONG, verbose=0)
    assert ctrl_c.took < LIMIT + batch
    assert model.optimizer.iterations > 2


@pytest.mark.usefixtures("ctrl_c_is_heard")  # and afterwards as before
def test_where_ctrl_c_is_ignored_it_stays_so():
    """As for a job in the background of a shell without job control."""
    model, stop = model_of(), StopAfter(1000)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    interrupt = LambdaCallback(on_train_batch_end=lambda *_: os.kill(os.getpid(), signal.SIGINT))
    model.fit(X, Y, 2, epochs=LONG, verbose=1, callbacks=[interrupt, stop])
    assert stop.left == 0
    assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN


@pytest.mark.usefixtures("at_a_terminal")
def test_ctrl_c_closes_the_bar(capsys):
    with CtrlC(0.2) as ctrl_c:
        model_of().fit(X, Y, 2, epochs=LONG, verbose=1)
    err = capsys.readouterr().err
    assert isinstance(ctrl_c.error, KeyboardInterrupt)
    assert err.endswith("\n")  # what is printed next does not land in it
    assert "loss: " in err
