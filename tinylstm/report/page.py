"""A page filled with what it holds: template, style, modules and numbers in one file.

Nothing is bundled or changed. Each module of the folder ``page/`` stands in an import map under its
path there, as a ``data:`` address, so ``import { lines } from "drawing/lines.js"`` finds it. The
page's policy has to allow scripts of ``data:`` for that, so it keeps everything out that is
elsewhere, but is no second wall against scripts in what users give: that is always text.
"""

import base64
import hashlib
import json
from functools import lru_cache
from math import isfinite
from pathlib import Path
from urllib.parse import quote

import numpy as np

from ..files.refusals import need_folder
from ..surface.arguments import path_of
from ..surface.errors import mismatch

PAGE = Path(__file__).with_suffix("")  # the folder of its sources
AS_IT_IS = " !\"$&'()*+,-./:;=>?@[]^_`{|}~"  # letters that a data: address need not spell out
SMALL = {"b": np.uint8, "i": np.int32, "u": np.int32, "f": np.float32}


def page_file(path):
    """Where a page goes; refuses, before anything is computed, what could not be written.

    Raises
    ------
    TypeError, OSError
        If it is no path, or that of a folder or in none.
    ImportError
        If Jinja2 is not installed.
    """
    file = path_of(path, "path")
    need_folder(file)
    template()
    return file


def filled(contents):
    """The page as a text."""
    importmap = json.dumps({"imports": modules()})
    start = 'import "main.js";'
    return template().render(
        title=contents["title"],
        style=(PAGE / "style.css").read_text(encoding="utf-8"),
        data=json.dumps(finite(contents), default=encoded, allow_nan=False).replace("<", "\\u003c"),
        importmap=importmap,
        start=start,
        hashes=" ".join(f"'sha256-{digest(text)}'" for text in (importmap, start)),
    )


def template():
    """The template, in which everything is escaped that is not said to be safe.

    Raises
    ------
    ImportError
        If Jinja2 is not installed.
    """
    try:
        from jinja2 import Environment, StrictUndefined
    except ImportError as missing:
        raise mismatch(
            "A page is filled with Jinja2, which is not installed.",
            'pip install -e ".[report]" in the checkout of tinylstm',
            str(missing),
            ImportError,
        ) from missing
    environment = Environment(autoescape=True, undefined=StrictUndefined)
    return environment.from_string((PAGE / "page.html").read_text(encoding="utf-8"))


@lru_cache
def modules():
    """{path in the folder, or d3's name: address} of all modules."""
    found = {}
    for path in sorted(PAGE.rglob("*js")):
        name = path.stem if path.suffix == ".mjs" else path.relative_to(PAGE).as_posix()
        found[name] = "data:text/javascript," + quote(
            path.read_text(encoding="utf-8"), safe=AS_IT_IS
        )
    return found


def digest(text):
    """What a Content-Security-Policy knows a script by."""
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def finite(held):
    """The same with None for what JSON has no number for: infinity, or none. Arrays keep both."""
    if isinstance(held, dict):
        return {name: finite(one) for name, one in held.items()}
    if isinstance(held, list | tuple):
        return [finite(one) for one in held]
    return None if isinstance(held, float) and not isfinite(held) else held


def encoded(array):
    """An array as JSON: its shape, its type, its bytes, little end first."""
    kind = np.dtype(SMALL[array.dtype.kind]).newbyteorder("<")
    raw = np.ascontiguousarray(array, kind).tobytes()
    name = np.dtype(kind).name
    return {"shape": array.shape, "dtype": name, "base64": base64.b64encode(raw).decode()}
