"""What the environment says of threads, looked at before Numba, which fails at numbers below 1."""

import os

from .errors import mismatch, warn

NUMBA = "NUMBA_NUM_THREADS"
VARIABLES = (NUMBA, "OMP_NUM_THREADS")  # the first that is set counts


def number_of_threads():
    """The number that the environment names, or None; warns of what is no number."""
    return next(filter(None, map(_number, VARIABLES)), None)


def _number(name):
    given = os.environ.get(name, "").strip()
    first = given.split(",")[0].strip()  # OpenMP: one for each level of nesting
    if first.isascii() and first.isdigit() and int(first) > 0:
        return int(first)
    if given:
        sentence = f"The environment variable {name} is no number of threads and was left out."
        warn(str(mismatch(sentence, "1 or more", repr(given))))
    return None


if NUMBA in os.environ:
    given = _number(NUMBA)
    if given is None:
        del os.environ[NUMBA]  # it has been said
    else:
        os.environ[NUMBA] = str(given)
