"""Arrays as Keras' small functions had them: ``keras.utils.normalize``, ``slice_X``.

Source: ``keras/utils/np_utils.py`` at 2.2.4, ``keras/engine/training.py`` at 1.2.2.
"""

import numpy as np


def normalize(x, axis=-1, order=2):
    """The array, divided along an axis by its norm of that order where it is not 0."""
    norm = np.atleast_1d(np.linalg.norm(x, order, axis))
    return x / np.expand_dims(np.where(norm == 0, 1, norm), axis)


def slice_arrays(arrays, start=None, stop=None):
    """``arrays[start:stop]``, or the rows that ``start`` lists; of each one in a list of arrays."""
    if isinstance(arrays, list):
        return [None if one is None else slice_arrays(one, start, stop) for one in arrays]
    return arrays[start] if hasattr(start, "__len__") else arrays[start:stop]
