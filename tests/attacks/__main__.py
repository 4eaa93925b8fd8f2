"""``python -m tests.attacks NAME``: one of the attacks, as long as you like."""

import importlib
import inspect
import pkgutil
import sys
import time

import click

import tests.attacks

NAMES = sorted(
    module.name
    for module in pkgutil.iter_modules(tests.attacks.__path__)
    if not module.name.startswith(("_", "test_", "conftest"))
)


@click.command()
@click.argument("name", type=click.Choice(NAMES))
@click.option("--tries", type=int, default=1000, help="How many.")
@click.option("--seed", type=int, default=1, help="Of what is drawn: other tries for another.")
def main(name, tries, seed):
    """Attack the engine; print each find, and exit with 1 where there was one."""
    module = importlib.import_module(f"tests.attacks.{name}")
    click.echo(inspect.getdoc(module))
    started, finds = time.perf_counter(), 0
    for find in module.attack(tries, seed):
        finds += 1
        click.echo(find)
    seconds = time.perf_counter() - started
    click.echo(f"{tries:,} tries, seed {seed}, {seconds:.0f} s: {finds} finds")
    sys.exit(1 if finds else 0)


if __name__ == "__main__":
    main()
