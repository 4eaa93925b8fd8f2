"""A fork waits for what is under way, and its child can use every model at once."""

import multiprocessing
import os
import threading

import numba
import numpy as np
import pytest
from numba.core.compiler_lock import global_compiler_lock

from tests.children import said_by_child
from tests.tolerances import bits
from tinylstm import LSTM, Dense, Sequential
from tinylstm.callbacks import Callback, LambdaCallback
from tinylstm.plotting.recording import StateRecorder
from tinylstm.threads import forks

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="the system has no fork")

RNG = np.random.default_rng(5)
X, Y = RNG.normal(size=(16, 5, 3)).astype("float32"), RNG.normal(size=(16, 1)).astype("float32")


def model_of(**lstm):
    model = Sequential([LSTM(4, input_shape=(5, 3), **lstm), Dense(1)])
    model.seed = 3
    model.compile("adam", "mse")
    return model


class Pausing(Callback):
    """Stops in the middle of a training until it is told to go on."""

    def __init__(self, method):
        self.came, self.go_on = threading.Event(), threading.Event()
        setattr(self, method, self.pause)

    def pause(self, *_):
        self.came.set()
        self.go_on.wait()


@pytest.fixture
def paused():
    """A function: a thread calls another one with a callback that pauses in one of its methods."""
    under_way = []

    def start(call, method="on_epoch_end"):
        pausing = Pausing(method)
        thread = threading.Thread(target=call, args=(pausing,))
        under_way.append((pausing, thread))
        thread.start()
        pausing.came.wait()

    yield start
    for pausing, thread in under_way:
        pausing.go_on.set()
        thread.join()


USES = {
    "fit": lambda model: model.fit(X, Y, 4, verbose=0),
    "predict": lambda model: model.predict(X, 4),
    "get_weights": lambda model: model.get_weights(),
    "of a layer": lambda model: model.layers[0].get_weights(),
    "compile": lambda model: model.compile("sgd", "mse"),
    "add": lambda model: model.add(Dense(1)),
    "pop": lambda model: model.pop(),
    "stepper": lambda model: model.stepper()(X[0, 0]),
    "copy": lambda model: model.copy(),
}


@pytest.mark.parametrize("use", USES.values(), ids=USES)
def test_a_child_uses_a_model_that_a_thread_is_training(paused, use):
    model = model_of()
    paused(lambda callback: model.fit(X, Y, 4, epochs=2, verbose=0, callbacks=[callback]))
    assert said_by_child(lambda: use(model)) == ""


def test_a_child_finds_the_weights_the_moments_and_the_order_of_the_last_whole_batch(paused):
    model, twin = model_of(), model_of()
    paused(lambda callback: model.fit(X, Y, 4, epochs=9, verbose=0, callbacks=[callback]))
    twin.fit(X, Y, 4, epochs=1, verbose=0)

    def look():
        for one in (model, twin):
            one.fit(X, Y, 4, epochs=2, verbose=0)
        assert bits(model.theta) == bits(twin.theta)

    assert said_by_child(look) == ""


def test_in_a_child_a_validation_that_was_under_way_has_left_its_scratch_state(paused):
    model, twin = model_of(stateful=True), model_of(stateful=True)
    options = {"batch_size": 4, "verbose": 0}
    call = {"validation_data": (X, Y), **options}
    paused(lambda one: model.fit(X, Y, callbacks=[one], **call), "on_test_batch_end")
    twin.fit(X, Y, **options)
    state = twin.get_states()["lstm"]
    assert (
        said_by_child(lambda: np.testing.assert_array_equal(state, model.get_states()["lstm"]))
        == ""
    )


def test_in_a_child_the_recorder_of_another_thread_has_ended(paused):
    model = model_of()

    def record(callback):
        with StateRecorder(model):
            model.fit(X, Y, callbacks=[callback], verbose=0)

    paused(record)

    def look():
        assert not model.recorders

    assert said_by_child(look) == ""
    assert len(model.recorders) == 1


