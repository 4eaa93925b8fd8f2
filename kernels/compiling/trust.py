"""Whose a folder or a file is: machine code that is loaded from the disk is run.

So only the user, or root, may have been able to write it. The rules are those of ssh for its keys:
the folder, every folder above it and every link on the way belong to the user or to root, and
nobody else may write there. Others can exchange what lies in a folder that they may write to; only
in one with a sticky bit, as /tmp, they cannot, so it may lie above ours. Above the user's home
nothing is looked at: who can exchange a home has all that is in it. A file is looked at when it is
open already.

Windows has no such owners and modes: there the cache lies with the user's local data of programs.
"""

import os
import pathlib
import shlex
import shutil
import stat
from contextlib import suppress

POSIX = hasattr(os, "geteuid")
OTHERS = stat.S_IWGRP | stat.S_IWOTH
HOME = pathlib.Path(os.path.expanduser("~"))
# A link in a file's place is not followed, and nobody waits for the other end of a pipe.
PLAIN = sum(getattr(os, name, 0) for name in ("O_NOFOLLOW", "O_NONBLOCK"))


def mode(most):
    """Root makes what all users may read, `python -m tinylstm warmup`; a user what nobody else."""
    return most if POSIX and os.geteuid() == 0 else most & 0o700


class Untrusted(OSError):
    """What others can have written; the message says who or how."""


def flaw(path, status, above=False):
    """What is wrong with something of this status, as the end of a sentence; None: nothing.

    above: it is a folder above ours.
    """
    if not POSIX:
        return None
    if status.st_uid not in (os.geteuid(), 0):
        return f"belongs to another user, number {status.st_uid}"
    open_to_others = status.st_mode & OTHERS and not stat.S_ISLNK(status.st_mode)
    if open_to_others and not (above and status.st_mode & stat.S_ISVTX):
        return f"can be written by others (chmod go-w {shlex.quote(str(path))})"
    return None


def way_to(path):
    """The folders and the links by which the system comes to an absolute path."""
    if path not in (HOME, path.parent):
        yield from way_to(path.parent)
    yield path
    if path.is_symlink():
        yield from way_to(path.parent / os.readlink(path))


def need_trusted(folder, above=False):
    """Refuse a folder that others can write to or exchange.

    above: what matters is a folder in it.

    Raises
    ------
    Untrusted
    """
    found = [(path, path.lstat(), True) for path in way_to(folder)]
    for path, status, is_above in [*found, (folder, folder.stat(), above)]:
        wrong = flaw(path, status, is_above)
        if wrong:
            raise Untrusted(f"{path} {wrong}")


def make_folder(path):
    """Make a folder where it is missing, and those above it; nothing in a folder of others."""
    if path.is_dir():
        return
    make_folder(path.parent)
    need_trusted(path.parent, above=True)
    try:
        path.mkdir(0o700)
    except FileExistsError:
        if not path.is_dir():  # not by another process, just now
            raise
    else:
        path.chmod(mode(0o755))  # whatever the umask


def plain(path, flags):
    """As `open` opens a file, but nothing behind a link, and a new one for the user alone."""
    return os.open(path, flags | PLAIN, 0o600)


def is_sound(path):
    """Whether there is nothing, or a file that nobody else can have written."""
    try:
        status = path.lstat()
    except FileNotFoundError:
        return True
    return stat.S_ISREG(status.st_mode) and not flaw(path, status)


def read_file(path):
    """Bytes of a file that nobody else can have written.

    Raises
    ------
    OSError
        Untrusted, or another one where it cannot be read.
    """
    with open(path, "rb", opener=plain) as file:
        status = os.fstat(file.fileno())
        wrong = flaw(path, status) if stat.S_ISREG(status.st_mode) else "is no file"
        if wrong:
            raise Untrusted(f"{path} {wrong}")
        return file.read()


def write_file(path, data):
    """Put a file into its place, whole or not at all, whatever lies there."""
    part = path.with_suffix(f".{os.urandom(8).hex()}.part")
    try:
        with open(part, "xb", opener=plain) as file:
            file.write(data)
        part.chmod(mode(0o644))
        if path.is_dir():
            remove(path)
        part.replace(path)
    finally:
        with suppress(OSError):
            part.unlink(missing_ok=True)


def remove(path):
    """Delete a file, a folder or a link, and nothing behind a link."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
