"""A progress bar, on standard error, where a line can be written over; in a log a line at times."""

import sys
import time

from ..kernels.compiling import ERR

FIRST, PACE = 1.0, 10.0  # seconds until the first line of a log, and from one to the next


class Pace:
    """When a log gets a line: after a second, and then ten seconds after the last one."""

    def __init__(self):
        self.next = time.monotonic() + FIRST

    def is_due(self):
        """Whether it is time for one."""
        return time.monotonic() >= self.next

    def tell(self, line):
        """Write it."""
        print(line, file=ERR, flush=True)
        self.next = time.monotonic() + PACE


def is_live():
    """Whether lines can be written over: at a terminal, in a notebook, not in a file or a log."""
    return ERR.isatty() or ("ipykernel" in sys.modules and ERR.now is not None)


def progress_bar(total, unit, done=None, **options):
    """A bar that counts so many, or what comes out of `done`; nothing where no line is live."""
    from .fitted import FittedBar  # takes time to import

    options |= {"total": total, "unit": unit, "file": ERR, "dynamic_ncols": True}
    return FittedBar(done, disable=not is_live(), **options)


def counted(done, total, unit):
    """What comes out of `done`, counted in a bar, or in the lines of a log."""
    if is_live():
        yield from progress_bar(total, unit, done)
        return
    pace = Pace()
    for number, one in enumerate(done, 1):
        if pace.is_due():
            pace.tell(f"{number}/{total} {unit}s")
        yield one
