"""Threads that use one model take turns; threads with models of their own do not meet."""

import threading
from concurrent.futures import ThreadPoolExecutor, wait

import numpy as np
import pytest

import tinylstm
from tests.snapshots import changed, snapshot
from tests.switching import often_switched
from tests.tolerances import bits
from tinylstm import LSTM, Dense, Sequential
from tinylstm.callbacks import Callback
from tinylstm.engine import building

N, T, D, K = 24, 5, 3, 4
ROUNDS = 60
RNG = np.random.default_rng(14)
X = RNG.normal(size=(N, T, D)).astype(np.float32)
Y = np.eye(K, dtype=np.float32)[RNG.integers(0, K, N)]
LONG_X, LONG_Y = np.tile(X, (40, 1, 1)), np.tile(Y, (40, 1))  # for calls that overlap


def model_of(dtype="float32", **lstm):
    tinylstm.set_random_seed(7)
    model = Sequential([LSTM(8, **lstm), Dense(K, activation="softmax")], dtype=dtype)
    model.compile("adam", "categorical_crossentropy", metrics=["accuracy"])
    model.build((None, None, D))
    return model


def at_once(*jobs):
    """Results of functions, a thread each, that start together and switch all the time."""
    start = threading.Barrier(len(jobs))

    def run(job):
        start.wait()
        return job()

    with often_switched(), ThreadPoolExecutor(len(jobs)) as pool:
        return [future.result() for future in [pool.submit(run, job) for job in jobs]]


@pytest.mark.parametrize("batch_sizes", [(4, 4), (1, 24), (3, 24)])
def test_predictions_of_two_threads_are_those_of_one(batch_sizes):
    model = model_of()
    inputs = LONG_X, -LONG_X
    expected = [bits(model.predict(x, b)) for x, b in zip(inputs, batch_sizes, strict=True)]

    def predict(x, batch_size):
        return {bits(model.predict(x, batch_size)) for _ in range(ROUNDS)}

    jobs = [lambda k=k: predict(inputs[k], batch_sizes[k]) for k in range(2)]
    assert at_once(*jobs) == [{one} for one in expected]


def test_whatever_two_threads_ask_of_one_model_is_answered_as_alone():
    model = model_of()
    asks = {
        "predict": lambda: bits(model.predict(LONG_X, 5)),
        "evaluate": lambda: model.evaluate(-LONG_X, LONG_Y, 5),
        "forward": lambda: bits(model.forward(LONG_X)),
        "trace": lambda: bits(model.trace(X[:2]).y),
        "layer": lambda: bits(model.layers[0](X)),
        "copy": lambda: bits(model.copy().theta),
    }
    alone = {name: ask() for name, ask in asks.items()}

    def repeat(name):
        return [asks[name]() for _ in range(ROUNDS)]

    together = at_once(*(lambda name=name: repeat(name) for name in asks))
    assert dict(zip(asks, together, strict=True)) == {
        name: [answer] * ROUNDS for name, answer in alone.items()
    }


def test_every_update_of_four_threads_is_made_and_none_is_torn():
    """With one batch for all, the order of the updates does not matter."""
    model, twin = model_of(), model_of()

    def train():
        for _ in range(ROUNDS):
            model.train_on_batch(X, Y)

    at_once(*[train] * 4)
    for _ in range(4 * ROUNDS):
        twin.train_on_batch(X, Y)
    assert changed(model, snapshot(twin)) == []


def test_a_reader_sees_the_model_before_or_after_a_training_not_within():
    model = model_of()
    model.fit(X, Y, verbose=0)
    running = threading.Event()
    before = bits(model.theta)

    class Running(Callback):
        def on_epoch_begin(self, epoch, logs=None):
            running.set()

    def read():
        running.wait()
        return b"".join(bits(w) for w in model.get_weights()), bits(model.predict(X))

    def train():
        model.fit(X, Y, batch_size=1, epochs=200, verbose=0, callbacks=[Running()])

    _, (weights, outputs) = at_once(train, read)
    assert weights == bits(model.theta) != before
    assert outputs == bits(model.predict(X))


