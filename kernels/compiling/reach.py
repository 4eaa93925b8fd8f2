"""What a kernel reaches, all that its machine code is made of: its digest is the cache's key.

That is the code of the kernel and of what it calls, the values of the names in them, closures and
defaults, the settings of the compiler, what intrinsics generate and overloads put in a function's
place. It is read from the functions in memory, for these are compiled. Comments, docstrings and
line numbers are no part of it, nor is anything that no code of it names. What belongs to Python,
NumPy, Numba or another installed package counts by its name and the package's version.
"""

from enum import Enum
from functools import lru_cache
from types import FunctionType, ModuleType
from typing import NamedTuple

from numba.core import types
from numba.core.dispatcher import Dispatcher
from numba.extending import _Intrinsic

from .bytecode import code_of, digest
from .constants import text_of
from .overloads import overloads
from .packages import home, name_of

NOTHING = object()  # what a name stands for that nobody has defined
ABOUT = {  # what a class says of itself
    *("__doc__", "__module__", "__qualname__", "__annotations__", "__dict__", "__weakref__"),
    *("__firstlineno__", "__static_attributes__"),
}


class Unseen(Exception):
    """Something that may change without being seen; the message says what."""


class Reach(NamedTuple):
    """What a dispatcher reaches."""

    key: str  # its digest
    dispatchers: list  # those that machine code of it is put together from, but for packages' own


def reach(dispatcher):
    """What a dispatcher reaches, as it is now.

    Raises
    ------
    Unseen
        If something cannot be described.
    """
    walk = Walk()
    walk.number(dispatcher)
    described = [walk.described(*thing) for thing in walk.things]  # they become more meanwhile
    own = [thing for thing, _ in walk.things if isinstance(thing, Dispatcher)]
    own = [one for one in own if name_of(one.py_func) is None]
    return Reach(digest(described)[:20], own + walk.overloading)


class Walk:
    """The way through it all, in texts, numbers and lists that are the same in every process.

    What can reach more has a number, and is described once: so cycles end. `named` are the names in
    the code that uses a value: a module is described by those of its attributes alone.
    """

    def __init__(self):
        self.things, self.numbers = [], {}
        self.overloading = []  # dispatchers that Numba has made of overloads

    def number(self, thing, named=None):
        """Number of something that is described apart."""
        key = id(thing), id(named)
        if key not in self.numbers:
            self.numbers[key] = len(self.things)
            self.things.append((thing, named))
        return self.numbers[key]

    def described(self, thing, named):
        """What there is to say of something that has a number."""
        return next(way for kind, way in APART if isinstance(thing, kind))(self, thing, named)

    def value(self, value, named=frozenset()):
        """What a name stands for."""
        text = "nothing" if value is NOTHING else text_of(value)
        if text is not None:
            return text
        for kind, way in WAYS:
            if isinstance(value, kind):
                return way(self, value, named)
        name = name_of(value)
        if name is not None:
            return name, self.overloads(id(value))
        raise Unseen(f"an object of {type(value)}")

    def values(self, values, named=frozenset()):
        return [self.value(value, named) for value in values]

    def table(self, table, named=frozenset()):
        return [(self.value(name), self.value(value, named)) for name, value in table.items()]

    def options(self, options):
        """A table whose order does not matter."""
        return self.table(dict(sorted(options.items())))

    def overloads(self, name):
        """What takes the place of a function, by its id, or of a method, by its name."""
        found = overloads().get(name, ())
        made = [one for template in found for one, *_ in template._impl_cache.values()]
        self.overloading += [one for one in made if isinstance(one, Dispatcher)]
        return [
            (self.options(vars(one).get("_jit_options", {})), self.number(one._overload_func))
            for one in found
        ]

    def dispatcher(self, dispatcher, named):
        compiler, kind = dispatcher._compiler, type(dispatcher).__qualname__
        options = self.options(dispatcher.targetoptions), self.options(compiler.locals)
        return kind, self.value(compiler.pipeline_class), options, self.value(dispatcher.py_func)

    def intrinsic(self, intrinsic, named):
        options = {**intrinsic._ctor_kwargs, "prefer_literal": intrinsic._prefer_literal}
        return self.options(options), self.value(intrinsic._defn)

    def function(self, function, named):
        """Where it stands, its code, and the values of all names in it."""
        code = code_of(function.__code__)
        for module in code.imported:
            if home(module) is None:
                raise Unseen(f"an import in {function.__qualname__}")
        names, built_in = function.__globals__, function.__builtins__
        read = [names.get(name, built_in.get(name, NOTHING)) for name in code.read]
        cells = map(content, function.__closure__ or ())
        methods = sorted(code.named & overloads().keys())
        return (
            (function.__module__, function.__qualname__, code.digest),
            self.values([function.__defaults__, *cells, *read], code.named),
            self.options(function.__kwdefaults__ or {}),
            [self.overloads(name) for name in methods],
        )

    def module(self, module, named):
        found = {name: getattr(module, name, NOTHING) for name in sorted(named)}
        return self.table({n: one for n, one in found.items() if one is not NOTHING}, named)

    def named(self, value, named):
        """A function or a class, of a package or of anybody."""
        name = name_of(value)
        return self.number(value) if name is None else name, self.overloads(id(value))

    def members(self, kind, named):
        """Of anybody's class: what intrinsics are written with, numbers by name, named tuples."""
        if issubclass(kind, BaseException):  # what would be raised is another one of that name
            raise Unseen(f"the exception {kind.__qualname__}")
        if issubclass(kind, Enum):
            return kind.__qualname__, self.values(kind)
        if issubclass(kind, tuple):
            return kind.__qualname__, getattr(kind, "_fields", ()), self.values(kind.__bases__)
        own = {name: one for name, one in vars(kind).items() if name not in ABOUT}
        return kind.__qualname__, self.values(kind.__bases__), self.options(own)


def content(cell):
    """The value of a variable of a closure."""
    try:
        return cell.cell_contents
    except ValueError:  # it has none yet
        return NOTHING


def elements(walk, values, named):
    """Those of a set, whose order is another one in each process."""
    texts = [text_of(value) for value in values]
    if None in texts:
        raise Unseen("a set of objects")
    return sorted(texts)


APART = [  # what has a number
    (Dispatcher, Walk.dispatcher),
    (_Intrinsic, Walk.intrinsic),
    (FunctionType, Walk.function),
    (ModuleType, Walk.module),
    (type, Walk.members),
    (list, lambda walk, values, named: walk.values(values)),
    (dict, lambda walk, table, named: walk.table(table)),
]
WAYS = [  # what a value is described as
    (Dispatcher | _Intrinsic | list | dict, lambda walk, one, named: walk.number(one)),
    (ModuleType, lambda walk, module, named: home(module.__name__) or walk.number(module, named)),
    (tuple, lambda walk, one, named: (walk.named(type(one), named), walk.values(one, named))),
    (set | frozenset, elements),
    (FunctionType | type, Walk.named),
    (types.Dispatcher, lambda walk, one, named: walk.number(one.dispatcher)),
    (property, lambda walk, one, named: walk.values([one.fget, one.fset, one.fdel])),
    (staticmethod | classmethod, lambda walk, one, named: walk.value(one.__func__)),
    (type(lru_cache(len)), lambda walk, one, named: walk.value(one.__wrapped__, named)),
]
