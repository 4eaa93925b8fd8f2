"""What the environment says of threads, looked at before Numba, which fails at numbers below 1."""

import os

from ..surface.errors import mismatch, warn

NUMBA = "NUMBA_NUM_THREADS"
VARIABLES = (NUMBA, "OMP_NUM_THREADS")  # the first that is set counts


def number_of_threads():
    """The number that the environment names, or None; warns of what is no number."""
    given = ((name, os.environ.get(name, "")) for name in VARIABLES)
    return next(filter(None, (_number(*one) for one in given)), None)


def _number(name, given):
    given = given.strip()
    first = given.split(",")[0].strip()  # OpenMP: one for each level of nesting
    if first.isascii() and first.isdigit() and int(first) > 0:
        return int(first)
    if given:
        sentence = f"The environment variable {name} is no number of threads and was left out."
        warn(str(mismatch(sentence, "1 or more", repr(given))))
    return None


if NUMBA in os.environ:
    number = _number(NUMBA, os.environ.pop(NUMBA))  # a warning may be what imports Numba
    if number is not None:
        os.environ[NUMBA] = str(number)
