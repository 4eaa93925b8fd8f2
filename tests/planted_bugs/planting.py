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
from queue import SimpleQueue
from typing import NamedTuple

from tests.planted_bugs import cell_checks, laws, layer_checks, part_checks, thread_laws, twins  # noqa: F401  they register their checks
from tests.planted_bugs.anchors import source_with
from tests.planted_bugs.checks import MIRRORED, Finding
from tests.processes import ROOT, copy_package, environment

CHECKING = "tests.planted_bugs.run_checks"
AT_ONCE = 2  # copies that are looked at side by side
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
    path = folder / name if (folder / name).exists() else folder / "tinylstm" / name
    path.write_text(source, encoding="utf-8")
    Path(importlib.util.cache_from_source(path)).unlink(missing_ok=True)


class Process:
    """One that looks at copies, each in a child, by `found` of a module: see `forked`."""

    def __init__(self, module):
        variables = {name: None for name in os.environ if name.startswith(NOT_INHERITED)} | {
            "NUMBA_DISABLE_JIT": "1",
        }
        self.errors = tempfile.TemporaryFile()  # noqa: SIM115  closed with the process
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.planted_bugs.forked", module],
            **{"env": environment(ROOT, os.devnull, **variables), "cwd": ROOT, "text": True},
            **{"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": self.errors},
        )

    def found(self, folder, names):
        """What the module finds in a folder."""
        print(json.dumps([str(folder), list(names)]), file=self.process.stdin, flush=True)
        line = self.process.stdout.readline()
        found = json.loads(line) if line else {"error": "the process has ended"}
        if "error" in found:
            self.errors.seek(0)
            raise RuntimeError(found["error"] + self.errors.read().decode())
        return found

    def end(self):
        """Let it end."""
        self.process.communicate()
        self.errors.close()


@contextmanager
def looking(module, copy):
    """A function (bug, names) -> what a module finds in a copy of the package with that bug.

    copy: makes one in a folder, and returns the folder. As many may be looked at at once as a
    `ThreadPoolExecutor(AT_ONCE)` does.
    """
    processes, idle = [Process(module) for _ in range(AT_ONCE)], SimpleQueue()

    def look(bug, names=()):
        process = idle.get()
        try:
            with tempfile.TemporaryDirectory() as name:
                folder = copy(Path(name))
                if bug is not None:
                    plant(bug, folder)
                return process.found(folder, names)
        finally:
            idle.put(process)

    for process in processes:
        idle.put(process)
    try:
        yield look
    finally:
        for process in processes:
            process.end()


@contextmanager
def submitted(look, calls):
    """{bug: future of look(bug, names)}; what was not begun at the end is left out."""
    pool = ThreadPoolExecutor(AT_ONCE)
    try:
        yield {bug: pool.submit(look, bug, names) for bug, names in calls.items()}
    finally:
        pool.shutdown(cancel_futures=True)


@contextmanager
def all_findings(bugs, named=False):
    """{None and each bug: future of {check: Finding}}.

    named: of each bug only those of the checks that its row names.
    """
    names = {bug: f"{bug.caught} {bug.unseen}".split() if named else () for bug in bugs}

    def findings(bug, names):
        return {name: Finding(*one) for name, one in look(bug, names).items()}

    calls = {None: (), **names}
    with looking(CHECKING, copy_package) as look, submitted(findings, calls) as futures:
        yield futures


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
