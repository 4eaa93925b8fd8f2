"""Machine code is taken from the user and from root, and from nobody else.

Planted code is a file that ends the process when it is loaded.
"""

import os
import pathlib
import pickle
import stat
import tempfile

import pytest
from tinylstm.kernels.compiling import COMPILED, trust

from tests.kernel_runs import RIGHT, Planted, file_of, in_child, plant, run_kernel

posix = pytest.mark.skipif(not trust.POSIX, reason="is about owners and modes of POSIX")
root = pytest.mark.skipif(
    not (trust.POSIX and os.geteuid() == 0 and COMPILED), reason="makes files of other users"
)
ME, OTHER = 31_001, 31_002  # numbers of users
NO_FOLDER = "tinylstm compiles its kernels anew in each process: no cache folder. "
WAY_OUT = "Set TINYLSTM_CACHE_DIR to a folder that you can write to, and nobody else."


def status(mode, owner):
    return os.stat_result((mode, 0, 0, 1, owner, 0, 0, 0, 0, 0))


FOLDER, LINK, STICKY = stat.S_IFDIR, stat.S_IFLNK, stat.S_ISVTX
FLAWS = {  # mode, owner, whether it is above ours, what is wrong
    "my folder": (FOLDER | 0o755, ME, False, None),
    "root's": (FOLDER | 0o755, 0, False, None),
    "another user's": (FOLDER | 0o700, OTHER, False, "belongs to another user, number 31002"),
    "open to a group": (FOLDER | 0o770, ME, False, "can be written by others"),
    "open to all": (FOLDER | 0o707, ME, False, "can be written by others"),
    "sticky, and not above": (FOLDER | STICKY | 0o777, 0, False, "can be written by others"),
    "sticky above": (FOLDER | STICKY | 0o777, 0, True, None),
    "another user's sticky one": (FOLDER | STICKY | 0o755, OTHER, True, "belongs to another user"),
    "open to all above": (FOLDER | 0o777, 0, True, "can be written by others"),
    "my link": (LINK | 0o777, ME, True, None),
    "another user's link": (LINK | 0o777, OTHER, True, "belongs to another user"),
}


@posix
@pytest.mark.parametrize("case", FLAWS)
def test_only_the_user_and_root_may_have_written(case, monkeypatch):
    monkeypatch.setattr(trust.os, "geteuid", lambda: ME)
    mode, owner, above, expected = FLAWS[case]
    wrong = trust.flaw("/a folder", status(mode, owner), above)
    assert (wrong or "None").startswith(str(expected))
    if expected and "written" in expected:
        assert wrong.endswith("(chmod go-w '/a folder')")


@posix
def test_the_way_to_a_folder_goes_by_each_link_and_begins_at_the_home(tmp_path, monkeypatch):
    (tmp_path / "real" / "below").mkdir(parents=True)
    (tmp_path / "second").symlink_to("real")
    (tmp_path / "first").symlink_to(tmp_path / "second")
    way = [path for path in trust.way_to(tmp_path / "first" / "below") if path != tmp_path]
    names = [str(path.relative_to(tmp_path)) for path in way if tmp_path in path.parents]
    assert names == ["first", "second", "real", "first/below"]
    assert way[0].parent == way[0]
    monkeypatch.setattr(trust, "HOME", tmp_path)
    assert next(trust.way_to(tmp_path / "real")) == tmp_path


@posix
@pytest.mark.parametrize("umask", [0o000, 0o022, 0o777], ids=oct)
def test_folders_and_files_are_the_users_alone_whatever_the_umask(tmp_path, umask, monkeypatch):
    monkeypatch.setattr(trust.os, "geteuid", lambda: ME)
    monkeypatch.setattr(trust, "need_trusted", lambda folder, above: None)
    before = os.umask(umask)
    try:
        trust.make_folder(tmp_path / "a" / "b")
        trust.write_file(tmp_path / "a" / "file", b"data")
    finally:
        os.umask(before)
    modes = {path.name: oct(path.stat().st_mode & 0o777) for path in tmp_path.rglob("*")}
    assert modes == {"a": "0o700", "b": "0o700", "file": "0o600"}


def folder_of(owner, mode, path):
    """A cache folder with planted code in it."""
    plant(file_of(path), pickle.dumps(Planted()))
    for one in [path, *path.rglob("*")]:
        os.chown(one, owner, owner)
    path.chmod(mode)
    return path


