"""Data that is not in memory: a memmap, or a generator of batches, a stage of batches at a time.

A stage is as many samples as `STAGE_BYTES` hold, or as many batches as come within the time of a
compiled call. It passes the same gate as any data, and the loop runs it as a part of an epoch.
"""

import time
from collections.abc import Iterator
from typing import NamedTuple, Protocol

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


class Source(Protocol):
    """What brings data in stages: all that a `StagedRun` asks of a `Mapped` or a `Stream`."""

    samples: int | None  # None where nobody knows
    dry: bool  # whether all has come, and does not come again

    def begin(self, batch_size):
        """Before the first stage: batches an epoch, or `UNKNOWN`; refuses a wrong size."""

    def first(self):
        """The first batch, arrays through the gate; the first stage begins with it again."""

    def stage(self, j, order):
        """The `Stage` from batch j of an epoch on, or None where nothing is left.

        order: the number of the random order of the epoch's samples, or None for that of the data.
        """


class Mapped:
    """A `Source`: samples of which some are in a `numpy.memmap`.

    Parameters
    ----------
    model : Sequential
    scored : bool
        There are targets.
    x, y, sample_weight : array or memmap
    class_weight : dict, optional
    """

    dry = False  # it can be read again and again

    def __init__(self, model, scored, x, y=None, sample_weight=None, class_weight=None):
        self.model, self.scored, self.class_weight = model, scored, class_weight
        self.arrays = [None if a is None else np.asanyarray(a) for a in (x, y, sample_weight)]
        given = [a for a in self.arrays if a is not None]
        shapes = {a.shape[:1] for a in given}
        if len(shapes) > 1 or shapes & {(), (0,)}:
            raise mismatch(
                "x, y and sample_weight have as many samples each.",
                "one or more",
                ", ".join(f"shape {a.shape}" for a in given),
            )
        self.samples = len(given[0])
        self.sample_bytes = max(sum(a[:1].nbytes for a in given), 1)
        self.order, self.drawn = None, None  # of an epoch, and its number
        self.read(slice(1))  # builds a deferred model

    def __len__(self):
        return self.samples

    def __getitem__(self, part):
        arrays = [None if a is None else a[part] for a in self.arrays]
        return Mapped(self.model, self.scored, *arrays, self.class_weight)

    def read(self, part):
        """The samples of a slice, or of sorted numbers, through the gate."""
        x, y, weight = (None if a is None else a[part] for a in self.arrays)
        return self.model.samples(x, *((y, weight, self.class_weight) if self.scored else ()))

    def begin(self, batch_size):
        """Checks what concerns all samples."""
        self.batch_size = batch_size or self.model.state.default_batch_size()
        count = self.model.state.batches(self.samples, self.batch_size).count
        self.batch_size = min(self.batch_size, self.samples)
        return count

    def first(self):
        return self.read(slice(self.batch_size))

    def stage(self, j, order):
        first = j * self.batch_size
        batches = max(STAGE_BYTES // (self.sample_bytes * self.batch_size), 1)
        last = min(first + batches * self.batch_size, self.samples)
        if order is None:
            return Stage(self.read(slice(first, last)), np.arange(last - first), self.batch_size)
        if self.drawn != order:
            self.order, self.drawn = np.empty(self.samples, np.int64), order
            draw_order(self.order, self.model.seed, order)
        numbers = self.order[first:last]
        places = np.argsort(numbers)  # a file is read from its beginning to its end
        return Stage(self.read(numbers[places]), np.argsort(places), self.batch_size)


class Stream:
    """A `Source`: batches (x, y) or (x, y, sample_weight), one after the other, from a generator.

    No batch is asked for before it is needed, but the one after a stage, in the same epoch, which
    says whether the data goes on.

    Parameters
    ----------
    model : Sequential
    batches : iterator, or an object with ``__len__`` and ``__getitem__``
    steps : int, optional
        Batches an epoch; by default all that come.
    class_weight : dict, optional
    scored : bool
        Batches have targets; else the first part of each is x, and the rest is left.
    """

    samples = None  # nobody knows

    def __init__(self, model, batches, steps, class_weight=None, scored=True):
        self.model, self.batches, self.class_weight = model, batches, class_weight
        self.scored = scored
        self.restarts = not isinstance(batches, Iterator)
        known = count_of(batches) if self.restarts else UNKNOWN
        self.steps = known if steps is None else whole_number(steps, "steps_per_epoch")
        self.iterator = self.items() if self.restarts else batches
        self.waiting = None  # a batch that has come and is not in a stage yet
        self.dry = False  # all batches have come, for good

    def begin(self, batch_size):
        if batch_size is not None:
            raise mismatch("A generator's batches have their size.", "no batch_size", batch_size)
        return self.steps

    def first(self):
        if not self.comes():
            raise mismatch("The generator has no batch.", "at least one", "none")
        return self.waiting

    def stage(self, j, order):
        """Batches of one size that come within a short time."""
        if j == 0 and self.restarts and self.waiting is None:
            self.iterator, self.dry = self.items(), False
        batches, size, started = [], 0, time.perf_counter()
        while j + len(batches) < self.steps and self.comes():
            late = time.perf_counter() - started >= STAGE_SECONDS
            if batches and (late or size >= STAGE_BYTES or not alike(self.waiting, batches[0])):
                break
            batches.append(self.waiting)
            size += self.waiting[0].nbytes
            self.waiting = None
        if not batches:
            return None
        if self.restarts and j + len(batches) == self.steps:
            self.batches.on_epoch_end()
        arrays = [joined(same) for same in zip(*batches, strict=True)]
        return Stage(arrays, np.arange(len(arrays[0])), len(batches[0][0]))

    def comes(self):
        """Whether another batch comes; it is then the one that waits."""
        if self.waiting is None and not self.dry:
            batch = next(self.iterator, None)
            self.dry = batch is None
            self.waiting = None if self.dry else self.checked(batch)
        return self.waiting is not None

    def checked(self, batch):
        """A batch through the gate."""
        parts = batch if isinstance(batch, tuple | list) else (batch,)
        if not self.scored and parts:
            return self.model.samples(parts[0])
        if len(parts) not in (2, 3):
            form = "(x, y) or (x, y, sample_weight)"
            raise mismatch("This is not a batch.", form, f"{len(parts)} parts")
        weight = parts[2] if len(parts) == 3 else None
        return self.model.samples(*parts[:2], weight, self.class_weight)

    def items(self):
        """The batches of one that begins again."""
        return (self.batches[k] for k in range(count_of(self.batches)))


def count_of(batches):
    """How many batches an object of some has."""
    try:
        return len(batches)
    except (TypeError, ValueError, OverflowError) as reason:
        raise mismatch(
            f"{type(batches).__name__} does not know how many batches it has ({reason}).",
            "__len__ that returns a whole number",
            type(batches).__name__,
        ) from None


def alike(batch, other):
    """Whether two batches have arrays of the same shapes."""
    return [np.shape(a) for a in batch] == [np.shape(a) for a in other]


def joined(arrays):
    """The same array of several batches that are alike, end to end."""
    return None if arrays[0] is None else np.concatenate(arrays)


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
        return Stream(model, x, steps, classes, scored)
    if steps is not None:
        raise mismatch("steps_per_epoch counts the batches of a generator.", "None", steps)
    mapped = any(isinstance(a, np.memmap) for a in (x, *targets))
    return Mapped(model, scored, x, *targets) if mapped else None


def say_dry(epoch, batches):
    """Say that a generator has ended too soon."""
    warn(
        f"The generator ended after batch {batches} of epoch {epoch + 1}.\n"
        "Expected: as many batches as all epochs have steps, or a generator without an end."
    )
