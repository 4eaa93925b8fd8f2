"""Random stacks against live Keras: predict, evaluate, the history and the weights of two epochs.

In float64, where rounding cannot hide a difference. Left out is what differs on purpose; see
``test_differences.py``: so words, which may come twice, are trained by SGD and not clipped.
"""

from types import SimpleNamespace

import keras
import numpy as np
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from tests.against_keras.test_weights import regularizers
from tests.keras_twins import Twins, as_list
from tests.tolerances import KERAS_FLOAT64, assert_close

N, B, T, D, K, V = 8, 4, 3, 2, 3, 6
SPARSE = "sparse_categorical_crossentropy"
HEADS = {  # activations, loss, metrics, targets
    "numbers": ((None, "tanh", "relu"), ("mse", "mae"), ["mae", "mse"]),
    "shares": (("sigmoid", "hard_sigmoid"), ("binary_crossentropy",), ["binary_accuracy"]),
    "classes": (("softmax",), ("categorical_crossentropy",), ["accuracy"]),
    "labels": (("softmax", "hard_sigmoid"), (SPARSE,), ["accuracy"]),
}
TARGETS = {
    "numbers": lambda rng, shape: rng.normal(size=(*shape, K)),
    "shares": lambda rng, shape: rng.integers(2, size=(*shape, K)).astype(float),
    "classes": lambda rng, shape: np.eye(K)[rng.integers(K, size=shape)],
    "labels": lambda rng, shape: rng.integers(K, size=shape),
}
OPTIMIZERS = {  # numbers that float32 holds, in which Keras has them
    "SGD": {"momentum": (0.0, 0.875), "nesterov": (False, True)},
    "RMSprop": {"rho": (0.875, 0.5), "momentum": (0.0, 0.5), "centered": (False, True)},
    "Adam": {"beta_1": (0.875, 0.5), "beta_2": (0.96875,), "epsilon": (1e-7, 1e-3)},
}
CLIPPINGS = ({}, {"clipnorm": 0.125}, {"clipvalue": 2**-6}, {"global_clipnorm": 0.25})
PENALTIES = (None, None, (2**-6, 0.0), (0.0, 2**-6), (2**-7, 2**-6))  # l1 and l2
GATES = ("sigmoid", "hard_sigmoid", "tanh")


@st.composite
def recurrents(draw, sequences, masked, stateful):
    """How the two directions of a recurrent layer are merged, None for one, and its options."""
    backwards = draw(st.booleans()) and not (sequences and masked)  # Keras leaves the mask as it is
    options = {
        "units": draw(st.integers(1, 5)),
        "activation": draw(st.sampled_from(("tanh", "relu", "sigmoid"))),
        "recurrent_activation": draw(st.sampled_from(GATES)),
        "use_bias": draw(st.booleans()),
        "kernel_regularizer": draw(st.sampled_from(PENALTIES)),
        "recurrent_regularizer": draw(st.sampled_from(PENALTIES)),
        "return_sequences": sequences,
        "stateful": stateful,
    }
    merge = draw(st.sampled_from((None, None, "concat", "sum", "mul", "ave")))
    return merge, options | ({"go_backwards": backwards} if merge is None else {})


@st.composite
def stacks(draw):
    """Layers, data and what `compile` and `fit` are given."""
    s = SimpleNamespace(words=draw(st.booleans()), masked=draw(st.booleans()))
    s.stateful, s.each_step = draw(st.booleans()), draw(st.booleans())
    depth = draw(st.integers(1, 2))
    ends = [True] * (depth - 1) + [s.each_step]
    s.recurrents = [draw(recurrents(ends[k], s.masked, s.stateful)) for k in range(depth)]
    s.head = draw(st.sampled_from(sorted(HEADS)))
    activations, losses, s.metrics = HEADS[s.head]
    s.activation, s.loss = draw(st.sampled_from(activations)), draw(st.sampled_from(losses))
    s.penalty = draw(st.sampled_from(PENALTIES))
    s.wrapped = s.each_step and draw(st.booleans())
    s.optimizer = "SGD" if s.words else draw(st.sampled_from(sorted(OPTIMIZERS)))
    rates = OPTIMIZERS[s.optimizer].items()
    s.rates = {name: draw(st.sampled_from(values)) for name, values in rates}
    s.rates |= draw(st.sampled_from(CLIPPINGS[:1] if s.words else CLIPPINGS))
    s.rates |= {"learning_rate": 2**-7}
    s.batch_size = B if s.stateful else draw(st.sampled_from((B, 3, N)))
    s.split = 0.0 if s.stateful else draw(st.sampled_from((0.0, 0.25)))
    s.weights = draw(st.sampled_from((None, "samples", "steps" if s.each_step else "classes")))
    s.seed = draw(st.integers(0, 999))
    return s


