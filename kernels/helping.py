"""Threads that share the units of one row: helpers, who look for work, awake, on a board.

A step of one row takes microseconds, less than a sleeping thread needs to wake up. So a helper
looks at its signal on the board for a while after each piece of work, before it goes back to sleep.
Who has a row engages the helpers that are awake; each then runs the same layers on its own part of
the units, in the same workspace, and all meet where one needs what the others have. Where they are
not awake, or work for somebody else, one thread does all of it. The numbers are the same in either
case, to the last bit.

A cache line takes 0.15 us from one core to another, so whatever stays as it was is not written.
"""

from functools import lru_cache

import numba
import numpy as np
from numba import types

from .compiler import (
    FLUSH_DENORMALS,
    array_at,
    float_mode,
    inner,
    kernel,
    set_float_mode,
)
from .meeting import (
    GONE,
    INT64,
    LINE,
    atomic_add,
    atomic_load,
    atomic_store,
    exchange,
    wait_a_turn,
)
from .tables import BATCH, LAYER
from .together import run_part

HELPERS = 31  # at most
# Places on the board: those of a meeting; 1 while the helpers are engaged; a mask of those that are
# awake; the work; how many turns a helper waits for it, 1 where there will be no more, how often it
# was announced; two numbers for each helper: of its last piece of work, of the meeting before it.
ENGAGED = (2 + HELPERS) * LINE
AWAKE = ENGAGED + LINE
LAYERS, LAYER_COUNT, COUNT, ONE, FLAGS, FLAG_COUNT, THETA, THETA_SIZE, WORK, WORK_SIZE = range(
    AWAKE + LINE, AWAKE + LINE + 10
)
PATIENCE, CLOSED, ANNOUNCED = range(AWAKE + 3 * LINE, AWAKE + 3 * LINE + 3)
SIGNALS = AWAKE + 4 * LINE
SIZE = SIGNALS + HELPERS * LINE
INT8 = np.dtype(np.int8)


@lru_cache
def helping_signatures(dtype):
    """Types of `share_row` and `help_out` for one dtype."""
    vector = types.Array(numba.from_dtype(np.dtype(dtype)), 1, "C")
    layers = types.Array(numba.from_dtype(LAYER), 1, "C")
    batch = types.Array(numba.from_dtype(BATCH), 1, "C")
    flags, board = types.Array(types.int8, 1, "C"), types.Array(types.int64, 1, "C")
    return (
        types.float64(layers, types.int64, batch, flags, vector, vector),
        types.none(board, types.int64, batch, vector),
    )


@kernel
def share_row(layers, count, batch, flags, theta, work):
    """Run the first `count` layers forward with helpers; returns 0, and has done nothing, alone."""
    one = batch[0]
    board = array_at(one.board, SIZE, INT64)
    helpers = (1 << (one.most - 1)) - 1
    if not exchange(board, ENGAGED, 0, 1):
        return 0.0
    closed = atomic_load(board, CLOSED) + atomic_load(board, GONE) > 0
    awake = atomic_load(board, AWAKE) & helpers == helpers and not closed
    if awake:
        write(board, LAYERS, layers.ctypes.data, LAYER_COUNT, len(layers))
        write(board, COUNT, count, ONE, batch.ctypes.data)
        write(board, FLAGS, flags.ctypes.data, FLAG_COUNT, len(flags))
        write(board, THETA, theta.ctypes.data, THETA_SIZE, len(theta))
        write(board, WORK, work.ctypes.data, WORK_SIZE, len(work))
        one.part = 0
        for k in range(one.most - 1):
            signal = SIGNALS + k * LINE
            board[signal + 1] = board[LINE]
            atomic_store(board, signal, board[signal] + 1)
        run_part(layers, count, batch, flags, theta, work)
        one.renew = 0
    atomic_store(board, ENGAGED, 0)
    return 1.0 if awake else 0.0


@inner
def write(board, place, value, other_place, other_value):
    """Write two numbers where they differ from what is there."""
    if board[place] != value:
        board[place] = value
    if board[other_place] != other_value:
        board[other_place] = other_value


@kernel
def help_out(board, k, own, nothing):
    """Be helper k until there has been no work for a while.

    own (1): a table of the batch for itself;  nothing (0): a vector of the model's dtype.
    """
    mode = float_mode()
    set_float_mode(mode | FLUSH_DENORMALS)
    seen = atomic_load(board, SIGNALS + k * LINE)
    atomic_add(board, AWAKE, 1 << k)
    while work_comes(board, k, seen):
        seen += 1
        help_with(board, k, own, nothing)
    set_float_mode(mode)


@inner
def work_comes(board, k, seen):
    """Wait for a signal; returns False, and the helper is not awake any more, if none comes."""
    turns, announced = 0, board[ANNOUNCED]
    while atomic_load(board, SIGNALS + k * LINE) == seen:
        if atomic_load(board, ANNOUNCED) != announced:
            turns, announced = 0, board[ANNOUNCED]
        turns += 1
        bored = turns > board[PATIENCE] or atomic_load(board, CLOSED) > 0
        if bored and exchange(board, ENGAGED, 0, 1):  # nobody engages it meanwhile
            comes = atomic_load(board, SIGNALS + k * LINE) != seen
            if not comes:
                atomic_add(board, AWAKE, -(1 << k))
            atomic_store(board, ENGAGED, 0)
            return comes
        wait_a_turn(board, turns)
    return True


@inner
def help_with(board, k, own, nothing):
    """Do a part of the work on the board, as the thread behind the first k + 1."""
    layers = array_at(board[LAYERS], board[LAYER_COUNT], LAYER)
    flags = array_at(board[FLAGS], board[FLAG_COUNT], INT8)
    theta = array_at(board[THETA], board[THETA_SIZE], nothing.dtype)
    work = array_at(board[WORK], board[WORK_SIZE], nothing.dtype)
    batch = array_at(board[ONE], 1, BATCH)
    own[0] = batch[0]
    one = own[0]
    one.part = k + 1
    atomic_store(board, (2 + k) * LINE, board[SIGNALS + k * LINE + 1])
    run_part(layers, board[COUNT], own, flags, theta, work)
