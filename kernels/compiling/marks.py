"""Marks of files that are being loaded: LLVM ends the process where it cannot read machine code.

So while a file is loaded, a mark lies beside it, locked, with a dot for each process that loads it.
Who finds dots without the lock knows that so many have died meanwhile. One may have been killed,
which looks the same: the file is loaded again. After two it is the file, and it is made anew.
"""

import os
from contextlib import suppress

from .trust import is_sound, plain, remove

try:
    import fcntl
except ImportError:  # Windows: no marks
    fcntl = None

DEADLY = 2  # deaths of which the file is the reason

_open = {}  # of this process: path of a kernel's file to its mark


def was_deadly(path):
    """Whether a file has ended the processes that loaded it; else it is marked, if it can be."""
    mark = _locked(path.with_suffix(".loading"))
    if mark is None:
        return False
    _open[path] = mark
    deaths = os.fstat(mark.fileno()).st_size
    with suppress(OSError):  # a full disk
        mark.write(b".")
    return deaths >= DEADLY


def _locked(place):
    """A file, open and locked; None where it cannot be, as where another process loads the same."""
    if fcntl is None:
        return None
    try:
        if not is_sound(place):
            remove(place)
        mark = open(place, "ab", 0, opener=plain)  # noqa: SIM115
    except OSError:
        return None
    try:
        fcntl.flock(mark, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        mark.close()
        return None
    return mark


def unmark(path):
    """A file has been loaded, or is none."""
    mark = _open.pop(path, None)
    if mark is not None:
        with mark, suppress(OSError):
            mark.truncate(0)  # for who has it open already
            os.unlink(mark.name)
