"""Dense layers, and activations as layers of their own, equal the naive twin."""

import numpy as np
import pytest
from tinylstm.kernels.products.matrix import BLOCKS_FROM, IN_PLACE, ROWS_IN_ALL

from tests.models import randomize
from tests.tolerances import NAIVE, assert_close
from tinylstm import Activation, Dense, Sequential, reference

pytestmark = pytest.mark.quick
uncompiled = pytest.mark.uncompiled
DTYPES = ["float64", "float32"]
ACTIVATIONS = list(reference.ACTIVATION)
SIZES = [  # N, D, K: every remainder of 4, and both sides of 8, 16 and 32
    *((1, 2, 3), (2, 3, 1), (3, 1, 2), (4, 5, 6), (5, 6, 4), (6, 4, 5), (7, 9, 8), (9, 8, 7)),
    *((8, 7, 9), (16, 15, 17), (17, 16, 15), (15, 17, 16), (31, 33, 32), (33, 32, 31)),
]
ROWS = ROWS_IN_ALL  # samples and features from which blocks pay, and the outputs that they take
OUTPUTS = -(-BLOCKS_FROM // ROWS**2)


def check(rng, shape, units, dtype, activation="linear", use_bias=True):
    """Output and all gradients of one Dense layer for samples of a shape."""
    layer = Dense(units, activation, use_bias, input_shape=shape[1:], name="dense")
    model = randomize(Sequential([layer], dtype=dtype), rng)
    x, dy = rng.normal(size=shape), rng.normal(size=(*shape[:-1], units))
    W, *bias = (array.astype(np.float64) for array in layer.get_weights())
    ref_y = reference.dense_forward(x, W, bias[0] if use_bias else np.zeros(units), activation)
    ref_dx, ref_dW, ref_db = reference.dense_backward(x, W, ref_y, dy, activation)
    assert_close(model.forward(x), ref_y, NAIVE[dtype], "y")
    gradients = model.backward(dy)
    assert_close(gradients.x, ref_dx, NAIVE[dtype], "dx")
    assert_close(gradients["dense"]["kernel"], ref_dW, NAIVE[dtype], "dW")
    assert list(gradients["dense"]) == ["kernel", "bias"][: 1 + use_bias]
    if use_bias:
        assert_close(gradients["dense"]["bias"], ref_db, NAIVE[dtype], "db")


@uncompiled
@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_every_activation_behind_dense_equals_the_naive_twin(rng, activation, dtype):
    check(rng, (5, 3), 4, dtype, activation)


@uncompiled
@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("use_bias", [True, False])
def test_dense_on_every_step_equals_the_naive_twin(rng, use_bias, dtype):
    check(rng, (3, 4, 5), 2, dtype, "tanh", use_bias)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("sizes", SIZES, ids=str)
def test_sizes_of_every_remainder_equal_the_naive_twin(rng, sizes, dtype):
    N, D, K = sizes
    check(rng, (N, D), K, dtype, use_bias=K % 2 == 0)


@pytest.mark.parametrize("dtype", [pytest.param("float64", marks=uncompiled), "float32"])
@pytest.mark.parametrize("less", [(0, 0, 0), (1, 0, 0), (0, 1, 0), (0, 0, 1)], ids=str)
def test_sizes_where_blocks_begin_equal_the_naive_twin(rng, less, dtype):
    N, D, K = np.subtract((ROWS, ROWS, OUTPUTS), less)
    check(rng, (N, D), K, dtype)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("more", [0, 1])
def test_weights_that_are_read_in_place_and_larger_ones_equal_the_naive_twin(rng, more, dtype):
    check(rng, (ROWS, IN_PLACE // 256 + more), 256, dtype)


@uncompiled
@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("units", [1, 2, 13])
@pytest.mark.parametrize("features", [3, 32, 75])
def test_a_row_has_the_same_bits_in_any_batch_and_in_every_call(rng, features, units, dtype):
    model = Sequential([Dense(units, input_shape=(None, features))], dtype=dtype)
    model = randomize(model, rng)
    x = rng.normal(size=(40, 3, features))
    y = model.predict(x, batch_size=40)
    for batch in (1, 7):
        np.testing.assert_array_equal(model.predict(x, batch_size=batch), y)
    np.testing.assert_array_equal(model.forward(x[:5]), y[:5])
    stepper, rows = model.stepper(), model.stepper(rows=40)
    np.testing.assert_array_equal([stepper(step).copy() for step in x[0]], y[0])
    np.testing.assert_array_equal(rows(x[:, 0]), y[:, 0])


@uncompiled
@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_an_activation_layer_equals_the_naive_twin(rng, activation, dtype):
    model = Sequential([Activation(activation, input_shape=(3, 4))], dtype=dtype)
    x, dy = 3 * rng.normal(size=(2, 3, 4)), rng.normal(size=(2, 3, 4))
    ref_y = reference.ACTIVATION[activation](x.reshape(6, 4))
    if activation == "softmax":
        ref_dx = reference.softmax_backward(ref_y, dy.reshape(6, 4))
    else:
        ref_dx = dy.reshape(6, 4) * reference.DERIVATIVE[activation](ref_y)
    assert_close(model.forward(x).reshape(6, 4), ref_y, NAIVE[dtype], "y")
    assert_close(model.backward(dy).x.reshape(6, 4), ref_dx, NAIVE[dtype], "dx")


@uncompiled
@pytest.mark.parametrize("use_bias", [True, False])
def test_a_used_workspace_changes_no_bit_and_zero_gradients_give_zeros(rng, use_bias):
    layers = [Dense(4, "tanh", use_bias, input_shape=(3,)), Dense(2, "softmax", use_bias)]
    model, x = randomize(Sequential(layers, dtype="float32"), rng), rng.normal(size=(5, 3))
    y = model.forward(x)
    (program,) = model.network._programs.values()
    program.work[:] = rng.normal(size=program.work.shape)
    model.grad[:] = rng.normal(size=model.grad.shape)
    np.testing.assert_array_equal(model.forward(x), y)
    np.testing.assert_array_equal(model.backward(np.zeros((5, 2))).x, np.zeros((5, 3)))
    np.testing.assert_array_equal(model.grad, np.zeros_like(model.grad))
