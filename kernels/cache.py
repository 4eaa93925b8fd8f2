"""The disk cache of compiled kernels: one file for each kernel and signature.

Numba's own cache keeps an index for each function, which two processes can leave damaged, and does
not see that a *callee* in another file was edited. Here a file's name carries the signature and its
folder carries a stamp of every source file of the kernels, so that an edit anywhere compiles anew,
float32 and float64 never meet, and a file that is cut short is dropped and made again.
"""

import hashlib
import os
import pathlib
import pickle
import shutil
import sys
import warnings
from contextlib import suppress
from functools import lru_cache

import llvmlite
import numba
import numpy as np
from numba.core import compiler, config, serialize, sigutils
from numba.core.registry import cpu_target

from .locks import give_back, take

PREFIX = "kernels-"  # of a folder's name, then the stamp
STAMPS_KEPT = 8  # folders of former sources that stay on the disk


def source_stamp():
    """Hash of what a compiled kernel depends on: sources, versions, settings, processor."""
    stamp = hashlib.sha256()
    for source in sorted(pathlib.Path(__file__).parent.glob("*.py")):
        stamp.update(source.name.encode() + source.read_bytes())
    versions = (numba.__version__, llvmlite.__version__, np.__version__, sys.version_info[:3])
    settings = (config.OPT, config.BOUNDSCHECK, config.DEBUGINFO_DEFAULT)
    machine = cpu_target.target_context.codegen().magic_tuple()
    stamp.update(repr((versions, settings, machine)).encode())
    return stamp.hexdigest()[:20]


@lru_cache(maxsize=1)
def folder():
    """Folder of this source's kernels, or None (said once) where there is none and can be none."""
    try:
        root = _root()
        path = root / (PREFIX + source_stamp())
        if not path.is_dir():
            path.mkdir(parents=True, exist_ok=True)
            _drop_former(root)
    except (OSError, RuntimeError) as reason:
        warnings.warn(
            f"tinylstm compiles its kernels anew in each process: no cache folder ({reason}). "
            "Set TINYLSTM_CACHE_DIR to a folder that can be written.",
            stacklevel=2,
        )
        return None
    return path


@lru_cache(maxsize=1)
def writable():
    """Whether kernels can be added to the folder; what is in it is used in any case."""
    return folder() is not None and os.access(folder(), os.W_OK | os.X_OK)


@lru_cache(maxsize=1)
def warn_unwritable():
    """Say once that a kernel is missing in a folder that others filled."""
    warnings.warn(
        f"tinylstm compiles anew in each process what is not in {folder()}, which is not writable. "
        "Run python -m tinylstm warmup as somebody who may write there, or set TINYLSTM_CACHE_DIR "
        "to another folder.",
        stacklevel=2,
    )


def _root():
    named = os.environ.get("TINYLSTM_CACHE_DIR")
    if named:
        return pathlib.Path(named).absolute()
    import platformdirs  # here and below: what takes time to import, where it is needed

    root = platformdirs.user_cache_path("tinylstm")
    if not root.is_absolute():  # "~", where nobody knows whose
        raise FileNotFoundError("the user has no home directory")
    return root


def _drop_former(root):
    def age(path):
        with suppress(FileNotFoundError):  # another process drops it too
            return path.stat().st_mtime
        return 0

    for former in sorted(root.glob(f"{PREFIX}*"), key=age, reverse=True)[STAMPS_KEPT:]:
        shutil.rmtree(former, ignore_errors=True)


@lru_cache(maxsize=1)
def announce_compilation():
    """Tell a person at a terminal, once, what takes so long."""
    terminal = sys.stderr is not None and sys.stderr.isatty()
    if terminal or "ipykernel" in sys.modules:
        print("tinylstm compiles its kernels, once; some 10 seconds ...", file=sys.stderr)


def is_stored(dispatcher, signature):
    """Whether the machine code of a kernel lies in the folder."""
    return is_cached(dispatcher) and dispatcher._cache.path(signature).exists()


def is_cached(dispatcher):
    """Whether a kernel is one of this package, and there is a folder."""
    return isinstance(dispatcher._cache, KernelCache) and folder() is not None


class KernelCache:
    """The cache of one kernel, in the place of ``dispatcher._cache`` (Numba's interface).

    What is missing is locked before it is compiled, and loaded after all if that took the time
    in which another process has made it.
    """

    def __init__(self, function):
        self.name = f"{function.__module__.rpartition('.')[2]}.{function.__qualname__}"

    def path(self, signature):
        """File of one signature; there must be a folder."""
        arguments, _ = sigutils.normalize_signature(signature)
        digest = hashlib.sha256(repr(arguments).encode()).hexdigest()[:16]
        return folder() / f"{self.name}-{digest}.nbc"

    def load_overload(self, signature, target_context):
        if folder() is None:
            return None
        path = self.path(signature)
        if writable() and not path.exists():
            take(path)
        try:
            stored = path.read_bytes()
        except OSError:
            announce_compilation()
            return None
        digest, payload = stored[:32], stored[32:]
        if hashlib.sha256(payload).digest() != digest:
            warnings.warn(f"a damaged file of the kernel cache is made anew: {path}", stacklevel=2)
            return None
        give_back(path)
        target_context.refresh()
        return compiler.CompileResult._rebuild(target_context, *pickle.loads(payload))

    def save_overload(self, signature, result):
        if folder() is None:
            return
        if not writable():
            return warn_unwritable()
        payload = serialize.dumps(result._reduce())
        path = self.path(signature)
        part = path.with_suffix(f".{os.getpid()}.part")
        try:
            part.write_bytes(hashlib.sha256(payload).digest() + payload)
            part.replace(path)
        except OSError as reason:
            warnings.warn(f"the kernel cache could not be written: {reason}", stacklevel=2)
        finally:
            give_back(path)

    @property
    def cache_path(self):
        return str(folder())

    def flush(self):
        """Nothing is kept in memory."""
