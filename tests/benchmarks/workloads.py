"""The models and data that are timed, drawn from the classic alphabet and cosine tutorials."""

from dataclasses import dataclass

import numpy as np

LETTERS = 26


@dataclass(frozen=True)
class Workload:
    """One model with its training data.

    Parameters
    ----------
    name : str
        What the tables call it.
    units : tuple of int
        Units of each LSTM layer, bottom first.  Only the last returns its final step alone.
    X : ndarray, float32, shape (N, T, D)
        Inputs, in the order in which they are trained on.
    Y : ndarray, float32, shape (N, K)
        Targets.  The model ends in Dense(K).
    batch : int
        Samples a batch; divides N.
    loss : str
        ``"categorical_crossentropy"`` (after a softmax) or ``"mse"`` (after a linear layer).
    stateful : bool
        Whether h and c are carried from batch to batch and reset after each epoch.
    """

    name: str
    units: tuple
    X: np.ndarray
    Y: np.ndarray
    batch: int = 1
    loss: str = "categorical_crossentropy"
    stateful: bool = False

    @property
    def batches(self):
        """Training steps an epoch."""
        return len(self.X) // self.batch

    @property
    def activation(self):
        """Activation of the last layer."""
        return "linear" if self.loss == "mse" else "softmax"

    def time_major(self):
        """Inputs (batches, T, B, D) and targets (batches, B, K)."""
        _, T, D = self.X.shape
        X = self.X.reshape(self.batches, self.batch, T, D).transpose(0, 2, 1, 3)
        return np.ascontiguousarray(X), self.Y.reshape(self.batches, self.batch, -1)

    def weights(self):
        """Start weights in Keras' order: W (D,4H), U (H,4H), b (4H) a layer; then W (H,K), b (K).

        Every engine starts from these, so that their first losses can be compared.
        """
        rng = np.random.default_rng(1)
        tensors, fan_in = [], self.X.shape[2]
        for H in self.units:
            b = np.zeros(4 * H)
            b[H : 2 * H] = 1  # forget gate
            tensors += [glorot(rng, fan_in, 4 * H), glorot(rng, H, 4 * H), b]
            fan_in = H
        K = self.Y.shape[1]
        tensors += [glorot(rng, fan_in, K), np.zeros(K)]
        return [tensor.astype(np.float32) for tensor in tensors]


def glorot(rng, rows, columns):
    """Uniform weights of variance 2 / (rows + columns)."""
    limit = np.sqrt(6 / (rows + columns))
    return rng.uniform(-limit, limit, (rows, columns))


def letters(starts, steps):
    """Windows of `steps` letters as X (N, steps, 1) in 0..1, and the letter after each, one-hot."""
    windows = np.asarray(starts)[:, None] + np.arange(steps)
    X = (windows / LETTERS).astype(np.float32)[..., None]
    return X, np.eye(LETTERS, dtype=np.float32)[windows[:, -1] + 1]


def cosine(steps):
    """Sliding windows over the first 800 points of a cosine scaled to 0..1, and the next point."""
    wave = (np.cos(np.arange(1000) * 20 * np.pi / 1000) + 1) / 2
    wave = wave[:800].astype(np.float32)
    X = np.lib.stride_tricks.sliding_window_view(wave[:-1], steps)
    return np.ascontiguousarray(X)[..., None], wave[steps:, None]


def all_workloads():
    """Every workload, by name."""
    starts = np.random.default_rng(7).integers(0, LETTERS - 5, 1000)
    one = letters(range(25), 1)
    workloads = [
        Workload("letters-1", (32,), *one),
        Workload("letters-3", (32,), *letters(range(23), 3)),
        Workload("letters-5", (32,), *letters(starts, 5)),
        Workload("letters-batch", (16,), *one, batch=25),
        Workload("letters-stateful", (50,), *one, stateful=True),
        Workload("cosine", (32,), *cosine(20), loss="mse"),
        Workload("cosine-stacked", (32, 32), *cosine(40), loss="mse", stateful=True),
    ]
    return {workload.name: workload for workload in workloads}


WORKLOADS = all_workloads()
