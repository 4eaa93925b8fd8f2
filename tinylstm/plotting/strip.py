"""The state strip: where each sample's state came from, where it went, and how large it was."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from ..surface.arguments import finite_number, whole_number
from ..surface.errors import mismatch, warn
from .figure import checked_axes, new_figure
from .maps import SMALL
from .marks import LEGEND, cut_style, draw_arrow, draw_boxes, draw_names, draw_start, way
from .recording import GIVEN, StateRecorder
from .traced import Labels, names_given

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

COLUMNS = 9  # batches in a line, at most: so wide that it can be read on a phone
LEGEND_BELOW = 5  # of the axes, past the names of batches; in sizes of a letter
LINES = 24  # more are drawn with a warning


def state_strip(
    recorder: StateRecorder,
    first: int | None = 0,
    last: int | None = None,
    labels: Labels | None = None,
    largest: float | None = None,
    ax: Axes | None = None,
) -> Figure:
    """The way of the state: a box for each sample, batches as columns, their rows as lanes.

    In a box of an LSTM, h is above and c below, before the sample on the left and after it on the
    right; the colour is their size, on a scale of square roots. An arrow says from which sample the
    state was handed on, two strokes that the sample started from zeros, a red bar that the gradient
    of a training went no further back.

    Parameters
    ----------
    recorder : StateRecorder
    first, last : int, optional
        The batches first ... last - 1 of ``recorder.batches``; by default all, in lines of up to
        9.
    labels : str, list or array, optional
        A letter, a word or a time for each sample, in the order in which the call read them (so not
        of a training that shuffles); each stands in its box.
    largest : float, optional
        The size that has the darkest colour, so that several strips can be compared:
        ``max(a.largest, b.largest)``. By default that of the largest state that is drawn.
    ax : matplotlib.axes.Axes, optional
        Where to draw, all in one line.

    Returns
    -------
    matplotlib.figure.Figure
        Sizes of states are roots of mean squares over the units of the layer; no unit.

    Raises
    ------
    ValueError
        If no batch was recorded in that range, or there are fewer labels than samples.
    ImportError
        If Matplotlib is not installed.

    Warns
    -----
    UserWarning
        If there are more than 24 lines.
    """
    if not isinstance(recorder, StateRecorder):
        raise mismatch(
            "A strip shows what was recorded.", "a StateRecorder", repr(recorder), TypeError
        )
    least = -len(recorder.batches)
    first = 0 if first is None else whole_number(first, "first", least)
    last = None if last is None else whole_number(last, "last", least)
    shown = list(enumerate(recorder.batches))[first:last]
    if not shown:
        raise mismatch(
            "There is no batch to draw.",
            f"a range of the {len(recorder.batches)} that were recorded",
            f"first={first}, last={last}",
        )
    lines = [shown] if ax is not None else lines_of(shown)
    panels = new_panels(lines) if ax is None else [checked_axes(ax)]
    names = sample_names(labels, recorder.batches)
    if largest is None:
        largest = max(pair.max() for _, batch in shown for pair in batch.sizes.values()) or 1
    else:
        largest = finite_number(largest, "largest", 0) or 1
    for panel, line in zip(panels, lines, strict=True):
        name_axes(panel, line, max(map(len, lines)))
        boxes = draw_boxes(panel, line, largest)
        draw_names(panel, line, names)
    style = {"location": "bottom", "aspect": 30, "fraction": 0.04, "pad": 0.02}
    label = "size: root mean square over the units"
    ticks = [0, largest / 4, largest]  # ends and middle, as the scale is one of square roots
    bar = panels[0].figure.colorbar(boxes, ax=panels, label=label, **style)
    bar.set_ticks(ticks, labels=[f"{size:.3g}" for size in ticks])
    bar.minorticks_off()
    add_legend(panels[-1], draw_ways(panels, lines))
    trains = any(batch.call == "fit" for _, batch in shown)
    panels[-1].set_xlabel(
        "batch of the epoch\n(batches and rows count from 0, epochs from 1)"
        if trains
        else "batch (batches and rows count from 0)"
    )
    panels[0].set_title(
        f"State of layer {recorder.layer.name}\nA box: {box_of(recorder.layer.state_names)}, "
        "before | after a sample",
        fontsize="medium",
    )
    return panels[0].figure


def sample_names(labels, batches):
    """{(column, row): the name of a sample}, none without labels."""
    if labels is None:
        return {}
    places, everything = {}, list(enumerate(batches))
    for _, start, stop in spans(everything):
        size = max(len(batch.stops) for batch in batches[start:stop])  # the last one may have fewer
        for column, batch in everything[start:stop]:
            for row in range(len(batch.stops)):
                places[column, row] = batch.number * size + row
    names = names_given(labels)
    if len(names) <= max(places.values()):
        expected = f"{max(places.values()) + 1} or more"
        raise mismatch("labels name the samples of an epoch.", expected, len(names))
    return {place: names[k] for place, k in places.items()}


def box_of(states):
    """Which state is where in a box."""
    if len(states) == 2:
        return "{} above, {} below".format(*states)
    return ", ".join(states) + " from above" * (len(states) > 1)


def lines_of(shown):
    """The batches in lines: epochs and calls as wholes where they fit, or in equal parts."""
    lines = [[]]
    for _, start, stop in spans(shown):
        for part in np.array_split(np.arange(start, stop), math.ceil((stop - start) / COLUMNS)):
            if lines[-1] and len(lines[-1]) + len(part) > COLUMNS:
                lines.append([])
            lines[-1] += [shown[k] for k in part]
    if len(lines) > LINES:
        warn(
            f"A strip of {len(shown)} batches takes {len(lines)} lines. Some {COLUMNS * 6} are "
            "legible: state_strip(recorder, first, last) draws a part of them, and a StateRecorder "
            "around fewer epochs records fewer."
        )
    return lines


def new_panels(lines):
    """Axes in a new figure, one below the other, large enough for so many boxes."""
    columns = max(map(len, lines))
    lanes = max(len(batch.stops) for line in lines for _, batch in line)
    height = 0.75 * lanes
    size = max(4.6, 0.8 + 0.6 * columns), 2.7 + height + (len(lines) - 1) * (height + 0.85)
    return new_figure(*size).subplots(len(lines), squeeze=False)[:, 0]


def draw_ways(panels, lines):
    """How the states came into the samples, through all lines; which kinds of marks were drawn."""
    drawn = set()
    for panel, line in zip(panels, lines, strict=True):
        for column, batch in line:
            for row, source in enumerate(batch.sources):
                drawn |= draw_start(panel, column, batch, row)
                points = way(column, batch, row)
                if points:
                    kind = "given" if source == GIVEN else "arrow"
                    draw_through(panels, lines, points, kind)
                    drawn.add(kind)
    return drawn


def draw_through(panels, lines, points, kind):
    """An arrow in every line that it passes."""
    start, end = points[0][0], points[-1][0]
    for panel, line in zip(panels, lines, strict=True):
        first, last = line[0][0], line[-1][0] + 1
        if start < last - 0.5 and end > first - 0.75:
            draw_arrow(panel, points, kind, first, last)


def name_axes(panel, line, columns):
    """Numbers of batches and rows; calls and epochs above. All lines have as many columns."""
    lanes, first = max(len(batch.stops) for _, batch in line), line[0][0]
    panel.set(xlim=(first - 0.75, first + columns - 0.5), ylim=(lanes - 0.5, -0.7))
    panel.set_xticks([column for column, _ in line], [batch.number for _, batch in line])
    panel.set_yticks(range(lanes))
    panel.set_ylabel("row of the batch")
    panel.tick_params(length=0)
    panel.spines[:].set_visible(False)
    centres, names = [], []
    for call, start, stop in spans(line):
        centres.append(first + (start + stop - 1) / 2)
        names.append(call)
        if stop < len(line):
            panel.axvline(first + stop - 0.5, color="0.8", linewidth=0.8, zorder=0)
    above = panel.secondary_xaxis("top")
    above.set_xticks(centres, names)
    above.tick_params(length=0)
    above.spines[:].set_visible(False)


def spans(shown):
    """Runs of batches of one epoch of one call: its name, the first column, the one after.

    Where a run does not start with the first batch, it is said to be continued.
    """
    batches = [batch for _, batch in shown]
    starts = [k for k, batch in enumerate(batches) if k == 0 or batch.number == 0]
    for start, stop in zip(starts, [*starts[1:], len(batches)], strict=True):
        call, epoch = batches[start][:2]
        name = f"fit\nepoch {epoch + 1}" if call == "fit" else call
        yield name + ",\ncontinued" * (batches[start].number > 0), start, stop


def add_legend(panel, drawn):
    """What the marks mean that were drawn."""
    from matplotlib.lines import Line2D

    styles = {kind: style or cut_style() for kind, (_, style) in LEGEND.items() if kind in drawn}
    lines = [Line2D([], [], **style) for style in styles.values()]
    place = {"loc": "upper center", "bbox_to_anchor": (0.5, 0), "borderaxespad": LEGEND_BELOW}
    words = [LEGEND[kind][0] for kind in styles]
    panel.legend(lines, words, ncols=2, frameon=False, fontsize=SMALL, **place)
