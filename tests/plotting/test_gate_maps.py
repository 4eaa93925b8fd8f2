"""Maps of the gates: what is drawn is the trace, on the same scale in every figure."""

import copy

import numpy as np
import pytest

from tests.own_cells import peephole
from tests.snapshots import refused
from tinylstm import (
    GRU,
    LSTM,
    RNN,
    Bidirectional,
    Dense,
    Masking,
    Sequential,
    SimpleRNN,
    inside,
    plotting,
)

from .recorded import D, H, N
from .seen import assert_readable, overlapping, words

KINDS = {"LSTM": LSTM, "GRU": GRU, "SimpleRNN": SimpleRNN, "own": lambda H: RNN(peephole, H)}
SPANS = dict.fromkeys("ifour", (0, 1)) | {"g": (-1, 1), "h": (-1, 1)}
ORDER = {"LSTM": "ifgoch", "GRU": "urgh", "SimpleRNN": "gh", "own": "ifgoch"}


def traced(layer, x):
    model = built([layer, Dense(2)])
    return model.trace(x), model


def built(layers):
    model = Sequential(layers)
    model.build((None, None, D))
    return model


def panels_of(figure):
    """Panels with a map, not the scales beside them."""
    return [panel for panel in figure.axes if panel.images]


@pytest.mark.parametrize("kind", KINDS)
def test_a_map_is_the_trace(data, kind):
    trace, model = traced(KINDS[kind](H), data[0])
    figure = plotting.gates(trace, sample=2, labels="XYZ")
    panels, found = panels_of(figure), trace[model.layers[0].name]
    assert [panel.get_title()[0] for panel in panels] == [*ORDER[kind]]
    for panel, name in zip(panels, ORDER[kind], strict=True):
        (image,) = panel.images
        np.testing.assert_array_equal(image.get_array(), getattr(found, name)[2].T)
        span = SPANS.get(name, inside.even_span(found.c) if name == "c" else None)
        assert image.get_clim() == span
        assert [label.get_text() for label in panel.get_xticklabels()] == [*"XYZ"]
    assert_readable(figure)


def test_c_has_the_same_scale_for_every_sample(data):
    trace, _ = traced(LSTM(H), data[0] * 9)
    limits = {panels_of(plotting.gates(trace, k))[4].images[0].get_clim() for k in (0, N - 1)}
    assert len(limits) == 1
    low, high = limits.pop()
    assert low == -high
    assert high >= np.abs(trace["lstm"].c).max() > high / 1.6


@pytest.mark.parametrize(
    ("values", "limit"),
    [
        ([0.3, -0.2], 0.3),
        ([0.4], 0.5),
        ([2.0], 2),
        ([-7.0, 3], 7),
        ([6.5], 7),
        ([-1.4], 1.5),
        ([23.0], 30),
        ([7.1], 10),
        ([0.0], 1),
        ([1e-9], 1e-9),
    ],
)
def test_a_span_is_even_and_round(values, limit):
    assert inside.even_span(np.array(values)) == pytest.approx((-limit, limit))


def test_what_leaves_its_span_is_shown_all_the_same(data):
    trace, _ = traced(LSTM(H, activation="relu"), data[0] * 30)
    assert trace["lstm"].g.max() > 1
    panels = panels_of(plotting.gates(trace))
    assert panels[2].images[0].get_clim()[1] >= trace["lstm"].g.max()


@pytest.mark.parametrize(
    ("mode", "backwards"), [("stateless", False), ("stateless", True), ("batch_carried", False)]
)
def test_masked_steps_are_grey_and_the_states_stay(data, mode, backwards):
    x = data[0].copy()
    x[1, 0] = x[2, 2] = 7
    layers = [Masking(7.0), LSTM(H, state_mode=mode, go_backwards=backwards, name="lstm"), Dense(2)]
    trace = built(layers).trace(x)
    expected = (x == 7).all(axis=2)
    np.testing.assert_array_equal(trace["lstm"].masked, expected)
    assert copy.deepcopy(trace["lstm"]).masked.sum() == 2
    f, c = (panels_of(plotting.gates(trace, 1))[k].images[0].get_array() for k in (1, 4))
    np.testing.assert_array_equal(f.mask, np.broadcast_to(expected[1], f.shape))
    assert not c.mask.any()


def test_both_directions_by_name(data):
    trace = built([Bidirectional(LSTM(H), name="both")]).trace(data[0])
    names = list(trace)
    assert [trace[name].layer_name for name in names] == names
    figure = plotting.gates(trace, layer=names[1])
    expected = trace[names[1]].i[0].T
    np.testing.assert_array_equal(panels_of(figure)[0].images[0].get_array(), expected)
    assert names[1] in figure.get_suptitle()


@pytest.mark.parametrize("labels", [None, ["a long word"] * 60, np.arange(60) / 7, "AB" * 30])
def test_names_of_many_steps_do_not_overlap(rng, labels):
    trace, _ = traced(SimpleRNN(3), rng.normal(size=(1, 60, D)))
    assert_readable(plotting.gates(trace, labels=labels))


def test_overlaps_are_seen():
    from matplotlib.figure import Figure

    figure = Figure()
    figure.text(0.5, 0.5, "one")
    figure.text(0.51, 0.5, "other")
    assert overlapping(words(figure)) == [{"one", "other"}]


def test_what_cannot_be_drawn_is_refused(data):
    trace, model = traced(LSTM(H, name="reader"), data[0])
    with refused(ValueError, "labels name the steps"):
        plotting.gates(trace, labels="AB")
    for labels in (3, [[1], [2, 3], [4]], [None, None, None], np.ones((3, 2))):
        with refused(TypeError, "labels"):
            plotting.gates(trace, labels=labels)
    with refused(ValueError, "sample must be a whole number"):
        plotting.gates(trace, N)
    with refused(ValueError, "Unknown recurrent layer: 'reade'. Did you mean 'reader'?"):
        plotting.gates(trace, layer="reade")
    with refused(TypeError, "not a trace"):
        plotting.gates(model)
    with refused(ValueError, "no gates to draw"):
        plotting.gates(built([Dense(2)]).trace(data[0]))
