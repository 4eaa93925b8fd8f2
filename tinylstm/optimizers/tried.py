"""An update of one's own, tried on a few elements before the loop calls it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ..data.arrays import table
from ..kernels.compiling import is_ours
from ..surface.errors import mismatch

if TYPE_CHECKING:
    from .optimizer import Optimizer

SIZE = 8  # parameters
SPARE = 64  # further rows, behind those that are there
CANARY = 12345.0  # in them


def need_to_stay_within(optimizer: Optimizer, dtype: np.dtype[Any]) -> None:
    """Refuse an optimiser whose kernel writes behind its moments, or behind the parameters.

    In the loop that memory is somebody else's, and the process would end without a word.
    """
    if is_ours(optimizer.kernel):
        return
    rule, count = table(optimizer.record, 1), optimizer.moments_needed
    rule[:] = optimizer.rule
    theta, grad, moments = (np.full((n + SPARE, SIZE), CANARY, dtype) for n in (1, 1, count))
    theta[0], grad[0], moments[:count] = 1.0, 0.5, 0.0
    with np.errstate(all="ignore"):
        optimizer.kernel(rule[0], theta[0], grad[0], moments[:count], 0, SIZE)
    for name, array in (("theta", theta[1:]), ("moments", moments[count:])):
        if (array != CANARY).any():
            raise mismatch(
                f"The kernel of {type(optimizer).__name__} writes behind {name}.",
                "elements start to stop - 1 of theta and of each row of moments, and "
                "moments_needed as many rows as the kernel uses",
                f"moments_needed = {count}",
            )
