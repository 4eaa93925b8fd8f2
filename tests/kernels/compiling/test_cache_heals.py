"""Whatever lies where a kernel's file or its lock should lie: the value is right, and all heals."""

import os
import pathlib
import pickle
import shutil
import signal
import time
from unittest import mock

import numpy as np
import pytest
from tinylstm.kernels import kernel
from tinylstm.kernels.compiling import COMPILED, cache, compile_kernel, locks, place
from tinylstm.kernels.signatures import signature
from tinylstm.kernels.training import losses

from tests.kernel_runs import RIGHT, file_of, in_child, plant, run_kernel, starting

resource = pytest.importorskip("resource", reason="is about files of POSIX")
pytestmark = pytest.mark.skipif(not COMPILED, reason="is about compiled kernels")

DAMAGED = "a damaged file of the kernel cache is made anew: "


@pytest.fixture(scope="module")
def filled_once(tmp_path_factory):
    folder = tmp_path_factory.mktemp("cache")
    assert run_kernel(folder) == (RIGHT, False, [])
    return folder


@pytest.fixture
def filled(filled_once, tmp_path):
    """A cache folder with one kernel."""
    return pathlib.Path(shutil.copytree(filled_once, tmp_path / "cache"))


def lies_in(folder):
    """Names of what lies in a cache folder."""
    return sorted(path.name for path in folder.glob("*/*"))


def heals(folder, expected=DAMAGED):
    """The value is right, one thing is said, and the next process finds all as it should be."""
    path = file_of(folder)
    value, loaded, (warned,) = in_child(lambda: run_kernel(folder))
    assert (value, loaded) == (RIGHT, False)
    assert warned.startswith(expected)
    assert str(path) in warned
    assert in_child(lambda: run_kernel(folder)) == (RIGHT, True, [])
    assert path.name in lies_in(folder)
    assert not [name for name in lies_in(folder) if not name.endswith(".nbc")]


def parts(path):
    """What a sound file of a kernel holds."""
    return list(pickle.loads(path.read_bytes()[32:]))


