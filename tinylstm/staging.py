"""Data that is not in memory: a memmap, or a generator of batches, a stage of batches at a time.

A stage is as many samples as `STAGE_BYTES` hold, or as many batches as come within the time of a
compiled call. It passes the same gate as any data, and the loop runs it as a part of an epoch.
"""

import time
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from .errors import mismatch, warn, whole_number
from .kernels.loop import draw_order

STAGE_BYTES = 2**24  # of x and y together
STAGE_SECONDS = 0.03
UNKNOWN = 2**40  # batches of an epoch whose end was not seen yet


class Stage(NamedTuple):
    """A part of an epoch, in memory."""

    arrays: list  # x, y and weights, through the gate
    order: np.ndarray  # in which its samples are read
    batch_size: int


class Mapped:
    """Samples of which some are in a `numpy.memmap`.

    Parameters
    ----------
    model : Sequential
    x, y, sample_weight : array or memmap
    class_weight : dict, optional
    """

    once = False

    def __init__(self, model, x, y=None, sample_weight=None, class_weight=None):
        self.model, self.class_weight = model, class_weight
        self.arrays = [None if a is None else np.asanyarray(a) for a in (x, y, sample_weight)]
        given = [a for a in self.arrays if a is not None]
        lengths = [len(a) for a in given]
        if len(set(lengths)) > 1 or not lengths[0]:
            raise mismatch("x and y differ in samples.", f"{lengths[0]} of each", lengths)
        self.samples = lengths[0]
        self.sample_bytes = max(sum(a[:1].nbytes for a in given), 1)
        self.order, self.drawn = None, None  # of an epoch, and its number
        self.read(slice(1))  # builds a deferred model

    def __len__(self):
        return self.samples

    def __getitem__(self, part):
        arrays = [None if a is None else a[part] for a in self.arrays]
        return Mapped(self.model, *arrays, self.class_weight)

    def read(self, part):
        """The samples of a slice, or of sorted numbers, through the gate."""
        x, y, weight = (None if a is None else a[part] for a in self.arrays)
        return self.model.samples(x, *(() if y is None else (y, weight, self.class_weight)))

    def begin(self, batch_size):
        """Batch size, and batches an epoch; checks what concerns all samples."""
        batch_size = batch_size or self.model.state.default_batch_size()
        return batch_size, self.model.state.batches(self.samples, batch_size).count

    def stage(self, j, batch_size, order):
        """The stage from batch j of an epoch on; order: number of its random order, or None."""
        first = j * batch_size
        batches = max(STAGE_BYTES // (self.sample_bytes * batch_size), 1)
        last = min(first + batches * batch_size, self.samples)
        if order is None:
            return Stage(self.read(slice(first, last)), np.arange(last - first), batch_size)
        if self.drawn != order:
            self.order, self.drawn = np.empty(self.samples, np.int64), order
            draw_order(self.order, self.model.seed, order)
        numbers = self.order[first:last]
        places = np.argsort(numbers)  # a file is read from its beginning to its end
        return Stage(self.read(numbers[places]), np.argsort(places), batch_size)

    def dry(self):
        """Never: it can be read again and again."""
        return False


class Stream:
    """Batches (x, y) or (x, y, sample_weight), one after the other, from a generator.

    Parameters
    ----------
    model : Sequential
    batches : iterator, or an object with ``__len__`` and ``__getitem__``
    steps : int, optional
        Batches an epoch; by default all that come.
    class_weight : dict, optional
    scored : bool
        Batches have targets; else what stands before a comma is x, and the rest is left.
    """

    once = True
    samples = None

    def __init__(self, model, batches, steps, class_weight=None, scored=True):
        self.model, self.batches, self.class_weight = model, batches, class_weight
        self.scored = scored
        self.restarts = not isinstance(batches, Iterator)
        self.steps = None if steps is None else whole_number(steps, "steps_per_epoch")
        if self.steps is None:
            self.steps = len(batches) if self.restarts else UNKNOWN
        self.iterator = self.waiting = None  # a batch that came, but is of a later stage

    def begin(self, batch_size):
        """No batch size of its own; batches an epoch, as far as that is known."""
        if batch_size is not None:
            raise mismatch("A generator's batches have their size.", "no batch_size", batch_size)
        return None, self.steps

    def stage(self, j, batch_size, order):
        """The batches of one size that come within a short time; None where there are no more."""
        if self.iterator is None or (j == 0 and self.restarts):
            self.iterator = self.items() if self.restarts else self.batches
            self.waiting = self.pull()
        if self.waiting is None:
            return None
        batches, started = [], time.perf_counter()
        while self.waiting is not None and alike(self.waiting, (batches or [self.waiting])[0]):
            batches.append(self.waiting)
            last = j + len(batches) == self.steps
            full = sum(batch[0].nbytes for batch in batches) >= STAGE_BYTES
            self.waiting = self.pull()
            if last or full or time.perf_counter() - started >= STAGE_SECONDS:
                break
        size = len(batches[0][0])
        arrays = [joined(same) for same in zip(*batches, strict=True)]
        return Stage(arrays, np.arange(len(batches) * size), size)

    def pull(self):
        """The next batch through the gate, or None after the last."""
        batch = next(self.iterator, None)
        if batch is None:
            return None
        parts = batch if isinstance(batch, tuple | list) else (batch,)
        if not self.scored:
            return self.model.samples(parts[0])
        if len(parts) not in (2, 3):
            form = "(x, y) or (x, y, sample_weight)"
            raise mismatch("This is not a batch.", form, f"{len(parts)} parts")
        weight = parts[2] if len(parts) == 3 else None
        return self.model.samples(*parts[:2], weight, self.class_weight)

    def items(self):
        """The batches of one that begins again, and is told of an epoch's end."""
        for k in range(len(self.batches)):
            yield self.batches[k]
        self.batches.on_epoch_end()

    def dry(self):
        """Whether all batches have come, for good."""
        return self.waiting is None and not self.restarts


def alike(batch, other):
    """Whether two batches have arrays of the same shapes."""
    return [np.shape(a) for a in batch] == [np.shape(a) for a in other]


def joined(arrays):
    """The same array of several batches that are alike, end to end."""
    return None if arrays[0] is None else np.concatenate(arrays)


def is_stream(x):
    """Whether x gives batches: an iterator, or Keras' Sequence (PyDataset)."""
    sequence = all(hasattr(x, name) for name in ("__len__", "__getitem__", "on_epoch_end"))
    return isinstance(x, Iterator) or sequence


def source_of(model, x, *targets, steps=None):
    """What brings the data in stages, or None for data in memory.

    targets: y, sample_weight and class_weight, as far as they are given; none for `predict`.
    """
    if is_stream(x):
        y, weight, classes = (*targets, None, None, None)[:3]
        if y is not None or weight is not None:
            raise mismatch(
                "A generator's batches bring their targets and weights along.",
                "batches (x, y) or (x, y, sample_weight) alone",
                "y or sample_weight beside a generator",
            )
        return Stream(model, x, steps, classes, scored=bool(targets))
    if steps is not None:
        raise mismatch("steps_per_epoch counts the batches of a generator.", "None", steps)
    mapped = any(isinstance(a, np.memmap) for a in (x, *targets))
    return Mapped(model, x, *targets) if mapped else None


def say_dry(epoch, batches):
    """Say that a generator has ended before the training."""
    warn(
        f"The generator ended after batch {batches} of epoch {epoch + 1}: training stops.\n"
        "Expected: steps_per_epoch * epochs batches, or a generator without an end."
    )
