"""The state strip: where each sample's state came from, where it went, and how large it was."""

from ..errors import mismatch
from ..recording import GIVEN, ZEROS
from .figure import new_figure

SIDE = 0.3  # half the width and height of a box, in columns and lanes
COLOURS = "YlGnBu"
ARROW = {"arrowstyle": "-|>", "color": "black", "mutation_scale": 11, "shrinkA": 0, "shrinkB": 0}
CUT = {"color": "black", "linewidth": 1.4}
STOP = {"color": "red", "linewidth": 3, "solid_capstyle": "butt"}
LEGEND = {  # what is drawn: in words, and as a line
    "arrow": ("state handed on", {"color": "black", "marker": ">", "markersize": 6}),
    "given": ("state set from outside", {"color": "black", "marker": ">", "linestyle": ":"}),
    "cut": ("starts from zeros", {"color": "black", "marker": "$/\\!/$", "linestyle": ""}),
    "stop": (
        "the gradient stops here",
        {"color": "red", "marker": "|", "markersize": 12, "markeredgewidth": 3, "linestyle": ""},
    ),
}


def state_strip(recorder, first=0, last=None, ax=None):
    """The way of the state: a box for each sample, batches as columns, their rows as lanes.

    In a box, h is above and c below, before the sample on the left and after it on the right; the
    colour is their size. An arrow says from which sample the state was handed on, a cut that the
    sample started from zeros, a red bar that the gradient of a training went no further back.

    Parameters
    ----------
    recorder : StateRecorder
    first, last : int, optional
        The batches first ... last - 1 of ``recorder.batches``; by default all. Some 30 are legible.
    ax : matplotlib.axes.Axes, optional
        Where to draw.

    Returns
    -------
    matplotlib.figure.Figure
        Sizes of h and c are roots of mean squares over the units of the layer; no unit.

    Raises
    ------
    ValueError
        If no batch was recorded in that range.
    ImportError
        If Matplotlib is not installed.
    """
    shown = list(enumerate(recorder.batches))[first:last]
    if not shown:
        raise mismatch(
            "There is no batch to draw.",
            f"a range of the {len(recorder.batches)} that were recorded",
            f"first={first}, last={last}",
        )
    panel = new_panel(shown) if ax is None else ax
    boxes = draw_boxes(panel, shown)
    label = "size: root mean square\nover the units"
    panel.figure.colorbar(boxes, ax=panel, label=label, pad=0.02, aspect=14, fraction=0.08)
    columns = {number: column for column, (number, _) in enumerate(shown)}
    drawn = set()
    for number, batch in shown:
        for row in range(len(batch.stops)):
            drawn |= draw_way(panel, columns, number, batch, row)
    name_axes(panel, shown)
    add_legend(panel, drawn)
    panel.set_title(
        f"State of layer {recorder.layer.name}.  A box: h above, c below, before | after a sample",
        fontsize="medium",
    )
    return panel.figure


def new_panel(shown):
    """Axes in a new figure, large enough for so many boxes."""
    columns, lanes = len(shown), max(len(batch.stops) for _, batch in shown)
    width = max(0.5, min(0.9, 14 / columns))
    return new_figure(max(7.5, 3 + width * columns), 2.1 + 0.75 * lanes).subplots()


def draw_boxes(panel, shown):
    """Four squares for each sample, coloured by size: h and c, before and after."""
    from matplotlib.collections import PatchCollection
    from matplotlib.patches import Rectangle

    patches, sizes = [], []
    for column, (_, batch) in enumerate(shown):
        for row in range(len(batch.stops)):
            for pair, top in ((batch.h, row - SIDE), (batch.c, row)):
                for size, left in zip(pair[:, row], (column - SIDE, column), strict=True):
                    patches.append(Rectangle((left, top), SIDE, SIDE))
                    sizes.append(size)
    boxes = PatchCollection(patches, cmap=COLOURS, edgecolor="0.4", linewidth=0.5)
    boxes.set_array(sizes)
    boxes.set_clim(0, max(sizes) or 1)
    return panel.add_collection(boxes)


