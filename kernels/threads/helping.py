"""Threads that share the units of one row: helpers, who look for work, awake, on a board.

A step of one row takes microseconds, less than a sleeping thread needs to wake up. So a helper
looks at its signal on the board for a while after each piece of work, before it goes back to sleep.
Who has a row engages the helpers that are awake; each then runs the same layers on its own share of
the units, in the same workspace, and all meet where one needs what the others have. Where they are
not awake, or work for somebody else, one thread does all of it. The numbers are the same in either
case, to the last bit.

On a busy machine a helper is pushed off its core now and then, and one row has nothing to do in the
meantime. So who has waited for its helpers for half of the time that a layer has taken calls them
off: who has not claimed its part yet gets none, the others leave at their next meeting, and that
layer and all behind it are done by one thread. The helpers rest before they look for work again.

A cache line takes 0.15 us from one core to another, so whatever stays as it was is not written.
"""

import numpy as np

from ..compiling import FLUSH_DENORMALS, array_at, call, float_mode, inner, kernel, set_float_mode
from ..tables import BATCH, LAYER
from .meeting import (
    CALLED_OFF,
    COME,
    GONE,
    INT64,
    STRIDE,
    atomic_add,
    atomic_load,
    atomic_store,
    exchange,
    pause,
    sleep_a_moment,
)
from .together import run_own

HELPERS = 31  # at most
# Places on the board: those of a meeting; 1 while the helpers are engaged; a mask of those that are
# awake; the work; how many turns a helper waits for it, 1 where there will be no more, how often it
# was announced; two numbers for each helper: of its last piece of work, odd until it has claimed
# it, and of the meeting before it. A helper notes beside its meetings what work it is done with.
ENGAGED = COME + (1 + HELPERS) * STRIDE
AWAKE = ENGAGED + STRIDE
LAYERS, LAYER_COUNT, COUNT, BATCH_AT, FLAGS, FLAG_COUNT, THETA, THETA_SIZE, WORK, WORK_SIZE = range(
    AWAKE + STRIDE, AWAKE + STRIDE + 10
)
PATIENCE, CLOSED, ANNOUNCED = range(AWAKE + 3 * STRIDE, AWAKE + 3 * STRIDE + 3)
SIGNALS = AWAKE + 4 * STRIDE
BOARD = SIGNALS + HELPERS * STRIDE
INT8 = np.dtype(np.int8)


@kernel
def share_row(layers, count, batch_table, flags, theta, work) -> float:
    """Run the first `count` layers forward with helpers; returns 0, and has done nothing, alone."""
    batch = batch_table[0]
    board = array_at(batch.board, BOARD, INT64)
    helpers = (1 << (batch.most - 1)) - 1
    if not exchange(board, ENGAGED, 0, 1):
        return 0.0
    closed = atomic_load(board, CLOSED) + atomic_load(board, GONE) > 0
    awake = atomic_load(board, AWAKE) & helpers == helpers and not closed
    if awake:
        write(board, LAYERS, layers.ctypes.data, LAYER_COUNT, len(layers))
        write(board, COUNT, count, BATCH_AT, batch_table.ctypes.data)
        write(board, FLAGS, flags.ctypes.data, FLAG_COUNT, len(flags))
        write(board, THETA, theta.ctypes.data, THETA_SIZE, len(theta))
        write(board, WORK, work.ctypes.data, WORK_SIZE, len(work))
        batch.thread = 0
        for k in range(batch.most - 1):
            signal = SIGNALS + k * STRIDE
            board[signal + 1] = board[COME]
            atomic_store(board, signal, board[signal] + 1)
        done = run_own(layers, count, batch_table, flags, theta, work)
        if atomic_load(board, GONE) == 0:
            batch.renew = 0
        else:
            call_off(board, batch.most - 1)
        for k in range(done, count):
            call(layers[k].forward, (layers[k], batch, flags, theta, work))
    atomic_store(board, ENGAGED, 0)
    return 1.0 if awake else 0.0


