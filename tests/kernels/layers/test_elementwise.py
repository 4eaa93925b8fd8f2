"""Activations whose derivative needs what comes in: shipped ones, and those of one's own."""

import pickle

import numpy as np
import pytest
from tinylstm.kernels.layers.elementwise import elu, gelu, leaky_relu

from tests.tolerances import DIFFERENCES, NAIVE, assert_close
from tinylstm import (
    GRU,
    LSTM,
    Activation,
    Dense,
    LeakyReLU,
    Sequential,
    TimeDistributed,
    activation,
    gradient_check,
    reference,
)
from tinylstm.testing.twin import twin_check

uncompiled = pytest.mark.uncompiled
DTYPE = pytest.mark.parametrize("dtype", ["float64", "float32"])
Z = np.array([-90.0, -8.0, -1.0, -1e-3, -1e-6, 0.0, 1e-6, 1e-3, 1.0, 8.0, 90.0, 0.3])


def check(layer, value, slope, rng, dtype):
    """Output and gradient of a layer on numbers of every size."""
    model = Sequential([layer], dtype=dtype)
    x, dy = Z.reshape(2, 2, 3), rng.normal(size=(2, 2, 3))
    model.build((None, 2, 3))
    x = x.astype(dtype).astype(float)
    assert_close(model.forward(x), value(x), NAIVE[dtype], "y")
    assert_close(model.backward(dy).x, dy * slope(x), NAIVE[dtype], "dx")
    small = model.forward(np.full((1, 2, 3), -1e-6)).astype(float)
    assert_close(small, value(np.full((1, 2, 3), -1e-6)), 10 * NAIVE[dtype], "y of a small number")


@uncompiled
@DTYPE
@pytest.mark.parametrize("name", reference.OF_INPUT)
def test_each_equals_the_naive_twin(rng, name, dtype):
    check(Activation(name), *reference.OF_INPUT[name], rng, dtype)


@uncompiled
@DTYPE
@pytest.mark.parametrize("slope", [0.0, 0.3, 1.5])
def test_a_leaky_relu_equals_the_naive_twin(rng, slope, dtype):
    value = lambda z: reference.leaky_relu(z, slope)  # noqa: E731
    slopes = lambda z: reference.leaky_relu_backward(z, np.ones_like(z), slope)  # noqa: E731
    check(LeakyReLU(slope), value, slopes, rng, dtype)


@pytest.mark.parametrize("name", ["elu", "gelu"])
def test_the_checks_know_them(rng, name):
    layers = [Dense(4, name, input_shape=(3, 2)), LeakyReLU(), LSTM(3, return_sequences=True)]
    model = Sequential([*layers, TimeDistributed(Activation(name)), Dense(2)], dtype="float64")
    model.compile("sgd", "mse")
    data = rng.normal(size=(3, 3, 2)), rng.normal(size=(3, 3, 2))
    assert gradient_check(model, *data).worst_error < DIFFERENCES
    assert twin_check(model, *data).passed


@uncompiled
def test_each_can_be_called_on_an_array():
    for one in (elu, gelu):
        value, _ = reference.OF_INPUT[one.name]
        assert_close(one(Z), value(Z), 1e-12)
        assert one(Z.astype(np.float32).reshape(3, 4)).dtype == np.float32
    assert leaky_relu([[-1, 2]]).tolist() == [[-0.3, 2.0]]


@activation(beta=1.5)
def swish(x, y, beta):
    """y = x / (1 + e^(-beta x))."""
    one = x.dtype.type(1)
    for j in range(len(x)):
        y[j] = x[j] / (one + np.exp(-beta * x[j]))


@swish.backward
def swish_backward(x, y, dy, dx, beta):
    one = x.dtype.type(1)
    for j in range(len(x)):
        share = one / (one + np.exp(-beta * x[j]))
        dx[j] = dy[j] * (share + beta * y[j] * (one - share))


@uncompiled
@DTYPE
def test_one_of_ones_own_is_two_functions(rng, dtype):
    with np.errstate(over="ignore"):
        share = lambda z: 1 / (1 + np.exp(-1.5 * z))  # noqa: E731
        slope = lambda z: share(z) + 1.5 * z * share(z) * (1 - share(z))  # noqa: E731
        check(Activation(swish), lambda z: z * share(z), slope, rng, dtype)


def test_it_is_checked_copied_and_pickled_like_any_other(rng):
    model = Sequential([Dense(4, swish, input_shape=(3,)), Dense(2)], dtype="float64")
    model.compile("sgd", "mse")
    x, y = rng.normal(size=(5, 3)), rng.normal(size=(5, 2))
    assert gradient_check(model, x, y).worst_error < DIFFERENCES
    model.fit(x, y, verbose=0)
    np.testing.assert_array_equal(model.copy().predict(x), model.predict(x))
    assert pickle.loads(pickle.dumps(Dense(4, swish))).activation is swish
    with pytest.raises(ValueError, match="for the reference"):
        twin_check(model, x, y)


@activation
def halved(x, y):
    y[:] = x / 2


@halved.backward
def doubled(dy, dx):
    dx[:] = dy * 2


def test_a_wrong_derivative_is_found(rng):
    model = Sequential([Dense(4, halved, input_shape=(3,)), Dense(2)])
    model.compile("sgd", "mse")
    report = gradient_check(model, rng.normal(size=(5, 3)), rng.normal(size=(5, 2)))
    assert {one.name for one in report if one.error > 0.5} == {"dense/kernel", "dense/bias", "x"}


@activation
def one_way(x, y):
    y[:] = x


REFUSED = {
    "a gate": (lambda: LSTM(2, activation="gelu"), ValueError, "A cell keeps what a gate puts out"),
    "a recurrent gate": (lambda: GRU(2, recurrent_activation=swish), ValueError, "of swish needs"),
    "a gate of softmax": (lambda: LSTM(2, activation="softmax"), ValueError, "Unknown activation"),
    "no way back": (lambda: Dense(2, one_way), TypeError, "has no way back"),
    "a name": (lambda: Activation("gelo"), ValueError, "mean 'gelu'"),
    "a function": (lambda: Activation(np.sin), ValueError, "Unknown activation"),
    "a slope": (lambda: LeakyReLU(-0.1), ValueError, "negative_slope"),
    "an argument": (lambda: activation(lambda x, z: None), TypeError, "cannot be called"),
    "no result": (lambda: activation(lambda x: None), TypeError, "y must be there"),
    "a kernel": (lambda: activation(LeakyReLU), TypeError, "is no function"),
    "five numbers": (
        lambda: activation(a=1, b=2, c=3, d=4, e=5)(lambda x, y: None),
        TypeError,
        "too many numbers",
    ),
    "a gradient that is not written": (
        lambda: swish.backward(lambda x, dy: None),
        TypeError,
        "dx must be there",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_it_cannot_be_is_refused(case):
    call, kind, words = REFUSED[case]
    with pytest.raises(kind, match=words):
        call()
