"""The judge of damaged files sees each way in which one could do harm."""

import os
import pickle
import subprocess
import sys
import time
from fractions import Fraction
from mmap import mmap

import numpy as np
import pytest

from tests.attacks._judge import ROOM, Row, finds, into
from tinylstm import Dense, Sequential

SENTENCE = "It is broken.\nExpected: another one\nReceived: this one"


def refuse(kind=ValueError, said=SENTENCE):
    raise kind(said)


def change_and_refuse(path, model):
    model.theta[0] += 1
    refuse()


def import_something():
    import colorsys  # noqa: F401


def work(seconds):
    end = time.process_time() + seconds
    while time.process_time() < end:
        pass


def compile_and_refuse(path, model):
    model.compile("adam", "mse")
    refuse()


HARMS = {  # what is done with a file, and what is said of it
    "nothing": (lambda path: None, None),
    "a refusal": (lambda path: refuse(), None),
    "another kind": (lambda path: refuse(TypeError), "TypeError"),
    "no sentence": (lambda path: refuse(said="broken"), "ValueError: broken"),
    "a sentence that commands": (lambda path: refuse(said=f"\x1b[2J{SENTENCE}"), "\x1b[2J"),
    "an error of Python": (lambda path: {}["a"], "KeyError"),
    "hanging": (lambda path: time.sleep(9), "hangs"),
    "working": (lambda path: work(0.4), "takes "),
    "reserving": (lambda path: mmap(-1, ROOM + 2**22), "Error"),
    "importing": (lambda path: import_something(), "imports colorsys"),
    "writing": (lambda path: path.with_name("b").write_bytes(b""), "writes"),
    "reading elsewhere": (lambda path: open("/etc/passwd").close(), "opens '/etc/passwd'"),
    "a folder": (lambda path: path.with_name("c").mkdir(), "os.mkdir"),
    "a shell": (lambda path: os.system("true"), "os.system"),
    "a process": (lambda path: subprocess.run(["true"], check=True), "subprocess.Popen"),
    "a pickle": (lambda path: pickle.loads(pickle.dumps(Fraction(1, 2))), "pickle.find_class"),
    "code": (lambda path: eval("1 + 1"), "exec"),
}


@pytest.mark.parametrize("name", HARMS)
def test_each_harm_is_found(tmp_path, monkeypatch, name):
    monkeypatch.delitem(sys.modules, "colorsys", raising=False)  # of a test before
    taken, said = HARMS[name]
    row = Row(taken, seconds=0.2, patience=2.0 if name == "hanging" else 60.0)
    found = list(finds(row, tmp_path / "a", "a file", b"content"))
    assert bool(found) == bool(said), found
    assert said in "".join(found) if said else True


def model_of():
    model = Sequential([Dense(2, input_shape=(3,))])
    model.build((None, 3))
    return model


@pytest.mark.parametrize(
    ("change", "what"), [(change_and_refuse, "weights"), (compile_and_refuse, "loss")]
)
def test_a_model_that_is_changed_by_half_is_found(tmp_path, change, what):
    found = list(finds(Row(change, model=model_of), tmp_path / "a", "a file", b""))
    assert len(found) == 1
    assert "is refused, and has changed" in found[0]
    assert what in found[0]


def test_what_a_format_finds_wrong_is_said(tmp_path):
    model_of().save_weights(tmp_path / "b")
    content = (tmp_path / "b").read_bytes()
    row = Row(into, lambda model, content: ["for nothing"], model=model_of)
    path = tmp_path / "a"
    assert list(finds(row, path, "a file", content)) == ["a file: is taken for nothing"]
    assert "refuses a sound file" in "".join(finds(row, path, "a file", content[:-1], True))


@pytest.mark.parametrize("freed", [0, 300])
def test_memory_that_is_taken_in_many_parts_is_found(tmp_path, freed):
    """Also where the process has been given as much before, and has freed it."""
    parts = [np.ones(2**16, "u1") for _ in range(16 * freed)]
    wall = np.ones(2**16, "u1")  # behind them, so that the system is not given them back
    parts.clear()
    row = Row(lambda path: parts.extend(np.ones(2**16, "u1") for _ in range(1600)))
    found = "".join(finds(row, tmp_path / "a", "a file", b""))
    assert "bytes of memory" in found or "MemoryError" in found
    del wall
