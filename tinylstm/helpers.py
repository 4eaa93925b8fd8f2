"""How threads share batches, and those that share the units of a row: ``kernels/helping.py``."""

import atexit
import os
import threading
import time
from functools import lru_cache, partial
from typing import NamedTuple

import numpy as np

from .arrays import aligned, table
from .kernels import helping
from .kernels.compiler import address_of
from .kernels.meeting import GIVE_WAY, meet_in_layer, meet_signatures, yield_address
from .kernels.tables import BATCH
from .kernels.together import forward_together, together_signatures
from .threads import Worker, get_num_threads, share_rows

# Multiply-adds of a step for each thread: on two cores of a Xeon two meetings cost 0.4 us, the time
# of 10,000 that read their weights from the second cache.
WORTH_A_STEP = 30_000
WORTH_A_PASS = 100_000  # the same for engaging helpers: 2 us
STEPS_WORTH_COPIES = 8  # of parameters, which take as long as two steps
NEARLY_ALL = 0.95  # of a model's work: if it is in wide layers, threads are faster together
TURNS_AWAKE = 20_000  # without work: about a millisecond
SECONDS_TO_WAKE = 2e-4

_boards = {}  # of each dtype
_workers = {}  # (dtype, number): thread
_awake = set()  # those that have been told to help, and have not come back
_lock = threading.Lock()


class Sharing(NamedTuple):
    """How threads share batches."""

    threads: int  # that run the loop over batches
    rows: int  # of a workspace, at most
    helpers: int  # further threads that have a part of a layer: of a single row, or
    together: bool  # of all rows, those that run the loop

    @property
    def workspaces(self):
        """How many there are, each with a gradient of its own."""
        return 1 if self.together else self.threads


def share_batches(model, shape, batches, learn):
    """How threads share these batches; it depends on the setting and the sizes alone."""
    threads, rows = share_rows(model, shape, batches, learn)
    wide = model.multiply_adds(shape, wide=True)
    if threads > 1 and wide >= NEARLY_ALL * model.multiply_adds(shape):
        return Sharing(threads, batches.rows, threads - 1, True)
    steps = batches.chain * (shape[0] if len(shape) == 2 else 1)
    alone = threads > 1 or steps < STEPS_WORTH_COPIES  # which are made anew for each call
    return Sharing(threads, rows, 0 if alone else helpers_for(model, rows, steps), False)


def helpers_for(model, rows, steps):
    """How many further threads may share the units of a row; none where there are several rows.

    steps: of a pass.
    """
    most = min(get_num_threads(), helping.HELPERS + 1)
    if rows > 1 or most == 1:
        return 0
    # A Dense shares steps, not units: no reason for help.
    recurrent = [part for part in model.chain if part.each_unit and part.state_names]
    work = sum(part.multiply_adds() for part in recurrent)
    worth = min(work // WORTH_A_STEP, steps * work // WORTH_A_PASS)
    return max(0, min(most, worth) - 1)


@lru_cache
def help_fields(dtype):
    """What a model of a dtype needs to ask for help: fields of the table of the batch."""
    share, help_out = helping.helping_signatures(dtype)
    _, meet = meet_signatures()
    address_of(helping.help_out, help_out)
    return {
        "share": address_of(helping.share_row, share),
        "meet": address_of(meet_in_layer, meet),
        "board": board_of(dtype).ctypes.data,
    }


@lru_cache
def together_fields(dtype):
    """What threads that are together in the layers of a model of a dtype call: fields likewise."""
    forward, _ = together_signatures(dtype)
    _, meet = meet_signatures()
    return {
        "share": address_of(forward_together, forward),
        "meet": address_of(meet_in_layer, meet),
    }


def board_of(dtype):
    """Where the helpers for models of a dtype look for work."""
    with _lock:
        if dtype not in _boards:
            board = aligned(helping.SIZE, np.int64)
            board[GIVE_WAY] = yield_address()
            _boards[dtype] = board
        return _boards[dtype]


def wake(dtype, count, wait=False):
    """Let so many helpers look for work that do not; wait a little until they do, or not."""
    board, wanted = _boards[dtype], (1 << count) - 1
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
        if (dtype, k) in _awake:
            return
        if (dtype, k) not in _workers:
            try:
                _workers[dtype, k] = Worker()
            except RuntimeError:  # the system starts no more threads
                return
        _awake.add((dtype, k))
        _boards[dtype][helping.PATIENCE] = TURNS_AWAKE
        job = partial(be_awake, dtype, k, table(BATCH, 1), np.zeros(0, dtype))
        _workers[dtype, k].jobs.put((job, _boards[dtype], []))


def be_awake(dtype, k, own, nothing):
    """Be helper k for a while."""
    try:
        helping.help_out(_boards[dtype], k, own, nothing)
    finally:
        _awake.discard((dtype, k))


def send_home():
    """Let all helpers leave before the boards' memory goes."""
    for board in _boards.values():
        board[helping.CLOSED] = 1
    end = time.perf_counter() + 1
    while any(board[helping.AWAKE] for board in _boards.values()) and time.perf_counter() < end:
        time.sleep(1e-4)


def forget():
    """A child process has no helpers, only its parent's boards."""
    global _lock
    _lock = threading.Lock()
    _workers.clear()
    _awake.clear()
    for board in _boards.values():
        give_way = int(board[GIVE_WAY])
        board[:] = 0
        board[GIVE_WAY] = give_way


atexit.register(send_home)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=forget)
