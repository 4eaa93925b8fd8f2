"""Losses, their gradients, and metrics equal the naive twin, whatever the size of the numbers."""

import numpy as np
import pytest
from tinylstm.kernels.training import losses as kernels

from tests.tolerances import NAIVE, assert_close
from tinylstm import reference

pytestmark = pytest.mark.quick
uncompiled = pytest.mark.uncompiled
DTYPES = ["float64", "float32"]
FUSED = {
    kernels.softmax_crossentropy: reference.categorical_crossentropy_from_logits,
    kernels.sigmoid_crossentropy: reference.binary_crossentropy_from_logits,
}
OF_OUTPUTS = {
    kernels.categorical_crossentropy: reference.categorical_crossentropy,
    kernels.binary_crossentropy: reference.binary_crossentropy,
    kernels.mean_squared_error: reference.mean_squared_error,
    kernels.mean_absolute_error: reference.mean_absolute_error,
    kernels.mean_absolute_percentage_error: reference.mean_absolute_percentage_error,
    kernels.huber: reference.huber,
    kernels.hinge: reference.hinge,
    kernels.kl_divergence: reference.kl_divergence,
}
DELTA = 0.3  # of huber: some errors are beyond, some within
SHAPES = [(1, 1), (1, 3), pytest.param((5, 2), marks=uncompiled), (64, 33)]
LOSSES = FUSED | OF_OUTPUTS
CLIPPED = kernels.categorical_crossentropy, kernels.binary_crossentropy


def name_of(kernel):
    return kernel.__name__


def shares(rng, shape):
    """Rows of positive numbers that sum to 1."""
    numbers = rng.random(shape) + 0.05
    return numbers / numbers.sum(axis=1, keepdims=True)


def one_hot(rng, shape):
    return np.eye(shape[1])[rng.integers(0, shape[1], shape[0])]


def run(kernel, z, target, weight, dtype):
    """Loss, output and gradient by the kernel; arrays to be written start out as NaN."""
    z, target, weight = (np.array(a, dtype) for a in (z, target, weight))
    y = np.full_like(z, np.nan) if kernel in FUSED else z
    dz = np.full_like(z, np.nan)
    option = np.array([DELTA] * (kernel is kernels.huber))
    return kernel(z, target, weight, y, dz, option), y, dz


def check(kernel, z, target, weight, dtype):
    """Loss, gradient and, where the loss is fused, output against the twin's."""
    z, target, weight = (np.array(a, dtype).astype(np.float64) for a in (z, target, weight))
    loss, y, dz = run(kernel, z, target, weight, dtype)
    more = (dtype,) if kernel in CLIPPED else (DELTA,) if kernel is kernels.huber else ()
    ref_loss, *ref_y, ref_dz = LOSSES[kernel](target, z, weight, *more)
    assert_close(loss, ref_loss, NAIVE[dtype], "loss")
    assert_close(dz, ref_dz, NAIVE[dtype], "dz")
    if kernel in FUSED:
        assert_close(y, ref_y[0], NAIVE[dtype], "y")


@uncompiled
@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("targets", [one_hot, shares], ids=["one-hot", "soft"])
@pytest.mark.parametrize("kernel", LOSSES, ids=name_of)
def test_losses_with_row_weights_equal_the_naive_twin(rng, kernel, targets, dtype):
    weight = rng.random(7)
    weight[2] = 0  # a row that does not count
    z = 2 * rng.normal(size=(7, 4)) if kernel in FUSED else shares(rng, (7, 4))
    check(kernel, z, targets(rng, (7, 4)), weight, dtype)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("shape", SHAPES, ids=str)
@pytest.mark.parametrize("kernel", LOSSES, ids=name_of)
def test_losses_of_every_shape_equal_the_naive_twin(rng, kernel, shape, dtype):
    check(kernel, rng.random(shape), rng.random(shape), rng.random(shape[0]), dtype)


@uncompiled
@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("size", [30.0, 1e4])
@pytest.mark.parametrize("kernel", FUSED, ids=name_of)
def test_losses_of_huge_logits_equal_the_naive_twin(rng, kernel, size, dtype):
    z = size * np.array([[1, -1, 0], [-1, 1, 1], [-1, -1, -1], [0, 0, 1], [1, 0.5, -1]])
    for target in (one_hot(rng, z.shape), shares(rng, z.shape), np.eye(3)[[0, 0, 0, 0, 0]]):
        check(kernel, z, target, np.ones(5), dtype)


