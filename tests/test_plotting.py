"""The figures: what is drawn is what happened."""

import subprocess
import sys
from itertools import pairwise, product

import numpy as np
import pytest

from tinylstm import LSTM, Dense, Sequential, plotting
from tinylstm.callbacks import History

from .snapshots import refused, snapshot

B, N, T, D, H, K = 2, 6, 3, 2, 5, 4
MODES = ("stateless", "batch_carried", "stateful")
SIDE = plotting.marks.SIDE


def model_of(mode, **lstm):
    model = Sequential([LSTM(H, state_mode=mode, input_shape=(T, D), **lstm), Dense(K)])
    model.compile("adam", "mse", metrics=["mae"])
    return model


@pytest.fixture
def data(rng):
    return rng.normal(size=(N, T, D)), rng.normal(size=(N, K))


def fit(model, data, **settings):
    return model.fit(*data, batch_size=B, shuffle=False, verbose=0, **settings)


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


# Curves.


def test_the_curves_are_the_history(data):
    history = fit(model_of("stateless"), data, epochs=4, validation_data=data)
    loss, mae = history.plot().axes
    for panel, name in ((loss, "loss"), (mae, "mae")):
        trained, validated = panel.lines
        np.testing.assert_array_equal(trained.get_xdata(), [1, 2, 3, 4])
        np.testing.assert_array_equal(trained.get_ydata(), history.history[name])
        np.testing.assert_array_equal(validated.get_ydata(), history.history[f"val_{name}"])
        assert [text.get_text() for text in panel.get_legend().texts] == ["training", "validation"]
    assert loss.get_ylabel() == "loss (squared units of the target)"
    assert mae.get_ylabel() == "mae (units of the target)"


def test_epochs_are_numbered_as_they_were_trained(data):
    history = fit(model_of("stateless"), data, epochs=7, initial_epoch=4)
    np.testing.assert_array_equal(history.plot("mae").axes[0].lines[0].get_xdata(), [5, 6, 7])


@pytest.mark.parametrize("epochs", [1, 2, 3, 40])
def test_epochs_are_whole_numbers(epochs):
    panel = plotting.training_curves({"loss": [1.0] * epochs}).axes[0]
    ticks = panel.get_xticks()
    assert all(tick == round(tick) for tick in ticks)
    assert {1, epochs} & set(ticks) or epochs > 3


def test_a_cross_entropy_is_in_nats(rng):
    model = Sequential([Dense(K, activation="softmax", input_shape=(D,))])
    model.compile("adam", "categorical_crossentropy", metrics=["accuracy"])
    history = model.fit(rng.normal(size=(N, D)), np.eye(K)[[0, 1, 2, 3, 0, 1]], verbose=0)
    labels = [panel.get_ylabel() for panel in history.plot().axes]
    assert labels == ["loss (nats a target)", "accuracy (share of the targets)"]


def test_one_metric_of_a_dict_in_axes_of_ones_own():
    from matplotlib.figure import Figure

    panel = Figure().subplots()
    figure = plotting.training_curves({"loss": [3.0, 2.0], "acc": [0.1, 0.4]}, "acc", ax=panel)
    assert figure is panel.figure
    np.testing.assert_array_equal(panel.lines[0].get_ydata(), [0.1, 0.4])


def test_what_was_not_recorded_is_refused():
    with refused(ValueError, "Unknown metric: 'los'. Did you mean 'loss'?"):
        plotting.training_curves({"loss": [1.0]}, "los")
    with refused(ValueError, "no epoch"):
        History().plot()


def test_a_prediction_lies_over_its_steps(rng):
    truth, predicted = rng.normal(size=20), rng.normal(size=(8, 1))
    panel = plotting.prediction(truth, predicted, start=15, first=11, label="level (m)").axes[0]
    shown_truth, shown, closed = panel.lines
    np.testing.assert_array_equal(shown_truth.get_ydata(), truth)
    np.testing.assert_array_equal(shown.get_xdata(), range(11, 19))
    np.testing.assert_array_equal(shown.get_ydata(), predicted[:, 0])
    assert set(closed.get_xdata()) == {15}
    assert (panel.get_xlabel(), panel.get_ylabel()) == ("time step", "level (m)")


