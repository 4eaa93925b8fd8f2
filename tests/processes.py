"""Processes that start with a copy of the package and a kernel cache of their own."""

import os
import pathlib
import re
import shutil
import sys
import threading
import time
from contextlib import suppress

from . import ROOT

# A Python that may read and write only where modes of files say so. On Linux root may anywhere, but
# where it gives up CAP_DAC_OVERRIDE and CAP_DAC_READ_SEARCH, capabilities(7), which are 1 and 2, by
# PR_CAPBSET_DROP, prctl(2), 24.
GIVE_UP = """
import ctypes, os, sys
for capability in (1, 2):
    ctypes.CDLL(None).prctl(24, capability)
os.execv(sys.executable, [sys.executable, *sys.argv[1:]])
"""
# At the end of the package: each process, whoever started it, writes down what it compiles.
NOTING = """
import os as _os
from .kernels.compiling.cache import KernelCache as _Cache

def _noting(self, *arguments, _save=_Cache.save_overload):
    with open(_os.environ["MADE"], "a") as _file:
        _file.write(f"{_os.getpid()} {self.name}\\n")
    _save(self, *arguments)
_Cache.save_overload = _noting
"""
PATIENCE = 120  # seconds for what is quick: only what never comes takes so long
OBEYING = [sys.executable, *(["-c", GIVE_UP] if sys.platform == "linux" else [])]


def copy_package(path):
    """Copy the package into a folder, its kernels inside; returns the folder, for PYTHONPATH."""
    shutil.copytree(ROOT / "tinylstm", path / "tinylstm")
    shutil.copytree(ROOT / "kernels", path / "tinylstm" / "kernels")
    return path


def note_compilations(path):
    """Let the package in a folder note what is compiled, in a file that MADE names."""
    with open(path / "tinylstm" / "__init__.py", "a", encoding="utf-8") as file:
        file.write(NOTING)


def compiled(made):
    """[[process, kernel]] that were noted in a file, in their order."""
    return [line.split() for line in made.read_text().splitlines()] if made.exists() else []


def environment(path, cache, **changes):
    """Variables for a process; one that is None is taken away, and so are all of Numba's."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("NUMBA_")}
    own = {"PYTHONPATH": str(path), "TINYLSTM_CACHE_DIR": str(cache)}
    return {name: value for name, value in (kept | own | changes).items() if value is not None}


def lock(path):
    """Take the right to write from a folder and all that is in it."""
    for name in [path, *path.rglob("*")]:
        name.chmod(name.stat().st_mode & ~0o222)


def in_session(number):
    """{process: its command} of those that are left of a session, on Linux."""
    found = {}
    for folder in pathlib.Path("/proc").glob("[0-9]*"):
        with suppress(OSError):  # it ends meanwhile
            state, _, _, session = (folder / "stat").read_text().rpartition(")")[2].split()[:4]
            if session == str(number) and state != "Z":
                found[int(folder.name)] = (folder / "cmdline").read_text().replace("\0", " ")
    return found


def left_of_session(number, seconds=PATIENCE):
    """The same, after as long as it takes them to end, and no longer than so many seconds."""
    until = time.monotonic() + seconds
    while (found := in_session(number)) and time.monotonic() < until:
        time.sleep(0.02)
    return found


def said(err):
    """What a process said on standard error, but that it compiles or waits for who does."""
    return re.sub(r"tinylstm (compiles|waits for) .*\n", "", err)


def heard(process, *signs):
    """What a process says on standard error until a sign; it is killed if that never comes."""
    seen, late = b"", threading.Timer(PATIENCE, process.kill)
    late.start()
    while not any(sign in seen for sign in signs):
        piece = process.stderr.read1()
        assert piece, seen
        seen += piece
    late.cancel()
    return seen
