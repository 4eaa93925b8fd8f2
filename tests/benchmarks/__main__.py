"""``python -m tests.benchmarks``: tinylstm and its peers, in turn and in one run."""

from pathlib import Path

import click

from tests.benchmarks import (
    busy,
    compile_times,
    files,
    generation,
    memory,
    overhead,
    page,
    report,
    startup,
)
from tests.benchmarks.engines import ENGINES
from tests.benchmarks.figures import Figures
from tests.benchmarks.jobs import PARTS
from tests.benchmarks.measuring import ALONE, measure

JOBS = [job for part in PARTS.values() for job in part.jobs]
PATH = click.Path(path_type=Path, dir_okay=False)


@click.group(invoke_without_command=True)
@click.option("--part", multiple=True, type=click.Choice([*PARTS, *ALONE]), help="Only these.")
@click.option("--job", multiple=True, type=click.Choice(JOBS), help="Only these.")
@click.option("--engine", multiple=True, type=click.Choice(ENGINES), help="Only these.")
@click.option("--rounds", type=int, help="Measurements of each engine, in place of the part's.")
@click.option("--seconds", type=float, help="About how long each one lasts, likewise.")
@click.option("--json", "file", type=PATH, help="Keep results here, beside those of earlier runs.")
@click.option("--page", "target", type=PATH, help="Write this page, with plots, from the results.")
@click.pass_context
def main(context, part, job, engine, rounds, seconds, file, target):
    """Time every engine that is installed; with --page, write docs/performance.md."""
    if context.invoked_subcommand:
        return
    figures = Figures(file or (page.results_of(target) if target else None))
    parts = part or ([] if job else [*PARTS, *ALONE])
    jobs = list(job) + [name for each in parts if each in PARTS for name in PARTS[each].jobs]
    measure(figures, jobs, engine or ENGINES, {"rounds": rounds, "seconds": seconds}, say)
    for name in parts:
        if name in ALONE:
            say(f"{name}: tinylstm alone")
            ALONE[name](figures)
    for line in report.lines(figures, PARTS):
        click.echo(line)
    if target:
        page.write(figures, target)
    click.echo(f"\n{figures.minutes():.1f} minutes")


def say(text):
    """Tell what is going on, apart from the results."""
    click.echo(text, err=True)


@main.command("page")
@click.argument("target", type=PATH, default=page.PAGE)
def render(target):
    """Write the page and README's table from the results that are there, without measuring."""
    page.write(Figures(page.results_of(target)), target)


for module in (overhead, startup, generation, compile_times, memory, files, busy):
    main.add_command(module.command)

if __name__ == "__main__":
    main()
