"""``python -m tinylstm gradcheck``: every backward pass against central differences."""

import sys

import click

from ..builtin_checks import CHECKS, run_check
from .names import KnownName


@click.command()
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
