"""How threads that share a batch wait for each other and add up what they have.

Nobody goes on before all have come. A meeting place is a vector of whole numbers that the threads
of one compiled call share. Who waits spins for a short while, and then parks: it sleeps a moment at
every turn. So who is waited for has the core, and who has slept is soon given one. To yield at each
turn would cost a thread its share of the core: in Linux since 6.18 a whole time slice each.

On a busy machine a thread may be pushed off its core in the middle of a step, and then the others
wait for longer than the step takes. Where the work allows it, thread 0 calls it off then: see
``helping.py``.
"""

import ctypes
import os
import threading
import time
from functools import lru_cache

import numpy as np
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

from ..compiling import COMPILED, X86, array_at, inner, kernel, view
from ..tables import CACHE_LINE
from ..vectors import add

STRIDE = CACHE_LINE // 8  # numbers of 8 bytes from what a thread writes to what another one does
# Places in a meeting place: whether nobody waits any more, as a thread is gone for good or the work
# called off; two functions of the system, to sleep and to read the clock; how many nanoseconds of
# waiting are worth calling the work off, 0: none; how many turns a thread spins. A cache line on,
# what thread 0 alone knows: when the work began, what it has lost with waiting, and a place for the
# clock. Then, a cache line each, to how many meetings each thread has come.
GONE, SLEEP, CLOCK, TOO_LONG, SPINS = range(5)
BEGUN, LOST, TIME = STRIDE, STRIDE + 1, STRIDE + 2
COME = 2 * STRIDE
CALLED_OFF = 2  # in the place GONE: no thread is, but thread 0 has called the work off
INT64 = np.dtype(np.int64)
# Turns before a thread parks, a pause each: 0.1 to 0.4 ms. On cores that nobody else needs, who is
# together with others often waits for a part of that, and any sleep would be longer.
# Where there are more threads than cores, one spins on a core that another needs.
LONG, SHORT = 8_000, 1_000
# Of a sleep: microseconds, of which Linux makes some 75; on Windows it is a yield.
MOMENT = 0 if os.name == "nt" else 20


def meeting_place(count, spins=LONG):
    """A place for the meetings of so many threads in one call, who spin for so many turns."""
    return opened(np.zeros(COME + count * STRIDE, np.int64), spins)


def opened(place, spins=LONG):
    """The same place, where threads can wait."""
    place[SLEEP], place[CLOCK] = system_addresses()
    place[SPINS] = spins
    return place


@lru_cache
def system_addresses():
    """Addresses of the system's functions that sleep and that read the clock."""
    if os.name == "nt":
        functions = ctypes.windll.kernel32.Sleep, ctypes.cdll.ucrtbase._timespec64_get
    else:
        system = ctypes.CDLL(None)
        functions = system.usleep, system.timespec_get
    return tuple(ctypes.cast(function, ctypes.c_void_p).value for function in functions)


ONE_AT_A_TIME = threading.Lock()  # of what is in one piece, where nothing is compiled

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
    def call_system(typingctx, address, value, other):
        """Call the system's function at an address with a number or two."""

        def codegen(context, builder, signature, values):
            fntype = cgutils.ir.FunctionType(cgutils.int32_t, [cgutils.intp_t] * 2)
            builder.call(builder.inttoptr(values[0], fntype.as_pointer()), values[1:])
            return context.get_dummy_value()

        return types.none(types.intp, types.intp, types.intp), codegen

    @inner
    def sleep_a_moment(meeting):
        """Let the core to others for so long."""
        call_system(meeting[SLEEP], MOMENT, 0)

    @inner
    def now(meeting):
        """Nanoseconds on the clock.  Thread 0 alone may ask."""
        time = meeting[TIME : TIME + 2]
        call_system(meeting[CLOCK], time.ctypes.data, 1)
        return time[0] * 1_000_000_000 + time[1]

else:

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

    def sleep_a_moment(meeting):
        """Let another of Python's threads run."""
        time.sleep(MOMENT * 1e-6)

    def now(meeting):
        """Nanoseconds on the clock."""
        return time.perf_counter_ns()


def forget_others():
    """A child process has no other thread that might be in the middle of what is in one piece."""
    global ONE_AT_A_TIME
    ONE_AT_A_TIME = threading.Lock()


@kernel
def meet(p, meeting):
    """Wait until all p.threads have come; where one is gone, the batch is this thread's last.

    What a thread has written before is what the others read after.
    """
    if not all_come(meeting, p.thread, p.threads):
        p.last = 0


@kernel
def meet_in_layer(batch) -> float:
    """Wait until all threads have come that share a layer, or the layers of a pass.

    Returns 0 where that is called off, or one is gone: then nothing is left to do here.
    """
    meeting = array_at(batch.board, COME + batch.most * STRIDE, INT64)
    return 1.0 if all_come(meeting, batch.thread, batch.most) else 0.0


@inner
def all_come(meeting, me, count):
    """Wait until `count` threads have come, of which this is number `me`.

    Returns False where one is gone, or the work is called off.
    """
    if atomic_load(meeting, GONE) > 0:  # who has left one meeting must not be counted at the next
        return False
    turn = atomic_load(meeting, COME + me * STRIDE) + 1
    atomic_store(meeting, COME + me * STRIDE, turn)
    turns = 0
    for other in range(count):
        while atomic_load(meeting, COME + other * STRIDE) < turn:
            if atomic_load(meeting, GONE) > 0:
                return False
            turns += 1
            if turns < meeting[SPINS]:
                pause()
            elif me > 0 or meeting[TOO_LONG] == 0:
                sleep_a_moment(meeting)
            else:
                wait_impatiently(meeting)
    return True


@inner
def begin_to_wait(batch):
    """Thread 0 has waited for nobody yet in what begins now, if it may be called off."""
    meeting = array_at(batch.board, COME, INT64)
    if batch.thread == 0 and meeting[TOO_LONG] > 0:
        meeting[BEGUN], meeting[LOST] = now(meeting), 0


@inner
def wait_impatiently(meeting):
    """Sleep a moment; call the work off where thread 0 has waited for half of the time."""
    before = now(meeting)
    sleep_a_moment(meeting)
    time = now(meeting)
    meeting[LOST] += time - before
    if meeting[LOST] > max(meeting[TOO_LONG], (time - meeting[BEGUN]) // 2):
        exchange(meeting, GONE, 0, CALLED_OFF)


@kernel
def add_slices(p, n, spans, grad):
    """Add the gradients of the other threads to slice 0, within the spans of this thread.

    n: samples of the batch; the last threads may have had none.  grad (threads * p.slice).
    """
    used = -(-n // -(-n // p.threads))
    for i in range(spans.shape[0]):
        start, length = spans[i, 0], spans[i, 1] - spans[i, 0]
        for s in range(1, used):
            add(view(grad, s * p.slice + start, (length,)), view(grad, start, (length,)))
