"""Batches that come into memory in stages, and which run reads what."""

import numpy as np

from ..data.staging import UNKNOWN, WrongBatch
from ..surface.errors import mismatch, warn
from .program import PLAN_FIELD
from .runs import Run


class StagedRun(Run):
    """Batches that come into memory in stages: see `tinylstm.data.staging`.

    Parameters
    ----------
    model : Sequential
    source : Source
    batch_size : int or None
    learn, give, measure
        As in `Run`.
    """

    staged = True

    def __init__(self, model, source, batch_size=None, learn=False, give=False, measure=False):
        self.source, self.count = source, source.begin(batch_size)
        self.shuffled, self.number = False, 0
        self.within = " of epoch {}" if learn else ""  # what a batch is one of, in messages
        self.begin_pass()
        try:
            first = source.first()
        except WrongBatch as wrong:
            raise wrong.named("The first batch") from None
        options = {"learn": learn, "give": give, "measure": measure}
        super().__init__(model, *first, batch_size=len(first[0]), **options)
        self.batches = self.batches._replace(count=self.count)

    def begin_pass(self):
        self.first = self.last = 0  # batches of the stage in memory: none
        self.pieces = []  # outputs of the stages so far

    def shuffle(self, wanted, number):
        self.shuffled, self.number = wanted, number
        self.set_plan(shuffles=number)

    def ready(self, done):
        return self.first <= done < self.last or self.load(done)

    def chunk(self, first, limit):
        return super().chunk(first, min(limit, self.last))

    def load(self, first):
        """Bring the stage that begins with a batch into memory, as a part of its epoch.

        Returns False where there is none.
        """
        epoch, j = divmod(first, self.count)
        order = epoch + self.number if self.shuffled else None
        try:
            stage = self.source.stage(j, order, self.batches_a_call())
        except WrongBatch as wrong:
            raise wrong.named(f"Batch {j}{self.within.format(epoch + 1)}") from None
        if stage is None:
            batches = "1 batch" if j == 1 else f"{j} batches"
            warn(
                f"The generator ended after {batches}{self.within.format(epoch + 1)}.\n"
                "Expected: as many batches as all epochs have steps, or a generator without an end."
            )
            return False
        names = ("start", "shuffles", "drawn", "reset")
        kept = {name: int(self.fields[PLAN_FIELD[name]]) for name in names}
        self.open(*stage.arrays, batch_size=stage.batch_size)
        self.order[:] = stage.order
        if self.give:
            self.pieces.append(super().outputs(self.batches.count))  # a view: it is filled soon
        self.first, self.last = first, first + self.batches.count
        if self.source.dry and self.count == UNKNOWN:
            self.count = self.last
        self.batches = self.batches._replace(count=self.count)
        self.set_plan(**kept, count=self.count, staged=j)
        return True

    def end_epoch(self):
        self.source.end_epoch()

    def end(self):
        interrupt = self.source.interrupted()
        if interrupt is not None:
            raise interrupt

    def params(self):
        steps = None if self.count == UNKNOWN else self.count
        return super().params() | {"steps": steps, "samples": self.source.samples}

    def outputs(self, done, first=0):
        here = super().outputs(done - self.first, max(first - self.first, 0))
        if first >= self.first:
            return here
        self.pieces[-1] = here
        shapes = {piece.shape[1:] for piece in self.pieces}
        if len(shapes) > 1:
            raise mismatch("Outputs of one shape make an array.", "as many steps", sorted(shapes))
        return np.concatenate(self.pieces)


def open_run(model, data, batch_size, epochs=1, **options):
    """A run over arrays [x, y, weights], or over what brings them in stages."""
    if isinstance(data, list):
        size = batch_size or model.state.default_batch_size()
        return Run(model, *data, batch_size=size, epochs=epochs, **options)
    return StagedRun(model, data, batch_size, **options)
