"""Losses and metrics: one number for a batch, and the gradient of what the loss reads.

A loss is sum_r w_r l_r over the rows r of the batch; a mean has 1/n in its weights w (n). Each loss
has the arguments (z, target, weight, y, dz, option): z (n, K) is what it reads, dz (n, K) the
gradient it writes, option its parameters, float64, where it has any. The fused losses read
pre-activations z (logits) and write y, the activation of z, too; for the others z *is* the output,
and y is the same array.  Loss in nats for each target row, where it is a cross-entropy.
The targets are (n, K), or (n, 1), the number of a class, for the sparse losses and metrics.
A metric (y, target, valid) is a sum over the rows with valid (n) = 1; masked ones have 0. Those of
several sums are in ``metrics.py``.
"""

import math

import numpy as np

from ..activations import exp, largest, sigmoid, softmax
from ..compiling import kernel

EPSILON = 1e-7  # probabilities are kept this far from 0 and, rounded, 1 (Keras' backend.epsilon)


@kernel
def softmax_crossentropy(z, target, weight, y, dz, option) -> float:
    """l = -sum_k t_k log p_k with p = softmax(z), from the logits z: safe for any size of z.

    log p_k = z_k - log sum exp z, where log sum exp z = z_max - log p_max;
    dz_k = w (p_k sum t - t_k).  y = p out.
    """
    softmax(z, y)
    loss = np.float64(0)
    for r in range(len(z)):
        z_r, y_r, t_r, dz_r, w = z[r], y[r], target[r], dz[r], weight[r]
        log_total = largest(z_r) - math.log(largest(y_r))
        t_sum = z.dtype.type(0)
        l_r = z.dtype.type(0)
        for k in range(len(z_r)):
            t_sum += t_r[k]
            l_r += t_r[k] * (log_total - z_r[k])
        loss += w * l_r
        for k in range(len(z_r)):
            dz_r[k] = w * (y_r[k] * t_sum - t_r[k])
    return loss


@kernel
def sparse_softmax_crossentropy(z, target, weight, y, dz, option) -> float:
    """l = -log p_t with p = softmax(z), from the logits z, for the class t of each row.

    log p_t = z_t - log sum exp z;  dz_k = w (p_k - [k = t]).  y = p out.
    """
    softmax(z, y)
    loss = np.float64(0)
    for r in range(len(z)):
        z_r, y_r, dz_r, w = z[r], y[r], dz[r], weight[r]
        t = int(target[r, 0])
        loss += w * (largest(z_r) - math.log(largest(y_r)) - z_r[t])
        for k in range(len(z_r)):
            dz_r[k] = w * y_r[k]
        dz_r[t] -= w
    return loss


@kernel
def sparse_categorical_crossentropy(z, target, weight, y, dz, option) -> float:
    """l = -log (q_t / sum q) with q = y kept in [eps, 1 - eps], for the class t of each row.

    z is the output y;  dl/dy_k = 1 / sum q - [k = t] / q_t where y_k is not clipped.
    Source: Keras, ``backend/tensorflow/nn.py``, ``sparse_categorical_crossentropy``.
    """
    loss, low, high = np.float64(0), z.dtype.type(EPSILON), z.dtype.type(1.0 - EPSILON)
    for r in range(z.shape[0]):
        t, total = int(target[r, 0]), 0.0
        for k in range(z.shape[1]):
            total += np.float64(min(max(z[r, k], low), high))
        q_t = np.float64(min(max(z[r, t], low), high))
        loss -= weight[r] * math.log(q_t / total)
        for k in range(z.shape[1]):
            slope = 1.0 / total - (1.0 / q_t if k == t else 0.0)
            dz[r, k] = weight[r] * slope if low <= z[r, k] <= high else 0.0
    return loss


@kernel
def categorical_crossentropy(z, target, weight, y, dz, option) -> float:
    """l = -sum_k t_k log q_k with q = y / sum y, kept in [eps, 1 - eps].  z is the output y.

    dl/dy_k = (sum_j t_j - t_k / q_k) / sum y over the classes that are not clipped.
    Source: Keras, ``backend/tensorflow/nn.py``, ``categorical_crossentropy``.
    """
    loss, low, high = np.float64(0), z.dtype.type(EPSILON), z.dtype.type(1.0 - EPSILON)
    for r in range(z.shape[0]):
        total = 0.0
        for k in range(z.shape[1]):
            total += z[r, k]
        t_sum = 0.0
        for k in range(z.shape[1]):
            q = z[r, k] / total
            loss -= weight[r] * target[r, k] * math.log(min(max(q, low), high))
            if low <= q <= high:
                t_sum += target[r, k]
        for k in range(z.shape[1]):
            q = z[r, k] / total
            inside = target[r, k] / q if low <= q <= high else 0.0
            dz[r, k] = weight[r] * (t_sum - inside) / total
    return loss


