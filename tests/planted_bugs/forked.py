"""Children that look at an engine with a bug; all that they need is imported once, before.

    NUMBA_DISABLE_JIT=1 python -m tests.planted_bugs.forked

reads lines of JSON: the name of a bug, or null, and names of checks, or none for all. Each line is
for a child, which plants the bug in itself. A line of JSON answers: what each check has found, or
``error``, what became of the child.
"""

import importlib
import json
import os
import signal
import sys
import traceback

from tinylstm.kernels.compiling import COMPILED

from tests.planted_bugs.bugs import BUGS
from tests.planted_bugs.checks import CHECKS, find
from tests.planted_bugs.exchanging import exchange, forget

PATIENCE = 300  # seconds for one bug
BY_NAME = {bug.name: bug for bug in BUGS}


def found(bug, names):
    """{check: Finding} of these checks, or of all, with the bug of that name."""
    if COMPILED:
        raise RuntimeError("A bug is planted in Python's functions: set NUMBA_DISABLE_JIT=1.")
    planted = BY_NAME[bug].planted() if bug else None
    if planted and not exchange(*planted):
        forget(*planted)
        return importlib.import_module("tests.planted_bugs.forked").found(None, names)
    return {name: find(CHECKS[name]) for name in names or CHECKS}


def answer(*question):
    """What is found in a child of this process, as text."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        tell(writing, question)
    os.close(writing)
    with open(reading, encoding="utf-8") as pipe:
        said = pipe.read()
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    return json.dumps({"error": f"ended with {status}"}) if status else said


def tell(writing, question):
    """In the child: write the answer, and end."""
    status = 1
    try:
        signal.alarm(PATIENCE)
        os.dup2(2, 1)  # what is printed is no answer
        try:
            said = found(*question)
        except Exception:
            said = {"error": traceback.format_exc()}
        with open(writing, "w", encoding="utf-8") as pipe:
            json.dump(said, pipe)
        status = 0
    finally:
        os._exit(status)


if __name__ == "__main__":
    for line in sys.stdin:
        print(answer(*json.loads(line)), flush=True)
