"""Which kernels there are: each is known as soon as its decorator has made it, by its place.

Its place is a module and a name in it, under which any process finds it.
"""

import importlib
from operator import attrgetter
from weakref import WeakSet

made = WeakSet()  # kernels of this package, and of cells and activations of one's own


def place_of(kernel):
    """Names of a kernel's module and of its place in it."""
    return kernel.py_func.__module__, kernel._cache.place


def found(module, place):
    """What stands at a place of a module; None where nothing does."""
    try:
        return attrgetter(place)(importlib.import_module(module))
    except (AttributeError, ImportError):
        return None


def known_kernels():
    """All kernels that stand at a place of this package's modules, as far as those are there."""
    return sorted((one for one in made if found(*place_of(one)) is one), key=place_of)
