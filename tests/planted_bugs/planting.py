"""Copies of the engine with one bug each, and what the checks find in them."""

import importlib.util
import json
import os
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from tests.planted_bugs import cell_checks, laws, layer_checks, thread_laws, twins  # noqa: F401  they register their checks
from tests.planted_bugs.anchors import source_with
from tests.planted_bugs.checks import MIRRORED, Finding
from tests.processes import ROOT, copy_package, environment

AT_ONCE = 2  # copies that are checked side by side
PATIENCE = 120  # seconds for one of them
NOT_INHERITED = ("COV", "PYTEST", "PYTHON")  # beginnings of variables of this process


class Bug(NamedTuple):
    """One piece of the source that is exchanged, and the checks that must and must not fail of it.

    where, right, wrong, times: see `anchors.source_with`.
    """

    where: str
    name: str  # what is wrong then
    right: str
    wrong: str
    caught: str  # by these checks, and perhaps by more
    unseen: str = ""  # by these
    times: int = 1

    def planted(self):
        """(file, its source with the bug)."""
        try:
            return source_with(self.where, self.right, self.wrong, self.times)
        except LookupError as error:
            raise LookupError(
                f"{self.name!r}: this row has to follow the source. {error}"
            ) from None


def plant(bug, folder):
    """Write the bug into the copy of the package in a folder."""
    file, source = bug.planted()
    name = file.relative_to(ROOT)
    path = (
        folder
        / "tinylstm"
        / (name.relative_to("tinylstm") if name.parts[0] == "tinylstm" else name)
    )
    path.write_text(source, encoding="utf-8")
    Path(importlib.util.cache_from_source(path)).unlink(missing_ok=True)


def run_checks(folder, names):
    """{check: Finding} of the package in a folder, by a process of its own, uncompiled."""
    variables = {name: None for name in os.environ if name.startswith(NOT_INHERITED)} | {
        "PYTHONPATH": os.pathsep.join([str(folder), str(ROOT)]),
        "PYTHONDONTWRITEBYTECODE": "1",
        "NUMBA_DISABLE_JIT": "1",
    }
    done = subprocess.run(
        [sys.executable, "-m", "tests.planted_bugs.run_checks", *names],
        **{"cwd": folder, "env": environment(folder, folder, **variables)},
        **{"capture_output": True, "text": True, "timeout": PATIENCE},
    )
    if done.returncode:
        raise RuntimeError(done.stderr)
    found = json.loads(done.stdout)
    package = (folder / "tinylstm").resolve()
    if found["folders"] != [str(package), str(package / "kernels")] or found["compiled"]:
        raise RuntimeError(f"not the copy, uncompiled, was checked: {found['folders']}")
    return {name: Finding(*finding) for name, finding in found["findings"].items()}


def findings(bug=None, names=()):
    """What these checks, or all, find in a copy of the package, with the bug if there is one."""
    with tempfile.TemporaryDirectory() as name:
        folder = copy_package(Path(name))
        if bug is not None:
            plant(bug, folder)
        return run_checks(folder, names)


@contextmanager
def all_findings(bugs, named=False):
    """{None and each bug: future of its findings}; what was not begun at the end is left out.

    named: of each bug only those of the checks that its row names.
    """
    pool = ThreadPoolExecutor(AT_ONCE)
    try:
        names = {bug: f"{bug.caught} {bug.unseen}".split() for bug in bugs if named}
        yield {bug: pool.submit(findings, bug, names.get(bug, ())) for bug in (None, *bugs)}
    finally:
        pool.shutdown(cancel_futures=True)


def failed(found):
    """Names of the checks that failed."""
    return [name for name, finding in found.items() if finding.reason]


def by_kind(names):
    """Names of checks as text: ``twin: stateful, masks; law: chunks``."""
    kinds = {}
    for name in names:
        kind, _, what = name.partition("_")
        kinds.setdefault(kind, []).append(what.replace("_", " "))
    return "; ".join(f"{kind}: {', '.join(whats)}" for kind, whats in kinds.items())


def findings_table(futures):
    """The bugs that were tried, and the checks that caught each, as a table in Markdown."""
    rows = ["| planted bug | in | caught by |", "| --- | --- | --- |"]
    for bug, future in futures.items():
        tried = future.done() and not future.cancelled() and future.exception() is None
        if bug is not None and tried:
            rows.append(f"| {bug.name} | `{bug.where}` | {by_kind(failed(future.result()))} |")
    return "\n".join(rows)


def checks_table():
    """The checks, and the real tests that make the same comparison, as a table in Markdown."""
    rows = ["| check | makes the comparison of |", "| --- | --- |"]
    for name, tests in MIRRORED.items():
        rows.append(f"| {by_kind([name])} | {', '.join(f'`{test}`' for test in tests)} |")
    return "\n".join(rows)
