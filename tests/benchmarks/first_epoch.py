"""A fresh process up to its first trained epoch: ``python -m tests.benchmarks.first_epoch``.

It trains the model of the stateful alphabet demo for one epoch and says so in a line.  With
``--predict`` that model predicts and never trains.  With ``--kernels`` that line is a JSON list of
what was compiled: [kernel, own seconds, with callees].
"""

import json
import sys

from tests.benchmarks.engines.tinylstm import build, train
from tests.benchmarks.workloads import WORKLOADS


def train_one_epoch():
    """What the demo does first."""
    train(WORKLOADS["letters-stateful"])["fit"](1)


def predict():
    """An LSTM and a Dense, in a process that never trains."""
    workload = WORKLOADS["letters-stateful"]
    build(workload).predict(workload.X, batch_size=workload.batch)


def compilations(events):
    """(kernel, own seconds, seconds with callees) of each compilation.

    Parameters
    ----------
    events : list of (float, numba.core.event.Event)
        Starts and ends, nested: a callee is compiled while its caller waits.
    """
    waiting, done = [], []
    for now, event in events:
        if event.is_start:
            waiting.append([now, 0.0])
            continue
        start, callees = waiting.pop()
        took = now - start
        if waiting:
            waiting[-1][1] += took
        function = event.data["dispatcher"].py_func
        done.append((f"{function.__module__}.{function.__qualname__}", took - callees, took))
    return done


def main(*options):
    """Train or predict, and tell."""
    run = predict if "--predict" in options else train_one_epoch
    if "--kernels" not in options:
        run()
        print("done", flush=True)
        return
    from numba.core.event import install_recorder

    from tinylstm.compiling import preparing

    preparing.cores = lambda: 1  # no helper: all is compiled, and recorded, here

    with install_recorder("numba:compile") as recorder:
        run()
    print(json.dumps(compilations(recorder.buffer)), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