def test_a_fork_waits_for_a_compiled_call_and_for_a_change_of_the_weights():
    model = model_of()
    model.build((None, 5, 3))
    entered, leave, forked = threading.Event(), threading.Event(), threading.Event()

    def change():
        with model.in_one_piece:
            model.theta[:2] = 1
            entered.set()
            assert leave.wait(60)
            model.theta[2:] = 1

    def fork():
        said.append(said_by_child(lambda: None if (model.theta == 1).all() else "half"))
        forked.set()

    said, threads = [], [threading.Thread(target=change), threading.Thread(target=fork)]
    model.theta[:] = 0
    threads[0].start()
    entered.wait()
    threads[1].start()
    assert not forked.wait(0.1)
    leave.set()
    for thread in threads:
        thread.join()
    assert said == [""]


def test_a_child_compiles_what_it_needs_though_a_thread_was_compiling():
    holds, leave = threading.Event(), threading.Event()

    def compile_for_long():
        with global_compiler_lock:
            holds.set()
            leave.wait(0.2)  # nobody sets it: the fork has to wait

    thread = threading.Thread(target=compile_for_long)
    thread.start()
    holds.wait()
    assert said_by_child(lambda: numba.njit(lambda a: a + 1)(1)) == ""
    thread.join()


def test_a_fork_in_a_callback_leaves_the_training_to_both():
    model, twin, said = model_of(), model_of(), []
    twin.fit(X, Y, 4, epochs=3, verbose=0)

    class Forking(Callback):
        parent = os.getpid()

        def on_epoch_end(self, epoch, logs=None):
            if epoch == 1:
                said.append(said_by_child(lambda: self.model.predict(X, 4)))

    model.fit(X, Y, 4, epochs=3, verbose=0, callbacks=[Forking()])
    assert said == [""]
    assert bits(model.theta) == bits(twin.theta)


def test_a_training_goes_on_in_the_child_of_its_own_callback():
    model, twin, children = model_of(), model_of(), []
    twin.fit(X, Y, 4, epochs=3, verbose=0)
    fork = LambdaCallback(on_epoch_end=lambda epoch, logs: children.append(os.fork()))
    model.fit(X, Y, 4, epochs=1, verbose=0, callbacks=[fork])
    is_child = children[0] == 0
    try:
        model.fit(X, Y, 4, epochs=2, verbose=0)
        same = bits(model.theta) == bits(twin.theta)
    finally:
        if is_child:
            os._exit(0 if same else 1)
    assert same
    assert os.waitpid(children[0], 0)[1] == 0


def test_several_threads_fork_at_once_while_models_are_made():
    said, ended = [], threading.Event()

    def make():
        while not ended.is_set():
            model_of().predict(X)

    def fork():
        for _ in range(5):
            model = model_of()
            said.append(said_by_child(lambda model=model: model.fit(X, Y, verbose=0)))

    maker, forkers = threading.Thread(target=make), [threading.Thread(target=fork) for _ in "ab"]
    for thread in (maker, *forkers):
        thread.start()
    for thread in forkers:
        thread.join()
    ended.set()
    maker.join()
    assert said == [""] * 10


def in_process(model, place):
    model.fit(X, Y, 4, verbose=0)
    place.put(bits(model.theta))


def test_a_process_of_multiprocessing_trains_the_model_that_it_has_inherited(paused):
    model, twin = model_of(), model_of()
    paused(lambda callback: model.fit(X, Y, 4, epochs=2, verbose=0, callbacks=[callback]))
    twin.fit(X, Y, 4, epochs=2, verbose=0)
    context = multiprocessing.get_context("fork")
    place = context.SimpleQueue()
    process = context.Process(target=in_process, args=(model, place))
    process.start()
    process.join(60)
    assert process.exitcode == 0
    assert place.get() == bits(twin.theta)


def test_a_fork_holds_nothing_afterwards():
    model = model_of()
    said_by_child(lambda: None)
    others = []

    def look():
        for lock in (model.in_one_piece, forks._forking, forks._noting):
            if lock.acquire(timeout=0):
                lock.release()
                others.append(lock)

    thread = threading.Thread(target=look)
    thread.start()
    thread.join()
    assert len(others) == 3
