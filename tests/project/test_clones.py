"""``tinylstm``, its kernels and its demos come from one place, whatever is installed and where.

Two clones, both in folders called tinylstm, and environments in which the first is installed: as it
is, as a wheel, or not at all. In the second one a line of the gate math is wrong.
"""

import os
import shutil
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest

from tests import ROOT

WHERE = """
import os
import tinylstm, tinylstm.demos
from tinylstm import LSTM, kernels
from tinylstm.kernels.compiling.reach import reach
from tinylstm.kernels.cells import lstm
from tinylstm.kernels.layers.steps import steps_of

for module in (tinylstm, tinylstm.demos, kernels):
    print(os.path.dirname(module.__file__))
print(reach(steps_of(lstm).forward).key)
"""
CHILD = """
import os, subprocess, sys

subprocess.run([sys.executable, "-c", {where!r}], cwd=os.path.dirname(sys.executable), check=True)
"""
SMALL = """

def small(random):
    "One unit, two steps."
    from ... import LSTM, Sequential
    from .model import Case

    model = Sequential([LSTM(1, input_shape=(2, 1))])
    model.compile("sgd", "mse")
    return Case(model, random.normal(size=(1, 2, 1)), random.normal(size=(1, 1)), {})

CHECKS["small"] = small
"""
RIGHT, WRONG = "f[j] * c_prev[j] + i[j] * g[j]", "f[j] * c_prev[j] - i[j] * g[j]"
FILES = ("docs/conf.py", "pyproject.toml", "setup.cfg", "README.md", "LICENSE")


def clone(folder):
    """What is installed of a clone, read to do so, or run below; and a small gradient check."""
    for name in ("kernels", "demos", "tests", "tinylstm"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in FILES:
        (folder / name).parent.mkdir(exist_ok=True)
        shutil.copy(ROOT / name, folder / name)
    with open(folder / "tinylstm" / "testing" / "builtin_models" / "__init__.py", "a") as file:
        file.write(SMALL)


def new_environment(folder):
    """An environment with all that this one has, but tinylstm; returns its site-packages."""
    venv.create(folder, with_pip=False)
    (packages,) = folder.rglob("site-packages")
    others = [path for path in sys.path if path.endswith("-packages")]
    (packages / "zz_others.pth").write_text("\n".join(others))
    return packages


def install(checkout, kind, packages):
    """Do with a checkout what pip does: unpack the wheel of a kind that is built of it."""
    code = f"import setuptools.build_meta as backend; backend.build_{kind}({str(packages)!r})"
    subprocess.run([sys.executable, "-c", code], cwd=checkout, capture_output=True, check=True)
    (wheel,) = packages.glob("*.whl")
    zipfile.ZipFile(wheel).extractall(packages)


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """The folder with the clones, ``a/tinylstm`` and ``b/tinylstm``, and the environments."""
    place = tmp_path_factory.mktemp("place")
    for name in ("a", "b"):
        clone(place / name / "tinylstm")
    kernel = place / "b" / "tinylstm" / "kernels" / "cells" / "lstm.py"
    source = kernel.read_text(encoding="utf-8")
    assert RIGHT in source, "choose another line for this test"
    kernel.write_text(source.replace(RIGHT, WRONG), encoding="utf-8")
    new_environment(place / "nothing")
    for kind in ("editable", "wheel"):
        install(place / "a" / "tinylstm", kind, new_environment(place / kind))
    return place


def run(place, installed, folder, *arguments, **variables):
    """A process of an environment, started in a folder; returns its status and its lines."""
    folders = (str(place / installed / name) for name in ("bin", "Scripts"))
    python = shutil.which("python", path=os.pathsep.join(folders))
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    own = {"NUMBA_DISABLE_JIT": "1", "TINYLSTM_CACHE_DIR": str(place / "cache")} | variables
    done = subprocess.run(
        [python, *arguments],
        **{"cwd": place / folder, "env": kept | own, "text": True},
        **{"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT},
    )
    return done.returncode, done.stdout.splitlines()


def found(place, lines):
    """Where the package, its demos and its kernels come from, by the output of WHERE."""
    return [Path(line).relative_to(place).parts[0] for line in lines[-4:-1]]


STANDING = {  # in: what is installed, the folder, from where everything comes
    "the other clone": ("editable", "b/tinylstm", "b"),
    "the folder above the clone": ("editable", "a", "a"),
    "the folder above the other clone": ("editable", "b", "a"),
    "a folder of the other clone": ("editable", "b/tinylstm/docs", "a"),
    "a clone, with a wheel": ("wheel", "b/tinylstm", "b"),
    "the folder above a clone, with a wheel": ("wheel", "b", "wheel"),
    "a clone, and nothing is installed": ("nothing", "b/tinylstm", "b"),
}


@pytest.mark.parametrize("standing", STANDING)
def test_everything_comes_from_one_place_when_one_stands_in(place, standing):
    installed, folder, source = STANDING[standing]
    status, lines = run(place, installed, folder, "-c", WHERE)
    assert status == 0, lines
    assert found(place, lines) == [source] * 3


@pytest.mark.parametrize("installed", ["editable", "wheel", "nothing"])
def test_a_wrong_kernel_is_wrong_in_the_clone_where_it_is(place, installed):
    command = "-m", "tinylstm", "gradcheck", "small"
    status, lines = run(place, installed, "b/tinylstm", *command)
    assert (status, lines[-1]) == (1, "0 of 1 models are right.")
    status, lines = run(place, installed, "a/tinylstm", *command)
    assert (status, lines[-1]) == (0, "1 of 1 models are right.")


def test_kernels_of_clones_that_differ_are_kept_apart(place):
    a, b, wheel = (
        run(place, installed, folder, "-c", WHERE)[1][-1]
        for installed, folder in [("editable", "a"), ("editable", "b/tinylstm"), ("wheel", "b")]
    )
    assert a == wheel != b


@pytest.mark.parametrize("folder", ["b/tinylstm", "a/tinylstm", "."])
def test_tests_and_the_processes_that_they_start_take_the_package_of_their_clone(place, folder):
    test = place / "b" / "tinylstm" / "tests" / "test_here.py"
    test.write_text(
        f"def test_here():\n    exec({WHERE!r})\n    exec({CHILD.format(where=WHERE)!r})\n"
    )
    options = "-q", "-s", "-p", "no:cacheprovider"
    status, lines = run(place, "editable", folder, "-m", "pytest", *options, test)
    assert status == 0, lines
    places = [line for line in lines if line.startswith(str(place))]
    assert found(place, places[:4]) == found(place, places) == ["b"] * 3


def test_the_site_and_its_notebooks_take_the_package_of_their_clone(place):
    settings = f"import runpy; runpy.run_path({str(place / 'b/tinylstm/docs/conf.py')!r})\n"
    status, lines = run(place, "editable", ".", "-c", settings + WHERE + CHILD.format(where=WHERE))
    assert status == 0, lines
    assert found(place, lines[:4]) == found(place, lines) == ["b"] * 3
