"""Kernels of this package make no arrays and count no references; one of one's own may do both."""

import numba
import numpy as np
import pytest
from numba.core.caching import NullCache
from tinylstm.kernels import compiling, inner, vectors
from tinylstm.kernels.compiling import COMPILED

from tinylstm import Dense, Layer, Sequential, gradient_check, kernel, view

WORD = "NRT_incref"  # what Numba calls to count one


@kernel
def square_forward(layer, batch, flags, theta, work):
    """y = x^2, by way of an array of its own."""
    n = batch.rows * batch.chain * layer.steps * layer.units
    x, y = view(work, layer.x, (n,)), view(work, layer.y, (n,))
    squares = x * x
    for j in range(n):
        y[j] = squares[j]


@kernel
def square_backward(layer, batch, flags, theta, grad, work):
    """dx = 2 x dy, by way of another."""
    n = batch.rows * batch.chain * layer.steps * layer.units
    x, dy, dx = view(work, layer.x, (n,)), view(work, layer.dy, (n,)), view(work, layer.dx, (n,))
    product = x * dy
    for j in range(n):
        dx[j] = product[j] + product[j]


class Square(Layer):
    kernels = (square_forward, square_backward)
    each_step = True


def test_a_kernel_of_ones_own_may_make_arrays(rng):
    model = Sequential([Dense(5, input_shape=(3,)), Square(), Dense(2)])
    model.compile(loss="mse")
    assert gradient_check(model, rng.normal(size=(4, 3)), rng.normal(size=(4, 2))).passed


@inner
def doubled(x):
    twice = np.empty_like(x)
    for j in range(len(x)):
        twice[j] = 2 * x[j]
    return twice


@kernel
def add_doubled(x, out):
    for j in range(len(x)):
        out[j] += doubled(x)[j]


def test_a_function_that_kernels_of_ones_own_share_may_make_arrays_too():
    out = np.zeros(4)
    add_doubled(np.arange(4.0), out)
    assert out.tolist() == [0, 2, 4, 6]


def copy_first(rows, out):
    """A row handed to another function: where references would be counted."""
    vectors.copy(rows[0], out)


@pytest.mark.skipif(not COMPILED, reason="is about compiled kernels")
@pytest.mark.parametrize("name", ["inner", "body"])
def test_a_function_of_ours_counts_no_references(name, monkeypatch):
    monkeypatch.setattr(copy_first, "__module__", vectors.__name__)
    function = getattr(compiling, name)(copy_first)
    monkeypatch.undo()
    arrays = np.ones((2, 3)), np.zeros(3)
    function.compile(tuple(map(numba.typeof, arrays)))
    (code,) = function.inspect_llvm().values()
    assert WORD not in code
    counted = kernel(copy_first)  # one of one's own: this module is not the package's
    counted._cache = NullCache()  # code from the disk cannot be looked at
    counted(*arrays)
    assert WORD in "".join(counted.inspect_llvm().values())
