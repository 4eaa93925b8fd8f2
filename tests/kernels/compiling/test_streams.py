"""Where nothing can be shown a training goes on, and a command ends without noise."""

import io
import subprocess
import sys
import warnings

import numpy as np
import pytest
from tinylstm.kernels.compiling import streams

from tinylstm import LSTM, Dense, Sequential
from tinylstm.callbacks import EarlyStopping


class Raising(io.StringIO):
    """A full disk."""

    def write(self, text):
        raise OSError(28, "No space left on device")

    def flush(self):
        self.write("")


class Bare:
    """A stream that can do nothing but write."""

    def __init__(self):
        self.text = ""

    def write(self, text):
        self.text += text


class NoPipe(Raising):
    """A pipe that nobody reads."""

    def write(self, text):
        raise BrokenPipeError(32, "Broken pipe")


def closed():
    stream = io.StringIO()
    stream.close()
    return stream


STREAMS = {
    "none": lambda: None,
    "closed": closed,
    "full": Raising,
    "broken": NoPipe,
    "bare": Bare,
    "object": object,
    "ascii": lambda: io.TextIOWrapper(io.BytesIO(), "ascii"),
    "cp1252": lambda: io.TextIOWrapper(io.BytesIO(), "cp1252"),
}


@pytest.mark.parametrize("kind", STREAMS)
def test_everything_that_shows_something_works_on_any_stream(kind, monkeypatch):
    x, y = np.ones((4, 2, 1)), np.ones((4, 1))
    model = Sequential([LSTM(3, input_shape=(2, 1)), Dense(1)], name="модель")
    model.compile("adam", "mse")
    stop = EarlyStopping(monitor="loss", min_delta=9, patience=1, verbose=1)
    monkeypatch.setattr(sys, "stdout", STREAMS[kind]())
    monkeypatch.setattr(sys, "stderr", STREAMS[kind]())
    model.summary()
    for verbose in (0, 1, 2, "auto"):
        history = model.fit(x, y, epochs=3, verbose=verbose, callbacks=[stop])
        assert len(history.epoch) == 2
        assert model.evaluate(x, y, verbose=verbose) > 0
        assert model.predict(x, verbose=verbose).shape == (4, 1)
    streams.tell("some 10 seconds ...")


def test_what_an_encoding_lacks_becomes_a_question_mark(monkeypatch):
    stream = STREAMS["ascii"]()
    monkeypatch.setattr(sys, "stdout", stream)
    streams.show("müde")
    stream.flush()
    assert stream.buffer.getvalue() == b"m?de\n"


def test_a_log_is_told_what_a_person_at_a_terminal_is(monkeypatch):
    stream = io.StringIO()
    monkeypatch.setattr(sys, "stderr", stream)
    streams.tell("a log")
    stream.isatty = lambda: True
    streams.tell("you")
    assert stream.getvalue() == "a log\nyou\n"


def test_what_is_printed_by_tqdm_goes_above_a_bar(monkeypatch):
    from tqdm import tqdm

    from tinylstm.shown.bar import progress_bar

    stream = io.StringIO()
    stream.isatty = lambda: True
    monkeypatch.setattr(sys, "stderr", stream)
    monkeypatch.setattr(sys, "stdout", stream)
    with progress_bar(2, "run"):
        tqdm.write("a line")
    assert "\ra line\n" in stream.getvalue()


def test_a_warning_goes_above_a_bar(monkeypatch):
    from tinylstm.shown.bar import progress_bar
    from tinylstm.surface.errors import warn

    stream = io.StringIO()
    stream.isatty = lambda: True
    monkeypatch.setattr(sys, "stderr", stream)
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        monkeypatch.setattr(warnings, "showwarning", lambda text, *_: stream.write(f"{text}\n"))
        with progress_bar(2, "run"):
            warn("look here")
    assert "\rlook here\n" in stream.getvalue()


@pytest.mark.parametrize("module", ["surface.errors", "kernels.compiling.streams"])
def test_a_warning_that_nobody_can_read_stops_nothing(module):
    code = (
        f"import sys; from tinylstm.{module} import warn; sys.stderr.close(); warn('so'); print(1)"
    )
    assert subprocess.check_output([sys.executable, "-c", code]) == b"1\n"


@pytest.mark.skipif(sys.platform != "linux", reason="/dev/full")
def test_a_command_whose_output_cannot_be_written_says_so_or_ends_without_noise():
    command = [sys.executable, "-m", "tinylstm", "--version"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    process.stdout.close()
    assert (process.stderr.read(), process.wait()) == (b"", 1)
    process.stderr.close()
    with open("/dev/full", "w") as full:
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True)
    assert done.returncode == 1
    assert done.stderr == "The output could not be written: No space left on device.\n"
