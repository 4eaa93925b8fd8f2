"""Which process lives: one that has a lock touches its file every second.

So who waits can tell a process that was stopped from one that takes long, on any system.
"""

import os
import threading
import time
from contextlib import suppress

from .streams import tell

BEAT = 1  # seconds between two touches
LONGEST = 120  # seconds that somebody waits in any case


def beat(file):
    """Touch a file from now on; returns an event that ends it."""
    ended = threading.Event()

    def touch():
        while not ended.wait(BEAT):
            with suppress(OSError):
                os.utime(file)

    with suppress(RuntimeError):  # there can be no further thread
        threading.Thread(target=touch, daemon=True).start()
    return ended


class Standstill:
    """Whether others stand still: nothing changes about some files for so many seconds."""

    def __init__(self, patience):
        self.patience, self.said = patience, False
        self.began = self.since = time.monotonic()
        self.seen = None

    def lasts(self, files):
        """Whether it is time to go on without them; after half of it a person is told."""
        seen, now = [touched(file) for file in files], time.monotonic()
        if seen != self.seen:
            self.seen, self.since = seen, now
        if not self.said and 0 < self.patience / 2 < now - self.since:
            self.said = True
            tell(
                "tinylstm waits for another process that compiles kernels and does not move; soon "
                "it goes on without that one ..."
            )
        return now - self.since >= self.patience or now - self.began > LONGEST


def touched(file):
    """When a file was touched last, None where there is none.

    It is the time of access: a process that only tries to lock a file changes the other one.
    """
    with suppress(OSError):
        return os.stat(file).st_atime_ns
    return None
