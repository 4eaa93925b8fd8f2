"""The disk cache of compiled kernels: one file for each kernel, signature and key.

Numba's own cache keeps an index for each function, which two processes can leave damaged, and does
not see that a *callee* in another file was edited. Here a file's name carries the signature, so
that float32 and float64 never meet, and the key, a digest of all that the kernel reaches
(``reach.py``): an edit compiles anew what calls the edited, and nothing else. Each file begins with
a digest of its name and its content: one that is cut short, or is another's, is made again.
``trust.py`` says from whom files are taken.
"""

import hashlib
import os
import pickle
import re
import threading
import time
import weakref
from contextlib import suppress
from functools import cached_property, lru_cache

from numba.core import compiler, event, serialize, sigutils
from numba.core.dispatcher import Dispatcher

from .locks import give_back, take
from .made import HEAVY, are_in_modules, is_of_now, key_of, note, weight
from .marks import unmark, was_deadly
from .packages import OURS
from .place import drop_left_over, folder, writable
from .streams import tell, warn
from .trust import make_folder, need_trusted, read_file, remove, write_file

LATEST = 4  # files of one kernel and signature that stay whatever their age
IN_USE = 86_400  # seconds for which one stays that somebody has loaded


@lru_cache(maxsize=1)
def warn_unwritable():
    """Say once that a kernel is missing in a folder that others filled."""
    warn(
        f"tinylstm compiles anew in each process what is not in {folder()}, or damaged; it is not "
        "writable. Run python -m tinylstm warmup as somebody who may write there, or set "
        "TINYLSTM_CACHE_DIR to another folder."
    )


_warned = set()


def _warn_once(what, reason):
    """Say what one file has, and nothing of the next ones."""
    if what not in _warned:
        _warned.add(what)
        warn(f"{what}: {reason}")


_announced = threading.Lock()


def announce_compilation(text="tinylstm compiles its kernels, once; some 10 seconds ..."):
    """Tell a person, once, what takes so long. None: somebody else says so."""
    if _announced.acquire(blocking=False) and text is not None:
        tell(text)


def is_stored(dispatcher, signature):
    """Whether the machine code of a kernel lies in the folder."""
    return is_cached(dispatcher) and os.path.exists(dispatcher._cache.path(signature))


def is_cached(dispatcher):
    """Whether the machine code of a kernel can be kept, and there is a folder."""
    cache = getattr(dispatcher, "_cache", None)
    return isinstance(cache, KernelCache) and folder() is not None and cache.key is not None


def digest_of(path, payload):
    """Of a file's content, and of what it is the content of: kernel, signature and key."""
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
    drop_former(path)


def drop_former(path):
    """Drop what a kernel had for the same signature before edits, but for the latest of it."""
    former, now = {}, time.time()
    for other in path.parent.glob(f"{path.stem.rpartition('-')[0]}-*.nbc"):
        with suppress(OSError):  # another process drops it too
            former[other] = other.stat().st_mtime
    former.pop(path, None)
    for other in sorted(former, key=former.get, reverse=True)[LATEST - 1 :]:
        if now - former[other] > IN_USE:
            with suppress(OSError):
                remove(other)


def reserve(dispatcher, signature, patience=None):
    """Lock a kernel that can be stored and is not yet; returns whether it may be compiled."""
    if not is_cached(dispatcher) or not writable() or is_stored(dispatcher, signature):
        return True
    return take(dispatcher._cache.path(signature), patience)


def can_be_kept(result):
    """Whether machine code has no address of this process in it, and calls no Python."""
    lifted = all(one.can_cache for one in result.lifted)
    return lifted and not result.library.has_dynamic_globals


@lru_cache
def of_arguments(signature):
    """Digest of the types of a kernel's arguments; None where one names a place in memory."""
    text = repr(sigutils.normalize_signature(signature)[0])
    return None if " at 0x" in text else hashlib.sha256(text.encode()).hexdigest()[:16]


class KernelCache:
    """The cache of one kernel, in the place of ``dispatcher._cache`` (Numba's interface).

    What is missing is locked before it is compiled, and loaded after all if that took the time
    in which another process has made it.

    Parameters
    ----------
    dispatcher : Dispatcher
    place : str
        Where its module has it: a name, or several with dots between them.
    """

    def __init__(self, dispatcher, place):
        self.dispatcher, self.place = weakref.ref(dispatcher), place
        self.module = str(dispatcher.py_func.__module__)
        name = f"{self.module.rpartition('.')[2]}.{place}"
        self.name = re.sub(r"[^\w.]", "", name, flags=re.ASCII)[-80:]  # of its files

    @cached_property
    def key(self):
        """Digest of all that the kernel reaches, as it was when somebody looked last.

        None where it cannot be kept: something may change unseen, or no module has its name.
        """
        return key_of(self.dispatcher()) if are_in_modules(self.dispatcher()) else None

    def look_again(self):
        """Forget the key: the next one is of now."""
        self.__dict__.pop("key", None)

    def path(self, signature):
        """File of one signature; there must be a folder and a key."""
        return folder() / f"{self.name}-{of_arguments(signature)}-{self.key}.nbc"

    def keeps(self, signature):
        """Whether there is a place for the machine code of one signature."""
        can_be = folder() is not None and self.key is not None
        return can_be and of_arguments(signature) is not None

    def load_overload(self, signature, target_context):
        self.look_again()
        if not self.keeps(signature):
            return None
        path = self.path(signature)
        if writable() and not os.path.exists(path):
            take(path)
        try:
            result = load(path, target_context)
        except FileNotFoundError:
            if weight(self.dispatcher()) >= HEAVY:
                announce_compilation()
            return None
        except Exception as reason:  # whatever may lie there
            if writable():
                said = reason if isinstance(reason, OSError) else path
                _warn_once("a damaged file of the kernel cache is made anew", said)
                take(path)
            return None
        give_back(path)
        note(self.dispatcher(), self.key)
        with suppress(OSError):  # somebody else's
            os.utime(path)  # it is in use
        return result

    def save_overload(self, signature, result):
        if not self.keeps(signature):
            return
        path = self.path(signature)
        try:
            if not can_be_kept(result) or not is_of_now(self.dispatcher()):
                return
            if writable():
                save(path, serialize.dumps(result._reduce()))
            elif self.module.startswith(OURS):
                warn_unwritable()
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


class Noting(event.Listener):
    """What Numba tells about compilations."""

    def on_start(self, event):
        dispatcher = event.data["dispatcher"]
        if isinstance(dispatcher, Dispatcher):
            note(dispatcher, key_of(dispatcher))

    def on_end(self, event):
        dispatcher, args = event.data["dispatcher"], tuple(event.data["args"])
        if args not in dispatcher.overloads and is_cached(dispatcher):  # it has failed
            give_back(dispatcher._cache.path(args))


event.register("numba:compile", Noting())
