"""Checks of what one has written: batteries for layers, cells, losses and optimisers; gradients
against differences; the engine against its twin.

What tests need besides is in `tinylstm.testing.strategies`, for Hypothesis, and
`tinylstm.testing.fixtures`, for pytest: neither is imported before it is asked for.
"""

from importlib import import_module

WHERE = {
    "check_layer": "batteries.of_layers",
    "check_cell": "batteries.of_layers",
    "check_loss": "batteries.of_losses",
    "check_optimizer": "batteries.of_optimizers",
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
