"""What is too large for the memory that is left is refused before any of it is reserved."""

import os
import subprocess
import sys

import numpy as np
import pytest

from tests.snapshots import refused
from tinylstm import LSTM, Dense, Sequential
from tinylstm.data import available

MEGABYTE = 2**20
V1, V2 = ("limit_in_bytes", "usage_in_bytes", "total_"), ("max", "current", "")


@pytest.fixture
def linux(tmp_path, monkeypatch):
    """A machine that has 100 MB free and 20 MB of swap, and groups of processes made of files."""
    monkeypatch.setattr(available, "PROC", tmp_path / "proc")
    monkeypatch.setattr(available, "GROUPS", tmp_path / "cgroup")
    own = tmp_path / "proc" / "self"
    own.mkdir(parents=True)
    (tmp_path / "proc" / "meminfo").write_text(
        f"MemTotal: 999999 kB\nMemAvailable: {100 * 1024} kB\nSwapFree: {20 * 1024} kB\n"
    )
    (own / "statm").write_text("0 0 0 0 0 0 0")

    def group(folder, limit, usage, files, names):
        path = tmp_path / "cgroup" / folder
        path.mkdir(parents=True, exist_ok=True)
        (path / f"memory.{names[0]}").write_text(f"{limit}\n")
        (path / f"memory.{names[1]}").write_text(f"{usage}\n")
        stat = f"cache 7\n{names[2]}active_file {files}\n{names[2]}inactive_file {files}\n"
        (path / "memory.stat").write_text(stat)

    (own / "cgroup").write_text("0::/\n")
    group.own = own / "cgroup"
    return group


def test_it_is_what_is_free_and_the_swap(linux):
    assert available.available() == 120 * MEGABYTE


@pytest.mark.parametrize("where", ["", "a.slice", "a.slice/b.service"])
@pytest.mark.parametrize("version", [1, 2])
def test_any_group_around_the_process_may_leave_less(linux, version, where):
    folder, names = ("memory/", V1) if version == 1 else ("", V2)
    lines = "4:cpu,memory:/a.slice/b.service\n0::/\n" if version == 1 else "0::/a.slice/b.service\n"
    linux.own.write_text(lines)
    linux(folder + where, 50 * MEGABYTE, 30 * MEGABYTE, 3 * MEGABYTE, names)
    assert available.available() == 26 * MEGABYTE


@pytest.mark.parametrize("dtype", ["float32", "float64"])  # strides without a length; another dtype
def test_data_whose_copy_is_too_large_are_refused_before_it_is_made(linux, dtype):
    model = Sequential([Dense(1)])
    x = np.broadcast_to(np.ones(1, dtype), (40 * MEGABYTE, 1))
    with refused(MemoryError, "A copy of x in float32"):
        model.predict(x)
    assert not model.built


def test_no_limit_is_none_and_a_group_over_its_limit_leaves_nothing(linux):
    linux("", "max", 30 * MEGABYTE, 0, V2)
    assert available.available() == 120 * MEGABYTE
    linux("", MEGABYTE, 2 * MEGABYTE, 0, V2)
    assert available.available() == 0


def test_a_batch_counts_what_is_left_in_its_container(linux):
    model, x = Sequential([LSTM(10, input_shape=(None, 1))]), np.zeros((1, 20_000, 1))
    linux("", 40 * MEGABYTE, 38 * MEGABYTE, 0, V2)
    with refused(MemoryError, "lower batch_size"):
        model.predict(x)
    assert model.predict(x[:, :10]).shape == (1, 10)
    linux("", 40 * MEGABYTE, 8 * MEGABYTE, 0, V2)
    assert model.predict(x).shape == (1, 10)


def test_outputs_count_with_the_workspace_that_is_reserved_for_them(linux):
    model = Sequential([Dense(50, input_shape=(1,))])
    x, size = np.zeros((20_000, 1), np.float32), 20_000 * 50 * 4
    work = model.memory(20_000).workspace
    linux("", max(size, work) + MEGABYTE // 2, 0, 0, V2)
    with refused(MemoryError, "lower batch_size"):
        model.predict(x, batch_size=20_000)
    linux("", size // 2, 0, 0, V2)
    with refused(MemoryError, "predict fewer samples"):
        model.predict(x, batch_size=1)
    linux("", size + work + MEGABYTE, 0, 0, V2)
    assert model.predict(x, batch_size=20_000).shape == (20_000, 50)


LIMITED = """
import resource
import tinylstm

print(tinylstm.data.available.available() > 2**28)
has = int(open("/proc/self/statm").read().split()[0]) * resource.getpagesize()
resource.setrlimit(resource.RLIMIT_AS, (has + 2**28, has + 2**28))
print(tinylstm.data.available.available() <= 2**28)
try:
    tinylstm.to_categorical([1], 10**8)
except MemoryError as reason:
    print(str(reason).splitlines()[0])
"""


@pytest.mark.skipif(not os.path.exists("/proc/self/statm"), reason="Linux says what a process has")
def test_a_limit_of_the_process_itself_counts_too():
    made = subprocess.run([sys.executable, "-c", LIMITED], capture_output=True, text=True)
    assert made.stdout.splitlines() == ["True", "True", "The rows do not fit into memory."]
