"""``python -m tinylstm demo``: the experiments."""

import importlib

import click

from .. import set_random_seed
from .names import KnownName

DEMOS = {"stateful": "the alphabet with a carried state: accuracy, free run, cold and warm start"}


@click.command(epilog="Demos: " + "; ".join(f"{name}: {text}" for name, text in DEMOS.items()))
@click.argument("name", type=KnownName(DEMOS, "demo"))
@click.option("--epochs", type=click.IntRange(1), default=300, show_default=True)
@click.option("--seed", type=click.IntRange(0), default=7, show_default=True)
def demo(name, epochs, seed):
    """Run a demo: train, and show what was learned."""
    set_random_seed(seed)
    importlib.import_module(f"tinylstm.demos.{name}").main(epochs)
