"""What is in a file of a model, or of weights, as a table; nothing of it is run."""

import math

import click

from ..files.refusals import word
from ..formats import doors
from ..surface.arguments import path_of
from .output import refusals_said

HEADER = "layer", "class", "tensor", "shape", "numbers"


@click.command(short_help="Show what is in a file of a model or of weights.")
@click.argument("file")
def show(file):
    """Show what is in FILE: layers, shapes, sizes, how far its training has come.

    It may be of any format that tinylstm reads. All of it is read, and compared with its checksum
    where it has one. Nothing of it is run.
    """
    with refusals_said():
        path = path_of(file, "FILE")
        found = doors.shown(path)
    click.echo(f"{path.name}: {found.what}, {path.stat().st_size:,} bytes")
    for line in aligned([HEADER, *rows(found.layers), *rows(found.beside)]):
        click.echo(line)
    size = sum(math.prod(shape) for _, _, tensors in found.layers for _, shape in tensors)
    click.echo(f"{size:,} parameters of {word(found.dtype)}")
    for line in found.lines:
        click.echo(line)


def rows(layers):
    """A row for each tensor, by the layers in their order; layers without one have a row too."""
    for layer, kind, tensors in layers:
        start = word(layer), word(kind)
        for name, shape in tensors:
            yield *start, word(name), *cells_of(shape)
            start = "", ""
        if not tensors:
            yield *start, "", "", ""


def cells_of(shape):
    """The cells of a tensor's shape."""
    return " x ".join(f"{n:,}" for n in shape) or "()", f"{math.prod(shape):,}"


def aligned(rows):
    """The rows as lines, cells under each other, numbers to the right."""
    rows = [[*row] for row in rows]
    widths = [max(len(row[k]) for row in rows) for k in range(len(HEADER))]
    for *cells, last in rows:
        left = [cell.ljust(width) for cell, width in zip(cells, widths, strict=False)]
        yield "  ".join([*left, last.rjust(widths[-1])]).rstrip()
