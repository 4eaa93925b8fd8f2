"""Locks of kernels: one process compiles a kernel; the others do another one meanwhile, or wait.

A lock is a file beside the kernel's own. Where it cannot be had, or its holder hangs, several
compile the same: slower, and as right. A process that dies has none.
"""

import os
import warnings
from contextlib import suppress

from .trust import is_sound, mode, remove

PATIENCE = 120  # seconds that a process waits for another one's compilation

_held = {}  # of this process: path of a kernel's file to its lock, or None where there can be none


def acquire(place, patience):
    """The lock whose file is at a place, or None where there can be none.

    Raises
    ------
    TimeoutError
        If another process has it for all these seconds.
    """
    from filelock import FileLock, Timeout  # takes time to import

    lock = FileLock(place, mode=mode(0o644))
    try:
        if not is_sound(place):
            remove(place)
        lock.acquire(timeout=patience)
    except Timeout:
        raise
    except (OSError, NotImplementedError):
        return None
    return lock


def take(path, patience=None):
    """Lock a kernel; returns whether it may be compiled.

    patience: seconds to wait where another process has it; 0: do not, and return False then. After
    more in vain it is as if there were no lock.
    """
    if path in _held:
        return True
    lock = None
    try:
        lock = acquire(path.with_suffix(".lock"), PATIENCE if patience is None else patience)
    except TimeoutError:
        if patience == 0:
            return False
        warnings.warn(
            f"tinylstm waits no longer for another process, which has been compiling {path} for "
            f"{PATIENCE} s, and compiles it too. If that one is stopped, let it go on or end it.",
            stacklevel=2,
        )
    _held[path] = lock
    return True


def release(lock):
    """Give a lock back, without a file of it; who waits for that one gets it in any case."""
    with suppress(OSError):  # Windows deletes no open file
        os.unlink(lock.lock_file)
    with suppress(OSError):
        lock.release()


def give_back(path):
    """Let others have a kernel."""
    lock = _held.pop(path, None)
    if lock is not None:
        release(lock)


def give_all_back():
    """Let others have what a compilation that was stopped has not given back."""
    for path in list(_held):
        give_back(path)
