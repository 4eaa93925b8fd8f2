"""Maps of units by steps: their places, their colours, and what stands beside them."""

import numpy as np

from .figure import new_figure

FROM_ZERO, BOTH_SIDES = "YlGnBu", "RdBu_r"  # colours of what is above zero, and on both sides of it
MASKED = "0.75"  # the colour of a masked step
LETTER, LINE = 0.085, 0.2  # inches: width of a letter of a step's name, height of a line
SMALL = "small"  # size of letters


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
    """Numbers as colours in a span, (units, steps), say; masked steps are grey."""
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


def show_map(panel, values, span, masked, names):
    """One map of (steps, units) with all that belongs to it."""
    scale_beside(panel, draw_map(panel, values.T, span, masked))
    name_units(panel, values.shape[1])
    name_steps(panel.xaxis, names, inches=1.9)


def name_edges(panels):
    """Say what the axes are, once for each row and column of maps."""
    columns = in_a_row(len(panels))
    for k, panel in enumerate(panels):
        if k % columns == 0:
            panel.set_ylabel("unit")
        if k + columns >= len(panels):
            panel.set_xlabel("step")
