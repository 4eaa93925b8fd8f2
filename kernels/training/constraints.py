"""Constraints on the weights: what each parameter is after an update.

``constrain(tensor, w)`` is called by address and changes w (n, m) in place, of a vector (n, 1). The
norms are those of its columns: in a kernel (D, K) what a unit reads. Along another axis a parameter
is several such matrices. ``tensor.option`` has the numbers that the constraint was made with.

Source: Keras, ``constraints/constraints.py``.
"""

import math

import numpy as np

from ..compiling import call, inner, kernel, view

EPSILON = 1e-7  # added to a norm before something is divided by it


@kernel
def apply_constraints(theta, constraints):
    """Apply each to its tensor, matrix by matrix."""
    for k in range(len(constraints)):
        one = constraints[k]
        size = one.rows * one.columns
        for block in range(one.blocks):
            w = view(theta, one.start + block * size, (one.rows, one.columns))
            call(one.kernel, (one, w))


@inner
def norm(w, j):
    """Square root of the sum of squares of column j."""
    squares = 0.0
    for i in range(w.shape[0]):
        squares += np.float64(w[i, j]) * np.float64(w[i, j])
    return w.dtype.type(math.sqrt(squares))


@inner
def rescale(w, j, length, wanted):
    """Column j, which is so long, becomes as long as is wanted: w *= wanted / (length + 1e-7)."""
    factor = wanted / (w.dtype.type(EPSILON) + length)
    for i in range(w.shape[0]):
        w[i, j] *= factor


@kernel
def max_norm(tensor, w):
    """|w| <= max_value, option 0: longer columns are scaled to it."""
    most = w.dtype.type(tensor.option[0])
    for j in range(w.shape[1]):
        length = norm(w, j)
        rescale(w, j, length, min(length, most))


@kernel
def unit_norm(tensor, w):
    """|w| = 1."""
    for j in range(w.shape[1]):
        rescale(w, j, norm(w, j), w.dtype.type(1))


@kernel
def min_max_norm(tensor, w):
    """|w| goes a share of its way into a range: options are min_value, max_value, rate."""
    c = w.dtype.type
    least, most, rate = c(tensor.option[0]), c(tensor.option[1]), c(tensor.option[2])
    for j in range(w.shape[1]):
        length = norm(w, j)
        wanted = rate * min(max(length, least), most) + (c(1) - rate) * length
        rescale(w, j, length, wanted)


@kernel
def non_negative(tensor, w):
    """w >= 0: what is below becomes zero."""
    c = w.dtype.type
    for i in range(w.shape[0]):
        for j in range(w.shape[1]):
            w[i, j] = max(w[i, j], c(0))
