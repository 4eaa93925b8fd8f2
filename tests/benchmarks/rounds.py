"""Engines in turn: every engine in a process of its own, one at a time computing."""

import json
import subprocess
import sys
from dataclasses import dataclass, field
from statistics import median

import numpy as np

from tests.benchmarks.jobs import find
from tests.tolerances import error


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
        self.process.communicate()


@dataclass
class Result:
    """Times of one engine on one job, in microseconds.

    Parameters
    ----------
    engine, job : str
    title : str
        The job in words.
    gflop : float or None
        Arithmetic of what is timed.
    variant : str, optional
        The fastest one.
    loss : float, optional
        Of a training: the mean of the first epoch, from the same start weights for all.
    differs : float, optional
        Largest difference of the first answer (a loss, outputs) from that of the first engine, over
        the largest absolute value of the latter; None where a rounding may decide.
    declined : str, optional
        Why there are no times.
    run : str, optional
        When it was measured: only results of one run are compared.
    times : list of float
    """

    engine: str
    job: str
    title: str
    gflop: float | None
    variant: str = ""
    loss: float | None = None
    differs: float | None = None
    declined: str | None = None
    run: str = ""
    times: list = field(default_factory=list)

    @property
    def median(self):
        """The figure that is compared."""
        return median(self.times)


def compare(engines, job, rounds, seconds, say):
    """Time every engine on a job, in the order A B C A B C ...

    Parameters
    ----------
    engines : list of Engine
    job : str
    rounds : int
    seconds : float
        About how long one measurement lasts (at least one run).
    say : callable
        Told what is going on.

    Returns
    -------
    list of Result
    """
    turns, declined, reference = [], [], None
    for engine in engines:
        say(f"{job}: preparing {engine.name}")
        result, answer = prepared(engine, job, seconds)
        if answer is None:
            declined.append(result)
            continue
        reference = answer if reference is None else reference
        if not find(job).chaotic:
            result.differs = difference(answer, reference)
        turns.append((engine, result))
    for k in range(rounds):
        say(f"{job}: round {k + 1} of {rounds}")
        for engine, result in turns:
            result.times.append(engine.ask("measure")["microseconds"])
    return [result for _, result in turns] + declined


def prepared(engine, job, seconds):
    """An engine's result, without times yet, and its first answer, None where it declines."""
    target = find(job)
    ready = engine.ask("prepare", job=job, seconds=seconds)
    result = Result(engine.name, job, target.title, target.gflop)
    if "declined" in ready:
        result.declined = ready["declined"]
        return result, None
    result.variant = ready["variant"]
    result.loss = ready["answer"] if target.kind == "train" else None
    return result, np.array(ready["answer"])


def difference(answer, reference):
    """max|a - b| / max|b|, infinite where a number is not finite; shapes may differ by axes of
    length one."""
    found = float(error(answer.ravel(), reference.ravel()))
    return np.inf if np.isnan(found) else found
