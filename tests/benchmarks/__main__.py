"""``python -m tests.benchmarks``: tinylstm and its peers, one training step each."""

import json
import platform
from pathlib import Path

import click

from tests.benchmarks import compile_times, floor, generation, memory, overhead, report, startup
from tests.benchmarks.engines import ENGINES
from tests.benchmarks.rounds import Engine, compare
from tests.benchmarks.workloads import WORKLOADS


@click.group(invoke_without_command=True)
@click.option("--rounds", default=7, show_default=True, help="Measurements of each engine.")
@click.option("--seconds", default=0.5, show_default=True, help="About how long each one lasts.")
@click.option("--workload", multiple=True, type=click.Choice(WORKLOADS), help="Only these.")
@click.option("--engine", multiple=True, type=click.Choice(ENGINES), help="Only these.")
@click.option("--json", "file", type=click.Path(path_type=Path), help="Also write results here.")
@click.pass_context
def main(context, rounds, seconds, workload, engine, file):
    """Time a training step (forward, backward, Adam; float32) of every engine installed."""
    if context.invoked_subcommand:
        return
    engines = [Engine(name) for name in engine or ENGINES]
    click.echo(f"{platform.processor() or platform.machine()}, Python {platform.python_version()}")
    for each in engines:
        click.echo(f"{each.name:17} {each.version or 'left out: ' + each.missing}")
    results = compare(
        [each for each in engines if each.version],
        workload or list(WORKLOADS),
        rounds,
        seconds,
        lambda text: click.echo(text, err=True),
    )
    for each in engines:
        each.close()
    floors = {
        name: floor.microseconds(WORKLOADS[name])
        for name in workload or WORKLOADS
        if WORKLOADS[name].X.shape[1] == 1
    }
    click.echo()
    for line in report.tables(results, floors):
        click.echo(line)
    if file:
        figures = {"results": [vars(result) for result in results], "floors": floors}
        file.write_text(json.dumps(figures, indent=1))


main.add_command(overhead.command)
main.add_command(startup.command)
main.add_command(generation.command)
main.add_command(compile_times.command)
main.add_command(memory.command)

if __name__ == "__main__":
    main()
