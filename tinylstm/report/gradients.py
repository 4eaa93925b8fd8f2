"""Gradients of the states at every step, and what of them went past U, from state to state."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..engine.study import from_rows
from ..inside import gradient_paths
from ..inside.paths import norms
from ..kernels.tables import HOLD
from ..plotting.curves import unit_of
from .gates import shown_units
from .room import STEPS
from .subject import Subject, layers_of

WAYS = "whole", "past", "through"  # of a gradient: past U, or through it
NOT_FINITE = "The gradient of the loss by the outputs is not finite: the model has diverged."
OF_LOSS = "the loss of the batch"
UNIT_OF_LOSS = "units of the loss"  # of a loss of which no other is known
UNIT_OF_OUTPUTS = "units of the output"
OF_OUTPUTS = "the largest output at the last step"  # that of all of a softmax is 0: they sum to 1


def part(subject: Subject) -> dict[str, Any]:
    """``arrays``: "lstm/dh" and what of it went through no U, "lstm/dh_past", likewise of c; each
    (samples, steps, units), in the order of time. "lstm/dc_whole_norm" and those of the other ways,
    (samples, steps), are norms over all units, of the state that the layer keeps: its last one.

    of, unit : what they are the gradients of, in words, and what that counts in.
    one_sequence : whether they go from sample to sample of a batch, and stop where that begins.
    why : why there are none, a sentence, and nothing else; or None.
    """
    found: dict[str, Any] = {}
    for trace, rows, places in subject.passes():
        if len(rows) == 0:
            continue
        dy = gradient_of_outputs(subject, subject.first_of(rows, places))
        if not np.isfinite(dy).all():
            return {"why": NOT_FINITE}
        subject.model.backward(dy)
        for name, array in shown_gradients(trace).items():
            if name not in found:
                found[name] = np.empty((len(subject.shown), *array.shape[1:]), array.dtype)
            found[name][places] = array[rows]
    return {
        "why": None,
        **measured(subject),
        "one_sequence": subject.model.state.chained,
        "arrays": found,
    }


def measured(subject: Subject) -> dict[str, str]:
    """What the gradients are those of, and what that counts in."""
    if subject.y is None:
        return {"of": OF_OUTPUTS, "unit": UNIT_OF_OUTPUTS}
    return {"of": OF_LOSS, "unit": unit_of_loss(subject.model)}


def unit_of_loss(model):
    """What the loss of a model counts in."""
    return unit_of("loss", model) or UNIT_OF_LOSS


def shown_gradients(trace):
    """Those of a batch, without the units and steps that are left out, and their norms."""
    found = {}
    for layer, one in layers_of(trace).items():
        paths, units = gradient_paths(one), shown_units(one)
        for state in one.state_names:
            split = paths[f"d{state}"]
            found[f"{layer}/d{state}"] = split.whole[:, -STEPS:, units]
            found[f"{layer}/d{state}_past"] = split.past_u[:, -STEPS:, units]
        kept = f"d{one.state_names[-1]}"
        ways = paths[kept].whole, paths[kept].past_u, paths[kept].through_u
        for way, array in zip(WAYS, ways, strict=True):
            found[f"{layer}/{kept}_{way}_norm"] = norms(array)[:, -STEPS:]
    return found


def gradient_of_outputs(subject, first):
    """The gradient of the outputs of the batch that was traced last, which begins with a sample."""
    model = subject.model
    made = model.last_pass
    y = made.y()
    dy = np.zeros_like(y)
    if subject.y is None:
        last = -1 if made.has_steps() else slice(None)
        largest = y[:, last].argmax(-1, keepdims=True)
        np.put_along_axis(dy[:, last], largest, 1, axis=-1)
        return dy
    target = subject.y[first : first + len(y)].astype(y.dtype)
    weight = weights_in_loss(made)
    rows, targets = (np.ascontiguousarray(a).reshape(-1, a.shape[-1]) for a in (y, target))
    model.loss.kernel(rows, targets, weight, rows, dy.reshape(rows.shape), model.loss.option)
    return dy


def weights_in_loss(made):
    """Of each target in the mean over the batch: the same, and none at masked steps."""
    program, samples, steps = made.program, made.shape[0], made.program.y_steps
    valid = np.ones((samples, steps), program.work.dtype)
    if program.plan["masked"][0]:
        flags = program.flags[int(program.plan["y_flags"][0]) :][: samples * steps]
        valid[from_rows(flags[:, None] & HOLD, made.batches, steps)[..., 0] != 0] = 0
    return valid.reshape(-1) / max(valid.sum(), 1)
