"""``TimeseriesGenerator``: batches of windows of a series, and what follows each.

Source: ``keras_preprocessing/sequence.py`` 1.0.5, which Keras 2.2.4 had, and 1.1.0.
"""

import numpy as np

from ..surface.arguments import whole_number
from ..surface.errors import mismatch
from .dialect import spoken
from .generators import Sequence


class TimeseriesGenerator(Sequence):
    """Batches of windows of a series: of `length` points each, with the target that follows.

    Parameters
    ----------
    data : array (points, ...)
    targets : array (points, ...)
        That of a window is the one at the point behind it.
    length : int
        Points from the first of a window to its target.
    sampling_rate : int, default=1
        Every so many points of these are in the window.
    stride : int, default=1
        Points from one window to the next.
    start_index, end_index : int, optional
        First and last point that are used; by default all are.
    shuffle : bool, default=False
        Draw the windows of each batch by chance, from ``numpy.random``.
    reverse : bool, default=False
        Whether a window goes backwards.
    batch_size : int, default=128
    """

    def __init__(
        self,
        data,
        targets,
        length,
        sampling_rate=1,
        stride=1,
        start_index=0,
        end_index=None,
        shuffle=False,
        reverse=False,
        batch_size=128,
    ):
        self.data, self.targets = as_spoken(data), as_spoken(targets)
        if len(data) != len(targets):
            raise mismatch(
                "Each point has a target.", f"{len(data)} targets", f"{len(targets)} targets"
            )
        self.length = whole_number(length, "length")
        self.sampling_rate = whole_number(sampling_rate, "sampling_rate")
        self.stride = whole_number(stride, "stride")
        self.batch_size = whole_number(batch_size, "batch_size")
        self.start_index = start_index + self.length  # the first target
        self.end_index = len(data) - 1 if end_index is None else end_index
        self.shuffle, self.reverse = shuffle, reverse
        if self.start_index > self.end_index:
            raise mismatch(
                "No window has a target behind it.",
                f"more than {self.length} points",
                f"points {start_index} to {self.end_index}",
            )

    def __len__(self):
        step = self.batch_size * self.stride
        return (self.end_index - self.start_index + step) // step

    def __getitem__(self, index):
        if self.shuffle:  # old scripts draw from numpy.random
            rows = np.random.randint(self.start_index, self.end_index + 1, self.batch_size)  # noqa: NPY002
        else:
            first = self.start_index + self.batch_size * self.stride * index
            behind = min(first + self.batch_size * self.stride, self.end_index + 1)
            rows = np.arange(first, behind, self.stride)
        windows = np.array([self.data[k - self.length : k : self.sampling_rate] for k in rows])
        targets = np.array([self.targets[k] for k in rows])
        return (windows[:, ::-1] if self.reverse else windows), targets


def as_spoken(values):
    """An array; up to 2.2 windows held floats whatever came."""
    return np.asarray(values, float) if spoken().number < (2, 3) else np.asarray(values)
