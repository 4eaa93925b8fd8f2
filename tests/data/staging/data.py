"""Models, and arrays as files and as batches."""

import numpy as np

from tinylstm import LSTM, Dense, Sequential

N, T, D, B = 50, 4, 3, 8


def mapped(tmp_path, name, array):
    """The array in a file, in its own dtype."""
    path = tmp_path / f"{name}.npy"
    np.save(path, array)
    return np.load(path, mmap_mode="r")


def model_of(*, stateful=False, batch=None):
    model = Sequential(
        [LSTM(5, batch_input_shape=(batch, T, D), stateful=stateful), Dense(2)], name="m"
    )
    model.seed = 3
    model.compile("adam", "mse", metrics=["mae"])
    return model


class Batches:
    """What Keras calls a Sequence."""

    def __init__(self, *arrays, size=B):
        self.arrays, self.size, self.ends = arrays, size, 0

    def __len__(self):
        return -(-len(self.arrays[0]) // self.size)

    def __getitem__(self, k):
        return tuple(a[k * self.size : (k + 1) * self.size] for a in self.arrays)

    def on_epoch_end(self):
        self.ends += 1


def endless(*arrays, size=B):
    """A generator of batches without an end."""
    while True:
        yield from (Batches(*arrays, size=size)[k] for k in range(-(-len(arrays[0]) // size)))


def assert_same(model, other):
    for a, b in zip(model.get_weights(), other.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)
    for name, values in other.history.history.items():
        np.testing.assert_allclose(model.history.history[name], values, rtol=1e-6)
