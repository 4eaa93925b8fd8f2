"""What stands in a state strip: boxes, and how the state and the gradient came to them.

Batches are columns, counted from the first that was recorded; their rows are lanes.
"""

from .maps import FROM_ZERO
from .recording import GIVEN, ZEROS

SIDE = 0.3  # half the width and height of a box, in columns and lanes
TURN = 0.43  # from the middle of a box to where an arrow turns
ON_BOXES, ON_NAMES = 1.5, 2  # what is drawn over what: names on boxes, arrows and bars on both
ARROW = {
    **{"arrowstyle": "-|>", "color": "black", "mutation_scale": 11, "joinstyle": "round"},
    "zorder": ON_NAMES,
}
STOP = {"color": "red", "linewidth": 3, "solid_capstyle": "butt", "zorder": ON_NAMES}
NAME, LEAST_NAME = 11, 3  # points: sizes of the letters of a name
NAME_ROOM = 20  # points: of a box, between the bar at its side and a halo
LEGEND = {  # what is drawn: in words, and as a line
    "arrow": ("state handed on", {"color": "black", "marker": ">", "markersize": 6}),
    "given": ("state set from outside", {"color": "black", "marker": ">", "linestyle": ":"}),
    "cut": ("starts from zeros", {}),
    "stop": (
        "the gradient stops here",
        {"color": "red", "marker": "|", "markersize": 12, "markeredgewidth": 3, "linestyle": ""},
    ),
}


def draw_boxes(panel, shown, largest):
    """Boxes for each sample, coloured by the root of its size up to that of the largest, so that
    small ones beside large ones can be told apart: its states one below the other, before and
    after."""
    from matplotlib.collections import PatchCollection
    from matplotlib.colors import PowerNorm
    from matplotlib.patches import Rectangle

    patches, sizes = [], []
    for column, batch in shown:
        for row in range(len(batch.stops)):
            height = 2 * SIDE / len(batch.sizes)
            for k, pair in enumerate(batch.sizes.values()):
                top = row - SIDE + k * height
                for size, left in zip(pair[:, row], (column - SIDE, column), strict=True):
                    patches.append(Rectangle((left, top), SIDE, height))
                    sizes.append(size)
    boxes = PatchCollection(patches, cmap=FROM_ZERO, edgecolor="0.4", linewidth=0.5)
    boxes.set_array(sizes)
    boxes.set_norm(PowerNorm(0.5, 0, largest))
    return panel.add_collection(boxes)


def draw_names(panel, shown, names):
    """The name of each sample that has one, in its box, as large as there is room for."""
    from matplotlib.font_manager import FontProperties
    from matplotlib.patheffects import withStroke
    from matplotlib.textpath import text_to_path

    bold = FontProperties(weight="bold", size=NAME)
    for column, batch in shown:
        for row in range(len(batch.stops)):
            if name := names.get((column, row)):
                wide, *_ = text_to_path.get_text_width_height_descent(name, bold, ismath=False)
                size = max(LEAST_NAME, NAME * min(1, NAME_ROOM / max(wide, 1)))
                style = {"fontsize": size, "fontweight": "bold", "gid": "name", "zorder": ON_BOXES}
                halo = [withStroke(linewidth=2.5, foreground="white")]
                panel.text(column, row, name, ha="center", va="center", path_effects=halo, **style)


def draw_start(panel, column, batch, row):
    """Where a sample starts from zeros, and where the gradient stops; what was drawn."""
    drawn = set()
    if batch.sources[row] == ZEROS:
        panel.plot(*cut(column, batch, row), gid="cut", **cut_style())
        drawn.add("cut")
    if batch.call == "fit" and batch.stops[row]:
        panel.plot(*edge(column, row, batch.chained), gid="stop", **STOP)
        drawn.add("stop")
    return drawn


def cut(column, batch, row):
    """Where the strokes stand of a sample that starts from zeros: x and y."""
    aside = SIDE + (0.16 if batch.chained else 0.125)
    return (column, row - aside) if batch.chained else (column - aside, row)


def cut_style():
    """Two slanting strokes, the same in the picture and in the legend."""
    from matplotlib.path import Path

    strokes = Path([(-0.6, -1), (0.0, 1), (0.0, -1), (0.6, 1)], [1, 2, 1, 2])
    return {
        "marker": strokes,
        "markersize": 11,
        "markeredgewidth": 1.3,
        "color": "black",
        "linestyle": "",
    }


def edge(column, row, top):
    """The side of a box where the state comes in: x and y of its ends."""
    if top:
        return (column - SIDE, column + SIDE), (row - SIDE, row - SIDE)
    return (column - SIDE, column - SIDE), (row - SIDE, row + SIDE)


def way(column, batch, row):
    """The points through which a state came into a sample: none if it starts from zeros."""
    source, top = batch.sources[row], batch.chained
    if source == ZEROS:
        return []
    end = (column, row - SIDE) if top else (column - SIDE, row)
    if source == GIVEN:
        return [(column, row - SIDE - 0.35) if top else (column - SIDE - 0.35, row), end]
    before, lane = source
    if before == column:
        return [(column, lane + SIDE), end]
    if before == column - 1:
        return [(before + SIDE, lane), end]
    return [*around(before, lane, column, row), end]


def around(before, lane, column, row):
    """From a box to another one past those between them: above their lane."""
    above = row - TURN
    return [
        (before + SIDE, lane),
        (before + TURN, lane),
        (before + TURN, above),
        (column - TURN, above),
        (column - TURN, row),
    ]


def draw_arrow(panel, points, kind, first, last):
    """An arrow through points, as far as it is in the columns first ... last - 1."""
    from matplotlib.patches import FancyArrowPatch, Rectangle
    from matplotlib.path import Path

    arrow = FancyArrowPatch(path=Path(points), gid=kind, **ARROW)
    arrow.set_linestyle(":" if kind == "given" else "-")
    panel.add_patch(arrow)
    bottom, top = panel.get_ylim()
    window = Rectangle((first - 0.75, top), last - first + 0.25, bottom - top)
    arrow.set_clip_path(window.get_path(), window.get_patch_transform() + panel.transData)
