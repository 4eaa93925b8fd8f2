"""Where the disk cache of compiled kernels lies: a folder for each set of versions."""

import hashlib
import os
import pathlib
import re
import sys
import time
from contextlib import suppress
from functools import lru_cache

import llvmlite
import numba
import numpy as np
from numba.core import config
from numba.core.registry import cpu_target

from .streams import warn
from .trust import make_folder, need_trusted, remove

PREFIX = "kernels-"  # of a folder's name, then the stamp
RULE = 1  # by which a kernel's key is made, and what else of `kernels/compiling` makes its code
STAMPS_KEPT = 8  # folders of former versions that stay on the disk
LEFT_OVER = 3600  # seconds after which a part, a lock or a mark is of a process that has died


def stamp():
    """Hash of what all machine code depends on: versions, settings, processor."""
    versions = (numba.__version__, llvmlite.__version__, np.__version__, sys.version_info[:3])
    settings = (config.OPT, config.BOUNDSCHECK, config.DEBUGINFO_DEFAULT)
    machine = cpu_target.target_context.codegen().magic_tuple()
    text = repr((RULE, versions, settings, machine))
    return hashlib.sha256(text.encode()).hexdigest()[:20]


@lru_cache(maxsize=1)
def folder():
    """Folder of the kernels, or None (said once) where there is none and can be none."""
    try:
        root = _root()
        path = root / (PREFIX + stamp())
        if not path.is_dir():
            make_folder(path)
            _drop_former(root, path)
        need_trusted(path)
        if not os.access(path, os.R_OK | os.X_OK):
            raise PermissionError(f"{path} cannot be read")
    except (OSError, RuntimeError, ValueError) as reason:
        warn(
            "tinylstm compiles its kernels anew in each process: no cache folder. "
            f"{_short(reason)}. Set TINYLSTM_CACHE_DIR to a folder that you can write to, and "
            "nobody else."
        )
        return None
    return path


@lru_cache(maxsize=1)
def writable():
    """Whether kernels can be added to the folder; what is in it is used in any case."""
    return folder() is not None and os.access(folder(), os.W_OK | os.X_OK)


def _short(reason):
    text = str(reason)
    return text if len(text) <= 400 else f"{text[:400]} ..."


def _root():
    named = os.environ.get("TINYLSTM_CACHE_DIR")
    if named:
        return pathlib.Path(named).expanduser().absolute()
    import platformdirs  # here and below: what takes time to import, where it is needed

    root = platformdirs.user_cache_path("tinylstm")
    if not root.is_absolute():  # "~", where nobody knows whose
        raise FileNotFoundError("the user has no home directory")
    return root


def _drop_former(root, current):
    """Drop kernels of former versions, the oldest; nothing that only has a name like theirs."""

    def age(path):
        with suppress(FileNotFoundError):  # another process drops it too
            return path.stat().st_mtime
        return 0

    former = [path for path in root.iterdir() if re.fullmatch(PREFIX + "[0-9a-f]{20}", path.name)]
    former = sorted(set(former) - {current}, key=age, reverse=True)
    for path in former[STAMPS_KEPT - 1 :]:
        with suppress(OSError):  # another user's
            remove(path)


@lru_cache(maxsize=1)
def drop_left_over():
    """Drop what processes left that died while they wrote, once in a process."""
    for path in folder().iterdir():
        with suppress(OSError):  # another process does too
            age = abs(time.time() - path.lstat().st_mtime)
            if path.suffix in (".part", ".lock", ".loading") and age > LEFT_OVER:
                remove(path)
