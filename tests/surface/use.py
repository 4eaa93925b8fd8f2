"""A call, the values of its arguments, and what the calls work on."""

import inspect
from typing import NamedTuple

import numpy as np

import tinylstm
from tinylstm import constraints, initializers, regularizers
from tinylstm.layers.activation import ACTIVATIONS, ELEMENTWISE, GATES

N, T, D, K, H = 4, 3, 2, 2, 3  # samples, steps, features, classes, units
RNG = np.random.default_rng(3)
X = RNG.normal(size=(N, T, D)).astype(np.float32)
LABELS = np.array([0, 1, 1, 0])
Y = np.eye(K, dtype=np.float32)[LABELS]
SERIES = RNG.normal(size=(24, D))
STATE = [np.full((N, H), 0.1), np.full((N, H), 0.2)]
MASK = np.array([[True, True, False]] * N)
WEIGHTS = np.array([1.0, 2.0, 0.5, 0.0])

FLAGS = (False, True)
RATES = (0, 0.5)
COUNTS = (1, 2, np.int64(2), 2.0)
SHOWN = (0, 1, 2, 3, "auto")
DTYPES = (None, "float32", "float64", np.float64)
PENALTIES = (None, *regularizers.REGULARIZERS, regularizers.L1L2(0.1, 0.2))
CONSTRAINTS = (None, *constraints.CONSTRAINTS, constraints.MaxNorm(0.5, axis=-1))
OF_MATRICES = (*initializers.INITIALIZERS, lambda shape, rng: rng.normal(size=shape))
OF_VECTORS = tuple(name for name in OF_MATRICES if name != "orthogonal")  # it needs two axes
FUNCTIONS = (*ACTIVATIONS, *ELEMENTWISE)
GATES = tuple(GATES)


class Use(NamedTuple):
    """A call, and the values that each argument may have; without a default it has the first."""

    documented: object  # whose docstring names them
    call: callable
    values: dict
    beside: dict = {}  # noqa: RUF012  never changed; what is always given


class New(NamedTuple):
    """A value that is made anew for each call, as it serves one."""

    make: callable


def given(value):
    """The value, or one that is made for this call."""
    return value.make() if isinstance(value, New) else value


def required(documented):
    """Names of the arguments without a default."""
    parameters = inspect.signature(documented).parameters.values()
    named = [one for one in parameters if one.kind not in (one.VAR_KEYWORD, one.VAR_POSITIONAL)]
    return [one.name for one in named if one.default is one.empty and one.name != "self"]


def model(last="softmax", optimizer="sgd", loss="categorical_crossentropy", **lstm):
    """A new model that has been trained."""
    tinylstm.set_random_seed(7)
    layers = [tinylstm.LSTM(H, input_shape=(T, D), **lstm), tinylstm.Dense(K, last)]
    made = tinylstm.Sequential(layers)
    made.compile(optimizer, loss, ["acc"])
    made.fit(X, Y, N, verbose=0)
    return made


def stateful():
    """A model that holds a state of as many rows as there are samples."""
    return model(stateful=True)


def batches(targets=True):
    """Batches without an end."""
    while True:
        yield (X[:2], Y[:2], np.ones(2)) if targets else X[:2]


class Feed:
    """Keras' Sequence of two batches."""

    def __len__(self):
        return 2

    def __getitem__(self, k):
        return X[2 * k : 2 * k + 2], Y[2 * k : 2 * k + 2]

    def on_epoch_end(self):
        """Nothing to do."""


def method(method_name, make=model, /, beside=None, **values):
    """The use of a method of a new object."""

    def call(**given):
        return getattr(make(), method_name)(**given)

    return Use(getattr(type(make()), method_name), call, values, beside or {})
