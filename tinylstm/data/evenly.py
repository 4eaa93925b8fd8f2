"""Some of many, with the same distances."""

import numpy as np


def evenly(values, count):
    """So many of some values, or all if there are no more: the last, and from two on the first."""
    if len(values) <= count:
        return list(values)
    places = np.linspace(len(values) - 1, 0, count).round().astype(int)
    return [values[place] for place in places[::-1]]
