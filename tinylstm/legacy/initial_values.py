"""Initialisers of Keras 1 and 2, by name and as classes with a seed."""

import numpy as np

from .. import initializers
from ..errors import find
from ..initializers import STDDEV_WITHIN_2, Constant, RandomNormal, RandomUniform, VarianceScaling
from .dialect import spoken


class Seeded:
    """An initialiser that draws from a seed of its own.

    Parameters
    ----------
    initializer : callable
    seed : int
    """

    def __init__(self, initializer, seed):
        self.initializer, self.seed = initializer, seed

    def __call__(self, shape, rng):
        return self.initializer(shape, np.random.default_rng(self.seed))


class GateByGate:
    """Draws each of the four gates' weights as a matrix of its own, as Keras 1 did.

    Parameters
    ----------
    initializer : callable
    """

    def __init__(self, initializer):
        self.initializer = initializer

    def __call__(self, shape, rng):
        gate = (*shape[:-1], shape[-1] // 4)
        return np.concatenate([self.initializer(gate, rng) for _ in range(4)], axis=-1)


class Factory:
    """A class of initialisers as Keras had it: with a seed; uncalled it stands for its defaults.

    Parameters
    ----------
    make : callable
        Makes the initialiser from the other arguments.
    """

    def __init__(self, make):
        self.make = make

    def __call__(self, *args, seed=None, dtype=None, **kwargs):
        drawn = self.make(*args, **kwargs)
        return drawn if seed is None else Seeded(drawn, seed)


def orthogonal(gain=1.0):
    """Orthonormal rows or columns, times a gain."""
    return lambda shape, rng: gain * initializers.orthogonal(shape, rng)


def identity(gain=1.0):
    """The unit matrix, times a gain."""
    return lambda shape, rng: gain * np.eye(*shape)


def truncated_normal(mean=0.0, stddev=0.05):
    """Normal within two standard deviations of its mean."""
    width = stddev * STDDEV_WITHIN_2  # `initializers.truncated_normal` is wider by this
    return lambda shape, rng: mean + initializers.truncated_normal(width, shape, rng)


def variance_scaling(scale=1.0, mode="fan_in", distribution="normal"):
    """`VarianceScaling`, whose "normal" was the truncated one."""
    names = {"normal": "truncated_normal"}
    return VarianceScaling(scale, mode, names.get(distribution, distribution))


def always(name):
    """Makes the initialiser of a name; it has no settings."""
    return lambda: initializers.get(name)


CLASSES = {
    "Zeros": always("zeros"),
    "Ones": always("ones"),
    "Constant": Constant,
    "RandomNormal": RandomNormal,
    "RandomUniform": RandomUniform,
    "TruncatedNormal": truncated_normal,
    "VarianceScaling": variance_scaling,
    "Orthogonal": orthogonal,
    "Identity": identity,
    "GlorotUniform": always("glorot_uniform"),
    "GlorotNormal": always("glorot_normal"),
    "HeUniform": always("he_uniform"),
    "HeNormal": always("he_normal"),
    "LecunUniform": always("lecun_uniform"),
    "LecunNormal": always("lecun_normal"),
}
NAMES = {
    "zero": "Zeros",
    "one": "Ones",
    "uniform": "RandomUniform",
    "normal": "RandomNormal",
    **{name: name for name in CLASSES},
    "zeros": "Zeros",
    "ones": "Ones",
    "constant": "Constant",
    "random_normal": "RandomNormal",
    "random_uniform": "RandomUniform",
    "truncated_normal": "TruncatedNormal",
    "orthogonal": "Orthogonal",
    "identity": "Identity",
    "glorot_uniform": "GlorotUniform",
    "glorot_normal": "GlorotNormal",
    "he_uniform": "HeUniform",
    "he_normal": "HeNormal",
    "lecun_uniform": "LecunUniform",
    "lecun_normal": "LecunNormal",
}
FACTORIES = {name: Factory(CLASSES[kind]) for name, kind in NAMES.items()}
KERAS1 = {  # where it drew otherwise
    "orthogonal": orthogonal(1.1),
    "glorot_normal": VarianceScaling(1.0, "fan_avg", "untruncated_normal"),
    "he_normal": VarianceScaling(2.0, "fan_in", "untruncated_normal"),
}


def initializer(value):
    """An initialiser, a function of a shape and a generator, from what a script gives.

    Raises
    ------
    ValueError
        If the name is unknown; names the nearest known one.
    """
    if isinstance(value, str) and spoken().number < (2,) and value in KERAS1:
        return KERAS1[value]
    if isinstance(value, str):
        value = find(FACTORIES, str(value), "initializer")
    return value() if isinstance(value, Factory) else value
