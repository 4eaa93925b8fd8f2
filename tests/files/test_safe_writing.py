"""What is there when a file is saved stays what it is, whoever saves and whatever goes wrong."""

import os
import stat
import subprocess
import sys
import threading

import numpy as np
import pytest

from tests import ROOT
from tests.processes import OBEYING
from tests.snapshots import refused
from tinylstm import Dense, Sequential
from tinylstm.files import container, replacing

pytestmark = pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="is about files of POSIX")
ABOUT = {"kind": "tinylstm test", "version": 2}


def save(path, value=1.0):
    container.write(path, {"a": np.full(1000, value)}, ABOUT)


def value_in(path):
    return container.read(path)[0]["a"][0]


def mode_of(path):
    return stat.S_IMODE(path.stat().st_mode)


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "in").mkdir()
    return tmp_path / "in"


@pytest.mark.parametrize("mode", [0o600, 0o640, 0o666, 0o200])
def test_a_file_keeps_its_mode_and_is_no_more_open_while_it_is_written(folder, monkeypatch, mode):
    path, seen, fsync = folder / "w", [], os.fsync
    path.write_bytes(b"old")
    path.chmod(mode)

    def noted(number):
        if stat.S_ISREG(os.fstat(number).st_mode):
            seen.append(stat.S_IMODE(os.fstat(number).st_mode))
        fsync(number)

    monkeypatch.setattr(os, "fsync", noted)
    save(path)
    assert [one & ~mode for one in seen] == [0]
    assert mode_of(path) == mode


def test_a_new_file_has_the_mode_of_new_files(folder):
    before = os.umask(0o027)
    try:
        save(folder / "w")
    finally:
        os.umask(before)
    assert mode_of(folder / "w") == 0o640


def test_a_file_that_may_not_be_written_is_not_replaced(folder):
    path = folder / "w"
    path.write_bytes(b"old")
    path.chmod(0o444)
    with refused(PermissionError, "may not be written") as caught:
        save(path)
    assert "mode 0444" in str(caught.value)
    assert path.read_bytes() == b"old"
    assert os.listdir(folder) == ["w"]


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="is about root")
def test_root_leaves_a_file_to_its_owner(folder):
    path = folder / "w"
    path.write_bytes(b"old")
    os.chown(path, 12345, 23456)
    save(path)
    assert (path.stat().st_uid, path.stat().st_gid) == (12345, 23456)


def test_links_are_followed_and_other_names_keep_the_old_file(folder):
    save(folder / "w", 1.0)
    os.link(folder / "w", folder / "other name")
    (folder / "near").symlink_to("w")
    (folder / "far").symlink_to(folder / "near")
    save(folder / "far", 2.0)
    assert (folder / "far").is_symlink()
    assert (folder / "near").is_symlink()
    assert value_in(folder / "w") == 2.0
    assert value_in(folder / "other name") == 1.0
    (folder / "to nothing").symlink_to("new")
    save(folder / "to nothing", 3.0)
    assert value_in(folder / "new") == 3.0


def test_a_ring_of_links_stays(folder):
    (folder / "ring").symlink_to("ring")
    with refused(OSError, "levels of symbolic links"):
        save(folder / "ring")
    assert (folder / "ring").is_symlink()
    assert os.listdir(folder) == ["ring"]


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda path: os.mkfifo(path), "a named pipe"),
        (lambda path: path.symlink_to("/dev/null"), "a device"),
    ],
)
def test_a_pipe_and_a_device_stay_what_they_are(folder, make, said):
    make(folder / "w")
    kind = stat.S_IFMT((folder / "w").stat().st_mode)
    with refused(FileExistsError, "This is no file.") as caught:
        save(folder / "w")
    assert said in str(caught.value)
    assert stat.S_IFMT((folder / "w").stat().st_mode) == kind


def test_what_killed_processes_left_goes_and_nothing_else(folder):
    kept = [".w.1a2b3c4d.tmp.txt", ".w.1A2B3C4D.tmp", "w.1a2b3c4d.tmp", ".v.1a2b3c4d.tmp", ".w.tmp"]
    for name in (".w.1a2b3c4d.tmp", ".w.00000000.tmp", *kept):
        (folder / name).write_bytes(b"left")
    os.mkfifo(folder / ".w.11111111.tmp")
    (folder / ".w.22222222.tmp").mkdir()
    (folder / ".w.33333333.tmp").symlink_to(folder / ".w.tmp")
    kept += [".w.11111111.tmp", ".w.22222222.tmp", ".w.33333333.tmp"]
    save(folder / "w")
    assert sorted(os.listdir(folder)) == sorted([*kept, "w"])


