"""Maps of units by steps: their colours, the scale beside them, and what the steps are called."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ..data.gate import as_array
from ..engine.study import LayerTrace, Trace
from ..surface.arguments import find, whole_number
from ..surface.errors import mismatch

Labels = Sequence[str | float] | NDArray  # of steps: letters, words or times
FROM_ZERO, BOTH_SIDES = "YlGnBu", "RdBu_r"  # colours of what is above zero, and on both sides of it
MASKED = "0.75"  # the colour of a masked step
LETTER, LINE = 0.085, 0.2  # inches: width of a letter of a step's name, height of a line
SMALL = "small"  # size of letters


def layer_trace(trace: Trace | LayerTrace, layer: str | None) -> LayerTrace:
    """The trace of one recurrent layer: the first, or that of a name.

    Raises
    ------
    TypeError, ValueError
        If it is no trace, has no such layer, or the layer has no gates to show.
    """
    if isinstance(trace, Trace):
        if not trace:
            raise mismatch("There are no gates to draw.", "a model with a recurrent layer", "none")
        trace = find(trace, layer if layer is not None else next(iter(trace)), "recurrent layer")
    if not isinstance(trace, LayerTrace):
        expected = "what model.trace(x) gave, or that of a layer"
        raise mismatch("This is not a trace.", expected, repr(trace), TypeError)
    if not trace.gate_names:
        raise mismatch(
            "This layer has no gates to draw.", "an RNN of a cell, an LSTM, say", trace.layer_name
        )
    return trace


def checked_sample(sample, trace):
    """The number of a sample of a trace."""
    return whole_number(sample, "sample", 0, most=len(trace.masked) - 1)


def step_names(labels, count, what="labels"):
    """The names of the steps: those that were given, letters, words or times; or numbers from 0.

    Raises
    ------
    ValueError
        If they are not as many as there are steps.
    """
    if labels is None:
        return [str(k) for k in range(count)]
    names = list(labels) if isinstance(labels, str | list | tuple) else as_array(labels, what)
    if np.ndim(names) != 1 or len(names) != count:
        received = f"{len(names)}" if np.ndim(names) == 1 else f"shape {np.shape(names)}"
        raise mismatch(f"{what} name the steps.", f"one each of {count}", received)
    return [name if isinstance(name, str) else f"{name:g}" for name in names]


def name_steps(axis, names, inches, across=False):
    """Write names at as many steps as there is room for, upright where they are long.

    across: beside the steps, on an axis that goes down.
    """
    width = inches / len(names)  # of a step
    longest = max(map(len, names)) * LETTER
    upright = not across and longest > width and longest > 2 * LETTER
    needed = LINE if upright or across else longest + LETTER
    every = max(1, int(np.ceil(needed / width)))
    shown = range(0, len(names), every)
    axis.set_ticks(list(shown), [names[k] for k in shown], fontsize=SMALL)
    axis.set_tick_params(rotation=90 if upright else 0, length=0 if every == 1 else 3)


def draw_map(panel, values, span, masked=None):
    """Numbers (units, steps) as colours in a span; masked steps are grey."""
    shown = np.ma.array(values, mask=np.zeros(values.shape, bool))
    if masked is not None:
        shown.mask |= masked
    panel.set_facecolor(MASKED)  # seen where nothing is
    colours = FROM_ZERO if span[0] == 0 else BOTH_SIDES
    options = {"aspect": "auto", "interpolation": "nearest", "origin": "upper"}
    return panel.imshow(shown, cmap=colours, vmin=span[0], vmax=span[1], **options)


def scale_beside(panel, image):
    """A narrow scale of colours beside a map: its ends and its middle."""
    low, high = image.get_clim()
    bar = panel.figure.colorbar(image, ax=panel, pad=0.02, fraction=0.06, aspect=18)
    bar.set_ticks([low, (low + high) / 2, high])
    bar.ax.tick_params(labelsize=SMALL, length=2)
    return bar


def name_units(panel, units):
    """Number the units, from 0 on the top."""
    panel.yaxis.get_major_locator().set_params(integer=True, nbins=5, min_n_ticks=1)
    panel.set_ylim(units - 0.5, -0.5)
    panel.tick_params(axis="y", labelsize=SMALL, length=2)
