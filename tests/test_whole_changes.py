"""A change is whole or has not been; what changes a model takes turns with what uses it."""

import threading
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import ExitStack
from functools import partial

import numpy as np
import pytest

from tests.attacks.interrupts import pend
from tests.snapshots import changed, everything, refused, snapshot
from tinylstm import (
    LSTM,
    SGD,
    Bidirectional,
    Dense,
    Embedding,
    Input,
    Sequential,
    TimeDistributed,
)
from tinylstm.callbacks import Callback
from tinylstm.plotting.recording import StateRecorder
from tinylstm.whole import Span, at_once, sets, writes

RNG = np.random.default_rng(5)
X, Y = RNG.normal(size=(6, 4, 2)), RNG.normal(size=(6, 3))
PENDING = partial(pend, None)  # a change that makes a SIGINT pending


def model_of(**options):
    model = Sequential([LSTM(5, input_shape=(4, 2), **options), Dense(3)])
    model.compile("adam", "mse", metrics=["mae"])
    model.fit(X, Y, batch_size=2, verbose=0)
    return model


class Thing:
    """Has attributes."""


@pytest.mark.usefixtures("ctrl_c_is_heard")
def test_a_ctrl_c_within_a_change_is_heard_behind_it():
    thing, array = Thing(), np.zeros(3)

    def change():
        at_once(sets(thing, a=1), PENDING, sets(thing, b=2), writes(array, np.ones(3)))
        abs(0)  # it is heard here

    with pytest.raises(KeyboardInterrupt):
        change()
    assert (thing.a, thing.b) == (1, 2)
    assert array.all()


@pytest.mark.usefixtures("ctrl_c_is_heard")
@pytest.mark.parametrize("times", [1, 2])
def test_a_ctrl_c_at_the_end_of_a_block_does_not_make_it_last(times):
    span, lasted = Span(), []

    def block():
        with span:
            lasted.append(span.lasts)
            at_once(PENDING)

    for _ in range(times):
        with pytest.raises(KeyboardInterrupt):
            block()
        assert not span.lasts
    assert lasted == [True] * times


def test_a_block_is_entered_once_and_by_an_exit_stack_too():
    span = Span()
    with ExitStack() as stack:
        stack.enter_context(span)
        assert span.lasts
        with refused(ValueError, "under way"), span:
            pass
        assert span.lasts
    assert not span.lasts


@pytest.mark.usefixtures("ctrl_c_is_heard")
@pytest.mark.parametrize("block", ["recorder", "scratch"])
def test_blocks_of_a_model_end_with_a_ctrl_c(block):
    model = model_of(stateful=True)
    before = snapshot(model)

    def interrupted():
        with StateRecorder(model) if block == "recorder" else model.scratch_state():
            model.predict(X, 2)
            at_once(PENDING)

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    if block == "scratch":
        assert changed(model, before) == []
    assert model.recorders == []
    model.fit(X, Y, batch_size=2, verbose=0)


def test_scratch_blocks_of_two_threads_do_not_meet():
    model = model_of(stateful=True)
    before, inside = snapshot(model), threading.Barrier(2, timeout=60)

    def scratch(rows):
        with model.scratch_state(zero=True):
            model.predict(X[:rows], rows)
            inside.wait()
            with model.scratch_state():
                model.predict(X[:rows], rows)
            return model.state.rows

    with ThreadPoolExecutor(2) as pool:
        assert list(pool.map(scratch, (3, 6))) == [3, 6]
    assert changed(model, before) == []


USES = {
    "add": lambda m: m.add(Dense(2)),
    "add of an Input": lambda m: m.add(Input((4, 2))),
    "pop": lambda m: m.pop(),
    "compile": lambda m: m.compile("sgd", "mse"),
    "theta": lambda m: setattr(m, "theta", m.theta + 1),
    "trainable": lambda m: setattr(m, "trainable", False),
    "weights": lambda m: m.layers[0].weights.update(bias=np.ones(20)),
    "recorder": lambda m: StateRecorder(m).__enter__(),
}


@pytest.mark.parametrize("use", USES)
def test_what_changes_a_model_waits_for_what_uses_it(use):
    model = Sequential() if use.endswith("Input") else model_of()
    with ThreadPoolExecutor(1) as pool:
        with model._lock:
            pending = pool.submit(USES[use], model)
            assert not wait([pending], timeout=0.1).done
        pending.result(60)


CALLED = {
    "add": lambda m: m.add(Dense(2)),
    "pop": lambda m: m.pop(),
    "compile": lambda m: m.compile("sgd", "mae"),
}
MOMENTS = ("set_model", "set_params", "on_train_begin", "on_epoch_begin", "on_train_batch_end")


class Refused(Callback):
    """Does at one moment what is refused."""

    def __init__(self, moment, call, name):
        def method(*arguments):
            getattr(super(Refused, self), moment)(*arguments)
            with refused(ValueError, f"{name} changes a model in training"):
                call(self.model)

        setattr(self, moment, method)


