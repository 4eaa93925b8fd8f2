"""All arithmetic of tinylstm: functions of arrays, each forward beside its backward.

The names below are what a cell or a kernel of one's own needs; see ``docs/own_cell.md``,
``docs/own_layer.md`` and ``docs/own_optimizer.md``.
"""

from .activations import activate, activate_backward
from .cells import cell
from .compiling import inner, kernel, view
from .layers.elementwise import activation
from .products import recur, recur_backward
from .tables import HOLD, RESTART
from .training.optimizers import note, rate_now, within

__all__ = [
    "HOLD",
    "RESTART",
    "activate",
    "activate_backward",
    "activation",
    "cell",
    "inner",
    "kernel",
    "note",
    "rate_now",
    "recur",
    "recur_backward",
    "view",
    "within",
]
