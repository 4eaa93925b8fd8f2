"""A backend of matplotlib whose ``show`` writes files; see `figures`."""

import matplotlib
from matplotlib.backend_bases import FigureManagerBase
from matplotlib.backends.backend_agg import FigureCanvasAgg

from .figures import saved


class FigureManager(FigureManagerBase):
    """A figure that is not shown, but saved."""

    @classmethod
    def pyplot_show(cls, *, block=None):
        """``plt.show()``: a window would stay until it is closed, so the figures are done.

        ``plt.show(block=False)`` and ``plt.pause`` go on with the figures; the end saves them.
        """
        if block or (block is None and not matplotlib.is_interactive()):
            saved.open_figures()
        else:
            saved.waiting = True

    def show(self):
        """``figure.show()`` goes on, too."""
        saved.waiting = True


class FigureCanvas(FigureCanvasAgg):
    """Draws as Agg does."""

    manager_class = FigureManager
