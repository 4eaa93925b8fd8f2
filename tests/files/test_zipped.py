"""Zip archives of somebody else: what is wrong with one is said, and nothing else is put on it."""

import os
import zipfile

import pytest

from tests.snapshots import refused
from tinylstm.files import zipped
from tinylstm.files.opening import opened_file
from tinylstm.files.refusals import Damaged

pytestmark = pytest.mark.quick


@pytest.fixture
def path(tmp_path):
    """An archive of one member."""
    with zipfile.ZipFile(tmp_path / "a", "w") as archive:
        archive.writestr("b", b"content" * 9)
    return tmp_path / "a"


@pytest.mark.parametrize("kind", [ValueError, RuntimeError, NotImplementedError, EOFError])
def test_what_goes_wrong_with_its_members_elsewhere_is_not_put_on_the_archive(path, kind):
    with pytest.raises(kind, match="elsewhere"):  # noqa: SIM117
        with zipped.file_at(path) as (file, size), zipped.opened(file, size):
            raise kind("elsewhere")


def test_a_member_with_another_checksum_is_put_on_the_archive(path):
    made = bytearray(path.read_bytes())
    made[40] ^= 1
    path.write_bytes(made)
    with (
        zipped.file_at(path) as (file, size),
        zipped.opened(file, size) as archive,
        zipped.member_of(archive, "b") as member,
        pytest.raises(Damaged, match="no sound zip"),
    ):
        zipped.read_of(member, 1000)


def test_whatever_is_no_file_is_refused_without_waiting_for_it(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "link").symlink_to(tmp_path / "nothing")
    for name in ("pipe", "link", "none", "."):
        with refused(FileNotFoundError, "no such file"), opened_file(tmp_path / name):
            pass
