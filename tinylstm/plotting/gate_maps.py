"""Every gate and state of a layer at every step."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..engine.study import LayerTrace, Trace
from ..inside import gate_span, state_span
from .maps import map_grid, name_edges, show_map
from .traced import Labels, what_is_drawn

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
    trace, sample, names = what_is_drawn(trace, sample, labels, layer)
    spans = {name: gate_span(name, getattr(trace, name)) for name in trace.gate_names}
    states = trace.state_names[::-1]
    spans |= {name: state_span(name, getattr(trace, name)) for name in states}
    meanings = MEANINGS.get(trace.state_names, {})
    figure, panels, _ = map_grid(len(spans))
    for panel, (name, span) in zip(panels, spans.items(), strict=True):
        masked = trace.masked[sample] if name in trace.gate_names else None
        show_map(panel, getattr(trace, name)[sample], span, masked, names)
        panel.set_title(titled(name, meanings.get(name)), fontsize="medium")
    name_edges(panels)
    figure.suptitle(f"Gates and states of layer {trace.layer_name}, sample {sample}")
    return figure


def titled(name, meaning):
    """The letter, and what it means where that is known."""
    return f"{name}: {meaning}" if meaning else name
