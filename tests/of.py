"""Which tests belong to a source file, and a command that runs them.

    python -m tests.of kernels/cells/lstm.py
    python -m tests.of tinylstm/data -x        (all files of a folder; options are pytest's)
    python -m tests.of                         (what differs from the last commit)
    python -m tests.of --list kernels/cells/lstm.py

The folders of the tests are those of the sources: ``tests/kernels/cells/`` is about
``kernels/cells/``, ``tests/data/`` about ``tinylstm/data/``. A file of tests belongs to the source
files that it imports itself and to those whose name it has (``test_losses.py`` to ``losses.py``),
to all of its folder where none of these is there, and to those that stand beside it in `BY_HAND`.
A source file that nothing belongs to then has the tests of the files that import it.
"""

import ast
import subprocess
import sys
from difflib import get_close_matches
from functools import lru_cache
from importlib.util import find_spec

from . import ROOT

FOLDERS = "kernels", "tinylstm"
BY_HAND = {  # of a file, or of all files of a folder
    "kernels/cells": (
        "kernels/layers/test_gradients.py",
        "planted_bugs/test_checks.py",
        "testing/test_twin.py",
    ),
    "kernels/cells/gru.py": ("against_keras/test_rnns.py", "kernels/cells/test_every_cell.py"),
    "kernels/cells/gru_reset_before.py": (
        "against_keras/test_rnns.py",
        "kernels/cells/test_every_cell.py",
    ),
    "kernels/cells/simple_rnn.py": (
        "against_keras/test_rnns.py",
        "kernels/cells/test_every_cell.py",
    ),
    "kernels/layers/elementwise.py": ("against_keras/test_parts.py",),
    "kernels/layers/masking.py": ("against_keras/test_parts.py",),
    "kernels/layers/normalization.py": ("against_keras/test_parts.py",),
    "kernels/training/scoring.py": ("against_keras/test_reports.py",),
    "tinylstm/calling.py": ("against_keras/test_rnns.py", "layers/test_composites.py"),
    "tinylstm/callbacks": ("against_keras/test_callbacks.py", "callbacks/test_callbacks.py"),
    "tinylstm/commands/early_stop.py": ("legacy/test_surroundings.py",),
    "tinylstm/data/streamed.py": ("attacks/test_generators.py",),
    "tinylstm/files": (
        "attacks/test_damaged_archives.py",
        "attacks/test_damaged_files.py",
        "attacks/test_judge.py",
        "attacks/test_killed_fits.py",
        "attacks/test_killed_saves.py",
        "callbacks/test_usable_files.py",
        "files/test_safe_writing.py",
        "files/test_sound_files.py",
        "files/test_weight_files.py",
    ),
    "tinylstm/formats/hdf5": ("attacks/test_damaged_hdf5.py",),
    "tinylstm/formats/keras": (
        "attacks/test_damaged_keras.py",
        "attacks/test_damaged_keras_weights.py",
    ),
    "tinylstm/formats/onnx": ("attacks/test_damaged_onnx.py",),
    "tinylstm/legacy/file_backend.py": ("legacy/test_figures.py",),
    "tinylstm/model.py": ("against_keras/test_surface.py",),
    "tinylstm/settings.py": ("test_dtypes.py",),
    "tinylstm/surface": ("attacks/test_odd_values.py",),
    "tinylstm/testing/batteries": ("testing/test_batteries.py",),
    "tinylstm/testing/fixtures.py": ("testing/test_strategies.py",),
    "tinylstm/threads": ("attacks/test_threads.py",),
    "tinylstm/whole.py": ("attacks/test_interrupts.py",),
}
# Folders of tests of documents, of who imports whom, of what is installed, of tests.
OF_THE_WHOLE = "benchmarks/", "fuzzing/", "planted_bugs/", "project/"


@lru_cache
def sources():
    """Every source file, from the root of the checkout on."""
    return [
        path.relative_to(ROOT).as_posix()
        for folder in FOLDERS
        for path in sorted((ROOT / folder).rglob("*.py"))
    ]


def test_files():
    """Every file of tests, from the folder of the tests on."""
    folder = ROOT / "tests"
    return [path.relative_to(folder).as_posix() for path in sorted(folder.rglob("test_*.py"))]


