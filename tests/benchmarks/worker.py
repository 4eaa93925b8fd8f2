"""The process of one engine: ``python -m tests.benchmarks.worker ENGINE``.

It reads a request a line and answers a line, both JSON.  The first line it writes, unasked, says
which version runs or why the engine is missing.
"""

import json
import os
import sys
from importlib import import_module
from time import perf_counter

from tests.benchmarks.workloads import WORKLOADS


def seconds_of(run, epochs):
    """Wall time of one call."""
    start = perf_counter()
    run(epochs)
    return perf_counter() - start


def epochs_lasting(run, seconds):
    """How many epochs take about `seconds`."""
    epochs = 1
    while (took := seconds_of(run, epochs)) < seconds / 8:
        epochs *= 2
    return max(1, round(epochs * seconds / took))


def fastest(variants, seconds):
    """Name, run and epochs of the variant with the lowest time an epoch, and its first loss.

    The first run compiles and is not timed; a candidate then has the better of two short runs.
    """
    best = None
    for name, run in variants.items():
        loss = run(1)
        epochs = epochs_lasting(run, seconds)
        short = max(1, epochs // 4)
        took = min(seconds_of(run, short) for _ in "12") / short if len(variants) > 1 else 0
        if best is None or took < best[0]:
            best = took, name, run, epochs, loss
    return best[1:]


class Bench:
    """Answers the driver's requests with one engine.

    Parameters
    ----------
    train : callable
        The engine's ``train(workload)``.
    """

    def __init__(self, train):
        self.train = train
        self.runs = {}

    def prepare(self, workload, seconds):
        """Compile and warm up the workload, and choose among its variants."""
        name, run, epochs, loss = fastest(self.train(WORKLOADS[workload]), seconds)
        self.runs[workload] = run, epochs
        return {"variant": name, "epochs": epochs, "loss": loss}

    def measure(self, workload):
        """Microseconds a training step."""
        run, epochs = self.runs[workload]
        steps = epochs * WORKLOADS[workload].batches
        return {"microseconds": seconds_of(run, epochs) / steps * 1e6}


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
    bench = Bench(module.train)
    for line in sys.stdin:
        request = json.loads(line)
        answer(getattr(bench, request.pop("do"))(**request))


if __name__ == "__main__":
    main(sys.argv[1])