def penalty_of(k, rates):
    """A penalty on a tensor, or none."""
    return None if rates is None else regularizers(k).L1L2(*rates)


def recurrent(k, merge, options):
    """An LSTM, or two of them."""
    penalties = {name: penalty_of(k, options[name]) for name in options if name.endswith("izer")}
    lstm = k.LSTM(**options | penalties)
    return lstm if merge is None else k.Bidirectional(lstm, merge)


def layers_of(s):
    """The layers, as what makes them of `keras.layers` or of `tinylstm`."""

    def layers(k):
        first = [k.Masking()] if s.masked and not s.words else []
        first = [k.Embedding(V, D, mask_zero=s.masked)] if s.words else first
        dense = k.Dense(K, s.activation, kernel_regularizer=penalty_of(k, s.penalty))
        last = k.TimeDistributed(dense) if s.wrapped else dense
        return [*first, *(recurrent(k, *one) for one in s.recurrents), last]

    return layers


def data_of(s, rng):
    """Samples, some of their steps masked if any are, but never all of them; targets; weights."""
    x = rng.integers(1, V, (N, T)) if s.words else rng.normal(size=(N, T, D))
    held = rng.random((N, T)) < 0.4
    held[np.arange(N), rng.integers(T, size=N)] = False
    x[held] = 0
    y = TARGETS[s.head](rng, (N, T) if s.each_step else (N,))
    shapes = {"samples": (N, 1) if s.each_step else (N,), "steps": (N, T)}
    if s.weights == "classes":
        return x, y, {"class_weight": {0: 3.0, 2: 0.5}}
    return x, y, {"sample_weight": rng.random(shapes[s.weights])} if s.weights else {}


@pytest.fixture(scope="module", autouse=True)
def wide_keras():
    """Keras computes losses and metrics in float64 too."""
    keras.config.set_floatx("float64")
    yield
    keras.config.set_floatx("float32")


@settings(max_examples=20, deadline=None, derandomize=True, database=None, phases=[Phase.generate])
@given(stacks())
def test_a_random_stack_predicts_scores_and_trains_as_in_keras(s):
    shape = (B if s.stateful else None, T) + (() if s.words else (D,))
    rng = np.random.default_rng(s.seed)
    twins = Twins(layers_of(s), shape, rng, "float64")
    twins.compile(s.loss, s.optimizer, metrics=s.metrics, eagerly=True, **s.rates)
    x, y, weights = data_of(s, rng)
    models = twins.ours, twins.keras
    quiet = {"batch_size": s.batch_size, "verbose": 0}

    def agree(found, what):
        for k, (a, b) in enumerate(zip(*found, strict=True)):
            assert_close(a, b, KERAS_FLOAT64, f"{what} {k}")

    agree([[model.predict(x, **quiet)] for model in models], "outputs")
    agree([as_list(model.evaluate(x, y, **quiet)) for model in models], "score")
    given = {"epochs": 2, "shuffle": False, "validation_split": s.split, **weights, **quiet}
    ours, theirs = (model.fit(x, y, **given).history for model in models)
    assert set(ours) == set(theirs)
    for name, values in theirs.items():
        assert_close(ours[name], values, KERAS_FLOAT64, name)
    twins.assert_weights(KERAS_FLOAT64)
    agree([[model.predict(x, **quiet)] for model in models], "outputs after training")