@lru_cache
def modules():
    """{dotted name as it is imported: source file}."""
    found = {}
    for name in sources():
        words = name.removesuffix(".py").removesuffix("/__init__").split("/")
        found[".".join(words if words[0] == "tinylstm" else ["tinylstm", *words])] = name
    return found


def imported(file):
    """Source files from which a file imports, anywhere in it; the package itself left out."""
    *inside, _ = file.split("/")
    here = [*("tinylstm",) * (inside[0] == "kernels"), *inside]
    for node in ast.walk(ast.parse((ROOT / file).read_text(encoding="utf-8"))):
        names = []
        if isinstance(node, ast.Import):
            names = [one.name for one in node.names]
        if isinstance(node, ast.ImportFrom):
            start = here[: len(here) + 1 - node.level] if node.level else []
            whole = ".".join([*start, *(node.module or "").split(".")]).strip(".")
            inner = [f"{whole}.{one.name}" for one in node.names]
            names = [one if one in modules() else whole for one in inner]
        yield from (modules()[name] for name in names if name in modules() and name.count("."))


def within(source, name):
    """Whether a source file is that of a name, or in the folder of that name."""
    return source == name.rstrip("/") or source.startswith(f"{name.rstrip('/')}/")


def words(name):
    """The words of a file's name, in the singular."""
    stem = name.rpartition("/")[2].removesuffix(".py").removeprefix("test_")
    return [word.removesuffix("s") for word in stem.split("_")]


def has_the_name(test, source):
    """Whether a file of tests has the name of a source file in its own, in one piece."""
    of_old = test.startswith("legacy/")
    if source.endswith("__init__.py") or of_old != source.startswith("tinylstm/legacy/"):
        return False
    own, wanted = words(test), words(source)
    return any(own[k : k + len(wanted)] == wanted for k in range(len(own)))


def about(test):
    """Source files that a file of tests imports or has the name of, or all of its folder."""
    found = {*imported(f"tests/{test}"), *(one for one in sources() if has_the_name(test, one))}
    folder = test.rpartition("/")[0]
    inside = [one for one in sources() if folder and within(one.removeprefix("tinylstm/"), folder)]
    return found if found & set(inside) else found.union(inside)


def own_tests():
    """{source file: files of tests that are about it, or stand beside it by hand}."""
    found = {
        source: {test for name, tests in BY_HAND.items() if within(source, name) for test in tests}
        for source in sources()
    }
    for test in test_files():
        for source in about(test):
            found[source].add(test)
    return found


@lru_cache
def table():
    """{source file: files of tests that belong to it, in order}."""
    found, readers = own_tests(), {source: set() for source in sources()}
    for reader in sources():
        for source in imported(reader):
            readers[source].add(reader)
    for source, near in readers.items():
        seen = {source}
        while near and not found[source]:
            found[source] |= {test for reader in near for test in found[reader]}
            seen |= near
            near = {one for reader in near for one in readers[reader]} - seen
    return {source: sorted(tests) for source, tests in found.items()}


def changed():
    """Source files that differ from the last commit."""
    command = ["git", "status", "--porcelain", "--no-renames", *FOLDERS]
    said = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return [line[3:] for line in said.splitlines() if line.endswith(".py")]


def tests_of(names):
    """Files of tests that belong to source files, or to all in folders."""
    return sorted(
        {
            test
            for source, tests in table().items()
            for test in tests
            if any(within(source, name) for name in names)
        }
    )


def main(given):
    options = [one for one in given if one.startswith("-") and one != "--list"]
    names = [one for one in given if not one.startswith("-")]
    for name in names:
        if not any(within(source, name) for source in sources()):
            meant = "".join(
                f" Did you mean {one}?" for one in get_close_matches(name, sources(), 1)
            )
            sys.exit(f"There is no source file {name}.{meant}")
    tests = tests_of(names or changed())
    if not tests:
        sys.exit("No tests: name files or folders of kernels/ or tinylstm/, or change one.")
    files = [f"tests/{test}" for test in tests]
    print(*files, sep="\n", flush=True)
    if "--list" not in given:
        if find_spec("pytest") is None:
            sys.exit('The tests need pytest: pip install -e ".[test]"')
        sys.exit(subprocess.call([sys.executable, "-m", "pytest", *files, *options], cwd=ROOT))


if __name__ == "__main__":
    main(sys.argv[1:])
