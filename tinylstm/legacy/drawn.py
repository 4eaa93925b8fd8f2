"""What draws initial values in an old script: objects, functions of a shape, its own functions."""

import numpy as np

from .. import floatx, initializers
from ..settings import new_seed
from ..surface.arguments import finite_number, shape_of, whole_number
from ..surface.callables import name_of, takes
from ..surface.described import Described
from ..surface.errors import mismatch
from .held import Holder
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

    def initializer(self):
        """What draws the initial values of a layer."""
        return self.drawn if self.seed is None else Seeded(self.drawn, self.seed)

    def __call__(self, shape, dtype=None, **kwargs):
        return alone(self.initializer(), shape, dtype)


class OfShape:
    """An initialiser of Keras 1: a function of a shape, ``initializations.normal((3, 4), 0.01)``.

    Parameters
    ----------
    make : callable
        Makes what draws, of the scale where it has one.
    """

    def __init__(self, make):
        self.make = make

    def initializer(self):
        """What draws the initial values of a layer."""
        return self.make()

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
    return np.asarray(draw(tuple(shape_of(shape, "shape")), rng), dtype or floatx())


class Seeded(Described):
    """Draws the same values each time, whatever the model's generator.

    Parameters
    ----------
    initializer : callable
    seed : int
    """

    def __init__(self, initializer, seed):
        self.initializer, self.seed = initializers.get(initializer), seed

    def __call__(self, shape, rng):
        return self.initializer(shape, np.random.default_rng(self.seed))


class Orthogonal(Described):
    """Orthonormal rows or columns, times a gain."""

    def __init__(self, gain):
        self.gain = finite_number(gain, "gain")

    def __call__(self, shape, rng):
        return self.gain * initializers.orthogonal(shape, rng)


class Identity(Described):
    """The unit matrix, times a gain."""

    def __init__(self, gain=1.0):
        self.gain = finite_number(gain, "gain")

    def __call__(self, shape, rng):
        return self.gain * np.eye(*shape)


class GateByGate(Described):
    """Draws each gate's weights as a matrix of its own, as Keras 1 did.

    Parameters
    ----------
    initializer : callable
    gates : int
        How many there are.
    """

    def __init__(self, initializer, gates):
        self.initializer = initializers.get(initializer)
        self.gates = whole_number(gates, "The number of gates")

    def __call__(self, shape, rng):
        if not shape[-1] or shape[-1] % self.gates:
            expected = f"some columns for each of {self.gates} gates"
            raise mismatch("The columns are not those of gates.", expected, f"shape {shape}")
        gate = (*shape[:-1], shape[-1] // self.gates)
        return np.concatenate([self.initializer(gate, rng) for _ in range(self.gates)], axis=-1)


def here(custom_objects):
    """What names mean in a file, for this package: without old kinds, which it knows, and with a
    script's own functions as initialisers, which are all that they can be.

    Parameters
    ----------
    custom_objects : dict or None
    """
    if not isinstance(custom_objects, dict):
        return custom_objects
    return {
        name: thing if isinstance(thing, type) or not callable(thing) else Own(thing)
        for name, thing in custom_objects.items()
        if not isinstance(thing, type) or not issubclass(thing, Holder)
    }
