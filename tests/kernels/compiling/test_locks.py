"""Who waits for a kernel of another process sees whether that one lives, and goes on if not."""

import signal
import subprocess
import sys
import threading
import time

import pytest
from tinylstm.kernels.compiling import COMPILED, aside, beats, locks

HOLDING = """
import pathlib, sys, time
from tinylstm.kernels.compiling import beats, locks
beats.BEAT = 0.05
locks.take(pathlib.Path(sys.argv[1]))
print("held", flush=True)
time.sleep(600)
"""


@pytest.fixture
def path(tmp_path):
    return tmp_path / "some.kernel.nbc"


@pytest.fixture
def told(monkeypatch):
    """What a person is told."""
    lines = []
    monkeypatch.setattr(beats, "tell", lines.append)
    monkeypatch.setattr(aside, "tell", lines.append)
    return lines


@pytest.fixture
def holder(path):
    """Another process that has the lock of a kernel, and lives."""
    command = [sys.executable, "-c", HOLDING, str(path)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout.readline() == "held\n"
    yield process
    process.kill()
    process.communicate()


def touches(path, count):
    """Wait until the lock of a kernel was touched so often."""
    before = beats.touched(locks.lock_file(path))
    while count:
        time.sleep(0.01)
        now = beats.touched(locks.lock_file(path))
        count, before = count - (now != before), now


@pytest.mark.skipif(sys.platform == "win32", reason="signals")
def test_a_lock_is_waited_for_while_its_holder_lives_and_not_when_it_is_stopped(holder, path, told):
    assert not locks.take(path, patience=0)
    waiting = threading.Thread(target=locks.take, args=(path, 20), daemon=True)
    waiting.start()
    touches(path, 40)  # as many as it takes the holder to be alive for longer than a touch is due
    assert waiting.is_alive()
    holder.send_signal(signal.SIGSTOP)
    with pytest.warns(UserWarning, match="stands still"):
        assert locks.take(path, patience=0.2)
    assert told == [told[0]]
    assert "does not move" in told[0]
    locks.give_back(path)
    holder.kill()
    waiting.join()
    locks.give_back(path)


def test_a_process_shows_that_it_lives_for_as_long_as_it_has_a_lock(path, monkeypatch):
    monkeypatch.setattr(beats, "BEAT", 0.01)
    before = threading.active_count()
    assert locks.take(path)
    touches(path, 3)
    locks.give_back(path)
    while threading.active_count() > before:
        time.sleep(0.01)


def test_a_standstill_is_said_after_half_of_the_time_and_any_change_begins_it_anew(
    tmp_path, told, monkeypatch
):
    now, file = [100.0], tmp_path / "file"
    monkeypatch.setattr(beats.time, "monotonic", lambda: now[0])
    standstill = beats.Standstill(10)

    def lasts(seconds):
        now[0] += seconds
        return standstill.lasts([file])

    assert [lasts(0), lasts(4), len(told)] == [False, False, 0]
    file.touch()
    assert [lasts(4), lasts(4), len(told)] == [False, False, 0]
    assert [lasts(2), len(told)] == [False, 1]
    assert [lasts(4), len(told)] == [True, 1]


@pytest.mark.skipif(not COMPILED, reason="is about compiled kernels")
@pytest.mark.usefixtures("ctrl_c_is_heard")
def test_ctrl_c_while_llvm_works_is_answered_at_once_and_raised_when_it_has_ended(told):
    ended = []

    def compile_in_llvm():
        for _ in range(2):  # in a row
            signal.raise_signal(signal.SIGINT)
        while not told:
            time.sleep(0.01)
        ended.append(True)

    with pytest.raises(KeyboardInterrupt):
        aside.aside(compile_in_llvm)
    assert ended
    assert len(told) == 1
    assert "stops after this kernel" in told[0]


def test_what_a_compilation_raises_comes_through_and_one_without_a_thread_is_done_all_the_same(
    monkeypatch,
):
    def refuse(self):
        raise RuntimeError("can't start new thread")

    with pytest.raises(ZeroDivisionError):
        aside.aside(lambda: 1 / 0)
    monkeypatch.setattr(threading.Thread, "start", refuse)
    done = []
    aside.aside(done.append, 1)
    assert done == [1]
