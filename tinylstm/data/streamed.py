"""Batches from a generator, or from a sequence of them, a stage at a time.

Each is copied once, when it comes, to its place in the stage.
"""

import time
from collections.abc import Iterator

import numpy as np

from ..surface.arguments import whole_number
from ..surface.errors import kind_of, mismatch
from . import staging
from .staging import UNKNOWN, Stage, WrongBatch

STAGE_SECONDS = 0.03
END = object()  # instead of a batch


class Room:
    """Where batches of one shape are copied, end to end; when it is filled anew, over the former.

    A batch is a list of arrays, or None for an array that no batch has.
    """

    def __init__(self):
        self.arrays, self.count = [], 0  # of batches in it

    def begin(self, batch):
        """Have this batch as the first."""
        self.size, self.count = len(batch[0]), 0
        size = sum(array.nbytes for array in batch if array is not None)
        self.most = max(staging.STAGE_BYTES // size, 1)
        shapes = [None if a is None else (self.most * self.size, *a.shape[1:]) for a in batch]
        if [None if a is None else a.shape for a in self.arrays] != shapes:
            dtype = batch[0].dtype
            self.arrays = [None if one is None else np.empty(one, dtype) for one in shapes]
        self.add(batch)

    def takes(self, batch):
        """Whether a batch is like those that are there, and has room."""
        same = [None if a is None else (self.size, *a.shape[1:]) for a in self.arrays]
        return self.count < self.most and same == [None if a is None else a.shape for a in batch]

    def add(self, batch):
        """Copy a batch behind the others."""
        part = slice(self.count * self.size, (self.count + 1) * self.size)
        for room, array in zip(self.arrays, batch, strict=True):
            if array is not None:
                room[part] = array
        self.count += 1

    def stage(self):
        """The batches that are there."""
        samples = self.count * self.size
        arrays = [None if a is None else a[:samples] for a in self.arrays]
        return Stage(arrays, np.arange(samples), self.size)


class Streamed:
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
        self.model, self.batches, self.scored = model, batches, scored
        given = isinstance(class_weight, dict)
        self.class_weight = dict(class_weight) if given else class_weight  # the gate refuses others
        self.restarts = not isinstance(batches, Iterator)
        known = count_of(batches) if self.restarts else UNKNOWN
        self.steps = known if steps is None else whole_number(steps, "steps_per_epoch")
        self.iterator = self.items() if self.restarts else batches
        self.room, self.ahead = Room(), Room()  # of a stage, and of the batch that waits behind it
        self.dry = False  # all batches have come, for good
        self.broken = None  # what was raised behind batches that had come

    def begin(self, batch_size):
        if batch_size is not None:
            raise mismatch("A generator's batches have their size.", "no batch_size", batch_size)
        return self.steps

    def first(self):
        batch = self.next()
        if batch is None:
            raise mismatch("The generator has no batch.", "at least one", "none")
        self.ahead.begin(batch)
        return self.ahead.stage().arrays

    def stage(self, j, order, most):
        """Batches of one size that come within a short time."""
        if self.broken is not None:
            raise self.broken
        if j == 0 and self.restarts and not self.ahead.count:
            self.iterator, self.dry = self.items(), False
        self.room, self.ahead = self.ahead, self.room
        self.ahead.count = 0
        try:
            self.collect(most, self.steps - j)
        except BaseException as broken:  # a Ctrl-C too: a generator does not give a batch again
            if not self.room.count:
                raise
            self.broken = broken
        return self.room.stage() if self.room.count else None

    def collect(self, most, left):
        """Fill the room with batches of a stage; the one behind it is the first ahead.

        left: as many may come in this epoch.
        """
        room, started = self.room, time.perf_counter()
        while room.count < left:
            batch = self.next()
            if batch is None:
                break
            late = room.count >= most or time.perf_counter() - started >= STAGE_SECONDS
            if not room.count:
                room.begin(batch)
            elif late or not room.takes(batch):
                self.ahead.begin(batch)
                break
            else:
                room.add(batch)

    def next(self):
        """The next batch through the gate, or None where there is none."""
        if self.dry:
            return None
        batch = next(self.iterator, END)
        self.dry = batch is END
        return None if self.dry else self.checked(batch)

    def checked(self, batch):
        """A batch through the gate."""
        try:
            return self.model.samples(*self.parts(batch))
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

    def skip(self, epochs, batches):
        """Leave the batches of so many epochs, and some more, which somebody has had before."""
        if self.restarts:
            for _ in range(epochs):
                self.end_epoch()
        else:
            batches += epochs * self.steps
        for _ in range(batches):
            next(self.iterator, END)

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