CONTENTS = {  # with the right digest
    "nothing": lambda path: b"",
    "no pickle": lambda path: b"no pickle",
    "half a pickle": lambda path: path.read_bytes()[32:900],
    "another object": lambda path: pickle.dumps({"kernel": 1}),
    "too few parts": lambda path: pickle.dumps(parts(path)[:3]),
    "what cannot be imported": lambda path: b"cnumba.former\nFormer\n.",
}
DEADLY = {  # machine code for which LLVM ends the process
    "garbage": lambda code: b"garbage" * 100,
    "half of it": lambda code: code[: len(code) // 2],
}


@pytest.mark.parametrize("content", CONTENTS)
def test_what_has_its_digest_and_is_no_kernel_is_made_anew(filled, content):
    path = file_of(filled)
    plant(path, CONTENTS[content](path))
    heals(filled)


@pytest.mark.parametrize("code", DEADLY)
def test_what_two_processes_have_died_of_is_made_anew_by_the_next(filled, code):
    path = file_of(filled)
    (name, kind, (machine_code, bitcode)), *others = parts(path)
    plant(path, pickle.dumps([(name, kind, (DEADLY[code](machine_code), bitcode)), *others]))
    for _ in range(2):
        assert in_child(lambda: run_kernel(filled)).startswith("ended with -")
    heals(filled)


def killed_while_it_loads(folder):
    """A process on a cache folder that somebody kills while LLVM reads."""

    def kill(*_):
        os.kill(os.getpid(), signal.SIGKILL)

    with mock.patch.object(cache.compiler.CompileResult, "_rebuild", kill):
        assert in_child(lambda: run_kernel(folder)) == f"ended with -{signal.SIGKILL:d}"


def test_a_process_that_is_killed_while_it_loads_costs_no_file(filled):
    for _ in range(3):  # what was loaded between two deaths is sound
        killed_while_it_loads(filled)
        assert in_child(lambda: run_kernel(filled)) == (RIGHT, True, [])
        assert lies_in(filled) == [file_of(filled).name]


def test_two_that_are_killed_one_after_the_other_cost_a_file(filled):
    killed_while_it_loads(filled)
    killed_while_it_loads(filled)
    heals(filled)


def called(one):
    assert one(np.ones((2, 2), "f"), np.zeros((2, 2), "f"), np.ones(2, "f")) == 2


WAYS = {
    "in a thread of its own": lambda one: compile_kernel(one, signature(one, "float32")),
    "where it is called": called,
}


@pytest.mark.parametrize("way", WAYS)
def test_a_warning_names_the_line_that_led_to_it(filled, way):
    plant(file_of(filled), b"no pickle")
    one = kernel(losses.squared_errors.py_func)
    with starting(filled), pytest.warns(UserWarning, match=DAMAGED) as caught:
        WAYS[way](one)
    lines = {line for *_, line in WAYS[way].__code__.co_lines()}
    assert [warning.filename for warning in caught] == [__file__]
    assert caught[0].lineno in lines


def test_another_kernels_file_or_that_of_other_sources_is_not_taken(filled):
    path = file_of(filled)
    other = path.with_name(
        "losses.absolute_errors" + path.name.removeprefix("losses.squared_errors")
    )
    plant(other, path.read_bytes()[32:])
    other.replace(path)
    heals(filled)
    former = path.parents[1] / ("kernels-" + "0" * 20) / path.name
    plant(former, path.read_bytes()[32:])
    former.replace(path)
    shutil.rmtree(former.parent)
    heals(filled)


def full_folder(path):
    (path / "below").mkdir(parents=True)
    (path / "below" / "file").touch()


def link_to_a_pipe(path):
    os.mkfifo(path.parents[2] / "pipe")
    path.symlink_to(path.parents[2] / "pipe")


KINDS = {
    "a pipe": os.mkfifo,
    "a folder": full_folder,
    "a link to nothing": lambda path: path.symlink_to("nothing"),
    "a link to a pipe": link_to_a_pipe,
    "a link to itself": lambda path: path.symlink_to(path.name),
}


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_no_file_in_a_files_place_is_replaced(filled, kind):
    path = file_of(filled)
    path.unlink()
    KINDS[kind](path)
    heals(filled)


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_no_file_in_a_locks_place_is_replaced(filled, kind):
    path = file_of(filled)
    path.unlink()
    KINDS[kind](path.with_suffix(".lock"))
    assert in_child(lambda: run_kernel(filled)) == (RIGHT, False, [])
    assert in_child(lambda: run_kernel(filled)) == (RIGHT, True, [])
    assert lies_in(filled) == [path.name]


def test_a_full_disk_is_said_once_and_leaves_nothing(filled):
    path = file_of(filled)
    path.unlink()

    def with_little_room():
        resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
        return [run_kernel(filled, dtype) for dtype in ("float32", "float64")]

    for value, loaded, (warned,) in in_child(with_little_room):
        assert (value, loaded) == (RIGHT, False)
        assert warned.startswith("the kernel cache could not be written")
        assert str(path.parent) in warned
        assert "TINYLSTM_CACHE_DIR" in warned
    assert lies_in(filled) == []
    assert in_child(lambda: run_kernel(filled)) == (RIGHT, False, [])


def test_what_dead_processes_left_is_dropped_after_an_hour(filled):
    path, now = file_of(filled), time.time()
    path.unlink()
    left = [
        path.with_name(f"{name}{end}") for end in (".part", ".lock", ".loading") for name in "ab"
    ]
    for k, one in enumerate(left):
        one.touch()
        os.utime(one, (now, now + 4000 * (-1) ** k))
    path.with_name("young.part").touch()
    assert run_kernel(filled) == (RIGHT, False, [])
    assert lies_in(filled) == [path.name, "young.part"]


def test_a_folder_that_is_deleted_while_it_is_used_is_made_again(filled):
    def with_deletion():
        save = cache.save

        def saving(*arguments):
            shutil.rmtree(filled)
            save(*arguments)

        cache.save = saving
        return run_kernel(filled, "float64")

    assert in_child(with_deletion) == (RIGHT, False, [])
    assert lies_in(filled) == [file_of(filled, "float64").name]
    assert in_child(lambda: run_kernel(filled, "float64")) == (RIGHT, True, [])


def test_the_newest_folder_is_kept_where_former_ones_are_of_the_future(tmp_path):
    for k in range(10):
        former = tmp_path / f"kernels-{k:020x}"
        former.mkdir()
        os.utime(former, (4_000_000_000 + k,) * 2)
    assert run_kernel(tmp_path) == (RIGHT, False, [])
    assert run_kernel(tmp_path) == (RIGHT, True, [])


NO_FOLDER = "tinylstm compiles its kernels anew in each process: no cache folder"


@pytest.mark.parametrize("named", ["file", "file/below", "a/" * 2500, "x" * 5000, "gone/below"])
def test_where_there_can_be_no_folder_it_is_said_in_one_sentence(tmp_path, named, monkeypatch):
    (tmp_path / "file").touch()
    (tmp_path / "gone").symlink_to("nothing")
    value, loaded, (warned,) = run_kernel(tmp_path / named)
    assert (value, loaded) == (RIGHT, False)
    assert warned.startswith(NO_FOLDER)
    assert warned.endswith(
        "Set TINYLSTM_CACHE_DIR to a folder that you can write to, and nobody else."
    )
    assert len(warned) < 800


def test_names_of_folders_are_taken_as_a_shell_would(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for named in ("relative/one", "~/two", ""):
        variables = {"HOME": str(tmp_path / "home"), "XDG_CACHE_HOME": str(tmp_path / "default")}
        assert run_kernel(named, **variables) == (RIGHT, False, [])
    folders = {str(path.parents[1].relative_to(tmp_path)) for path in tmp_path.rglob("*.nbc")}
    assert folders == {"relative/one", "home/two", "default/tinylstm"}


def test_in_a_folder_that_is_gone_a_relative_name_is_none(tmp_path):
    def in_no_folder():
        (tmp_path / "gone").mkdir()
        os.chdir(tmp_path / "gone")
        (tmp_path / "gone").rmdir()
        with starting("relative"), pytest.warns(UserWarning, match=NO_FOLDER):
            return place.folder()

    assert in_child(in_no_folder) is None


def test_a_process_that_waits_for_a_stopped_one_says_so_and_goes_on(filled, monkeypatch):
    path = file_of(filled)
    path.unlink()
    monkeypatch.setattr(locks, "PATIENCE", 0.1)
    holder = locks.acquire(path.with_suffix(".lock"), patience=0)
    value, loaded, (warned,) = run_kernel(filled)
    holder.release()
    assert (value, loaded) == (RIGHT, False)
    assert warned.startswith("tinylstm waits no longer for another process")
    assert str(path) in warned
    assert run_kernel(filled) == (RIGHT, True, [])
