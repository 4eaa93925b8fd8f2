"""Threads that help with the units of a single row, and when they look: ``kernels/helping.py``."""

import atexit
import threading
import time
from functools import partial

import numpy as np

from .arrays import aligned, table
from .kernels import helping
from .kernels.meeting import GIVE_WAY, yield_address
from .kernels.tables import BATCH
from .threads import Worker

TURNS_AWAKE = 10_000  # without work: a millisecond or two
SECONDS_TO_WAKE = 2e-4

_boards = {}  # of each dtype
_workers = {}  # (dtype, number): thread
_called = set()  # those that have been told to look for work, and have not begun
_lock = threading.Lock()


def board_of(dtype):
    """Where the helpers for models of a dtype look for work."""
    with _lock:
        if dtype not in _boards:
            board = aligned(helping.SIZE, np.int64)
            board[GIVE_WAY] = yield_address()
            _boards[dtype] = board
        return _boards[dtype]


def wake(dtype, count, wait=False):
    """Let so many helpers look for work that do not.

    wait: a little, until they do or not; and who looks already begins to wait for work anew.
    """
    board, wanted = _boards[dtype], (1 << count) - 1
    board[helping.ANNOUNCED] += wait
    end = time.perf_counter() + SECONDS_TO_WAKE if wait else 0.0
    while board[helping.AWAKE] & wanted != wanted:
        for k in range(count):
            send(dtype, k)
        if time.perf_counter() >= end:
            break
        time.sleep(0)


def send(dtype, k):
    """Tell helper k to look for work, if it is asleep."""
    with _lock:
        if (dtype, k) in _called:
            return
        if (dtype, k) not in _workers:
            try:
                _workers[dtype, k] = Worker()
            except RuntimeError:  # the system starts no more threads
                return
        _called.add((dtype, k))
        _boards[dtype][helping.PATIENCE] = TURNS_AWAKE
        job = partial(be_awake, dtype, k, table(BATCH, 1), np.zeros(0, dtype))
        _workers[dtype, k].jobs.put((job, _boards[dtype], []))


def be_awake(dtype, k, own, nothing):
    """Be helper k for a while."""
    _called.discard((dtype, k))
    helping.help_out(_boards[dtype], k, own, nothing)


def send_home():
    """Let all helpers leave before the boards' memory goes."""
    for board in _boards.values():
        board[helping.CLOSED] = 1
    end = time.perf_counter() + 1
    while any(board[helping.AWAKE] for board in _boards.values()) and time.perf_counter() < end:
        time.sleep(1e-4)


def forget():
    """A child process has no helpers, only its parent's boards: see forks.py."""
    global _lock
    _lock = threading.Lock()
    _workers.clear()
    _called.clear()
    for board in _boards.values():
        give_way = int(board[GIVE_WAY])
        board[:] = 0
        board[GIVE_WAY] = give_way


atexit.register(send_home)
