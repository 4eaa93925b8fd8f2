"""How threads that share a batch wait for each other and add up what they have.

Nobody goes on before all have come. A meeting place is a vector of whole numbers that the threads
of one compiled call share. Who waits looks at it for a short while, and then gives its core away at
every turn, so that a process that needs the core has it.
"""

import ctypes
import os
import threading
import time
from functools import lru_cache

import numba
import numpy as np
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

from .compiler import COMPILED, X86, inner, kernel, view
from .loop import PLAN
from .products import add

# Places in it, a cache line apart: how many have come to the next meeting; meetings held so far;
# and whether a thread is gone for good, so that nobody waits for it.
ARRIVED, HELD, GONE, SIZE = 0, 8, 9, 16
SPINS = 1_000  # turns before a core is given away: 25 to 50 us, a pause each


def meeting_place():
    """A place for the meetings of one call."""
    return np.zeros(SIZE, np.int64)


def yield_address():
    """Address of the system's function that gives the core to whoever waits for one."""
    if os.name == "nt":
        function = ctypes.windll.kernel32.SwitchToThread
    else:
        function = ctypes.CDLL(None).sched_yield
    return ctypes.cast(function, ctypes.c_void_p).value


if COMPILED:

    def _place(context, builder, signature, values):
        """Pointer to an element of an array, the first two arguments."""
        array = context.make_array(signature.args[0])(context, builder, values[0])
        return builder.gep(array.data, [values[1]])

    @intrinsic
    def atomic_add(typingctx, array, index, value):
        """``array[index] += value`` in one piece; returns the value before."""

        def codegen(context, builder, signature, values):
            place = _place(context, builder, signature, values)
            return builder.atomic_rmw("add", place, values[2], "seq_cst")

        return types.int64(array, types.intp, types.int64), codegen

    @intrinsic
    def atomic_load(typingctx, array, index):
        """``array[index]``, and after it all that was written before it was."""

        def codegen(context, builder, signature, values):
            return builder.load_atomic(_place(context, builder, signature, values), "seq_cst", 8)

        return types.int64(array, types.intp), codegen

    @intrinsic
    def pause(typingctx):
        """Tell the processor that this is a loop that waits."""

        def codegen(context, builder, signature, values):
            if X86:
                fntype = cgutils.ir.FunctionType(cgutils.ir.VoidType(), [])
                name = "llvm.x86.sse2.pause"
                builder.call(cgutils.get_or_insert_function(builder.module, fntype, name), [])
            return context.get_dummy_value()

        return types.none(), codegen

    @intrinsic
    def give_core_away(typingctx, address):
        """Call the system's function at an address; see `yield_address`."""

        def codegen(context, builder, signature, values):
            fntype = cgutils.ir.FunctionType(cgutils.int32_t, [])
            builder.call(builder.inttoptr(values[0], fntype.as_pointer()), [])
            return context.get_dummy_value()

        return types.none(types.intp), codegen

else:
    ONE_AT_A_TIME = threading.Lock()

    def atomic_add(array, index, value):
        """``array[index] += value`` in one piece; returns the value before."""
        with ONE_AT_A_TIME:
            before = array[index]
            array[index] += value
        return before

    def atomic_load(array, index):
        """``array[index]``."""
        return array[index]

    def pause():
        """Let another of Python's threads run."""
        time.sleep(0)

    def give_core_away(address):
        """Let another of Python's threads run."""
        time.sleep(0)


@kernel
def meet(p, meeting):
    """Wait until all p.threads have come; where one is gone, the batch is this thread's last.

    What a thread has written before is what the others read after.
    """
    if not all_come(meeting, p.threads, p.give_way):
        p.last = 0


@inner
def all_come(meeting, count, address):
    """Wait until `count` threads have come; returns False where one is gone."""
    if atomic_load(meeting, GONE) > 0:  # who has left one meeting must not be counted at the next
        return False
    held = atomic_load(meeting, HELD)
    if atomic_add(meeting, ARRIVED, 1) == count - 1:
        atomic_add(meeting, ARRIVED, -count)
        atomic_add(meeting, HELD, 1)
        return True
    turns = 0
    while atomic_load(meeting, HELD) == held:
        if atomic_load(meeting, GONE) > 0:
            return False
        turns += 1
        if turns < SPINS:
            pause()
        else:
            give_core_away(address)
    return True


@kernel
def add_slices(p, n, runs, grad):
    """Add the gradients of the other threads to slice 0, within the runs of this thread.

    n: samples of the batch; the last threads may have had none.  grad (threads * p.slice).
    """
    used = -(-n // -(-n // p.threads))
    for i in range(runs.shape[0]):
        start, length = runs[i, 0], runs[i, 1] - runs[i, 0]
        for s in range(1, used):
            add(view(grad, s * p.slice + start, (length,)), view(grad, start, (length,)))


@lru_cache
def add_signature(dtype):
    """Type of `add_slices` for one dtype."""
    vector = types.Array(numba.from_dtype(np.dtype(dtype)), 1, "C")
    runs = types.Array(types.int64, 2, "C")
    return types.none(numba.from_dtype(PLAN), types.int64, runs, vector)


@lru_cache
def meet_signature():
    """Type of `meet`."""
    return types.none(numba.from_dtype(PLAN), types.Array(types.int64, 1, "C"))
