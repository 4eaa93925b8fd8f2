"""The table that `Sequential.summary` prints."""

import textwrap

from ..surface.arguments import whole_number

HEADER = ("Layer (type)", "Output Shape", "Param #", "State")
WIDEST = 100  # characters of a line where none are asked for
LONGEST = 10_000  # that can be asked for
LEAST = len(HEADER[0])  # of the first column, which is the one that gives way
GAP = "  "
UNITS = ("B", "KB", "MB", "GB", "TB")
UNBUILT = (
    "Shapes and parameters are not known yet. Give the first layer an input_shape, or call "
    "model.build(shape), or fit or predict on data."
)
EMPTY = "There are no layers yet: model.add(layer)."


def lines_of(model, line_length):
    """The lines of a model's summary."""
    built = model.built
    rows = [row_of(model, layer, built) for layer in model.layers]
    widths = widths_of([HEADER, *rows], line_length)
    width = sum(widths) + len(GAP) * (len(widths) - 1)
    return [
        f'Model: "{model.name}"',
        "_" * width,
        *table_row(HEADER, widths),
        "=" * width,
        *(line for row in rows for line in table_row(row, widths)),
        "=" * width,
        *(totals(model) if built else textwrap.wrap(UNBUILT if rows else EMPTY, width)),
        "_" * width,
    ]


def row_of(model, layer, built):
    """What the table says of a layer."""
    mode = getattr(layer, "state_mode", "-")
    name = f"{layer.name} ({type(layer).__name__})"
    if not built:
        return name, "?", "?", mode
    shape = (model.batch_input_shape[0], *layer.output_shape(layer.sample_shape))
    return name, str(shape), f"{layer.count_params():,}", mode


def widths_of(rows, line_length):
    """Widths of the columns: those of their contents, or what makes up the length of a line."""
    first, *others = (max(map(len, column)) for column in zip(*rows, strict=True))
    taken = sum(others) + len(GAP) * len(others)
    if line_length is None:
        return [min(first, max(WIDEST - taken, LEAST)), *others]
    return [max(whole_number(line_length, "line_length", most=LONGEST) - taken, LEAST), *others]


def table_row(row, widths):
    """The lines of a row: a long name goes on in the next one."""
    first, *parts = textwrap.wrap(row[0], widths[0], subsequent_indent=GAP)
    texts = (first.ljust(widths[0]), row[1].ljust(widths[1]), row[2].rjust(widths[2]), row[3])
    return [GAP.join(texts).rstrip(), *parts]


def totals(model):
    """The numbers of parameters, and their memory."""
    trained = sum(array.size for array in model.trainable_weights)
    counts = {"Total": len(model.theta), "Trainable": trained}
    counts["Non-trainable"] = len(model.theta) - trained
    return [
        f"{name} params: {count:,} ({memory(count * model.dtype.itemsize)})"
        for name, count in counts.items()
    ]


def memory(size):
    """A number of bytes in the unit that suits it."""
    unit = 0
    while size >= 1024 and unit < len(UNITS) - 1:
        size, unit = size / 1024, unit + 1
    return f"{size:.2f} {UNITS[unit]}"
