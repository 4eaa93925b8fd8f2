"""Locks of kernels: one process compiles a kernel; the others do another one meanwhile, or wait.

A lock is a file beside the kernel's own. Where it cannot be had, or its holder stands still,
several compile the same: slower, and as right. A process that dies has none.
"""

import os
import time
from contextlib import suppress

from .beats import Standstill, beat
from .streams import warn
from .trust import is_sound, mode, remove

PATIENCE = 10  # seconds that a process waits for another one's compilation which stands still

_held = {}  # of this process: path of a kernel's file to its lock, or None where there can be none


def acquire(place, patience):
    """The lock whose file is at a place, or None where there can be none.

    Raises
    ------
    TimeoutError
        If another process has it, and stands still for all these seconds.
    """
    from filelock import FileLock, Timeout  # takes time to import

    lock, standstill = FileLock(place, mode=mode(0o644), thread_local=False), Standstill(patience)
    try:
        if not is_sound(place):
            remove(place)
        while True:
            with suppress(Timeout):
                lock.acquire(timeout=0)
                return lock
            if standstill.lasts([place]):
                raise TimeoutError
            time.sleep(0.05)
    except TimeoutError:
        raise
    except (OSError, NotImplementedError):
        return None


def standstill():
    """A `Standstill` that lasts as long as a process waits for another one."""
    return Standstill(PATIENCE)


def lock_file(path):
    """Where the lock of a kernel is."""
    return path.with_suffix(".lock")


def take(path, patience=None):
    """Lock a kernel; returns whether it may be compiled.

    patience: seconds to wait where another process has it and stands still; 0: do not wait at all,
    and return False then. After more in vain it is as if there were no lock.
    """
    if path in _held:
        return True
    lock = None
    try:
        lock = acquire(lock_file(path), PATIENCE if patience is None else patience)
    except TimeoutError:
        if patience == 0:
            return False
        warn(
            f"tinylstm waits no longer for another process, which has been compiling {path} and "
            "stands still, and compiles it too. If that one is stopped, let it go on or end it."
        )
    _held[path] = lock and (lock, beat(lock.lock_file))
    return True


def release(lock):
    """Give a lock back, without a file of it; who waits for that one gets it in any case."""
    with suppress(OSError):  # Windows deletes no open file
        os.unlink(lock.lock_file)
    with suppress(OSError):
        lock.release()


def give_back(path):
    """Let others have a kernel."""
    held = _held.pop(path, None)
    if held is not None:
        lock, beating = held
        beating.set()
        release(lock)


def give_all_back():
    """Let others have what a compilation that was stopped has not given back."""
    for path in list(_held):
        give_back(path)
