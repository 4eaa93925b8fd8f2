"""A fork: what a child process finds of its parent's models, and of its parent's threads.

A child has one thread, a copy of the one that forked. What the others were doing is never done
there, and what they had locked stays locked. So a fork waits until no thread is in the middle of a
compiled call, of another change of a model's vectors, or of a compilation: every model is copied
whole, as it is between two batches. In the child the models are then let go of by the threads that
it has not, as if their calls had been stopped there.

While a model's lock `in_one_piece` is held, no code of a user runs and no other lock is waited for
but that of a compilation. So the waiting ends.
"""

import os
import threading
import time
from contextlib import ExitStack
from weakref import ref

from llvmlite.binding import ffi
from numba.core.compiler_lock import global_compiler_lock

from ..kernels.compiling import compiling
from ..kernels.threads import forget_others
from . import helpers, how_many

SECONDS_TO_GIVE_WAY = 1e-3  # more than a thread that waits for a lock needs to wake up

_models = set()  # weak references; a model that ends is taken out by C, in one step
_noting = threading.RLock()  # held while the set changes, and by a fork from its last look at it on
_forking = threading.RLock()  # one at a time
_held = ExitStack()  # by the fork that is under way
_waiting = False  # whether one waits for a call to end


def note(model):
    """From now on forks wait for this model's calls."""
    with _noting:
        _models.add(ref(model, _models.discard))


def living():
    """The models that there are."""
    return [model for model in (one() for one in [*_models]) if model is not None]


def give_way():
    """Before a call: let a fork that waits go first, as a lock does not."""
    if _waiting:
        time.sleep(SECONDS_TO_GIVE_WAY)


def hold_all():
    """Wait until every model is whole and nothing is half compiled, and keep it so."""
    global _waiting
    _forking.acquire()
    _held.callback(_forking.release)
    if isinstance(threading.current_thread(), how_many.Worker):
        return  # a kernel forks: the call that it is a part of does not end before it does
    _waiting = True
    try:
        hold_models()
        _held.enter_context(compiling)
        _held.enter_context(global_compiler_lock)
        _held.enter_context(ffi.lib._lock)  # LLVM's, of those too who only look something up
    finally:
        _waiting = False


def hold_models():
    """Hold all models in one piece, also those that are made meanwhile, and let none be made."""
    held = set()

    def hold(lock, wait):
        if lock.acquire(blocking=wait):
            _held.callback(lock.release)
            held.add(lock)

    while True:
        _noting.acquire()
        locks = {model.in_one_piece for model in living()}
        for lock in locks - held:
            hold(lock, wait=False)
        if locks <= held:
            _held.callback(_noting.release)
            return
        _noting.release()
        for lock in locks - held:
            hold(lock, wait=True)


def let_go():
    """In the parent: all goes on."""
    _held.close()


def start_anew():
    """In the child: nothing is left of the threads that it has not."""
    global _noting, _forking
    _held.close()
    _noting, _forking = threading.RLock(), threading.RLock()
    how_many.forget()
    helpers.forget()
    forget_others()
    for model in living():
        stop_calls_of_others(model)


def stop_calls_of_others(model):
    """What other threads were doing with a model ends where it is."""
    if not model.in_one_piece._is_owned():
        model.in_one_piece._at_fork_reinit()  # the same lock: steppers have it too
    me = threading.get_ident()
    model._recorders = [one for one in model.recorders if one.thread == me]
    if not model._lock._is_owned():
        model._lock = threading.RLock()
        if model.note_call is not None:
            model.note_call()
            model.note_call = None
    if model.state is not None:
        model.state.leave_scratches(me)


if hasattr(os, "register_at_fork"):
    os.register_at_fork(before=hold_all, after_in_parent=let_go, after_in_child=start_anew)
