"""Samples of which some are in a `numpy.memmap`, read a stage at a time."""

from contextlib import suppress

import numpy as np

from ..kernels.training.loop import draw_order
from ..surface.errors import mismatch
from . import staging
from .staging import Stage, WrongBatch


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
        batches = min(max(staging.STAGE_BYTES // (self.sample_bytes * self.batch_size), 1), left)
        while batches > 1:
            with suppress(WrongBatch):
                return self.part(j, order, batches)
            batches //= 2  # the wrong one is behind them, or one of them, or the first
        try:
            return self.part(j, order, 1)
        except WrongBatch:
            self.find_sample(j, order)
            raise

    def find_sample(self, j, order):
        """Raise what is wrong with a sample of a batch, where it is one alone."""
        numbers = np.arange(self.samples) if order is None else self.order
        for number in numbers[j * self.batch_size : (j + 1) * self.batch_size].tolist():
            try:
                self.read(slice(number, number + 1))
            except (ValueError, TypeError) as reason:
                raise WrongBatch(number) from reason

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
