"""One kernel is compiled, or loaded, in a thread of its own, so that Ctrl-C is heard meanwhile."""

import sys
import threading

from numba.core.errors import NumbaError

from .cache import reserve
from .locks import give_all_back
from .notes import way_out, written
from .streams import tell

compiling = threading.RLock()  # taken before any lock of a file: threads never wait crosswise


def compile_kernel(dispatcher, signature):
    """Compile a kernel, or load it from the disk."""
    with compiling:
        try:
            reserve(dispatcher, signature)  # here Ctrl-C ends a wait for another process
            aside(dispatcher.compile, signature)
        except NumbaError as reason:
            reason.add_note(f"tinylstm was compiling {written(dispatcher)}. {way_out(str(reason))}")
            raise
        finally:
            give_all_back()


def aside(function, *args):
    """Call a function in a thread of its own, for its effect, while the main one hears Ctrl-C.

    LLVM calls back where Python can only report that, and cannot be stopped. So a person is told,
    and what the handler of a signal raises is raised when the function has ended.
    """
    if threading.current_thread() is not threading.main_thread() or is_importing():
        return function(*args)
    outcome, begin, running = [], threading.Lock(), threading.Lock()

    def run():
        begin.acquire()
        try:
            outcome.append(function(*args))
        except BaseException as reason:
            outcome.append(reason)
        running.release()

    begin.acquire()
    running.acquire()
    try:
        threading.Thread(target=run, daemon=True).start()  # Ctrl-C here: it does not begin
    except RuntimeError:  # there can be no further one
        return function(*args)
    heard, told = None, False
    while not outcome:
        try:
            if begin.locked():
                begin.release()
            if heard is not None and not told:
                told = True
                tell("\ntinylstm stops after this kernel, which takes some seconds ...")
            running.acquire(timeout=0.1)  # Windows hears nothing meanwhile
        except BaseException as reason:
            heard = reason
    for reason in (heard, *outcome):
        if isinstance(reason, BaseException):
            raise reason


def is_importing():
    """Whether a module is on its way, for which another thread would wait: Numba looks it up."""
    specs = [getattr(module, "__spec__", None) for module in list(sys.modules.values())]
    return any(getattr(spec, "_initializing", False) for spec in specs)
