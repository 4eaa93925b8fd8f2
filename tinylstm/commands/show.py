"""What is in a file of a model, or of weights, as a table; nothing of it is run."""

import math

import click

from ..files import container
from ..files.refusals import named
from ..saving.arrays import MOMENTS, STATE
from ..surface.arguments import path_of

KINDS = {"tinylstm model": "a model", "tinylstm weights": "weights of a model"}
HEADER = "layer", "class", "tensor", "shape", "numbers"
OF_THE_WHOLE = {MOMENTS: "(of the optimiser)", STATE: "(carried)"}


@click.command()
@click.argument("file")
def show(file):
    """Show what is in FILE: layers, shapes, sizes, how far its training has come.

    All of it is read, and compared with its checksum. Nothing of it is run.
    """
    try:
        path = path_of(file, "FILE")
        with container.opened(path) as found:
            found.tensors()
    except (OSError, ValueError) as reason:
        raise click.ClickException(str(reason)) from None
    about = found.about
    size = sum(math.prod(one.shape) for name, one in found.entries.items() if "/" in name)
    click.echo(f"{path.name}: {kind_of(about)}, {path.stat().st_size:,} bytes")
    for line in aligned([HEADER, *rows(about, found.entries)]):
        click.echo(line)
    click.echo(f"{size:,} parameters of {word(about.get('dtype'))}")
    for line in position(about):
        click.echo(line)
    checksum = found.checksum
    click.echo(f"SHA-256 {checksum}: right" if checksum else "no checksum")


def kind_of(about):
    """What the file is, in words."""
    kind = about.get("kind")
    return KINDS.get(kind if isinstance(kind, str) else None, "tensors of another program")


def rows(about, entries):
    """A row for each tensor, by the layers in their order; layers without one have a row too."""
    layers, left = strings(about.get("layers")), dict(entries)
    classes = classes_of(about, len(layers))
    for layer, kind in zip(layers, classes, strict=True):
        own = [name for name in left if name.startswith(f"{layer}/")]
        start = word(layer), word(kind)
        for name in own:
            yield *start, word(name[len(layer) + 1 :]), *shape_of(left.pop(name))
            start = "", ""
        if not own:
            yield *start, "", "", ""
    for name, one in left.items():
        yield OF_THE_WHOLE.get(name, ""), "", word(name), *shape_of(one)


def strings(value):
    """The words of a list, if it is one."""
    return [one for one in value if isinstance(one, str)] if isinstance(value, list) else []


def classes_of(about, count):
    """The class of each of so many layers, as far as the file says it."""
    layers = within(about, "model", "config", "layers")
    said = layers if isinstance(layers, list) else []
    names = [within(one, "class_name") for one in said[:count]]
    return [*names, *[None] * (count - len(names))]


def within(value, *names):
    """What stands in dicts within each other under these names, or None."""
    for name in names:
        value = value.get(name) if isinstance(value, dict) else None
    return value


def shape_of(entry):
    """The cells of a tensor's shape."""
    return " x ".join(f"{n:,}" for n in entry.shape) or "()", f"{math.prod(entry.shape):,}"


def word(value):
    """What a file says, as it can be shown: a short word as it is."""
    if value is None:
        return ""
    plain = isinstance(value, str) and value.isprintable() and len(value) <= 60
    return value if plain else named(value)


def aligned(rows):
    """The rows as lines, cells under each other, numbers to the right."""
    rows = [[*row] for row in rows]
    widths = [max(len(row[k]) for row in rows) for k in range(len(HEADER))]
    for *cells, last in rows:
        left = [cell.ljust(width) for cell, width in zip(cells, widths, strict=False)]
        yield "  ".join([*left, last.rjust(widths[-1])]).rstrip()


def position(about):
    """How far its training has come, a line each."""
    compiled, numbers = about.get("compile"), about.get("position")
    if isinstance(compiled, dict):
        yield f"loss {what(compiled.get('loss'))}, optimiser {what(compiled.get('optimizer'))}"
        yield f"updates so far: {word(within(numbers, 'counts', 'iteration'))}"
    if isinstance(numbers, dict):
        found = {name: word(within(numbers, name)) for name in ("seed", "orders", "rows")}
        rows = f", rows of the state: {found['rows']}" if found["rows"] else ""
        yield f"seed {found['seed']}, epochs begun so far: {found['orders']}{rows}"


def what(value):
    """The name of a loss or an optimiser."""
    for name in ("class_name", "reference"):
        value = within(value, name) or value
    return word(value)
