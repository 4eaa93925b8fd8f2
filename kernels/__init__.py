"""All arithmetic of tinylstm: functions of arrays, each forward beside its backward.

The names below are what a kernel of one's own needs; see ``docs/own_layer.md``.
"""

from .compiling import inner, kernel, view
from .tables import HOLD, RESTART

__all__ = ["HOLD", "RESTART", "inner", "kernel", "view"]
