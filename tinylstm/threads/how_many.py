"""How many threads share the rows of a batch, and the threads themselves.

They are threads of Python that run compiled code without the interpreter's lock; a call has as many
as it needs for itself until it ends, so that calls that run at once never wait for each other's.
"""

from __future__ import annotations

import os
import queue
import threading

from ..kernels.compiling import COMPILED
from ..kernels.threads import GONE
from ..surface.arguments import whole_number
from ..surface.errors import warn
from .environment import number_of_threads

# Multiply-adds of a batch for each thread. On two cores of a Xeon 8 million take 0.15 ms, which is
# what the second thread costs a call of one batch: 0.1 ms until it runs, the rest in Python. In a
# call of many batches half of that is enough, but then a batch would have other bits there.
WORTH = 8_000_000

_chosen = None  # by `set_num_threads`
_idle = []  # threads that wait for work


def set_num_threads(n: int | None) -> None:
    """Let large models train and predict on so many threads at most, from the next call on.

    Parameters
    ----------
    n : int or None
        1 or more, also more than there are cores; None: what it was at the start.

    Raises
    ------
    ValueError
        If it is not a whole number, or below 1.
    """
    global _chosen
    _chosen = None if n is None else whole_number(n, "The number of threads")


def get_num_threads() -> int:
    """The number of threads that a large model may use.

    That of `set_num_threads`; else of the environment variables NUMBA_NUM_THREADS or, where that is
    not set, OMP_NUM_THREADS; else as many as the process may use cores.
    """
    if _chosen is not None:
        return _chosen
    return number_of_threads() or (cores() if COMPILED else 1)


def cores():
    """Cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def threads_for(network, shape, batches, learn, recorded=False):
    """How many threads share the rows of these batches; it depends on nothing else.

    shape: of a sample of x, with its steps.
    """
    most = min(get_num_threads(), batches.rows)
    if most == 1 or recorded or not network.rows_apart:
        return 1
    work = batches.rows * network.multiply_adds(shape) * (3 if learn else 1)
    count = max(1, min(most, work // WORTH))
    return count if can_start(count - 1) else 1


def share_rows(network, shape, batches, learn, recorded=False):
    """How many threads share the rows of these batches, and how many rows each has at most."""
    threads = threads_for(network, shape, batches, learn, recorded)
    return threads, -(-batches.rows // threads)


def can_start(count):
    """Whether so many threads wait for work, or the system starts the rest; says so where not."""
    try:
        while len(_idle) < count:
            _idle.append(Worker())
    except RuntimeError as reason:
        warn(
            f"The system starts no more threads, so one does all the work: {reason}.",
            RuntimeWarning,
        )
        return False
    return True


def forget():
    """A child process has none of its parent's threads: see forks.py."""
    _idle.clear()


class Worker(threading.Thread):
    """A thread that runs one job after the other."""

    def __init__(self):
        super().__init__(name="tinylstm", daemon=True)
        self.jobs = queue.SimpleQueue()
        self.start()

    def run(self):
        while True:
            job, meeting, errors = self.jobs.get()
            try:
                job()
            except BaseException as error:
                errors.append(error)
                meeting[GONE] = 1
            del job, meeting, errors  # with all that they hold


def idle_worker():
    """A thread that waits for work; a new one where none does."""
    try:
        return _idle.pop()
    except IndexError:
        return Worker()


def run_at_once(jobs, meeting):
    """Run each job in a thread of its own, the first in this one; returns what that returns.

    Where one fails, the others do not wait for it. A Ctrl-C before the first has begun is such a
    failure; nothing has happened then.
    """
    workers, errors = [], []
    try:
        for _ in jobs[1:]:
            workers.append(idle_worker())
        for worker, job in zip(workers, jobs[1:], strict=True):
            worker.jobs.put((job, meeting, errors))
        result = jobs[0]()
    except BaseException:
        meeting[GONE] = 1
        raise
    finally:
        _idle.extend(workers)
    if errors:
        try:
            raise errors[0]
        finally:
            errors.clear()  # of what knows this call, which would else keep itself alive
    return result
