"""Engines in turn: every engine in a process of its own, one at a time computing."""

import json
import subprocess
import sys
from dataclasses import dataclass, field
from statistics import median


class Engine:
    """A worker process, kept alive over all rounds.

    Parameters
    ----------
    name : str
        Module under ``engines``.

    Attributes
    ----------
    version : str or None
        What runs, or None when the engine is not installed.
    missing : str or None
        Why it is not.
    """

    def __init__(self, name):
        self.name = name
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.benchmarks.worker", name],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            bufsize=1,
        )
        greeting = self.receive()
        self.version = greeting.get("version")
        self.missing = greeting.get("missing")

    def receive(self):
        """The worker's next answer."""
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError(f"the worker of {self.name} has stopped; its error is above")
        return json.loads(line)

    def ask(self, do, **arguments):
        """One request and its answer."""
        self.process.stdin.write(json.dumps({"do": do, **arguments}) + "\n")
        return self.receive()

    def close(self):
        """End the worker."""
        self.process.stdin.close()
        self.process.wait()


@dataclass
class Result:
    """Times of one engine on one workload, in microseconds a training step.

    `loss` is the mean of the first epoch, from the same start weights for all.  Engines agree to
    four digits, but for cosine-stacked: its training is chaotic in float32, and a rounding decides.
    """

    engine: str
    workload: str
    variant: str
    loss: float
    times: list = field(default_factory=list)

    @property
    def median(self):
        """The figure that is compared."""
        return median(self.times)


def compare(engines, workloads, rounds, seconds, say):
    """Time every engine on every workload, in the order A B C A B C ...

    Parameters
    ----------
    engines : list of Engine
    workloads : list of str
    rounds : int
    seconds : float
        About how long one measurement lasts (at least one epoch).
    say : callable
        Told what is going on.

    Returns
    -------
    list of Result
    """
    results = []
    for workload in workloads:
        turns = []
        for engine in engines:
            say(f"{workload}: preparing {engine.name}")
            ready = engine.ask("prepare", workload=workload, seconds=seconds)
            turns.append(Result(engine.name, workload, ready["variant"], ready["loss"]))
        for k in range(rounds):
            say(f"{workload}: round {k + 1} of {rounds}")
            for engine, result in zip(engines, turns, strict=True):
                result.times.append(engine.ask("measure", workload=workload)["microseconds"])
        results += turns
    return results
