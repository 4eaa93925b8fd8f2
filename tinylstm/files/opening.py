"""A file that somebody else may have made, opened to be read."""

import os
from contextlib import contextmanager

from .refusals import kind_at, kind_of, need_file, told


@contextmanager
def opened_file(path, buffering=0):
    """The open file at a path, and its size in bytes; what is no file is refused.

    Raises
    ------
    OSError
        If there is none, or the system does not let it be read.
    """
    with told(path, "read"):
        need_file(kind_at(path), path)
        file = open(path, "rb", buffering, opener=without_waiting)  # noqa: SIM115
    with file:
        status = os.fstat(file.fileno())
        need_file(kind_of(status), path)  # what was there a moment before may be gone
        yield file, status.st_size


def without_waiting(path, flags):
    """Open a path without waiting for anybody, such as who writes into a pipe."""
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))