def draw_way(panel, columns, number, batch, row):
    """How the state came into a sample, and whether the gradient goes back; what was drawn."""
    column, source, top = columns[number], batch.sources[row], batch.chained
    stops = batch.call == "fit" and batch.stops[row]
    if stops:
        panel.plot(*edge(column, row, top), gid="stop", **STOP)
    if source == ZEROS:
        panel.plot(*strokes(column, row, top), gid="cut", **CUT)
        kind = "cut"
    else:
        kind = "given" if source == GIVEN else "arrow"
        draw_arrow(panel, *way(columns, source, number, row, top), kind)
    return {kind, "stop"} if stops else {kind}


def edge(column, row, top):
    """The side of a box where the state comes in: x and y of its ends."""
    if top:
        return (column - SIDE, column + SIDE), (row - SIDE, row - SIDE)
    return (column - SIDE, column - SIDE), (row - SIDE, row + SIDE)


def strokes(column, row, top):
    """Two slanting strokes before that side: x and y, a gap between them."""
    long, slant, apart, gap = 0.13, 0.035, 0.07, float("nan")
    across, along = [-long, long, gap, -long, long], [slant, -slant, gap]
    along += [slant - apart, -slant - apart]
    if top:
        return [column + a for a in across], [row - SIDE - 0.06 + a for a in along]
    return [column - SIDE - 0.06 + a for a in along], [row + a for a in across]


def way(columns, source, number, row, top):
    """Start and end of an arrow into a sample, and how much it bends."""
    column = columns[number]
    end = (column, row - SIDE) if top else (column - SIDE, row)
    if source == GIVEN:
        start = (column, row - SIDE - 0.35) if top else (column - SIDE - 0.35, row)
        return start, end, 0
    before, lane = source
    if before == number:
        return (column, lane + SIDE), end, 0
    at = columns.get(before, -1)
    if column - at > 1:  # over what lies between
        return (at, lane - SIDE), (column, row - SIDE), -0.3
    return (at + SIDE, lane), end, 0


def draw_arrow(panel, start, end, bend, kind):
    """An arrow; a dotted one for a state that was given."""
    style = ARROW | {"connectionstyle": f"arc3,rad={bend}"}
    style["linestyle"] = ":" if kind == "given" else "-"
    panel.annotate("", xy=end, xytext=start, arrowprops=style, gid=kind)


def name_axes(panel, shown):
    """Numbers of batches and rows; calls and epochs above."""
    lanes = max(len(batch.stops) for _, batch in shown)
    panel.set(xlim=(-0.75, len(shown) - 0.5), ylim=(lanes - 0.5, -0.7))
    panel.set_xticks(range(len(shown)), [batch.number for _, batch in shown])
    panel.set_yticks(range(lanes))
    panel.set(xlabel="batch of the epoch (all numbers count from 0)", ylabel="row of the batch")
    panel.tick_params(length=0)
    panel.spines[:].set_visible(False)
    centres, names = [], []
    for call, start, stop in spans(shown):
        centres.append((start + stop - 1) / 2)
        names.append(call)
        panel.axvline(stop - 0.5, color="0.8", linewidth=0.8, zorder=0)
    above = panel.secondary_xaxis("top")
    above.set_xticks(centres, names)
    above.tick_params(length=0)
    above.spines[:].set_visible(False)


def spans(shown):
    """Runs of batches of one epoch of one call: its name, the first column, the one after."""
    batches = [batch for _, batch in shown]
    starts = [k for k, batch in enumerate(batches) if k == 0 or batch.number == 0]
    for start, stop in zip(starts, [*starts[1:], len(batches)], strict=True):
        call, epoch = batches[start][:2]
        yield f"fit\nepoch {epoch}" if call == "fit" else call, start, stop


def add_legend(panel, drawn):
    """What the marks mean that were drawn."""
    from matplotlib.lines import Line2D

    kinds = [kind for kind in LEGEND if kind in drawn]
    lines = [Line2D([], [], **LEGEND[kind][1]) for kind in kinds]
    place = {"loc": "upper center", "bbox_to_anchor": (0.5, 0), "borderaxespad": 4}
    panel.legend(lines, [LEGEND[k][0] for k in kinds], ncols=4, frameon=False, **place)
