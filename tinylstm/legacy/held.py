"""What an old script has in its hands: it holds a thing of this package, which does the work."""

from copy import copy

from ..surface.absent import say_again
from ..surface.errors import mismatch
from .missing import MISSING_OF_ALL


class Holder:
    """An old layer, model or optimiser: what it does not say itself, the one that it holds answers.

    Attributes
    ----------
    held : Layer, Sequential or Optimizer
        Of this package, made of the old arguments; None before.
    """

    held = None

    def hands_on(self, name):
        """Whether an attribute is that of the thing which it holds, and Keras had no other one."""
        has = hasattr(type(self.held), name) or name in getattr(self.held, "__dict__", ())
        return has and not name.startswith("_") and name not in MISSING_OF_ALL

    def __getattr__(self, name):
        say_again(self, name)
        if self.hands_on(name):
            return getattr(self.held, name)
        raise self.lacks(name)

    def __setattr__(self, name, value):
        found, theirs = (getattr(type(one), name, None) for one in (self, self.held))
        is_read_only = isinstance(found, property) and found.fset is None
        refuses = is_read_only and hasattr(theirs, "__set__")  # and says what does
        if self.hands_on(name) and (found is None or refuses):
            setattr(self.held, name, value)
        else:
            super().__setattr__(name, value)

    @classmethod
    def holding(cls, held):
        """One of this kind around what was made without the script: from a file, say."""
        one = object.__new__(cls)
        vars(one).update(cls.found_in(held), held=held)
        return one

    @classmethod
    def found_in(cls, held):
        """What else one of this kind has, {name: value}."""
        return {}

    def around(self, held):
        """One like it, which holds another thing."""
        twin = object.__new__(type(self))
        vars(twin).update(vars(self), held=held)
        return twin

    def __copy__(self):
        return self.around(copy(self.held))

    def __deepcopy__(self, memo):
        return copy(self)

    def __reduce_ex__(self, protocol):
        way_out = "model.save(path), copy.copy"
        raise mismatch(f"{self!r} cannot be pickled.", way_out, "pickle", TypeError)

    def __dir__(self):
        return sorted({*super().__dir__(), *dir(self.held)})

    def __repr__(self):
        return repr(self.held).replace(type(self.held).__name__, type(self).__name__, 1)


def held_of(thing):
    """What this package is given of a thing of a script: what it holds, or the thing itself."""
    return thing.held if isinstance(thing, Holder) else thing


OLD_KINDS = {}  # {layer or optimiser of this package: the old kind}


def old_one(held):
    """What a script gets of a thing of this package: an old one around it, or the thing itself."""
    old = next((OLD_KINDS[base] for base in type(held).__mro__ if base in OLD_KINDS), None)
    return held if old is None else old.holding(held)
