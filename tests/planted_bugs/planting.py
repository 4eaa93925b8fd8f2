"""Engines with one bug each, and what the checks find in them."""

import json
import os
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from queue import SimpleQueue
from typing import NamedTuple

from tests.planted_bugs import cell_checks, laws, layer_checks, part_checks, thread_laws, twins  # noqa: F401  they register their checks
from tests.planted_bugs.anchors import source_with
from tests.planted_bugs.checks import MIRRORED, Finding
from tests.processes import ROOT, environment

AT_ONCE = 2  # engines that are looked at side by side
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


class Process:
    """One whose children look at the engine, see `forked`."""

    def __init__(self):
        variables = {name: None for name in os.environ if name.startswith(NOT_INHERITED)} | {
            "NUMBA_DISABLE_JIT": "1",
        }
        self.errors = tempfile.TemporaryFile()  # noqa: SIM115  closed with the process
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.planted_bugs.forked"],
            **{"env": environment(ROOT, os.devnull, **variables), "cwd": ROOT, "text": True},
            **{"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": self.errors},
        )

    def found(self, bug, names):
        """{check: Finding} with a bug, or with none."""
        name = None if bug is None else bug.name
        print(json.dumps([name, list(names)]), file=self.process.stdin, flush=True)
        line = self.process.stdout.readline()
        found = json.loads(line) if line else {"error": "the process has ended"}
        if "error" in found:
            self.errors.seek(0)
            raise RuntimeError(found["error"] + self.errors.read().decode())
        return {name: Finding(*one) for name, one in found.items()}

    def end(self):
        """Let it end."""
        self.process.communicate()
        self.errors.close()


@contextmanager
def looking():
    """A function (bug, names) -> {check: Finding}.

    As many bugs may be looked at at once as a `ThreadPoolExecutor(AT_ONCE)` does.
    """
    processes, idle = [Process() for _ in range(AT_ONCE)], SimpleQueue()

    def look(bug, names=()):
        process = idle.get()
        try:
            return process.found(bug, names)
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
    with looking() as look, submitted(look, {None: (), **names}) as futures:
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
