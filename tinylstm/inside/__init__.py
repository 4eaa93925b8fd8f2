"""What goes on inside a recurrent layer, as arrays: what the figures of `tinylstm.plotting` show.

Every function returns plain NumPy arrays and draws nothing. The letters are those of
``docs/notation.md``.
"""

from .influence import influence
from .lifetimes import half_lives, keeper_of, retention
from .paths import Split, by_gate, gradient_paths, norms
from .spans import even_span, gate_span, state_span
from .weights import Idle, gate_weights, idle_units, spectral_norms

__all__ = [
    "Idle",
    "Split",
    "by_gate",
    "even_span",
    "gate_span",
    "gate_weights",
    "gradient_paths",
    "half_lives",
    "idle_units",
    "influence",
    "keeper_of",
    "norms",
    "retention",
    "spectral_norms",
    "state_span",
]
