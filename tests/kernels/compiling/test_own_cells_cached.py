"""The steps of a cell of one's own are compiled once, and again when what they reach changes."""

import subprocess
import sys

import numpy as np
import pytest
from tinylstm.kernels import inner
from tinylstm.kernels.compiling import COMPILED
from tinylstm.kernels.layers.steps import steps_of
from tinylstm.kernels.signatures import address_for

from tests.kernel_runs import starting
from tests.processes import ROOT, environment
from tinylstm import RNN, Sequential, cell, gradient_check

pytestmark = pytest.mark.skipif(not COMPILED, reason="is about compiled kernels")

HELPER = """
from tinylstm.kernels import inner

@inner
def scaled(x):
    return x * 2.0
"""
CELL = """
from tinylstm import cell
from helper import scaled

FACTOR = 3.0

@cell(gates="z", states="h")
def own(z, h):
    for j in range(len(h)):
        h[j] = scaled(z[j]) * FACTOR

@own.backward
def own_backward(dh, dz):
    for j in range(len(dh)):
        dz[j] = dh[j] * FACTOR
"""
SAID = """
from tinylstm.kernels.layers.steps import steps_of
from tinylstm.kernels.signatures import address_for

for kernel in steps_of(own):
    address_for("float64", kernel)
    print("loaded" if kernel._cache_hits else "compiled", end=" ")
"""
BOTH, NONE, FORWARD = "compiled compiled", "loaded loaded", "compiled loaded"
EDITS = {  # file, what stood there, what stands there now, what is compiled anew
    "a helper in another file": ("helper.py", "x * 2.0", "x * 5.0", FORWARD),
    "lines, and a docstring": ("helper.py", "x):", 'x):\n\n    """Doubled."""', NONE),
    "a number that both name": ("script.py", "FACTOR = 3.0", "FACTOR = 4.0", BOTH),
    "another function": ("script.py", "FACTOR =", "def unused():\n    return 1\n\nFACTOR =", NONE),
}


def run(folder, *command, **options):
    """What Python says of the two steps, in a process of its own."""
    env = environment(ROOT, folder / "cache")
    options |= {"env": env, "cwd": folder, "capture_output": True, "text": True, "check": True}
    options["timeout"] = 120
    return subprocess.run([sys.executable, *command], **options).stdout.strip()


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A script that was run once."""
    folder = tmp_path_factory.mktemp("somebodys")
    (folder / "helper.py").write_text(HELPER)
    (folder / "script.py").write_text(CELL + SAID)
    assert run(folder, "script.py") == BOTH
    return folder


@pytest.mark.parametrize("what", EDITS)
def test_an_edit_compiles_what_reaches_it(what, folder):
    name, before, after, expected = EDITS[what]
    text = (folder / name).read_text()
    assert before in text
    (folder / name).write_text(text.replace(before, after))
    try:
        assert run(folder, "script.py") == expected
    finally:
        (folder / name).write_text(text)


def test_it_does_not_matter_whence_a_script_comes(folder):
    script = CELL + SAID
    assert run(folder, "script.py") == NONE
    assert run(folder, "-", input=script) == NONE  # standard input
    assert run(folder, "-c", f"exec({script!r})") == NONE  # as a notebook does


def test_a_module_that_compiles_while_it_is_imported(folder):
    """Numba looks up the module of what it compiles; another thread would wait for the import."""
    assert run(folder, "-c", "import script") == BOTH  # the module's name is part of a function's
    assert run(folder, "-c", "import script") == NONE


def was_loaded(one):
    """Whether the step forward of a cell came from the disk."""
    kernel = steps_of(one).forward
    address_for("float64", kernel)
    return bool(kernel._cache_hits)


def made(number, helper=None, table=None):
    """A cell of a factory."""

    @cell(gates="z", states="h")
    def own(z, h):
        for j in range(len(h)):
            h[j] = z[j] * number

    @cell(gates="z", states="h")
    def from_table(z, h):
        for j in range(len(h)):
            h[j] = z[j] * table[5]

    @cell(gates="z", states="h")
    def by_helper(z, h):
        for j in range(len(h)):
            h[j] = helper(z[j]) * number

    one = own if helper is table is None else by_helper if table is None else from_table

    @one.backward
    def back(dh, dz):
        for j in range(len(dh)):
            dz[j] = dh[j] * (number if table is None else table[5])

    return one


def test_closures_count(tmp_path):
    with starting(tmp_path):
        assert [was_loaded(made(n)) for n in (2.0, 3.0, 2.0, 3.0)] == [False, False, True, True]

        def helper_of(n):
            return inner(lambda x: x + n)

        numbers = 1.0, 5.0, 1.0
        assert [was_loaded(made(2.0, helper_of(n))) for n in numbers] == [False, False, True]


@pytest.mark.parametrize("module", [None, "__main__", "of_nobody"])
def test_a_cell_without_a_source_file_is_kept_where_its_module_is_known(module, tmp_path):
    """Numba looks up the modules of all functions whose machine code it reads."""
    text = CELL.replace("from helper import scaled", "from tinylstm.kernels import activate")
    text = text.replace("        h[j] = scaled(z[j])", "        h[j] = z[j]")
    with starting(tmp_path):
        for again in (False, True):
            names = {"__name__": module}
            exec(text, names)
            assert was_loaded(names["own"]) == (again and module == "__main__")


def test_what_cannot_be_hashed_is_compiled_in_each_process_and_works(tmp_path):
    table = np.full(2**18, 2.0)
    with starting(tmp_path):
        assert [was_loaded(made(1.0, table=table)) for _ in "12"] == [False, False]
        assert list(tmp_path.glob("*/*")) == []
    model = Sequential([RNN(made(1.0, table=table), 3, input_shape=(2, 2))], dtype="float64")
    model.compile(loss="mse")
    assert gradient_check(model, np.ones((2, 2, 2)), np.ones((2, 3))).passed
