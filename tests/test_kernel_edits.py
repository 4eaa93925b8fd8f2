"""An edit of a kernel, or of anything that it calls, takes effect at the next start."""

import importlib.util
import math
import os
import pathlib
import shutil
import subprocess
import sys

import pytest
from tinylstm.kernels.compiling.compiler import COMPILED

from .processes import ROOT, copy_package, environment

pytestmark = pytest.mark.skipif(not COMPILED, reason="is about compiled kernels")

# Prints the loss -log(1/2) of a kernel that calls functions of another file.
LOSS = """
import numpy as np
from tinylstm.kernels.training.losses import softmax_crossentropy

z, target, weight = np.zeros((1, 2)), np.array([[1.0, 0.0]]), np.ones(1)
print(softmax_crossentropy(z, target, weight, np.zeros((1, 2)), np.zeros((1, 2))))
"""
PACKAGE = "tinylstm.kernels"
RIGHT = math.log(2)
EDITS = {  # file, line, the line in its place, the loss that follows
    "the kernel": ("losses.py", "    return loss\n", "    return loss + 5\n", 5 + math.log(2)),
    "a callee in another file": (
        "activations.py",
        "    z_max = z[0]\n",
        "    z_max = z[0] + 1\n",
        1 - math.log(1.5),
    ),
}


@pytest.fixture(scope="module")
def started(tmp_path_factory):
    """A copy of the package that was started once; and its cache."""
    path, cache = copy_package(tmp_path_factory.mktemp("path")), tmp_path_factory.mktemp("cache")
    assert float(run(LOSS, path, cache)) == pytest.approx(RIGHT)
    assert len(files(cache)) == 1
    return path, cache


def run(code, path, cache):
    """What the code prints, with the package at a path and a cache folder."""
    command, env = [sys.executable, "-c", code], environment(path, cache)
    done = subprocess.run(command, env=env, cwd=path, capture_output=True, text=True, check=True)
    assert done.stderr == ""
    return done.stdout.strip()


def files(cache):
    """Names of the cached kernels, and when each was written."""
    return {path.relative_to(cache): path.stat().st_mtime_ns for path in cache.glob("*/*.nbc")}


@pytest.mark.parametrize("case", EDITS)
def test_an_edit_takes_effect_at_the_next_start_and_so_does_its_end(case, started, tmp_path):
    path, cache = (shutil.copytree(a, tmp_path / b) for a, b in zip(started, "pc", strict=True))
    name, line, edited, expected = EDITS[case]
    source = path / "tinylstm" / "kernels" / name
    text, before = source.read_text(), files(cache)
    assert line in text, "choose another line for this test"
    source.write_text(text.replace(line, edited, 1))
    assert float(run(LOSS, path, cache)) == pytest.approx(expected)
    assert len(files(cache)) == 2
    source.write_text(text)
    assert float(run(LOSS, path, cache)) == pytest.approx(RIGHT)
    assert len(files(cache)) == 2  # the former code is still there, and was used
    assert before.keys() <= files(cache).keys()


OWN = """
import numpy as np
import tinylstm
from numba import njit, types
from tinylstm.kernels.compiling.compiler import address_of
from callee import factor

@tinylstm.kernel
def scaled(a, out):
    for k in range(len(a)):
        out[k] = factor() * a[k]

vector = types.Array(types.float64, 1, "C")
address_of(scaled, types.none(vector, vector))
out = np.zeros(2)
scaled(np.array([1.0, 2.0]), out)
print(out.tolist())
"""
CALLEE = "from numba import njit\n\n@njit\ndef factor():\n    return {}\n"


def test_a_kernel_of_ones_own_is_not_kept_so_that_no_edit_is_missed(started):
    path, cache = started
    before = files(cache)
    for factor in (2.0, 3.0):
        (path / "callee.py").write_text(CALLEE.format(factor))
        assert run(OWN, path, cache) == f"[{factor}, {2 * factor}]"
    assert files(cache) == before
    assert list(path.rglob("*.nb?")) == []  # nor by Numba's own cache


def module_at(path):
    """The module of a copy of the kernels that says where the cache lies."""
    spec = importlib.util.spec_from_file_location(f"{PACKAGE}.copied", path / "place.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_an_edit_of_any_kernel_file_or_a_new_one_changes_the_stamp(tmp_path):
    kernels = pathlib.Path(shutil.copytree(ROOT / "kernels", tmp_path / "kernels"))
    stamps = [module_at(kernels).source_stamp()]
    assert module_at(kernels).source_stamp() == stamps[0]
    for source in [*sorted(kernels.glob("*.py")), kernels / "new.py"]:
        with source.open("a") as file:
            file.write("\n# edited\n")
        stamps.append(module_at(kernels).source_stamp())
    assert len(set(stamps)) == len(stamps) > 10


@pytest.mark.parametrize("first", [0, 4_000_000_000], ids=["former", "of the future"])
def test_former_kernels_are_dropped_and_nothing_else(tmp_path, monkeypatch, first):
    monkeypatch.setenv("TINYLSTM_CACHE_DIR", str(tmp_path))
    place = module_at(ROOT / "kernels")
    for k in range(12):
        for name in (f"kernels-{k:020x}", f"{k:020x}", f"kernels-of-somebody-{k}"):
            (tmp_path / name).mkdir()
            os.utime(tmp_path / name, (first + k, first + k))
    folder = place.folder()
    kept = {f"kernels-{k:020x}" for k in range(12 - place.STAMPS_KEPT + 1, 12)}
    others = {name for k in range(12) for name in (f"{k:020x}", f"kernels-of-somebody-{k}")}
    assert {path.name for path in tmp_path.iterdir()} == kept | others | {folder.name}


EDITED_AFTER_THE_IMPORT = """
import pathlib
from tinylstm.kernels.training import losses
path = pathlib.Path(losses.__file__)
path.write_text(path.read_text().replace("    return loss\\n", "    return loss + 5\\n"))
"""


def test_an_edit_while_a_process_runs_is_not_stored_as_what_that_one_compiles(tmp_path):
    path, cache = copy_package(tmp_path / "path"), tmp_path / "cache"
    assert float(run(EDITED_AFTER_THE_IMPORT + LOSS, path, cache)) == pytest.approx(RIGHT)
    assert files(cache) == {}
    assert float(run(LOSS, path, cache)) == pytest.approx(RIGHT + 5)
