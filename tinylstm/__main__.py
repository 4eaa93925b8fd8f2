"""The command line: ``python -m tinylstm``."""

import importlib
import sys

import click

from . import set_random_seed
from .builtin_checks import CHECKS, run_check
from .errors import find

DEMOS = {"stateful": "the alphabet with a carried state: accuracy, free run, cold and warm start"}


class KnownName(click.ParamType):
    """A name of a table; the nearest one is suggested for others."""

    def __init__(self, table, what):
        self.table, self.name = table, what

    def convert(self, value, param, ctx):
        try:
            find(self.table, value, self.name)
        except ValueError as reason:
            self.fail(str(reason), param, ctx)
        return value


@click.group()
def main():
    """A from-scratch LSTM engine to read, to check and to look into."""


@main.command(epilog="Demos: " + "; ".join(f"{name}: {text}" for name, text in DEMOS.items()))
@click.argument("name", type=KnownName(DEMOS, "demo"))
@click.option("--epochs", type=click.IntRange(1), default=300, show_default=True)
@click.option("--seed", type=click.IntRange(0), default=7, show_default=True)
def demo(name, epochs, seed):
    """Run a demo: train, and show what was learned."""
    set_random_seed(seed)
    importlib.import_module(f"tinylstm.demos.{name}").main(epochs)


@main.command()
@click.argument("names", nargs=-1, type=KnownName(CHECKS, "check"))
def gradcheck(names):
    """Compare every backward pass with central differences, on a built-in set of models."""
    failed = 0
    for name in names or CHECKS:
        report = run_check(name)
        click.echo(f"{name}: {CHECKS[name].__doc__}\n{report}\n")
        failed += not report.passed
    count = len(names or CHECKS)
    click.echo(f"{count - failed} of {count} models are right.")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    try:
        main(prog_name="python -m tinylstm", standalone_mode=False)
    except click.ClickException as reason:
        reason.show()
        sys.exit(reason.exit_code)
    except (KeyboardInterrupt, click.Abort):
        click.echo("\nStopped.", err=True)
        sys.exit(130)
