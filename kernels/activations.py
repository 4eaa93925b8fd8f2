"""Activations and their derivatives, written once for single numbers, applied to whole arrays.

A derivative takes the activation's *output* a, so that only outputs are kept for the backward pass.
"""

import math

import numpy as np
from numba import types
from numba.extending import overload

from .compiling import BARE, inner, prefer_wide_registers, view

LINEAR, TANH, SIGMOID, RELU, HARD_SIGMOID, HARD_SIGMOID_KERAS2, SOFTMAX = range(7)
MANY = 64  # elements: a turn of such a loop in registers of 64 bytes


def exp(x):
    """Exponential function: a polynomial in float32, the C library's in float64.

    Beyond its range it stays at the largest number, or (in float32) at the smallest. The C
    library's takes 11.7 ns an element in a loop, a polynomial in vector code 0.3.
    """
    return _exp_float32(x) if x.dtype == np.float32 else _exp_float64(x)


def expm1(x):
    """e^x - 1, exact where x is small."""
    return _expm1_float32(x) if x.dtype == np.float32 else math.expm1(x)


def tanh(x):
    """Hyperbolic tangent, from the exponential function in float32."""
    return _tanh_float32(x) if x.dtype == np.float32 else math.tanh(x)


def sigmoid(x):
    """1 / (1 + e^-x): exactly 1 where it rounds to that, and never 0 before e^x is."""
    return _sigmoid_float32(x) if x.dtype == np.float32 else _sigmoid_float64(x)


@inner(in_order=True)
def _power_and_rest(x):
    """2^n and e^r - 1, where x = n ln 2 + r and |r| <= ln 2 / 2.  Source: Cephes, ``expf``.

    A float32 between 2^23 and 2^24 has no digits behind the point: added to one, x / ln 2 becomes
    whole, and its last bits, moved to where the exponent stands, are 2^n.
    """
    c = np.float32
    whole = c(x * c(1.4426950408889634) + c(1.5 * 2**23))
    n = whole - c(1.5 * 2**23)
    r = x - n * c(0.693359375) - n * c(-2.12194440e-4)  # ln 2 in two parts, the first one exact
    s = r * r
    p = (c(1.9875691500e-4) * r + c(1.3981999507e-3)) * s
    p = (p + (c(8.3334519073e-3) * r + c(4.1665795894e-2))) * s
    p = (p + (c(1.6666665459e-1) * r + c(5.0000001201e-1))) * s
    power = np.int32((whole.view(np.int32) + np.int32(127)) << np.int32(23)).view(np.float32)
    return power, p + r


@inner(in_order=True)
def _exp_float32(x):
    """e^x = 2^n (1 + (e^r - 1))."""
    c = np.float32
    power, rest = _power_and_rest(min(max(x, c(-87.3)), c(88.3)))
    return power * (c(1) + rest)


@inner(in_order=True)
def _expm1_float32(x):
    """2^n (e^r - 1) + (2^n - 1)."""
    c = np.float32
    power, rest = _power_and_rest(min(max(x, c(-87.3)), c(88.3)))
    return power * rest + (power - c(1))


@inner(in_order=True)
def _tanh_float32(x):
    """e / (e + 2) with e = e^2|x| - 1 = 2^n (e^r - 1) + (2^n - 1), and the sign of x."""
    c = np.float32
    power, rest = _power_and_rest(c(2) * min(abs(x), c(10)))
    e = power * rest + (power - c(1))
    return math.copysign(e / (e + c(2)), x)


@inner(in_order=True)
def _sigmoid_float32(x):
    """1 / (1 + e^-x)."""
    return np.float32(1) / (np.float32(1) + _exp_float32(-x))


@inner
def _exp_float64(x):
    """e^x, at most e^709."""
    return math.exp(min(x, 709.0))


@inner
def _sigmoid_float64(x):
    """1 / (1 + e^-x)."""
    return 1.0 / (1.0 + _exp_float64(-x))


@overload(exp, jit_options=BARE)
def _exp_compiled(x):
    return (lambda x: _exp_float32(x)) if x == types.float32 else (lambda x: _exp_float64(x))


@overload(expm1, jit_options=BARE)
def _expm1_compiled(x):
    return (lambda x: _expm1_float32(x)) if x == types.float32 else (lambda x: math.expm1(x))


@overload(tanh, jit_options=BARE)
def _tanh_compiled(x):
    return (lambda x: _tanh_float32(x)) if x == types.float32 else (lambda x: math.tanh(x))


@overload(sigmoid, jit_options=BARE)
def _sigmoid_compiled(x):
    return (
        (lambda x: _sigmoid_float32(x)) if x == types.float32 else (lambda x: _sigmoid_float64(x))
    )


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
                a[j] = sigmoid(a[j])
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
    total = y.dtype.type(0)
    for k in range(len(y)):
        total += dy[k] * y[k]
    for k in range(len(y)):
        dz[k] = y[k] * (dy[k] - total)
