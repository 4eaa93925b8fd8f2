"""``python -m tinylstm gradcheck``: every backward pass against central differences."""

import sys

import click

from ..builtin_checks import CHECKS, run_check
from .names import KnownName, list_option


def print_list(ctx, param, wanted):
    """A line for each check: what its model is."""
    if not wanted or ctx.resilient_parsing:
        return
    width = max(map(len, CHECKS))
    for name, check in CHECKS.items():
        click.echo(f"{name:{width}}  {check.__doc__.splitlines()[0]}")
    ctx.exit()


@click.command()
@click.argument("names", nargs=-1, type=KnownName(CHECKS, "check"))
@list_option(print_list, "What each model is.")
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
