"""The empty figure, the only place that needs Matplotlib to be installed; and axes of others."""

from ..surface.errors import mismatch

BLUE = "#0072B2"  # of bars, dots and lines


def new_figure(width, height):
    """An empty figure, in inches.

    Raises
    ------
    ImportError
        If Matplotlib is not installed; says how to install it.
    """
    try:
        from matplotlib.figure import Figure
    except ImportError as missing:
        raise mismatch(
            "Figures are drawn with Matplotlib, which is not installed.",
            'pip install -e ".[plot]" in the checkout of tinylstm',
            str(missing),
            ImportError,
        ) from missing
    return Figure(figsize=(width, height), layout="constrained")


def checked_axes(ax):
    """Where to draw: axes of Matplotlib."""
    if not hasattr(ax, "plot") or not hasattr(ax, "figure"):
        raise mismatch("ax is where to draw.", "Axes of Matplotlib", repr(ax), TypeError)
    return ax
