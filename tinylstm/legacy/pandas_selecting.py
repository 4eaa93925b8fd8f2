"""``.ix`` of pandas up to 0.25: rows and columns by label or by place.

Source: ``pandas/core/indexing.py`` (_IXIndexer) at 0.23.
"""

import numpy as np


class Ix:
    """Reads and writes parts of a DataFrame or a Series.

    Whole numbers are labels on an axis whose labels are whole numbers, and places on any other.

    Parameters
    ----------
    data : pandas.DataFrame or pandas.Series
    """

    def __init__(self, data):
        self.data = data

    def __getitem__(self, key):
        return self.data.iloc[self.places(key)]

    def __setitem__(self, key, value):
        self.data.iloc[self.places(key)] = value

    def places(self, key):
        """The same key by places."""
        keys = key if isinstance(key, tuple) else (key,)
        axes = zip(keys, self.data.axes, strict=False)
        places = tuple(place(one, axis) for one, axis in axes)
        return places if len(places) > 1 else places[0]


def place(key, axis):
    """Places on an axis: a number, a slice or an array."""
    if isinstance(key, slice):
        ends = [end for end in (key.start, key.stop) if end is not None]
        by_place = not by_label(axis) and all(map(is_whole, ends))
        return key if by_place else axis.slice_indexer(key.start, key.stop, key.step)
    if np.ndim(key) == 0 or isinstance(key, str):
        return key if is_whole(key) and not by_label(axis) else axis.get_loc(key)
    keys = np.asarray(key)
    if keys.dtype == bool:
        return keys
    if keys.dtype.kind in "iu" and not by_label(axis):
        return keys
    found = axis.get_indexer_for(key)
    if (found < 0).any():
        raise KeyError(f"{np.asarray(key)[found < 0].tolist()} not in the labels")
    return found


def by_label(axis):
    """Whether the labels of an axis are whole numbers."""
    return axis.dtype.kind in "iu"


def is_whole(key):
    """Whether a key is a whole number."""
    return isinstance(key, (int, np.integer)) and not isinstance(key, (bool, np.bool_))
