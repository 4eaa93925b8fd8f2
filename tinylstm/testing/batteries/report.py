"""What a battery of checks has found: a line for each check, and sentences for what is wrong."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np

from ...surface.arguments import as_list, choice, known

RIGHT, WRONG, LEFT_OUT = "right", "WRONG", "left out"


class Wrong(Exception):
    """What a check raises that has found a fault: what is wrong, and where to look."""

    def __init__(self, what, where):
        super().__init__(what, where)
        self.what, self.where = what, where


class Finding(NamedTuple):
    """What one check has found.

    Attributes
    ----------
    check : str
        Its name.
    verdict : {"right", "WRONG", "left out"}
    what, where : str
        What is wrong, and where to look; or "".
    """

    check: str
    verdict: str
    what: str = ""
    where: str = ""


class CheckReport(list[Finding]):
    """The `Finding` of every check; prints as a table, with sentences for what is wrong.

    Attributes
    ----------
    of : str
        What was checked.
    ok : bool
        Whether nothing is wrong.
    wrong : list of Finding
    """

    def __init__(self, of: str, findings: Iterable[Finding] = ()) -> None:
        super().__init__(findings)
        self.of = of

    @property
    def wrong(self) -> list[Finding]:
        return [finding for finding in self if finding.verdict == WRONG]

    @property
    def ok(self) -> bool:
        return not self.wrong

    def __str__(self) -> str:
        width = max(len("check"), *(len(finding.check) for finding in self))
        lines = [f"{'check'.ljust(width)}  {self.of}", f"{'-' * width}  {'-' * len(self.of)}"]
        lines += [f"{one.check.ljust(width)}  {one.verdict}" for one in self]
        for one in self.wrong:
            lines += ["", f"{one.check}: {one.what}", f"Where to look: {one.where}"]
        count = sum(finding.verdict != LEFT_OUT for finding in self)
        verdict = "right" if self.ok else f"WRONG: {len(self.wrong)} of"
        return "\n".join([*lines, *[""] * bool(self.wrong), f"{verdict} {count} checks".strip()])

    def __repr__(self) -> str:
        return f"<report of {self.of}: {'right' if self.ok else 'WRONG'}>"


def run(of, checks, subject, leave_out=(), raises=True):
    """The report of a battery.

    checks : {name: function of the subject}, which raises `Wrong`.
    """
    leave_out, raises = as_list(leave_out, "leave_out", "names of checks"), choice(raises, "raises")
    for name in leave_out:
        known(checks, name, "check")
    report = CheckReport(of)
    for name, check in checks.items():
        report.append(Finding(name, LEFT_OUT) if name in leave_out else found(name, check, subject))
    if raises and not report.ok:
        raise AssertionError(f"\n{report}")
    return report


def found(name, check, subject):
    """What one check finds; what the code that it runs raises is a fault too."""
    try:
        with np.errstate(all="ignore"):  # what is not finite is found by who looks at it
            check(subject)
    except Wrong as wrong:
        return Finding(name, WRONG, wrong.what, wrong.where)
    except Exception as error:  # of somebody else's code
        first = f"{error}".strip().partition("\n\n")[0]
        notes = " ".join(getattr(error, "__notes__", ()))
        where = notes or "The line that raises; NUMBA_DISABLE_JIT=1 runs it as plain Python."
        return Finding(name, WRONG, f"It raises {type(error).__name__}: {first}", where)
    return Finding(name, RIGHT)
