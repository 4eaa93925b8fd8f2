"""Data that is not in memory: a memmap, or a generator of batches, a stage of batches at a time.

A stage is as many samples as `STAGE_BYTES` hold, or as many batches as come within the time of a
compiled call and are run in one. It passes the same gate as any data, and the loop runs it as a
part of an epoch.

Nothing is lost where a batch is wrong or does not come: a stage ends before it, and what is wrong
is raised when the next one is asked for, after all batches before.
"""

from typing import NamedTuple, Protocol

import numpy as np

STAGE_BYTES = 2**24  # of x and y together
UNKNOWN = 2**40  # batches of an epoch whose end was not seen yet


class WrongBatch(Exception):
    """What the gate says of a batch, its cause: raised where a stage would begin with it.

    Parameters
    ----------
    sample : int, optional
        Which of all samples it is about, where their numbers are known.
    """

    def __init__(self, sample=None):
        self.sample = sample

    def named(self, batch):
        """The same, said of a batch by its name."""
        kind = TypeError if isinstance(self.__cause__, TypeError) else ValueError
        of_it = "" if self.sample is None else f", sample {self.sample}"
        return kind(f"{batch}{of_it}: {self.__cause__}")


class Stage(NamedTuple):
    """A part of an epoch, in memory, that nobody else can change."""

    arrays: list  # x, y and weights, through the gate
    order: np.ndarray  # in which its samples are read
    batch_size: int


class Source(Protocol):
    """What brings data in stages: all that a `StagedRun` asks of a `Mapped` or a `Streamed`."""

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
