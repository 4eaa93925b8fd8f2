"""The models that ``python -m tinylstm gradcheck`` checks."""

import numpy as np

from ..gradient import gradient_check
from . import of_cells, of_layers, of_lstm

CHECKS = {check.__name__: check for check in (*of_lstm.CHECKS, *of_layers.CHECKS, *of_cells.CHECKS)}


def run_check(name, how=gradient_check):
    """The `GradientReport` of a built-in model, by central differences or by another check."""
    return CHECKS[name](np.random.default_rng(1)).check(how)
