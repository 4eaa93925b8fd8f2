"""Activations of single numbers: how exact they are, and what they do with infinity and NaN."""

import math

import numpy as np
import pytest
from tinylstm.kernels import activations as kernels

from tests.tolerances import NAIVE, UNITS, assert_close, units
from tinylstm import LSTM, Activation, Sequential, reference
from tinylstm.engine.study import Pass

uncompiled = pytest.mark.uncompiled
DTYPES = ["float64", "float32"]
ELEMENTWISE = list(reference.DERIVATIVE)
HUGE = np.array([-np.inf, -1e30, -1e4, -100.0, 0.0, 100.0, 1e4, 1e30, np.inf])


def activation_of(name, z, dtype):
    """The activation layer's output for rows z (n, K) that need not be finite."""
    model = Sequential([Activation(name, input_shape=z.shape[1:])], dtype=dtype)
    model.need_built("a pass")
    made = Pass(model, model.network.chain, np.zeros(z.shape, dtype), None, None, False, False)
    made._write("x", z.astype(dtype))
    made.forward()
    return made.y()


def everywhere(count):
    """Arguments of every size, float32, on both sides of zero."""
    one_side = np.concatenate([np.linspace(0, 69, count), np.geomspace(1e-30, 1, count // 10)])
    return np.concatenate([one_side, -one_side]).astype(np.float32)


def stable_sigmoid(z):
    """1 / (1 + e^-z) in float64, its tails too."""
    return np.where(
        z > 0, 1 / (1 + np.exp(-np.abs(z))), np.exp(-np.abs(z)) / (1 + np.exp(-np.abs(z)))
    )


TRUTH = {"tanh": np.tanh, "sigmoid": stable_sigmoid}


@pytest.mark.parametrize("count", [pytest.param(400, marks=uncompiled), 400_001])
@pytest.mark.parametrize("name", TRUTH)
def test_float32_gates_are_within_five_units_in_the_last_place_everywhere(name, count):
    z = everywhere(count)
    truth = TRUTH[name](z.astype(np.float64))
    assert np.abs(truth).min() < 1e-29
    found = activation_of(name, z[None], "float32")[0]
    assert units(found, truth) <= UNITS
    closed = np.abs(truth).astype(np.float32) == 1
    assert closed.any()
    np.testing.assert_array_equal(found[closed], truth[closed].astype(np.float32))
    assert np.abs(found).max() == 1


@uncompiled
def test_float64_sigmoid_keeps_its_tails():
    z = np.linspace(-600, 600, 301)
    found = activation_of("sigmoid", z[None], "float64")[0]
    np.testing.assert_allclose(found, stable_sigmoid(z), rtol=1e-14)


@pytest.mark.parametrize("dtype", DTYPES)
def test_a_cell_behind_an_open_forget_gate_is_kept_for_a_hundred_thousand_steps(dtype):
    steps = 100_000
    model = Sequential([LSTM(1, input_shape=(steps, 1))], dtype=dtype)
    weights = [np.zeros((1, 4)), np.zeros((1, 4)), np.array([-40.0, 40, 0, 40])]  # i, f, g, o
    model.set_weights(weights)
    _, states = model.forward(
        np.zeros((1, steps, 1)), {"lstm": [np.zeros((1, 1)), np.ones((1, 1))]}, return_states=True
    )
    assert states["lstm"][1] == 1


@pytest.mark.parametrize("limit", [pytest.param(20, marks=uncompiled), 87])
def test_exp_tanh_and_sigmoid_of_single_numbers_are_exact_in_their_dtype(limit):
    for x in np.linspace(-limit, limit, 301):
        single = np.float32(x)
        assert units(kernels.exp(single), math.exp(single)) <= UNITS
        assert kernels.exp(x) == pytest.approx(math.exp(x), rel=NAIVE["float64"], abs=0)
        single = np.float32(x / 9)
        for name, truth in TRUTH.items():
            function = getattr(kernels, name)
            assert units(function(single), truth(float(single))) <= UNITS
            assert function(x / 9) == pytest.approx(truth(x / 9), rel=NAIVE["float64"], abs=0)


@uncompiled
def test_float32_exp_stays_positive_and_finite_beyond_its_range():
    smallest, largest = (kernels.exp(np.float32(x)) for x in (-88, 89))
    tiny = np.finfo(np.float32).tiny
    assert tiny <= smallest < 2 * tiny
    assert 1e38 < largest < np.inf
    for x in (-1e30, -1e4, -np.inf):
        assert kernels.exp(np.float32(x)) == smallest
    for x in (1e30, 1e4, np.inf):
        assert kernels.exp(np.float32(x)) == largest


def test_float32_exp_in_a_loop_is_within_its_bound():
    z = np.zeros((40_001, 2), np.float32)  # softmax of (0, x): the ratio of the two is exp(x)
    z[:, 1] = np.linspace(-80, 0, len(z))
    y = activation_of("softmax", z, "float32").astype(np.float64)
    truth = np.exp(z[:, 1].astype(np.float64))
    assert units((y[:, 1] / y[:, 0]).astype(np.float32), truth) <= UNITS


@uncompiled
@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", ELEMENTWISE)
def test_huge_and_infinite_arguments_give_the_limits(name, dtype):
    truth = reference.ACTIVATION[name](HUGE)
    found = activation_of(name, HUGE[None], dtype)[0]
    finite = np.isfinite(truth)
    assert (found[~finite] == truth[~finite]).all()
    assert_close(found[finite], truth[finite].astype(dtype), NAIVE[dtype], name)


@uncompiled
@pytest.mark.parametrize("dtype", DTYPES)
def test_softmax_of_huge_arguments_is_a_distribution(dtype):
    z = np.array([[1e30, -1e30, 0.0], [-1e30, -1e30, -1e30], [1e4, 1e4, -1e4], [88.0, 89.0, 90.0]])
    assert_close(activation_of("softmax", z, dtype), reference.softmax(z), NAIVE[dtype])


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize(
    "name", [*(pytest.param(name, marks=uncompiled) for name in ELEMENTWISE), "softmax"]
)
def test_nan_goes_through(name, dtype):
    for place in range(3):
        z = np.array([[0.5, -1.0, 2.0], [1.0, 2.0, 3.0]])
        z[0, place] = np.nan
        y = activation_of(name, z, dtype)
        nan = np.isnan(y)
        assert nan[0, place]
        assert not nan[1].any()
        assert nan[0].all() == (name == "softmax"), "only softmax mixes the elements of a row"


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", ELEMENTWISE)
def test_an_element_has_the_same_bits_in_an_array_of_any_length(rng, name, dtype):
    kind = getattr(kernels, name.upper())
    z = (4 * rng.standard_normal(3 * kernels.MANY + 5)).astype(dtype)
    whole = z.copy()
    kernels.activate(kind, whole)
    for length in [*range(1, 2 * kernels.MANY + 3), len(z) - 1]:
        for first in (0, 3):
            part = z[first : first + length].copy()
            kernels.activate(kind, part)
            assert np.array_equal(part, whole[first : first + length])
