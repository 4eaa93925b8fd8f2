"""Half-lives, and what is left of each step at the end."""

import numpy as np
import pytest

from tests.own_cells import coupled
from tests.snapshots import refused
from tinylstm import GRU, LSTM, RNN, Masking, Sequential, SimpleRNN, inside

T, D, H = 6, 2, 3


def traced(layer, x, forget=None):
    """The trace of a layer, of an LSTM with forget gates that are always the same."""
    model = Sequential([Masking(9.0), layer], dtype="float64")
    model.build((None, T, D))
    if forget is not None:
        W, U, b = (np.zeros(w.shape) for w in model.get_weights())
        b[H : 2 * H] = np.log(forget) - np.log1p(-np.array(forget))
        model.set_weights([W, U, b])
    return model.trace(x)[layer.name]


def test_half_lives_of_constant_gates(rng):
    trace = traced(LSTM(H), rng.normal(size=(2, T, D)), [0.5, 0.9, 0.99])
    np.testing.assert_allclose(inside.half_lives(trace), [1, 6.5788, 68.97], rtol=1e-4)


def test_masked_steps_count_for_nothing(rng):
    x = rng.normal(size=(2, T, D))
    x[:, 3] = 9
    trace = traced(LSTM(H), x)
    f = trace.f[:, [0, 1, 2, 4, 5]].reshape(-1, H)
    mean = np.exp(np.log(f).mean(axis=0))
    np.testing.assert_allclose(mean ** inside.half_lives(trace), 0.5)
    left = inside.retention(trace)
    np.testing.assert_array_equal(left[:, 2], left[:, 3])


@pytest.mark.parametrize("backwards", [False, True])
def test_what_is_left_is_the_product_of_what_is_read_later(rng, backwards):
    trace = traced(LSTM(H, go_backwards=backwards), rng.normal(size=(2, T, D)))
    left = inside.retention(trace)
    for t in range(T):
        later = trace.f[:, :t] if backwards else trace.f[:, t + 1 :]
        np.testing.assert_allclose(left[:, t], later.prod(axis=1))


def test_which_gate_keeps_the_state(rng):
    x = rng.normal(size=(2, T, D))
    assert inside.keeper_of(traced(GRU(H), x)) == "u"
    own = traced(RNN(coupled, H, name="own"), x)
    np.testing.assert_array_equal(inside.half_lives(own, "f"), inside.half_lives(own))
    with refused(ValueError, "No gate of layer 'simple' is known to keep a state"):
        inside.half_lives(traced(SimpleRNN(H, name="simple"), x))
    with refused(ValueError, "Unknown gate: 'k'"):
        inside.half_lives(own, "k")
    assert inside.keeper_of(own, "o") == "o"


@pytest.mark.parametrize(
    ("kind", "gate", "said"),
    [
        (LSTM, "i", "Gate 'i' of layer 'it' keeps no state"),
        (LSTM, "g", "Gate 'g' of layer 'it' keeps no state"),
        (GRU, "r", "Gate 'r' of layer 'it' keeps no state"),
        (SimpleRNN, "g", "No gate of layer 'it' is known to keep a state"),
    ],
)
def test_a_gate_that_keeps_nothing_is_refused(rng, kind, gate, said):
    found = traced(kind(H, name="it"), rng.normal(size=(2, T, D)))
    for numbers in (inside.half_lives, inside.retention):
        with refused(ValueError, said):
            numbers(found, gate)
