"""Checks of what one has written: gradients against differences, the engine against its twin."""

from importlib import import_module

WHERE = {
    "gradcheck": "functions",
    "gradient_check": "gradient",
    "twin_check": "twin",
}

__all__ = sorted(WHERE)


def __getattr__(name):
    """A check, whose module is imported when it is asked for: no start of tinylstm waits for it."""
    if name not in WHERE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{WHERE[name]}"), name)


def __dir__():
    return [*globals(), *__all__]
