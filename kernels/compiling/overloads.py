"""What stands in a function's place in compiled code, because somebody has said so."""

from functools import lru_cache

from numba.core.typing.templates import builtin_registry

from .packages import home


def registered():
    """How many there are; each comes to stay."""
    return len(builtin_registry.globals), len(builtin_registry.attributes)


def overloads_of(name):
    """Those that are not Numba's, of a function by its id, or of methods by their name."""
    return [one for one in _overloads(*registered()).get(name, ()) if _is_own(one)]


def names_of_methods():
    """Of all that stand in a method's or an attribute's place."""
    return _methods(registered()[1])


@lru_cache(maxsize=1)
def _overloads(functions, attributes):
    found = {}
    for function, kind in builtin_registry.globals[:functions]:
        found.setdefault(id(function), []).extend(getattr(kind, "templates", ()))
    for template in builtin_registry.attributes[:attributes]:
        found.setdefault(getattr(template, "_attr", None), []).append(template)
    return found


@lru_cache(maxsize=1)
def _methods(attributes):
    templates = builtin_registry.attributes[:attributes]
    return frozenset(getattr(one, "_attr", None) for one in templates if _is_own(one))


def _is_own(template):
    function = getattr(template, "_overload_func", None)
    return function is not None and home(function.__globals__.get("__name__")) is None
