"""Constraints on weights: what a parameter is after an update.  Source: Keras.

Each takes w and returns it anew; a norm is the root of the sum of squares along one axis or more.
"""

import numpy as np

EPSILON = 1e-7


def norms(w, axis):
    """Root of the sum of squares along the axis, or along several, which stay with length 1."""
    axes = range(w.ndim) if axis is None else np.atleast_1d(axis) % w.ndim
    shape = [1 if k in axes else n for k, n in enumerate(w.shape)]
    squares = np.zeros(shape)
    for index in np.ndindex(w.shape):
        squares[tuple(0 if k in axes else i for k, i in enumerate(index))] += w[index] ** 2
    return np.sqrt(squares)


def max_norm(w, max_value, axis=0):
    """w times min(|w|, max_value) / (|w| + 1e-7)."""
    length = norms(w, axis)
    return w * np.minimum(length, max_value) / (length + EPSILON)


def unit_norm(w, axis=0):
    """w / (|w| + 1e-7)."""
    return w / (norms(w, axis) + EPSILON)


def min_max_norm(w, min_value, max_value, rate, axis=0):
    """The norm goes a share, rate, of its way to the nearest one that is allowed."""
    length = norms(w, axis)
    wanted = rate * np.clip(length, min_value, max_value) + (1 - rate) * length
    return w * wanted / (length + EPSILON)


def non_negative(w):
    """What is below zero becomes zero."""
    return np.maximum(w, 0)
