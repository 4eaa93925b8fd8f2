"""The site builds without a warning, every notebook in it runs, and each has its pair.

``TINYLSTM_SITE`` names a folder where it was built a moment ago; otherwise it is built here.
"""

import os
import re
import subprocess
import sys
import zlib
from html import unescape
from pathlib import Path

import jupytext
import pytest
from tinylstm.demos import DEMOS

import tinylstm
from tests.documents import NOTEBOOKS, PAGES, ROOT
from tinylstm import plotting

DOCS = ROOT / "docs"
PRINTED = re.compile(r'(?s)<div class="output stream.*?<pre>(.*?)</pre>')
TAG = re.compile(r"<[^>]*>")
WORD = re.compile(r"[a-z]{2,}")
REPORT = re.compile(r"`python -m tinylstm report ([\w-]+)`")
LINK = re.compile(r"\]\(([^)\s]+)\)")
LOADED = re.compile(r'<(?:script|link|img|iframe|source)\b[^>]*?(?:src|href)="([^"]*)"')
AS_TYPED = re.compile(r"(?s)<(pre|code|script|style)\b.*?</\1>")  # where TeX would be meant
named = pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)


def build(source, target):
    """Run sphinx-build, and so every cell; every warning is an error."""
    run_all = ["-D", f"nb_execution_cache_path={target / '.notebooks'}"]
    command = [sys.executable, "-m", "sphinx", "-W", "-q", "-c", DOCS, *run_all, source, target]
    return subprocess.run(command, capture_output=True, text=True)


def build_page(folder, cell):
    """Build a site of one page with one cell."""
    (folder / "docs").mkdir()
    header = NOTEBOOKS[0].read_text(encoding="utf-8").split("---\n")[1]
    page = f"---\n{header}---\n\n# A page\n\n```{{code-cell}} ipython3\n{cell}\n```\n"
    (folder / "docs" / "index.md").write_text(page, encoding="utf-8")
    return build(folder / "docs", folder / "site")


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


def pages_of(site):
    """The HTML of every page, by its path."""
    return {path: path.read_text(encoding="utf-8") for path in site.rglob("*.html")}


def test_no_page_loads_anything_from_another_host(site):
    loaded = {place for html in pages_of(site).values() for place in LOADED.findall(html)}
    assert any(place.startswith("_static/") for place in loaded)
    assert not [place for place in loaded if place.startswith(("http:", "https:", "//"))]
    for path in site.rglob("*.css"):
        assert not re.search(r"(url\(|@import)\W*(https?:)?//", path.read_text(encoding="utf-8"))


def test_the_pages_of_five_demos_open_from_their_tutorials(site):
    tutorials = {path: REPORT.findall(path.read_text(encoding="utf-8")) for path in NOTEBOOKS}
    named = [(path, name) for path, names in tutorials.items() for name in names]
    assert len(named) >= 5
    for path, name in named:
        assert path.stem == name
        html = (site / path.relative_to(DOCS).with_suffix(".html")).read_text(encoding="utf-8")
        page = site / "reports" / f"{name}.html"
        assert f'href="../reports/{name}.html"' in html
        assert 1e5 < page.stat().st_size <= 1.5e6
        assert html_title(page).startswith(DEMOS[name].title(name))


def html_title(page):
    """What stands in the head of a page."""
    return unescape(re.search("<title>(.*?)</title>", page.read_text(encoding="utf-8"))[1])


def test_formulas_need_no_script_and_no_tex_is_left(site):
    for path in PAGES[1:]:
        html = (site / path.relative_to(DOCS).with_suffix(".html")).read_text(encoding="utf-8")
        text = re.sub(r"(?s)```.*?```|`[^`]*`", "", path.read_text(encoding="utf-8"))
        assert html.count("<math") == len(re.findall(r"(?s)(\$\$?)[^$]+\1", text)), path
    for path, html in pages_of(site).items():
        assert "\\" not in TAG.sub("", AS_TYPED.sub("", html)), path


def test_a_docstring_is_shown_as_it_is_read(site):
    for path in (site / "api").glob("*.html"):
        html = path.read_text(encoding="utf-8")
        assert not re.search(r"<em>\w+,</em>", html), f"{path}: names of a section that has types"
        assert "<ol" not in html, f"{path}: a letter is taken for the number of an item"


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
    assert cells[0] == cells[1], f"run: python -m tests.notebooks {path.relative_to(ROOT)}"


@named
def test_links_of_a_pair_lead_to_what_is_beside_it_in_the_checkout(path):
    cells = jupytext.read(path.with_suffix(".ipynb")).cells
    text = "\n".join(cell.source for cell in cells if cell.cell_type == "markdown")
    links = [link for link in LINK.findall(text) if not link.startswith(("https:", "#"))]
    assert links
    for link in links:
        assert (path.parent / link.partition("#")[0]).is_file(), link


@named
def test_a_pair_shows_what_the_cells_print_and_draw(site, path):
    html = (site / path.relative_to(DOCS).with_suffix(".html")).read_text(encoding="utf-8")
    printed = "".join(unescape(TAG.sub("", block)) for block in PRINTED.findall(html))
    cells = jupytext.read(path.with_suffix(".ipynb")).cells
    outputs = [output for cell in cells for output in cell.get("outputs", [])]
    kept = "".join(output.get("text", "") for output in outputs)
    # Numbers and letters that a trained model gives are another processor's in their last bits, and
    # in what follows from them: one more letter may be wrong. The words around them are the page's.
    words = [sorted(set(WORD.findall(text))) for text in (kept, printed)]
    assert words[0] == words[1], f"run: python -m tests.notebooks {path.relative_to(ROOT)}"
    figures = sum("image/png" in output.get("data", {}) for output in outputs)
    assert figures == len(re.findall(r'src="[^"]*_images/', html))


def test_the_notebooks_show_every_figure():
    text = "".join(path.read_text(encoding="utf-8") for path in NOTEBOOKS)
    assert [name for name in plotting.__all__ if f"plotting.{name}(" not in text] == []


def test_the_notebooks_are_small():
    assert sum(path.with_suffix(".ipynb").stat().st_size for path in NOTEBOOKS) < 1.5e6


@pytest.mark.parametrize(
    ("cell", "complaint"),
    [
        ("1 / 0", "ZeroDivisionError"),
        ("import warnings; warnings.warn('look out')", "look out"),
    ],
)
def test_a_cell_that_raises_or_warns_fails_the_build(tmp_path, cell, complaint):
    built = build_page(tmp_path, cell)
    assert built.returncode != 0
    assert complaint in built.stderr


def test_the_build_writes_into_its_folder_alone(tmp_path):
    built = build_page(tmp_path, "1")
    assert built.returncode == 0, built.stderr
    assert sorted(os.listdir(tmp_path)) == ["docs", "site"]
    assert os.listdir(tmp_path / "docs") == ["index.md"]


def test_that_kernels_are_compiled_is_not_in_the_page(tmp_path):
    cell = (
        "from tinylstm.kernels.compiling.cache import announce_compilation\nannounce_compilation()"
    )
    built = build_page(tmp_path, cell)
    assert built.returncode == 0, built.stderr
    html = (tmp_path / "site" / "index.html").read_text(encoding="utf-8")
    assert "some 10 seconds" not in html
    assert "announce_compilation" in html
