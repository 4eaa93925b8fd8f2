"""Maps of gradients, their norms, and the ways by which they came."""

import numpy as np
import pytest

from tests.own_cells import peephole
from tests.snapshots import refused
from tinylstm import GRU, LSTM, RNN, Dense, Sequential, SimpleRNN, inside, plotting

from .recorded import D, H, N, T
from .seen import assert_readable

KINDS = {"LSTM": LSTM, "GRU": GRU, "SimpleRNN": SimpleRNN, "own": lambda H: RNN(peephole, H)}
NAMES = {
    "LSTM": ["dh", "dc", "dz_i", "dz_f", "dz_g", "dz_o"],
    "GRU": ["dh", "dz_u", "dz_r", "dz_g"],
}
NAMES |= {"own": NAMES["LSTM"], "SimpleRNN": ["dh", "dz_g"]}


def gone_back(layer, rng, *steps):
    """The trace of a layer after a random gradient of the output."""
    model = Sequential([layer, Dense(2)])
    model.build((None, T, D))
    trace = model.trace(rng.normal(size=(N, T, D)))
    model.backward(rng.normal(size=(N, *steps, 2)))
    return trace, model


@pytest.mark.parametrize("kind", KINDS)
def test_maps_and_norms_are_those_of_the_trace(rng, kind):
    trace, _model = gone_back(KINDS[kind](H), rng)
    found = next(iter(trace.values()))
    figure = plotting.gradients(trace, sample=1, labels=["now", "then", "last"])
    arrays = {
        "dh": found.dh,
        "dc": getattr(found, "dc", None) if "c" in found.state_names else None,
    }
    arrays |= {f"dz_{gate}": dz for gate, dz in inside.by_gate(found, found.dz).items()}
    panels = [panel for panel in figure.axes if panel.images]
    assert [panel.get_title() for panel in panels] == NAMES[kind]
    for panel in panels:
        (image,) = panel.images
        array = arrays[panel.get_title()]
        np.testing.assert_array_equal(image.get_array(), array[1].T)
        assert image.get_clim() == inside.even_span(array)
    lines, ways = (panel for panel in figure.axes if panel.lines)
    for line, name in zip(lines.lines, NAMES[kind], strict=True):
        norm = np.linalg.norm(arrays[name][1].astype(float), axis=1)
        shown = np.nan_to_num(np.array(line.get_ydata(), float))
        np.testing.assert_allclose(shown, np.where(norm > 1e-11, norm, 0), rtol=1e-6)
        assert line.get_label() == name
    assert lines.get_yscale() == ways.get_yscale() == "log"
    kept = inside.gradient_paths(found)[f"d{found.state_names[-1]}"]
    for line, part in zip(ways.lines, (kept.whole, kept.past_u, kept.through_u), strict=True):
        shown = np.nan_to_num(np.array(line.get_ydata(), float))
        norm = inside.norms(part[1])
        np.testing.assert_allclose(shown, np.where(norm > 1e-11, norm, 0), rtol=1e-6)
    assert_readable(figure)
    low, high = np.log10(lines.get_ylim())
    assert low == round(low) < high == round(high)


def test_a_gradient_of_zero_is_said_to_have_no_point(rng):
    trace, _model = gone_back(LSTM(H, return_sequences=True), rng, T)
    lines, ways = (panel for panel in plotting.gradients(trace).axes if panel.lines)
    f = lines.lines[NAMES["LSTM"].index("dz_f")]
    assert np.isnan(f.get_ydata()).tolist() == [True, *(T - 1) * [False]]  # c[-1] is zero
    assert lines.get_xlabel() == ways.get_xlabel() == "step (no point: zero)"
    trace, _model = gone_back(SimpleRNN(H, return_sequences=True), rng, T)
    lines, ways = (panel for panel in plotting.gradients(trace).axes if panel.lines)
    assert lines.get_xlabel() == "step"


def test_ways_are_named_by_the_cell(rng):
    trace, _model = gone_back(LSTM(H), rng)
    figure = plotting.gradients(trace)
    words = [text.get_text() for text in figure.axes[-1].get_legend().texts]
    assert words == [
        "dc",
        "past U, along c alone: product of forget gates",
        "through U, once or more",
    ]


def test_gradients_of_nothing_can_be_drawn(rng):
    trace, model = gone_back(LSTM(H), rng)
    model.backward(np.zeros((N, 2)))
    assert_readable(plotting.gradients(trace))


def test_without_a_way_back_a_sentence_says_so(rng):
    _, model = gone_back(LSTM(H), rng)
    with refused(ValueError, "split on a way back"):
        plotting.gradients(model.trace(np.zeros((N, T, D))))
