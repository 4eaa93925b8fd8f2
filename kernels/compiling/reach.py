"""What a kernel reaches, all that its machine code is made of: its digest is the cache's key.

It is read from the functions in memory, for these are compiled. Comments, docstrings and line
numbers are no part of it, nor is anything that no code of it names.
"""

from enum import Enum
from functools import cache, cached_property
from operator import is_
from types import BuiltinFunctionType, FunctionType, ModuleType
from typing import NamedTuple
from weakref import WeakKeyDictionary

import numpy as np
from llvmlite import ir
from numba.core import types
from numba.core.dispatcher import Dispatcher
from numba.extending import _Intrinsic

from .bytecode import digest
from .constants import PLAIN
from .description import Description, Unseen, members_of, values_of
from .overloads import overloads_of, registered
from .packages import name_of

__all__ = ["Reach", "Unseen", "dispatchers", "reach"]

# Values that are the same as long as they are the same object, or have a description of their own.
FIXED = {
    *(FunctionType, BuiltinFunctionType, ModuleType, type, Enum),
    *(Dispatcher, _Intrinsic, types.Type, ir.Type, ir.Constant),
    *(np.ufunc, np.generic, np.dtype),
    *(property, staticmethod, classmethod, cached_property),
}
_known = WeakKeyDictionary()  # function or class: its values, and what was said of it with them
_registered = [None]  # the overloads that there were then


class Reach(NamedTuple):
    """What a dispatcher reaches."""

    key: str  # its digest
    things: list


def reach(dispatcher):
    """What a dispatcher reaches, as it is now.

    Raises
    ------
    Unseen
        If something cannot be described.
    """
    if _registered[0] != registered():
        _known.clear()
        _registered[0] = registered()
    numbers, things, said = {}, [], []

    def number(thing, named):
        key = id(thing), id(named)
        if key not in numbers:
            numbers[key] = len(things)
            things.append((thing, named))
        return numbers[key]

    number(dispatcher, None)
    for thing in things:  # they become more meanwhile; cycles end, for each has one number
        text, reached = described(*thing)
        said.append((text, [number(*one) for one in reached]))
    return Reach(digest(said)[:20], [thing for thing, _ in things])


def described(thing, named):
    """Digest of what there is to say of a thing, and the things that it reaches itself.

    Of a function or a class it is known as long as all names in it stand for the same.
    """
    kept, values = isinstance(thing, FunctionType | Dispatcher | _Intrinsic | type), []
    if isinstance(thing, FunctionType):
        values = [thing.__code__, *values_of(thing)]
    elif isinstance(thing, type):
        values = [thing.__bases__, *(one for item in members_of(thing).items() for one in item)]
    if kept and thing in _known:
        before, said = _known[thing]
        if len(before) == len(values) and all(map(is_, before, values)):
            return said
    one = Description(thing, named)
    said = digest(one.text), one.reached
    if kept and all(map(is_fixed, values[1:])):
        _known[thing] = values, said
    return said


def is_fixed(value):
    """Whether a value stays what it is as long as it is the same object."""
    if type(value) is tuple:
        return all(map(is_fixed, value))
    return is_of_fixed(type(value))


@cache
def is_of_fixed(kind):
    """The same of all values of a type; some have a description of their own."""
    return kind in PLAIN or not FIXED.isdisjoint(kind.__mro__)


def dispatchers(things):
    """Those among things, with Numba's own ones of overloads, but without those of packages."""
    templates = [one for thing in things for one in overloads_of(id(thing))]
    made = [one for template in templates for one, *_ in template._impl_cache.values()]
    found = [one for one in [*things, *made] if isinstance(one, Dispatcher)]
    return [one for one in found if name_of(one.py_func) is None]
