"""What there is to say of a function, a dispatcher, a class, in texts that every process would use.

That is the code, the values of the names in it, closures and defaults, the compiler's settings,
what an intrinsic generates and overloads put in a function's place. What belongs to Python, NumPy,
Numba or another installed package counts by its name and the package's version.
"""

from enum import Enum
from functools import cache, cached_property, lru_cache
from types import FunctionType, ModuleType

from numba.core import types
from numba.core.dispatcher import Dispatcher
from numba.extending import _Intrinsic

from .bytecode import code_of
from .constants import text_of
from .overloads import names_of_methods, overloads_of
from .packages import home, name_of

ABOUT = {  # what a class says of itself
    *("__doc__", "__module__", "__qualname__", "__annotations__", "__dict__", "__weakref__"),
    *("__firstlineno__", "__static_attributes__", "__annotate_func__", "__annotations_cache__"),
    *("__abstractmethods__", "_abc_impl"),
}


class Unseen(Exception):
    """Something that may change without being seen; the message says what."""


class Nothing:
    """What a name stands for that nobody has defined, or a variable before it has a value."""


NOTHING = Nothing()


class Description:
    """Of one thing: texts, and which other things it reaches, each of which has its own.

    Attributes
    ----------
    text : nested tuples and lists of texts
    reached : list of (thing, named)
        `named` are the names in the code that uses it: of a module its attributes of these names
        count, and no others.
    """

    def __init__(self, thing, named):
        self.reached = []
        self.text = of_thing(type(thing))(self, thing, named)

    def value(self, value, named=frozenset()):
        """What a name stands for."""
        text = text_of(value)
        return of_value(type(value))(self, value, named) if text is None else text

    def values(self, values, named=frozenset()):
        return [self.value(value, named) for value in values]

    def table(self, table, named=frozenset()):
        return [(self.value(name), self.value(value, named)) for name, value in table.items()]

    def options(self, options):
        """A table whose order does not matter."""
        return self.table(dict(sorted(options.items())))

    def apart(self, thing, named=None):
        """Something that has a description of its own."""
        self.reached.append((thing, named))
        return "apart"

    def function(self, function, named):
        """Where it stands, its code, and the values of all names in it."""
        code = code_of(function.__code__)
        for module in code.imported:
            if home(module) is None:
                raise Unseen(f"an import in {function.__qualname__}")
        return (
            (function.__module__, function.__qualname__, code.digest),
            self.values(values_of(function), code.named),
            [self.overloads(name) for name in sorted(code.named & names_of_methods())],
        )

    def dispatcher(self, dispatcher, named):
        compiler = dispatcher._compiler
        kinds = self.values([type(dispatcher), type(compiler), compiler.pipeline_class])
        options = self.options(dispatcher.targetoptions), self.options(compiler.locals)
        return kinds, options, self.value(dispatcher.py_func)

    def intrinsic(self, intrinsic, named):
        options = {**intrinsic._ctor_kwargs, "prefer_literal": intrinsic._prefer_literal}
        return self.options(options), self.value(intrinsic._defn)

    def overloads(self, name):
        """What takes the place of a function, by its id, or of a method, by its name."""
        return [
            (self.options(vars(one).get("_jit_options", {})), self.apart(one._overload_func))
            for one in overloads_of(name)
        ]

    def module(self, module, named):
        found = {name: getattr(module, name, NOTHING) for name in sorted(named)}
        return self.table({n: one for n, one in found.items() if one is not NOTHING}, named)

    def named(self, value, named):
        """A function or a class, of a package or of anybody."""
        name = name_of(value)
        return self.apart(value) if name is None else name, self.overloads(id(value))

    def other(self, value, named):
        """Something that a package has, or that cannot be described."""
        name = name_of(value)
        if name is None:
            raise Unseen(f"an object of {type(value)}")
        return name, self.overloads(id(value))

    def members(self, kind, named):
        """Of anybody's class: what intrinsics are written with, numbers by name, named tuples."""
        if issubclass(kind, BaseException):  # what would be raised is another one of that name
            raise Unseen(f"the exception {kind.__qualname__}")
        if issubclass(kind, Enum):
            return kind.__qualname__, self.values(kind)
        if issubclass(kind, tuple):
            return kind.__qualname__, getattr(kind, "_fields", ()), self.values(kind.__bases__)
        return kind.__qualname__, self.values(kind.__bases__), self.options(members_of(kind))

    def elements(self, values, named):
        """Those of a set, whose order is another one in each process."""
        texts = [text_of(value) for value in values]
        if None in texts:
            raise Unseen("a set of objects")
        return sorted(texts)


def values_of(function):
    """What the names in a function's code stand for just now: defaults, variables, globals."""
    names, built_in = function.__globals__, function.__builtins__
    defaults, read = function.__kwdefaults__ or {}, code_of(function.__code__).read
    return [
        function.__defaults__,
        *defaults.keys(),
        *defaults.values(),
        *(content(cell) for cell in function.__closure__ or ()),
        *(names.get(name, built_in.get(name, NOTHING)) for name in read),
    ]


def members_of(kind):
    """Of a class: what it defines itself, by its names."""
    return {name: one for name, one in vars(kind).items() if name not in ABOUT}


def content(cell):
    """The value of a variable of a closure."""
    try:
        return cell.cell_contents
    except ValueError:  # it has none yet
        return NOTHING


THINGS = {
    Dispatcher: Description.dispatcher,
    _Intrinsic: Description.intrinsic,
    FunctionType: Description.function,
    ModuleType: Description.module,
    type: Description.members,
    list: lambda self, values, named: self.values(values),
    dict: lambda self, table, named: self.table(table),
}
APART, WRAPPED = (Dispatcher, _Intrinsic, list, dict), type(lru_cache(len))
VALUES = {
    **dict.fromkeys(APART, lambda self, one, named: self.apart(one)),
    ModuleType: lambda self, module, named: home(module.__name__) or self.apart(module, named),
    tuple: lambda self, one, named: (self.named(type(one), named), self.values(one, named)),
    **dict.fromkeys((set, frozenset), Description.elements),
    **dict.fromkeys((FunctionType, type), Description.named),
    types.Dispatcher: lambda self, one, named: self.apart(one.dispatcher),
    property: lambda self, one, named: self.values([one.fget, one.fset, one.fdel]),
    **dict.fromkeys((staticmethod, classmethod), lambda self, one, named: self.value(one.__func__)),
    cached_property: lambda self, one, named: self.value(one.func),
    WRAPPED: lambda self, one, named: self.value(one.__wrapped__, named),
    Nothing: lambda self, one, named: "nothing",
    object: Description.other,
}


@cache
def of_thing(kind):
    """How things of a type are described."""
    return next(THINGS[one] for one in kind.__mro__ if one in THINGS)


@cache
def of_value(kind):
    """How values of a type are described that have no text."""
    return next(VALUES[one] for one in kind.__mro__ if one in VALUES)
