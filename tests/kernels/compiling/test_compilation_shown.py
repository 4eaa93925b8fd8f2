"""What a person sees of kernels that are compiled: a bar at a terminal, elsewhere a line."""

import io
import multiprocessing
import sys
import threading

import pytest
from tinylstm.kernels import kernel, kinds
from tinylstm.kernels.compiling import COMPILED, cache, compile_kernel
from tinylstm.kernels.signatures import signature
from tinylstm.kernels.training import losses

from tests.kernel_runs import starting
from tinylstm.compiling import preparing
from tinylstm.compiling.first_start import RATE, Forecast

pytestmark = pytest.mark.skipif(not COMPILED, reason="is about compiled kernels")

ALONE = "tinylstm compiles its kernels, once; some 10 seconds ...\n"
LINE = "tinylstm compiles 3 kernels, once; some 1 second ...\n"
KERNELS = [
    (losses.binary_accuracy, kinds.metric, ""),
    (losses.softmax_crossentropy, kinds.loss, ALONE),
]
WEIGHTS = {"a": 20_000, "b": 16_000, "c": 4_000}


class Clock:
    now = 0.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


def test_the_seconds_that_are_left_begin_with_a_guess_and_count_down(clock):
    forecast = Forecast(WEIGHTS, clock)
    total = sum(WEIGHTS.values())
    assert forecast.seconds() == total / RATE
    clock.now = 4
    assert forecast.seconds() == total / RATE - 4
    clock.now = 1000
    assert 1 <= forecast.seconds() < 1000


@pytest.mark.parametrize("speed", [0.5, 1, 3])
def test_then_they_follow_what_kernels_have_taken(clock, speed):
    many = dict.fromkeys(range(100), 1_000)
    forecast = Forecast(many, clock)
    for k in range(90):
        clock.now += 1_000 / (RATE * speed)
        forecast.note([k])
    left = 10_000 / (RATE * speed)
    assert forecast.seconds() == pytest.approx(left, abs=1.5)


def test_a_kernel_that_takes_longer_than_foreseen_leaves_a_second_at_least(clock):
    forecast = Forecast(WEIGHTS, clock)
    seconds = []
    for clock.now in range(60):
        if clock.now == 50:
            forecast.note(["b", "c"])
        seconds.append(forecast.seconds())
    forecast.note(["a"])
    assert min(seconds) >= 1 == forecast.seconds()


class Terminal(io.StringIO):
    def isatty(self):
        return True


@pytest.fixture
def shows(monkeypatch, tmp_path):
    """A function: what a stream shows of the compilation of three light kernels."""

    def run(stream):
        types = signature(kinds.metric, "float32")
        found = losses.squared_errors, losses.absolute_errors, losses.binary_accuracy
        kernels = [kernel(one.py_func) for one in found]  # of which nothing is compiled
        monkeypatch.setattr(sys, "stderr", stream)
        monkeypatch.setattr(cache, "_announced", threading.Lock())
        with starting(tmp_path / str(len(list(tmp_path.iterdir())))):  # an empty one
            preparing.prepare([(one, types) for one in kernels])
        assert all(types.args in one.overloads for one in kernels)
        return stream.getvalue()

    return run


def test_at_a_terminal_a_bar_counts_the_kernels_and_the_seconds_and_vanishes(shows):
    text = shows(Terminal())
    frames = text.split("\r")
    assert [frame for frame in frames if "| 0/3, some 1 s left" in frame]
    assert [frame for frame in frames if "67%|" in frame and "| 2/3, some 1 s left" in frame]
    assert frames[-2:] == [" " * len(frames[-2]), ""]
    assert "\n" not in text
    assert "some 10 seconds" not in text


def test_a_file_and_a_notebook_have_a_line(shows):
    assert shows(io.StringIO()) == LINE


def test_processes_of_a_pool_have_no_bars_in_one_terminal(shows, monkeypatch):
    monkeypatch.setattr(multiprocessing.process, "_parent_process", object())
    assert shows(Terminal()) == LINE


@pytest.mark.parametrize(("one", "kind", "said"), KERNELS)
def test_a_kernel_alone_is_announced_if_it_takes_long(monkeypatch, tmp_path, one, kind, said):
    monkeypatch.setattr(sys, "stderr", Terminal())
    monkeypatch.setattr(cache, "_announced", threading.Lock())
    with starting(tmp_path / "cache"):
        compile_kernel(kernel(one.py_func), signature(kind, "float32"))
    assert sys.stderr.getvalue() == said