@kernel
def sigmoid_crossentropy(z, target, weight, y, dz, option) -> float:
    """l = mean_k of -t log p - (1 - t) log(1 - p) with p = sigmoid(z), from the logits z.

    = mean_k of max(z, 0) - z t + log(1 + exp(-|z|));  dz_k = w (p_k - t_k) / K.  y = p out.
    """
    loss = np.float64(0)
    c = z.dtype.type
    K = z.shape[1]
    for r in range(z.shape[0]):
        for k in range(K):
            a = z[r, k]
            y[r, k] = sigmoid(a)
            log_term = math.log1p(exp(-abs(a)))
            loss += weight[r] * (max(a, c(0)) - a * target[r, k] + log_term) / K
            dz[r, k] = weight[r] * (y[r, k] - target[r, k]) / c(K)
    return loss


@kernel
def binary_crossentropy(z, target, weight, y, dz, option) -> float:
    """l = mean_k of -t log q - (1 - t) log(1 - q) with q = y kept in [eps, 1 - eps].

    z is the output y.  Source: Keras, ``backend/tensorflow/nn.py``, ``binary_crossentropy``.
    """
    loss, low, high = np.float64(0), z.dtype.type(EPSILON), z.dtype.type(1.0 - EPSILON)
    K = z.shape[1]
    for r in range(z.shape[0]):
        for k in range(K):
            q = np.float64(min(max(z[r, k], low), high))
            t = target[r, k]
            loss -= weight[r] * (t * math.log(q) + (1.0 - t) * math.log(1.0 - q)) / K
            inside = low <= z[r, k] <= high
            dz[r, k] = weight[r] * ((1.0 - t) / (1.0 - q) - t / q) / K if inside else 0.0
    return loss


@kernel
def mean_squared_error(z, target, weight, y, dz, option) -> float:
    """l = mean_k (y_k - t_k)^2;  dl/dy_k = 2 (y_k - t_k) / K.  z is the output y."""
    loss = np.float64(0)
    c = z.dtype.type
    K = z.shape[1]
    for r in range(z.shape[0]):
        for k in range(K):
            error = z[r, k] - target[r, k]
            loss += weight[r] * error * error / c(K)
            dz[r, k] = weight[r] * c(2) * error / c(K)
    return loss


@kernel
def mean_absolute_error(z, target, weight, y, dz, option) -> float:
    """l = mean_k |y_k - t_k|;  dl/dy_k = sign(y_k - t_k) / K.  z is the output y."""
    loss = np.float64(0)
    c = z.dtype.type
    K = z.shape[1]
    for r in range(z.shape[0]):
        for k in range(K):
            error = z[r, k] - target[r, k]
            loss += weight[r] * abs(error) / c(K)
            dz[r, k] = weight[r] * (c(1) if error > 0 else (c(-1) if error < 0 else error)) / c(K)
    return loss


@kernel
def huber(z, target, weight, y, dz, option) -> float:
    """l = mean_k of e^2 / 2 where |e| <= delta, else delta |e| - delta^2 / 2, with e = y - t.

    dl/dy_k = e / K, and delta sign(e) / K beyond delta = option[0].  z is the output y.
    Source: Huber 1964; Keras, ``losses/losses.py``, ``huber``.
    """
    loss, delta = np.float64(0), z.dtype.type(option[0])
    c = z.dtype.type
    K = z.shape[1]
    for r in range(z.shape[0]):
        for k in range(K):
            error = z[r, k] - target[r, k]
            slope = min(max(error, -delta), delta)
            loss += weight[r] * slope * (error - c(0.5) * slope) / c(K)
            dz[r, k] = weight[r] * slope / c(K)
    return loss


@kernel
def hinge(z, target, weight, y, dz, option) -> float:
    """l = mean_k of max(1 - t_k y_k, 0), t from -1 and 1; if all are 0 or 1, 0 stands for -1.

    dl/dy_k = -t_k / K where t_k y_k <= 1.  z is the output y.
    Source: Keras, ``losses/losses.py``, ``hinge``, which looks at the targets of a batch.
    """
    loss, c, binary = np.float64(0), z.dtype.type, True
    K = z.shape[1]
    for r in range(z.shape[0]):
        for k in range(K):
            binary = binary and (target[r, k] == 0 or target[r, k] == 1)
    for r in range(z.shape[0]):
        for k in range(K):
            side = c(2) * target[r, k] - c(1) if binary else target[r, k]
            missing = c(1) - side * z[r, k]
            loss += weight[r] * max(missing, c(0)) / c(K)
            dz[r, k] = -weight[r] * side / c(K) if missing >= 0 else c(0)
    return loss


