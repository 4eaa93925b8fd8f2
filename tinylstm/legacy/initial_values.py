"""Initialisers of Keras 1 and 2, by name and as classes with a seed."""

from .. import initializers
from ..initializers import (
    Constant,
    RandomNormal,
    RandomUniform,
    TruncatedNormal,
    VarianceScaling,
)
from ..surface.arguments import find
from .dialect import spoken
from .drawn import Drawn, Identity, OfShape, Orthogonal, Own


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
        return Drawn(self.make(*args, **kwargs), seed)


def orthogonal(gain=1.0):
    """Orthonormal rows or columns, times a gain."""
    return initializers.orthogonal if gain == 1 else Orthogonal(gain)


def variance_scaling(scale=1.0, mode="fan_in", distribution="normal"):
    """`VarianceScaling`, whose "normal" was the truncated one."""
    names = {"normal": "truncated_normal"}
    return VarianceScaling(scale, mode, names.get(distribution, distribution))


def always(name):
    """Makes the initialiser of a name; it has no settings."""
    return lambda: initializers.get(name)


WITHOUT_SETTINGS = (
    *("zeros", "ones", "glorot_uniform", "glorot_normal", "he_uniform", "he_normal"),
    *("lecun_uniform", "lecun_normal"),
)
MAKERS = {
    **{name: always(name) for name in WITHOUT_SETTINGS},
    "constant": Constant,
    "random_normal": RandomNormal,
    "random_uniform": RandomUniform,
    "truncated_normal": TruncatedNormal,
    "variance_scaling": variance_scaling,
    "orthogonal": orthogonal,
    "identity": Identity,
}
MAKERS |= {  # also as a class, GlorotUniform, and under older names
    **{name.title().replace("_", ""): make for name, make in MAKERS.items()},
    **{"zero": MAKERS["zeros"], "one": MAKERS["ones"]},
    **{"uniform": RandomUniform, "normal": RandomNormal},
}
FACTORIES = {name: Factory(make) for name, make in MAKERS.items()}
KERAS1 = {  # where it drew otherwise
    "orthogonal": orthogonal(1.1),
    "glorot_normal": VarianceScaling(1.0, "fan_avg", "untruncated_normal"),
    "he_normal": VarianceScaling(2.0, "fan_in", "untruncated_normal"),
}


KERAS1_FUNCTIONS = {
    **{name: OfShape(always(name)) for name in ("glorot_uniform", "he_uniform", "lecun_uniform")},
    **{name: OfShape(lambda name=name: KERAS1[name]) for name in ("glorot_normal", "he_normal")},
    "normal": OfShape(lambda scale=0.05: RandomNormal(0.0, scale)),
    "uniform": OfShape(lambda scale=0.05: RandomUniform(-scale, scale)),
    "orthogonal": OfShape(lambda scale=1.1: orthogonal(scale)),
    "identity": OfShape(Identity),
    "zero": OfShape(always("zeros")),
    "one": OfShape(always("ones")),
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
    value = get(value)
    if isinstance(value, Drawn | OfShape):
        return value.initializer()
    return Own(value) if callable(value) else value


def get(value):
    """``initializers.get``: what a name stands for, or what was given."""
    if isinstance(value, str):
        value = find(FACTORIES, str(value), "initializer")
    made = value() if isinstance(value, Factory) else value
    return made() if isinstance(made, type) else made


def get_of_keras1(value):
    """``initializations.get``."""
    return find(KERAS1_FUNCTIONS, value, "initializer") if isinstance(value, str) else value