@pytest.fixture(scope="module")
def imported(tmp_path_factory):
    """All that a compilation imports: another user cannot read every installation."""
    run_kernel(tmp_path_factory.mktemp("cache"))


@pytest.fixture
def open_place(imported):
    """A folder as /tmp, which every user can come to, other than pytest's."""
    with tempfile.TemporaryDirectory() as name:
        path = pathlib.Path(name)
        path.chmod(0o755)
        (path / "tmp").mkdir()
        (path / "tmp").chmod(0o1777)
        yield path / "tmp"


def linked(place, path):
    os.chown(path, ME, ME)
    (place / "link").symlink_to(path)
    os.lchown(place / "link", OTHER, OTHER)
    return place / "link"


PLANTED = {  # where planted code lies; what is said of it
    "another user's folder": lambda t: folder_of(OTHER, 0o755, t / "x"),
    "a folder open to a group": lambda t: folder_of(ME, 0o775, t / "x"),
    "a folder open to all": lambda t: folder_of(ME, 0o777, t / "x"),
    "a sticky folder open to all": lambda t: folder_of(OTHER, 0o1777, t / "x"),
    "another user's link": lambda t: linked(t, folder_of(ME, 0o755, t / "x")),
    "below another user's folder": lambda t: folder_of(OTHER, 0o755, t / "x") / "new" / "one",
}


@root
@pytest.mark.parametrize("case", PLANTED)
def test_planted_code_is_not_run_and_the_folder_is_named(open_place, case):
    cache = PLANTED[case](open_place)
    before = sorted(open_place.rglob("*"))
    value, loaded, (warned,) = in_child(lambda: run_kernel(cache), user=ME)
    assert (value, loaded) == (RIGHT, False)
    assert warned.startswith(f"{NO_FOLDER}{open_place / 'x'}" if "link" not in case else NO_FOLDER)
    assert warned.endswith(WAY_OUT)
    assert sorted(open_place.rglob("*")) == before


@root
@pytest.mark.parametrize("wrong", ["owner", "mode", "link"])
def test_a_planted_file_in_a_folder_of_ones_own_is_replaced(open_place, wrong):
    cache = folder_of(ME, 0o755, open_place / "x")
    (path,) = cache.rglob("*.nbc")
    other = open_place / "file of another"
    if wrong == "link":
        path.rename(other)
        path.symlink_to(other)
        os.lchown(path, ME, ME)
    elif wrong == "owner":
        os.chown(path, OTHER, OTHER)
    else:
        path.chmod(0o666)
    value, loaded, (warned,) = in_child(lambda: run_kernel(cache), user=ME)
    assert (value, loaded) == (RIGHT, False)
    assert warned.startswith("a damaged file of the kernel cache is made anew: ")
    assert str(path) in warned
    assert path.lstat().st_mode == stat.S_IFREG | 0o600
    assert in_child(lambda: run_kernel(cache), user=ME) == (RIGHT, True, [])
    assert other.exists() == (wrong == "link")


@root
@pytest.mark.parametrize("umask", [0, 0o077], ids=oct)
def test_what_root_compiled_all_users_load_and_cannot_change(open_place, umask):
    shared = open_place.parent / "shared"
    assert in_child(lambda: run_kernel(shared), umask=umask) == (RIGHT, False, [])
    for user in (ME, OTHER):
        assert in_child(lambda: run_kernel(shared), user=user) == (RIGHT, True, [])
        missing = in_child(lambda: run_kernel(shared, "float64"), user=user)
        assert missing[:2] == (RIGHT, False)
        assert missing[2][0].startswith("tinylstm compiles anew in each process what is not in")
    assert not any(path.stat().st_mode & trust.OTHERS for path in [shared, *shared.rglob("*")])


@root
def test_a_user_may_have_a_folder_in_one_like_tmp(open_place):
    cache = open_place / "mine"
    assert in_child(lambda: run_kernel(cache), user=ME) == (RIGHT, False, [])
    assert in_child(lambda: run_kernel(cache), user=ME) == (RIGHT, True, [])
    assert in_child(lambda: run_kernel(cache), user=OTHER)[:2] == (RIGHT, False)


def test_where_there_are_no_owners_nothing_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(trust, "POSIX", False)
    tmp_path.chmod(0o777)
    trust.need_trusted(tmp_path)
    trust.write_file(tmp_path / "file", b"data")
    assert trust.read_file(tmp_path / "file") == b"data"
