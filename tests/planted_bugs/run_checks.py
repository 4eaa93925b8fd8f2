"""Checks on the `tinylstm` that Python finds; what they found goes to stdout as JSON.

NUMBA_DISABLE_JIT=1 python -m tests.planted_bugs.run_checks [NAME ...]   (without a name: all)
"""

import json
import sys
from pathlib import Path

from tinylstm.kernels.compiling.compiler import COMPILED

import tinylstm
from tests.planted_bugs import cell_checks, laws, layer_checks, thread_laws, twins  # noqa: F401  they register their checks
from tests.planted_bugs.checks import CHECKS, find
from tinylstm import kernels

if __name__ == "__main__":
    folders = [str(Path(package.__file__).resolve().parent) for package in (tinylstm, kernels)]
    findings = {name: find(CHECKS[name]) for name in sys.argv[1:] or CHECKS}
    print(json.dumps({"folders": folders, "compiled": COMPILED, "findings": findings}))
