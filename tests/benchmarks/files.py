"""What files of weights and of whole models cost, beside the same arrays in a file that nobody
checks.

That is `safetensors`, one pass of SHA-256 over the bytes and, where they are saved, one sync.
Each call begins as in a new process: the memory that earlier ones had is given back, as whoever
loads a model keeps it. What a model costs beside that, when all it needs is imported: its
description is read, checked and made to layers and an optimiser (0.9 ms, whatever its size), and
the system is asked how much memory there is (0.4 ms); so to load a file of 4 MB takes more than 1.5
times what reading and summing it does. The parameters are zeros before they are read; the gradients
are not touched.
"""

import ctypes
import hashlib
import os
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter, process_time

import click
from safetensors.numpy import load_file, save_file

from tinylstm import Dense, Sequential, load_model
from tinylstm.files import container

BYTES = {"4 MB": 4 * 2**20, "64 MB": 64 * 2**20}  # of a file's arrays
KINDS = {"weights": 1, "model": 3}  # copies of the parameters: Adam has two moments of each
TARGET = 1.5


def model_of(size, copies):
    """A compiled model of one matrix and a bias, which makes a file of so many bytes."""
    side = int((size / 4 / copies) ** 0.5)
    model = Sequential([Dense(side, input_shape=(side,))])
    model.compile("adam", "mse")
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


def runs_of(kind, model, folder):
    """What is measured: {name: call}, each of ours before what it is compared with."""
    ours, theirs = folder / "ours", folder / "theirs"
    saves = {"weights": model.save_weights, "model": model.save}
    loads = {"weights": model.load_weights, "model": load_model}
    saves[kind](ours)
    tensors, _ = container.read(ours)
    return {
        saves[kind].__name__: lambda: saves[kind](ours),
        "saved without checks": lambda: save(tensors, theirs),
        loads[kind].__name__: lambda: loads[kind](ours),
        "loaded without checks": lambda: load(theirs),
    }


def give_back():
    """Give memory that is free back to the system, where it takes any (glibc)."""
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)


def measure(runs, rounds):
    """Seconds on the clock and of the processor, {name: a list of `rounds` pairs}, in turn."""
    took = {name: [] for name in runs}
    for k in range(rounds + 1):
        for name, run in runs.items():
            give_back()
            clock, processor = perf_counter(), process_time()
            run()
            if k > 0:  # the first round loads kernels
                took[name].append((perf_counter() - clock, process_time() - processor))
    return took


@click.command("files")
@click.option("--rounds", default=15, show_default=True, help="Measurements of each, in turn.")
def command(rounds):
    """Milliseconds of saving and loading weights and models, on the clock and of the processor, and
    times what is not checked: medians, of pairs too."""
    heads = "clock", "ratio", "processor", "ratio"
    click.echo(f"{'milliseconds':38}{''.join(f'{head:>10}' for head in heads)}  at most {TARGET}")
    for size, count in BYTES.items():
        for kind, copies in KINDS.items():
            with TemporaryDirectory(dir=Path.cwd()) as folder:
                runs = runs_of(kind, model_of(count, copies), Path(folder))
                took = measure(runs, rounds)
            names = list(took)
            for name, beside in zip(names[::2], names[1::2], strict=True):
                click.echo(f"{size:14}{name:24}{figures(took[name], took[beside])}")
                click.echo(f"{'':14}{beside:24}{figures(took[beside])}")


def figures(took, beside=None):
    """Each median in milliseconds, and how many times what another call took."""
    found = ""
    for k, seconds in enumerate(zip(*took, strict=True)):
        ratio = ""
        if beside is not None:
            ratio = (
                f"{median(one / pair[k] for one, pair in zip(seconds, beside, strict=True)):.2f}"
            )
        found += f"{1e3 * median(seconds):10.1f}{ratio:>10}"
    return found
