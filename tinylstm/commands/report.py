"""``python -m tinylstm report``: a demo, trained, on a page that shows it step by step."""

import importlib

import click

from .. import Recorder, set_random_seed
from .. import report as page_of
from ..demos import DEMOS, NUMBERS
from ..report.page import page_file
from .demo import A_FILE, print_list
from .names import KnownName, list_option
from .output import refusals_said


@click.command(short_help="Write a page that shows a demo step by step.")
@click.argument("name", type=KnownName(DEMOS, "demo", NUMBERS))
@list_option(print_list, "What each demo shows, what was published, and its seconds.")
@click.option("--path", type=A_FILE, help="Where the page goes; by default NAME.html.")
@click.option("--seed", type=click.IntRange(0), default=7, show_default=True, help="To repeat it.")
@click.option("--epochs", type=click.IntRange(1), help="Other than the tutorial's.")
def report(name, path, seed, epochs):
    """Train a demo and write a page that shows its model step by step: a file of its own.

    NAME is one of those that --list shows, or a number among E1 to E9.
    """
    with refusals_said():
        path = page_file(path or f"{name}.html")
    set_random_seed(seed)
    page = importlib.import_module(f"tinylstm.demos.{name.replace('-', '_')}").PAGE
    (x, y), model, recorder = page.data(), page.build(), Recorder(epochs="log")
    model.fit(x, y, **page.fit, epochs=epochs or page.epochs, callbacks=[recorder])
    title = DEMOS[name].title(name)
    shown = {"labels": page.labels(x), "classes": page.classes, "title": title}
    with refusals_said():
        written = page_of(model, x, y, path, recorder=recorder, **shown, **page.fit)
    click.echo(f"Page: {written.path} ({written.path.stat().st_size / 1e6:.2f} MB)")
