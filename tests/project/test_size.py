"""A clone stays small: nothing that a run leaves behind is part of it."""

import subprocess

import pytest

from tests import ROOT

LARGEST = 500_000  # bytes of a file; the largest are notebooks with figures


@pytest.mark.quick
@pytest.mark.skipif(not (ROOT / ".git").exists(), reason="this is no clone")
def test_no_large_file_is_part_of_the_project():
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True)
    paths = [ROOT / name for name in listed.stdout.decode().split("\0") if name]
    sizes = {path: path.stat().st_size for path in paths if path.is_file()}
    assert len(sizes) > 500
    assert {path: size for path, size in sizes.items() if size > LARGEST} == {}
