"""Which tests belong to a source file, and a command that runs them.

    python -m tests.of kernels/cells/lstm.py
    python -m tests.of tinylstm/data -x        (all files of a folder; options are pytest's)
    python -m tests.of                         (what differs from the last commit)
    python -m tests.of --list kernels/cells/lstm.py

A file of tests belongs to the source files that it imports itself, to those whose name it has
(``test_kernels_losses.py`` to ``losses.py``), and to those that stand beside it in `BY_HAND`. A
source file that nothing belongs to then has the tests of the files that import it.
"""

import ast
import subprocess
import sys
from functools import lru_cache

from . import ROOT

FOLDERS = "kernels", "tinylstm"
OF_OLD_SCRIPTS = "test_run_"  # what tests in files of this beginning are about: tinylstm/legacy/
OTHER_CELLS = ("test_kernels_rnns.py", "test_keras_rnns.py", "test_every_cell.py")
BY_HAND = {  # of a file, or of all files of a folder
    "kernels/cells": ("test_checks.py", "test_gradients.py", "test_twin.py"),
    "kernels/cells/gru.py": OTHER_CELLS,
    "kernels/cells/simple_rnn.py": OTHER_CELLS,
    "kernels/layers/elementwise.py": ("test_keras_parts.py",),
    "kernels/layers/masking.py": ("test_keras_parts.py",),
    "kernels/layers/normalization.py": ("test_keras_parts.py",),
    "kernels/training/scoring.py": ("test_keras_reports.py",),
    "tinylstm/calling.py": ("test_composites.py", "test_keras_rnns.py"),
    "tinylstm/callbacks": ("test_callbacks.py", "test_keras_callbacks.py"),
    "tinylstm/commands/early_stop.py": ("test_ended_commands.py",),
    "tinylstm/data/streamed.py": ("attacks/test_generators.py",),
    "tinylstm/files": (
        *("attacks/test_damaged_files.py", "attacks/test_killed_saves.py", "test_paths.py"),
        *("test_usable_files.py", "test_weight_files.py", "files/test_safe_writing.py"),
        *("files/test_sound_files.py",),
    ),
    "tinylstm/legacy": ("test_run_calls.py", "test_run_failures.py", "test_run_tutorials.py"),
    "tinylstm/legacy/file_backend.py": ("test_run_figures.py",),
    "tinylstm/legacy/optimizers.py": ("test_run_numbers.py",),
    "tinylstm/legacy/pandas_reading.py": ("test_run_pandas.py",),
    "tinylstm/legacy/pandas_selecting.py": ("test_run_pandas.py",),
    "tinylstm/model.py": ("test_keras_surface.py",),
    "tinylstm/settings.py": ("test_dtypes.py",),
    "tinylstm/surface": ("test_bad_input.py", "attacks/test_odd_values.py"),
    "tinylstm/testing/batteries": ("test_batteries.py",),
    "tinylstm/testing/fixtures.py": ("test_strategies.py",),
    "tinylstm/threads": ("attacks/test_threads.py",),
    "tinylstm/whole.py": ("attacks/test_interrupts.py",),
}
OF_THE_WHOLE = {  # of documents, of who imports whom, of what is installed, of tests
    "test_benchmarks.py",
    "test_clones.py",
    "test_house.py",
    "test_imports.py",
    "test_of.py",
    "test_planted_bugs.py",
    "test_site.py",
}


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
    of_old = test.rpartition("/")[2].startswith(OF_OLD_SCRIPTS)
    if source.endswith("__init__.py") or of_old != source.startswith("tinylstm/legacy/"):
        return False
    own, wanted = words(test), words(source)
    return any(own[k : k + len(wanted)] == wanted for k in range(len(own)))


def own_tests():
    """{source file: files of tests that import it, have its name, or are written beside it}."""
    found = {
        source: {test for name, tests in BY_HAND.items() if within(source, name) for test in tests}
        for source in sources()
    }
    for test in test_files():
        for source in imported(f"tests/{test}"):
            found[source].add(test)
        for source in found:
            if has_the_name(test, source):
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
    tests = tests_of([one for one in given if not one.startswith("-")] or changed())
    if not tests:
        sys.exit("No tests: name files or folders of kernels/ or tinylstm/, or change one.")
    files = [f"tests/{test}" for test in tests]
    print(*files, sep="\n", flush=True)
    if "--list" not in given:
        sys.exit(subprocess.call([sys.executable, "-m", "pytest", *files, *options], cwd=ROOT))


if __name__ == "__main__":
    main(sys.argv[1:])
