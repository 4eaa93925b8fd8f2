"""Constraints on weights: their arithmetic, when they are applied, and one of one's own."""

import numpy as np
import pytest
from tinylstm.kernels.training.loop import run_batches

import tinylstm
from tests.tolerances import NAIVE, assert_close
from tinylstm import GRU, LSTM, Dense, Embedding, Sequential, kernel, reference
from tinylstm.constraints import Constraint, MaxNorm, MinMaxNorm, NonNeg, UnitNorm
from tinylstm.testing.twin import twin_check

uncompiled = pytest.mark.uncompiled
DTYPE = pytest.mark.parametrize("dtype", ["float64", "float32"])
N, T, D, H, K = 9, 3, 2, 4, 3
SHAPES = {(5, 3): (0, 1, -1, [0, 1], None), (6,): (0, -1, None), (2, 3, 4): (0, 1, 2, [1, 2])}
KINDS = {
    "max_norm": (MaxNorm, {"max_value": 0.7}),
    "unit_norm": (UnitNorm, {}),
    "min_max_norm": (MinMaxNorm, {"min_value": 0.8, "max_value": 1.1, "rate": 0.6}),
}


@uncompiled
@DTYPE
@pytest.mark.parametrize("name", KINDS)
@pytest.mark.parametrize("shape", SHAPES)
def test_norms_along_every_axis_equal_the_naive_twin(rng, shape, name, dtype):
    kind, numbers = KINDS[name]
    w = rng.normal(size=shape).astype(dtype)
    w[0] = 0  # a norm of zero where it is alone
    for axis in SHAPES[shape]:
        wanted = getattr(reference, name)(w.astype(np.float64), **numbers, axis=axis)
        found = kind(**numbers, axis=axis)(w)
        assert found.dtype == w.dtype
        assert_close(found, wanted, NAIVE[dtype], f"axis {axis}")


@uncompiled
@DTYPE
def test_what_is_negative_becomes_zero(rng, dtype):
    w = rng.normal(size=(5, 3)).astype(dtype)
    np.testing.assert_array_equal(NonNeg()(w), reference.non_negative(w))


def trained(epochs=1, seed=7, **options):
    """A Dense after some updates."""
    tinylstm.set_random_seed(seed)
    model = Sequential([Dense(K, input_shape=(D,), **options)], dtype="float64")
    model.compile(tinylstm.SGD(0.5), "mse")
    rng = np.random.default_rng(1)
    model.fit(rng.normal(size=(N, D)), rng.normal(size=(N, K)), 4, epochs, verbose=0, shuffle=False)
    return model


@uncompiled
def test_each_update_ends_with_the_constraint():
    rng = np.random.default_rng(1)
    x, y = rng.normal(size=(N, D)), rng.normal(size=(N, K))
    tinylstm.set_random_seed(7)
    plain = Sequential([Dense(K, input_shape=(D,))], dtype="float64")
    plain.compile(tinylstm.SGD(0.5), "mse")
    plain.build((None, D))
    for start in range(0, N, 4):
        plain.train_on_batch(x[start : start + 4], y[start : start + 4])
        W, b = plain.get_weights()
        plain.set_weights([reference.unit_norm(W, axis=1), reference.non_negative(b)])
    model = trained(kernel_constraint=UnitNorm(axis=1), bias_constraint="non_neg")
    for found, wanted in zip(model.get_weights(), plain.get_weights(), strict=True):
        assert_close(found, wanted, NAIVE["float64"])


def test_nothing_but_an_update_applies_it():
    options = {"kernel_initializer": "ones", "kernel_constraint": UnitNorm()}
    model = trained(epochs=0, **options)
    model.evaluate(np.ones((2, D)), np.ones((2, K)))
    model.predict(np.ones((2, D)))
    assert (model.get_weights()[0] == 1).all()
    with pytest.warns(RuntimeWarning, match="its update was left out"):
        model.train_on_batch(np.full((1, D), 1e200), np.full((1, K), -1e200))
    assert (model.get_weights()[0] == 1).all()
    model.layers[0].trainable = False
    model.train_on_batch(np.ones((2, D)), np.ones((2, K)))
    assert (model.get_weights()[0] == 1).all()
    model.layers[0].trainable = True
    model.train_on_batch(np.ones((2, D)), np.ones((2, K)))
    assert_close(np.linalg.norm(model.get_weights()[0], axis=0), np.ones(K), 1e-6)


