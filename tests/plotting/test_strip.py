"""The state strip: what is drawn is what was recorded."""

from itertools import pairwise, product

import numpy as np
import pytest

from tests.snapshots import refused
from tinylstm import plotting

from .recorded import MODES, B, D, H, K, T, fit, model_of
from .seen import assert_readable, words

SIDE = plotting.marks.SIDE


def lines(panel, gid):
    """Points of the lines of a kind, centres of what they mark."""
    found = [line.get_xydata() for line in panel.lines if line.get_gid() == gid]
    return {tuple(np.nanmean(points, axis=0).round(2)) for points in found}


def arrows(panel, gid="arrow"):
    """The points of every arrow of a kind."""
    found = [patch._path_original.vertices for patch in panel.patches if patch.get_gid() == gid]
    return {tuple(tuple(point) for point in points.round(2)) for points in found}


def free_of_boxes(points, columns, lanes):
    """Whether an arrow runs past all boxes, and below what is written above them."""
    ways = [np.linspace(a, b, 200)[1:-1] for a, b in pairwise(points)]
    x, y = np.concatenate(ways).T
    boxes = product(range(columns), range(lanes))
    inside = [(abs(x - c) < SIDE - 1e-6) & (abs(y - r) < SIDE - 1e-6) for c, r in boxes]
    return not np.any(inside) and y.min() > -0.7


def strip_of(mode, data):
    """Axes of the strip of two epochs of fit with a reset between them, and one of predict."""
    model = model_of(mode)
    with plotting.StateRecorder(model) as recorder:
        fit(model, data, epochs=2, reset_states="epoch")
        model.predict(data[0], batch_size=B)
    return plotting.state_strip(recorder).axes[0], recorder


@pytest.mark.parametrize("mode", MODES)
def test_cuts_are_where_a_sample_starts_from_zeros(data, mode):
    panel, _ = strip_of(mode, data)
    found = {(round(x, 1), round(y, 1)) for x, y in lines(panel, "cut")}
    if mode == "batch_carried":  # at the top of each batch
        assert found == {(column, -0.5) for column in range(9)}
    else:
        columns = range(9) if mode == "stateless" else (0, 3, 6)
        assert found == {(round(column - 0.4, 1), row) for column in columns for row in range(B)}


@pytest.mark.parametrize("mode", MODES)
def test_arrows_are_where_a_state_was_handed_on(data, mode):
    panel, _ = strip_of(mode, data)
    down = {((k, SIDE), (k, 1 - SIDE)) for k in range(9)}
    across = {
        ((k - 1 + SIDE, row), (k - SIDE, row)) for k in (1, 2, 4, 5, 7, 8) for row in range(B)
    }
    expected = {"stateless": set(), "batch_carried": down, "stateful": across}[mode]
    assert arrows(panel) == {tuple(tuple(np.round(p, 2)) for p in pair) for pair in expected}


@pytest.mark.parametrize("mode", MODES)
def test_bars_are_where_the_gradient_of_a_training_stops(data, mode):
    panel, _ = strip_of(mode, data)
    if mode == "batch_carried":
        expected = {(column, -SIDE) for column in range(6)}
    else:
        expected = {(column - SIDE, row) for column in range(6) for row in range(B)}
    assert lines(panel, "stop") == {tuple(np.round(point, 2)) for point in expected}


def test_colours_are_the_sizes(data):
    panel, recorder = strip_of("stateful", data)
    (boxes,) = panel.collections
    sizes = [[[batch.h[:, row], batch.c[:, row]] for row in range(B)] for batch in recorder.batches]
    np.testing.assert_array_equal(boxes.get_array(), np.ravel(sizes))
    roots = np.sqrt(boxes.get_array() / recorder.largest)
    np.testing.assert_allclose(boxes.to_rgba(boxes.get_array()), boxes.get_cmap()(roots), atol=0.02)


def test_calls_and_epochs_stand_above_their_batches(data):
    panel, recorder = strip_of("stateful", data)
    (above,) = panel.child_axes
    assert [label.get_text() for label in above.get_xticklabels()] == [
        "fit\nepoch 1",
        "fit\nepoch 2",
        "predict",
    ]
    np.testing.assert_array_equal(above.get_xticks(), [1, 4, 7])
    figure = plotting.state_strip(recorder, 5, 8)
    assert_readable(figure)  # one batch of an epoch stands alone
    part = figure.axes[0]
    assert [label.get_text() for label in part.get_xticklabels()] == ["2", "0", "1"]
    assert [label.get_text() for label in part.child_axes[0].get_xticklabels()] == [
        "fit\nepoch 2,\ncontinued",
        "predict",
    ]


