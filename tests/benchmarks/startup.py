"""How long tinylstm takes to import, and to a first epoch or prediction, cold and warm."""

import os
import subprocess
import sys
from contextlib import contextmanager
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter

import click

TARGETS = {
    "first start, empty cache": 12,
    "the same, prediction alone": 6,
    "second start": 1.2,
    "import beyond Numba's": 0.1,
}


@contextmanager
def fresh():
    """Variables for processes with an empty kernel cache."""
    with TemporaryDirectory() as cache:
        yield {**os.environ, "TINYLSTM_CACHE_DIR": cache}


@contextmanager
def bytecode():
    """Python's own compiled modules, as after an installation, whatever the environment says."""
    with TemporaryDirectory() as folder:
        os.environ["PYTHONPYCACHEPREFIX"] = folder
        os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
        importing(os.environ, "tinylstm.__main__, tests.benchmarks.first_epoch")
        yield


def first_epoch(environment, *options):
    """Seconds until a fresh process has trained its first epoch, and the line it then writes."""
    command = [sys.executable, "-m", "tests.benchmarks.first_epoch", *options]
    start = perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment)
    line = process.stdout.readline()
    took = perf_counter() - start
    if process.wait():
        raise click.ClickException("the process that trains the first epoch has failed")
    return took, line


def importing(environment, modules):
    """Seconds that a process which imports these and ends takes."""
    start = perf_counter()
    subprocess.run([sys.executable, "-c", f"import {modules}"], env=environment, check=True)
    return perf_counter() - start


def starts(rounds):
    """Seconds by what is started: cold starts each with a cache of its own, then warm ones."""
    found = {name: [] for name in TARGETS}
    cold, predicting, warm, beyond = found.values()
    for _ in range(rounds):
        with fresh() as environment:
            predicting.append(first_epoch(environment, "--predict")[0])
        with fresh() as environment:
            cold.append(first_epoch(environment)[0])
            for _ in range(3):
                warm.append(first_epoch(environment)[0])
                both = (importing(environment, names) for names in ("numpy, numba", "tinylstm"))
                beyond.append(-next(both) + next(both))
    return found


@click.command("startup")
@click.option(
    "--rounds", default=3, show_default=True, help="Cold starts, with three warm ones each."
)
def command(rounds):
    """Seconds to import, and from a process' start to its first trained epoch or prediction."""
    click.echo(f"{'seconds':28}{'median':>8}{'min':>8}{'max':>8}{'target':>8}")
    with bytecode():
        found = starts(rounds)
    for name, values in found.items():
        figures = f"{median(values):8.2f}{min(values):8.2f}{max(values):8.2f}"
        click.echo(f"{name:28}{figures}{TARGETS[name]:>8}")
