"""How much each input moves each output: norms of d y_t / d x_s, from passes back."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..data.evenly import evenly
from ..inside.influence import norms_of
from .room import INFLUENCES, STEPS
from .subject import Subject

PASSES = 1000  # back, for a page: one for each number that is put out, of each batch
TOGETHER = 32  # samples of a pass, where no state goes from one to another


def part(subject: Subject) -> dict[str, Any]:
    """``norms`` (samples, outputs, inputs), and which they are.

    outputs : places among the steps of the output that are on the page, all or some with equal
        distances. first : the number of the first of these steps, of ``all``.
    across : whether the inputs are the steps of all shown samples, one after the other, where a
        batch is one sequence; else they are the steps of the sample itself.
    why : why there are none, a sentence, and nothing else; or None.
    """
    trace, *_ = next(subject.passes())
    T_y, K = trace.y.shape[1:] if trace.y.ndim == 3 else (1, trace.y.shape[1])
    chained = subject.model.state.chained
    count, steps = len(subject.shown), min(subject.steps, STEPS)
    batches = len({int(k) // subject.batch_size for k in subject.shown})
    if is_free(subject.model.state):
        batches = -(-count // TOGETHER)
    passes = batches * K * (subject.batch_size if chained else 1)  # for a step of the output
    if passes > PASSES:
        return {"why": f"It takes {passes:,} passes back, and a page makes do with {PASSES:,}."}
    across = chained and count * count * steps <= INFLUENCES
    most = min(PASSES // passes, max(1, INFLUENCES // (count * steps * (count if across else 1))))
    first = max(0, T_y - STEPS)
    outputs = evenly(range(T_y - first), most)
    norms = gathered(subject, [first + k for k in outputs], across)
    if not np.isfinite(norms).all():
        return {"why": "It is not finite: the model has diverged."}
    return {
        "why": None,
        "norms": norms,
        "outputs": outputs,
        "first": first,
        "all": T_y,
        "across": across,
    }


def gathered(subject, outputs, across):
    """The norms of all shown samples."""
    count, steps = len(subject.shown), min(subject.steps, STEPS)
    found = np.zeros((count, len(outputs), count if across else 1, steps))
    for x, rows, places in batches_of(subject):
        norms = norms_of(subject.model, x, outputs)[..., -STEPS:]
        if across:
            found[places[:, None], :, places] = norms[rows[:, None], :, rows]
        else:
            found[places, :, 0] = norms[rows, :, rows] if norms.ndim == 4 else norms[rows]
    return found.reshape(count, len(outputs), -1)


def is_free(state):
    """Whether no state goes from sample to sample: then any samples may be a batch."""
    return not (state.chained or state.hand_on)


def batches_of(subject):
    """Batches with the shown samples: x, their rows in it, their places on the page."""
    if is_free(subject.model.state):
        for start in range(0, len(subject.shown), TOGETHER):
            places = np.arange(start, min(start + TOGETHER, len(subject.shown)))
            yield subject.x[subject.shown[places]], places - start, places
        return
    for _, rows, places in subject.passes():
        if len(rows):
            first = subject.first_of(rows, places)
            yield subject.x[first : first + subject.batch_size], rows, places
