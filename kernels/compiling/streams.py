"""Where things are shown: standard output and standard error, whatever those are just then.

A program with windows has none, a pipe may be broken, a disk full, a file closed, an encoding too
small, and another object may stand in their place. What cannot be shown is lost, and nothing else.
"""

import sys
import threading
import warnings
from contextlib import nullcontext, suppress
from functools import partial

from .packages import OURS

BETWEEN = (OURS, "numba", "threading", "functools", "contextlib")  # a user's line and a kernel


class Stream:
    """One of the two, by its name in `sys`; for `print`, and for tqdm, as a file."""

    def __init__(self, name):
        self.name = name

    @property
    def now(self):
        """The object that stands there, or None."""
        return getattr(sys, self.name)

    @property
    def encoding(self):
        """That of what is written; None where nobody knows."""
        return getattr(self.now, "encoding", None)

    def write(self, text):
        """Write; characters that the encoding does not have become question marks."""
        with suppress(Exception):
            try:
                self.now.write(text)
            except UnicodeEncodeError:
                self.now.write(text.encode(self.encoding, "replace").decode(self.encoding))
        return len(text)

    def flush(self):
        """Let be seen what was written."""
        with suppress(Exception):
            self.now.flush()

    def is_broken(self):
        """Whether nobody reads any more what is written."""
        try:
            self.now.flush()
        except BrokenPipeError:
            return True
        return False

    def isatty(self):
        """Whether a person looks at a terminal."""
        with suppress(Exception):
            return bool(self.now.isatty())
        return False

    def fileno(self):
        """For the width of a terminal; raises where it is no file."""
        return self.now.fileno()

    def __eq__(self, other):
        """To tqdm it is the stream itself, above whose bar lines are written, if all is well."""
        return other is self or (other is self.now and can_flush(sys.stdout, sys.stderr))

    __hash__ = None


def can_flush(*streams):
    """Whether these can be flushed, which tqdm does to both."""
    try:
        for stream in streams:
            stream.flush()
    except Exception:
        return False
    return True


OUT, ERR = Stream("stdout"), Stream("stderr")
show = partial(print, file=OUT)  # `print` that breaks nothing


def above_bars():
    """A block in which no progress bar stands in the line; those that there are come again."""
    bars = sys.modules.get("tqdm")  # without it there are none
    return nullcontext() if bars is None else bars.tqdm.external_write_mode(file=ERR)


def tell(text):
    """Say something to a person, on standard error: at a terminal, in a notebook, in a log."""
    with above_bars():
        print(text, file=ERR, flush=True)


def warn(message):
    """A warning that names the line which led to it, outside of this package and of Numba."""
    frame = line_outside(sys._getframe(1))
    # Python itself raises ValueError where somebody has closed standard error.
    with above_bars(), suppress(ValueError):
        warnings.warn_explicit(
            message,
            UserWarning,
            frame.f_code.co_filename,
            frame.f_lineno,
            frame.f_globals.get("__name__"),
        )


def line_outside(inside):
    """The frame of that line; where a kernel is loaded in a thread of its own, the main one's."""
    for frame in (inside, sys._current_frames().get(threading.main_thread().ident)):
        while frame is not None:
            if str(frame.f_globals.get("__name__")).partition(".")[0] not in BETWEEN:
                return frame
            frame = frame.f_back
    return inside