def test_what_another_process_still_writes_is_left_alone(folder, monkeypatch):
    """A save begins while another is about to give its file the name."""
    path, replace = folder / "w", os.replace

    def meanwhile(fresh, target):
        monkeypatch.setattr(os, "replace", replace)
        save(path, 2.0)
        assert value_in(path) == 2.0
        replace(fresh, target)

    monkeypatch.setattr(os, "replace", meanwhile)
    save(path, 1.0)
    assert value_in(path) == 1.0
    assert os.listdir(folder) == ["w"]


def test_a_file_that_was_taken_for_one_that_is_left_is_written_again(folder, monkeypatch):
    """Another process looks at it after it was made, and before it is locked."""
    path, dup, looks = folder / "w", os.dup, []

    def late(number):
        monkeypatch.setattr(os, "dup", dup)
        looks.append(os.listdir(folder))
        replacing.remove_left(path)
        return dup(number)

    monkeypatch.setattr(os, "dup", late)
    save(path)
    assert value_in(path) == 1.0
    assert len(looks[0]) == 1
    assert os.listdir(folder) == ["w"]


def test_a_disk_without_locks_and_a_folder_that_is_not_synced_do(folder, monkeypatch):
    fcntl, fsync = pytest.importorskip("fcntl"), os.fsync

    def none(*_):
        raise OSError(95, "Operation not supported")

    monkeypatch.setattr(fcntl, "flock", none)
    monkeypatch.setattr(
        os, "fsync", lambda n: none() if stat.S_ISDIR(os.fstat(n).st_mode) else fsync(n)
    )
    (folder / ".w.1a2b3c4d.tmp").touch()
    save(folder / "w")
    assert sorted(os.listdir(folder)) == [".w.1a2b3c4d.tmp", "w"]  # which may be written still


def test_many_that_save_at_one_path_leave_one_file_that_is_whole(folder):
    path, wrong = folder / "w", []
    save(path, 0.0)

    def save_often(value):
        for _ in range(20):
            try:
                save(path, value)
                if value_in(path) not in range(4):
                    wrong.append(value_in(path))
            except Exception as reason:
                wrong.append(reason)

    threads = [threading.Thread(target=save_often, args=(float(k),)) for k in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
    assert os.listdir(folder) == ["w"]


NOT_ALLOWED = """
import os, sys
from pathlib import Path
from tinylstm import Dense, Sequential

folder = Path(sys.argv[1])
model = Sequential([Dense(1, input_shape=(2,))])
model.build((None, 2))
model.save_weights(folder / "w")
content = (folder / "w").read_bytes()

def refused(call, path):
    try:
        call(path)
    except PermissionError as reason:
        assert "Permission denied" in str(reason) and "Received: " in str(reason), reason
        assert str(path) in str(reason), reason
    else:
        raise AssertionError(path)

folder.chmod(0o555)
refused(model.save_weights, folder / "w")
refused(model.save_weights, folder / "new")
folder.chmod(0o000)
refused(model.save_weights, folder / "w")
refused(model.load_weights, folder / "w")
folder.chmod(0o333)  # not to be listed
model.save_weights(folder / "w")
folder.chmod(0o755)
(folder / "w").chmod(0o000)
refused(model.load_weights, folder / "w")
(folder / "w").chmod(0o600)
assert (folder / "w").read_bytes() == content
assert os.listdir(folder) == ["w"]
"""


def test_who_has_no_right_hears_it_and_leaves_all_as_it_was(folder):
    done = subprocess.run(
        [*OBEYING, "-c", NOT_ALLOWED, str(folder)],
        **{"cwd": ROOT, "capture_output": True, "text": True},
    )
    assert done.returncode == 0, done.stderr


def test_two_processes_end_with_one_of_their_files(folder):
    """A writer of another process, and this one."""
    model = Sequential([Dense(1, input_shape=(2,))])
    model.build((None, 2))
    other = subprocess.Popen(
        [sys.executable, "-c", TWO, str(folder / "w")],
        **{"cwd": ROOT, "stdout": subprocess.PIPE, "stdin": subprocess.PIPE},
    )
    with other:
        other.stdout.readline()
        for _ in range(30):
            model.save_weights(folder / "w")
            model.load_weights(folder / "w")
        other.stdin.close()
    assert other.returncode == 0
    model.load_weights(folder / "w")
    assert os.listdir(folder) == ["w"]


TWO = """
import select, sys
from tinylstm import Dense, Sequential
model = Sequential([Dense(1, input_shape=(2,))])
model.build((None, 2))
model.save_weights(sys.argv[1])
print(flush=True)
while not select.select([sys.stdin], [], [], 0)[0]:
    model.save_weights(sys.argv[1])
    model.load_weights(sys.argv[1])
"""
