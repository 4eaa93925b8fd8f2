"""Locks of kernels: one process compiles a kernel; the others do another one meanwhile, or wait.

A lock is a file beside the kernel's own. Where it cannot be had, or its holder hangs, several
compile the same: slower, and as right. A process that dies has none.
"""

from contextlib import suppress

PATIENCE = 120  # seconds that a process waits for another one's compilation

_held = {}  # of this process: path of a kernel's file to its lock, or None where there can be none


def take(path, patience=None):
    """Lock a kernel; returns whether it may be compiled.

    patience: seconds to wait where another process has it; 0: do not, and return False then. After
    more in vain it is as if there were no lock.
    """
    from filelock import FileLock, Timeout  # takes time to import

    if path in _held:
        return True
    lock = FileLock(path.with_suffix(".lock"))
    try:
        lock.acquire(timeout=PATIENCE if patience is None else patience)
    except Timeout:
        if patience == 0:
            return False
        lock = None
    except (OSError, NotImplementedError):
        lock = None
    _held[path] = lock
    return True


def give_back(path):
    """Let others have a kernel."""
    lock = _held.pop(path, None)
    if lock is not None:
        with suppress(OSError):
            lock.release()


def give_all_back():
    """Let others have what a compilation that was stopped has not given back."""
    for path in list(_held):
        give_back(path)
