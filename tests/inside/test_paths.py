"""Ways back through time: the two parts against the equations in plain loops, and their sum."""

import copy

import numpy as np
import pytest

from tests.own_cells import coupled
from tests.snapshots import refused
from tests.tolerances import NAIVE, assert_close
from tinylstm import GRU, LSTM, RNN, Bidirectional, Dense, Masking, Sequential, SimpleRNN, inside

B, T, D, H = 3, 5, 2, 4
KINDS = {
    "LSTM": LSTM,
    "GRU": GRU,
    "SimpleRNN": SimpleRNN,
    "own": lambda H, **o: RNN(coupled, H, **o),
}


def gone_back(layer, rng, x=None, dy=None, **settings):
    """The trace of a layer after a random gradient of its output, and that gradient."""
    front = [Masking(9.0)] if x is not None else []
    model = Sequential([*front, layer], dtype="float64")
    model.build((None, T, D))
    model.set_weights([rng.normal(size=w.shape) for w in model.weights])
    x = rng.normal(size=(B, T, D)) if x is None else x
    trace = model.trace(x, **settings)[layer.name]
    dy = rng.normal(size=model.predict(x).shape) if dy is None else dy
    model.backward(dy)
    return trace, dy, model


@pytest.mark.uncompiled
def test_along_c_a_gradient_is_multiplied_by_the_forget_gates(rng):
    trace, dy, _ = gone_back(LSTM(H, return_sequences=True), rng)
    paths, expected = inside.gradient_paths(trace), np.zeros((B, H))
    for t in reversed(range(T)):
        later = expected * trace.f[:, t + 1] if t + 1 < T else 0  # c = f * c_prev + i * g
        expected = dy[:, t] * trace.o[:, t] * (1 - np.tanh(trace.c[:, t]) ** 2) + later
        assert_close(paths["dc"].past_u[:, t], expected, NAIVE["float64"], "dc past U")
        assert_close(paths["dh"].past_u[:, t], dy[:, t], NAIVE["float64"], "dh past U")
        di = expected * trace.g[:, t] * trace.i[:, t] * (1 - trace.i[:, t])
        by_gate = inside.by_gate(trace, paths["dz"].past_u)
        assert_close(by_gate["i"][:, t], di, NAIVE["float64"], "dz_i past U")


def test_from_the_last_step_alone_it_is_what_the_forget_gates_leave(rng):
    trace, *_ = gone_back(LSTM(H), rng)
    past = inside.gradient_paths(trace)["dc"].past_u
    expected = past[:, -1:] * inside.retention(trace)
    assert_close(past, expected, NAIVE["float64"], "dc past U")


@pytest.mark.parametrize("form", [{}, {"reset_after": False}], ids=str)
def test_along_h_of_a_gru_it_is_multiplied_by_the_update_gates(rng, form):
    trace, dy, _ = gone_back(GRU(H, return_sequences=True, **form), rng)
    paths, expected = inside.gradient_paths(trace), np.zeros((B, H))
    for t in reversed(range(T)):
        later = expected * trace.u[:, t + 1] if t + 1 < T else 0  # h = u * h_prev + (1 - u) * g
        expected = dy[:, t] + later
        assert_close(paths["dh"].past_u[:, t], expected, NAIVE["float64"], "dh past U")


def test_in_a_simple_rnn_everything_goes_through_u(rng):
    trace, dy, _ = gone_back(SimpleRNN(H, return_sequences=True), rng)
    assert_close(inside.gradient_paths(trace)["dh"].past_u, dy, NAIVE["float64"], "dh past U")


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("options", [{}, {"go_backwards": True}, {"recurrent_dropout": 0.4}])
def test_the_parts_add_up_and_the_trace_stays(rng, kind, options):
    dropped = {"training": True} if "recurrent_dropout" in options else {}
    trace, _, model = gone_back(KINDS[kind](H, name="it", **options), rng, **dropped)
    before = {name: getattr(trace, name).copy() for name in trace._gradients}
    grad = model.grad.copy()
    for name, split in inside.gradient_paths(trace).items():
        np.testing.assert_array_equal(split.whole, before[name])
        np.testing.assert_array_equal(getattr(trace, name), before[name])
        assert_close(split.past_u + split.through_u, split.whole, NAIVE["float64"], name)
        assert np.abs(split.through_u).max() > 0
    np.testing.assert_array_equal(model.grad, grad)


def test_a_masked_step_lets_both_parts_through(rng):
    x = rng.normal(size=(B, T, D))
    x[:, 2] = 9
    trace, *_ = gone_back(LSTM(H), rng, x)
    past = inside.gradient_paths(trace)["dc"].past_u
    expected = past[:, -1:] * inside.retention(trace)
    assert_close(past, expected, NAIVE["float64"], "dc past U")
    assert not inside.gradient_paths(trace)["dz"].whole[:, 2].any()


def test_without_a_way_back_a_sentence_says_so(rng):
    trace, _, model = gone_back(LSTM(H), rng)
    copied = copy.copy(trace)
    model.set_weights([w * 2 for w in model.get_weights()])
    anew = model.trace(rng.normal(size=(B, T, D)))["lstm"]
    for one, why in ((copied, "a copy"), (trace, "has changed since"), (anew, "no way back yet")):
        with refused(ValueError, "split on a way back") as said:
            inside.gradient_paths(one)
        assert why in str(said.value)


def test_parts_of_a_layer_below_others(rng):
    layers = [LSTM(H, return_sequences=True, name="low"), LSTM(H, name="high"), Dense(2)]
    model = Sequential(layers, dtype="float64")
    model.build((None, T, D))
    trace = model.trace(rng.normal(size=(B, T, D)))
    model.backward(rng.normal(size=(B, 2)))
    low, high = (inside.gradient_paths(trace[name]) for name in ("low", "high"))
    W = layers[1].get_weights()[0]
    dy = high["dz"].whole @ W.T  # all of it came from above
    assert_close(low["dh"].past_u, dy, NAIVE["float64"], "dh past U")


def test_parts_of_both_directions(rng):
    model = Sequential([Bidirectional(LSTM(H, return_sequences=True))], dtype="float64")
    model.build((None, T, D))
    trace, dy = model.trace(rng.normal(size=(B, T, D))), rng.normal(size=(B, T, 2 * H))
    model.backward(dy)
    forward, backward = (inside.gradient_paths(one)["dh"].past_u for one in trace.values())
    np.testing.assert_array_equal(np.dstack([forward, backward]), dy)
