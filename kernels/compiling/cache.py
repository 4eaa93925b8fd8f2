"""The disk cache of compiled kernels: one file for each kernel and signature.

Numba's own cache keeps an index for each function, which two processes can leave damaged, and does
not see that a *callee* in another file was edited. Here a file's name carries the signature and its
folder carries a stamp of every source file of the kernels, so that an edit anywhere compiles anew,
and float32 and float64 never meet. Each file begins with a digest of both names and its content:
one that is cut short, or is another's, is made again. ``trust.py`` says from whom files are taken.
"""

import hashlib
import os
import pickle
import warnings
from functools import lru_cache

from numba.core import compiler, serialize, sigutils

from .locks import give_back, take
from .marks import unmark, was_deadly
from .place import LOADED, drop_left_over, folder, hash_sources, writable
from .streams import tell
from .trust import make_folder, need_trusted, read_file, write_file


@lru_cache(maxsize=1)
def warn_unwritable():
    """Say once that a kernel is missing in a folder that others filled."""
    warnings.warn(
        f"tinylstm compiles anew in each process what is not in {folder()}, or damaged; it is not "
        "writable. Run python -m tinylstm warmup as somebody who may write there, or set "
        "TINYLSTM_CACHE_DIR to another folder.",
        stacklevel=2,
    )


_warned = set()


def _warn_once(what, reason):
    """Say what one file has, and nothing of the next ones."""
    if what not in _warned:
        _warned.add(what)
        warnings.warn(f"{what}: {reason}", stacklevel=3)


@lru_cache(maxsize=1)
def announce_compilation():
    """Tell a person, once, what takes so long."""
    tell("tinylstm compiles its kernels, once; some 10 seconds ...")


def is_stored(dispatcher, signature):
    """Whether the machine code of a kernel lies in the folder."""
    return is_cached(dispatcher) and os.path.exists(dispatcher._cache.path(signature))


def is_cached(dispatcher):
    """Whether a kernel is one of this package, and there is a folder."""
    return isinstance(dispatcher._cache, KernelCache) and folder() is not None


def digest_of(path, payload):
    """Of a file's content, and of what it is the content of: source, kernel and signature."""
    return hashlib.sha256(f"{path.parent.name}/{path.name}\n".encode() + payload).digest()


def load(path, target_context):
    """The compiled kernel that a file holds; raises whatever there may be where it holds none."""
    stored = read_file(path)
    digest, payload = stored[:32], stored[32:]
    if digest_of(path, payload) != digest:
        raise ValueError("cut short, or another's")
    try:
        if was_deadly(path):
            raise ValueError("LLVM cannot read it")
        target_context.refresh()
        return compiler.CompileResult._rebuild(target_context, *pickle.loads(payload))
    finally:
        unmark(path)


def save(path, payload):
    """Store a compiled kernel."""
    make_folder(path.parent)  # somebody may have deleted it
    need_trusted(path.parent)
    drop_left_over()
    write_file(path, digest_of(path, payload) + payload)


def reserve(dispatcher, signature, patience=None):
    """Lock a kernel that can be stored and is not yet; returns whether it may be compiled."""
    if not is_cached(dispatcher) or not writable() or is_stored(dispatcher, signature):
        return True
    return take(dispatcher._cache.path(signature), patience)


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
        if writable() and not os.path.exists(path):
            take(path)
        try:
            result = load(path, target_context)
        except FileNotFoundError:
            announce_compilation()
            return None
        except Exception as reason:  # whatever may lie there
            if writable():
                said = reason if isinstance(reason, OSError) else path
                _warn_once("a damaged file of the kernel cache is made anew", said)
                take(path)
            return None
        give_back(path)
        return result

    def save_overload(self, signature, result):
        if folder() is None:
            return
        if not writable():
            return warn_unwritable()
        path = self.path(signature)
        try:
            if hash_sources() == LOADED:  # else it may be of the sources before an edit
                save(path, serialize.dumps(result._reduce()))
        except OSError as reason:
            said = (
                f"{path.parent}: {reason}. Make room, or set TINYLSTM_CACHE_DIR to another folder"
            )
            _warn_once("the kernel cache could not be written", said)
        finally:
            give_back(path)

    @property
    def cache_path(self):
        return str(folder())

    def flush(self):
        """Nothing is kept in memory."""
