"""An edit of a kernel, or of anything that it calls, takes effect at the next start."""

import math
import os
import pathlib
import shutil
import subprocess
import sys

import pytest
from tinylstm.kernels.compiler import COMPILED

pytestmark = pytest.mark.skipif(not COMPILED, reason="is about compiled kernels")

ROOT = pathlib.Path(__file__).parent.parent
# Prints the loss -log(1/2) of a kernel that calls functions of another file.
LOSS = """
import numpy as np
from tinylstm.kernels.losses import softmax_crossentropy

z, target, weight = np.zeros((1, 2)), np.array([[1.0, 0.0]]), np.ones(1)
print(softmax_crossentropy(z, target, weight, np.zeros((1, 2)), np.zeros((1, 2))))
"""
RIGHT = math.log(2)
EDITS = {  # file, line, the line in its place, the loss that follows
    "the kernel": ("losses.py", "    loss = np.float64(0)\n", "    loss = 5.0\n", 5 + math.log(2)),
    "a callee in another file": (
        "activations.py",
        "    m = z[0]\n",
        "    m = z[0] + 1\n",
        1 - math.log(1.5),
    ),
}


@pytest.fixture(scope="module")
def started(tmp_path_factory):
    """A copy of the package, with its kernels inside, that was started once; and its cache."""
    path, cache = tmp_path_factory.mktemp("path"), tmp_path_factory.mktemp("cache")
    shutil.copytree(ROOT / "tinylstm", path / "tinylstm")
    shutil.copytree(ROOT / "kernels", path / "tinylstm" / "kernels")
    assert float(run(LOSS, path, cache)) == pytest.approx(RIGHT)
    assert len(files(cache)) == 1
    return path, cache


def run(code, path, cache):
    """What the code prints, with the package at a path and a cache folder."""
    env = {**os.environ, "PYTHONPATH": str(path), "TINYLSTM_CACHE_DIR": str(cache)}
    done = subprocess.run(
        [sys.executable, "-c", code], env=env, cwd=path, capture_output=True, text=True, check=True
    )
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
from tinylstm.kernels.compiler import address_of
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
