"""How long tinylstm takes from a process' start to its first trained epoch, warm and cold."""

import json
import os
import subprocess
import sys
from collections import defaultdict
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter

import click

TARGETS = {"first start, empty cache": 15, "second start": 1.5}


def first_epoch(cache, *options):
    """Seconds until a fresh process has trained its first epoch, and the line it then writes."""
    command = [sys.executable, "-m", "tests.benchmarks.first_epoch", *options]
    environment = {**os.environ, "TINYLSTM_CACHE_DIR": cache}
    start = perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment)
    line = process.stdout.readline()
    took = perf_counter() - start
    if process.wait():
        raise click.ClickException("the process that trains the first epoch has failed")
    return took, line


def starts(rounds):
    """Seconds of cold starts, each with a cache of its own, and of a warm start after each."""
    cold, warm = [], []
    for _ in range(rounds):
        with TemporaryDirectory() as cache:
            cold.append(first_epoch(cache)[0])
            warm += [first_epoch(cache)[0] for _ in "12"]
    return dict(zip(TARGETS, (cold, warm), strict=True))


def kernel_costs():
    """(own seconds, with callees, times compiled, kernel) of a cold start, dearest first."""
    with TemporaryDirectory() as cache:
        _, line = first_epoch(cache, "--kernels")
    costs = defaultdict(lambda: [0.0, 0.0, 0])
    for kernel, own, total in json.loads(line):
        costs[kernel][0] += own
        costs[kernel][1] += total
        costs[kernel][2] += 1
    return sorted(((*cost, kernel) for kernel, cost in costs.items()), reverse=True)


@click.command("startup")
@click.option(
    "--rounds", default=3, show_default=True, help="Cold starts, with two warm ones each."
)
def command(rounds):
    """Seconds from process start to the first trained epoch, and what each kernel compiles in."""
    click.echo(f"{'seconds':26}{'median':>8}{'min':>8}{'max':>8}{'target':>8}")
    for name, values in starts(rounds).items():
        figures = f"{median(values):8.2f}{min(values):8.2f}{max(values):8.2f}"
        click.echo(f"{name:26}{figures}{TARGETS[name]:>8}")
    costs = kernel_costs()
    click.echo(f"\n{'own s':>8}{'with callees':>14}{'times':>7}  kernel")
    for own, total, times, kernel in costs:
        click.echo(f"{own:8.2f}{total:14.2f}{times:7}  {kernel}")
    click.echo(f"{sum(cost[0] for cost in costs):8.2f} in all")