@kernel
def mean_absolute_percentage_error(z, target, weight, y, dz, option) -> float:
    """l = 100 mean_k of |y_k - t_k| / max(|t_k|, eps), in percent.  z is the output y.

    dl/dy_k = 100 sign(y_k - t_k) / (K max(|t_k|, eps)).
    Source: Keras, ``losses/losses.py``, ``mean_absolute_percentage_error``.
    """
    loss, c, eps = np.float64(0), z.dtype.type, z.dtype.type(EPSILON)
    K = z.shape[1]
    for r in range(z.shape[0]):
        for k in range(K):
            error = z[r, k] - target[r, k]
            percent = weight[r] * c(100) / (max(abs(target[r, k]), eps) * c(K))
            loss += percent * abs(error)
            dz[r, k] = percent if error > 0 else (-percent if error < 0 else percent * error)
    return loss


@kernel
def kl_divergence(z, target, weight, y, dz, option) -> float:
    """l = sum_k t_k log(t_k / q_k), t and q = y kept in [eps, 1].  z is the output y.

    dl/dy_k = -t_k / q_k where y_k is not clipped.
    Source: Keras, ``losses/losses.py``, ``kl_divergence``.
    """
    loss, low, high = np.float64(0), z.dtype.type(EPSILON), z.dtype.type(1)
    for r in range(z.shape[0]):
        for k in range(z.shape[1]):
            t = np.float64(min(max(target[r, k], low), high))
            q = np.float64(min(max(z[r, k], low), high))
            loss += weight[r] * t * math.log(t / q)
            dz[r, k] = -weight[r] * t / q if low <= z[r, k] <= high else 0.0
    return loss


@kernel
def categorical_accuracy(y, target, valid) -> float:
    """Number of rows whose largest output is at the largest target (the first, among equals)."""
    right = 0.0
    for r in range(y.shape[0]):
        guess, truth = 0, 0
        for k in range(1, y.shape[1]):
            if y[r, k] > y[r, guess]:
                guess = k
            if target[r, k] > target[r, truth]:
                truth = k
        right += valid[r] if guess == truth else 0.0
    return right


@kernel
def sparse_categorical_accuracy(y, target, valid) -> float:
    """Number of rows whose largest output (the first, among equals) is the target's class."""
    right = 0.0
    for r in range(y.shape[0]):
        guess = 0
        for k in range(1, y.shape[1]):
            if y[r, k] > y[r, guess]:
                guess = k
        right += valid[r] if guess == int(target[r, 0]) else 0.0
    return right


@kernel
def binary_accuracy(y, target, valid) -> float:
    """Sum over rows of the share of outputs that, rounded at 0.5 to 0 or 1, are their target."""
    right = 0.0
    for r in range(y.shape[0]):
        for k in range(y.shape[1]):
            guess = 1.0 if y[r, k] > 0.5 else 0.0
            right += valid[r] * (1.0 if guess == target[r, k] else 0.0) / y.shape[1]
    return right


@kernel
def rounded_accuracy(y, target, valid) -> float:
    """Sum over rows of the share of outputs that, rounded to a whole number, are their target.

    Source: Keras 1.2.2 to 2.3.1, ``keras/metrics.py``, ``binary_accuracy``.
    """
    right = 0.0
    for r in range(y.shape[0]):
        for k in range(y.shape[1]):
            right += valid[r] * (1.0 if np.rint(y[r, k]) == target[r, k] else 0.0) / y.shape[1]
    return right


@kernel
def squared_errors(y, target, valid) -> float:
    """Sum over rows of mean_k (y_k - t_k)^2."""
    total = 0.0
    for r in range(y.shape[0]):
        for k in range(y.shape[1]):
            error = np.float64(y[r, k]) - np.float64(target[r, k])
            total += valid[r] * error * error / y.shape[1]
    return total


@kernel
def absolute_errors(y, target, valid) -> float:
    """Sum over rows of mean_k |y_k - t_k|."""
    total = 0.0
    for r in range(y.shape[0]):
        for k in range(y.shape[1]):
            error = abs(np.float64(y[r, k]) - np.float64(target[r, k]))
            total += valid[r] * error / y.shape[1]
    return total
