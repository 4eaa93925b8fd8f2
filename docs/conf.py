"""The site: ``sphinx-build -W docs docs/_build`` builds it, and runs every notebook on the way."""

import hashlib
import os
import re
import subprocess
import sys
from pathlib import Path

from docutils import nodes
from latex2mathml.converter import convert
from sphinx.util import logging

root = Path(__file__).parent.parent
sys.path.insert(0, str(root))  # of this checkout, whatever is installed; and so for the notebooks
os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, [str(root), os.environ.get("PYTHONPATH")]))

import tinylstm  # noqa: E402

project = "tinylstm"
author = "the authors of tinylstm"
copyright = author
release = version = tinylstm.__version__

extensions = [
    "myst_nb",
    "sphinx.ext.autodoc",
    "sphinx.ext.napoleon",
    "sphinx.ext.viewcode",
]
exclude_patterns = ["_build", "**.ipynb"]  # the other half of each pair, see tutorials/index.md
default_role = "py:obj"  # `Sequential` in a docstring is a link where there is a page for it

html_theme = "furo"
html_title = f"tinylstm {release}"
html_show_sphinx = False
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_math_renderer = "mathml"  # of `setup`: formulas that a browser shows by itself

myst_enable_extensions = ["colon_fence", "dollarmath"]
myst_heading_anchors = 4  # links to headings, as a git host makes them

sources = sorted(path for name in ("kernels", "tinylstm") for path in (root / name).rglob("*.py"))
stamp = hashlib.sha256(b"".join(path.read_bytes() for path in sources)).hexdigest()[:16]
nb_execution_mode = "cache"  # a notebook runs again where it or the engine has changed
nb_execution_cache_path = str(Path(__file__).parent / "_build" / ".notebooks" / stamp)
nb_execution_raise_on_error = True
nb_execution_timeout = 300  # seconds a cell
nb_execution_show_tb = True
nb_merge_streams = True  # what a cell prints is one block

REPORTS = "letter", "steps", "stateful", "modes", "cosine-right"  # demos with a page in the site
PARTS = ".py", ".js", ".mjs", ".css", ".html"  # of what makes such a page
made_of = sorted(
    path
    for name in ("kernels", "tinylstm", "demos")
    for path in (root / name).rglob("*")
    if path.suffix in PARTS
)
page_stamp = hashlib.sha256(b"".join(path.read_bytes() for path in made_of)).hexdigest()

autodoc_member_order = "bysource"
autodoc_default_options = {"members": True}
autodoc_typehints = "none"  # a docstring says more
maximum_signature_line_length = 100  # a longer one has a line for each argument
napoleon_google_docstring = False
napoleon_use_ivar = True


ESCAPED = re.compile(r"\||(?<=^    [A-Z])\.")


def plain_docstring(app, what, name, thing, options, lines):
    """Docstrings are plain text: bars are bars, ``H.`` is no item, ``Source: ...`` is a section."""
    if what == "property":  # napoleon takes what stands before a colon for a type
        lines[:1] = [lines[0].replace(": ", "; ")]
    literal, result = False, []
    for line in lines:
        if line.strip() and not line.startswith(" "):
            literal = False
        if line.startswith("Source: "):
            result += ["Notes", "-----"]
        result.append(line if literal else ESCAPED.sub(r"\\\g<0>", line))
        literal = literal or line.endswith("::")
    lines[:] = result


def check_stderr(app, doctree):
    """A warning in a cell is one of the build; that kernels are being compiled is none."""
    for block in list(doctree.findall(nodes.literal_block)):
        if "stderr" in block["classes"]:
            if not re.match(r"\s*tinylstm compiles (its|\d+) kernels?, once", block.astext()):
                logging.getLogger(__name__).warning(
                    "a cell warns: %s", block.astext(), location=block
                )
            block.parent.remove(block)


def write_inline(writer, node):
    """A formula in a line as MathML, which needs no script, and so no network."""
    writer.body.append(convert(node.astext()))
    raise nodes.SkipNode


def write_block(writer, node):
    """The same, in lines of its own."""
    formula = convert(node.astext(), display="block")
    writer.body.append(f'<div class="formula">{formula}</div>\n')
    raise nodes.SkipNode


def keep_notebooks_inside(app):
    """What myst-nb writes beside the folder of the site goes into it."""
    folder = str(Path(app.outdir) / ".jupyter_execute")
    app.env.mystnb_config = app.env.mystnb_config.copy(output_folder=folder)


def link_reports(app, doctree):
    """Where a page names the command that writes a demo's report, it opens the one of the site."""
    for command in list(doctree.findall(nodes.literal)):
        found = re.fullmatch(r"python -m tinylstm report (\S+)", command.astext())
        if found and found[1] in REPORTS:
            place = "../" * app.env.docname.count("/") + f"reports/{found[1]}.html"
            link = nodes.reference("", "", command.deepcopy(), refuri=place, internal=True)
            command.replace_self(link)


def write_reports(app, failure):
    """Train the demos whose tutorials are in the site, and write their pages, if those are old."""
    names = [name for name in REPORTS if f"tutorials/{name}" in app.env.found_docs]
    if failure or app.builder.format != "html" or not names:
        return
    folder = Path(app.outdir) / "reports"
    folder.mkdir(exist_ok=True)
    stamp = folder / ".stamp"
    if stamp.is_file() and stamp.read_text(encoding="utf-8") == page_stamp:
        return
    for name in names:
        command = [sys.executable, "-m", "tinylstm", "report", name]
        path = folder / f"{name}.html"
        subprocess.run([*command, "--path", path], check=True, stdout=subprocess.DEVNULL)
    stamp.write_text(page_stamp, encoding="utf-8")


def setup(app):
    """Docstrings are made ready before napoleon, folders after myst-nb, which have 500."""
    app.add_html_math_renderer("mathml", (write_inline, None), (write_block, None))
    app.connect("builder-inited", keep_notebooks_inside, priority=600)
    app.connect("autodoc-process-docstring", plain_docstring, priority=400)
    app.connect("doctree-read", check_stderr)
    app.connect("doctree-read", link_reports)
    app.connect("build-finished", write_reports)
