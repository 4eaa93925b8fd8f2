"""The input, what the model answers, and what would have been right."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..engine.doubts import are_shares
from .room import STEPS
from .subject import Subject


def part(subject: Subject) -> dict[str, Any]:
    """x (samples, steps, features), y_hat and y, as far as they are shown.

    kind : "classes", where the outputs are probabilities of one of several, or "numbers".
    numbers : whether x are whole numbers that an Embedding reads.
    first : the number of the first step that is shown, of all the `steps`; y_steps : as many has
        the output.
    """
    model, shown = subject.model, subject.shown
    y_hat = subject.gathered(lambda trace: {"y": trace.y})["y"]
    several = y_hat.shape[-1] > 1 and are_shares(model.network.chain)
    found = {
        "x": subject.x.reshape(len(subject.x), subject.steps, -1)[shown, -STEPS:],
        "steps": subject.steps,
        "first": max(0, subject.steps - STEPS),
        "y_steps": y_hat.shape[1] if y_hat.ndim == 3 else 1,
        "y_hat": y_hat[:, -STEPS:] if y_hat.ndim == 3 else y_hat,
        "kind": "classes" if several else "numbers",
        "numbers": bool(model.layers[0].reads_numbers),
        "y": None,
    }
    if subject.y is not None:
        y = subject.y[shown]
        classes = several and model.loss.sparse
        y = np.rint(y[..., 0]).astype(np.int32) if classes else y
        found["y"] = y[:, -STEPS:] if y_hat.ndim == 3 else y
    return found