@uncompiled
@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("kernel", CLIPPED, ids=name_of)
def test_probabilities_at_the_ends_are_clipped_as_the_naive_twin_does(rng, kernel, dtype):
    y = np.array([[1, 0, 0], [0, 1, 0], [1e-9, 0.5, 0.5], [1e-6, 1e-8, 1], [0.2, 0.3, 0.5]])
    for target in (one_hot(rng, y.shape), shares(rng, y.shape), np.eye(3)[[0, 0, 0, 1, 2]]):
        check(kernel, y, target, rng.random(5), dtype)


@uncompiled
def test_rows_of_outputs_that_do_not_sum_to_one_are_divided_by_their_sum(rng):
    y = rng.random((5, 3)) + 0.1
    check(kernels.categorical_crossentropy, y, shares(rng, (5, 3)), rng.random(5), "float64")


@uncompiled
def test_fused_and_unfused_losses_agree(rng):
    z, weight = rng.normal(size=(6, 4)), rng.random(6)
    for fused, plain, activation in (
        (kernels.softmax_crossentropy, kernels.categorical_crossentropy, "softmax"),
        (kernels.sigmoid_crossentropy, kernels.binary_crossentropy, "sigmoid"),
    ):
        target = shares(rng, (6, 4))
        loss, y, _ = run(fused, z, target, weight, "float64")
        plain_loss, _, _ = run(plain, y, target, weight, "float64")
        assert_close(y, reference.ACTIVATION[activation](z), NAIVE["float64"])
        assert_close(loss, plain_loss, NAIVE["float64"])


@uncompiled
def test_the_absolute_error_has_no_gradient_where_it_is_zero(rng):
    y = rng.normal(size=(3, 2))
    target = y.copy()
    target[1] += 1
    loss, _, dz = run(kernels.mean_absolute_error, y, target, np.ones(3), "float64")
    assert loss == 1
    np.testing.assert_array_equal(dz, [[0, 0], [-0.5, -0.5], [0, 0]])


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("place", [0, 1, 2])
@pytest.mark.parametrize("kernel", LOSSES, ids=name_of)
def test_nan_in_an_output_makes_the_loss_nan(rng, kernel, place, dtype):
    z = shares(rng, (4, 3))
    z[1, place] = np.nan
    loss, _, _ = run(kernel, z, shares(rng, (4, 3)), np.ones(4), dtype)
    assert np.isnan(loss)


@uncompiled
@pytest.mark.parametrize("dtype", DTYPES)
def test_metrics_equal_the_naive_twin(rng, dtype):
    y, soft = rng.random((9, 4)).astype(dtype), rng.random((9, 4)).astype(dtype)
    hot, bits = one_hot(rng, (9, 4)).astype(dtype), rng.integers(0, 2, (9, 4)).astype(dtype)
    ones = np.ones(9)
    pairs = [
        (kernels.categorical_accuracy, hot, 9 * reference.categorical_accuracy(hot, y)),
        (kernels.categorical_accuracy, soft, 9 * reference.categorical_accuracy(soft, y)),
        (kernels.binary_accuracy, bits, 9 * reference.binary_accuracy(bits, y)),
        (kernels.squared_errors, soft, reference.mean_squared_error(soft, y, ones)[0]),
        (kernels.absolute_errors, soft, reference.mean_absolute_error(soft, y, ones)[0]),
    ]
    for kernel, target, expected in pairs:
        assert 0 < expected < 9
        assert_close(kernel(y, target, ones.astype(dtype)), expected, NAIVE[dtype], kernel.__name__)


@uncompiled
@pytest.mark.parametrize("dtype", DTYPES)
def test_a_rounded_accuracy_is_that_of_whole_numbers(rng, dtype):
    y, target = (3 * rng.normal(size=(9, 4))).astype(dtype), rng.integers(-1, 2, (9, 4))
    y[0], target[0] = [0.5, 1.5, -0.5, 2.4], [0, 2, 0, 2]  # halves go to even numbers
    right, valid = (np.round(y) == target).mean(axis=1), np.arange(9) % 3 > 0
    for counts in (np.ones(9, bool), valid):
        found = kernels.rounded_accuracy(y, target.astype(dtype), counts.astype(dtype))
        assert_close(found, right[counts].sum(), NAIVE[dtype], "sum")


@uncompiled
def test_among_equal_outputs_the_first_one_is_the_guess():
    y, target = np.array([[0.5, 0.5], [0.2, 0.2]]), np.array([[1.0, 0.0], [0.0, 1.0]])
    assert kernels.categorical_accuracy(y, target, np.ones(2)) == 1
