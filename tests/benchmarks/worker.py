"""The process of one engine: ``python -m tests.benchmarks.worker ENGINE``.

It reads a request a line and answers a line, both JSON.  The first line it writes, unasked, says
which version runs or why the engine is missing.
"""

import json
import os
import sys
from importlib import import_module
from time import perf_counter

import numpy as np

from tests.benchmarks.engines import Declined
from tests.benchmarks.jobs import find


def seconds_of(run, times):
    """Wall time of one call."""
    start = perf_counter()
    run(times)
    return perf_counter() - start


def times_lasting(run, seconds):
    """How many times take about `seconds`."""
    times = 1
    while (took := seconds_of(run, times)) < seconds / 8:
        times *= 2
    return max(1, round(times * seconds / took))


def fastest(variants, seconds, first):
    """Name, run and times of the variant with the lowest time a run, and its first answer.

    The first run, of `first` times, compiles and is not timed; a candidate then has the better of
    two short runs.
    """
    best = None
    for name, run in variants.items():
        answer = run(first)
        times = times_lasting(run, seconds)
        short = max(1, times // 6)
        took = min(seconds_of(run, short) for _ in "12") / short if len(variants) > 1 else 0
        if best is None or took < best[0]:
            best = took, name, run, times, answer
    return best[1:]


class Bench:
    """Answers the driver's requests with one engine.

    Parameters
    ----------
    engine : module
        With ``train``, ``predict`` or ``product``.
    """

    def __init__(self, engine):
        self.engine = engine

    def prepare(self, job, seconds):
        """Compile and warm up a job, and choose among its variants; the job before is dropped."""
        self.run = None
        target = find(job)
        try:
            variants = getattr(self.engine, target.kind)(target)
        except Declined as reason:
            return {"declined": str(reason)}
        name, self.run, self.times, answer = fastest(variants, seconds, target.first)
        self.count = self.times * target.count
        return {"variant": name, "answer": np.asarray(answer, float).tolist()}

    def measure(self):
        """Microseconds a training step, a call, a step of a closed loop or a product."""
        return {"microseconds": seconds_of(self.run, self.times) / self.count * 1e6}


def main(engine):
    """Serve until the driver closes the pipe."""
    answers = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)  # what a framework prints does not reach the driver

    def answer(message):
        answers.write(json.dumps(message) + "\n")

    try:
        module = import_module(f"tests.benchmarks.engines.{engine}")
    except ImportError as error:
        answer({"missing": str(error)})
        return
    answer({"version": module.VERSION})
    bench = Bench(module)
    for line in sys.stdin:
        request = json.loads(line)
        answer(getattr(bench, request.pop("do"))(**request))


if __name__ == "__main__":
    main(sys.argv[1])
