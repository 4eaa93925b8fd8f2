"""The weights of a recurrent layer, by gate."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..engine.study import LayerTrace, Trace
from ..inside import even_span, gate_weights, idle_units, spectral_norms
from ..layers import RNN
from ..surface.errors import mismatch
from .figure import BLUE, new_figure
from .maps import SMALL, draw_map, name_steps
from .traced import Labels, layer_trace, step_names

if TYPE_CHECKING:
    from matplotlib.figure import Figure

LINES = {"W": BLUE, "U": "#D55E00", "b": "#009E73"}


def weights(
    layer: RNN, trace: Trace | LayerTrace | None = None, labels: Labels | None = None
) -> Figure:
    """The weights of a recurrent layer by gate: W, U and b, how large they are, idle units.

    Above W, U and b, all on one scale that is as long below zero as above; columns are units, gate
    beside gate. Below, the spectral norm of U of each gate, the distribution of all weights, and,
    with a trace, the share of units whose gate is saturated, or whose h never moves: see
    `tinylstm.inside.idle_units`.

    Parameters
    ----------
    layer : RNN
        An LSTM, say, of a built model.
    trace : Trace or LayerTrace, optional
        What `Sequential.trace` gave, which says what the units do.
    labels : str, list or array, optional
        A letter or a word for each feature; by default numbers from 0.

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    TypeError, ValueError
        If it is no layer of a cell, not built, or the trace is of another layer, or there is a
        label too many or too few.
    ImportError
        If Matplotlib is not installed.

    Examples
    --------
    >>> plotting.weights(model.layers[0], model.trace(x))
    """
    tensors = gate_weights(layer)
    found = None if trace is None else layer_trace(trace, layer.name)
    if found is not None and found.layer_name != layer.name:
        raise mismatch("The trace is of another layer.", layer.name, found.layer_name)
    heights = [0.6 + 0.12 * min(24, len(next(iter(one.values())))) for one in tensors.values()]
    figure = new_figure(8.3, sum(heights) + 4.0)
    top, bottom = figure.subfigures(2, height_ratios=(sum(heights) + 0.8, 3))
    panels = top.subplots(len(tensors), squeeze=False, height_ratios=heights)[:, 0]
    draw_tensors(panels, tensors)
    if labels is not None:
        name_features(panels[0], labels, len(next(iter(tensors["W"].values()))), heights[0])
    below = bottom.subplots(1, 2 if found is None else 3)
    draw_bars(below[0], spectral_norms(layer), "spectral norm of U")
    below[0].set(xlabel="gate", ylabel="norm")
    draw_histogram(below[1], tensors)
    if found is not None:
        draw_idle(below[2], idle_units(found))
    figure.suptitle(f"Weights of layer {layer.name}")
    return figure


def draw_tensors(panels, tensors):
    """W, U and b one below the other, their gates side by side."""
    wholes = {letter: np.hstack([*blocks.values()]) for letter, blocks in tensors.items()}
    span = even_span(np.concatenate([whole.ravel() for whole in wholes.values()]))
    for panel, (letter, whole) in zip(panels, wholes.items(), strict=True):
        image = draw_map(panel, whole, span)
        gates, units = list(tensors[letter]), whole.shape[1] // len(tensors[letter])
        panel.set_xticks(units * (np.arange(len(gates)) + 0.5) - 0.5, gates)
        for k in range(1, len(gates)):
            panel.axvline(k * units - 0.5, color="black", linewidth=0.8)
        panel.tick_params(length=0, labelsize=SMALL)
        panel.yaxis.get_major_locator().set_params(integer=True, nbins=4, min_n_ticks=1)
        panel.set_ylabel({"W": "W\nfeature", "U": "U\nunit before", "b": "b"}[letter])
        if len(whole) == 1 and letter == "b":
            panel.set_yticks([])
    panels[-1].set_xlabel(f"gate, and from left to right its units 0 to {units - 1}")
    panels[0].figure.colorbar(image, ax=list(panels), pad=0.02, fraction=0.04)


def name_features(panel, labels, count, height):
    """Words at the rows of W, as many as there is room for."""
    name_steps(panel.yaxis, step_names(labels, count, "features"), height, across=True)


def draw_bars(panel, values, title):
    """A bar for each gate, with its number."""
    bars = panel.bar(list(values), list(values.values()), color=BLUE)
    panel.bar_label(bars, fmt="%.2g", fontsize=SMALL)
    panel.set_title(title, fontsize="medium")
    panel.tick_params(labelsize=SMALL)
    panel.margins(y=0.15)


def draw_histogram(panel, tensors):
    """How the numbers of each tensor are spread."""
    values = {k: np.hstack([*one.values()]).ravel() for k, one in tensors.items()}
    edges = np.linspace(*even_span(np.concatenate([*values.values()])), 41)
    for letter, numbers in values.items():
        share = np.full(numbers.shape, 1 / len(numbers))
        style = {"histtype": "step", "color": LINES[letter], "label": letter}
        panel.hist(numbers, edges, weights=share, **style)
    panel.set_title("share of the weights", fontsize="medium")
    panel.set(xlabel="weight", ylabel="share")
    panel.tick_params(labelsize=SMALL)
    panel.legend(fontsize=SMALL, frameon=False)


def draw_idle(panel, idle):
    """Shares of the units that do nothing."""
    values = {f"{name} saturated": share for name, share in idle.saturated.items()}
    values["dead"] = idle.dead
    bars = panel.barh(list(values), list(values.values()), color=BLUE)
    panel.bar_label(bars, fmt=lambda share: f"{100 * share:.0f} %", fontsize=SMALL, padding=3)
    panel.invert_yaxis()
    panel.set_xlim(0, 1.25)
    panel.set_xticks([0, 0.5, 1], ["0", "50 %", "100 %"])
    panel.set_title("share of idle units", fontsize="medium")
    panel.set_xlabel("share")
    panel.tick_params(labelsize=SMALL)
