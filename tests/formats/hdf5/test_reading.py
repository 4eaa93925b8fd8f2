"""HDF5 files: what is read is what was written, and what does harm is refused in a sentence."""

import os
import subprocess
import sys
import tracemalloc

import numpy as np
import pytest

from tests.attacks._judge import measured
from tests.formats.hdf5.hostile import HOSTILE, content
from tests.snapshots import refused
from tinylstm.formats import hdf5
from tinylstm.formats.hdf5 import Group, child, reading

ROOM = 64 * 2**20


def tree():
    """One of all that there may be."""
    said = {"word": "a word", "letters": b"ASCII", "words": ["x", "yes"], "none": [], "count": 3}
    arrays = {
        name: np.arange(6).reshape(2, 3).astype(name)
        for name in ("f2", "f4", "f8", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", ">f4")
    }
    inner = Group({"one": np.float32(1.5), "empty": np.empty((0, 3), "f4")}, {"rate": 0.5})
    return Group({"b": Group(arrays), "a": inner, "nothing": Group()}, said)


def test_what_is_read_is_what_was_written(tmp_path):
    hdf5.write(tmp_path / "a", tree())
    for found in (hdf5.read(tmp_path / "a"), hdf5.read((tmp_path / "a").read_bytes(), "bytes")):
        said = tree().attributes | {"letters": "ASCII"}
        assert found.attributes == said
        assert [*found] == ["a", "b", "nothing"]  # HDF5 keeps names in their order
        assert found["a"].attributes == {"rate": 0.5}
        assert found["a"]["one"].shape == ()
        assert found["a"]["one"] == 1.5
        assert found["a"]["empty"].shape == (0, 3)
        assert found["nothing"] == {}
        for name, array in tree()["b"].items():
            assert np.array_equal(found["b"][name], array)
            assert found["b"][name].dtype == np.dtype(name).newbyteorder("<")


@pytest.mark.parametrize(
    "names", [[""], ["."], ["a/./b"], ["a//b"], ["a/b", "a"], [501 * "é"], ["a", "b/" + "c" * 1001]]
)
def test_names_that_would_not_be_read_again_are_refused(tmp_path, names):
    with refused(ValueError, "There is no place in an HDF5 file for the name"):
        hdf5.write(tmp_path / "a", Group({name: Group() for name in names}))
    assert not (tmp_path / "a").exists()


def test_words_without_a_length_of_their_own_are_read_beside_a_long_one():
    def fill(file):
        file.attrs["model_config"], file.attrs["layer_names"] = "x" * 100_000, [b"a", b"bc"] * 50

    found = hdf5.read(content(fill), "bytes").attributes
    assert found == {"model_config": "x" * 100_000, "layer_names": ["a", "bc"] * 50}


def one_word_many_times(count):
    """A file with words whose places all lead to a long one."""
    made = bytearray(content(lambda file: file.attrs.create("a", ["a" * 2**20, *["b"] * count])))
    at = next(k for k in places_of(made, (2**20).to_bytes(4, "little")) if made[k + 16] == 1)
    made[at : at + 16 * (count + 1)] = made[at : at + 16] * (count + 1)
    return bytes(made)


def places_of(made, some):
    """Where some bytes stand."""
    at = made.find(some)
    while at >= 0:
        yield at
        at = made.find(some, at + 1)


def test_one_long_word_that_is_named_many_times_is_refused_before_it_is_read():
    made = one_word_many_times(3500)
    with measured(len(made)):
        tree, _ = child.answer(made, 2 * len(made) + ROOM)
    assert "'/ a' should have" in tree["refused"]
    tree, _ = child.answer(one_word_many_times(3), 2**20 * 9 + ROOM)
    assert tree["attributes"]["a"] == ["a" * 2**20] * 4


def test_the_same_groups_are_the_same_bytes():
    assert hdf5.content_of(tree()) == hdf5.content_of(tree())


def test_packed_and_chunked_numbers_are_read():
    def fill(file):
        values = np.random.default_rng(1).normal(size=(40, 30))
        file.create_dataset("a", data=values, compression="gzip", shuffle=True, fletcher32=True)
        file.create_dataset("b", data=values, chunks=(7, 7), compression="lzf")

    found = hdf5.read(content(fill), "bytes")
    assert np.array_equal(found["a"], np.random.default_rng(1).normal(size=(40, 30)))
    assert np.array_equal(found["b"], found["a"])


@pytest.mark.parametrize("name", HOSTILE)
def test_what_does_harm_is_refused_in_a_sentence_and_with_little_memory(name):
    """By the code of the child, in this process; what the child is for comes below."""
    fill, word = HOSTILE[name]
    made = content(fill)
    tracemalloc.start()
    try:
        tree, arrays = child.answer(made, ROOM)
        assert tracemalloc.get_traced_memory()[1] < 2 * len(made) + ROOM
    finally:
        tracemalloc.stop()
    assert word in tree["refused"]
    assert arrays == []


def test_a_refusal_of_the_child_is_said_here(tmp_path):
    fill, word = HOSTILE["a_ring_of_groups"]
    (tmp_path / "a").write_bytes(content(fill))
    with refused(ValueError, "is not an HDF5 file that is read here") as caught:
        hdf5.read(tmp_path / "a")
    assert word in str(caught.value)


DEATHS = {
    "import os, signal; os.kill(os.getpid(), signal.SIGSEGV)": "ended the process that did so",
    "import time; time.sleep(100)": "takes longer than 3 s",
    "raise SystemExit(3)": "code 3",
    "": "what was read of it is not",
    "import sys; sys.stdout.write('nonsense' * 99)": "what was read of it is not",
}
READY = "import sys; print('ready to read', file=sys.stderr, flush=True)\n"


@pytest.mark.parametrize("script", DEATHS)
def test_a_child_that_ends_or_hangs_or_talks_nonsense_is_said(tmp_path, monkeypatch, script):
    (tmp_path / "script.py").write_text(READY + script)
    monkeypatch.setattr(child, "__file__", str(tmp_path / "script.py"))
    if "sleep" in script:
        monkeypatch.setattr(reading, "SECONDS", 3)  # of which Python takes some to start
        monkeypatch.setattr(reading, "PATIENCE", 1)
    with refused(ValueError, "") as caught:
        hdf5.read(hdf5.content_of(tree()), "bytes")
    assert DEATHS[script] in str(caught.value)


def need_to_be_blamed(word):
    """A sound file is not read, and it is not the file that is blamed."""
    with refused(RuntimeError, "which does not start") as caught:
        hdf5.read(hdf5.content_of(tree()), "bytes")
    assert word in str(caught.value)


@pytest.mark.parametrize("program", ["", None, "/no/such/python", "/bin/true"])
def test_a_python_that_is_not_there_is_said_and_the_file_not_blamed(monkeypatch, program):
    monkeypatch.setattr(sys, "executable", program)
    need_to_be_blamed(repr(program))


def test_a_child_that_cannot_import_is_said_and_the_file_not_blamed(tmp_path, monkeypatch):
    (tmp_path / "script.py").write_text("import sys\nraise ImportError('no library of HDF5')")
    monkeypatch.setattr(child, "__file__", str(tmp_path / "script.py"))
    need_to_be_blamed("ImportError: no library of HDF5")


LIMITED = """
import resource, sys
sys.path.insert(0, {folder!r})
import child
child.limit(2**25, 2)
{harm}
"""
HARMS = {
    "memory": "bytearray(2**27)",
    "processor": "while True: pass",
    "files": "open('/etc/hostname')",
    "writing": "sys.stdout.buffer.write(bytes(2**26)); sys.stdout.buffer.write(bytes(2**26))",
}


@pytest.mark.skipif(not hasattr(os, "fork"), reason="Windows has no such limits")
@pytest.mark.parametrize("harm", HARMS)
def test_the_system_keeps_the_limits_of_the_child(harm, tmp_path):
    code = LIMITED.format(folder=os.path.dirname(child.__file__), harm=HARMS[harm])
    command = [sys.executable, "-I", "-c", code]
    with open(tmp_path / "written", "w") as file:
        done = subprocess.run(command, stdout=file, stderr=subprocess.PIPE, text=True)
    ends = {"memory": "MemoryError", "files": "Too many open files", "writing": "File too large"}
    assert done.returncode != 0
    assert ends.get(harm, "") in done.stderr


def test_what_is_no_hdf5_file_is_said_at_once(tmp_path):
    for wrong in (b"", b"PK", bytes(1000)):
        (tmp_path / "a").write_bytes(wrong)
        with refused(ValueError, "does not begin as one does"):
            hdf5.read(tmp_path / "a")
    for path in (tmp_path, tmp_path / "none"):
        with refused(FileNotFoundError, "no such file"):
            hdf5.read(path)


def test_what_is_written_is_in_memory_once():
    numbers = np.ones(2**22)
    with measured(numbers.nbytes) as took:
        written = hdf5.content_of(Group({"numbers": numbers}))
    assert len(written) > numbers.nbytes
    assert all(most < 1.5 * numbers.nbytes for most in took)
