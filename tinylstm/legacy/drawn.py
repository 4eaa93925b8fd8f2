"""What draws initial values in an old script: objects, functions of a shape, its own functions."""

import numpy as np

from .. import floatx
from ..settings import new_seed
from ..surface.arguments import as_list
from ..surface.callables import name_of, takes
from .missing import missing


class Initializer:
    """What a script's own class of initialisers is made from: it has ``__call__(shape, dtype)``."""

    def __call__(self, shape, dtype=None):
        raise missing(f"{type(self).__name__} without a __call__(shape, dtype) of its own")


class Drawn(Initializer):
    """An initialiser of Keras 2: alone, with a shape, it gives an array.

    Parameters
    ----------
    draw : callable
        The array, of a shape and a generator.
    seed : int, optional
        By default a model's or, alone, a new one.
    """

    def __init__(self, draw, seed=None):
        self.drawn, self.seed = draw, seed

    def draw(self, shape, rng):
        """The initial values of a layer, whose model has this generator."""
        return self.drawn(shape, rng if self.seed is None else np.random.default_rng(self.seed))

    def __call__(self, shape, dtype=None, **kwargs):
        return alone(self.draw, shape, dtype)


class OfShape:
    """An initialiser of Keras 1: a function of a shape, ``initializations.normal((3, 4), 0.01)``.

    Parameters
    ----------
    make : callable
        Makes what draws, of the scale where it has one.
    """

    def __init__(self, make):
        self.make = make

    def draw(self, shape, rng):
        """The initial values of a layer."""
        return self.make()(shape, rng)

    def __call__(self, shape, *scale, name=None, dim_ordering=None, **scales):
        return alone(self.make(*scale, **scales), shape)


class Own:
    """A script's own initialiser, given the dtype and the name of a parameter where it takes them.

    Parameters
    ----------
    function : callable
    """

    def __init__(self, function):
        self.function = function
        self.__name__ = name_of(function)

    def __call__(self, shape, rng):
        offered = {"dtype": floatx(), "name": "initial_value"}
        for names in (("dtype", "name"), ("dtype",), ("name",)):
            given = {name: offered[name] for name in names}
            if takes(self.function, shape, **given):
                return self.function(shape, **given)
        return self.function(shape)


def alone(draw, shape, dtype=None):
    """What an initialiser draws outside of a model."""
    rng = np.random.default_rng(new_seed())
    return np.asarray(draw(tuple(as_list(shape, "shape")), rng), dtype or floatx())


class GateByGate:
    """Draws each gate's weights as a matrix of its own, as Keras 1 did.

    Parameters
    ----------
    initializer : callable
    gates : int
        How many there are.
    """

    def __init__(self, initializer, gates):
        self.initializer, self.gates = initializer, gates

    def __call__(self, shape, rng):
        gate = (*shape[:-1], shape[-1] // self.gates)
        return np.concatenate([self.initializer(gate, rng) for _ in range(self.gates)], axis=-1)
