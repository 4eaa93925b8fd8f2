"""What each call does to the carried state, and which calls do not fit it."""

import numpy as np
import pytest

from tests.models import Draw
from tests.snapshots import changed, refused, snapshot
from tests.tolerances import NAIVE, assert_close
from tinylstm import LSTM, SGD, Dense, gradient_check

pytestmark = pytest.mark.quick
EXACT = NAIVE["float64"]
uncompiled = pytest.mark.uncompiled
B = 3  # rows of the batch


class Stream:
    """A stateful stack in mid-stream, and two batches of what comes next."""

    def __init__(self):
        self.d = d = Draw((B, 4, 2, 5, 6), 8)
        self.x = np.concatenate([d.x(), d.x()])
        self.y = d.rng.normal(size=(2 * B, 1))
        self.model = self.new_model()

    def new_model(self):
        layers = [LSTM(5, return_sequences=True, stateful=True), LSTM(6, stateful=True)]
        model = Draw((B, 4, 2, 5, 6), 9).model(*layers, Dense(1), loss="mse")
        model.compile(SGD(0.1), "mse")
        return model

    def states_after(self, batches):
        """The state that so many batches lead to, by `forward`, which leaves the state alone."""
        states = self.model.get_states()
        for k in range(batches):
            x = self.x[k * B : (k + 1) * B]
            _, states = self.model.forward(x, states, return_states=True)
        return states


@pytest.fixture
def stream():
    return Stream()


def assert_states(found, wanted):
    assert list(found) == list(wanted) == ["lstm", "lstm_1"]
    for name, arrays in wanted.items():
        for a, b in zip(found[name], arrays, strict=True):
            assert_close(a, b, EXACT, name)


CARRY_ON = {
    "predict": (2, lambda m, x, y: m.predict(x, batch_size=B)),
    "evaluate": (2, lambda m, x, y: m.evaluate(x, y, batch_size=B)),
    "predict_on_batch": (1, lambda m, x, y: m.predict_on_batch(x)),
    "test_on_batch": (1, lambda m, x, y: m.test_on_batch(x, y)),
    "train_on_batch": (1, lambda m, x, y: m.train_on_batch(x, y)),
    "fit": (1, lambda m, x, y: m.fit(x, y, batch_size=B, verbose=0)),
}
LEAVE = {
    "forward": lambda m, x, y: m.forward(x),
    "forward and backward": lambda m, x, y: (m.forward(x), m.backward(y)),
    "trace": lambda m, x, y: m.trace(x),
    "gradient_check": lambda m, x, y: gradient_check(m, x, y),
    "copy": lambda m, x, y: m.copy().predict(x, batch_size=len(x)),
    "summary": lambda m, x, y: m.summary(),
}


@uncompiled
@pytest.mark.parametrize("call", CARRY_ON)
def test_calls_that_carry_the_state_on(stream, call):
    batches, run = CARRY_ON[call]
    wanted = stream.states_after(batches)
    run(stream.model, stream.x[: batches * B], stream.y[: batches * B])
    assert_states(stream.model.get_states(), wanted)


@uncompiled
def test_a_layer_that_is_called_carries_its_own_state_on_and_no_other(stream):
    wanted, before = stream.states_after(1), stream.model.get_states()
    first, second, _ = stream.model.layers
    first(stream.x[:B])
    assert_states(stream.model.get_states(), {"lstm": wanted["lstm"], "lstm_1": before["lstm_1"]})
    second(stream.d.rng.normal(size=(B, 4, 5)))
    np.testing.assert_array_equal(stream.model.get_states()["lstm"], wanted["lstm"])
    assert not np.array_equal(stream.model.get_states()["lstm_1"], before["lstm_1"])


@pytest.mark.parametrize("call", LEAVE)
def test_calls_that_leave_the_state_as_it_was(stream, call):
    before = snapshot(stream.model)
    LEAVE[call](stream.model, stream.x[:B], stream.y[:B])
    assert changed(stream.model, before) == []
    stream.model.reset_states()
    before = snapshot(stream.model)
    LEAVE[call](stream.model, stream.x[:2], stream.y[:2])  # even of another batch size
    assert changed(stream.model, before) == []


@pytest.mark.parametrize("mode", ["stateless", "batch_carried"])
def test_the_other_modes_carry_nothing_from_call_to_call(mode):
    d = Draw((B, 4, 2, 5, 6), 8)
    model, x = d.model(LSTM(5, state_mode=mode), Dense(1), loss="mse"), d.x()
    y = model.predict(x, batch_size=B)
    assert model.get_states() == {}
    np.testing.assert_array_equal(model.predict(x, batch_size=B), y)
    np.testing.assert_array_equal(model.predict_on_batch(x), y)
    model.reset_states()
    np.testing.assert_array_equal(model.predict(x, batch_size=B), y)


