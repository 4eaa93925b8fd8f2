"""tinylstm: a from-scratch LSTM engine to read, to check and to look into.

The names below are those of Keras wherever Keras has one; see ``docs/quickstart.md``.
"""

from typing import TYPE_CHECKING

from . import checkout  # noqa: F401  before what lies in kernels/ and demos/
from .commands import early_stop  # noqa: F401  before what takes time to import
from .threads import environment  # noqa: F401  before Numba

# isort: split
from . import (  # noqa: F401
    callbacks,
    calling,
    constraints,
    initializers,
    losses,
    metrics,
    models,
    regularizers,
)
from .callbacks import Recorder
from .data.sequences import pad_sequences, to_categorical
from .data.series import sliding_windows, stateful_batches
from .engine.structure import Input
from .kernels import activation, cell, kernel, view
from .layers import (
    GRU,
    LSTM,
    RNN,
    Activation,
    Bidirectional,
    Dense,
    Dropout,
    Embedding,
    Flatten,
    Layer,
    LayerNormalization,
    LeakyReLU,
    Masking,
    Recurrent,
    RepeatVector,
    Reshape,
    SimpleRNN,
    SpatialDropout1D,
    TimeDistributed,
)
from .model import Sequential
from .models import clone_model, from_torch, load_model, model_from_json, save_model, to_torch
from .optimizers import SGD, Adagrad, Adam, AdamW, Lion, Nadam, RMSprop
from .report import report
from .settings import floatx, set_floatx, set_random_seed
from .surface.absent import getattr_of
from .testing.gradient import gradient_check
from .threads.how_many import get_num_threads, set_num_threads

__version__ = "0.2.0"

__all__ = [
    "GRU",
    "LSTM",
    "RNN",
    "SGD",
    "Activation",
    "Adagrad",
    "Adam",
    "AdamW",
    "Bidirectional",
    "Dense",
    "Dropout",
    "Embedding",
    "Flatten",
    "Input",
    "Layer",
    "LayerNormalization",
    "LeakyReLU",
    "Lion",
    "Masking",
    "Nadam",
    "RMSprop",
    "Recorder",
    "Recurrent",
    "RepeatVector",
    "Reshape",
    "Sequential",
    "SimpleRNN",
    "SpatialDropout1D",
    "TimeDistributed",
    "activation",
    "callbacks",
    "cell",
    "clone_model",
    "constraints",
    "floatx",
    "from_torch",
    "get_num_threads",
    "gradient_check",
    "initializers",
    "kernel",
    "load_model",
    "losses",
    "metrics",
    "model_from_json",
    "pad_sequences",
    "regularizers",
    "report",
    "save_model",
    "set_floatx",
    "set_num_threads",
    "set_random_seed",
    "sliding_windows",
    "stateful_batches",
    "to_categorical",
    "to_torch",
    "view",
]

if not TYPE_CHECKING:  # for whom there would be every name
    __getattr__ = getattr_of(__name__, __all__, later=("inside", "plotting", "reference"))
