"""Threads of Python that change as often as they can, so that what may come between does."""

import sys
import threading
from contextlib import contextmanager

BY_THE_WAY = 0.2  # seconds


@contextmanager
def often_switched(seconds=1e-6):
    """A block in which a thread has Python's lock for so long, where another one waits for it.

    Who gives the lock away so waits for a signal that it has been taken. The C library may lose
    that signal (glibc before 2.41, sourceware.org/bugzilla/show_bug.cgi?id=25847), and where nobody
    else wants the lock any more, the thread waits for ever. Here one comes by that does want it.
    """
    ended, before = threading.Event(), sys.getswitchinterval()

    def come_by():
        while not ended.wait(BY_THE_WAY):
            pass

    passer_by = threading.Thread(target=come_by, daemon=True)
    passer_by.start()
    sys.setswitchinterval(seconds)
    try:
        yield
    finally:
        sys.setswitchinterval(before)
        ended.set()
        passer_by.join()
