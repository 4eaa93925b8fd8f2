"""Gradients at every step, on their way back through time."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..engine.study import LayerTrace, Trace
from ..inside import by_gate, even_span, gradient_paths, norms
from .maps import SMALL, map_grid, name_edges, name_steps, show_decades, show_map
from .traced import Labels, what_is_drawn

if TYPE_CHECKING:
    from matplotlib.figure import Figure

COLOURS = ("#000000", "#E69F00", "#56B4E9", "#009E73", "#CC79A7", "#0072B2", "#D55E00", "#F0E442")
MARKS = "osv^D<>P"
THROUGH = "through U, once or more"
WAYS = {  # of a gradient of the state that is kept, by the states of the cell: past U, through U
    ("h", "c"): ("past U, along c alone: product of forget gates", THROUGH),
    ("h",): ("past U, from state to state", THROUGH),
}
LOWEST = 1e-12  # of the largest norm that is shown


def gradients(
    trace: Trace | LayerTrace,
    sample: int = 0,
    labels: Labels | None = None,
    layer: str | None = None,
) -> Figure:
    """Gradients of a recurrent layer at every step, after `Sequential.backward`.

    Above, maps of dh, dc and of dz of each gate, each on a scale of its own. Below, their norms
    over the units at each step, on a logarithmic scale and without a point where they are zero, and
    beside them the norm of dc (of a cell without c, dh) split into what came along c alone,
    multiplied by a forget gate at each step, and what went through h, and so through U: see
    `tinylstm.inside.gradient_paths`.

    Parameters
    ----------
    trace : Trace or LayerTrace
        What `Sequential.trace` gave, after `Sequential.backward`; or one layer of it.
    sample : int, default=0
        The sample that is drawn.
    labels : str, list or array, optional
        A letter, a word or a time for each step; by default numbers from 0.
    layer : str, optional
        Name of the layer, where the trace has several; by default the first.

    Returns
    -------
    matplotlib.figure.Figure
        Gradients count in units of the loss whose derivatives `backward` was given, for 1 more of
        the state or of z.

    Raises
    ------
    ValueError
        If `Sequential.backward` was not called, the model has changed since, or there is no such
        sample or layer, or a label too many or too few.
    ImportError
        If Matplotlib is not installed.

    Examples
    --------
    >>> trace = model.trace(x)
    >>> model.backward(trace.y - y)  # of half the squared error
    >>> plotting.gradients(trace, labels="ABC")
    """
    trace, sample, names = what_is_drawn(trace, sample, labels, layer)
    paths = gradient_paths(trace)
    states = [f"d{name}" for name in trace.state_names]
    of_gates = by_gate(trace, paths["dz"].whole)
    arrays = {name: paths[name].whole for name in states}
    arrays |= {f"dz_{gate}": array for gate, array in of_gates.items()}
    figure, panels, below = map_grid(len(arrays), below=3.0)
    for panel, (name, array) in zip(panels, arrays.items(), strict=True):
        show_map(panel, array[sample], even_span(array), None, names)
        panel.set_title(name, fontsize="medium")
    name_edges(panels)
    lines, ways = below.subplots(1, 2, sharey=True)
    draw_norms(lines, {name: norms(array[sample]) for name, array in arrays.items()}, names)
    lines.set_title("norms over the units", fontsize="medium")
    lines.set_ylabel("norm (units of the loss)")
    kept = states[-1]
    split = paths[kept]
    past, through = WAYS.get(trace.state_names, ("past U, from state to state", THROUGH))
    parts = {kept: split.whole, past: split.past_u, through: split.through_u}
    draw_norms(ways, {name: norms(array[sample]) for name, array in parts.items()}, names)
    ways.set_title(f"{kept}: by which way it came", fontsize="medium")
    figure.suptitle(f"Gradients of layer {trace.layer_name}, sample {sample}")
    return figure


def draw_norms(panel, curves, names):
    """Norms at each step, on a logarithmic scale; a norm of zero has no point."""
    empty = False
    largest = max(curve.max() for curve in curves.values()) or 1.0
    for k, (name, curve) in enumerate(curves.items()):
        style = {"color": COLOURS[k % len(COLOURS)], "marker": MARKS[k % len(MARKS)]}
        shown = np.where(curve > largest * LOWEST, curve, np.nan)
        empty |= bool(np.isnan(shown).any())
        size = 4 if len(curve) <= 40 else 0
        panel.plot(range(len(curve)), shown, label=name, markersize=size, linewidth=1.3, **style)
    show_decades(panel, "y")
    panel.set_xlabel("step (no point: zero)" if empty else "step")
    panel.grid(alpha=0.3)
    panel.set_xlim(-0.5, len(names) - 0.5)
    name_steps(panel.xaxis, names, inches=2.8)
    columns = 1 if max(map(len, curves)) > 8 else 4
    place = {"loc": "upper center", "bbox_to_anchor": (0.5, -0.22), "borderaxespad": 0}
    panel.legend(fontsize=SMALL, frameon=False, ncols=columns, **place)
