"""Weights by gate, and units that do nothing."""

import numpy as np
import pytest

from tests.snapshots import refused
from tinylstm import GRU, LSTM, Bidirectional, Dense, Sequential, SimpleRNN, inside

T, D, H = 4, 2, 3


def built(layer):
    model = Sequential([layer])
    model.build((None, T, D))
    return model


@pytest.mark.parametrize("kind", [LSTM, GRU, SimpleRNN])
def test_blocks_side_by_side_are_the_tensors(kind):
    model = built(kind(H))
    found = inside.gate_weights(model.layers[0])
    for blocks, whole in zip(found.values(), model.get_weights(), strict=True):
        np.testing.assert_array_equal(np.hstack([*blocks.values()]), np.atleast_2d(whole))
    assert [*found["U"]] == {LSTM: [*"ifgo"], GRU: [*"urg"], SimpleRNN: ["g"]}[kind]


def test_the_forget_gate_has_its_bias():
    model = built(LSTM(H))
    np.testing.assert_array_equal(inside.gate_weights(model.layers[0])["b"]["f"], np.ones((1, H)))
    model = built(LSTM(H, use_bias=False))
    assert "b" not in inside.gate_weights(model.layers[0])


def test_spectral_norms_are_by_how_much_a_vector_grows_at_most():
    model = built(LSTM(H))
    W, U, b = model.get_weights()
    U[:, H : 2 * H] = np.diag([1.0, -3.0, 2.0])
    model.set_weights([W, U, b])
    norms = inside.spectral_norms(model.layers[0])
    assert norms["f"] == pytest.approx(3)
    assert norms["i"] == pytest.approx(np.sqrt(np.linalg.eigvalsh(U[:, :H] @ U[:, :H].T).max()))


def test_idle_units_are_counted(rng):
    model = built(LSTM(H))
    W, U, b = (np.zeros(w.shape) for w in model.get_weights())
    W[:, 2 * H :] = 1
    b[:H] = [9, 0, -9]  # two input gates that never move, one that lets nothing in
    b[2 * H : 3 * H] = [0, 9, 0]
    model.set_weights([W, U, b])
    idle = inside.idle_units(model.trace(rng.normal(size=(5, T, D)))["lstm"])
    assert idle.saturated["i"] == pytest.approx(2 / 3)
    assert idle.saturated["f"] == 0
    assert idle.saturated["g"] == pytest.approx(1 / 3)
    assert idle.dead == pytest.approx(1 / 3)


def test_layers_without_gates_are_refused():
    model = built(Bidirectional(LSTM(H)))
    with refused(TypeError, "These weights have no gates"):
        inside.gate_weights(model.layers[0])
    backward = model.layers[0].backward_layer
    np.testing.assert_array_equal(
        np.hstack([*inside.gate_weights(backward)["W"].values()]), model.get_weights()[3]
    )
    with refused(ValueError, "no weights yet"):
        inside.gate_weights(LSTM(H))
    with refused(TypeError, "no gates"):
        inside.gate_weights(Dense(2))
