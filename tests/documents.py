"""The documents as programs: what README.md and docs/*.md show is run, and what it prints compared.

The word behind a fence says what a block is:

``python``  run, all blocks of a document in one namespace, in order
``sh``      commands, run from the root of the checkout; ``pip`` and ``pytest`` commands are not run
``output``  what the block before printed to its standard output
``text``    to read only: formulas, drawings

A block that makes a ``figure`` draws the next picture of its page, ``![...](_static/figures/...)``.

A block whose word stands in braces, ``{toctree}``, is for the site alone. Pages with
``{code-cell}`` are notebooks: the build of the site runs those, see ``tests/project/test_site.py``.

    python -m tests.documents

writes what the blocks print now into the documents, and what they draw beside them.
"""

import contextlib
import io
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

from . import ROOT

PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
FENCE = re.compile(r"^```([\w{}-]*)[^\n]*\n(.*?)^```$", re.MULTILINE | re.DOTALL)
NOT_RUN = ("pip", "pytest")  # they install, or are what runs this
PICTURE = re.compile(r"!\[[^\]]*\]\((_static/figures/[\w-]+\.png)\)")
CELL = "{code-cell}"
KINDS = ("python", "sh", "output", "text")

NUMBER = re.compile(r"[-+]?\d+(?:\.\d*)?(?:e[-+]\d+)?")
RELATIVE = 0.02  # that a decimal number may differ on another machine
PASSING = 1e-7  # an error of a gradient check below this is rounding, and another one elsewhere
VARYING = [  # what differs from run to run
    (re.compile(r"\d+(\.\d+)? (s|ms|us)\b"), r"# \2"),
    (re.compile(r"(?m)^(\S+ +\d\.\de-\d+) +\[.*"), r"\1"),  # a gradient check's worst element
    (re.compile(r"(\w\.py)(:\d+|\(\d+\))"), r"\1"),  # lines of source, in a debugger
    (re.compile(r"(?m)^-> .*"), "->"),
]


class Block:
    """One fenced block of a document."""

    def __init__(self, path, text, match):
        self.path, self.kind, self.text = path, match[1], match[2]
        self.line = text.count("\n", 0, match.start(2))  # lines before it
        self.span = match.span(2)

    def __str__(self):
        return f"{self.path.relative_to(ROOT)}, line {self.line + 1}"


def blocks(path):
    """The fenced blocks of a document, in order, but those for the site."""
    text = path.read_text(encoding="utf-8")
    return [Block(path, text, match) for match in FENCE.finditer(text) if match[1][:1] != "{"]


def pictures(path):
    """The files of the pictures that the blocks of a document draw, in order."""
    return [path.parent / name for name in PICTURE.findall(path.read_text(encoding="utf-8"))]


def is_notebook(path):
    """Whether a page consists of cells."""
    text = path.read_text(encoding="utf-8")
    return any(match[1] == CELL for match in FENCE.finditer(text))


NOTEBOOKS = [path for path in PAGES if is_notebook(path)]
DOCUMENTS = [path for path in PAGES if path not in NOTEBOOKS]


def run(block, namespace):
    """What a block prints."""
    return run_python(block, namespace) if block.kind == "python" else run_commands(block.text)


def run_python(block, namespace):
    """Run a block in the document's namespace; a traceback names the document's own lines."""
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(compile("\n" * block.line + block.text, str(block.path), "exec"), namespace)
    return printed.getvalue()


def picture_of(figure):
    """A figure as the picture of a page."""
    from PIL import Image

    drawn = io.BytesIO()
    figure.savefig(drawn, format="png", dpi=100)
    return Image.open(drawn).convert("RGB").quantize(256)  # colours: a third of the bytes


def run_commands(text):
    """Run commands from the root, with this Python; stop at the first that fails."""
    printed = ""
    for line in text.replace("\\\n", " ").splitlines():
        for command in line.split("&&"):
            words, environment = shlex.split(command, comments=True), dict(os.environ)
            while words and "=" in words[0]:
                name, _, value = words.pop(0).partition("=")
                environment[name] = value
            if not words or words[0] in NOT_RUN:
                continue
            if words[0] != "python":
                raise ValueError(f"do not know how to run {command!r}")
            done = subprocess.run(
                [sys.executable, *words[1:]],
                **{"cwd": ROOT, "env": environment, "capture_output": True, "text": True},
            )
            if done.returncode:
                raise RuntimeError(f"{command!r} failed:\n{done.stderr}")
            printed += done.stdout
    return printed.replace(f"{ROOT}{os.sep}", "")


def same(shown, printed):
    """Whether two outputs agree, but for timings, rounding and white space."""
    shown, printed = (text.split() for text in map(steady, (shown, printed)))
    return len(shown) == len(printed) and all(map(same_word, shown, printed))


def steady(text):
    """The text without what varies from run to run."""
    for pattern, replacement in VARYING:
        text = pattern.sub(replacement, text)
    return text


def same_word(a, b):
    """Whether two words agree: letters and whole numbers exactly, decimal numbers nearly."""
    numbers = zip(NUMBER.findall(a), NUMBER.findall(b), strict=False)
    return NUMBER.sub("#", a) == NUMBER.sub("#", b) and all(near(*pair) for pair in numbers)


def near(a, b):
    """Whether two written numbers are equal, or decimal and near each other."""
    if a == b:
        return True
    if not ("." in a and "." in b):
        return False
    last_place = 10.0 ** -len(a.partition(".")[2].partition("e")[0])
    gap = abs(float(a) - float(b))
    if "e" in a:
        return max(abs(float(a)), abs(float(b))) < PASSING or gap <= RELATIVE * abs(float(a))
    return gap <= max(RELATIVE * abs(float(a)), 1.5 * last_place)


def refresh(path):
    """Write what the blocks of a document print into it."""
    text = path.read_text(encoding="utf-8")
    namespace, printed, pieces, end, drawn = {"__name__": "__main__"}, "", [], 0, []
    for block in blocks(path):
        if block.kind == "output":
            lines = [line.rstrip() + "\n" for line in printed.rstrip().splitlines()]
            pieces += [text[end : block.span[0]], *lines]
            end = block.span[1]
        elif block.kind != "text":
            printed = run(block, namespace)
            if "figure" in namespace:
                drawn.append(namespace.pop("figure"))
    path.write_text("".join([*pieces, text[end:]]), encoding="utf-8")
    for place, figure in zip(pictures(path), drawn, strict=True):
        place.parent.mkdir(parents=True, exist_ok=True)
        picture_of(figure).save(place, optimize=True)


if __name__ == "__main__":
    named = [Path(name).resolve() for name in sys.argv[1:]]
    for document in named or DOCUMENTS:
        print(document.relative_to(ROOT))
        refresh(document)
