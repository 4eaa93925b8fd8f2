"""Closed-loop generation beside as many streaming steps in compiled code, with no Python between.

The steps read rows that are known beforehand, and keep their outputs: what generation adds is the
choice of a class and what it makes of it.
"""

from statistics import median
from time import perf_counter

import click
import numpy as np
from tinylstm.kernels.streaming.stepping import go_on
from tinylstm.kernels.vectors import copy

from tinylstm import LSTM, Dense, Sequential, kernel, view

STEPS = 20_000
LIMIT = 1.3  # times the cost of the steps
MODELS = {  # features and classes, units
    "16 classes, LSTM(16)": (16, 16),
    "26 classes, LSTM(32)": (26, 32),
    "64 classes, LSTM(128)": (64, 128),
    "1,000 classes, LSTM(32)": (1000, 32),
}
CHOICES = {
    "value": {"feedback": "value"},
    "argmax": {"feedback": "argmax"},
    "sample": {"feedback": "sample", "seed": 1},
    "sample, 0.7": {"feedback": "sample", "seed": 1, "temperature": 0.7},
}


@kernel
def stream(layers, batch, flags, theta, work, y_place, inputs, outputs):
    """The rows of inputs (n, D) one after the other, the state kept; outputs (n, K)."""
    for n in range(len(inputs)):
        copy(inputs[n], view(work, layers[0].x, (inputs.shape[1],)))
        go_on(layers, batch, flags, theta, work)
        copy(view(work, y_place, (outputs.shape[1],)), outputs[n])


def steps_alone(model, inputs):
    """A function that runs one step a row of the inputs."""
    program = model.stepper().program
    outputs = np.empty((len(inputs), program.y_features), model.dtype)
    tables = program.table, program.batch, program.flags, model.theta, program.work

    def run():
        stream(*tables, int(program.plan["y"][0]), inputs, outputs)

    return run


def measure(model, rounds):
    """Microseconds a step: {what: a list of `rounds` values}, in turn."""
    classes = model.output_shape[-1]
    one_hot = np.eye(classes, dtype=model.dtype)
    inputs = one_hot[np.arange(STEPS) % classes]
    runs = {"steps alone": steps_alone(model, inputs)}
    for name, options in CHOICES.items():
        runs[name] = lambda options=options: model.generate(one_hot[:1], STEPS, **options)
    took = {name: [] for name in runs}
    for k in range(rounds + 1):
        for name, run in runs.items():
            start = perf_counter()
            run()
            if k > 0:  # the first round compiles
                took[name].append((perf_counter() - start) / STEPS * 1e6)
    return took


def measured(rounds):
    """(title, what `measure` finds) of every model."""
    for title, (classes, units) in MODELS.items():
        layers = [LSTM(units, input_shape=(None, classes)), Dense(classes, activation="softmax")]
        yield title, measure(Sequential(layers), rounds)


@click.command("generation")
@click.option("--rounds", default=15, show_default=True, help="Measurements of each, in turn.")
def command(rounds):
    """Microseconds a generated step, and times the same steps without a choice (at most 1.3)."""
    click.echo(f"{'microseconds a step':25}" + "".join(f"{name:>20}" for name in CHOICES))
    for title, took in measured(rounds):
        alone = took.pop("steps alone")
        cells = ""
        for values in took.values():
            ratio = median(b / a for a, b in zip(alone, values, strict=True))
            cells += f"{median(values):10.2f} ({ratio:4.2f} x)".rjust(20)
        click.echo(f"{title:25}{cells}   alone {median(alone):.2f}")
