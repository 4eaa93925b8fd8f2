"""An HDF5 file that somebody else wrote, read by a process of its own.

The library that knows HDF5 is a large one in C. A file that was made to do harm, or is damaged, can
have it loop, reserve the whole memory, or end the process. So `child` reads the file with it: a
process that opens nothing else, and from which comes a safetensors file, that is read here with all
that is checked of one. Linux keeps limits of its memory, of the processor's time and of what it
writes; macOS those without the memory; Windows none, there is the clock alone.
"""

import os
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

from ...files.contents import HDF5, Contents
from ...files.opening import opened_file
from ...files.refusals import Damaged
from ...surface.errors import mismatch
from . import child
from .tree import Group

ROOM = 64 * 2**20  # bytes that what a file holds may have beside twice its own
FAST = 5 * 2**20  # bytes that are read in a second at least
SECONDS = 10  # of the processor, for a small file; and on the clock
LETTERS = 200  # of what a process says that does not start
PATIENCE = 6  # of them, where the processor is not ours alone
QUIET = {  # of the child: no code that is elsewhere, no threads
    "HDF5_PLUGIN_PRELOAD": "::",
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
}


def read(source, name=None):
    """All that an HDF5 file holds, a `Group`.

    Parameters
    ----------
    source : Path, bytes or bytearray
    name : str, optional
        How the bytes are called in messages.

    Raises
    ------
    OSError
        If the system does not let it be read.
    RuntimeError
        If the process that reads does not start.
    ValueError
        If it is damaged, takes more than a file of its size may, or has what no model needs: links
        to elsewhere, arrays in other files.
    """
    name = source if name is None else name
    with (
        opened(source) as (file, size),
        sound(name, size),
        tempfile.TemporaryFile(buffering=0) as found,
    ):
        if file.read(len(HDF5)) != HDF5:
            raise Damaged("it does not begin as one does")
        file.seek(0)
        run(file, found, size)
        found.seek(0)
        return taken(found)


@contextmanager
def opened(source):
    """The open file of a path, or of bytes, and its size."""
    if not isinstance(source, bytes | bytearray):
        with opened_file(source) as found:
            yield found
        return
    with tempfile.TemporaryFile(buffering=0) as file:
        file.write(source)
        file.seek(0)
        yield file, len(source)


@contextmanager
def sound(name, size):
    """A block in which a file is refused where it is damaged."""
    try:
        yield
    except Damaged as reason:
        raise mismatch(
            f"{name} is not an HDF5 file that is read here: {reason}.",
            "a file as Keras writes it; a copy from before may be whole",
            f"{size:,} bytes",
        ) from None


def run(file, found, size):
    """Have a process of its own read an open file, and write what it holds into another one."""
    most, seconds = 2 * size + ROOM, SECONDS + size // FAST
    numbers = str(most), str(seconds)
    with tempfile.TemporaryFile() as errors:
        command = [sys.executable, "-I", child.__file__, os.pathsep.join(folders()), *numbers]
        options = {"stdin": file, "stdout": found, "stderr": errors, "env": os.environ | QUIET}
        options["creationflags"] = getattr(subprocess, "CREATE_NO_WINDOW", 0)
        try:
            ended = subprocess.run(command, **options, timeout=PATIENCE * seconds).returncode
            why = said(ended)
        except subprocess.TimeoutExpired:
            ended, why = None, f"it takes longer than {PATIENCE * seconds} s"
        except (OSError, TypeError) as reason:  # no program is there, or none is known
            ended, why = None, str(reason)
        errors.seek(0)
        need_ready(errors.read().decode(errors="replace"), why)
    if ended is None:
        raise Damaged(f"reading it takes longer than {PATIENCE * seconds} s")
    if ended:
        raise Damaged(f"reading it ended the process that did so ({why})")


def need_ready(errors, why):
    """Refuse a process that has not come as far as to look at the file, which is not to blame."""
    if child.READY not in errors:
        last = (errors.strip().splitlines() or [why])[-1]
        raise mismatch(
            "HDF5 files are read by a process of its own, which does not start.",
            "sys.executable, the path of this Python; and h5py, which it imports",
            f"{sys.executable!r}, of which came: {last[:LETTERS]}",
            RuntimeError,
        )


def folders():
    """Where the child finds what it needs."""
    origins = (find_spec(package).origin for package in ("h5py", "numpy"))
    return [str(Path(origin).parents[1]) for origin in origins]


def said(ended):
    """How a process ended."""
    return f"signal {-ended}" if ended < 0 else f"code {ended}"


def taken(file):
    """The groups that the child has written into a safetensors file."""
    contents = Contents("what was read of it", file)
    tree = contents.about[child.TREE]
    if "refused" in tree:
        raise Damaged(tree["refused"])
    return group_of(tree, contents.tensors())


def group_of(tree, arrays):
    """The group of a tree that names its arrays."""
    return Group(
        {
            name: group_of(one, arrays)
            if isinstance(one, dict)
            else arrays[child.ARRAY.format(one)]
            for name, one in tree["children"].items()
        },
        tree["attributes"],
    )
