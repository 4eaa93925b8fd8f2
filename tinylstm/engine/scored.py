"""The metrics of a model as the compiled loop knows them: a row of a table each, and their sums."""

import numpy as np

from ..data.arrays import table
from ..kernels.signatures import address_for
from ..kernels.tables import METRIC
from ..kernels.training.loop import METRICS, VALID
from ..metrics.metric import kind_for


class Scored:
    """Some metrics, compiled for a dtype.

    Parameters
    ----------
    metrics : list of Metric
    dtype : numpy.dtype

    Attributes
    ----------
    table : array of METRIC
        For the compiled loop.
    width : int
        Columns of a row of its results.
    functions : list of (OfArrays, int)
        Those that are called between batches, and the first column of each.
    """

    def __init__(self, metrics, dtype):
        self.metrics, self.table = metrics, table(METRIC, len(metrics))
        self.functions, self.places, column = [], [], METRICS
        for row, metric in zip(self.table, metrics, strict=True):
            if metric.kernel is None:
                self.functions.append((metric, column))
            else:
                row["kernel"] = address_for(dtype, metric.kernel, kind_for(metric.sums))
            row["sums"] = metric.sums
            row["option"], row["options"] = metric.option.ctypes.data, len(metric.option)
            self.places.append(slice(column, column + metric.columns))
            column += metric.columns
        self.width = column

    def __len__(self):
        return len(self.metrics)

    def values(self, results):
        """What the sums of some epochs amount to: an array (epochs,) for each metric."""
        pairs = zip(self.metrics, self.places, strict=True)
        return [metric.result(results[:, place], results[:, VALID]) for metric, place in pairs]


NOTHING = Scored([], np.dtype(np.float64))  # where no target is known