def test_a_parameter_that_gets_no_gradient_is_constrained_too():
    model = Sequential([LSTM(H, recurrent_constraint=MaxNorm(0.2), input_shape=(1, D))])
    model.compile("sgd", "mse")
    model.train_on_batch(np.ones((2, 1, D)), np.ones((2, H)))
    norms = np.linalg.norm(model.layers[0].weights["recurrent_kernel"], axis=0)
    assert (norms < 0.2001).all()


@pytest.mark.parametrize(
    "layer",
    [
        lambda **given: LSTM(H, **given),
        lambda **given: GRU(H, **given),
        lambda **given: tinylstm.Bidirectional(tinylstm.SimpleRNN(H, **given)),
    ],
)
def test_recurrent_layers_take_one_for_each_parameter(rng, layer):
    names = "kernel", "recurrent", "bias"
    made = layer(**{f"{name}_constraint": MaxNorm(0.1 * (k + 1)) for k, name in enumerate(names)})
    model = Sequential([made, Dense(1)])
    model.compile("sgd", "mse")
    model.fit(rng.normal(size=(N, T, D)), rng.normal(size=(N, 1)), verbose=0)
    for name, w in made.weights.items():
        most = {"recurrent_kernel": 0.2, "kernel": 0.1, "bias": 0.3}
        limit = next(bound for part, bound in most.items() if name.endswith(part))
        assert np.linalg.norm(w, axis=0).max() < limit + 1e-6, name


def test_words_take_one():
    model = Sequential([Embedding(5, 2, embeddings_constraint=UnitNorm(axis=1)), LSTM(1)])
    model.compile("sgd", "mse")
    model.fit(np.zeros((2, T)), np.zeros((2, 1)), verbose=0)
    norms = np.linalg.norm(model.layers[0].weights["embeddings"], axis=1)
    assert_close(norms, np.ones(5), 1e-5)  # words that never came too


@kernel
def centre(tensor, w):
    """The mean of each column becomes zero."""
    for j in range(w.shape[1]):
        total = w.dtype.type(0)
        for i in range(w.shape[0]):
            total += w[i, j]
        for i in range(w.shape[0]):
            w[i, j] -= total / w.dtype.type(w.shape[0]) * w.dtype.type(tensor.option[0])


class Centred(Constraint):
    kernel = centre

    def __init__(self, share=1.0, axis=0):
        super().__init__(axis)
        self.option = (share,)


@uncompiled
def test_one_of_ones_own_is_a_kernel(rng):
    w = rng.normal(size=(4, 3))
    assert_close(Centred(0.5, axis=1)(w), w - 0.5 * w.mean(axis=1, keepdims=True), 1e-12)
    model = trained(kernel_constraint=Centred())
    assert np.abs(model.get_weights()[0].mean(axis=0)).max() < 1e-12


def test_a_copy_has_it_too():
    model = trained(kernel_constraint=UnitNorm(), bias_constraint=Centred)
    assert (model.copy().layers[0].constraints) == model.layers[0].constraints


def test_the_checks_look_past_it(rng):
    model = Sequential([Dense(K, kernel_constraint=UnitNorm(), input_shape=(T, D))])
    model.compile("sgd", "mse")
    data = rng.normal(size=(2, T, D)), rng.normal(size=(2, T, K))
    assert tinylstm.gradient_check(model, *data).worst_error < 1e-7
    assert twin_check(model, *data).worst_error < 1e-10


class Wrong(Constraint):
    kernel = run_batches


def test_what_is_no_kernel_of_a_constraint_is_refused():
    with pytest.raises(TypeError, match=r"@kernel of \(tensor, w\)"):
        Wrong()
    with pytest.raises(TypeError, match="is a kernel"):
        Constraint()
    many = Centred()
    many.option = (1.0,) * 5
    with pytest.raises(ValueError, match="at most 4"):
        many(np.ones((2, 2)))
