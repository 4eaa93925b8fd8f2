"""What weights in a file cost, beside the same numbers in a file that nobody checks.

That is `safetensors`, one pass of SHA-256 over the bytes and, where they are saved, one sync.
"""

import hashlib
import os
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter

import click
from safetensors.numpy import load_file, save_file

from tinylstm import Dense, Sequential
from tinylstm.files.weights import tensors_of

SIDES = {"4 MB": 1000, "64 MB": 4000}  # of a matrix of float32
TARGET = 1.5


def model_of(side):
    """A model of one matrix and a bias."""
    model = Sequential([Dense(side, input_shape=(side,))])
    model.build((None, side))
    return model


def save(tensors, path):
    """Save by safetensors, sum, and sync."""
    save_file(tensors, path)
    summed(tensors)
    with open(path, "rb") as file:
        os.fsync(file.fileno())


def load(path):
    """Load by safetensors, and sum."""
    summed(load_file(path))


def summed(tensors):
    """One pass of SHA-256."""
    total = hashlib.sha256()
    for array in tensors.values():
        total.update(array.data.cast("B"))


def measure(side, rounds):
    """Seconds: {what: a list of `rounds` values}, in turn."""
    model, took = model_of(side), {}
    with TemporaryDirectory(dir=Path.cwd()) as folder:
        ours, theirs = Path(folder) / "ours", Path(folder) / "theirs"
        runs = {
            "save_weights": lambda: model.save_weights(ours),
            "saved without checks": lambda: save(tensors_of(model), theirs),
            "load_weights": lambda: model.load_weights(ours),
            "loaded without checks": lambda: load(theirs),
        }
        for k in range(rounds + 1):
            for name, run in runs.items():
                start = perf_counter()
                run()
                if k > 0:  # the first round loads kernels
                    took.setdefault(name, []).append(perf_counter() - start)
    return took


@click.command("files")
@click.option("--rounds", default=15, show_default=True, help="Measurements of each, in turn.")
def command(rounds):
    """Milliseconds of save_weights and load_weights, and times what is saved without checks."""
    click.echo(f"{'milliseconds':38}{'median':>8}{'least':>8}{'ratio':>8}  at most {TARGET}")
    for size, side in SIDES.items():
        took = measure(side, rounds)
        names = list(took)
        for name, beside in zip(names[::2], names[1::2], strict=True):
            ratio = median(a / b for a, b in zip(took[name], took[beside], strict=True))
            click.echo(f"{size:14}{name:24}{figures(took[name])}{ratio:8.2f}")
            click.echo(f"{'':14}{beside:24}{figures(took[beside])}")


def figures(seconds):
    """The median and the least of some times, in milliseconds."""
    return f"{1e3 * median(seconds):8.1f}{1e3 * min(seconds):8.1f}"
