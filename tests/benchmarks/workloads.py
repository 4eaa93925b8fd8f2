"""The models and data that are timed, drawn from the classic alphabet and cosine tutorials."""

from dataclasses import dataclass

import numpy as np

from tests.benchmarks.arithmetic import multiply_adds

LETTERS = 26


@dataclass(frozen=True)
class Workload:
    """One model with its training data.

    Parameters
    ----------
    name : str
        What the tables call it.
    units : tuple of int
        Units of each LSTM layer, bottom first.
    X : ndarray, float32, shape (N, T, D)
        Inputs, in the order in which they are trained on.
    Y : ndarray, float32, shape (N, K) or (N, T, K)
        Targets, of the last step or of every step.  The model ends in Dense(K).
    batch : int
        Samples a batch; divides N.
    loss : str
        ``"categorical_crossentropy"`` (after a softmax) or ``"mse"`` (after a linear layer).
    stateful : bool
        Whether h and c are carried from batch to batch and reset after each epoch.
    chaotic : bool
        Whether a rounding decides the loss of an epoch, so that engines need not agree on it.
    """

    name: str
    units: tuple
    X: np.ndarray
    Y: np.ndarray
    batch: int = 1
    loss: str = "categorical_crossentropy"
    stateful: bool = False
    chaotic: bool = False

    kind = "train"  # the function of an engine that takes it
    first = 1  # epochs of the run whose loss is compared

    @property
    def count(self):
        """Training steps an epoch."""
        return len(self.X) // self.batch

    @property
    def activation(self):
        """Activation of the last layer."""
        return "linear" if self.loss == "mse" else "softmax"

    @property
    def each_step(self):
        """Whether the last LSTM layer returns every step, and Dense answers at each."""
        return self.Y.ndim == 3

    @property
    def outputs(self):
        """K, what the model puts out."""
        return self.Y.shape[-1]

    @property
    def gflop(self):
        """Floating-point operations of a training step, in thousand millions."""
        return 2e-9 * multiply_adds(self)

    @property
    def title(self):
        """The model and the shape of a batch, in words."""
        _, T, D = self.X.shape
        same = len(set(self.units)) == 1 < len(self.units)
        lstm = f"{len(self.units)} x LSTM({self.units[0]}" if same else f"LSTM({self.units[0]}"
        head = f"Dense({self.outputs})" + (" at each step" if self.each_step else "")
        steps = f"{T} step{'s' * (T > 1)}" + (f", {D} features" if D > 1 else "")
        return f"{lstm}{', stateful' * self.stateful}), {head}, batch {self.batch}, {steps}"

    def time_major(self):
        """Inputs (batches, T, B, D) and targets (batches, B, K) or (batches, T, B, K)."""
        return steps_first(self.X, self.batch), (
            steps_first(self.Y, self.batch)
            if self.each_step
            else self.Y.reshape(self.count, self.batch, -1)
        )

    def weights(self):
        """Start weights in Keras' order: W (D,4H), U (H,4H), b (4H) a layer; then W (H,K), b (K).

        Every engine starts from these, so that their first losses can be compared.
        """
        return start_weights(self.X.shape[2], self.units, self.outputs)


def steps_first(A, batch):
    """A (N, T, K) as (batches, T, B, K)."""
    N, T, K = A.shape
    return np.ascontiguousarray(A.reshape(N // batch, batch, T, K).transpose(0, 2, 1, 3))


def start_weights(D, units, K):
    """The tensors of LSTM layers over D features, and of Dense(K) where K is not zero."""
    rng = np.random.default_rng(1)
    tensors, fan_in = [], D
    for H in units:
        b = np.zeros(4 * H)
        b[H : 2 * H] = 1  # forget gate
        tensors += [glorot(rng, fan_in, 4 * H), glorot(rng, H, 4 * H), b]
        fan_in = H
    if K:
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
        Workload("cosine-stacked", (32, 32), *cosine(40), loss="mse", stateful=True, chaotic=True),
    ]
    return {workload.name: workload for workload in workloads}


WORKLOADS = all_workloads()
