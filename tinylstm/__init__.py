"""tinylstm: a from-scratch LSTM engine to read, to check and to look into.

The names below are those of Keras wherever Keras has one; see ``docs/quickstart.md``.
"""

from . import callbacks, initializers
from .gradcheck import gradient_check
from .kernels import kernel, view
from .layers import LSTM, Activation, Dense, Dropout, Layer, Recurrent
from .model import Input, Sequential
from .optimizers import SGD, Adam, RMSprop
from .sequences import pad_sequences, to_categorical
from .series import sliding_windows, stateful_batches
from .settings import floatx, set_floatx, set_random_seed

__version__ = "0.1.0"

__all__ = [
    "LSTM",
    "SGD",
    "Activation",
    "Adam",
    "Dense",
    "Dropout",
    "Input",
    "Layer",
    "RMSprop",
    "Recurrent",
    "Sequential",
    "callbacks",
    "floatx",
    "gradient_check",
    "initializers",
    "kernel",
    "pad_sequences",
    "set_floatx",
    "set_random_seed",
    "sliding_windows",
    "stateful_batches",
    "to_categorical",
    "view",
]
