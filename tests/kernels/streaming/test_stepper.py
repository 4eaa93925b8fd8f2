"""Streaming: a stepper gives, step by step, what the model gives for the whole sequence."""

import tracemalloc

import numpy as np
import pytest

from tests.models import MODES, randomize
from tests.snapshots import refused
from tests.tolerances import NAIVE, assert_close
from tinylstm import (
    GRU,
    LSTM,
    Activation,
    Bidirectional,
    Dense,
    Dropout,
    Embedding,
    Flatten,
    Masking,
    RepeatVector,
    Sequential,
    SimpleRNN,
    TimeDistributed,
)

uncompiled = pytest.mark.uncompiled
D = 3
STACKS = {
    "lstm": lambda **mode: [LSTM(5, return_sequences=True, **mode)],
    "stack": lambda **mode: [
        LSTM(5, return_sequences=True, **mode),
        Dropout(0.5),
        LSTM(4, return_sequences=True, **mode),
        TimeDistributed(Dense(6, activation="softmax")),
    ],
    "dense first": lambda **mode: [
        Dense(4, activation="relu"),
        Activation("tanh"),
        LSTM(5, return_sequences=True, recurrent_activation="hard_sigmoid", **mode),
    ],
    "other cells": lambda **mode: [
        GRU(5, return_sequences=True, **mode),
        SimpleRNN(4, return_sequences=True, use_bias=False, **mode),
        GRU(3, return_sequences=True, use_bias=False, **mode),
    ],
    "dropout inside": lambda **mode: [
        LSTM(5, return_sequences=True, dropout=0.3, recurrent_dropout=0.3, **mode)
    ],
}


def model_of(layers, rng, dtype="float64"):
    model = Sequential(layers, dtype=dtype)
    model.build((None, None, D))
    return randomize(model, rng)


@uncompiled
@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("name", STACKS)
def test_steps_equal_the_whole_sequence_and_leave_the_models_state(rng, name, mode, dtype):
    model = model_of(STACKS[name](**MODES[mode]), rng, dtype)
    x = rng.normal(size=(1, 7, D))
    expected = model.forward(x, states=zeros(model, 1))[0]
    before = model.get_states()
    stepper = model.stepper()
    found = [stepper(row).copy() for row in x[0]]
    assert_close(found, expected, NAIVE[dtype], "y")
    for layer, arrays in model.get_states().items():
        np.testing.assert_array_equal(arrays, before[layer])
    _, final = model.forward(x, states=zeros(model, 1), return_states=True)
    for layer, arrays in final.items():
        for one, other in zip(stepper.state[layer], arrays, strict=True):
            assert_close(one, other, NAIVE[dtype], layer)


def zeros(model, rows):
    """A state of zeros for every recurrent layer."""
    return {
        layer.name: [np.zeros((rows, layer.units))] * len(layer.state_names)
        for layer in model.state.layers
    }


def test_rows_side_by_side(rng):
    model = model_of(STACKS["stack"](), rng)
    x = rng.normal(size=(4, 6, D))
    stepper = model.stepper(rows=4)
    found = np.stack([stepper(x[:, t]).copy() for t in range(6)], axis=1)
    assert_close(found, model.predict(x), NAIVE["float64"], "y")


def test_words_and_masked_steps(rng):
    words = rng.integers(0, 5, (1, 8))
    words[0, 2:4] = 0
    model = Sequential(
        [Embedding(5, 3, mask_zero=True), LSTM(4, return_sequences=True), Dense(2)], dtype="float64"
    )
    model.build((None, None))
    randomize(model, rng)
    expected = model.predict(words)[0]
    stepper = model.stepper()
    for t, word in enumerate(words[0]):
        assert_close(stepper(word), expected[t], NAIVE["float64"], str(t))
    model = model_of([Masking(), LSTM(4)], rng)
    stepper = model.stepper()
    stepper(np.ones(D))
    state = stepper.state
    stepper(np.zeros(D))
    for one, other in zip(stepper.state["lstm"], state["lstm"], strict=True):
        np.testing.assert_array_equal(one, other)


@uncompiled
def test_branches_go_their_own_way_and_a_state_comes_back(rng):
    model = model_of(STACKS["lstm"](), rng)
    stepper = model.stepper()
    stepper(np.ones(D))
    branch, saved = stepper.copy(), stepper.state
    here, there = stepper(np.ones(D)).copy(), branch(-np.ones(D)).copy()
    assert not np.allclose(here, there)
    np.testing.assert_array_equal(stepper.y, here)  # the branch has memory of its own
    branch.state = saved
    np.testing.assert_array_equal(branch(np.ones(D)), here)
    stepper.reset()
    first = stepper(np.ones(D)).copy()
    np.testing.assert_array_equal(model.stepper()(np.ones(D)), first)
    assert not np.allclose(first, here)


@uncompiled
def test_a_branch_and_a_reset_at_every_step(rng):
    model = model_of(STACKS["stack"](), rng)
    stepper, x = model.stepper(), rng.normal(size=(5, D))
    seen = [stepper(row).copy() for row in x]
    for count in range(5):  # after even and odd numbers of steps
        stepper.reset()
        for row in x[:count]:
            stepper(row)
        saved, branch = stepper.state, stepper.copy()
        assert all(np.any(array) for array in saved["lstm"]) == (count > 0)
        stepper(-x[count])
        np.testing.assert_array_equal(branch(x[count]), seen[count])
        stepper.state = saved
        np.testing.assert_array_equal(stepper(x[count]), seen[count])


