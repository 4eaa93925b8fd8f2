"""The disk cache of kernels: an edit takes effect, damage heals, and without one all is right too.

The processes run one small kernel, each test with a cache folder of its own.
"""

import pathlib
import shutil
import subprocess
import sys
import time

import pytest
from tinylstm.kernels.compiling import COMPILED
from tinylstm.kernels.compiling.cache import digest_of

from tests.processes import copy_package, environment, said

pytestmark = pytest.mark.skipif(not COMPILED, reason="is about compiled kernels")

RIGHT = 2.5  # (1 + 0) / 2 + (0 + 4) / 2
# Prints the value of a kernel, whether its code came from the disk, and what was warned of.
ONE_KERNEL = """
import sys, warnings
import numpy as np
from tinylstm.kernels.compiling import cache
from tinylstm.kernels.signatures import address_for
from tinylstm.kernels.training import losses

loaded, load = [], cache.KernelCache.load_overload
def noting(*arguments):
    loaded.append(load(*arguments))
    return loaded[-1]
cache.KernelCache.load_overload = noting
{before}
with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    address_for(sys.argv[1], losses.squared_errors)
y, target = (np.array(a, sys.argv[1]) for a in ([[1, 2], [3, 4.5]], [[0, 2], [3, 6.5]]))
value = losses.squared_errors(y, target, np.ones(2, sys.argv[1]))
print(value, loaded[0] is not None, *(warning.message for warning in caught), sep="|")
"""


@pytest.fixture(scope="module")
def start(tmp_path_factory):
    """A function that starts a process; an environment variable of None is taken away."""
    path, started = copy_package(tmp_path_factory.mktemp("path")), []

    def run(cache, dtype="float32", before="", **changes):
        started.append(
            subprocess.Popen(
                [sys.executable, "-c", ONE_KERNEL.replace("{before}", before), dtype],
                env=environment(path, cache, **changes),
                cwd=cache if cache.is_dir() else cache.parent.parent,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
            )
        )
        return started[-1]

    yield run
    for process in started:  # of a test that failed
        process.kill()
        process.communicate()


def result(process):
    """Value, whether it came from the disk, and warnings; nothing else was said."""
    out, err = process.communicate(timeout=300)
    assert (process.returncode, said(err)) == (0, "")
    value, loaded, *warned = out.strip().split("|")
    return float(value), loaded == "True", warned


def files(cache):
    """The files of kernels in a cache folder."""
    return sorted(cache.glob("*/*.nbc"))


def sound(path):
    """Whether a file's digest is that of its content."""
    data = path.read_bytes()
    return len(data) > 1000 and digest_of(path, data[32:]) == data[:32]


@pytest.fixture(scope="module")
def filled_once(tmp_path_factory, start):
    cache = tmp_path_factory.mktemp("cache")
    for process in [start(cache, dtype) for dtype in ("float32", "float64")]:
        assert result(process) == (RIGHT, False, [])
    return cache


@pytest.fixture
def filled(filled_once, tmp_path):
    """A cache folder of one kernel, for both dtypes."""
    return pathlib.Path(shutil.copytree(filled_once, tmp_path / "cache"))


def test_the_second_process_loads_what_the_first_compiled(filled, start):
    assert len(files(filled)) == 2
    for process in [start(filled, dtype) for dtype in ("float64", "float32")]:
        assert result(process) == (RIGHT, True, [])


def test_other_settings_of_numba_compile_anew(filled, start):
    assert result(start(filled, NUMBA_BOUNDSCHECK="1")) == (RIGHT, False, [])


WAIT = """
import pathlib, time
pathlib.Path(f"ready-{time.time_ns()}").touch()
while not pathlib.Path("go").exists():
    time.sleep(0.001)
"""


def test_sixteen_processes_on_an_empty_cache_compile_once_and_are_right(tmp_path, start):
    processes = [start(tmp_path, ("float32", "float64")[k % 2], WAIT) for k in range(16)]
    while len(list(tmp_path.glob("ready-*"))) < 16:
        assert all(process.poll() is None for process in processes)
        time.sleep(0.01)
    (tmp_path / "go").touch()
    results = [result(process) for process in processes]
    assert [value for value, _, _ in results] == [RIGHT] * 16
    assert [warned for *_, warned in results] == [[]] * 16
    assert sum(not loaded for _, loaded, _ in results) == 2  # one for each dtype
    assert len(files(tmp_path)) == 2
    assert all(sound(path) for path in files(tmp_path))
    assert list(tmp_path.glob("*/*.part")) == []


DAMAGE = {
    "empty": lambda data: b"",
    "cut behind its digest": lambda data: data[:32],
    "cut in the middle": lambda data: data[: len(data) // 2],
    "one byte short": lambda data: data[:-1],
    "one bit flipped": lambda data: data[:900] + bytes([data[900] ^ 1]) + data[901:],
    "garbage of the same length": lambda data: data[::-1],
}


def test_a_damaged_file_is_named_and_made_anew(filled, tmp_path, start):
    processes = {}
    for name, change in DAMAGE.items():
        cache = pathlib.Path(shutil.copytree(filled, tmp_path / name))
        for path in files(cache):
            path.write_bytes(change(path.read_bytes()))
        assert not any(sound(path) for path in files(cache))
        processes[cache] = start(cache)
    for cache, process in processes.items():
        value, loaded, warned = result(process)
        assert (value, loaded) == (RIGHT, False), cache.name
        (healed,) = [path for path in files(cache) if sound(path)]
        assert warned == [f"a damaged file of the kernel cache is made anew: {healed}"]


NO_FOLDER = "tinylstm compiles its kernels anew in each process: no cache folder"
NOBODY = """
import pwd
def unknown(uid):
    raise KeyError(uid)
pwd.getpwuid = unknown
"""


def test_without_a_place_to_write_all_is_right_and_said_once(tmp_path, start):
    (tmp_path / "file").touch()
    no_home = {"HOME": None, "XDG_CACHE_HOME": None, "TINYLSTM_CACHE_DIR": None}
    processes = [
        start(tmp_path / "file" / "below", before="import tinylstm"),  # chmod does not stop root
        start(tmp_path, before=NOBODY, **no_home),
    ]
    for process in processes:
        value, loaded, warned = result(process)
        assert (value, loaded) == (RIGHT, False)
        assert len(warned) == 1
        assert warned[0].startswith(NO_FOLDER)
        assert "Set TINYLSTM_CACHE_DIR" in warned[0]
    assert [path.name for path in tmp_path.iterdir()] == ["file"]  # no folder called "~"


HOLD = """
import time
from tinylstm.kernels.compiling import locks
from tinylstm.kernels.signatures import signature
for dtype in ("float32", "float64"):
    locks.take(losses.squared_errors._cache.path(signature(losses.squared_errors, dtype)))
print("held", flush=True)
time.sleep(600)
"""
IMPATIENT = """
from tinylstm.kernels.compiling import locks
locks.PATIENCE = 0.1
"""


def test_a_process_that_hangs_or_dies_while_it_compiles_stops_no_other(filled, start):
    for path in files(filled):
        path.unlink()
    holder = start(filled, before=HOLD)
    assert holder.stdout.readline() == "held\n"
    try:
        value, loaded, (warned,) = result(start(filled, before=IMPATIENT))
        assert (value, loaded) == (RIGHT, False)
        assert warned.startswith("tinylstm waits no longer for another process")
        waiting = start(filled, "float64")
        time.sleep(2)
        assert waiting.poll() is None
    finally:
        holder.kill()
        holder.communicate()
    assert result(waiting) == (RIGHT, False, [])
