"""How wrong a central difference is, by its step: too long, it bends; too short, it rounds."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..model import Sequential
from .gradient import loss_checks, need_loss

STEPS = np.geomspace(1e-1, 1e-10, 19)


class StepErrors(NamedTuple):
    """Errors of the differences at one element of a tensor, by their step."""

    name: str
    place: tuple[int, ...]
    gradient: float
    """That of the backward pass: the largest one of the tensor."""
    errors: NDArray
    """abs(difference - gradient) / abs(gradient), for each step."""


def step_errors(
    model: Sequential, x: ArrayLike, y: ArrayLike, steps: ArrayLike = STEPS
) -> list[StepErrors]:
    """Errors of central differences of the loss against the backward pass, by their step.

    At the element of each tensor that has the largest gradient, in float64, from the state that the
    model holds. The difference is that of `gradient_check`,

        (8 (L(a + h) - L(a - h)) - (L(a + 2 h) - L(a - 2 h))) / 12 h.

    Long steps h miss by what of the loss bends, c h^4; short ones by what is rounded, c / h; in
    between is the least error that differences can have.

    Parameters
    ----------
    model : Sequential
        Built and compiled; stays as it is.
    x : array (samples, steps, features)
    y : array, the targets
    steps : array, default 1e-1 ... 1e-10

    Returns
    -------
    list of StepErrors
        One for each parameter tensor, for x and each state that comes in; none of those whose
        gradient is zero.
    """
    need_loss(model, "step_errors")
    check = next(loss_checks(model, x, y, None, None, None, False))
    check.loss()
    found = []
    for name, exact, array in check.gradients():
        place = np.unravel_index(np.abs(exact).argmax(), exact.shape)
        gradient = float(exact[place])
        if gradient != 0:
            slopes = np.array([check.slope(array, place, float(h)) for h in np.asarray(steps)])
            errors = np.abs(slopes - gradient) / abs(gradient)
            found.append(StepErrors(name, tuple(map(int, place)), gradient, errors))
    return found
