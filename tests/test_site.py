"""The site builds without a warning, every notebook in it runs, and each has its pair.

``TINYLSTM_SITE`` names a folder where it was built a moment ago; otherwise it is built here.
"""

import os
import re
import subprocess
import sys
import zlib
from pathlib import Path

import jupytext
import pytest

import tinylstm

from .documents import NOTEBOOKS, PAGES, ROOT

DOCS = ROOT / "docs"
named = pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)


def build(source, target, *options):
    """Run sphinx-build, which turns every warning into an error."""
    command = [sys.executable, "-m", "sphinx", "-W", "-q", "-c", DOCS, *options, source, target]
    return subprocess.run(command, capture_output=True, text=True)


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """The folder with the pages."""
    if "TINYLSTM_SITE" in os.environ:
        return Path(os.environ["TINYLSTM_SITE"])
    folder = tmp_path_factory.mktemp("site")
    built = build(DOCS, folder)
    assert built.returncode == 0, built.stderr
    return folder


def test_every_page_is_in_the_site(site):
    for path in PAGES[1:]:
        assert (site / path.relative_to(DOCS).with_suffix(".html")).is_file(), path


def test_every_public_name_is_in_the_reference(site):
    lines = (site / "objects.inv").read_bytes().split(b"\n", 4)[4]
    known = re.findall(r"(?m)^(\S+) py:", zlib.decompress(lines).decode())
    names = {name.rpartition(".")[2] for name in known}
    assert not set(tinylstm.__all__) - names


@named
def test_every_cell_has_run_and_figures_are_there(site, path):
    html = (site / path.relative_to(DOCS).with_suffix(".html")).read_text(encoding="utf-8")
    cells = [cell for cell in jupytext.read(path).cells if cell.cell_type == "code"]
    assert html.count('<div class="cell_input') == len(cells)
    draws = any("plotting." in cell.source or ".plot(" in cell.source for cell in cells)
    assert not draws or "_images/" in html
    assert html.count('class="output') > 0


@named
def test_a_notebook_and_its_pair_agree(path):
    text, pair = jupytext.read(path), jupytext.read(path.with_suffix(".ipynb"))
    cells = [[(cell.cell_type, cell.source) for cell in book.cells] for book in (text, pair)]
    assert cells[0] == cells[1], f"run: jupytext --sync {path.relative_to(ROOT)}"
    assert not any(cell.get("outputs") for cell in pair.cells)


def test_a_cell_that_raises_fails_the_build(tmp_path):
    source = tmp_path / "docs"
    source.mkdir()
    header = NOTEBOOKS[0].read_text(encoding="utf-8").split("---\n")[1]
    cell = "```{code-cell} ipython3\n1 / 0\n```\n"
    (source / "index.md").write_text(f"---\n{header}---\n\n# A page\n\n{cell}", encoding="utf-8")
    built = build(source, tmp_path / "site")
    assert built.returncode != 0
    assert "ZeroDivisionError" in built.stderr
