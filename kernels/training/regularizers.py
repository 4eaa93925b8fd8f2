"""Penalties on the weights, added to the loss: l1 sum |w| + l2 sum w^2 of each tensor.

penalized (n, 2): start and stop of each tensor in theta;  penalties (n, 2): its l1 and l2.
"""

from functools import lru_cache

import numba
import numpy as np
from numba import types

from ..compiling import kernel


@lru_cache
def penalty_signatures(dtype):
    """Types of `penalty` and `penalty_gradient` for one dtype."""
    vector = types.Array(numba.from_dtype(np.dtype(dtype)), 1, "C")
    ranges, rates = types.Array(types.int64, 2, "C"), types.Array(types.float64, 2, "C")
    return types.float64(vector, ranges, rates), types.none(vector, vector, ranges, rates)


@kernel
def penalty(theta, penalized, penalties):
    """Sum over the tensors of l1 sum |w| + l2 sum w^2."""
    total = 0.0
    for k in range(len(penalized)):
        w = theta[penalized[k, 0] : penalized[k, 1]]
        absolute, squares = 0.0, 0.0
        for j in range(len(w)):
            absolute += abs(w[j])
            squares += w[j] * w[j]
        total += penalties[k, 0] * absolute + penalties[k, 1] * squares
    return total


@kernel
def penalty_gradient(theta, grad, penalized, penalties):
    """dw += l1 sign(w) + 2 l2 w for every tensor."""
    c = theta.dtype.type
    for k in range(len(penalized)):
        w = theta[penalized[k, 0] : penalized[k, 1]]
        dw = grad[penalized[k, 0] : penalized[k, 1]]
        l1, l2 = c(penalties[k, 0]), c(2.0 * penalties[k, 1])
        for j in range(len(w)):
            sign = c(1) if w[j] > 0 else (c(-1) if w[j] < 0 else c(0))
            dw[j] += l1 * sign + l2 * w[j]
