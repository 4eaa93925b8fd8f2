"""A file that is the old one or the new one, complete, whenever the process dies.

The new one is written beside the old one, and takes its name when it is on the disk. As long as
that lasts its process holds a lock on it; so one without a lock was left by a process that was
killed, and goes at the next save.
"""

import errno
import os
import re
import secrets
import stat
from contextlib import contextmanager, suppress
from pathlib import Path

from ..surface.errors import mismatch
from .refusals import kind_of, need_folder, told

try:
    import fcntl
except ImportError:  # Windows: no locks, and what is left stays
    fcntl = None  # type: ignore[assignment]

LETTERS = 40  # of a file's name, in that of the one that takes its place
TAIL = re.compile(r"\.[0-9a-f]{8}\.tmp")
UNSYNCED = errno.EACCES, errno.EPERM, errno.EINVAL, errno.ENOTSUP  # Windows, some disks


def write_whole(path, pieces):
    """Put bytes, piece after piece, into a file that at every moment is the old or the new one."""
    with whole_file(path) as file:
        file.writelines(pieces)


@contextmanager
def whole_file(path):
    """A fresh file, open, that takes the name of a path where the block comes to its end.

    A link is followed and stays. Other names of the same file (hard links) keep the old content.
    The new file has the old one's mode, from its first byte on.
    """
    with told(path, "written"):
        target = Path(os.path.realpath(path))
        need_folder(target)
        old = replaceable(target)
        remove_left(target)
        with fresh_beside(target, old) as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
            file.close()
            if old is not None:
                take_over(old, file.name)
            os.replace(file.name, target)
        sync_folder(target.parent)


def replaceable(path):
    """What the system says of the file at a path; None where there is nothing.

    Raises
    ------
    FileExistsError, PermissionError
        If there is something else, or a file that may not be written.
    """
    try:
        old = os.stat(path)
    except FileNotFoundError:
        return None
    if not stat.S_ISREG(old.st_mode):
        expected, received = "a new path, or that of a file", f"{kind_of(old)} at {path}"
        raise mismatch("This is no file.", expected, received, FileExistsError)
    if not old.st_mode & 0o222 or not os.access(path, os.W_OK):
        expected = "a new path, or a file with the right to write"
        received = f"mode {stat.S_IMODE(old.st_mode):04o} at {path}"
        raise mismatch("This file may not be written.", expected, received, PermissionError)
    return old


@contextmanager
def fresh_beside(target, old):
    """A file of a new name, open and locked in a block that gives it another one; where that fails,
    it goes. A file that another process took for one that was left is left to it."""
    mode, taken = 0o666 if old is None else stat.S_IMODE(old.st_mode), True
    while taken:
        fresh = target.with_name(f".{target.name[:LETTERS]}.{secrets.token_hex(4)}.tmp")
        try:
            with (
                open(fresh, "xb", opener=lambda name, flags: os.open(name, flags, mode)) as file,
                held(file.fileno()) as taken,
            ):
                if not taken:
                    yield file
        except BaseException:
            with suppress(FileNotFoundError):
                fresh.unlink()
            raise


@contextmanager
def held(number):
    """Hold a lock on an open file, also when it is closed in between, where there are locks.

    Gives whether the file had lost its name before.
    """
    if fcntl is None:
        yield False
        return
    number = os.dup(number)
    try:
        with suppress(OSError):  # a disk that knows no locks
            fcntl.flock(number, fcntl.LOCK_EX)
        yield os.fstat(number).st_nlink == 0
    finally:
        os.close(number)


def take_over(old, fresh):
    """Give a new file the owner and the mode of the old one."""
    if hasattr(os, "chown"):
        with suppress(OSError):  # only root gives files to others
            os.chown(fresh, old.st_uid, old.st_gid)
    os.chmod(fresh, stat.S_IMODE(old.st_mode))


def remove_left(target):
    """Remove the fresh files that killed processes have left beside a file."""
    start = f".{target.name[:LETTERS]}"
    with suppress(OSError):  # a folder that cannot be listed
        for name in os.listdir(target.parent):
            if name.startswith(start) and TAIL.fullmatch(name, len(start)):
                with suppress(OSError):  # somebody else's, or still written
                    remove_unlocked(target.with_name(name))


def remove_unlocked(path):
    """Remove a file on which nobody holds a lock."""
    if fcntl is None:
        return
    number = os.open(path, os.O_WRONLY | os.O_NONBLOCK | os.O_NOFOLLOW)
    try:
        fcntl.flock(number, fcntl.LOCK_EX | fcntl.LOCK_NB)
        os.unlink(path)
    finally:
        os.close(number)


def sync_folder(path):
    """Have a folder's new entry on the disk, where folders can be read and synced."""
    try:
        folder = os.open(path, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
    except OSError as reason:
        if reason.errno not in UNSYNCED:
            raise
