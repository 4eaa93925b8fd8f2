"""Numerical gradients."""

import numpy as np


def finite_difference(f, array, eps=1e-5):
    """Central differences of the scalar f(), which reads array; array is restored in place."""
    gradient = np.zeros(array.shape)
    for index in np.ndindex(array.shape):
        value = array[index]
        array[index] = value + eps
        above = f()
        array[index] = value - eps
        below = f()
        array[index] = value
        gradient[index] = (above - below) / (2.0 * eps)
    return gradient
