"""What a recorder has of the training: losses, norms of gradients, weights of some epochs."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..callbacks.gradients import GradientNorms
from ..data.evenly import evenly
from ..kernels.training.optimizers import CLIP_GLOBAL_NORM, CLIP_NORM
from ..plotting.curves import unit_of
from ..surface.types import Array
from .gradients import unit_of_loss
from .network import described, weights_of, why_not
from .room import EPOCHS
from .subject import Subject

NORM_BOUNDS = {CLIP_NORM: "clipnorm", CLIP_GLOBAL_NORM: "global_clipnorm"}


def part(subject: Subject) -> dict[str, Any] | None:
    """Numbers of all epochs, and weights of some; None without a recorder.

    numbers : of which epochs `logs` and `norms` are.
    units : {name: what the loss, or a metric, counts in, or None}; unit_of_norms : likewise of the
        loss, of which `norms` are derivatives.
    epochs, weights : {name: array (epochs, ...)}, of those epochs whose weights are on the page,
    the last ones those of the model: see `shown_places`; no weights, where the page cannot compute
    with them.
    kept : as many were recorded.
    """
    recorder = subject.recorder
    if recorder is None:
        return None
    places = shown_places(subject)
    tensors = recorder.places if has_weights(subject) else ()
    norms = recorder.norms
    names = [*dict.fromkeys(name for one in norms for name in one.mean)]
    return {
        "numbers": list(range(recorder.first, recorder.first + len(norms))),
        "logs": {name: np.array(values) for name, values in recorder.logs.items()},
        "units": {name: unit_of(name, subject.model) for name in map(quantity, recorder.logs)},
        "unit_of_norms": unit_of_loss(subject.model),
        "norms": {
            kind: {name: column_of(norms, kind, name) for name in names}
            for kind in ("mean", "largest")
        },
        "batches": [one.batches for one in norms],
        "clipped": [one.clipped for one in norms],
        "clips": bounds_of(subject.model.optimizer),
        "epochs": [epoch for epoch, _ in places],
        "kept": len(recorder.epochs),
        "weights": {name: np.stack([one[name] for _, one in places]) for name in tensors},
    }


def shown_places(subject: Subject) -> list[tuple[int | None, dict[str, Array]]]:
    """The epochs whose weights are on the page, with these.

    The last one is that of the model: where it is none that was recorded last, as after a training
    that went on, or back to its best epoch, None stands for the model as it is.
    """
    recorder, model = subject.recorder, subject.model
    recorded = ((epoch, recorder.weights(epoch)) for epoch in shown_epochs(subject))
    if np.array_equal(recorder.vectors[-1], model.theta, equal_nan=True):
        return [*recorded]
    return [*recorded, (None, weights_of(model))]


def shown_epochs(subject: Subject) -> list[int]:
    """The epochs whose weights have room: all, or some with equal distances, at least two; where no
    weights are on the page, what it says of them has room."""
    epochs = subject.recorder.epochs
    room = EPOCHS // max(subject.model.count_params(), 1)
    return evenly(epochs, max(2, room) if has_weights(subject) else len(epochs))


def has_weights(subject: Subject) -> bool:
    """Whether weights are on the page, which computes with them."""
    return why_not(subject, described(subject.model)["unknown"]) is None


def quantity(name: str) -> str:
    """What a log is of, of the training or of the validation."""
    return name.removeprefix("val_")


def column_of(norms: list[GradientNorms], kind: str, name: str) -> Array:
    """Of each epoch, the "mean" or the "largest" of a tensor; NaN where it was frozen."""
    return np.array([getattr(one, kind).get(name, np.nan) for one in norms])


def bounds_of(optimizer: Any) -> str | None:
    """How the optimiser clips, words and numbers; None where it does not, or there is none.

    In old scripts it may bound a norm and then the elements, so it is read where the kernels do.
    """
    if optimizer is None:
        return None
    (rule,) = optimizer.rule
    bounds = {NORM_BOUNDS.get(int(rule["clipping"])): rule["clip_norm"]}
    bounds["clipvalue"] = rule["clip_value"]
    given = [f"{k}={bound:g}" for k, bound in bounds.items() if k and np.isfinite(bound)]
    return ", ".join(given) or None
