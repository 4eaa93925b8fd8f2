"""What training shows: a bar that fits the line, or lines in a log, and no metric that is cut."""

import io
import re
import sys

import numpy as np
import pytest

from tinylstm import LSTM, Dense, Sequential
from tinylstm.shown import bar
from tinylstm.shown.fitted import FittedBar

X, Y = np.ones((8, 2, 1), np.float32), np.ones((8, 1), np.float32)
METRICS = "loss: 0.1234 - accuracy: 0.9600 - val_loss: 1.2345e-04 - val_accuracy: 1.0000"


class Terminal(io.StringIO):
    def isatty(self):
        return True


@pytest.fixture
def shown(monkeypatch):
    """A function: what fit shows on a stream, and the model."""

    def run(stream, **options):
        monkeypatch.setattr(sys, "stderr", stream)
        model = Sequential([LSTM(2, input_shape=(2, 1)), Dense(1)])
        model.compile("adam", "mse", ["mae"])
        history = model.fit(X, Y, 2, **{"epochs": 3, **options})
        return stream.getvalue(), model, history.history

    return run


def line(ncols, total=300, postfix=METRICS, prefix="Epoch 200/300", **options):
    return FittedBar.format_meter(
        *(120, total, 12.0), ncols, postfix, prefix=prefix, unit="batch", **options
    )


@pytest.mark.parametrize("ncols", [60, 70, 79, 80, 100, 132, 200])
@pytest.mark.parametrize("total", [300, None])
def test_a_line_is_never_wider_than_it_may_be_and_has_whole_metrics(ncols, total):
    text = line(ncols, total)
    assert len(text) <= ncols
    assert text.startswith("Epoch 200/300: ")
    pieces = METRICS.split(" - ")
    found = [piece for piece in pieces if re.search(re.escape(piece) + r"(?![\w.])", text)]
    assert found == pieces[: len(found)]
    rest = text.partition(found[-1])[2]
    assert rest.strip("]| ") in ("", "...")
    assert (rest.strip("]| ") == "...") == (len(found) < len(pieces))


@pytest.mark.parametrize("ncols", [100, 132, 200])
def test_from_100_columns_on_all_four_are_there(ncols):
    assert METRICS in line(ncols)


def test_the_wider_the_line_the_more_it_says():
    assert "batch/s" in line(200)
    assert "batch/s" not in line(132)
    assert "120/300" in line(132)
    assert " 40%" in line(100)


def test_at_a_terminal_one_bar_is_written_over(shown):
    text, _, history = shown(Terminal())
    assert "\n" not in text.rstrip("\n")
    last = text.rstrip("\n").split("\r")[-1]
    assert "Epoch 3/3: 100%|" in last
    assert f"loss: {history['loss'][-1]:.4f} - mae: {history['mae'][-1]:.4f}" in last


def test_verbose_3_keeps_a_line_of_each_epoch_above_the_bar(shown):
    text, _, history = shown(Terminal(), verbose=3)
    kept = [one.split("\r")[-1] for one in text.split("\n")]
    losses, maes = history["loss"], history["mae"]
    for epoch in range(3):
        wanted = f"Epoch {epoch + 1}/3 - loss: {losses[epoch]:.4f} - mae: {maes[epoch]:.4f}"
        assert wanted in [one.strip() for one in kept]


@pytest.mark.parametrize("verbose", [1, 3, "auto"])
def test_a_log_has_the_last_line_and_no_carriage_return(shown, verbose):
    text, _, history = shown(io.StringIO(), verbose=verbose)
    loss, mae = history["loss"][-1], history["mae"][-1]
    assert text == f"Epoch 3/3 - loss: {loss:.4f} - mae: {mae:.4f}\n"


def test_a_log_of_a_long_training_has_a_line_now_and_then(shown, monkeypatch):
    clock = [0.0]

    def monotonic():
        clock[0] += 0.5
        return clock[0]

    monkeypatch.setattr(bar.time, "monotonic", monotonic)
    text, _, _ = shown(io.StringIO(), epochs=40)
    lines = text.splitlines()
    assert 5 <= len(lines) <= 20
    assert all(re.match(r"Epoch \d+/40 - .*loss: ", one) for one in lines)
    assert lines[-1].startswith("Epoch 40/40 - loss: ")


def test_a_pass_over_data_is_a_line_in_a_log(shown):
    _, model, _ = shown(io.StringIO(), verbose=0)
    loss, mae = model.evaluate(X, Y, 2, verbose=1)
    model.predict(X, 2, verbose=1)
    assert sys.stderr.getvalue().splitlines() == [
        f"4/4 batches - loss: {loss:.4f} - mae: {mae:.4f}",
        "4/4 batches",
    ]


def test_a_training_that_is_stopped_has_its_last_epoch_in_the_log(shown):
    from tinylstm.callbacks import EarlyStopping

    stop = EarlyStopping(monitor="loss", min_delta=9, patience=1)
    text, _, history = shown(io.StringIO(), epochs=30, callbacks=[stop])
    assert text.splitlines()[-1].startswith(f"Epoch {len(history['loss'])}/30 - loss: ")
