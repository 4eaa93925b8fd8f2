"""Runs of demos in other processes, on all cores, with a progress bar."""

import contextlib
import importlib
import io
import os
import signal
from concurrent.futures import ProcessPoolExecutor, as_completed
from multiprocessing import active_children, get_context
from typing import NamedTuple

from tqdm import tqdm

from .. import set_random_seed


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


@contextlib.contextmanager
def submitted(jobs):
    """Futures of the jobs, on all cores; the processes leave Ctrl-C to this one and end with it."""
    ignore = (signal.SIGINT, signal.SIG_IGN)
    pool = ProcessPoolExecutor(
        min(len(jobs), os.cpu_count() or 1), get_context("spawn"), signal.signal, ignore
    )
    before = signal.signal(*ignore)  # inherited by the processes from their first moment on
    try:
        futures = [pool.submit(run_quietly, job) for job in jobs]
    finally:
        signal.signal(signal.SIGINT, before)
    try:
        yield futures
    except BaseException:
        pool.shutdown(wait=False, cancel_futures=True)
        for process in active_children():
            process.terminate()
        raise
    pool.shutdown()


def run_all(jobs, in_order=False):
    """Run jobs on all cores; yields what is done, as it comes or in the order of the jobs."""
    with submitted(jobs) as futures:
        done = futures if in_order else as_completed(futures)
        for future in tqdm(done, total=len(jobs), unit="run", dynamic_ncols=True):
            yield future.result()
