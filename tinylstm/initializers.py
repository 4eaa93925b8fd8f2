"""Initial values of parameters, as Keras draws them: functions of a shape and a generator."""

import numpy as np

from .errors import find


def zeros(shape, rng):
    """All zeros."""
    return np.zeros(shape)


def ones(shape, rng):
    """All ones."""
    return np.ones(shape)


def glorot_uniform(shape, rng):
    """Uniform in +-sqrt(6 / (fan_in + fan_out)).  Source: Glorot and Bengio 2010, eq. 16."""
    limit = np.sqrt(6.0 / (shape[0] + shape[-1]))
    return rng.uniform(-limit, limit, shape)


def orthogonal(shape, rng):
    """Orthonormal rows or columns, whichever are fewer, over the whole matrix.

    Source: Saxe, McClelland and Ganguli 2014; Keras draws an LSTM's (H, 4H) as one matrix.
    """
    rows, columns = shape
    q, r = np.linalg.qr(rng.standard_normal((max(rows, columns), min(rows, columns))))
    q *= np.sign(np.diag(r))
    return q if rows >= columns else q.T


class Constant:
    """Every element is one value."""

    def __init__(self, value=0.0):
        self.value = value

    def __call__(self, shape, rng):
        return np.full(shape, float(self.value))


class RandomNormal:
    """Normal with a mean and a standard deviation."""

    def __init__(self, mean=0.0, stddev=0.05):
        self.mean, self.stddev = mean, stddev

    def __call__(self, shape, rng):
        return rng.normal(self.mean, self.stddev, shape)


class RandomUniform:
    """Uniform between two bounds."""

    def __init__(self, minval=-0.05, maxval=0.05):
        self.minval, self.maxval = minval, maxval

    def __call__(self, shape, rng):
        return rng.uniform(self.minval, self.maxval, shape)


INITIALIZERS = {
    "zeros": zeros,
    "ones": ones,
    "constant": Constant(),
    "random_normal": RandomNormal(),
    "random_uniform": RandomUniform(),
    "glorot_uniform": glorot_uniform,
    "orthogonal": orthogonal,
}


def get(initializer):
    """An initialiser by name, or the function that was given."""
    return initializer if callable(initializer) else find(INITIALIZERS, initializer, "initializer")
