"""Maps of units by steps: their colours, the scale beside them, and what the steps are called."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ..engine.study import LayerTrace, Trace
from ..surface.arguments import as_list, find, is_finite, whole_number
from ..surface.errors import kind_of, mismatch

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


def names_given(labels):
    """Letters, words or times as a list of words.

    Raises
    ------
    TypeError
        If they are something else.
    """
    expected = "a letter, a word or a time for each"
    found = list(labels) if isinstance(labels, str) else as_list(labels, "labels", expected)
    for name in found:
        if not isinstance(name, str) and not is_finite(name):
            raise mismatch("labels are words or numbers.", expected, kind_of(name), TypeError)
    return [name if isinstance(name, str) else f"{name:g}" for name in found]


def step_names(labels, count):
    """The names of the steps: those that were given, or numbers from 0.

    Raises
    ------
    TypeError, ValueError
        If they are no words or numbers, or not as many as there are steps.
    """
    if labels is None:
        return [str(k) for k in range(count)]
    names = names_given(labels)
    if len(names) != count:
        raise mismatch("labels name the steps.", f"one each of {count}", len(names))
    return names


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


def show_decades(panel, name):
    """Let the axis of a name, "x" or "y", be logarithmic, from a power of ten to another one.

    These alone are named: names of what is between would overlap.
    """
    from matplotlib.ticker import NullFormatter

    panel.set(**{f"{name}scale": "log"})
    axis = getattr(panel, f"{name}axis")
    low, high = np.log10(axis.get_view_interval())
    low, high = np.floor(low), np.ceil(high)
    panel.set(**{f"{name}lim": (10**low, 10 ** max(high, low + 1))})
    axis.set_minor_formatter(NullFormatter())


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
