"""Every gate and state of a layer at every step."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..engine.study import LayerTrace, Trace
from ..inside import gate_span, state_span
from .figure import new_figure
from .maps import (
    Labels,
    checked_sample,
    draw_map,
    layer_trace,
    name_steps,
    name_units,
    scale_beside,
    step_names,
)

if TYPE_CHECKING:
    from matplotlib.figure import Figure

MEANINGS = {  # of the gates and states of our cells, by the states of the cell
    ("h", "c"): {
        "i": "input gate",
        "f": "forget gate",
        "g": "candidate",
        "o": "output gate",
        "c": "cell state",
        "h": "output",
    },
    ("h",): {"u": "update gate", "r": "reset gate", "g": "candidate", "h": "output"},
}


def gates(
    trace: Trace | LayerTrace,
    sample: int = 0,
    labels: Labels | None = None,
    layer: str | None = None,
) -> Figure:
    """Every gate and state of a recurrent layer at every step: maps of units by steps.

    A gate is shown from 0, shut, to 1, open; g and h from -1 to 1; c on a scale that is as long
    below zero as above. These scales are the same in every figure, and those of a trace hold all
    of its samples. At a masked step the gates are grey, and the states stay as they were.

    Parameters
    ----------
    trace : Trace or LayerTrace
        What `Sequential.trace` gave, or one layer of it.
    sample : int, default=0
        The sample that is drawn.
    labels : str, list or array, optional
        A letter, a word or a time for each step; by default numbers from 0.
    layer : str, optional
        Name of the layer, where the trace has several; by default the first.

    Returns
    -------
    matplotlib.figure.Figure
        A map for each gate, in the order of the cell, then for each state, the output last.

    Raises
    ------
    ValueError
        If there is no such sample or layer, or a label too many or too few.
    ImportError
        If Matplotlib is not installed.

    Examples
    --------
    >>> plotting.gates(model.trace(x), labels="ABC")
    """
    trace = layer_trace(trace, layer)
    sample = checked_sample(sample, trace)
    names = step_names(labels, trace.masked.shape[1])
    spans = {name: gate_span(name, getattr(trace, name)) for name in trace.gate_names}
    states = trace.state_names[::-1]
    spans |= {name: state_span(name, getattr(trace, name)) for name in states}
    meanings = MEANINGS.get(trace.state_names, {})
    figure, panels, _ = map_grid(len(spans))
    for panel, (name, span) in zip(panels, spans.items(), strict=True):
        masked = trace.masked[sample] if name in trace.gate_names else None
        show(panel, getattr(trace, name)[sample], span, masked, names)
        panel.set_title(titled(name, meanings.get(name)), fontsize="medium")
    name_edges(panels)
    figure.suptitle(f"Gates and states of layer {trace.layer_name}, sample {sample}")
    return figure


def map_grid(count, below=0):
    """A new figure with so many places for maps: it, the places, and a part of it below them."""
    columns = in_a_row(count)
    rows = -(-count // columns)
    figure = new_figure(0.8 + 2.5 * max(columns, 3 * (below > 0)), 0.9 + 2.1 * rows + below)
    heights = 0.6 + 2.1 * rows, below or 1
    above, rest = figure.subfigures(2, height_ratios=heights) if below else (figure, None)
    panels = above.subplots(rows, columns, squeeze=False).ravel()
    for empty in panels[count:]:
        empty.remove()
    return figure, list(panels[:count]), rest


def in_a_row(count):
    """How many of so many maps stand side by side: at most three."""
    return 2 if count in (2, 4) else min(3, count)


def show(panel, values, span, masked, names):
    """One map of (steps, units) with all that belongs to it."""
    scale_beside(panel, draw_map(panel, values.T, span, masked))
    name_units(panel, values.shape[1])
    name_steps(panel.xaxis, names, inches=1.9)


def titled(name, meaning):
    """The letter, and what it means where that is known."""
    return f"{name}: {meaning}" if meaning else name


def name_edges(panels):
    """Say what the axes are, once for each row and column of maps."""
    columns = in_a_row(len(panels))
    for k, panel in enumerate(panels):
        if k % columns == 0:
            panel.set_ylabel("unit")
        if k + columns >= len(panels):
            panel.set_xlabel("step")