def test_a_state_from_outside_and_one_from_over_there(data, rng):
    model = model_of("stateful")
    x = data[0][:1]
    with plotting.StateRecorder(model) as recorder:
        model.predict(x)
        with model.scratch_state():
            model.set_states(rng.normal(size=(2, 1, H)))
            model.predict(x)
        model.predict(x)
    panel = plotting.state_strip(recorder).axes[0]
    (points,) = arrows(panel)
    assert points[0] == (SIDE, 0)
    assert points[-1] == (2 - SIDE, 0)
    assert free_of_boxes(points, columns=3, lanes=1)
    assert arrows(panel, "given") == {((1 - SIDE - 0.35, 0), (1 - SIDE, 0))}
    words = {text.get_text() for text in panel.get_legend().texts}
    assert words == {"state handed on", "state set from outside", "starts from zeros"}


def test_a_state_that_goes_on_over_the_validation_runs_past_text_and_boxes(data):
    model = model_of("stateful")
    with plotting.StateRecorder(model) as recorder:
        fit(model, data, epochs=2, validation_data=data)
    panel = plotting.state_strip(recorder).axes[0]
    over = [points for points in arrows(panel) if points[-1][0] - points[0][0] > 1]
    assert {(points[0], points[-1]) for points in over} == {
        ((2 + SIDE, row), (6 - SIDE, row)) for row in range(B)
    }
    assert all(free_of_boxes(points, 12, B) for points in over)
    assert panel.get_ylim()[1] == -0.7


def test_one_sign_says_in_picture_and_legend_that_a_sample_starts_from_zeros(data):
    for mode in ("stateful", "batch_carried"):
        panel, _ = strip_of(mode, data)
        words = [text.get_text() for text in panel.get_legend().texts]
        sign = panel.get_legend().get_lines()[words.index("starts from zeros")]
        for line in panel.lines:
            if line.get_gid() == "cut":
                assert (line.get_marker().vertices == sign.get_marker().vertices).all()
                assert line.get_markersize() == sign.get_markersize()


def test_a_long_recording_wraps_into_lines_and_the_state_goes_on_in_the_next(rng):
    model = model_of("stateful")
    x, y = rng.normal(size=(25, T, D)), rng.normal(size=(25, K))
    with plotting.StateRecorder(model) as recorder:
        model.fit(x, y, batch_size=1, epochs=2, shuffle=False, reset_states="epoch", verbose=0)
    figure = plotting.state_strip(recorder)
    panels = figure.axes[:-1]
    numbers = [[label.get_text() for label in panel.get_xticklabels()] for panel in panels]
    parts = range(9), range(9, 17), range(17, 25)
    assert numbers == 2 * [[str(k) for k in part] for part in parts]
    above = [panel.child_axes[0].get_xticklabels()[0].get_text() for panel in panels]
    names = [["fit\nepoch " + k, *2 * [f"fit\nepoch {k},\ncontinued"]] for k in "12"]
    assert above == [*names[0], *names[1]]
    assert figure.get_size_inches()[0] < 7
    assert_readable(figure)
    shared = ((8 + SIDE, 0), (9 - SIDE, 0))
    assert all(shared in arrows(panel) for panel in panels[:2])
    assert not lines(panels[1], "cut")
    assert lines(panels[3], "cut")
    assert len({panel.collections[0].get_clim() for panel in panels}) == 1


def test_a_recording_that_is_too_long_says_how_to_draw_less(data):
    model = model_of("stateless")
    with plotting.StateRecorder(model) as recorder:
        fit(model, data, epochs=90)
    with pytest.warns(UserWarning, match="a StateRecorder around fewer epochs") as caught:
        plotting.state_strip(recorder)
    assert caught[0].filename == __file__
    plotting.state_strip(recorder, last=60)


def names_in(panel):
    """{(column, row): the name in the box}."""
    return {text.get_position(): text.get_text() for text in panel.texts if text.get_gid()}


