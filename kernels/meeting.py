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

from .compiler import COMPILED, X86, array_at, inner, kernel, view
from .loop import PLAN
from .products import add
from .tables import BATCH

# Places in it: whether a thread is gone for good, so that nobody waits for it; what gives a core
# away, a function of the system; a cache line apart, to how many meetings each thread has come.
GONE, GIVE_WAY, LINE = 0, 1, 8
INT64 = np.dtype(np.int64)
SPINS = 1_000  # turns before a core is given away: 15 to 50 us, a pause each


def meeting_place(count):
    """A place for the meetings of so many threads in one call."""
    place = np.zeros((1 + count) * LINE, np.int64)
    place[GIVE_WAY] = yield_address()
    return place


@lru_cache
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
    def atomic_store(typingctx, array, index, value):
        """``array[index] = value``, and before it all that was written before."""

        def codegen(context, builder, signature, values):
            place = _place(context, builder, signature, values)
            builder.store_atomic(values[2], place, "release", 8)
            return context.get_dummy_value()

        return types.none(array, types.intp, types.int64), codegen

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
    def exchange(typingctx, array, index, expected, value):
        """``array[index] = value``, if it is what is expected; returns whether it was."""

        def codegen(context, builder, signature, values):
            place = _place(context, builder, signature, values)
            found = builder.cmpxchg(place, values[2], values[3], "seq_cst", "seq_cst")
            return builder.extract_value(found, 1)

        return types.boolean(array, types.intp, types.int64, types.int64), codegen

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

    def atomic_store(array, index, value):
        """``array[index] = value``."""
        array[index] = value

    def atomic_add(array, index, value):
        """``array[index] += value`` in one piece; returns the value before."""
        with ONE_AT_A_TIME:
            before = array[index]
            array[index] += value
        return before

    def atomic_load(array, index):
        """``array[index]``."""
        return array[index]

    def exchange(array, index, expected, value):
        """``array[index] = value``, if it is what is expected; returns whether it was."""
        with ONE_AT_A_TIME:
            found = array[index] == expected
            if found:
                array[index] = value
        return bool(found)

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
    if not all_come(meeting, p.thread, p.threads):
        p.last = 0


@kernel
def meet_in_layer(one):
    """Wait until all threads have come that share a layer, or the layers of a pass."""
    all_come(array_at(one.board, (1 + one.most) * LINE, INT64), one.part, one.most)


@inner
def all_come(meeting, me, count):
    """Wait until `count` threads have come, of which this is number `me`.

    Returns False where one is gone.
    """
    if atomic_load(meeting, GONE) > 0:  # who has left one meeting must not be counted at the next
        return False
    turn = atomic_load(meeting, (1 + me) * LINE) + 1
    atomic_store(meeting, (1 + me) * LINE, turn)
    turns = 0
    for other in range(count):
        while atomic_load(meeting, (1 + other) * LINE) < turn:
            if atomic_load(meeting, GONE) > 0:
                return False
            turns += 1
            wait_a_turn(meeting, turns)
    return True


@inner
def wait_a_turn(meeting, turns):
    """The shortest wait, or, after many turns, all that another process wants of the core."""
    if turns < SPINS:
        pause()
    else:
        give_core_away(meeting[GIVE_WAY])


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
def meet_signatures():
    """Types of `meet` and `meet_in_layer`."""
    meet = types.none(numba.from_dtype(PLAN), types.Array(types.int64, 1, "C"))
    return meet, types.none(numba.from_dtype(BATCH))