def test_masked_steps_of_rows_repeat_the_last_output_of_each(rng):
    model = model_of([Masking(), LSTM(4, return_sequences=True), Dense(2)], rng)
    x = rng.normal(size=(3, 6, D))
    x[0, :2], x[1, 2:4], x[1, 5], x[2, 1] = 0, 0, 0, 0
    expected, stepper = model.predict(x), model.stepper(rows=3)
    for t in range(6):
        branch = stepper.copy()
        assert_close(stepper(x[:, t]), expected[:, t], NAIVE["float64"], str(t))
        np.testing.assert_array_equal(branch(x[:, t]), stepper.y)
    stepper.reset()
    assert_close(stepper(x[:, 0]), expected[:, 0], NAIVE["float64"], "after a reset")


def test_a_model_that_is_built_anew_needs_a_new_stepper(rng):
    model = model_of([LSTM(4), Dense(2)], rng)
    stepper = model.stepper()
    model.pop()
    model.need_built("a stepper")
    for one in (stepper, stepper.copy()):
        with refused(ValueError, "built anew"):
            one(np.zeros(D))
    assert set(stepper.state) == {"lstm"}
    with refused(ValueError, "built anew"):
        stepper(np.ones(D))


def test_a_stepper_sees_new_weights(rng):
    model = model_of([LSTM(5), Dense(1)], rng)
    model.compile("adam", "mse")
    stepper = model.stepper()
    before = stepper(np.ones(D)).copy()
    model.fit(np.ones((8, 4, D)), np.ones(8), verbose=0, epochs=3)
    stepper.reset()
    after = stepper(np.ones(D))
    assert not np.allclose(before, after)
    assert_close(after, model.predict(np.ones((1, 1, D)))[0], NAIVE["float64"], "y")


def test_what_a_step_may_look_like(rng):
    model = model_of(STACKS["lstm"](), rng, "float32")
    expected = model.stepper()(np.full(D, 0.5)).copy()
    half = np.full(D, 0.5, np.float32)
    for x in ([0.5] * D, half, half[None], half[None, None], np.full(D, 0.5), half[::1]):
        np.testing.assert_array_equal(model.stepper()(x), expected)
    model = Sequential([LSTM(2, input_shape=(None, 1))])
    model.need_built("a stepper")
    for x in (1, 1.0, np.float64(1), [1], [[1]]):
        assert model.stepper()(x).shape == (2,)


REFUSED = {
    "two features": (lambda s: s(np.ones(2)), "one step"),
    "a transposed batch": (lambda s: s(np.ones((D, 1))), "one step"),
    "a number for three": (lambda s: s(1.0), "one step"),
    "nan": (lambda s: s(np.array([1, np.nan, 1])), "not finite"),
    "inf, as it is": (lambda s: s(np.full(D, np.inf)), "not finite"),
    "words": (lambda s: s("abc"), "real numbers"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_refused_step_leaves_the_state(rng, name):
    call, fragment = REFUSED[name]
    stepper = model_of(STACKS["lstm"](), rng).stepper()
    stepper(np.ones(D))
    before = stepper.state
    with pytest.raises((ValueError, TypeError), match=fragment):
        call(stepper)
    for one, other in zip(stepper.state["lstm"], before["lstm"], strict=True):
        np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize(
    "layers",
    [
        lambda: [Bidirectional(LSTM(2))],
        lambda: [LSTM(2, go_backwards=True)],
        lambda: [LSTM(2), RepeatVector(2)],
    ],
)
def test_layers_that_need_more_than_a_step_are_refused(rng, layers):
    model = model_of(layers(), rng)
    with refused(ValueError, "one step at a time"):
        model.stepper()


def test_layers_that_need_all_steps_are_refused(rng):
    model = Sequential([LSTM(2, return_sequences=True, input_shape=(3, D)), Flatten()])
    with refused(ValueError, "one step at a time"):
        model.stepper()


class Own(Activation):
    """A layer of one's own: its kernels do not matter here."""

    each_step = False


class OwnEachStep(Own):
    """One that says how it reads."""

    each_step = True


def test_a_layer_of_ones_own_says_that_each_step_stands_for_itself(rng):
    x, T = rng.normal(size=(1, 4, D)), 4
    model = model_of([OwnEachStep("tanh"), TimeDistributed(OwnEachStep("relu"))], rng)
    stepper = model.stepper()
    found = [stepper(x[0, t]).copy() for t in range(T)]
    assert_close(found, model.predict(x)[0], NAIVE["float64"], "y")
    with refused(ValueError, "one step at a time"):
        model_of([Own("tanh")], rng).stepper()
    with refused(TypeError, "to each step"):
        TimeDistributed(Own("tanh"))


@pytest.mark.parametrize("rows", [0, -1, 1.5, "a"])
def test_rows_are_counted(rng, rows):
    with pytest.raises((ValueError, TypeError), match="rows"):
        model_of([LSTM(2)], rng).stepper(rows)


def test_a_step_allocates_nothing_that_stays(rng):
    model = model_of(STACKS["stack"](), rng, "float32")
    stepper, x = model.stepper(), np.ones(D, np.float32)
    stepper(x)
    tracemalloc.start()
    first = tracemalloc.get_traced_memory()[0]
    for _ in range(100):
        stepper(x)
    last = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    assert last - first < 1000
