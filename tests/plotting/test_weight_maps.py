"""Weights as they are drawn."""

import numpy as np
import pytest

from tests.own_cells import peephole
from tests.snapshots import refused
from tinylstm import GRU, LSTM, RNN, Dense, Sequential, SimpleRNN, inside, plotting

from .recorded import D, H, N, T
from .seen import assert_readable

KINDS = {"LSTM": LSTM, "GRU": GRU, "SimpleRNN": SimpleRNN, "own": lambda H: RNN(peephole, H)}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("traced", [False, True])
def test_maps_are_the_tensors_and_bars_their_numbers(rng, kind, traced):
    model = Sequential([KINDS[kind](H)])
    model.build((None, T, D))
    (layer,), gates = model.layers, model.layers[0].gate_names
    trace = model.trace(rng.normal(size=(N, T, D))) if traced else None
    figure = plotting.weights(layer, trace)
    maps = [panel for panel in figure.axes if panel.images]
    for panel, whole in zip(maps, model.get_weights()[:3], strict=True):
        np.testing.assert_array_equal(panel.images[0].get_array(), np.atleast_2d(whole))
        assert [label.get_text() for label in panel.get_xticklabels()] == [*gates]
    assert len({panel.images[0].get_clim() for panel in maps}) == 1
    titled = {panel.get_title(): panel for panel in figure.axes}
    heights = [bar.get_height() for bar in titled["spectral norm of U"].patches]
    assert heights == [*inside.spectral_norms(layer).values()]
    assert ("share of idle units" in titled) == traced
    if traced:
        idle = inside.idle_units(trace[layer.name])
        widths = [bar.get_width() for bar in titled["share of idle units"].patches]
        assert widths == [*idle.saturated.values(), idle.dead]
    assert_readable(figure)


def test_axes_say_what_they_are(rng):
    model = Sequential([LSTM(H, input_shape=(T, D))])
    figure = plotting.weights(model.layers[0], model.trace(rng.normal(size=(N, T, D))), "xy")
    W, U, b = (panel for panel in figure.axes if panel.images)
    assert [label.get_text() for label in W.get_yticklabels()] == ["x", "y"]
    assert U.get_yticks().max() >= 1
    assert list(b.get_yticks()) == []
    assert b.get_xlabel() == f"gate, and from left to right its units 0 to {H - 1}"
    named = {panel.get_title(): (panel.get_xlabel(), panel.get_ylabel()) for panel in figure.axes}
    assert named["spectral norm of U"] == ("gate", "norm")
    assert named["share of the weights"] == ("weight", "share")
    assert_readable(figure)
    with refused(ValueError, "labels name the features"):
        plotting.weights(model.layers[0], labels="xyz")


def test_names_of_many_features_do_not_overlap():
    model = Sequential([LSTM(H, input_shape=(T, 40))])
    assert_readable(plotting.weights(model.layers[0], labels=["a long word"] * 40))


def test_a_trace_of_another_layer_is_refused(rng):
    low, high = LSTM(H, return_sequences=True, name="low"), LSTM(H, name="high")
    model = Sequential([low, high, Dense(2)])
    model.build((None, T, D))
    trace = model.trace(rng.normal(size=(N, T, D)))
    with refused(ValueError, "of another layer"):
        plotting.weights(low, trace["high"])
    with refused(TypeError, "no gates"):
        plotting.weights(model.layers[2])
