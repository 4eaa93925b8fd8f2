"""What units may follow: the place in the sequence, the letter, the class, the phase of a wave.

How well a unit follows it is computed on the page, for the numbers that it shows.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..engine.doubts import are_shares
from .hand_over import overlap
from .room import STEPS
from .subject import Subject, layers_of

FEW = 2  # steps of a group, on average: of fewer everything follows
LEAST = 8  # steps of a curve
WAVES = 2  # of a curve, at least: less of one has no phase that could be told


def part(subject: Subject) -> dict[str, Any]:
    """{name: what each step of each shown sample has of it}.

    Groups are numbers (samples, steps), or (samples, 1) of the last steps alone, and their count; a
    phase is an angle at each step.
    """
    steps = min(subject.steps, STEPS)
    found = {"position": grouped(positions(subject))}
    if named(subject):
        found["letter"] = grouped(np.array(subject.names))
    elif is_curve(subject, steps):
        found["phase"] = of_phase(subject)
    classes = classes_of(subject)
    if classes is not None:
        found["class"] = grouped(classes)
    return {name: one for name, one in found.items() if one is not None}


def grouped(names):
    """Groups of equal names, numbered; None where there is one, or they have one step each."""
    each, numbers = np.unique(names, return_inverse=True)
    if len(each) < 2 or names.size < FEW * len(each):
        return None
    numbers = numbers.reshape(names.shape).astype(np.int32)
    return {"kind": "groups", "groups": numbers, "count": len(each)}


def positions(subject: Subject):
    """The place of each shown step in its sample, (samples, steps), counted from 0 without masked
    steps: padding has no place. At these, which are left out, it is that of the step before."""
    (masked,) = subject.gathered(masked_steps).values()
    if masked.shape[1] != subject.steps:  # behind a RepeatVector the layer has other steps
        masked = np.zeros((len(masked), subject.steps), bool)
    return np.maximum(np.cumsum(masked == 0, axis=1) - 1, 0)[:, -STEPS:]


def masked_steps(trace):
    """Which steps the first recurrent layer leaves out."""
    return {"masked": next(iter(layers_of(trace).values())).masked}


def first_names(subject: Subject, steps: int):
    """The numbers of the steps that are shown."""
    return np.arange(steps) + subject.steps - steps


def named(subject: Subject) -> bool:
    """Whether steps have names of their own."""
    steps = len(subject.names[0])
    return subject.names[0] != [str(k) for k in first_names(subject, steps)]


def is_curve(subject: Subject, steps: int) -> bool:
    """Whether the input is one number a step, of enough steps."""
    return subject.x.shape[-1] == 1 and steps >= LEAST and not subject.model.layers[0].reads_numbers


def of_phase(subject: Subject):
    """The angle at each shown step, of the one curve that the samples are pieces of, or of each;
    None where a curve has less than two waves."""
    x, shown, steps = subject.x[..., 0].astype(np.float64), subject.shown, subject.steps
    repeated = repeated_steps(subject)
    one = repeated is not None
    curves = np.concatenate([x[0], x[1:, repeated:].ravel()])[None] if one else x[shown]
    if waves_of(curves).min() < WAVES:
        return None
    angles = phases(curves)
    if one:
        angles = angles[0, shown[:, None] * (steps - repeated) + np.arange(steps)]
    return {"kind": "phase", "angles": angles[:, -STEPS:]}


def repeated_steps(subject: Subject) -> Any:
    """With how many steps of the one before each sample begins, where they are pieces of one curve:
    windows that overlap, or samples whose state goes on to the next one; else None."""
    x, state = subject.x, subject.model.state
    seen = overlap(x[:-1], x[1:]) if len(x) > 1 else 0
    follow = state.chained or (state.hand_on and subject.batch_size == 1)
    return seen if seen or follow else None


def waves_of(curves):
    """How many waves each curve has, of those that are largest in its spectrum; 0 of a constant."""
    spectrum = np.abs(np.fft.rfft(curves - curves.mean(axis=1, keepdims=True), axis=1))
    return spectrum.argmax(axis=1)


def phases(x):
    """The angle of the analytic signal of each row, less its mean.

    Its spectrum is that of the row, without the negative frequencies.
    Source: Gabor 1946, "Theory of communication".
    """
    n = x.shape[1]
    spectrum = np.fft.fft(x - x.mean(axis=1, keepdims=True), axis=1)
    weight = np.zeros(n)
    weight[0] = 1
    weight[1 : (n + 1) // 2] = 2
    if n % 2 == 0:
        weight[n // 2] = 1
    return np.angle(np.fft.ifft(spectrum * weight, axis=1))


def classes_of(subject: Subject):
    """The right class of each step, or of each sample at its last, (samples, steps or 1); None
    without one."""
    model, y = subject.model, subject.y
    if y is None or not (are_shares(model.network.chain) and model.output_shape[-1] > 1):
        return None
    y = y[subject.shown]
    numbers = np.rint(y[..., 0]).astype(int) if model.loss.sparse else y.argmax(axis=-1)
    numbers = numbers[:, -STEPS:] if numbers.ndim == 2 else numbers[:, None]
    return numbers if numbers.shape[1] in (1, min(subject.steps, STEPS)) else None
