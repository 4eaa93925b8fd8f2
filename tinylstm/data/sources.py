"""What brings the data of a call: memmaps and generators in stages; arrays need nothing."""

from collections.abc import Iterator

import numpy as np

from ..surface.errors import mismatch
from .mapped import Mapped
from .streamed import Streamed


def is_stream(x):
    """Whether x gives batches: an iterator, or Keras' Sequence (PyDataset)."""
    sequence = hasattr(x, "on_epoch_end") and hasattr(x, "__getitem__") and hasattr(x, "__len__")
    return isinstance(x, Iterator) or sequence


def source_of(model, x, *targets, steps=None):
    """What brings the data in stages, or None for data in memory.

    targets: y, sample_weight and class_weight, as far as they are given; none for `predict`.
    """
    scored = bool(targets)
    if is_stream(x):
        y, weight, classes = (*targets, None, None, None)[:3]
        if y is not None or weight is not None:
            raise mismatch(
                "A generator's batches bring their targets and weights along.",
                "batches (x, y) or (x, y, sample_weight) alone",
                "y or sample_weight beside a generator",
            )
        return Streamed(model, x, steps, classes, scored)
    if steps is not None:
        raise mismatch("steps_per_epoch counts the batches of a generator.", "None", steps)
    mapped = any(isinstance(a, np.memmap) for a in (x, *targets))
    return Mapped(model, scored, x, *targets) if mapped else None
