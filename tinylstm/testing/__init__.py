"""Checks of what one has written: batteries for layers, cells, losses and optimisers; gradients
against differences; the engine against its twin.

What tests need besides is in `tinylstm.testing.strategies`, for Hypothesis, and
`tinylstm.testing.fixtures`, for pytest: neither is imported before it is asked for.
"""

from importlib import import_module
from typing import TYPE_CHECKING

WHERE = {
    "check_layer": "batteries.of_layers",
    "check_cell": "batteries.of_layers",
    "check_loss": "batteries.of_losses",
    "check_optimizer": "batteries.of_optimizers",
    "gradcheck": "functions",
    "gradient_check": "gradient",
    "step_errors": "steps",
    "twin_check": "twin",
}

__all__ = sorted(WHERE)

if TYPE_CHECKING:
    from .batteries.of_layers import check_cell as check_cell
    from .batteries.of_layers import check_layer as check_layer
    from .batteries.of_losses import check_loss as check_loss
    from .batteries.of_optimizers import check_optimizer as check_optimizer
    from .functions import gradcheck as gradcheck
    from .gradient import gradient_check as gradient_check
    from .steps import step_errors as step_errors
    from .twin import twin_check as twin_check


def __getattr__(name):
    """A check, whose module is imported when it is asked for: no start of tinylstm waits for it."""
    if name not in WHERE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{WHERE[name]}"), name)


def __dir__():
    return [*globals(), *__all__]
