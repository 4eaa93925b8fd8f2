"""What a battery of checks has found: a line for each check, and sentences for what is wrong."""

from __future__ import annotations

import ast
import re
from collections.abc import Collection, Iterable
from linecache import getline, getlines
from pathlib import Path
from traceback import extract_tb
from typing import NamedTuple

import numba
import numpy as np

from ...kernels import tables
from ...kernels.compiling import COMPILED
from ...surface.arguments import as_list, choice, known

RIGHT, WRONG, LEFT_OUT, NOT_RUN = "right", "WRONG", "left out", "not run"
PACKAGES = [Path(file).parent for file in (tables.__file__, numba.__file__, np.__file__)]
PACKAGES += [Path(__file__).parents[2]]  # whose lines are not somebody else's
NO_LINE = "The line that raises."
UNCOMPILED = "NUMBA_DISABLE_JIT=1 runs it as plain Python."
IN_MESSAGE = re.compile(r'File "(.+?)", line (\d+)')  # as the compiler says it


class Wrong(Exception):
    """What a check raises that has found a fault: what is wrong, and where to look.

    fault : what findings of several checks have in common that come from one fault; by default the
        same words.
    """

    stops = ""  # why no other check is run, if none is

    def __init__(self, what, where, fault=None):
        super().__init__(what, where)
        self.what, self.where = what, where
        self.fault = (what, where) if fault is None else fault


class Unsafe(Wrong):
    """A fault that writes or reads where nobody knows what is."""

    stops = "code that leaves its arrays can end the process"


class Finding(NamedTuple):
    """What one check has found.

    Attributes
    ----------
    check : str
        Its name.
    verdict : {"right", "WRONG", "left out", "not run"}
    what, where : str
        What is wrong, and where to look; or "".
    fault : object
        The same where several checks have found one fault; None: this check alone has.
    stops : str
        Why no check was run after it, or "".
    """

    check: str
    verdict: str
    what: str = ""
    where: str = ""
    fault: object = None
    stops: str = ""


class CheckReport(list[Finding]):
    """The `Finding` of every check; prints as a table, with sentences for each fault.

    Attributes
    ----------
    of : str
        What was checked.
    tried : str
        With what, in words, or "".
    ok : bool
        Whether nothing is wrong.
    wrong : list of Finding
    """

    def __init__(self, of: str, findings: Iterable[Finding] = (), tried: str = "") -> None:
        super().__init__(findings)
        self.of, self.tried = of, tried

    @property
    def wrong(self) -> list[Finding]:
        return [finding for finding in self if finding.verdict == WRONG]

    @property
    def ok(self) -> bool:
        return not self.wrong

    def faults(self) -> Collection[list[Finding]]:
        """The findings that are wrong: lists of those that come from one fault."""
        groups: dict[object, list[Finding]] = {}
        for one in self.wrong:
            groups.setdefault(one.check if one.fault is None else one.fault, []).append(one)
        return groups.values()

    def __str__(self) -> str:
        rows = self._rows()
        width = max(len("check"), *(len(name) for name, _ in rows))
        lines = [f"{'check'.ljust(width)}  {self.of}", f"{'-' * width}  {'-' * len(self.of)}"]
        lines += [f"{name.ljust(width)}  {verdict}" for name, verdict in rows]
        for one, *others in self.faults():
            lines += ["", f"{one.check}: {one.what}", f"Where to look: {one.where}"]
            if others:
                lines.append(f"The same in: {'; '.join(other.check for other in others)}.")
        count = sum(finding.verdict in (RIGHT, WRONG) for finding in self)
        verdict = "right" if self.ok else f"WRONG: {len(self.wrong)} of"
        lines += [*[""] * bool(self.wrong), f"{verdict} {count} checks".strip()]
        stops = "".join(f"; the others are not run: {one.stops}" for one in self if one.stops)
        lines[-1] += stops or f", {self.tried}" * bool(self.tried)
        return "\n".join(lines)

    def _rows(self) -> list[tuple[str, str]]:
        """Of the table: all checks, or, if some are wrong, those first and those left out."""
        if self.ok:
            return [(one.check, one.verdict) for one in self]
        named = [one for one in self if one.verdict == LEFT_OUT]
        rows = [(one.check, one.verdict) for one in (*self.wrong, *named)]
        for verdict in (RIGHT, NOT_RUN):
            count = sum(one.verdict == verdict for one in self)
            rows += [(f"{count} other{'s' * (count > 1)}", verdict)] * (count > 0)
        return rows

    def __repr__(self) -> str:
        return f"<report of {self.of}: {'right' if self.ok else 'WRONG'}>"


def run(of, checks, subject, leave_out=(), raises=True, tried=""):
    """The report of a battery.

    checks : {name: function of the subject}, which raises `Wrong`.
    tried : with what, in words.
    """
    leave_out, raises = as_list(leave_out, "leave_out", "names of checks"), choice(raises, "raises")
    for name in leave_out:
        known(checks, name, "check")
    report = CheckReport(of, tried=tried)
    for name, check in checks.items():
        if name in leave_out:
            report.append(Finding(name, LEFT_OUT))
        elif any(one.stops for one in report):
            report.append(Finding(name, NOT_RUN))
        else:
            report.append(finding_of(name, check, subject))
    if raises and not report.ok:
        raise AssertionError(f"\n{report}")
    return report


def finding_of(name, check, subject):
    """What one check finds; what the code that it runs raises is a fault too."""
    try:
        with np.errstate(all="ignore"):  # what is not finite is found by who looks at it
            check(subject)
    except Wrong as wrong:
        return Finding(name, WRONG, wrong.what, wrong.where, wrong.fault, wrong.stops)
    except Exception as error:  # of somebody else's code
        first = f"{error}".strip().partition("\n\n")[0]
        where = [raised_at(error), *getattr(error, "__notes__", [UNCOMPILED] * COMPILED)]
        what, fault = f"It raises {type(error).__name__}: {first}", (type(error), where[0] or first)
        where = " ".join(filter(None, where)) or NO_LINE
        stops = Unsafe.stops if isinstance(error, IndexError) else ""
        return Finding(name, WRONG, what, where, fault, stops)
    return Finding(name, RIGHT)


def raised_at(error):
    """Where somebody else's source has raised an error, in words; "" if it was ours."""
    said = [(file, int(line)) for file, line in IN_MESSAGE.findall(f"{error}")]
    if said:
        return line_of(*said[-1])
    frames = [
        frame
        for frame in extract_tb(error.__traceback__)
        if not any(Path(frame.filename).is_relative_to(package) for package in PACKAGES)
    ]
    if not frames:
        return ""
    file, line, name, _ = frames[-1]
    if is_inside(file, line, name):
        return line_of(file, line)
    return f"{Path(file).name}, in {name}."  # machine code that was kept knows it in an older place


def line_of(file, line):
    """A line of source, in words."""
    return f"{Path(file).name}, line {line}: `{getline(file, line).strip()}`."


def is_inside(file, line, name):
    """Whether a line of a file, as it is now, is one of a function of that name."""
    functions = (
        node for node in ast.walk(ast.parse("".join(getlines(file)))) if hasattr(node, "name")
    )
    return any(one.name == name and one.lineno <= line <= one.end_lineno for one in functions)
