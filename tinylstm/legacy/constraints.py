"""Constraints on weights by their old names, as functions that make them."""

from .. import constraints
from ..constraints import Constraint, MaxNorm, MinMaxNorm, NonNeg, UnitNorm
from .arguments import Spelling, old_function
from .missing import missing

KINDS = {  # the class here, and how its arguments were written
    MaxNorm: Spelling(("max_value", "axis"), {"m": "max_value"}),
    NonNeg: Spelling(),
    UnitNorm: Spelling(("axis",)),
    MinMaxNorm: Spelling(("min_value", "max_value", "rate", "axis")),
}
NAMES = constraints.CONSTRAINTS | {"maxnorm": MaxNorm, "nonneg": NonNeg, "unitnorm": UnitNorm}
TABLE = {name: old_function(kind, KINDS[kind], name) for name, kind in NAMES.items()}


def constraint(value):
    """A constraint from what a script gives, or None."""
    if value is None or isinstance(value, Constraint):
        return value
    if isinstance(value, str) and value in TABLE:
        return TABLE[value]()
    if value in TABLE.values():
        return value()
    name = value if isinstance(value, str) else getattr(value, "__name__", type(value).__name__)
    raise missing(f"the constraint {name!r}", TABLE)
