"""Penalties of one's own: in the reported loss, in its gradient, beside those of l1 and l2."""

import numpy as np
import pytest

from tests.tolerances import DIFFERENCES, NAIVE, assert_close
from tinylstm import LSTM, Dense, Sequential, gradient_check, kernel
from tinylstm.regularizers import L1L2, Regularizer
from tinylstm.testing.twin import twin_check

uncompiled = pytest.mark.uncompiled
D, K, T, N = 3, 2, 4, 5


@kernel
def to_the_fourth(tensor, w):
    """rate times the sum of w^4."""
    total = 0.0
    for i in range(w.shape[0]):
        for j in range(w.shape[1]):
            total += w[i, j] ** 4
    return tensor.option[0] * total


@kernel
def to_the_fourth_gradient(tensor, w, dw):
    c = w.dtype.type
    for i in range(w.shape[0]):
        for j in range(w.shape[1]):
            dw[i, j] += c(4 * tensor.option[0]) * w[i, j] ** 3


@kernel
def wrong_gradient(tensor, w, dw):
    for i in range(w.shape[0]):
        for j in range(w.shape[1]):
            dw[i, j] += w[i, j]


class Fourth(Regularizer):
    kernels = (to_the_fourth, to_the_fourth_gradient)

    def __init__(self, rate=0.5):
        super().__init__()
        self.option = (rate,)


class Wrong(Fourth):
    kernels = (to_the_fourth, wrong_gradient)


def model_of(penalty):
    """Such penalties beside those of ours, on matrices and vectors."""
    lstm = LSTM(4, kernel_regularizer=penalty, bias_regularizer=L1L2(0.1, 0.2), input_shape=(T, D))
    dense = Dense(K, kernel_regularizer="l2", bias_regularizer=penalty)
    model = Sequential([lstm, dense], dtype="float64")
    model.compile("sgd", "mse")
    return model


def data(rng):
    return rng.normal(size=(N, T, D)), rng.normal(size=(N, K))


@uncompiled
def test_its_value_is_in_the_loss_and_its_gradient_in_the_update(rng):
    x, y = data(rng)
    model = model_of(Fourth())
    plain = Sequential([LSTM(4, input_shape=(T, D)), Dense(K)], dtype="float64")
    plain.compile("sgd", "mse")
    plain.set_weights(model.get_weights())
    W, _, b, V, a = model.get_weights()
    cost = 0.5 * (np.sum(W**4) + np.sum(a**4))
    cost += 0.1 * np.abs(b).sum() + 0.2 * np.sum(b**2) + 0.01 * np.sum(V**2)
    assert_close(model.evaluate(x, y), plain.evaluate(x, y) + cost, NAIVE["float64"])
    for one in (model, plain):
        one.fit(x, y, verbose=0)
    moved = model.get_weights()[0] - plain.get_weights()[0]
    assert_close(moved, -0.01 * 2 * W**3, 1e-9, "by the penalty alone")
    assert_close(Fourth(0.1)(W), 0.1 * np.sum(W**4), NAIVE["float64"])
    assert_close(L1L2(0.1, 0.2)(b), 0.1 * np.abs(b).sum() + 0.2 * np.sum(b**2), NAIVE["float64"])


def test_the_check_holds_it_to_differences_and_finds_a_wrong_one(rng):
    assert gradient_check(model_of(Fourth()), *data(rng)).worst_error < DIFFERENCES
    report = gradient_check(model_of(Wrong()), *data(rng))
    assert {one.name for one in report if one.error > DIFFERENCES} == {
        "lstm/kernel"
    }  # the bias is 0


def test_the_reference_knows_those_of_l1_and_l2(rng):
    assert twin_check(model_of(L1L2(0.1, 0.2)), *data(rng)).passed


def test_what_it_cannot_be_is_refused(rng):
    class Half(Regularizer):
        kernels = (to_the_fourth,)

    class Other(Regularizer):
        kernels = (to_the_fourth, to_the_fourth)

    with pytest.raises(TypeError, match="The kernels of Half are a pair"):
        Half()
    with pytest.raises(TypeError, match=r"@kernel of \(tensor, w, dw\)"):
        Other()
    with pytest.raises(ValueError, match="for the reference"):
        twin_check(model_of(Fourth()), *data(rng))
