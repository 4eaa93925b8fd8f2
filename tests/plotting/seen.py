"""What can be seen in a figure: its words, and whether they stand in each other's way."""

from itertools import combinations
from unittest.mock import patch

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.text import Text


def words(figure):
    """Every word that is drawn, and its box in pixels."""
    canvas, drawn, draw = FigureCanvasAgg(figure), [], Text.draw

    def noted(text, renderer, *others):
        drawn.append(text)
        draw(text, renderer, *others)

    with patch.object(Text, "draw", noted):
        canvas.draw()
    renderer = canvas.get_renderer()
    seen = {text for text in drawn if text.get_visible() and text.get_text().strip()}
    return [(text.get_text(), text.get_window_extent(renderer)) for text in seen]


def overlapping(found):
    """Pairs of words that overlap by more than a pixel."""
    return [
        {a, b}
        for (a, one), (b, other) in combinations(found, 2)
        if min(one.x1, other.x1) - max(one.x0, other.x0) > 1
        and min(one.y1, other.y1) - max(one.y0, other.y0) > 1
    ]


def cut_off(found, width, height):
    """Words that leave a figure of so many pixels."""
    return [
        text
        for text, box in found
        if min(box.x0, box.y0) < -1 or box.x1 > width + 1 or box.y1 > height + 1
    ]


def assert_readable(figure):
    """No two words overlap, and none leaves the figure."""
    found = words(figure)
    assert found
    assert overlapping(found) == []
    assert cut_off(found, figure.bbox.width, figure.bbox.height) == []
