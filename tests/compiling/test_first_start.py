"""Starts that are not like at home: many at once, and where nothing can be written.

Each process trains a small model and ends well; what it had to compile is in its last line.
"""

import os
import pathlib
import shutil
import subprocess
import sys

import pytest
from tinylstm.kernels.compiling import COMPILED

from tests.processes import (
    OBEYING,
    compiled,
    copy_package,
    environment,
    lock,
    note_compilations,
    said,
)

pytestmark = pytest.mark.skipif(not COMPILED, reason="is about compiled kernels")

TRAINING = """
import warnings
import numpy as np
import tinylstm
from tinylstm import LSTM, Dense, Flatten, Sequential

tinylstm.set_random_seed(7)
model = Sequential([{layers}, Dense(2, activation="softmax")])
model.compile(optimizer="adam", loss="categorical_crossentropy")
with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    history = model.fit(np.ones((5, 3, 1)), np.eye(2)[[0, 1, 0, 1, 0]], epochs=2, verbose=0)
print(history.history["loss"][-1])
print(*(warning.message for warning in caught), sep="|")
"""
PROCESSES = 6


def start(path, cache, made, layers="LSTM(4, input_shape=(3, 1))", **changes):
    """A process that trains, for which modes hold, even if it is root's."""
    return subprocess.Popen(
        [*OBEYING, "-c", TRAINING.replace("{layers}", layers)],
        env=environment(path, cache, MADE=str(made), **changes),
        cwd=path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def result(process):
    """The loss, and what was warned of."""
    out, err = process.communicate(timeout=300)
    assert (process.returncode, said(err)) == (0, "")
    loss, warned = out.split("\n")[:2]
    return float(loss), [text for text in warned.split("|") if text]


@pytest.fixture(scope="module")
def installation(tmp_path_factory):
    """The package in a folder that nobody can write to."""
    path = copy_package(tmp_path_factory.mktemp("installation"))
    note_compilations(path)
    lock(path)
    return path


@pytest.fixture(scope="module")
def together(installation, tmp_path_factory):
    """Results of many processes that were started at once on an empty cache; and that cache."""
    cache = tmp_path_factory.mktemp("cache")
    made = tmp_path_factory.mktemp("made") / "kernels"
    processes = [start(installation, cache, made) for _ in range(PROCESSES)]
    try:
        return [result(process) for process in processes], cache, compiled(made)
    finally:
        for process in processes:
            process.kill()
            process.communicate()


@pytest.fixture
def filled(together, tmp_path):
    """The loss, and a copy of the cache that was filled."""
    results, cache, _ = together
    return results[0][0], pathlib.Path(shutil.copytree(cache, tmp_path / "cache"))


def test_processes_that_start_at_once_train_and_compile_each_kernel_once(together):
    results, _, made = together
    losses, warned = zip(*results, strict=True)
    assert len(set(losses)) == 1
    assert not any(warned)
    names = [name for _, name in made]
    assert {"recurrent.recurrent_backward", "steps.of_lstm.backward"} <= set(names)
    assert len(set(names)) == len(names)
    assert len({process for process, _ in made}) > 1


def test_kernels_in_a_folder_that_cannot_be_written_are_used(filled, installation, tmp_path):
    loss, cache = filled
    lock(cache)
    assert result(start(installation, cache, tmp_path / "made")) == (loss, [])
    assert compiled(tmp_path / "made") == []


def test_what_such_a_folder_lacks_is_compiled_and_said_once(filled, installation, tmp_path):
    loss, cache = filled
    (folder,) = cache.glob("kernels-*")
    for name in ("optimizers.adam", "dense.dense_forward"):
        next(folder.glob(f"{name}-*.nbc")).unlink()
    lock(cache)
    again, (warned,) = result(start(installation, cache, tmp_path / "made"))
    made = sorted(name for _, name in compiled(tmp_path / "made"))
    assert (again, made) == (loss, ["dense.dense_forward", "optimizers.adam"])
    assert warned.startswith(f"tinylstm compiles anew in each process what is not in {folder}")
    assert list(folder.glob("optimizers.adam-*.nbc")) == []


def test_with_a_home_that_cannot_be_made_it_trains_and_says_what_that_costs(installation, tmp_path):
    nowhere = {"HOME": str(installation / "home"), "XDG_CACHE_HOME": None}
    folder, small = {"TINYLSTM_CACHE_DIR": None, **nowhere}, "Flatten(input_shape=(3, 1))"
    loss, (warned,) = result(start(installation, None, tmp_path / "made", small, **folder))
    kept = {"TINYLSTM_CACHE_DIR": os.environ.get("TINYLSTM_CACHE_DIR")}  # that of the tests
    assert (loss, []) == result(start(installation, None, tmp_path / "others", small, **kept))
    assert warned.startswith("tinylstm compiles its kernels anew in each process: no cache folder")
    made = compiled(tmp_path / "made")
    assert len({process for process, _ in made}) == 1
    names = [name for _, name in made]
    assert {"optimizers.adam", "dense.dense_forward", "loop.run_batches"} <= set(names)
    assert len(set(names)) == len(names)
    assert not (installation / "home").exists()


IMPORTING = """
import sys
import numba, numpy
before = set(sys.modules)
import tinylstm
print(*sorted({name.partition(".")[0] for name in set(sys.modules) - before}))
"""


def test_importing_takes_nothing_along_that_is_needed_later_or_never(installation):
    command, env = [sys.executable, "-c", IMPORTING], environment(installation, installation)
    out = subprocess.run(command, env=env, capture_output=True, text=True, check=True).stdout
    assert "tinylstm" in out.split()
    later = {"click", "difflib", "filelock", "matplotlib", "platformdirs", "scipy", "tqdm"}
    assert set(out.split()) & later == set()
