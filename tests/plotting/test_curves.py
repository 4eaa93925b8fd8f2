"""Curves of a training and of a prediction: what is drawn is what happened."""

import subprocess
import sys

import numpy as np
import pytest

from tests.snapshots import refused
from tinylstm import Dense, Sequential, plotting
from tinylstm.callbacks import History

from .recorded import D, K, N, fit, model_of


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


def test_validations_stand_at_their_epochs(data):
    given = {"epochs": 7, "initial_epoch": 2, "validation_data": data, "validation_freq": [4, 5, 7]}
    history = fit(model_of("stateless"), data, **given)
    trained, validated = history.plot("mae").axes[0].lines
    np.testing.assert_array_equal(trained.get_xdata(), [3, 4, 5, 6, 7])
    np.testing.assert_array_equal(validated.get_xdata(), [4, 5, 7])
    np.testing.assert_array_equal(validated.get_ydata(), history.history["val_mae"])
    with refused(ValueError, "which epochs"):
        plotting.training_curves(history.history)


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


@pytest.mark.parametrize(
    ("loss", "label"),
    [
        ("mse", "loss (squared units of the target)"),
        ("huber", "loss (squared units of the target)"),
        ("mae", "loss (units of the target)"),
        ("hinge", "loss"),
    ],
)
def test_a_loss_says_what_it_counts_in_where_that_is_known(rng, loss, label):
    model = Sequential([Dense(1, input_shape=(D,))])
    model.compile("adam", loss)
    history = model.fit(rng.normal(size=(N, D)), rng.normal(size=(N, 1)), verbose=0)
    assert history.plot().axes[0].get_ylabel() == label


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
