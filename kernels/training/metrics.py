"""Metrics of several sums, or with parameters: what the targets of an epoch add up to.

Each has the arguments (y, target, valid, option, sums): y (n, K) and target (n, K), or (n, 1) for
the number of a class; valid (n), 1 or 0 for a masked row; option, its parameters, float64. It adds
to sums, float64, which are those of a batch, or of a thread's part of it; what they amount to in an
epoch, its `Metric` says. A metric of one sum is simpler: see ``losses.py``.
"""

import math

from ..compiling import inner, kernel


@inner
def count_below(y, r, truth, k, valid, sums):
    """Add 1 where fewer than k outputs of a row are larger than that of its true class.

    Those that are not a number count as larger.  Source: TensorFlow's ``in_top_k``.
    """
    larger = 0
    for j in range(y.shape[1]):
        larger += 0 if y[r, j] <= y[r, truth] else 1
    sums[0] += valid[r] if larger < k else 0.0


@kernel
def top_k(y, target, valid, option, sums):
    """Number of rows whose largest target is among the k = option[0] largest outputs."""
    for r in range(y.shape[0]):
        truth = 0
        for j in range(1, y.shape[1]):
            if target[r, j] > target[r, truth]:
                truth = j
        count_below(y, r, truth, option[0], valid, sums)


@kernel
def sparse_top_k(y, target, valid, option, sums):
    """Number of rows whose class is among the k = option[0] largest outputs."""
    for r in range(y.shape[0]):
        count_below(y, r, int(target[r, 0]), option[0], valid, sums)


@kernel
def evenly_binned(y, target, valid, option, sums):
    """Targets by how many of n = option[0] thresholds from 0 to 1, evenly spaced, lie below y.

    sums (2 (n + 1)): those that are not 0, then those that are. The lowest threshold is below 0 and
    the highest above 1: y in [0, 1], to which it is clipped, is above 1 to n - 1 of them.
    Source: Keras, ``metrics/metrics_utils.py``.
    """
    n, c = int(option[0]), y.dtype.type
    for r in range(y.shape[0]):
        for k in range(y.shape[1]):
            place = 0 if math.isnan(y[r, k]) else 1
            if y[r, k] > 0:
                place = max(1, math.ceil(min(y[r, k], c(1)) * c(n - 1)))
            sums[place if target[r, k] != 0 else n + 1 + place] += valid[r]


@kernel
def binned(y, target, valid, option, sums):
    """Targets by how many of the n thresholds in option, which rise, lie below y.

    sums (2 (n + 1)): those that are not 0, then those that are.
    """
    n, c = len(option), y.dtype.type
    for r in range(y.shape[0]):
        for k in range(y.shape[1]):
            place = 0
            while place < n and y[r, k] > c(option[place]):
                place += 1
            sums[place if target[r, k] != 0 else n + 1 + place] += valid[r]
