"""Layer normalisation: each step's features with mean 0 and variance 1, then a gain and a shift.

m = mean x    s = 1 / sqrt(mean (x - m)^2 + eps)    n = s (x - m)    y = gamma n + beta

Source: Ba, Kiros and Hinton 2016; Keras, ``layers/normalization/layer_normalization.py``.
"""

import math

from ..compiling import inner, kernel, view
from ..products import nothing
from ..vectors import fill
from .arrays import Arrays

ARRAYS = Arrays()
MEAN = ARRAYS.add("mean", "rows")  # m
SCALE = ARRAYS.add("scale", "rows")  # s
EPSILON, USES_GAMMA, USES_BETA = range(3)  # of layer.option


@inner
def gain_and_shift(layer, theta):
    """gamma and beta (K), or nothing; the first tensor is whichever there is."""
    K, nought = layer.units, nothing(theta)
    with_gamma, with_beta = int(layer.option[USES_GAMMA]), int(layer.option[USES_BETA])
    gamma = view(theta, layer.tensor[0], (K,)) if with_gamma else nought
    beta = view(theta, layer.tensor[with_gamma], (K,)) if with_beta else nought
    return gamma, beta


@kernel
def normalization_forward(layer, batch, flags, theta, work):
    """y = gamma s (x - m) + beta, each row for itself.  x, y (n, K), n rows of K features."""
    n, K = batch.rows * batch.chain * layer.steps, layer.units
    x, y = view(work, layer.x, (n, K)), view(work, layer.y, (n, K))
    mean, scale = view(work, layer.buffer[MEAN], (n,)), view(work, layer.buffer[SCALE], (n,))
    gamma, beta = gain_and_shift(layer, theta)
    c = x.dtype.type
    share, eps = c(1 / K), c(layer.option[EPSILON])
    for r in range(n):
        x_r, y_r, total, squares = x[r], y[r], c(0), c(0)
        for k in range(K):
            total += x_r[k]
        mean[r] = total * share
        for k in range(K):
            y_r[k] = x_r[k] - mean[r]
            squares += y_r[k] * y_r[k]
        scale[r] = c(1) / math.sqrt(squares * share + eps)
        for k in range(K):
            y_r[k] *= scale[r]
        for k in range(len(gamma)):
            y_r[k] *= gamma[k]
        for k in range(len(beta)):
            y_r[k] += beta[k]


@kernel
def normalization_backward(layer, batch, flags, theta, grad, work):
    """dgamma = sum dy n, dbeta = sum dy, dx = s (g - mean g - n mean(g n)) with g = dy gamma.

    dy (n, K) in;  dx (n, K), dgamma, dbeta (K) out, overwritten.
    """
    n, K = batch.rows * batch.chain * layer.steps, layer.units
    x, dx = view(work, layer.x, (n, K)), view(work, layer.dx, (n, K))
    dy = view(work, layer.dy, (n, K))
    mean, scale = view(work, layer.buffer[MEAN], (n,)), view(work, layer.buffer[SCALE], (n,))
    gamma, _ = gain_and_shift(layer, theta)
    dgamma, dbeta = gain_and_shift(layer, grad)
    fill(dgamma, x.dtype.type(0))
    fill(dbeta, x.dtype.type(0))
    for r in range(n):
        x_r, dy_r, m, s = x[r], dy[r], mean[r], scale[r]
        for k in range(len(dgamma)):
            dgamma[k] += dy_r[k] * s * (x_r[k] - m)
        for k in range(len(dbeta)):
            dbeta[k] += dy_r[k]
        if layer.need_dx:
            normalized_row_backward(x_r, dy_r, gamma, m, s, dx[r])


@inner
def normalized_row_backward(x, dy, gamma, m, s, dx):
    """dx = s (g - mean g - n mean(g n)) of a row (K), with g = dy gamma and n = s (x - m)."""
    c = x.dtype.type
    share, sum_g, sum_g_n = c(1 / len(x)), c(0), c(0)
    for k in range(len(x)):
        dx[k] = dy[k]
    for k in range(len(gamma)):
        dx[k] *= gamma[k]  # dx is g, so far
    for k in range(len(x)):
        sum_g += dx[k]
        sum_g_n += dx[k] * s * (x[k] - m)
    for k in range(len(x)):
        dx[k] = s * (dx[k] - share * sum_g - s * (x[k] - m) * share * sum_g_n)
