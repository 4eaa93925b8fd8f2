"""Arrays that ``keras.backend`` makes, as a script's own initialisers use them; here NumPy's."""

import numpy as np

from .. import floatx, initializers
from .drawn import Drawn


def random_normal(shape, mean=0.0, stddev=1.0, dtype=None, seed=None):
    """Normal numbers."""
    return Drawn(initializers.RandomNormal(mean, stddev), seed)(shape, dtype)


def random_uniform(shape, minval=0.0, maxval=1.0, dtype=None, seed=None):
    """Numbers between two bounds."""
    return Drawn(initializers.RandomUniform(minval, maxval), seed)(shape, dtype)


def truncated(shape, mean=0.0, stddev=1.0, dtype=None, seed=None):
    """Normal numbers within two standard deviations."""
    return Drawn(initializers.TruncatedNormal(mean, stddev), seed)(shape, dtype)


def random_normal_variable(shape, mean, scale, dtype=None, name=None, seed=None):
    """Normal numbers, as a variable."""
    return random_normal(shape, mean, scale, dtype, seed)


def random_uniform_variable(shape, low, high, dtype=None, name=None, seed=None):
    """Numbers between two bounds, as a variable."""
    return random_uniform(shape, low, high, dtype, seed)


def variable(value, dtype=None, name=None, constraint=None):
    """An array of its own."""
    return np.array(value, dtype or floatx())


def constant(value, dtype=None, shape=None, name=None):
    """An array of one value, or of those that are given."""
    return np.array(
        np.broadcast_to(value, np.shape(value) if shape is None else shape), dtype or floatx()
    )


def zeros(shape, dtype=None, name=None):
    """An array of zeros."""
    return np.zeros(shape, dtype or floatx())


def ones(shape, dtype=None, name=None):
    """An array of ones."""
    return np.ones(shape, dtype or floatx())


def eye(size, dtype=None, name=None):
    """The unit matrix."""
    return np.eye(size, dtype=dtype or floatx())


def cast(x, dtype):
    """The array in another dtype."""
    return np.asarray(x, dtype)


def dtype_of(x):
    """The name of the dtype: Python's numbers have that of floats."""
    return x.dtype.name if hasattr(x, "dtype") else floatx()


TABLE = {
    "random_normal": random_normal,
    "random_uniform": random_uniform,
    "truncated_normal": truncated,
    "random_normal_variable": random_normal_variable,
    "random_uniform_variable": random_uniform_variable,
    "variable": variable,
    "constant": constant,
    "zeros": zeros,
    "ones": ones,
    "eye": eye,
    "cast": cast,
    "dtype": dtype_of,
}
