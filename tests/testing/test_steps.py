"""Errors of differences by their step: too long a step bends, too short a one rounds."""

import numpy as np
import pytest

from tinylstm import LSTM, Dense, Sequential, gradient_check
from tinylstm.testing.steps import step_errors

pytestmark = pytest.mark.quick
RNG = np.random.default_rng(5)
X, Y = RNG.normal(size=(3, 4, 2)), RNG.normal(size=(3, 1))


@pytest.fixture
def model():
    found = Sequential([LSTM(5, input_shape=(4, 2)), Dense(1)], dtype="float64")
    found.compile(loss="mse")
    return found


def test_long_steps_miss_by_their_fourth_power_and_short_ones_by_what_is_rounded(model):
    long, half, short, shorter = 0.04, 0.02, 1e-9, 1e-11
    for one in step_errors(model, X, Y, [long, half, short, shorter]):
        errors = one.errors
        if one.name.startswith("lstm"):  # in the weights of the output the loss is a square
            assert 14 < errors[0] / errors[1] < 18, one.name
        assert errors[1] < errors[2] < errors[3], one.name


def test_it_is_the_largest_gradient_of_each_tensor(model):
    found = {one.name: one for one in step_errors(model, X, Y)}
    assert [*found] == [
        *("lstm/kernel", "lstm/recurrent_kernel", "lstm/bias", "dense/kernel", "dense/bias", "x")
    ]
    model.forward(X)
    grads = model.backward(2 * (model.predict(X) - Y) / len(Y))
    kernel = grads["lstm"]["kernel"]
    place = np.unravel_index(np.abs(kernel).argmax(), kernel.shape)
    assert found["lstm/kernel"].place == place
    assert found["lstm/kernel"].gradient == pytest.approx(kernel[place], rel=1e-9)


def test_a_gradient_of_zeros_has_no_curve(model):
    model.layers[1].set_weights([np.zeros((5, 1)), np.zeros(1)])
    assert [one.name for one in step_errors(model, X, Y)] == ["dense/kernel", "dense/bias"]


def test_the_best_step_is_about_that_of_the_check(model):
    for one in step_errors(model, X, Y):
        assert one.errors.min() < gradient_check(model, X, Y).limit
