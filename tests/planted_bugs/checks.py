"""Compact checks: comparisons of real tests at small sizes, for a whole engine in a second.

What a check is called says how it finds a bug: ``twin_`` against the naive twin, ``differences_``
against central differences, ``law_`` by a law between the engine's own results.
"""

from typing import NamedTuple

import numpy as np

import tinylstm
from tests import tolerances

CHECKS = {}
MIRRORED = {}  # of each check: the real tests that make the same comparison


def mirrors(*tests):
    """Register a check under its name, with "file::test" of what it mirrors (decorator)."""

    def register(check):
        CHECKS[check.__name__], MIRRORED[check.__name__] = check, tests
        return check

    return register


def rng():
    """The generator that the tests' fixture gives."""
    return np.random.default_rng(20250101)


class Finding(NamedTuple):
    """Of one check: the largest normwise error that it measured; why it failed, or nothing."""

    error: float
    reason: str


def find(check):
    """Run a check, and watch every error that it measures."""
    errors, reason, measure = [0.0], "", tolerances.error

    def watched(a, b):
        errors.append(float(measure(a, b)))
        return errors[-1]

    tinylstm.set_random_seed(7)
    tolerances.error = watched
    try:
        check()
    except Exception as exception:  # whatever a broken engine may raise
        first_line, *_ = str(exception).strip().splitlines() or ["no words"]
        reason = f"{type(exception).__name__}: {first_line}"
    finally:
        tolerances.error = measure
    return Finding(float(np.max(errors)), reason)
