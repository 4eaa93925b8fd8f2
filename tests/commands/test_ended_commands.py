"""A command that is ended leaves no process behind, however it was ended."""

import os
import pathlib
import signal
import subprocess
import sys

import click
import pytest

from tests.processes import PATIENCE, heard, in_session, left_of_session
from tinylstm.commands import runs

pytestmark = pytest.mark.skipif(not pathlib.Path("/proc/self/stat").exists(), reason="reads /proc")


@pytest.fixture
def demo():
    """The command with many seeds, in a session of its own, after one of them."""
    command = [sys.executable, "-m", "tinylstm", "demo", "cosine-stateless", "--seeds", "500"]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "start_new_session": True}
    process = subprocess.Popen(command, **pipes)
    heard(process, b"/500 runs")
    yield process
    for number in in_session(process.pid):
        os.kill(number, signal.SIGKILL)
    process.communicate()


STATUS = {"SIGTERM": 143, "SIGKILL": -9}


@pytest.mark.parametrize("name", STATUS)
def test_the_processes_of_a_command_end_with_it(demo, name):
    assert len(in_session(demo.pid)) > 1
    demo.send_signal(getattr(signal, name))
    out, err = demo.communicate(timeout=PATIENCE)
    assert demo.returncode == STATUS[name]
    assert left_of_session(demo.pid) == {}
    assert b"Traceback" not in err
    if name != "SIGKILL":
        assert b"leaked" not in err
        assert b"RMSE (wave 0..1)" in out  # of the seeds that are finished


def test_a_run_whose_process_is_killed_is_said_in_a_sentence(monkeypatch):
    monkeypatch.setattr(runs, "run_quietly", os._exit)
    with pytest.raises(click.ClickException, match="killed, or out of memory"):
        list(runs.run_all([3]))  # not a job, but the status with which its process ends