@pytest.mark.parametrize("mode", MODES)
def test_boxes_have_the_names_of_their_samples(data, mode):
    model = model_of(mode)
    with plotting.StateRecorder(model) as recorder:
        model.predict(data[0][: 4 if mode == "stateful" else 5], batch_size=2)
        model.predict(data[0][:2], batch_size=2)
    figure = plotting.state_strip(recorder, labels="ABCDEF")
    named = {(0, 0): "A", (0, 1): "B", (1, 0): "C", (1, 1): "D"}
    named |= {(2, 0): "A", (2, 1): "B"}
    if mode != "stateful":
        named |= {(2, 0): "E", (3, 0): "A", (3, 1): "B"}
        del named[2, 1]
    assert names_in(figure.axes[0]) == named
    assert_readable(figure)
    part = plotting.state_strip(recorder, 1, 2, labels=["now", "then", 3, "a long word", 4.5])
    assert names_in(part.axes[0]) == {(1, 0): "3", (1, 1): "a long word"}
    with refused(ValueError, "labels name the samples"):
        plotting.state_strip(recorder, labels="ABC")


@pytest.mark.parametrize("name", ["W", "mw", "mwyz", "ABCDE", "a long word"])
def test_a_name_is_within_its_box_beside_the_bar_and_under_the_arrow(data, name):
    model = model_of("stateful")
    with plotting.StateRecorder(model) as recorder:
        for _ in range(3):
            fit(model, data)
    figure = plotting.state_strip(recorder, labels=[name] * 6)
    found = words(figure)
    panel = figure.axes[0]
    (x0, _), (x1, _) = panel.transData.transform([(-SIDE, 0), (SIDE, 0)])
    bar = plotting.marks.STOP["linewidth"] / 2 * figure.dpi / 72
    widths = [box.width for text, box in found if text == name]
    assert widths
    assert max(widths) < x1 - x0 - 2 * bar
    under = max(text.get_zorder() for text in panel.texts if text.get_gid())
    over = [one for one in (*panel.patches, *panel.lines) if one.get_gid() in ("arrow", "stop")]
    assert panel.collections[0].get_zorder() < under < min(one.get_zorder() for one in over)


def test_epochs_are_named_where_there_are_any(data):
    model = model_of("stateful")
    with plotting.StateRecorder(model) as recorder:
        model.predict(data[0], batch_size=B)
        fit(model, data)
    assert "epoch" not in plotting.state_strip(recorder, last=3).axes[0].get_xlabel()
    figure = plotting.state_strip(recorder)
    assert "epochs from 1" in figure.axes[0].get_xlabel()
    assert_readable(figure)


def test_several_strips_can_have_one_scale(data):
    recorders = []
    for mode in MODES:
        model = model_of(mode)
        with plotting.StateRecorder(model) as recorder:
            model.predict(data[0], batch_size=B)
        recorders.append(recorder)
    largest = max(recorder.largest for recorder in recorders)
    sizes = [batch.sizes[name] for one in recorders for batch in one.batches for name in "hc"]
    assert largest == np.max([pair.max() for pair in sizes])
    for recorder in recorders:
        boxes = plotting.state_strip(recorder, largest=largest).axes[0].collections[0]
        assert boxes.get_clim() == (0, largest)


@pytest.mark.parametrize("largest", [1e-5, 0.1, 0.12, 0.37, 0.98, 6.4, 26, 1234.5])
def test_numbers_of_the_colours_are_apart(data, largest):
    _, recorder = strip_of("stateless", data)
    figure = plotting.state_strip(recorder, last=2, largest=largest)
    assert_readable(figure)
    numbers = [float(label.get_text()) for label in figure.axes[-1].get_xticklabels()]
    np.testing.assert_allclose(numbers, [0, largest / 4, largest], rtol=5e-3)


@pytest.mark.parametrize("columns", [1, 8, 30])
def test_letters_are_legible_on_a_phone(rng, columns):
    model = model_of("stateful")
    with plotting.StateRecorder(model) as recorder:
        model.predict(rng.normal(size=(columns, T, D)), batch_size=1)
    figure = plotting.state_strip(recorder)
    assert_readable(figure)
    inches, phone = figure.get_figwidth(), 375
    assert 8.3 / 72 * phone / inches > 6.9  # pixels of the smallest letters


def test_a_strip_of_nothing_is_refused(data):
    _, recorder = strip_of("stateless", data)
    with refused(ValueError, "There is no batch to draw"):
        plotting.state_strip(recorder, first=9)