@pytest.mark.parametrize("moment", MOMENTS)
@pytest.mark.parametrize("name", CALLED)
def test_what_is_refused_in_a_callback_leaves_all_as_it_is(name, moment):
    model, twin = model_of(), model_of()
    twin.set_weights(model.get_weights())
    model.set_weights(model.get_weights())
    for one, callback in ((model, Refused(moment, CALLED[name], name)), (twin, Callback())):
        one.compile(SGD(0.1), "mse")
        one.fit(X, Y, 2, epochs=2, verbose=0, shuffle=False, callbacks=[callback])
    left = set(changed(model, snapshot(twin)))
    assert left <= {"shape"}  # another seed
    model.add(Dense(2))
    assert model.predict(X).shape == (6, 2)


@pytest.mark.parametrize("name", CALLED)
@pytest.mark.parametrize("method", ["evaluate", "predict"])
def test_so_it_is_in_other_passes_and_in_generators(method, name):
    model, asked = model_of(), []

    def batches():
        for _ in range(2):
            with refused(ValueError, f"{name} changes a model in training"):
                CALLED[name](model)
            asked.append(name)
            yield X, Y

    before = snapshot(model)
    getattr(model, method)(batches())
    assert len(asked) == 2
    assert changed(model, before) == []


def stacks():
    return {
        "no layer": [LSTM(2, input_shape=(3, 2)), 3],
        "that does not fit": [Dense(2, input_shape=(3,)), Bidirectional(LSTM(2))],
        "words behind": [LSTM(2, input_shape=(3, 2)), TimeDistributed(Dense(2)), Embedding(3, 2)],
        "the same name": [Dense(2, name="a", input_shape=(3,)), Dense(2, name="a")],
    }


@pytest.mark.parametrize("case", stacks())
def test_layers_of_a_model_that_is_refused_are_free_and_as_before(case):
    layers = stacks()[case]
    things = {"model": None, "layers": [layer for layer in layers if layer != 3]}
    before = everything(things)
    with pytest.raises((TypeError, ValueError)):
        Sequential(layers)
    assert everything(things) == before
    assert Sequential(things["layers"][:1]).layers == things["layers"][:1]


def test_a_layer_that_does_not_fit_is_as_before():
    model, layer = model_of(), Bidirectional(LSTM(2))
    things = {"model": model, "layers": [layer]}
    before = everything(things)
    with refused(ValueError, "reads sequences"):
        model.add(layer)
    assert everything(things) == before


def test_a_layer_that_a_bidirectional_reads_with_is_not_changed():
    layer = LSTM(2, input_shape=(3, 2))
    Bidirectional(layer)
    alone = Sequential([layer])
    assert list(alone.layers[0].weights) == ["kernel", "recurrent_kernel", "bias"]


def test_a_ctrl_c_in_a_first_fit_leaves_a_model_and_an_optimiser_that_can_go_on(monkeypatch):
    optimizer = SGD(0.1)
    model = Sequential([LSTM(5), Dense(3)])
    model.compile(optimizer, "mse")
    built = optimizer.fresh

    def interrupted(*arguments):
        built(*arguments)
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(optimizer, "fresh", interrupted)
        with pytest.raises(KeyboardInterrupt):
            model.fit(X, Y, verbose=0)
    assert optimizer.moments is None
    model.fit(X, Y, verbose=0)
    assert optimizer.iterations == 1


def test_the_count_of_changes_grows_with_each_and_is_not_taken_twice():
    model = model_of()
    seen = [model.changes]

    def grew():
        seen.append(model.changes)
        return seen[-1] > seen[-2]

    changes = [
        lambda: model.train_on_batch(X, Y),
        lambda: model.set_weights(model.get_weights()),
        lambda: model.layers[0].set_weights(model.layers[0].get_weights()),
        lambda: model.layers[0].weights.update(bias=np.ones(20)),
    ]
    for change in changes:
        change()
        assert grew()
    model.forward(X)
    model.compile(SGD(), "mse")  # changes no parameter
    assert not grew()
    model.backward(np.ones((6, 3)))
    model.train_on_batch(X, Y)
    assert grew()


def test_a_pass_of_former_parameters_is_refused_after_as_many_updates():
    model = model_of()
    y = model.forward(X)
    model.train_on_batch(X, Y)
    model.compile(SGD(), "mse")
    for _ in range(model.changes):
        with refused(ValueError, "backward follows a forward pass"):
            model.backward(np.ones_like(y))
        model.train_on_batch(X, Y)


def test_the_gradient_that_threads_share_begins_with_the_models_own():
    model = model_of()
    longer = model.network.gradients(3)
    assert np.shares_memory(model.grad, longer)
    assert len(model.grad) == len(model.theta)


def test_a_reset_of_rows_keeps_what_was_handed_to_others():
    model = model_of(stateful=True)
    held = model.state.values
    copied = held.copy()
    model.reset_states([0])
    np.testing.assert_array_equal(held, copied)  # who reads it meanwhile reads one state
    assert not model.get_states()["lstm"][0][0].any()
    assert model.get_states()["lstm"][0][1].any()


def test_the_same_part_may_be_made_again():
    thing = Thing()
    part = partial(at_once, sets(thing, a=1))
    part()
    thing.a = 2
    part()
    assert thing.a == 1
