"""Where a page opens: where padding is seen, if some samples are padded and others are not."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .followed import masked_steps
from .room import STEPS
from .subject import Subject

RUN = 2  # steps of zeros at an end of a sample, from which on they are padding


def place(subject: Subject) -> dict[str, int]:
    """The cursor at the start: the first padded sample of the page, at its first step that is not
    masked; without one the first sample, at its first step."""
    masked = masked_of(subject)
    padded = some_not_all(masked)
    if not padded.any():
        padded = begins_or_ends_with_zeros(subject)
    sample = int(padded.argmax())
    return {"sample": sample, "time": int(masked[sample, -STEPS:].argmin())}


def masked_of(subject: Subject) -> NDArray[np.bool_]:
    """Which steps of the shown samples the first recurrent layer leaves out."""
    (masked,) = subject.gathered(masked_steps).values()
    return masked.astype(bool)


def begins_or_ends_with_zeros(subject: Subject) -> NDArray[np.bool_]:
    """Which shown samples do, as where nothing masks the padding."""
    x = subject.x[subject.shown]
    zero = (x.reshape(len(x), subject.steps, -1) == 0).all(axis=2)
    ends = zero[:, :RUN].all(axis=1) | zero[:, -RUN:].all(axis=1)
    return some_not_all(zero) & ends


def some_not_all(steps: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Of which samples some steps are so, and others are not."""
    count = steps.sum(axis=1)
    return (count > 0) & (count < steps.shape[1])
