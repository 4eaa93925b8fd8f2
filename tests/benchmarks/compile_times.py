"""What each kernel costs to compile, in a process that trains its first epoch."""

import json
from collections import defaultdict

import click

from tests.benchmarks.startup import first_epoch, fresh


def kernel_costs(*options):
    """(own seconds, with callees, times compiled, kernel) of a cold start, dearest first."""
    with fresh() as environment:
        _, line = first_epoch(environment, "--kernels", *options)
    costs = defaultdict(lambda: [0.0, 0.0, 0])
    for kernel, own, total in json.loads(line):
        costs[kernel][0] += own
        costs[kernel][1] += total
        costs[kernel][2] += 1
    return sorted(((*cost, kernel) for kernel, cost in costs.items()), reverse=True)


@click.command("compile_times")
@click.option("--predict", is_flag=True, help="Of a process that never trains.")
def command(predict):
    """Seconds that each kernel of a first training takes to compile, dearest first."""
    costs = kernel_costs(*(["--predict"] if predict else []))
    click.echo(f"{'own s':>8}{'with callees':>14}{'times':>7}  kernel")
    for own, total, times, kernel in costs:
        click.echo(f"{own:8.2f}{total:14.2f}{times:7}  {kernel}")
    click.echo(f"{sum(cost[0] for cost in costs):8.2f} in all")
