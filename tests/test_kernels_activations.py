"""Activations of single numbers: how exact they are, and what they do with infinity and NaN."""

import math

import numpy as np
import pytest
from tinylstm.kernels import activations as kernels

from tests import naive
from tests.tolerances import EXP, NAIVE, TANH, assert_close
from tinylstm import Activation, Sequential
from tinylstm.study import Pass

uncompiled = pytest.mark.uncompiled
DTYPES = ["float64", "float32"]
ELEMENTWISE = list(naive.DERIVATIVE)
HUGE = np.array([-np.inf, -1e30, -1e4, -100.0, 0.0, 100.0, 1e4, 1e30, np.inf])


def activation_of(name, z, dtype):
    """The activation layer's output for rows z (n, K) that need not be finite."""
    model = Sequential([Activation(name, input_shape=z.shape[1:])], dtype=dtype)
    model.need_built("a pass")
    made = Pass(model, model.chain, np.zeros(z.shape, dtype), None, None, False, False)
    made._write("x", z.astype(dtype))
    made.forward()
    return made.y()


def test_float32_tanh_is_within_its_bound_everywhere():
    z = np.linspace(-12, 12, 240_001, dtype=np.float32)
    small = np.geomspace(1e-30, 1, 10_001, dtype=np.float32)
    z = np.concatenate([z, small, -small])
    found = activation_of("tanh", z[None], "float32")[0]
    assert np.abs(found - np.tanh(z.astype(np.float64))).max() <= TANH
    assert np.abs(found).max() <= 1 + TANH


def test_float32_sigmoid_is_within_the_bound_of_tanh():
    z = np.linspace(-24, 24, 240_001, dtype=np.float32)
    found = activation_of("sigmoid", z[None], "float32")[0]
    assert np.abs(found - naive.sigmoid(z.astype(np.float64))).max() <= TANH


@pytest.mark.parametrize("limit", [pytest.param(20, marks=uncompiled), 87])
def test_tanh_and_exp_of_single_numbers_are_exact_in_their_dtype(limit):
    for x in np.linspace(-limit, limit, 301):
        single = np.float32(x)
        assert kernels.exp(single) == pytest.approx(math.exp(single), rel=EXP, abs=0)
        assert kernels.exp(x) == pytest.approx(math.exp(x), rel=NAIVE["float64"], abs=0)
        assert abs(kernels.tanh(single / np.float32(9)) - math.tanh(single / np.float32(9))) <= TANH
        assert kernels.tanh(x / 9) == pytest.approx(math.tanh(x / 9), rel=NAIVE["float64"], abs=0)


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
    assert np.abs(y[:, 1] / y[:, 0] / truth - 1).max() <= EXP


@uncompiled
@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", ELEMENTWISE)
def test_huge_and_infinite_arguments_give_the_limits(name, dtype):
    truth = naive.ACTIVATION[name](HUGE)
    found = activation_of(name, HUGE[None], dtype)[0]
    finite = np.isfinite(truth)
    assert (found[~finite] == truth[~finite]).all()
    assert_close(found[finite], truth[finite].astype(dtype), NAIVE[dtype], name)


@uncompiled
@pytest.mark.parametrize("dtype", DTYPES)
def test_softmax_of_huge_arguments_is_a_distribution(dtype):
    z = np.array([[1e30, -1e30, 0.0], [-1e30, -1e30, -1e30], [1e4, 1e4, -1e4], [88.0, 89.0, 90.0]])
    assert_close(activation_of("softmax", z, dtype), naive.softmax(z), NAIVE[dtype])


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
