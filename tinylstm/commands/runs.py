"""Runs of demos in other processes, on all cores, with a progress bar."""

import contextlib
import importlib
import io
import os
import signal
import sys
import threading
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import active_children, get_context, parent_process
from typing import NamedTuple

import click

from .. import set_random_seed
from ..shown.bar import counted


class Job(NamedTuple):
    """One run of a demo: its name, its seed, and the options that its ``main`` takes."""

    demo: str
    seed: int
    options: dict


class Done(NamedTuple):
    """What a run gave: its numbers by name, and what it printed."""

    job: Job
    numbers: dict
    text: str


def run(job):
    """Run a demo from its seed; returns its numbers."""
    set_random_seed(job.seed)
    module = importlib.import_module(f"tinylstm.demos.{job.demo.replace('-', '_')}")
    return module.main(**job.options)


def run_quietly(job):
    """The same, keeping what it prints."""
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        numbers = run(job._replace(options=job.options | {"verbose": 0}))
    return Done(job, numbers, printed.getvalue())


def begin():
    """What a process does first: it leaves Ctrl-C to the one that runs it, and ends with that."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=end_with_the_other, daemon=True).start()


def end_with_the_other():
    """End when the process that wants the runs has ended, however it has."""
    parent_process().join()
    os._exit(1)


@contextlib.contextmanager
def exit_on_signals():
    """SIGTERM and SIGHUP end this process as `sys.exit` does, and with it what it has started."""

    def leave(number, frame):
        signal.signal(number, signal.SIG_DFL)  # a second one: at once
        sys.exit(128 + number)

    numbers = [getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name)]
    numbers = [number for number in numbers if signal.getsignal(number) == signal.SIG_DFL]
    for number in numbers:
        signal.signal(number, leave)
    try:
        yield
    finally:
        for number in numbers:
            signal.signal(number, signal.SIG_DFL)


@contextlib.contextmanager
def submitted(jobs):
    """Futures of the jobs, on all cores; their processes end with this block, or this process."""
    workers = min(len(jobs), os.cpu_count() or 1)
    pool = ProcessPoolExecutor(workers, get_context("spawn"), begin)
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)  # inherited from their first moment on
    try:
        futures = [pool.submit(run_quietly, job) for job in jobs]
    finally:
        signal.signal(signal.SIGINT, before)
    try:
        yield futures
    except BaseException:
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # a second Ctrl-C would leave some of them
        pool.shutdown(wait=False, cancel_futures=True)
        for process in active_children():
            process.kill()  # also one that is stopped
        signal.signal(signal.SIGINT, before)
        raise
    pool.shutdown()


def run_all(jobs, in_order=False):
    """Run jobs on all cores; yields what is done, as it comes or in the order of the jobs."""
    with exit_on_signals(), submitted(jobs) as futures:
        done = futures if in_order else as_completed(futures)
        try:
            for future in counted(done, len(jobs), "run"):
                yield future.result()
        except BrokenProcessPool:
            raise click.ClickException(
                "A process that ran a demo has ended before it was done: killed, or out of memory."
            ) from None
