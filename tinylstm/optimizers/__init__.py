"""Optimisers: their hyper-parameters and what they remember; the arithmetic is in ``kernels``."""

from .built_in import OPTIMIZERS as OPTIMIZERS
from .built_in import SGD, Adagrad, Adam, AdamW, Lion, Nadam, RMSprop
from .built_in import get as get
from .hyper_parameters import (
    HyperParameter,
    RunningNumber,
    checked_choice,
    checked_rate,
    checked_share,
)
from .optimizer import Optimizer

__all__ = [
    "SGD",
    "Adagrad",
    "Adam",
    "AdamW",
    "HyperParameter",
    "Lion",
    "Nadam",
    "Optimizer",
    "RMSprop",
    "RunningNumber",
    "checked_choice",
    "checked_rate",
    "checked_share",
]
