"""The page that was written, as an object: its path, and itself in a notebook."""

from __future__ import annotations

from html import escape
from pathlib import Path

HEIGHT = 720  # of the frame in a notebook, in pixels


class Report:
    """A page that was written.

    Attributes
    ----------
    path : Path
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._size = path.stat().st_size  # the file may go

    def __repr__(self) -> str:
        return f"<report in {self.path}: {self._size / 1e6:.1f} MB>"

    def _repr_html_(self) -> str:
        """A frame with the page in it, for a notebook: the file is not needed any more."""
        page = escape(self.path.read_text(encoding="utf-8"))
        style = f"width: 100%; height: {HEIGHT}px; border: 1px solid #8888"
        frame = 'title="tinylstm report" sandbox="allow-scripts"'
        return f'<iframe {frame} style="{style}" srcdoc="{page}"></iframe>'