def test_a_layer_that_is_read_waits_for_the_model():
    model = model_of()
    reads = [model.layers[0].get_weights, model.layers[0].count_params]
    with ThreadPoolExecutor(len(reads)) as pool:
        with model._lock:
            pending = [pool.submit(read) for read in reads]
            assert not any(wait(pending, timeout=0.1).done)
        assert all(future.result() for future in pending)


def test_what_reads_a_model_waits_for_who_changes_it():
    model = model_of()
    reads = [
        *(lambda name=name: getattr(model, name) for name in ("weights", "input_shape")),
        *(lambda name=name: getattr(model, name)() for name in ("count_params", "stepper")),
        lambda: model.memory(steps=T),
        lambda: model.layers[0].named_weights(),
    ]
    with ThreadPoolExecutor(len(reads)) as pool:
        with model._lock:
            pending = [pool.submit(read) for read in reads]
            assert not any(wait(pending, timeout=0.1).done)
        assert all(future.result() for future in pending)


def test_a_step_waits_for_the_compiled_call_that_runs_and_not_for_the_training():
    model = model_of()
    stepper, expected = model.stepper(), bits(model.stepper()(X[0, 0]))
    with ThreadPoolExecutor(1) as pool, model._lock:
        with model.in_one_piece:
            pending = pool.submit(lambda: bits(stepper(X[0, 0])))
            assert not wait([pending], timeout=0.1).done
        assert pending.result() == expected


def test_a_layer_that_is_called_while_its_model_grows_has_the_weights_of_the_longer_one():
    model = model_of()
    expected = bits(model.layers[0](X))
    with ThreadPoolExecutor(1) as pool:
        with model._lock:
            pending = pool.submit(lambda: bits(model.layers[0](X)))
            wait([pending], timeout=0.1)
            building.add(model, Dense(2))  # as another thread does just before its call
        assert pending.result() == expected


def test_a_reset_waits_for_the_training():
    model, twin = model_of(stateful=True), model_of(stateful=True)
    running = threading.Event()

    class Running(Callback):
        def on_epoch_begin(self, epoch, logs=None):
            running.set()

    def reset():
        running.wait()
        model.reset_states()

    options = {"batch_size": 4, "epochs": 200, "verbose": 0}
    at_once(lambda: model.fit(X, Y, callbacks=[Running()], **options), reset)
    twin.fit(X, Y, **options)
    twin.reset_states()
    assert changed(model, snapshot(twin)) == []


def test_scratch_state_of_one_thread_is_not_seen_by_another():
    model = model_of(stateful=True)
    model.predict(X, 4)
    state = model.get_states()["lstm"][0].copy()

    def scratch():
        for _ in range(ROUNDS):
            with model.scratch_state(zero=True):
                model.predict(X, 4)

    def read():
        return [np.array_equal(model.get_states()["lstm"][0], state) for _ in range(10 * ROUNDS)]

    assert all(at_once(scratch, read)[1])


@pytest.mark.parametrize("dtypes", [("float32", "float32"), ("float32", "float64")])
def test_two_models_in_two_threads_train_as_each_alone(dtypes):
    def train(model):
        model.fit(X, Y, batch_size=2, epochs=30, verbose=0, validation_split=0.25)
        return snapshot(model)

    alone = [train(model_of(dtype)) for dtype in dtypes]
    models = [model_of(dtype) for dtype in dtypes]
    assert at_once(*(lambda model=model: train(model) for model in models)) == alone


def test_an_exception_in_one_thread_lets_the_others_go_on():
    model = model_of()

    def fail():
        for _ in range(ROUNDS):
            with pytest.raises(ValueError, match="features"):
                model.predict(X[:, :, :1])

    expected = bits(model.predict(X))
    _, outputs = at_once(fail, lambda: [bits(model.predict(X)) for _ in range(ROUNDS)])
    assert outputs == [expected] * ROUNDS
