"""``python -m tinylstm warmup``: everything compiled once."""

import time

import click

from ..compiling.warmup import warm_up
from ..kernels.compiling import folder

DTYPES = ("float32", "float64")


@click.command(short_help="Compile every kernel once.")
@click.option(
    "--dtype",
    type=click.Choice([*DTYPES, "both"]),
    default="float32",
    show_default=True,
    help="Of the models that will be used.",
)
def warmup(dtype):
    """Compile every kernel once, for images and continuous integration.

    What was compiled stays on the disk, in the folder that TINYLSTM_CACHE_DIR names or in the
    user's cache; processes load it from there.
    """
    started = time.perf_counter()
    dtypes = DTYPES if dtype == "both" else (dtype,)
    count = warm_up(dtypes)
    took = time.perf_counter() - started
    place = folder()
    where = "and lost again: no cache folder" if place is None else f"in {place}"
    click.echo(f"{count} kernels ready after {took:.1f} s, {where}.")
