"""Gradients of the states at every step, and what of them went past U, from state to state."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..engine.study import from_rows
from ..inside import even_span, gradient_paths
from ..kernels.tables import HOLD
from .gates import shown_units
from .room import STEPS
from .subject import Subject, layers_of

OF_LOSS = "the loss of the batch"
OF_OUTPUTS = "the sum of all outputs at the last step"


def part(subject: Subject) -> dict[str, Any]:
    """``arrays``: "lstm/dh" and what of it went through no U, "lstm/dh_past", likewise of c; each
    (samples, steps, units), in the order of time.

    of : what they are the gradients of, in words.
    spans : {"lstm/dh": (low, high)} to show them in.
    """
    found: dict[str, Any] = {}
    for trace, rows, places in subject.passes():
        if len(rows) == 0:
            continue
        first = subject.first_of(rows, places)
        subject.model.backward(gradient_of_outputs(subject, first))
        for name, array in shown_gradients(trace).items():
            if name not in found:
                found[name] = np.empty((len(subject.shown), *array.shape[1:]), array.dtype)
            found[name][places] = array[rows]
    spans = {name: even_span(array) for name, array in found.items()}
    return {"of": OF_OUTPUTS if subject.y is None else OF_LOSS, "arrays": found, "spans": spans}


def shown_gradients(trace):
    """Those of a batch, without the units and steps that are left out."""
    found = {}
    for layer, one in layers_of(trace).items():
        paths, units = gradient_paths(one), shown_units(one)
        for state in one.state_names:
            split = paths[f"d{state}"]
            found[f"{layer}/d{state}"] = split.whole[:, -STEPS:, units]
            found[f"{layer}/d{state}_past"] = split.past_u[:, -STEPS:, units]
    return found


def gradient_of_outputs(subject, first):
    """The gradient of the outputs of the batch that was traced last, which begins with a sample."""
    model = subject.model
    made = model.last_pass
    y = made.y()
    dy = np.zeros_like(y)
    if subject.y is None:
        dy[:, -1 if made.has_steps() else slice(None)] = 1
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
