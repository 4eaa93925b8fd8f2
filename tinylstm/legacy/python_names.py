"""Names that Python 3 had when old scripts were written, and has no more."""

import collections
import fractions
import inspect
import math
import time
from contextlib import contextmanager

ABSTRACT = ("Callable", "Iterable", "Iterator", "Mapping", "MutableMapping", "Sequence", "Set")
GONE = [  # with 3.8 to 3.11: (module, name, what it is now)
    (time, "clock", time.perf_counter),
    (fractions, "gcd", math.gcd),
    (inspect, "getargspec", inspect.getfullargspec),
    *((collections, name, getattr(collections.abc, name)) for name in ABSTRACT),
]


@contextmanager
def old_python():
    """``time.clock`` and its kind, where this Python has none; they go afterwards."""
    given = [(module, name, value) for module, name, value in GONE if name not in vars(module)]
    for module, name, value in given:
        setattr(module, name, value)
    try:
        yield
    finally:
        for module, name, _ in given:
            vars(module).pop(name, None)
