"""Figures of a script on a machine without a display: ``plt.show()`` writes files.

They stand beside the script and are called after it: ``alphabet_figure_1.png``, ``..._2.png``.
"""

import os
import sys
import tempfile
from importlib.util import find_spec
from pathlib import Path

BACKEND = "module://tinylstm.legacy.file_backend"
TOOLKITS = ("_tkinter", "PyQt6", "PySide6", "PyQt5", "PySide2", "gi", "wx")


def choose_backend():
    """Have matplotlib write files, where no window can be opened and nothing else was chosen."""
    if not has_display():
        os.environ.setdefault("MPLBACKEND", BACKEND)


def has_display():
    """Whether a window can be opened."""
    if sys.platform in ("win32", "darwin"):
        return True
    shown = os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")
    return bool(shown) and any(find_spec(name) for name in TOOLKITS)


class Saved:
    """Writes the open figures of a script, numbered as they come."""

    def begin(self):
        """A new script: nothing is saved yet."""
        self.count = 0
        self.waiting = False  # whether the end of the script saves what is open then

    def at_the_end(self):
        """Save what was shown without waiting for the user, and all after Ctrl-C."""
        if self.waiting:
            self.open_figures()

    def open_figures(self):
        """Write every open figure into a file, say where, and close it."""
        plt = sys.modules.get("matplotlib.pyplot")
        for number in plt.get_fignums() if plt is not None else ():
            self.count += 1
            path = write(plt.figure(number), f"figure_{self.count}.png")
            print(f"Figure {self.count} is saved: {path}", file=sys.stderr)
            plt.close(number)


def write(figure, ending):
    """Write a figure beside the script, or where that is not allowed among temporary files."""
    script = Path(sys.modules["__main__"].__file__)
    path = script.with_name(f"{script.stem}_{ending}")
    if not os.access(path.parent, os.W_OK):
        path = Path(tempfile.gettempdir(), path.name)
    figure.savefig(path)
    return path


saved = Saved()
