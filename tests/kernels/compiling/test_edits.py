"""An edit takes effect at the next start, and compiles anew what calls the edited, nothing else."""

import importlib.util
import math
import os
import pathlib
import shutil
import subprocess
import sys

import pytest
from tinylstm.kernels.compiling import COMPILED

from tests.processes import ROOT, copy_package, environment, said

pytestmark = pytest.mark.skipif(not COMPILED, reason="is about compiled kernels")

# Prints the loss of a kernel that calls functions of another file, and uses another kernel.
LOSS = """
import numpy as np
from tinylstm.kernels.signatures import address_for
from tinylstm.kernels.training import losses

z, target, weight = np.array([[0.0, -1.0]]), np.array([[1.0, 0.0]]), np.ones(1)
for kernel in (losses.mean_squared_error, losses.softmax_crossentropy):
    address_for("float64", kernel)
    loss = kernel(z, target, weight, np.zeros((1, 2)), np.zeros((1, 2)), np.zeros(0))
print(loss)
"""
SUM = 1 + math.exp(-1)
RIGHT = math.log(SUM)
LOSSES, ACTIVATIONS = "training/losses.py", "activations.py"
EDITS = {  # file, line, the line in its place, the loss that follows
    "the kernel": (LOSSES, "    return loss\n", "    return loss + 5\n", 5 + RIGHT),
    "a callee in another file": (
        ACTIVATIONS,
        "    z_max = z[0]\n",
        "    z_max = z[0] + 1\n",
        1 - math.log(1 + 1 / SUM),
    ),
    "what only compiled code calls": (
        ACTIVATIONS,
        "else (lambda x: _exp_float64(x))",
        "else (lambda x: 1 + _exp_float64(x))",
        math.log((2 + SUM) / 2),
    ),
}


@pytest.fixture(scope="module")
def started(tmp_path_factory):
    """A copy of the package that was started once; and its cache."""
    path, cache = copy_package(tmp_path_factory.mktemp("path")), tmp_path_factory.mktemp("cache")
    assert float(run(LOSS, path, cache)) == pytest.approx(RIGHT)
    assert len(files(cache)) == 2
    return path, cache


@pytest.fixture
def copies(started, tmp_path):
    """Copies of both."""
    return [
        pathlib.Path(shutil.copytree(a, tmp_path / b)) for a, b in zip(started, "pc", strict=True)
    ]


def run(code, path, cache, *command, **options):
    """What the code prints, with the package at a path and a cache folder."""
    command, env = [sys.executable, *(command or ("-c", code))], environment(path, cache)
    options |= {"env": env, "cwd": path, "capture_output": True, "text": True, "check": True}
    done = subprocess.run(command, **options)
    assert said(done.stderr) == ""
    return done.stdout.strip()


def files(cache):
    """Names of the cached kernels, and which file each is: one that is written anew is another."""
    return {path.relative_to(cache): path.stat().st_ino for path in cache.glob("*/*.nbc")}


def edit(path, name, line, edited):
    """Change a line of the package's kernels."""
    source = path / "tinylstm" / "kernels" / name
    text = source.read_text()
    assert line in text, "choose another line for this test"
    source.write_text(text.replace(line, edited, 1))


@pytest.mark.parametrize("case", EDITS)
def test_an_edit_takes_effect_at_the_next_start_and_so_does_its_end(case, copies):
    path, cache = copies
    name, line, edited, expected = EDITS[case]
    before = files(cache)
    edit(path, name, line, edited)
    assert float(run(LOSS, path, cache)) == pytest.approx(expected)
    (made,) = files(cache).keys() - before.keys()  # and nothing of the kernel that does not call it
    assert made.name.startswith("losses.softmax_crossentropy-")
    edit(path, name, edited, line)
    after = files(cache)
    assert float(run(LOSS, path, cache)) == pytest.approx(RIGHT)
    assert files(cache) == after  # the former code is still there, and was used
    assert before.items() <= after.items()