@inner
def call_off(board, helpers):
    """Let none of so many helpers begin that has not, and wait until the others have ended.

    Of those, who was done already stays awake; the others say that they are not, before they leave.
    Nobody has come to any meeting then that is still to be.
    """
    for k in range(helpers):
        signal = SIGNALS + k * STRIDE
        called = atomic_load(board, signal) | 1
        if exchange(board, signal, called, called + 1):
            atomic_add(board, AWAKE, -(1 << k))
        else:  # it has begun
            wait_until_done(board, k, atomic_load(board, signal))
    board[COME] += 1
    exchange(board, GONE, CALLED_OFF, 0)


@inner
def wait_until_done(board, k, number):
    """Wait until helper k is done with the work of that number, unless it never will be."""
    while atomic_load(board, done_with(k)) != number and atomic_load(board, GONE) == CALLED_OFF:
        sleep_a_moment(board)


@inner
def done_with(k):
    """Place of the number of the last work that helper k was done with: beside its meetings."""
    return COME + (1 + k) * STRIDE + 1


@inner
def write(board, place, value, other_place, other_value):
    """Write two numbers where they differ from what is there."""
    if board[place] != value:
        board[place] = value
    if board[other_place] != other_value:
        board[other_place] = other_value


@kernel
def help_out(board, k, batch_table, nothing) -> bool:
    """Be helper k until there has been no work for a while; returns True where it was called off.

    batch_table: of one row, for itself;  nothing (0): a vector of the model's dtype.
    """
    mode = float_mode()
    set_float_mode(mode | FLUSH_DENORMALS)
    signal = SIGNALS + k * STRIDE
    seen, called_off = atomic_load(board, signal), False
    atomic_add(board, AWAKE, 1 << k)
    while not called_off and work_comes(board, k, seen):
        seen += 2
        claimed = exchange(board, signal, seen - 1, seen)
        called_off = not (claimed and help_with(board, k, batch_table, nothing))
        if claimed and called_off:
            atomic_add(board, AWAKE, -(1 << k))
        atomic_store(board, done_with(k), seen)
    set_float_mode(mode)
    return called_off


@inner
def work_comes(board, k, seen):
    """Wait for a signal; returns False, and the helper is not awake any more, if none comes."""
    turns, announced = 0, board[ANNOUNCED]
    while atomic_load(board, SIGNALS + k * STRIDE) == seen:
        if atomic_load(board, ANNOUNCED) != announced:
            turns, announced = 0, board[ANNOUNCED]
        turns += 1
        bored = turns > board[PATIENCE] or atomic_load(board, CLOSED) > 0
        if bored and exchange(board, ENGAGED, 0, 1):  # nobody engages it meanwhile
            comes = atomic_load(board, SIGNALS + k * STRIDE) != seen
            if not comes:
                atomic_add(board, AWAKE, -(1 << k))
            atomic_store(board, ENGAGED, 0)
            return comes
        pause()
    return True


@inner
def help_with(board, k, batch_table, nothing):
    """Do what is its own of the work on the board, as thread k + 1; was all of it done?"""
    layers = array_at(board[LAYERS], board[LAYER_COUNT], LAYER)
    flags = array_at(board[FLAGS], board[FLAG_COUNT], INT8)
    theta = array_at(board[THETA], board[THETA_SIZE], nothing.dtype)
    work = array_at(board[WORK], board[WORK_SIZE], nothing.dtype)
    given = array_at(board[BATCH_AT], 1, BATCH)
    batch_table[0] = given[0]
    batch = batch_table[0]
    batch.thread = k + 1
    atomic_store(board, COME + (1 + k) * STRIDE, board[SIGNALS + k * STRIDE + 1])
    count = board[COUNT]
    return run_own(layers, count, batch_table, flags, theta, work) == count
