"""One small kernel, loaded or compiled as a process that starts on a cache folder would.

Here, in this process, or in a child of it that has not to import anything: as another user, with
another umask, or where it may end badly.
"""

import os
import pickle
import signal
import traceback
import warnings
from contextlib import contextmanager
from unittest import mock

import numpy as np
from tinylstm.kernels import kernel
from tinylstm.kernels.compiling import cache, compile_kernel, place
from tinylstm.kernels.signatures import signature
from tinylstm.kernels.training import losses

RIGHT = 2.5  # (1 + 0) / 2 + (0 + 4) / 2


def forget_folder():
    """What a process knows of its cache folder, and has said of it."""
    for known in (place.folder, place.writable, place.drop_left_over, cache.warn_unwritable):
        known.cache_clear()
    cache._warned.clear()


@contextmanager
def starting(folder, **changes):
    """As in a process that has just started on a cache folder.

    changes: environment variables; None takes one away.
    """
    variables = os.environ | {"TINYLSTM_CACHE_DIR": folder and str(folder)} | changes
    variables = {name: value for name, value in variables.items() if value is not None}
    forget_folder()
    try:
        with mock.patch.dict(os.environ, variables, clear=True):
            yield
    finally:
        forget_folder()


def run_kernel(folder, dtype="float32", **changes):
    """The value of the kernel, whether it came from the disk, and what was warned of."""
    one = kernel(losses.squared_errors.py_func)  # which has nothing compiled
    with starting(folder, **changes), warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        compile_kernel(one, signature(losses.squared_errors, dtype))
    y, target = (np.array(a, dtype) for a in ([[1, 2], [3, 4.5]], [[0, 2], [3, 6.5]]))
    value = one(y, target, np.ones(2, dtype))
    return float(value), bool(one._cache_hits), [str(warning.message) for warning in caught]


def in_child(function, **options):
    """What a function returns in a child of this process; of one that ends badly, how it ended."""
    return answer(start_child(function, **options))


def start_child(function, user=None, umask=None, seconds=300):
    """A child of this process that calls a function.

    user: number of the one whose it is, which only root can choose.
    """
    reading, writing = os.pipe()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # of threads, which it does not use
        child = os.fork()
    if child == 0:
        _answer(function, writing, user, umask, seconds)
    os.close(writing)
    return child, reading


def answer(started):
    """What the function has returned in a child, or how the child has ended."""
    child, reading = started
    with open(reading, "rb") as pipe:
        answered = pipe.read()
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    return f"ended with {status}" if status else pickle.loads(answered)


def _answer(function, writing, user, umask, seconds):
    status = 1
    try:
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
        signal.alarm(seconds)
        if user is not None:
            os.setgroups([])
            os.setgid(user)
            os.setuid(user)
        if umask is not None:
            os.umask(umask)
        with open(writing, "wb") as pipe:
            pipe.write(pickle.dumps(function()))
        status = 0
    except BaseException:
        traceback.print_exc()
    finally:
        os._exit(status)


def file_of(folder, dtype="float32"):
    """The file of the kernel in a cache folder."""
    below = folder / (place.PREFIX + place.stamp())
    with mock.patch.object(cache, "folder", return_value=below):
        return losses.squared_errors._cache.path(signature(losses.squared_errors, dtype))


def plant(path, payload):
    """Write a file that is as it should be, but for its content."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(cache.digest_of(path, payload) + payload)


class Planted:
    """Code of somebody else: what loads this runs it."""

    def __reduce__(self):
        return os._exit, (66,)
