"""``python -m tinylstm demo``: the experiments."""

import os
import pathlib
from contextlib import closing

import click
from tqdm import tqdm

from ..demos import DEMOS, NUMBERS
from ..kernels.compiling import OUT
from ..plotting.figure import new_figure
from .distribution import by_demo, print_distribution
from .names import KnownName, list_option, print_names
from .results import check_page, write_page
from .runs import Job, run, run_all

GATES = {"sigmoid": "sigmoid", "hard_sigmoid": "hard_sigmoid_keras2"}
A_FILE = click.Path(dir_okay=False, path_type=pathlib.Path)


def print_list(ctx, param, wanted):
    """A line for each demo: what it shows, what was published, how long it takes."""
    if not wanted or ctx.resilient_parsing:
        return
    print_names({name: line_of(demo) for name, demo in DEMOS.items()})
    ctx.exit()


def line_of(demo):
    """Its number, what it shows, what was published, its seconds."""
    published = "; ".join(f"{key} {value}" for key, value in demo.published.items())
    published = f"; a tutorial prints: {published}" if published else ""
    return f"{demo.number:2}  {demo.shows}{published}; {demo.seconds:g} s"


@click.command()
@click.argument("name", type=KnownName(DEMOS | {"all": None}, "demo", NUMBERS))
@list_option(print_list, "What each demo shows, what was published, and its seconds.")
@click.option("--seeds", type=click.IntRange(1), help="So many runs, and their distribution.")
@click.option(
    "--seed", type=click.IntRange(0), default=7, show_default=True, help="The first or only one."
)
@click.option("--epochs", type=click.IntRange(1), help="Other than the tutorial's.")
@click.option(
    "--gates",
    type=KnownName(GATES, "activation of the gates", listed=False),
    default="sigmoid",
    show_default=True,
    metavar=f"[{'|'.join(GATES)}]",
    help="hard_sigmoid: 0.2 x + 0.5, the default of Keras 1 and 2.",
)
@click.option("--plot", type=A_FILE, help="Save a figure; with all, one for each demo.")
@click.option("--results", type=A_FILE, help="Write the distributions into a page.")
def demo(name, seeds, seed, epochs, gates, plot, results):
    """Run a demo, or all: train, and show what was learned.

    NAME is one of those that --list shows, a number among E1 to E9, or all.
    """
    if plot is not None:
        check_figure(plot)
    if results is not None:
        check_page(results)
    names = list(DEMOS) if name == "all" else [name]
    jobs = [
        Job(one, seed + k, options_of(one, name == "all", epochs, gates, plot if k == 0 else None))
        for one in names
        for k in range(seeds or 1)
    ]
    if seeds is not None or results is not None:
        show_distributions(jobs, results)
    elif name == "all":
        show_each(jobs)
    else:
        run(jobs[0])


def check_figure(path):
    """Refuse a figure that could not be saved, before hours of training."""
    try:
        endings = new_figure(1, 1).canvas.get_supported_filetypes()
    except ImportError as reason:
        raise click.ClickException(str(reason)) from reason
    if path.suffix.lower().removeprefix(".") not in endings:
        known = ", ".join(f".{ending}" for ending in sorted(endings))
        raise click.BadParameter(f"{path} is no kind of figure; known are {known}.")
    if not path.parent.is_dir():
        raise click.BadParameter(f"there is no folder {path.parent}.")
    if not os.access(path.parent, os.W_OK):
        raise click.BadParameter(f"nothing can be written in the folder {path.parent}.")


def options_of(name, one_of_all, epochs, gates, plot):
    """What the ``main`` of a demo is called with; its own epochs where none are given."""
    options = {"gates": GATES[gates]}
    if epochs is not None:
        options["epochs"] = epochs
    if plot is not None:
        options["plot"] = plot.with_stem(f"{plot.stem}-{name}") if one_of_all else plot
    return options


def show_each(jobs):
    """What each demo prints, in order, as soon as it is there."""
    with closing(run_all(jobs, in_order=True)) as runs:
        for done in runs:
            title = DEMOS[done.job.demo].title(done.job.demo)
            with tqdm.external_write_mode(file=OUT):
                click.echo(f"{title}\n{'-' * len(title)}\n{done.text}")


def show_distributions(jobs, results):
    """The distribution of each demo's numbers over the seeds; after Ctrl-C, of what is finished."""
    runs = []
    try:
        with closing(run_all(jobs)) as finished:
            for done in finished:
                runs.append(done)
    finally:
        found = by_demo(runs)
        found = {name: found[name] for name in DEMOS if name in found}
        for name, finished in found.items():
            print_distribution(name, DEMOS[name], finished)
            for job in (done.job for done in finished if "plot" in done.job.options):
                print(f"  Figure: {job.options['plot']} (seed {job.seed})")
    if results is not None:
        write_page(results, DEMOS, found)
