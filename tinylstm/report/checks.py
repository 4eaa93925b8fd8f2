"""Whether the backward pass is the derivative of the forward pass, and how well that can be seen.

Of each tensor some elements are changed, half of them those with the largest gradients.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..testing.gradient import loss_checks, worst_of
from ..testing.steps import STEPS, step_errors
from .gradients import unit_of_loss
from .subject import Subject

SAMPLES = 4  # at most, but of a stateful model a whole batch
ELEMENTS = 60  # of a tensor, at most
WORK = 1e10  # multiply-adds, at most
NOT_FINITE = "A weight is no finite number: there is nothing to check."
ALL_ZERO = "All gradients are 0: there is nothing to check."
TOO_LARGE = "The model is too large to check its gradients for a page: tinylstm.gradient_check."
PASSES = 4 * (2 * ELEMENTS + len(STEPS))  # of a tensor: from two states, and of the curve


def part(subject: Subject) -> dict[str, Any]:
    """``why`` nothing was checked, or None; ``tensors``, a dict of each, and the steps."""
    model, count = subject.model, checked_samples(subject)
    if subject.y is None:
        return {"why": "This check needs a loss, and so targets: y=..."}
    if work_of(subject) > WORK:
        return {"why": TOO_LARGE}
    if not np.isfinite(model.theta).all():
        return {"why": NOT_FINITE}
    x, y = subject.x[:count], subject.y[:count]
    checks = loss_checks(model, x, y, None, None, None, False)
    reports = [check.differences(most=ELEMENTS) for check in checks]
    report = worst_of(reports)
    curves = {one.name: one for one in step_errors(model, x, y)}
    if report.passed and not curves:
        return {"why": ALL_ZERO}
    return {
        "why": None,
        "samples": count,
        "from_random": len(reports) > 1,
        "elements": ELEMENTS,
        "unit": unit_of_loss(model),
        "limit": report.limit,
        "passed": report.passed,
        "steps": STEPS,
        "tensors": [facts(one, curves.get(one.name), report.limit) for one in report],
    }


def work_of(subject: Subject) -> float:
    """Multiply-adds of all forward passes, about."""
    each = subject.model.network.multiply_adds(subject.x.shape[1:])
    return PASSES * (len(subject.model.weights) + 1) * each * checked_samples(subject)


def checked_samples(subject: Subject) -> int:
    """How many of the first samples are looked at."""
    return subject.batch_size if subject.model.state.hand_on else min(len(subject.x), SAMPLES)


def facts(found: Any, curve: Any, limit: float) -> dict[str, Any]:
    """The check of a tensor, and the errors by the step at its largest gradient, if it has one."""
    _, analytic, numerical = found.worst
    return {
        "name": found.name,
        "error": found.error,
        "right": found.error <= limit,
        "place": found.place,
        "backward": analytic,
        "difference": numerical,
        "relation": found.relation,
        "at": None if curve is None else list(curve.place),
        "errors": None if curve is None else curve.errors,
    }