def test_a_stateful_layer_under_a_stateless_one_carries_alone():
    d = Draw((B, 4, 2, 5, 6), 8)
    layers = [LSTM(5, return_sequences=True, stateful=True, name="lower"), LSTM(6, name="upper")]
    model, x = d.model(*layers, loss="mse"), d.x()
    assert list(model.get_states()) == ["lower"]
    zeros = [np.zeros((B, 6))] * 2
    for _ in range(2):  # the upper layer starts the second batch from zeros too
        start = model.get_states() | {"upper": zeros}
        y, final = model.forward(x, start, return_states=True)
        assert_close(model.predict(x, batch_size=B), y, EXACT)
        for a, b in zip(model.get_states()["lower"], final["lower"], strict=True):
            assert_close(a, b, EXACT)


@uncompiled
def test_validation_starts_from_zeros_and_leaves_the_training_state_alone(stream):
    options = {"batch_size": B, "epochs": 2, "verbose": 0}
    other = Stream()
    x_val, y_val = stream.x[B:] + 1, stream.y[B:] - 1
    other.model.fit(stream.x, stream.y, **options)
    losses = stream.model.fit(stream.x, stream.y, validation_data=(x_val, y_val), **options).history
    for a, b in ((stream.model.theta, other.model.theta), (losses["loss"], losses["loss"])):
        np.testing.assert_array_equal(a, b)
    np.testing.assert_array_equal(stream.model.state.values, other.model.state.values)
    with stream.model.scratch_state(zero=True):
        assert_close(stream.model.evaluate(x_val, y_val, B), losses["val_loss"][-1], EXACT)
    carried_on = stream.model.evaluate(x_val, y_val, B)
    assert abs(carried_on - losses["val_loss"][-1]) > 1e-6


def test_scratch_state_is_a_copy_that_is_thrown_away(stream):
    model, x = stream.model, stream.x
    before, wanted = snapshot(model), stream.states_after(2)
    with model.scratch_state():
        y = model.predict(x, B)
        assert_states(model.get_states(), wanted)
        model.reset_states()
        model.set_states([np.ones((2, units)) for units in (5, 5, 6, 6)])
    assert changed(model, before) == []
    with model.scratch_state(zero=True):
        fresh = model.predict(x[:2], 2)  # from zeros another batch size is fine
    assert changed(model, before) == []
    with pytest.raises(RuntimeError, match="inside"):
        fail_inside(model, x)
    assert changed(model, before) == []
    np.testing.assert_array_equal(model.predict(x, B), y)
    model.reset_states()
    np.testing.assert_array_equal(model.predict(x[:2], 2), fresh)


def fail_inside(model, x):
    with model.scratch_state():
        model.predict(x, B)
        raise RuntimeError("inside")


@uncompiled
def test_states_go_in_and_out_as_copies(stream):
    model, x = stream.model, stream.x[:B]
    got = model.get_states()
    before = snapshot(model)
    got["lstm"][0][:] = 7
    assert changed(model, before) == []
    model.set_states(got)
    np.testing.assert_array_equal(model.get_states()["lstm"][0], np.full((B, 5), 7))
    before = snapshot(model)
    got["lstm"][0][:] = 8
    _, final = model.forward(x, got, return_states=True)
    kept = final["lstm"][0].copy()
    final["lstm"][1][:] = 9
    assert changed(model, before) == []
    np.testing.assert_array_equal(got["lstm"][0], np.full((B, 5), 8))
    model.predict(x + 1, B)
    np.testing.assert_array_equal(final["lstm"][0], kept)


def test_states_are_taken_as_a_list_too(stream):
    states = stream.d.state
    wanted = {layer.name: states(layer) for layer in stream.model.layers[:2]}
    stream.model.set_states([a for arrays in wanted.values() for a in arrays])
    assert_states(stream.model.get_states(), wanted)


REFUSED = {
    "7 samples": ("whole batches", lambda m, x, y: m.predict(np.ones((7, 4, 2)), B)),
    "a batch left over": ("whole batches", lambda m, x, y: m.fit(x[:4], y[:4], B, verbose=0)),
    "batches of 2": ("batch size differs", lambda m, x, y: m.fit(x, y, 2, verbose=0)),
    "evaluated by 2": ("batch size differs", lambda m, x, y: m.evaluate(x, y, 2)),
    "a batch of 6": ("batch size differs", lambda m, x, y: m.train_on_batch(x, y)),
    "validation on 4": (
        "whole batches",
        lambda m, x, y: m.fit(x, y, B, validation_data=(x[:4], y[:4]), verbose=0),
    ),
    "a layer on 2": ("batch size differs", lambda m, x, y: m.layers[0](x[:2])),
    "targets for states in trace": (
        "The second argument is states",
        lambda m, x, y: m.trace(x[:B], y[:B]),
    ),
    "targets of every step for states in forward": (
        "The second argument is states",
        lambda m, x, y: m.forward(x[:B], np.zeros((B, 4, 1))),
    ),
    "a forward pass of 2": ("batch size differs", lambda m, x, y: m.forward(x[:2])),
}


@uncompiled
@pytest.mark.parametrize("case", REFUSED)
def test_samples_that_do_not_fit_the_state_are_refused_before_anything_moves(stream, case):
    sentence, call = REFUSED[case]
    before = snapshot(stream.model)
    with refused(ValueError, sentence):
        call(stream.model, stream.x, stream.y)
    assert changed(stream.model, before) == []
