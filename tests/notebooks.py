"""The notebooks of the documents, run: each page of cells into its ``.ipynb``, with what it shows.

    python -m tests.notebooks
    python -m tests.notebooks docs/claims.md

runs all of them, or those that are named. Messages on the standard error are left out; a cell that
raises ends the command.
"""

import base64
import io
import sys
from pathlib import Path

import jupytext
import nbformat
from nbclient import NotebookClient
from PIL import Image

from .documents import NOTEBOOKS, ROOT

KEPT = ("jupytext", "kernelspec")  # of a notebook's metadata: the rest is of this machine
COLOURS = 256  # of a figure


def run(path):
    """The notebook of a page, after its cells have run."""
    book = jupytext.read(path)
    NotebookClient(
        book, timeout=300, coalesce_streams=True, resources={"metadata": {"path": path.parent}}
    ).execute()
    book.metadata = {name: book.metadata[name] for name in KEPT}
    for number, cell in enumerate(book.cells):
        cell.id, cell.metadata = f"cell-{number}", {}
        if cell.cell_type == "code":
            cell.outputs = [kept for kept in cell.outputs if kept.get("name") != "stderr"]
            for output in cell.outputs:
                make_small(output.get("data", {}))
    return book


def make_small(shown):
    """Reduce the colours of a figure: a third of the bytes."""
    if "image/png" in shown:
        image, packed = Image.open(io.BytesIO(base64.b64decode(shown["image/png"]))), io.BytesIO()
        image.convert("RGB").quantize(COLOURS).save(packed, "PNG", optimize=True)
        shown["image/png"] = base64.b64encode(packed.getvalue()).decode()


if __name__ == "__main__":
    for page in [Path(name).resolve() for name in sys.argv[1:]] or NOTEBOOKS:
        print(page.relative_to(ROOT))
        nbformat.write(run(page), page.with_suffix(".ipynb"))
