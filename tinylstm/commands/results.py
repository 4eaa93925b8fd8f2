"""The table of ``docs/results.md``: ``demo all --seeds 20 --results docs/results.md``."""

import platform

import click
import numba
import numpy as np

from .. import __version__
from .distribution import HEADER, rows_of, seeds_of

BEGIN, END = "<!-- measured -->\n", "<!-- end -->\n"


def check_page(path):
    """Refuse a page without the two lines that the table stands between."""
    text = path.read_text(encoding="utf-8") if path.is_file() else ""
    if not 0 <= text.find(BEGIN) < text.find(END):
        raise click.BadParameter(
            f"{path} has no place for the results, between {BEGIN.strip()} and {END.strip()}."
        )


def write_page(path, demos, found):
    """Replace what stands between the two lines by the distributions of all demos' runs."""
    text = path.read_text(encoding="utf-8")
    before, rest = text.split(BEGIN, 1)
    lines = [f"| demo | {' | '.join(HEADER)} |", "| --- " * (1 + len(HEADER)) + "|"]
    for name, runs in found.items():
        called = f"{demos[name].number} `{name}`".strip()
        for row in rows_of(demos[name], runs):
            lines.append(f"| {called} | {' | '.join(row)} |")
    table = "\n".join([*lines, "", setting(found)])
    path.write_text(f"{before}{BEGIN}\n{table}\n\n{END}{rest.split(END, 1)[1]}", encoding="utf-8")


def setting(found):
    """With what."""
    seeds = seeds_of([done for runs in found.values() for done in runs])
    return (
        f"{seeds}; tinylstm {__version__}, Python "
        f"{platform.python_version()}, NumPy {np.__version__}, Numba {numba.__version__}, "
        f"{platform.system()} {platform.machine()}."
    )
