"""Kernels that will be needed, made ready at once, and by two processes where there are two cores.

Numba compiles one function at a time, so a process keeps one core busy with it. Each kernel has a
lock: a process that finds one locked goes on with the next, and waits only when nothing else is
left. So any number of processes that start at once divide the kernels between them. One that has
several of weight to compile starts helpers, which do so with the same list, and can be stopped at
any time, as LLVM cannot: then Ctrl-C is heard at once. It goes on alone where they do not.
"""

import os
import pickle
import sys
import threading
import time
import zlib
from contextlib import contextmanager, suppress

from ..checkout import FOLDER
from ..kernels.compiling import (
    COMPILED,
    HEAVY,
    acquire,
    address_of,
    compile_kernel,
    compiling,
    folder,
    found,
    is_cached,
    is_ours,
    is_stored,
    lock_file,
    place_of,
    release,
    reserve,
    standstill,
    weight,
    writable,
)
from ..threads.how_many import cores
from .first_start import shown

HELPERS = 2  # a third one is worth little: two kernels take most of the time
HELPER = (
    "import signal, sys; signal.signal(signal.SIGINT, signal.SIG_IGN); "  # left to who has begun it
    "work = sys.stdin.buffer.read({size}); sys.path[:] = {path!r}; "
    "from {module} import help_out; help_out(work)"
)


def prepare(pairs, shown=shown):
    """Compile those of these kernels that are not on the disk yet.

    Parameters
    ----------
    pairs : list of (kernel, signature)
    shown : callable
        Makes of {pair: weight} a block, and in it a function that is told which pairs have become
        ready, again and again.
    """
    weights = {pair: weight(pair[0]) for pair in pairs if COMPILED and is_missing(*pair)}
    if not weights:
        return
    missing = sorted(weights, key=weights.get, reverse=True)
    with shown(weights) as told, helped(missing) as helpers:
        divide(watch(helpers, missing, told), told)


def addresses_of(pairs):
    """The addresses of these kernels, made ready together."""
    prepare(pairs)
    return [address_of(*pair) for pair in pairs]


def divide(missing, told):
    """Compile these kernels, except for those that other processes compile meanwhile."""
    while missing:
        if not any(compile_free(*pair) for pair in missing):
            compile_kernel(*missing[0])  # waits for the process that has it
        missing = still_missing(missing, told)


def still_missing(missing, told):
    """Those of these kernels that are not ready; the others are told."""
    left = [pair for pair in missing if is_missing(*pair)]
    if len(left) < len(missing):
        told([pair for pair in missing if pair not in left])
    return left


def watch(helpers, missing, told):
    """Leave kernels of weight to helpers, as long as they get on; returns those that are left."""
    own = [pair for pair in missing if not is_shared(pair[0]) or weight(pair[0]) < HEAVY]
    still = standstill()
    while missing and any(helper.poll() is None for helper in helpers):
        if own:
            compile_free(*own.pop())
        else:
            time.sleep(0.02)
        missing = still_missing(missing, told)
        files = [lock_file(k._cache.path(s)) for k, s in missing if is_cached(k)]
        if still.lasts(files):
            end(helpers)  # and with them the locks of those that were stopped
    return missing


def is_missing(kernel, signature):
    """Whether a kernel is neither in this process nor on the disk."""
    return signature.args not in kernel.overloads and not is_stored(kernel, signature)


def compile_free(kernel, signature):
    """Compile a kernel, unless another process does; returns whether it is there now."""
    with compiling:
        if not reserve(kernel, signature, patience=0):
            return False
        compile_kernel(kernel, signature)
    return True


def is_shared(kernel):
    """Whether a helper could compile a kernel: it is kept, and a module of tinylstm's has it.

    A helper imports no others: who knows what they do then.
    """
    return is_cached(kernel) and is_ours(kernel.py_func) and found(*place_of(kernel)) is kernel


@contextmanager
def helped(missing):
    """Processes that compile these kernels too, for as long as this one cares."""
    shared = [pair for pair in missing if is_shared(pair[0])]
    heavy = sum(weight(kernel) >= HEAVY for kernel, _ in shared)
    lock = helper_lock() if heavy > 1 and may_help() else None
    helpers = [] if lock is None else [start_helper(shared) for _ in range(HELPERS)]
    helpers = [helper for helper in helpers if helper is not None]
    try:
        yield helpers
    finally:
        end(helpers)
        if lock is not None:
            release(lock)


def end(helpers):
    """End these processes; those that are stopped, too."""
    for helper in helpers:
        helper.kill()
    for helper in helpers:
        helper.communicate()


def helper_lock():
    """The lock of the one process on this folder that has a helper; None where another has it."""
    with suppress(TimeoutError):
        return acquire(folder() / "helper.lock", patience=0)
    return None


def may_help():
    """Whether a helper would have a core, a place to write, and a Python."""
    python = os.path.basename(sys.executable or "").lower().startswith("python")
    return python and not hasattr(sys, "frozen") and cores() > 1 and writable()


def start_helper(pairs):
    """A process that compiles these kernels and says nothing; None where there can be none."""
    import subprocess  # takes time to import

    named = [(*place_of(kernel), kernel._cache.key, signature) for kernel, signature in pairs]
    work = zlib.compress(pickle.dumps((str(folder()), named)))  # a pipe holds all of it
    path = [os.path.dirname(FOLDER), *(entry for entry in sys.path if isinstance(entry, str))]
    code = HELPER.format(size=len(work), path=path, module=__name__)
    options = {"stdin": subprocess.PIPE, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    options["creationflags"] = getattr(subprocess, "CREATE_NO_WINDOW", 0)
    process = None
    with suppress(OSError):  # no process, or it has ended already
        process = subprocess.Popen([sys.executable, "-P", "-c", code], **options)
        process.stdin.write(work)
        process.stdin.flush()
    return process


def help_out(work):
    """What the helper does."""
    threading.Thread(target=end_with_the_other, daemon=True).start()
    place, named = pickle.loads(zlib.decompress(work))
    if place == str(folder()):
        pairs = [
            (kernel, signature)
            for module, name, key, signature in named
            if (kernel := found(module, name)) and kernel._cache.key == key  # not edited meanwhile
        ]
        # It loads nothing: its end may come at any moment, and would look like the file's fault.
        while any(compile_free(*pair) for pair in pairs if is_missing(*pair)):
            pass


def end_with_the_other():
    """End when the process that asked for help has ended, however it has."""
    while os.read(sys.stdin.fileno(), 1):
        pass
    os._exit(0)
