"""What goes on inside a recurrent layer, as arrays: what the figures of `tinylstm.plotting` show.

Every function returns plain NumPy arrays and draws nothing. The letters are those of
``docs/notation.md``.
"""

from .spans import even_span, gate_span, state_span

__all__ = ["even_span", "gate_span", "state_span"]