def test_a_prediction_that_does_not_fit_is_refused():
    with refused(ValueError, "closed loop starts where nothing is predicted"):
        plotting.prediction(np.zeros(9), np.zeros(4), start=4)
    with refused(ValueError, "truth is a series"):
        plotting.prediction(np.zeros((9, 2)), np.zeros(4))


@pytest.mark.parametrize(
    "draw",
    [
        lambda: plotting.training_curves({"loss": [1.0]}),
        lambda: plotting.prediction([1.0, 2.0], [1.0, 2.0]),
    ],
)
def test_without_matplotlib_a_sentence_says_what_to_install(monkeypatch, draw):
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    with refused(ImportError, "Matplotlib, which is not installed") as caught:
        draw()
    assert 'Expected: pip install -e ".[plot]" in the checkout' in str(caught.value)


def test_matplotlib_is_loaded_by_the_first_figure_and_not_before():
    lines = "import sys; from tinylstm import plotting; print('matplotlib' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", lines], capture_output=True, text=True)
    assert done.stdout == "False\n", done.stderr


# The recorder.


@pytest.mark.uncompiled
@pytest.mark.parametrize("mode", MODES)
def test_sizes_are_those_of_the_states_that_forward_returns(data, mode):
    model = model_of(mode)
    with plotting.StateRecorder(model) as recorder:
        model.predict(data[0], batch_size=B)
    assert len(recorder.batches) == N // B
    model.reset_states()
    for k, batch in enumerate(recorder.batches):
        x = data[0][k * B : (k + 1) * B]
        starts = model.get_states().get("lstm", np.zeros((2, B, H)))
        ends = model.forward(x, return_states=True)[1]["lstm"]
        model.predict(x)
        for pair, start, end in zip((batch.h, batch.c), starts, ends, strict=True):
            if mode == "batch_carried":  # one row: from zeros to the end of the last sample
                start, end, pair = np.zeros((1, H)), end, pair[[0, 1], [0, B - 1]][:, None]
            expected = np.sqrt((np.array([start, end]) ** 2).mean(axis=2))
            np.testing.assert_allclose(pair, expected, rtol=1e-5)


