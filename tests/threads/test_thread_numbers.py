"""How many threads a call uses: what was set, the environment, the rows and the work of a batch."""

import os
import subprocess
import sys

import numpy as np
import pytest

import tinylstm
from tests.snapshots import refused
from tinylstm import LSTM, Dense, Layer, Sequential, kernel, view
from tinylstm.threads import environment, how_many


@pytest.fixture(autouse=True)
def as_at_the_start(monkeypatch):
    """No variable is set, and no number was chosen."""
    for name in environment.VARIABLES:
        monkeypatch.delenv(name, raising=False)
    tinylstm.set_num_threads(None)
    yield
    tinylstm.set_num_threads(None)


def test_by_default_there_are_as_many_as_the_process_may_use_cores():
    assert tinylstm.get_num_threads() == len(os.sched_getaffinity(0))


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="no affinity on this system")
def test_a_process_that_may_use_one_core_has_one_thread(tmp_path):
    script = (
        "import os; os.sched_setaffinity(0, {min(os.sched_getaffinity(0))}); import tinylstm; "
        "print(tinylstm.get_num_threads())"
    )
    run = [sys.executable, "-c", script]
    done = subprocess.run(run, capture_output=True, text=True, check=True, cwd=tmp_path)
    assert done.stdout == "1\n"


def test_a_number_that_was_set_counts_until_it_is_taken_back(monkeypatch):
    monkeypatch.setenv("OMP_NUM_THREADS", "5")
    tinylstm.set_num_threads(3)
    assert tinylstm.get_num_threads() == 3
    tinylstm.set_num_threads(None)
    assert tinylstm.get_num_threads() == 5


@pytest.mark.parametrize("n", [0, -1, 1.5, "two", True])
def test_what_is_no_number_of_threads_is_refused(n):
    tinylstm.set_num_threads(2)
    with refused(ValueError, "The number of threads"):
        tinylstm.set_num_threads(n)
    assert tinylstm.get_num_threads() == 2


@pytest.mark.parametrize(
    ("numba", "omp", "wanted"),
    [("3", None, 3), (None, "3", 3), ("3", "5", 3), (" 3 ", "", 3), (None, "4,2", 4), ("", "6", 6)],
)
def test_the_environment_names_the_default(monkeypatch, numba, omp, wanted):
    for name, value in zip(environment.VARIABLES, (numba, omp), strict=True):
        if value is not None:
            monkeypatch.setenv(name, value)
    assert tinylstm.get_num_threads() == wanted


@pytest.mark.parametrize("value", ["0", "-2", "many", "2.5", ",2", "²"])
def test_a_variable_that_is_no_number_is_said_and_left_out(monkeypatch, value):
    monkeypatch.setenv("OMP_NUM_THREADS", value)
    with pytest.warns(UserWarning, match="OMP_NUM_THREADS is no number of threads") as said:
        assert tinylstm.get_num_threads() == how_many.cores()
    assert repr(value) in str(said[0].message)
    monkeypatch.setenv("NUMBA_NUM_THREADS", "3")
    assert tinylstm.get_num_threads() == 3


@pytest.mark.parametrize("value", ["0", "-1", "many"])
def test_what_numba_cannot_read_it_does_not_see(value):
    script = (
        "import tinylstm; print(tinylstm.get_num_threads() == tinylstm.threads.how_many.cores())"
    )
    env = os.environ | {"NUMBA_NUM_THREADS": value}
    run = [sys.executable, "-c", script]
    done = subprocess.run(run, capture_output=True, text=True, check=True, env=env)
    assert done.stdout == "True\n"
    assert done.stderr.count("Warning") == 1
    sentence = "UserWarning: The environment variable NUMBA_NUM_THREADS is no number of threads"
    assert f"{sentence} and was left out.\nExpected: 1 or more\nReceived: {value!r}" in done.stderr


def model_of(*layers, mode="stateless", units=64):
    model = Sequential([LSTM(units, state_mode=mode), *layers, Dense(3)])
    model.compile("sgd", "mse")
    model.build((None, 10, 8))
    return model


def used(model, rows, learn=True):
    """Threads that share batches of so many rows."""
    return how_many.threads_for(model.network, (10, 8), model.state.batches(1000, rows), learn)


def test_a_large_batch_has_the_threads_that_were_set_and_a_small_one_has_one():
    model = model_of(units=256)
    tinylstm.set_num_threads(3)
    assert [used(model, rows) for rows in (1, 2, 500)] == [1, 2, 3]
    assert used(model_of(units=2), 500) == 1
    tinylstm.set_num_threads(1)
    assert used(model, 500) == 1


def test_the_work_of_a_batch_is_counted_in_multiply_adds():
    model = model_of(units=64)
    assert model.network.multiply_adds((10, 8)) == 10 * (8 + 64) * 4 * 64 + 64 * 3
    tinylstm.set_num_threads(1000)
    rows = 800
    work = rows * model.network.multiply_adds((10, 8))
    assert used(model, rows, learn=False) == work // how_many.WORTH
    assert used(model, rows, learn=True) == 3 * work // how_many.WORTH


def test_a_carried_batch_is_one_sequence_so_it_has_one_thread():
    model = model_of(mode="batch_carried", units=256)
    tinylstm.set_num_threads(2)
    assert used(model, 500) == 1


@kernel
def centered_forward(layer, batch, flags, theta, work):
    """y = x minus the mean over the rows, which no thread could know of the others' rows."""
    B, H = batch.rows, layer.units
    x, y = view(work, layer.x, (B, H)), view(work, layer.y, (B, H))
    for k in range(H):
        mean = x[0, k]
        for r in range(1, B):
            mean += x[r, k]
        for r in range(B):
            y[r, k] = x[r, k] - mean / B


@kernel
def centered_backward(layer, batch, flags, theta, grad, work):
    """Not needed here."""


class Centered(Layer):
    """A layer whose rows know of each other."""

    kernels = (centered_forward, centered_backward)


class Apart(Centered):
    """A layer that says that they do not."""

    each_row = True


def test_a_layer_of_ones_own_has_one_thread_unless_it_says_that_rows_are_apart(rng):
    tinylstm.set_num_threads(3)
    assert used(model_of(Apart(), units=256), 500) == 3
    model = model_of(Centered(), units=256)
    assert used(model, 500) == 1
    x = rng.normal(size=(64, 10, 8))
    assert not np.isnan(model.predict(x, 64)).any()
