"""Whatever is given for a path: a file of that name and no other, or a sentence that names it."""

import errno
import os
from pathlib import Path

import numpy as np
import pytest

from tests.snapshots import refused
from tinylstm import Dense, Sequential
from tinylstm.callbacks import CSVLogger, ModelCheckpoint

X, Y = np.ones((4, 2), np.float32), np.ones((4, 1), np.float32)
LINUX = pytest.mark.skipif(not os.path.exists("/dev/full"), reason="Linux has a full disk")


def model_of():
    model = Sequential([Dense(1, input_shape=(2,))])
    model.compile("sgd", "mse")
    return model


def trained_with(kind):
    """A use of a callback that writes a file."""
    return lambda path: model_of().fit(X, Y, verbose=0, callbacks=[kind(path)])


def read_back(path):
    """Weights, written and read."""
    model = model_of()
    model.save_weights(path)
    model.load_weights(path)


WRITERS = {
    "save_weights": read_back,
    "ModelCheckpoint": trained_with(ModelCheckpoint),
    "CSVLogger": trained_with(CSVLogger),
}
TAKEN = {  # a path, and the name of the file
    "a word": ("w", "w"),
    "a Path": (Path("w"), "w"),
    "of another alphabet": ("Gewichte-für-ひらがな", "Gewichte-für-ひらがな"),
    "with spaces": (" w w ", " w w "),
    "242 letters": ("w" * 242, "w" * 242),
    "255 letters": ("w" * 255, "w" * 255),
    "255 bytes of two a letter": ("ü" * 127 + "w", "ü" * 127 + "w"),
    "from the folder": ("./w", "w"),
}
REFUSED = {  # a path, the kind of exception, a part of the sentence
    "a number": (5, TypeError, "is a path"),
    "nothing": (None, TypeError, "is a path"),
    "bytes": (b"w", TypeError, "is a path"),
    "a list": (["w"], TypeError, "is a path"),
    "empty": ("", ValueError, "names no file"),
    "a NUL": ("w\0w", ValueError, "names no file"),
    "256 letters": ("w" * 256, OSError, "too long"),
    "a folder": ("folder", IsADirectoryError, "is a folder"),
    "this folder": (".", IsADirectoryError, "is a folder"),
    "all folders": ("/", IsADirectoryError, "is a folder"),
}


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    """An empty folder to be in."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize("name", TAKEN)
@pytest.mark.parametrize("writer", WRITERS)
def test_what_the_system_allows_is_written_under_its_name_alone(folder, writer, name):
    path, file = TAKEN[name]
    WRITERS[writer](path)
    assert os.listdir(folder) == [file]


@pytest.mark.parametrize("name", REFUSED)
@pytest.mark.parametrize("writer", WRITERS)
def test_what_is_no_path_of_a_file_is_refused_and_nothing_is_written(folder, writer, name):
    path, kind, fragment = REFUSED[name]
    (folder / "folder").mkdir()
    with refused(kind, fragment) as caught:
        WRITERS[writer](path)
    assert os.listdir(folder) == ["folder"]
    assert os.listdir(folder / "folder") == []
    if isinstance(caught.value, OSError):
        assert str(path)[-200:] in str(caught.value) or path == "."


def test_an_open_file_is_no_path(folder):
    with open("w", "wb") as file:
        for writer in WRITERS.values():
            with refused(TypeError, "is a path"):
                writer(file)
    assert (folder / "w").read_bytes() == b""


@pytest.mark.parametrize("path", ["w" * 256, "w\ud800", "folder", "w"])
def test_what_cannot_be_read_is_said_with_its_path(folder, path):
    (folder / "folder").mkdir()
    kind = OSError if len(path) > 255 else FileNotFoundError
    with refused(kind, "") as caught:
        model_of().load_weights(path)
    assert path[:200].encode(errors="ignore").decode() in str(caught.value)


def test_a_full_disk_is_said_with_the_path_and_the_old_file_stays(folder, monkeypatch):
    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    model = model_of()
    model.save_weights("w")
    content = (folder / "w").read_bytes()
    monkeypatch.setattr(os, "fsync", full)
    with refused(OSError, "No space left on device") as caught:
        model.save_weights("w")
    assert caught.value.errno == errno.ENOSPC
    assert str(caught.value).endswith("Received: w")
    assert os.listdir(folder) == ["w"]
    assert (folder / "w").read_bytes() == content


@LINUX
def test_a_log_on_a_full_disk_is_said_with_its_path():
    with refused(OSError, "No space left on device") as caught:
        WRITERS["CSVLogger"]("/dev/full")
    assert "/dev/full" in str(caught.value)


@LINUX
def test_a_device_is_not_replaced_by_a_file(folder):
    os.mkfifo("pipe")
    for writer in ("save_weights", "ModelCheckpoint"):
        with refused(FileExistsError, "This is no file."):
            WRITERS[writer]("pipe")
    assert os.listdir(folder) == ["pipe"]
    assert not Path("pipe").is_file()


def test_a_folder_that_is_a_file_is_said(folder):
    (folder / "file").touch()
    for writer in WRITERS.values():
        with pytest.raises(OSError, match="Expected: ") as caught:
            writer("file/w")
        assert "file" in str(caught.value)


def test_a_name_that_commands_a_terminal_is_spelt_in_the_sentence():
    with refused(FileNotFoundError, "no such file") as caught:
        model_of().load_weights("a\x1b[2J\u202eb")
    assert r"nothing at a\x1b[2J\u202eb" in str(caught.value)
