"""How long each unit remembers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..engine.study import LayerTrace, Trace
from ..inside import half_lives, keeper_of, retention
from .figure import BLUE, new_figure
from .maps import SMALL, draw_map, name_steps, scale_beside, show_decades
from .traced import Labels, what_is_drawn

if TYPE_CHECKING:
    from matplotlib.figure import Figure

LONGEST, SHORTEST = 1e4, 0.1  # steps, that are told apart
NUMBERED = 64  # rows, at most, have a number each: the units are sorted, so no other is known
LEGEND_BELOW = 5  # of the axes, past the name of the one below; in sizes of a letter
ROW, AROUND = 0.125, 1.3  # inches: the height of a row, and of all above and below the rows


def memory(
    trace: Trace | LayerTrace,
    sample: int = 0,
    labels: Labels | None = None,
    layer: str | None = None,
    gate: str | None = None,
) -> Figure:
    """How long each unit remembers: its half-life, and what is left of each step at the end.

    On the left, in how many steps half of a unit's state is gone, from its forget gates over all
    samples and steps; the units stand in this order. On the right, for one sample, the product of
    the forget gates from each step to the end: the share of what that step wrote that is still
    there. Of a GRU it is the update gate, which keeps h.

    Parameters
    ----------
    trace : Trace or LayerTrace
        What `Sequential.trace` gave, or one layer of it.
    sample : int, default=0
        The sample of the map.
    labels : str, list or array, optional
        A letter, a word or a time for each step; by default numbers from 0.
    layer : str, optional
        Name of the layer, where the trace has several; by default the first.
    gate : str, optional
        The gate that keeps the state, of a cell of your own; by default f, or u of a GRU.

    Returns
    -------
    matplotlib.figure.Figure
        Half-lives in steps, from 0.1 to 10,000; shorter and longer ones stand at the ends.

    Raises
    ------
    ValueError
        If the cell has no gate that keeps its state, or there is no such sample, layer or gate.
    ImportError
        If Matplotlib is not installed.

    See Also
    --------
    tinylstm.inside.half_lives : the numbers, and their equation.
    """
    trace, sample, names = what_is_drawn(trace, sample, labels, layer)
    name, lives = keeper_of(trace, gate), half_lives(trace, gate)
    order = np.argsort(-lives, kind="stable")
    figure = new_figure(8.3, max(4.2, AROUND + ROW * min(len(order), NUMBERED)))
    left, right = figure.subplots(1, 2, width_ratios=(1, 1.4), sharey=True)
    draw_lives(left, lives[order], order, len(names))
    image = draw_map(right, retention(trace, gate)[sample].T[order], (0, 1))
    scale_beside(right, image)
    name_steps(right.xaxis, names, inches=3.2)
    right.set_xlabel("step")
    right.set_title(f"left at the end: product of the later {name}", fontsize="medium")
    figure.suptitle(f"Memory of layer {trace.layer_name}, sample {sample} on the right")
    return figure


def draw_lives(panel, lives, order, steps):
    """A dot for each unit, from the one that remembers longest down."""
    panel.plot(np.clip(lives, SHORTEST, LONGEST), range(len(lives)), ".", color=BLUE)
    panel.axvline(steps, color="0.4", linestyle=":", label=f"the {steps} steps of a sample")
    show_decades(panel, "x")
    every = -(-len(order) // NUMBERED)
    panel.set_yticks(range(0, len(order), every), order[::every], fontsize=SMALL)
    panel.set(xlabel="half-life in steps", ylabel="unit", ylim=(len(order) - 0.5, -0.5))
    panel.set_title("until half is gone", fontsize="medium")
    panel.tick_params(axis="x", labelsize=SMALL)
    panel.grid(alpha=0.3, axis="x")
    place = {"loc": "upper center", "bbox_to_anchor": (0.5, 0), "borderaxespad": LEGEND_BELOW}
    panel.legend(fontsize=SMALL, frameon=False, **place)
