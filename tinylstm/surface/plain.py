"""Values as JSON knows them, and back: what stands in a file or a text for an argument.

Numbers, words, lists and dicts of them stand for themselves. What JSON lacks is a dict with a key
that says what it is:

    {"class_name": "Constant", "config": {"value": 2.0}, "module": "tinylstm"}
    {"reference": "peephole", "module": None}       a function, a cell or a class, by its name
    {"tuple": [3, 1]}    {"float": "inf"}    {"array": [1, 2], "dtype": "int64"}
    {"dict": [[1, "one"]]}                          one with other keys than words
    {"tensor": "array 0"}                           an array of the same file, by its name

Names are looked up in `KNOWN`, or in what the user gives as ``custom_objects``. Nothing is imported
or run because a text says so, and an object is made by its constructor alone, which checks what it
is given. What old scripts alone have is of the module "tinylstm.legacy", with a table of its own.
"""

import math
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import PurePath

import numpy as np

from ..kernels.cells import Cell
from ..kernels.layers.elementwise import Elementwise
from .arguments import find
from .callables import parameters_of
from .errors import mismatch

OURS = "tinylstm"  # the module of what this package knows by its name
OF_OLD_SCRIPTS = "tinylstm.legacy"
KNOWN = {}  # {name: class, function or cell of this package}
KNOWN_OF_OLD = {}  # the same, of what old scripts alone are made of
TAGS = ("class_name", "reference", "tuple", "float", "array", "dict", "tensor")
FLOATS = {"inf": math.inf, "-inf": -math.inf, "nan": math.nan}
DTYPES = {np.dtype(kind).name: np.dtype(kind) for kind in ("?", *"bhilqBHILQ", *"efd")}
DEEPEST = 40  # dicts and lists within each other


class Instead(dict):
    """A dict that stands for something else."""


class Meant(dict):
    """A dict that stands for itself, whatever its keys."""


custom_objects_now = ContextVar("custom_objects", default={})  # noqa: B039  it stays empty


def know(*things, table=KNOWN):
    """Have things of this package known by their names."""
    table.update((called(thing), thing) for thing in things)


def known_in(module):
    """{name: thing} of what this package has in a module; that of old scripts is read when a file
    is the first to name it."""
    if module == OF_OLD_SCRIPTS:
        from ..legacy import known  # noqa: F401  it fills the table

        return KNOWN_OF_OLD
    return KNOWN if module == OURS else {}


@contextmanager
def knowing(custom_objects):
    """A block in which names of the user's own stand for what they are given.

    Parameters
    ----------
    custom_objects : dict or None
        {name: class, function, cell or object}.
    """
    if custom_objects is not None and not isinstance(custom_objects, dict):
        expected = 'a dict, {"Own": Own}'
        came = repr(custom_objects)
        raise mismatch("custom_objects says what names mean.", expected, came, TypeError)
    before = custom_objects_now.get()
    token = custom_objects_now.set(before | (custom_objects or {}))
    try:
        yield
    finally:
        custom_objects_now.reset(token)


def called(thing):
    """The name of a class, a function, a cell or an activation."""
    return thing.name if isinstance(thing, Cell | Elementwise) else thing.__name__


def plain(value):
    """What stands for a value."""
    if isinstance(value, np.generic | PurePath):
        value = value.item() if isinstance(value, np.generic) else str(value)
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, float):
        return float(value) if math.isfinite(value) else Instead(float=str(float(value)))
    if isinstance(value, list):
        return [plain(one) for one in value]
    if isinstance(value, tuple):
        return Instead(tuple=[plain(one) for one in value])
    if isinstance(value, dict):
        return of_dict(value)
    if isinstance(value, np.ndarray) and value.dtype.name in DTYPES:
        return Instead(array=plain(value.tolist()), dtype=value.dtype.name)
    return of_object(value)


def of_dict(value):
    """What stands for a dict; what stands for something already is left as it is."""
    if isinstance(value, Instead):
        return value
    if all(isinstance(name, str) and name not in TAGS for name in value):
        return {name: plain(one) for name, one in value.items()}
    return Instead(dict=[[plain(name), plain(one)] for name, one in value.items()])


def of_object(thing):
    """What stands for a thing: its name, or that of its class with its arguments."""
    if isinstance(thing, Cell | Elementwise | type) or hasattr(thing, "__name__"):
        return reference(called(thing), thing)
    kind = type(thing)
    config = thing.get_config() if hasattr(thing, "get_config") else attributes_of(thing)
    if config is None:
        return reference(kind.__name__, thing)
    found = reference(kind.__name__, kind)
    config = {name: plain(value) for name, value in config.items()}
    return Instead(class_name=kind.__name__, config=config, module=found["module"])


def reference(name, thing):
    """What stands for a thing by its name."""
    tables = {OURS: KNOWN, OF_OLD_SCRIPTS: KNOWN_OF_OLD}
    where = (module for module, table in tables.items() if table.get(name, tables) is thing)
    return Instead(reference=name, module=next(where, None))


def attributes_of(thing):
    """The arguments of an object of any class, if they are its attributes; else None."""
    names = parameters_of(type(thing))
    found = {name: getattr(thing, name) for name in names if hasattr(thing, name)}
    return found if len(found) == len(names) else None


def meant(value, depth=0):
    """The value that something stands for.

    Raises
    ------
    ValueError
        If a name is not known; names what to give as ``custom_objects``.
    """
    if depth > DEEPEST:
        raise mismatch("This description is too deep.", f"at most {DEEPEST} levels", "more")
    if isinstance(value, list):
        return [meant(one, depth + 1) for one in value]
    if not isinstance(value, dict) or isinstance(value, Meant):
        return value
    if "class_name" in value:
        return made_of(value, depth)
    if "reference" in value:
        return meaning_of(value["reference"], value.get("module"))
    if "tuple" in value:
        return tuple(meant(value["tuple"], depth + 1))
    if "float" in value:
        return find(FLOATS, value["float"], "number")
    if "array" in value:
        dtype = find(DTYPES, value.get("dtype"), "dtype")
        return np.array(meant(value["array"], depth + 1), dtype)
    if "dict" in value:
        return Meant(meant(value["dict"], depth + 1))
    return {name: meant(one, depth + 1) for name, one in value.items()}


def made_of(value, depth):
    """The object that a class and its arguments stand for."""
    kind = meaning_of(value["class_name"], value.get("module", OURS))
    config = value.get("config", {})
    if not isinstance(kind, type):
        return kind  # the user gives the object itself
    if not isinstance(config, dict):
        expected = "a dict, {name of an argument: value}"
        raise mismatch(f"The config of a {kind.__name__} is none.", expected, repr(config))
    values = {name: meant(one, depth + 1) for name, one in config.items()}
    return kind.from_config(values) if hasattr(kind, "from_config") else kind(**values)


def meaning_of(name, module):
    """What a name stands for: what the user says, or a thing of this package."""
    own = custom_objects_now.get()
    if isinstance(name, str) and name in own:
        return own[name]
    if isinstance(name, str) and name in (ours := known_in(module)):
        return ours[name]
    word = name if isinstance(name, str) else "Own"
    raise mismatch(
        f"There is nothing of tinylstm that is meant by {name!r}: it is one of your own.",
        f'custom_objects={{"{word}": {word if word.isidentifier() else "it"}}}',
        f"custom_objects with {', '.join(map(repr, own)) or 'nothing'}",
    )
