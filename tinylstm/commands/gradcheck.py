"""``python -m tinylstm gradcheck``: every backward pass against central differences."""

import os
import subprocess
import sys

import click

from ..kernels.compiling import COMPILED
from ..testing.builtin_models import CHECKS, run_check
from ..testing.gradient import gradient_check
from ..testing.twin import twin_check
from .names import KnownName, list_option, print_names


def print_list(ctx, param, wanted):
    """A line for each check: what its model is."""
    if not wanted or ctx.resilient_parsing:
        return
    print_names({name: check.__doc__.splitlines()[0] for name, check in CHECKS.items()})
    ctx.exit()


@click.command(short_help="Compare every backward pass with differences.")
@click.argument("names", nargs=-1, type=KnownName(CHECKS, "check"))
@click.option("--uncompiled", is_flag=True, help="Run the kernels as Python: nothing to wait for.")
@click.option("--twin", is_flag=True, help="Compare with tinylstm.reference instead.")
@list_option(print_list, "What each model is.")
def gradcheck(names, uncompiled, twin):
    """Compare every backward pass with central differences, on a built-in set of models."""
    if uncompiled and COMPILED:
        sys.exit(run_uncompiled([*names, *(["--twin"] if twin else [])]))
    failed = 0
    for name in names or CHECKS:
        report = run_check(name, twin_check if twin else gradient_check)
        click.echo(f"{name}: {CHECKS[name].__doc__}\n{report}\n")
        failed += not report.passed
    count = len(names or CHECKS)
    click.echo(f"{count - failed} of {count} models are right.")
    sys.exit(1 if failed else 0)


def run_uncompiled(arguments):
    """The same command in a process in which no kernel is compiled; returns its status."""
    command = [sys.executable, "-m", "tinylstm", "gradcheck", *arguments]
    return subprocess.run(command, env=os.environ | {"NUMBA_DISABLE_JIT": "1"}).returncode
