"""The layers, one file each."""

from .activation import Activation
from .dense import Dense
from .dropout import Dropout
from .layer import Layer
from .lstm import LSTM
from .recurrent import Recurrent

__all__ = ["LSTM", "Activation", "Dense", "Dropout", "Layer", "Recurrent"]
