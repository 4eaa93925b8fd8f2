"""A clone stays small: nothing that a run leaves behind is part of it."""

import subprocess
from pathlib import Path

import pytest

from tests import ROOT

LARGEST = 500_000  # bytes of a file; the largest are notebooks with figures
TOP = {
    *(".ci", "tinylstm", "kernels", "tests", "demos", "docs"),
    *("setup.cfg", "pyproject.toml", ".gitignore"),
    *("README.md", "CHANGELOG.md", "CONTRIBUTING.md", "LICENSE"),
}
pytestmark = [
    pytest.mark.quick,
    pytest.mark.skipif(not (ROOT / ".git").exists(), reason="this is no clone"),
]


def files():
    """Paths of all files that are part of the project, from its top."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True)
    return [Path(name) for name in listed.stdout.decode().split("\0") if name]


def test_no_large_file_is_part_of_the_project():
    sizes = {path: (ROOT / path).stat().st_size for path in files() if (ROOT / path).is_file()}
    assert len(sizes) > 500
    assert {path: size for path, size in sizes.items() if size > LARGEST} == {}


def test_nothing_else_is_at_the_top():
    assert {path.parts[0] for path in files()} == TOP
