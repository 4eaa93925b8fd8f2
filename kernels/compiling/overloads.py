"""What stands in a function's place in compiled code, because somebody has said so."""

from functools import lru_cache

from numba.core.typing.templates import builtin_registry

from .packages import home


def overloads():
    """Those that are not Numba's, by a function's id, or by the name of a method or attribute."""
    return _overloads(len(builtin_registry.globals), len(builtin_registry.attributes))


@lru_cache(maxsize=1)
def _overloads(functions, attributes):
    found = {}
    for function, kind in builtin_registry.globals[:functions]:
        for template in getattr(kind, "templates", ()):
            found.setdefault(id(function), []).append(template)
    for template in builtin_registry.attributes[:attributes]:
        found.setdefault(getattr(template, "_attr", None), []).append(template)
    own = {name: [*filter(_is_own, templates)] for name, templates in found.items()}
    return {name: templates for name, templates in own.items() if templates}


def _is_own(template):
    function = getattr(template, "_overload_func", None)
    return function is not None and home(function.__globals__.get("__name__")) is None
