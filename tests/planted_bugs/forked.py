"""Children that look at copies of the engine; what belongs to no copy is imported once, before.

    NUMBA_DISABLE_JIT=1 python -m tests.planted_bugs.forked MODULE

reads lines of JSON: the folder of a copy, and names. Each is for a child, which takes the package
from that folder. A line of JSON answers: what `found(folder, names)` of the module has returned, or
``error``, what became of it.
"""

import asyncio
import importlib
import json
import os
import signal
import sys
import traceback
from unittest import mock

import hypothesis.extra.numpy
import numba.np.arrayobj
import numpy.testing
import pytest
import safetensors.numpy

PATIENCE = 300  # seconds for one copy
OF_NO_COPY = asyncio, hypothesis, mock, numba, numpy, pytest, safetensors


def answer(module, folder, names):
    """What the module finds in a folder, as text, in a child of this process."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        tell(writing, module, folder, names)
    os.close(writing)
    with open(reading, encoding="utf-8") as pipe:
        said = pipe.read()
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    return json.dumps({"error": f"ended with {status}"}) if status else said


def tell(writing, module, folder, names):
    """In the child: write the answer, and end."""
    status = 1
    try:
        signal.alarm(PATIENCE)
        os.dup2(2, 1)  # what is printed is no answer
        os.environ["TINYLSTM_CACHE_DIR"] = folder
        os.chdir(folder)
        sys.path.insert(0, folder)
        for name in [name for name in sys.modules if name.partition(".")[0] == "tests"]:
            del sys.modules[name]  # a copy may have its own
        try:
            found = importlib.import_module(module).found(folder, names)
        except Exception:
            found = {"error": traceback.format_exc()}
        with open(writing, "w", encoding="utf-8") as pipe:
            json.dump(found, pipe)
        status = 0
    finally:
        os._exit(status)


if __name__ == "__main__":
    for line in sys.stdin:
        print(answer(sys.argv[1], *json.loads(line)), flush=True)
