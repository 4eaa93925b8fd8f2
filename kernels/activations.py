"""Activations and their derivatives, written once for single numbers, applied to whole arrays.

A derivative takes the activation's *output* a, so that only outputs are kept for the backward pass.
"""

import math

import numpy as np
from numba import types
from numba.extending import overload

from .compiler import BARE, inner, kernel, prefer_wide_registers, view
from .products import copy

LINEAR, TANH, SIGMOID, RELU, HARD_SIGMOID, HARD_SIGMOID_KERAS2, SOFTMAX = range(7)
MANY = 64  # elements: a turn of such a loop in registers of 64 bytes


def tanh(x):
    """Hyperbolic tangent: a rational approximation in float32, the C library's in float64."""
    return _tanh_float32(x) if x.dtype == np.float32 else math.tanh(x)


def exp(x):
    """Exponential function: a polynomial in float32, the C library's in float64."""
    return _exp_float32(x) if x.dtype == np.float32 else math.exp(x)


@inner
def _tanh_float32(x):
    """x P(x^2) / Q(x^2) on |x| <= 7.9, within 2.9e-7 of the truth (4.2e-7 uncompiled).

    ``math.tanh`` in a loop is not turned into vector code (11.7 ns an element instead of 0.3).
    Source: Eigen, ``generic_fast_tanh_float``.
    """
    c = np.float32
    limit = c(7.90531110763549805)
    if x > limit:
        x = limit
    if x < -limit:
        x = -limit
    s = x * x
    p = c(-2.76076847742355e-16) * s + c(2.00018790482477e-13)
    p = p * s + c(-8.60467152213735e-11)
    p = p * s + c(5.12229709037114e-08)
    p = p * s + c(1.48572235717979e-05)
    p = p * s + c(6.37261928875436e-04)
    p = p * s + c(4.89352455891786e-03)
    q = c(1.19825839466702e-06) * s + c(1.18534705686654e-04)
    q = q * s + c(2.26843463243900e-03)
    q = q * s + c(4.89352518554385e-03)
    return x * p / q


@inner
def _exp_float32(x):
    """2^n e^r with x = n ln 2 + r and |r| <= ln 2 / 2.  Source: Cephes, ``expf``."""
    c = np.float32
    if x < c(-87.3):
        x = c(-87.3)
    if x > c(88.3):
        x = c(88.3)
    n = np.floor(x * c(1.4426950408889634) + c(0.5)) if x == x else c(0)  # a NaN goes on in r
    r = x - n * c(0.693359375) - n * c(-2.12194440e-4)  # ln 2 in two parts, the first one exact
    p = c(1.9875691500e-4) * r + c(1.3981999507e-3)
    p = p * r + c(8.3334519073e-3)
    p = p * r + c(4.1665795894e-2)
    p = p * r + c(1.6666665459e-1)
    p = p * r + c(5.0000001201e-1)
    p = p * r * r + r + c(1.0)
    return p * np.int32((np.int32(n) + np.int32(127)) << np.int32(23)).view(np.float32)


@overload(tanh, jit_options=BARE)
def _tanh_compiled(x):
    return (lambda x: _tanh_float32(x)) if x == types.float32 else (lambda x: math.tanh(x))


@overload(exp, jit_options=BARE)
def _exp_compiled(x):
    return (lambda x: _exp_float32(x)) if x == types.float32 else (lambda x: math.exp(x))


def _activation(wide):
    """`activate` in the processor's widest registers, or in those that its compiler prefers."""

    @inner
    def activate(kind, a):
        """a = activation(a), elementwise and in place.  a (n)."""
        if wide:
            prefer_wide_registers()
        c = a.dtype.type
        if kind == TANH:
            for j in range(len(a)):
                a[j] = tanh(a[j])
        elif kind == SIGMOID:
            for j in range(len(a)):
                a[j] = c(0.5) * tanh(c(0.5) * a[j]) + c(0.5)
        elif kind == RELU:
            for j in range(len(a)):
                a[j] = c(0) if a[j] <= c(0) else a[j]
        elif kind == HARD_SIGMOID:
            for j in range(len(a)):
                a[j] = min(max(a[j] / c(6.0) + c(0.5), c(0)), c(1))
        elif kind == HARD_SIGMOID_KERAS2:
            for j in range(len(a)):
                a[j] = min(max(c(0.2) * a[j] + c(0.5), c(0)), c(1))

    return activate


