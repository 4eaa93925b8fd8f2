"""The span of numbers that a quantity is shown in, the same in every figure."""

from math import floor, log10

import numpy as np
from numpy.typing import NDArray

OPEN, ROUND = (0.0, 1.0), (-1.0, 1.0)  # what sigma gives, and tanh
CANDIDATES = "g"  # gates behind phi, in every cell here
OUTPUT = "h"
NEAR = 0.05  # of its span: so near to an end of it a gate is saturated
STEPS = 1, 1.5, 2, 3, 5, 7, 10  # of round numbers


def gate_span(name: str, values: NDArray) -> tuple[float, float]:
    """The span of a gate: 0 to 1, that of a candidate g -1 to 1.

    Where the values do not fit, as behind a relu, it is the next that holds them; see `even_span`.
    A gate of a cell of one's own has the narrowest that does.
    """
    return first_that_holds(values, [ROUND] if name == CANDIDATES else [OPEN, ROUND])


def saturated_beyond(span: tuple[float, float]) -> tuple[float, float] | None:
    """The numbers below and above which a gate is saturated; None where its span was made for its
    values, as behind a relu: it has no ends."""
    low, high = span
    near = NEAR * (high - low)
    return (low + near, high - near) if span in (OPEN, ROUND) else None


def state_span(name: str, values: NDArray) -> tuple[float, float]:
    """The span of a state: that of h is -1 to 1, of c and others as large as they become."""
    return first_that_holds(values, [ROUND] if name == OUTPUT else [])


def first_that_holds(values, spans):
    """The first of some spans that holds all values, or else one that is made for them."""
    values = values[np.isfinite(values)]
    for low, high in spans:
        if values.size == 0 or (values.min() >= low and values.max() <= high):
            return low, high
    return even_span(values)


def even_span(values: NDArray) -> tuple[float, float]:
    """A span that is as wide below zero as above, to a round number: 1, 1.5, 2, 3, 5 or 7
    times 10^n.

    Round, so that figures of nearly the same numbers have the same span; and near enough to them
    that the largest one has at least two thirds of the depth of colour.
    """
    values = np.abs(values[np.isfinite(values)])
    largest = float(values.max(initial=0.0))
    if largest == 0:
        return ROUND
    unit = 10.0 ** floor(log10(largest))
    limit = next((k * unit for k in STEPS if k * unit >= largest), 10 * unit)
    return -limit, limit
