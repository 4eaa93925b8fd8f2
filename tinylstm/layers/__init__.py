"""The layers, one file each."""

from typing import TYPE_CHECKING

from ..kernels import cells
from ..surface.absent import getattr_of
from ..surface.plain import know
from .activation import ELEMENTWISE, Activation, LeakyReLU
from .bidirectional import Bidirectional
from .dense import Dense
from .dropout import Dropout, SpatialDropout1D
from .embedding import Embedding
from .gru import GRU
from .layer import Layer
from .lstm import LSTM
from .masking import Masking
from .normalization import LayerNormalization
from .recurrent import Recurrent
from .rnn import RNN
from .shapes import Flatten, RepeatVector, Reshape
from .simple_rnn import SimpleRNN
from .time_distributed import TimeDistributed

__all__ = [
    "GRU",
    "LSTM",
    "RNN",
    "Activation",
    "Bidirectional",
    "Dense",
    "Dropout",
    "Embedding",
    "Flatten",
    "Layer",
    "LayerNormalization",
    "LeakyReLU",
    "Masking",
    "Recurrent",
    "RepeatVector",
    "Reshape",
    "SimpleRNN",
    "SpatialDropout1D",
    "TimeDistributed",
]

know(GRU, LSTM, RNN, Activation, Bidirectional, Dense, Dropout, Embedding, Flatten)
know(LayerNormalization, LeakyReLU, Masking, RepeatVector, Reshape, SimpleRNN, SpatialDropout1D)
know(TimeDistributed, cells.lstm, cells.gru, cells.gru_reset_before, cells.simple_rnn)
know(*ELEMENTWISE.values())

if not TYPE_CHECKING:  # for whom there would be every name
    __getattr__ = getattr_of(__name__, __all__)
