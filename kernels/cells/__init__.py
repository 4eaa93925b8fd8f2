"""The cells: the equations of one step, one file each."""

from .cell import Cell, cell
from .gru import gru
from .gru_reset_before import gru_reset_before
from .lstm import lstm
from .simple_rnn import simple_rnn

__all__ = ["Cell", "cell", "gru", "gru_reset_before", "lstm", "simple_rnn"]
