"""Data that is not in memory: a memmap, or a generator of batches, a stage of batches at a time.

A stage is as many samples as `STAGE_BYTES` hold, or as many batches as come within the time of a
compiled call and are run in one. It passes the same gate as any data, and the loop runs it as a
part of an epoch.

Nothing is lost where a batch is wrong or does not come: a stage ends before it, and what is wrong
is raised when the next one is asked for, after all batches before.
"""

import copy
import time
from collections.abc import Iterator
from contextlib import suppress
from typing import NamedTuple, Protocol

import numpy as np

from .errors import kind_of, mismatch, whole_number
from .kernels.loop import draw_order

STAGE_BYTES = 2**24  # of x and y together
STAGE_SECONDS = 0.03
UNKNOWN = 2**40  # batches of an epoch whose end was not seen yet
END = object()  # instead of a batch


class WrongBatch(Exception):
    """What the gate says of a batch, its cause: raised where a stage would begin with it."""

    def named(self, batch):
        """The same, said of a batch by its name."""
        kind = TypeError if isinstance(self.__cause__, TypeError) else ValueError
        return kind(f"{batch}: {self.__cause__}")


class Stage(NamedTuple):
    """A part of an epoch, in memory, that nobody else can change."""

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

    def stage(self, j, order, most):
        """The `Stage` from batch j of an epoch on, or None where nothing is left.

        order: the number of the random order of the epoch's samples, or None for that of the data.
        most: batches that come one after the other; no more are asked for ahead of their updates.
        """

    def end_epoch(self):
        """After the last batch of an epoch was run, and all have been told."""

    def interrupted(self):
        """The Ctrl-C that was heard while batches came that nobody needs any more, or None."""


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
        targets = (y, weight, self.class_weight) if self.scored else ()
        return self.model.samples(x, *targets, own=isinstance(part, slice))

    def begin(self, batch_size):
        """Checks what concerns all samples."""
        self.batch_size = batch_size or self.model.state.default_batch_size()
        count = self.model.state.batches(self.samples, self.batch_size).count
        self.batch_size = min(self.batch_size, self.samples)
        return count

    def first(self):
        return self.read(slice(self.batch_size))

    def stage(self, j, order, most):
        left = -(-self.samples // self.batch_size) - j
        batches = min(max(STAGE_BYTES // (self.sample_bytes * self.batch_size), 1), left)
        while batches > 1:
            with suppress(WrongBatch):
                return self.part(j, order, batches)
            batches //= 2  # the wrong one is behind them, or one of them, or the first
        return self.part(j, order, 1)

    def part(self, j, order, batches):
        """The stage of so many batches from batch j on."""
        try:
            return Stage(*self.ordered(j, order, batches), self.batch_size)
        except (ValueError, TypeError) as reason:
            raise WrongBatch from reason

    def ordered(self, j, order, batches):
        """So many batches from batch j on, and the order in which they are read."""
        first = j * self.batch_size
        last = min(first + batches * self.batch_size, self.samples)
        if order is None:
            return self.read(slice(first, last)), np.arange(last - first)
        if self.drawn != order:
            self.order, self.drawn = np.empty(self.samples, np.int64), order
            draw_order(self.order, self.model.seed, order)
        numbers = self.order[first:last]
        places = np.argsort(numbers)  # a file is read from its beginning to its end
        return self.read(numbers[places]), np.argsort(places)

    def end_epoch(self):
        pass

    def interrupted(self):
        pass


class Stream:
    """A `Source`: batches (x, y) or (x, y, sample_weight), one after the other, from a generator.

    No batch is asked for before it is needed, but those of a stage, and the one after it in the
    same epoch, which says whether the data goes on. Each is copied when it comes: the next may come
    in the same arrays.

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
        self.model, self.batches, self.class_weight = model, batches, copy.copy(class_weight)
        self.scored = scored
        self.restarts = not isinstance(batches, Iterator)
        known = count_of(batches) if self.restarts else UNKNOWN
        self.steps = known if steps is None else whole_number(steps, "steps_per_epoch")
        self.iterator = self.items() if self.restarts else batches
        self.waiting = None  # a batch that has come and is not in a stage yet
        self.dry = False  # all batches have come, for good
        self.broken = None  # what was raised behind batches that had come

    def begin(self, batch_size):
        if batch_size is not None:
            raise mismatch("A generator's batches have their size.", "no batch_size", batch_size)
        return self.steps

    def first(self):
        if not self.comes():
            raise mismatch("The generator has no batch.", "at least one", "none")
        return self.waiting

    def stage(self, j, order, most):
        """Batches of one size that come within a short time."""
        if self.broken is not None:
            raise self.broken
        if j == 0 and self.restarts and self.waiting is None:
            self.iterator, self.dry = self.items(), False
        batches = []
        try:
            self.collect(batches, most, self.steps - j)
        except BaseException as broken:  # a Ctrl-C too: a generator does not give a batch again
            if not batches:
                raise
            self.broken = broken
        if not batches:
            return None
        arrays = [joined(same) for same in zip(*batches, strict=True)]
        return Stage(arrays, np.arange(len(arrays[0])), len(batches[0][0]))

    def collect(self, batches, most, left):
        """Append the batches of a stage, and have the one behind it wait.

        left: as many may come in this epoch.
        """
        size, started = 0, time.perf_counter()
        while len(batches) < left and self.comes():
            late = time.perf_counter() - started >= STAGE_SECONDS
            full = late or len(batches) >= most or size >= STAGE_BYTES
            if batches and (full or not alike(self.waiting, batches[0])):
                break
            batches.append(self.waiting)
            size += self.waiting[0].nbytes
            self.waiting = None

    def comes(self):
        """Whether another batch comes; it is then the one that waits."""
        if self.waiting is None and not self.dry:
            batch = next(self.iterator, END)
            self.dry = batch is END
            self.waiting = None if self.dry else self.checked(batch)
        return self.waiting is not None

    def checked(self, batch):
        """A batch through the gate."""
        try:
            return self.model.samples(*self.parts(batch), own=True)
        except (ValueError, TypeError) as reason:
            raise WrongBatch from reason

    def parts(self, batch):
        """What the gate is given of a batch."""
        parts = batch if isinstance(batch, tuple | list) else (batch,)
        if not self.scored and parts:
            return parts[:1]
        if len(parts) not in (2, 3):
            came = f"{len(parts)} parts" if parts is batch else kind_of(batch)
            raise mismatch("This is not a batch.", "(x, y) or (x, y, sample_weight)", came)
        weight = parts[2] if len(parts) == 3 else None
        return *parts[:2], weight, self.class_weight

    def items(self):
        """The batches of one that begins again."""
        return (self.batches[k] for k in range(count_of(self.batches)))

    def end_epoch(self):
        if self.restarts:
            self.batches.on_epoch_end()

    def interrupted(self):
        return None if isinstance(self.broken, Exception) else self.broken


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
    return arrays[0] if len(arrays) == 1 or arrays[0] is None else np.concatenate(arrays)


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
