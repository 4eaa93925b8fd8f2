"""Checks on the `tinylstm` that Python finds, which is to be a copy: see `forked`."""

from pathlib import Path

from tinylstm.kernels.compiling.compiler import COMPILED

import tinylstm
from tests.planted_bugs import cell_checks, laws, layer_checks, part_checks, thread_laws, twins  # noqa: F401  they register their checks
from tests.planted_bugs.checks import CHECKS, find
from tinylstm import kernels


def found(folder, names):
    """{check: Finding} of these checks, or of all."""
    package = Path(folder).resolve() / "tinylstm"
    folders = [Path(one.__file__).resolve().parent for one in (tinylstm, kernels)]
    if folders != [package, package / "kernels"] or COMPILED:
        raise RuntimeError(f"not the copy, uncompiled, is checked: {folders}")
    return {name: find(CHECKS[name]) for name in names or CHECKS}
