"""What tinylstm's Python costs around its compiled loop: a ``fit``, an epoch, a ``predict``."""

from dataclasses import replace
from statistics import median
from time import perf_counter

import click
import numpy as np

from tests.benchmarks.engines.tinylstm import build
from tests.benchmarks.workloads import WORKLOADS

BATCHES = 2000  # in an epoch whose own cost does not show
EPOCHS = 5000
TARGETS = {"a call of fit(epochs=1)": 100, "an epoch inside one fit": 15, "predict, one sample": 15}


def microseconds(function, calls):
    """Mean time of one of `calls` calls."""
    start = perf_counter()
    for _ in range(calls):
        function()
    return (perf_counter() - start) / calls * 1e6


def fit_of(workload, epochs):
    """A warm call of ``fit``."""
    model = build(workload)
    settings = {"batch_size": workload.batch, "epochs": epochs, "shuffle": False, "verbose": 0}

    def fit():
        model.fit(workload.X, workload.Y, **settings)

    fit()
    return fit


def measure(rounds):
    """Microseconds by what is measured: a list of `rounds` values each.

    An epoch of letters-batch is a single batch.  What that batch takes is measured on the same
    data repeated, so that thousands of batches make an epoch.
    """
    one = WORKLOADS["letters-batch"]
    X, Y = (np.concatenate([data] * BATCHES) for data in (one.X, one.Y))
    many = fit_of(replace(one, X=X, Y=Y), 1)
    fit, epochs = fit_of(one, 1), fit_of(one, EPOCHS)
    letters = WORKLOADS["letters-1"]
    model, sample = build(letters), letters.X[:1]
    model.predict(sample, verbose=0)
    names = list(TARGETS)
    values = {"a batch": [], **{name: [] for name in names}}
    for _ in range(rounds):
        batch = microseconds(many, 5) / BATCHES
        epoch = microseconds(epochs, 1) / EPOCHS - batch
        values["a batch"].append(batch)
        values[names[0]].append(microseconds(fit, 500) - batch)
        values[names[1]].append(epoch)
        values[names[2]].append(microseconds(lambda: model.predict(sample, verbose=0), 2000))
    return values


@click.command("overhead")
@click.option("--rounds", default=7, show_default=True, help="Measurements of each.")
def command(rounds):
    """Microseconds of fit and of an epoch beyond their batches, and of predict on one sample."""
    click.echo(f"{'microseconds':26}{'median':>8}{'min':>8}{'max':>8}{'target':>8}")
    for name, values in measure(rounds).items():
        figures = f"{median(values):8.2f}{min(values):8.2f}{max(values):8.2f}"
        click.echo(f"{name:26}{figures}{TARGETS.get(name, ''):>8}")