def test_comments_docstrings_and_new_functions_compile_nothing(copies):
    path, cache = copies
    before = files(cache)
    edit(
        path,
        ACTIVATIONS,
        '    """max z.  z (K)."""\n',
        '    """Another text."""\n    # why not\n\n',
    )
    edit(
        path,
        LOSSES,
        "@kernel\n",
        "THREE = 3\n\n\n@kernel\ndef new(x):\n    return x\n\n\n@kernel\n",
    )
    edit(path, "vectors.py", "out[j] += source[j]", "out[j] += 2 * source[j]")
    assert float(run(LOSS, path, cache)) == pytest.approx(RIGHT)
    assert files(cache) == before


EDITED_AFTER_THE_IMPORT = """
import pathlib
from tinylstm.kernels.training import losses
path = pathlib.Path(losses.__file__)
path.write_text(path.read_text().replace("    return loss\\n", "    return loss + 5\\n"))
"""


def test_an_edit_while_a_process_runs_is_not_stored_as_what_that_one_compiles(copies):
    path, cache = copies
    shutil.rmtree(cache)
    assert float(run(EDITED_AFTER_THE_IMPORT + LOSS, path, cache)) == pytest.approx(RIGHT)
    assert float(run(LOSS, path, cache)) == pytest.approx(RIGHT + 5)


OWN = """
import numpy as np
import tinylstm
from numba import types
from tinylstm.kernels.compiling import address_of
import callee

@tinylstm.kernel
def scaled(a, out):
    for k in range(len(a)):
        out[k] = callee.factor() * a[k]

vector = types.Array(types.float64, 1, "C")
address_of(scaled, types.none(vector, vector))
out = np.zeros(2)
scaled(np.array([1.0, 2.0]), out)
print(out.tolist(), bool(scaled._cache_hits))
"""
CALLEE = "from numba import njit\n\n{before}\n@njit\ndef factor():\n    return {factor}\n"
CELLS = f"""
code = {OWN!r}
start = code.index("@")
for cell in (code[:start], code[start:]):  # as a notebook runs its cells
    exec(compile(cell, "<cell>", "exec"))
"""
WAYS = {"a script": ["own.py"], "standard input": ["-"], "cells": ["cells.py"]}


@pytest.mark.parametrize("way", WAYS)
def test_a_kernel_of_ones_own_is_compiled_once_until_something_it_reaches_changes(way, copies):
    path, cache = copies
    (path / "own.py").write_text(OWN)
    (path / "cells.py").write_text(CELLS)
    source = path / "callee.py"

    def printed():
        return run(None, path, cache, *WAYS[way], input=OWN if way == "standard input" else None)

    source.write_text(CALLEE.format(before="", factor=2.0))
    assert printed() == "[2.0, 4.0] False"
    source.write_text(CALLEE.format(before="# A comment.\n\n", factor=2.0))
    assert printed() == "[2.0, 4.0] True"
    source.write_text(CALLEE.format(before="", factor=3.0))
    assert printed() == "[3.0, 6.0] False"
    assert list(path.rglob("*.nb?")) == []  # nor does Numba's own cache keep anything


@pytest.mark.parametrize("first", [0, 4_000_000_000], ids=["former", "of the future"])
def test_folders_of_former_versions_are_dropped_and_nothing_else(tmp_path, monkeypatch, first):
    monkeypatch.setenv("TINYLSTM_CACHE_DIR", str(tmp_path))
    name = "tinylstm.kernels.compiling.copied"
    file = ROOT / "kernels" / "compiling" / "place.py"
    spec = importlib.util.spec_from_file_location(name, file)
    place = importlib.util.module_from_spec(spec)  # which knows of no folder yet
    spec.loader.exec_module(place)
    for k in range(12):
        for name in (f"kernels-{k:020x}", f"{k:020x}", f"kernels-of-somebody-{k}"):
            (tmp_path / name).mkdir()
            os.utime(tmp_path / name, (first + k, first + k))
    folder = place.folder()
    kept = {f"kernels-{k:020x}" for k in range(12 - place.STAMPS_KEPT + 1, 12)}
    others = {name for k in range(12) for name in (f"{k:020x}", f"kernels-of-somebody-{k}")}
    assert {path.name for path in tmp_path.iterdir()} == kept | others | {folder.name}