activate_few, activate_many = _activation(wide=False), _activation(wide=True)


@inner
def activate(kind, a):
    """a = activation(a), elementwise and in place.  a (n)."""
    many = len(a) - len(a) % MANY
    if many > 0:
        activate_many(kind, view(a, 0, (many,)))
    if many < len(a):
        activate_few(kind, view(a, many, (len(a) - many,)))


@inner
def activate_backward(kind, a, da):
    """da = da * activation'(z), in place, written with the output a.  a, da (n)."""
    c = a.dtype.type
    if kind == TANH:
        for j in range(len(a)):
            da[j] *= c(1) - a[j] * a[j]
    elif kind == SIGMOID:
        for j in range(len(a)):
            da[j] *= a[j] * (c(1) - a[j])
    elif kind == RELU:
        for j in range(len(a)):
            da[j] = da[j] if a[j] > c(0) else c(0)
    elif kind == HARD_SIGMOID:
        for j in range(len(a)):
            da[j] = da[j] / c(6.0) if c(0) < a[j] < c(1) else c(0)
    elif kind == HARD_SIGMOID_KERAS2:
        for j in range(len(a)):
            da[j] = da[j] * c(0.2) if c(0) < a[j] < c(1) else c(0)


@inner
def largest(z):
    """max z.  z (K)."""
    z_max = z[0]
    for k in range(len(z)):
        if z[k] > z_max:
            z_max = z[k]
    return z_max


@inner
def softmax(z, y):
    """y = exp(z - z_max) / sum exp(z - z_max) in each row.  z, y (n, K).

    One stage after the other for all rows: a row alone would wait for each of its results.
    """
    for r in range(len(z)):
        z_r, y_r, z_max = z[r], y[r], largest(z[r])
        for k in range(len(z_r)):
            y_r[k] = z_r[k] - z_max
    for r in range(len(z)):
        y_r = y[r]
        for k in range(len(y_r)):
            y_r[k] = exp(y_r[k])
    for r in range(len(z)):
        y_r, total = y[r], z.dtype.type(0)
        for k in range(len(y_r)):
            total += y_r[k]
        share = z.dtype.type(1) / total
        for k in range(len(y_r)):
            y_r[k] *= share


@inner
def softmax_backward(y, dy, dz):
    """dz = y * (dy - sum dy y).  y, dy, dz (K)."""
    along = y.dtype.type(0)
    for k in range(len(y)):
        along += dy[k] * y[k]
    for k in range(len(y)):
        dz[k] = y[k] * (dy[k] - along)


@kernel
def activation_forward(layer, batch, flags, theta, work):
    """y = activation(x), a layer of its own.  x, y (n, K), n rows of K features."""
    n, K = batch.rows * batch.chain * layer.steps, layer.units
    if layer.activation == SOFTMAX:
        softmax(view(work, layer.x, (n, K)), view(work, layer.y, (n, K)))
    else:
        y = view(work, layer.y, (n * K,))
        copy(view(work, layer.x, (n * K,)), y)
        activate(layer.activation, y)


@kernel
def activation_backward(layer, batch, flags, theta, grad, work):
    """dx = dy * activation'(x), from the output y.  dy, y, dx (n, K)."""
    if not layer.need_dx:
        return
    n, K = batch.rows * batch.chain * layer.steps, layer.units
    if layer.activation == SOFTMAX:
        y, dy = view(work, layer.y, (n, K)), view(work, layer.dy, (n, K))
        dx = view(work, layer.dx, (n, K))
        for r in range(n):
            softmax_backward(y[r], dy[r], dx[r])
    else:
        dx = view(work, layer.dx, (n * K,))
        copy(view(work, layer.dy, (n * K,)), dx)
        activate_backward(layer.activation, view(work, layer.y, (n * K,)), dx)