@pytest.mark.parametrize("mode", MODES)
def test_recording_changes_no_value(data, mode):
    plain = model_of(mode)
    settings = {"epochs": 3, "reset_states": "epoch", "validation_data": data}
    fit(plain, data, **settings)
    followed = plain.copy()
    fit(plain, data, **settings)
    with plotting.StateRecorder(followed) as recorder:
        fit(followed, data, **settings)
    assert len(recorder.batches) == 2 * 3 * (N // B)
    assert not [k for k, v in snapshot(plain).items() if v != snapshot(followed)[k]]
    assert not followed.recorders


@pytest.mark.parametrize("mode", MODES)
def test_the_gradient_stops_where_forward_and_backward_stop_it(data, mode):
    model = model_of(mode)
    with plotting.StateRecorder(model) as recorder:
        fit(model, data)
    model.forward(data[0][:B])
    dx = model.backward(np.eye(B)[-1][:, None] * np.ones(K)).x  # of the batch's last sample
    reached = np.abs(dx).max(axis=(1, 2)) > 0
    np.testing.assert_array_equal(reached, [not recorder.batches[0].stops[-1], True])


def test_what_happens_between_calls_is_seen(data, rng):
    model = model_of("stateful")
    x = data[0][:B]
    with plotting.StateRecorder(model) as recorder:
        model.train_on_batch(x, data[1][:B])
        model.reset_states(rows=[1])
        model.test_on_batch(x, data[1][:B])
        with model.scratch_state(zero=True):
            model.predict(x + 1)
        model.predict(x)
        model.set_states(rng.normal(size=(2, B, H)))
        model.predict(x)
    model.predict(x)  # nobody follows any more
    assert [batch.call for batch in recorder.batches] == ["fit", "evaluate", *["predict"] * 3]
    assert [batch.sources for batch in recorder.batches] == [
        ["zeros", "zeros"],
        [(0, 0), "zeros"],
        ["zeros", "zeros"],
        [(1, 0), (1, 1)],  # over the scratch state
        ["given", "given"],
    ]


def test_batches_of_a_generator_are_followed(data):
    x, y = data
    model = model_of("stateful")
    batches = [(x[k : k + B], y[k : k + B]) for k in range(0, N, B)]
    with plotting.StateRecorder(model) as recorder:
        model.fit(iter(batches * 2), steps_per_epoch=N // B, epochs=2, verbose=0)
    assert [(batch.epoch, batch.number) for batch in recorder.batches] == [
        (epoch, number) for epoch in range(2) for number in range(N // B)
    ]
    assert [batch.sources[0] for batch in recorder.batches] == [
        "zeros",
        *((k, 0) for k in range(5)),
    ]


def test_rows_that_are_alike_keep_their_lanes(data):
    model = model_of("stateful")
    x = np.repeat(data[0][:1], 4, axis=0)
    with plotting.StateRecorder(model) as recorder:
        model.predict(x, batch_size=2)
    assert recorder.batches[1].sources == [(0, 0), (0, 1)]


@pytest.mark.parametrize("mode", MODES)
def test_zeros_that_are_handed_on_are_no_reset(mode):
    model = model_of(mode)
    with plotting.StateRecorder(model) as recorder:
        model.predict(np.zeros((4, T, D)), batch_size=2)  # without biases: the state stays zero
        model.reset_states()
    found = [batch.sources for batch in recorder.batches]
    expected = {
        "stateless": [["zeros", "zeros"], ["zeros", "zeros"]],
        "batch_carried": [["zeros", (0, 0)], ["zeros", (1, 0)]],
        "stateful": [["zeros", "zeros"], [(0, 0), (0, 1)]],
    }
    assert found == expected[mode]


def test_a_layer_that_reads_backwards_starts_at_its_last_step(data):
    model = model_of("stateful", go_backwards=True)
    with plotting.StateRecorder(model) as recorder:
        model.predict(data[0], batch_size=B)
    assert [batch.sources[0] for batch in recorder.batches] == ["zeros", (0, 0), (1, 0)]


def test_a_layer_by_name(data):
    model = Sequential([LSTM(3, return_sequences=True, name="low"), LSTM(H, name="high")])
    model.build((None, T, D))
    with plotting.StateRecorder(model, "high") as recorder:
        model.predict(data[0])
    end = np.sqrt((model.trace(data[0])["high"].h[:, -1] ** 2).mean(axis=1))
    np.testing.assert_allclose(recorder.batches[0].h[1], end, rtol=1e-5)
    with refused(ValueError, "Unknown LSTM layer: 'hig'. Did you mean 'high'?"):
        plotting.StateRecorder(model, "hig")
    with refused(ValueError, "no state to record"):
        plotting.StateRecorder(Sequential([Dense(2)]))


# The strip.


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


def test_calls_and_epochs_stand_above_their_batches(data):
    panel, recorder = strip_of("stateful", data)
    (above,) = panel.child_axes
    assert [label.get_text() for label in above.get_xticklabels()] == [
        "fit\nepoch 1",
        "fit\nepoch 2",
        "predict",
    ]
    np.testing.assert_array_equal(above.get_xticks(), [1, 4, 7])
    part = plotting.state_strip(recorder, 4, 8).axes[0]
    assert [label.get_text() for label in part.get_xticklabels()] == ["1", "2", "0", "1"]
    assert [label.get_text() for label in part.child_axes[0].get_xticklabels()] == [
        "fit\nepoch 2",
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
    assert numbers == 2 * [[str(k) for k in range(13)], [str(k) for k in range(13, 25)]]
    assert figure.get_size_inches()[0] < 16
    shared = ((12 + SIDE, 0), (13 - SIDE, 0))
    assert all(shared in arrows(panel) for panel in panels[:2])
    assert not lines(panels[1], "cut")
    assert lines(panels[2], "cut")
    assert len({panel.collections[0].get_clim() for panel in panels}) == 1


def test_a_recording_that_is_too_long_says_how_to_draw_less(data):
    model = model_of("stateless")
    with plotting.StateRecorder(model) as recorder:
        fit(model, data, epochs=90)
    with pytest.warns(UserWarning, match="a StateRecorder around fewer epochs") as caught:
        plotting.state_strip(recorder)
    assert caught[0].filename == __file__
    plotting.state_strip(recorder, last=60)


def test_a_strip_of_nothing_is_refused(data):
    _, recorder = strip_of("stateless", data)
    with refused(ValueError, "There is no batch to draw"):
        plotting.state_strip(recorder, first=9)
