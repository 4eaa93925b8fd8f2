"""Threads that help with the units of a row, and when they look: ``kernels/threads/helping.py``."""

import atexit
import threading
import time
from collections import defaultdict
from functools import partial
from typing import NamedTuple

import numpy as np

from ..data.arrays import aligned, table
from ..kernels.tables import BATCH
from ..kernels.threads import ANNOUNCED, AWAKE, BOARD, CLOSED, PATIENCE, TOO_LONG, help_out, opened
from .how_many import Worker

TURNS_AWAKE = 40_000  # without work: a millisecond or two
SECONDS_TO_WAKE = 2e-4
SECONDS_TO_WAIT = 2e-4  # for helpers, before they may be called off
# They rest then, twice as long as the last time if they were called off soon after it.
SHORTEST_REST, LONGEST_REST, SOON = 0.002, 1.0, 4  # seconds; rests

_boards = {}  # of each dtype
_workers = {}  # (dtype, number): thread
_called = set()  # those that have been told to look for work, and have not begun
_rests = defaultdict(lambda: Rest(0.0, 0.0))  # of each dtype, the last one
_lock = threading.Lock()


class Rest(NamedTuple):
    """A while in which nobody looks for work, as the machine is busy."""

    end: float  # on the clock of `time.perf_counter`
    length: float  # seconds


def board_of(dtype):
    """Where the helpers for models of a dtype look for work."""
    with _lock:
        if dtype not in _boards:
            _boards[dtype] = opened(aligned(BOARD, np.int64))
        return _boards[dtype]


def wake(dtype, count, wait=False):
    """Let so many helpers look for work that do not, unless they rest.

    wait: a little, until they do or not; and who looks already begins to wait for work anew.
    """
    if time.perf_counter() < _rests[dtype].end:
        return
    board, wanted = _boards[dtype], (1 << count) - 1
    board[ANNOUNCED] += wait
    end = time.perf_counter() + SECONDS_TO_WAKE if wait else 0.0
    while board[AWAKE] & wanted != wanted:
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
        _boards[dtype][PATIENCE] = TURNS_AWAKE
        _boards[dtype][TOO_LONG] = SECONDS_TO_WAIT * 1e9
        job = partial(be_awake, dtype, k, table(BATCH, 1), np.zeros(0, dtype))
        _workers[dtype, k].jobs.put((job, _boards[dtype], []))


def be_awake(dtype, k, batch_table, nothing):
    """Be helper k for a while, and again after each rest."""
    _called.discard((dtype, k))
    while help_out(_boards[dtype], k, batch_table, nothing):
        time.sleep(rest(dtype))


def rest(dtype):
    """Seconds until helpers that were called off may look for work again; the first decides."""
    with _lock:
        now, (end, length) = time.perf_counter(), _rests[dtype]
        if now > end:
            soon = now < end + SOON * length
            length = min(2 * length, LONGEST_REST) if soon else SHORTEST_REST
            _rests[dtype] = Rest(now + length, length)
        return _rests[dtype].end - now


def send_home():
    """Let all helpers leave before the boards' memory goes."""
    for board in _boards.values():
        board[CLOSED] = 1
    end = time.perf_counter() + 1
    while any(board[AWAKE] for board in _boards.values()) and time.perf_counter() < end:
        time.sleep(1e-4)


def forget():
    """A child process has no helpers, only its parent's boards: see forks.py."""
    global _lock
    _lock = threading.Lock()
    _workers.clear()
    _called.clear()
    _rests.clear()
    for board in _boards.values():
        board[:] = 0
        opened(board)


atexit.register(send_home)
