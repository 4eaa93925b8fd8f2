"""Losses with their gradients, penalties on weights, and metrics.

target, z, y (N,K), or target (N) classes by number; w (N) is the weight of each row:
loss = sum_n w_n * l_n.
"""

import numpy as np

from .activations import sigmoid, softmax

# Keras' epsilon: probabilities are kept within [1e-7, 1 - 1e-7], as the dtype rounds these two.
CLIP = {"float64": (1e-7, 1.0 - 1e-7), "float32": (1.00000001e-7, 1.0 - 2.0**-23)}


def inside_clip(p, ends):
    """1 where clipping leaves p as it is, 0 where the clipped value is a constant."""
    return np.where((p >= ends[0]) & (p <= ends[1]), 1.0, 0.0)


def categorical_crossentropy_from_logits(target, z, w):
    """l = -sum_k target_k * log p_k, p = softmax(z). Returns loss, p, dz.

    TensorFlow's dz is p - target even if a row of targets does not sum to 1; this one is exact.
    """
    loss, p, dz = 0.0, softmax(z), np.zeros_like(z)
    for n in range(len(z)):
        largest = np.max(z[n])
        log_p = z[n] - largest - np.log(np.sum(np.exp(z[n] - largest)))
        loss += w[n] * -np.sum(target[n] * log_p)
        dz[n] = w[n] * (np.sum(target[n]) * p[n] - target[n])  # dlog p_j/dz_k = [j = k] - p_k
    return loss, p, dz


def categorical_crossentropy(target, y, w, dtype="float64"):
    """l = -sum_k target_k * log q_k, q = clip(y / sum(y)), as Keras. Returns loss, dy."""
    loss, dy, ends = 0.0, np.zeros_like(y), CLIP[dtype]
    for n in range(len(y)):
        total = np.sum(y[n])
        p = y[n] / total
        q = np.clip(p, *ends)
        loss += w[n] * -np.sum(target[n] * np.log(q))
        dp = w[n] * -target[n] / q * inside_clip(p, ends)  # l = -sum_k target_k * log q_k
        dy[n] = (dp - np.sum(dp * p)) / total  # dp_j/dy_k = ([j = k] - p_j) / total
    return loss, dy


def binary_crossentropy_from_logits(target, z, w):
    """l = mean_k(log(1 + exp(z_k)) - target_k * z_k), p = sigmoid(z). Returns loss, p, dz."""
    loss, p, dz = 0.0, sigmoid(z), np.zeros_like(z)
    for n in range(len(z)):
        loss += w[n] * np.mean(np.logaddexp(0.0, z[n]) - target[n] * z[n])
        dz[n] = w[n] * (p[n] - target[n]) / z.shape[1]  # dlog(1 + exp(z))/dz = p
    return loss, p, dz


def binary_crossentropy(target, y, w, dtype="float64"):
    """l = -mean_k(target_k * log q_k + (1 - target_k) * log(1 - q_k)), q = clip(y), as Keras.

    Returns loss, dy.
    """
    loss, dy, ends = 0.0, np.zeros_like(y), CLIP[dtype]
    for n in range(len(y)):
        q = np.clip(y[n], *ends)
        loss += w[n] * -np.mean(target[n] * np.log(q) + (1.0 - target[n]) * np.log(1.0 - q))
        dq = -target[n] / q + (1.0 - target[n]) / (1.0 - q)  # dlog(q)/dq = 1/q
        dy[n] = w[n] * dq * inside_clip(y[n], ends) / y.shape[1]
    return loss, dy


def mean_squared_error(target, y, w):
    """l = mean_k (y_k - target_k)^2. Returns loss, dy."""
    loss, dy = 0.0, np.zeros_like(y)
    for n in range(len(y)):
        loss += w[n] * np.mean((y[n] - target[n]) ** 2)
        dy[n] = w[n] * 2.0 * (y[n] - target[n]) / y.shape[1]  # d(u^2)/du = 2 u
    return loss, dy


def mean_absolute_error(target, y, w):
    """l = mean_k |y_k - target_k|. Returns loss, dy."""
    loss, dy = 0.0, np.zeros_like(y)
    for n in range(len(y)):
        loss += w[n] * np.mean(np.abs(y[n] - target[n]))
        dy[n] = w[n] * np.sign(y[n] - target[n]) / y.shape[1]  # d|u|/du = sign(u)
    return loss, dy


def huber(target, y, w, delta=1.0):
    """l = mean_k of e^2 / 2 where |e| <= delta, else delta |e| - delta^2 / 2; e = y - target.

    Returns loss, dy.
    """
    loss, dy = 0.0, np.zeros_like(y)
    for n in range(len(y)):
        e = y[n] - target[n]
        near = np.abs(e) <= delta
        loss += w[n] * np.mean(np.where(near, e**2 / 2, delta * np.abs(e) - delta**2 / 2))
        dy[n] = w[n] * np.where(near, e, delta * np.sign(e)) / y.shape[1]  # d(e^2/2)/de = e
    return loss, dy


def hinge(target, y, w):
    """l = mean_k max(1 - t_k y_k, 0); targets that are all 0 or 1 become t = 2 target - 1.

    Returns loss, dy.
    """
    loss, dy = 0.0, np.zeros_like(y)
    t = 2.0 * target - 1.0 if np.isin(target, (0, 1)).all() else target
    for n in range(len(y)):
        loss += w[n] * np.mean(np.maximum(1.0 - t[n] * y[n], 0.0))
        dy[n] = w[n] * np.where(t[n] * y[n] <= 1.0, -t[n], 0.0) / y.shape[1]
    return loss, dy


def mean_absolute_percentage_error(target, y, w):
    """l = 100 mean_k |y_k - target_k| / max(|target_k|, 1e-7).  Returns loss, dy."""
    loss, dy = 0.0, np.zeros_like(y)
    for n in range(len(y)):
        size = np.maximum(np.abs(target[n]), 1e-7)
        loss += w[n] * 100.0 * np.mean(np.abs(y[n] - target[n]) / size)
        dy[n] = w[n] * 100.0 * np.sign(y[n] - target[n]) / size / y.shape[1]
    return loss, dy


def kl_divergence(target, y, w):
    """l = sum_k t_k log(t_k / q_k), t and q = y kept in [1e-7, 1].  Returns loss, dy."""
    loss, dy = 0.0, np.zeros_like(y)
    for n in range(len(y)):
        t, q = np.clip(target[n], 1e-7, 1.0), np.clip(y[n], 1e-7, 1.0)
        loss += w[n] * np.sum(t * np.log(t / q))
        dy[n] = w[n] * -t / q * inside_clip(y[n], (1e-7, 1.0))  # dlog(q)/dq = 1/q
    return loss, dy


def sparse_crossentropy_from_logits(target, z, w):
    """l = -log p_t, p = softmax(z).  Returns loss, p, dz."""
    loss, p, dz = 0.0, softmax(z), np.zeros_like(z)
    for n in range(len(z)):
        largest = np.max(z[n])
        log_p = z[n] - largest - np.log(np.sum(np.exp(z[n] - largest)))
        loss += w[n] * -log_p[target[n]]
        dz[n] = w[n] * p[n]  # dlog p_t/dz_k = [k = t] - p_k
        dz[n, target[n]] -= w[n]
    return loss, p, dz


def sparse_crossentropy(target, y, w, dtype="float64"):
    """l = -log(q_t / sum(q)), q = clip(y), as Keras.  Returns loss, dy."""
    loss, dy, ends = 0.0, np.zeros_like(y), CLIP[dtype]
    for n in range(len(y)):
        q = np.clip(y[n], *ends)
        loss += w[n] * -(np.log(q[target[n]]) - np.log(np.sum(q)))
        dq = np.full(y.shape[1], 1.0 / np.sum(q))  # dlog(sum(q))/dq_k = 1 / sum(q)
        dq[target[n]] -= 1.0 / q[target[n]]  # dlog(q_t)/dq_t = 1 / q_t
        dy[n] = w[n] * dq * inside_clip(y[n], ends)
    return loss, dy


def penalty(w, l1, l2):
    """l1 sum |w| + l2 sum w^2.  Returns the penalty and dw."""
    total, dw = 0.0, np.zeros_like(w)
    for index in np.ndindex(w.shape):
        total += l1 * abs(w[index]) + l2 * w[index] ** 2
        dw[index] = l1 * np.sign(w[index]) + l2 * 2.0 * w[index]  # d|w|/dw = sign(w)
    return total, dw


def weights_in_the_loss(weights, held):
    """Weights over the number of targets that count; a masked one (held) counts for nothing."""
    counted = sum(not masked for masked in held.ravel())
    w = np.zeros(held.shape)
    for b in range(held.shape[0]):
        for t in range(held.shape[1]):
            if not held[b, t]:
                w[b, t] = weights[b, t] / counted
    return w


def categorical_accuracy(target, y):
    """Fraction of the rows (N,K) whose largest output is at the target's largest entry."""
    return sum(np.argmax(y[n]) == np.argmax(target[n]) for n in range(len(y))) / len(y)


def binary_accuracy(target, y, threshold=0.5):
    """Fraction of the elements whose output is on the target's side of the threshold."""
    return float(np.mean((y > threshold) == target))


def sparse_accuracy(target, y):
    """Fraction of the rows (N,K) whose largest output is the target's class."""
    return sum(np.argmax(y[n]) == target[n] for n in range(len(y))) / len(y)


def top_k_accuracy(target, y, k=5):
    """Fraction of the rows (N,K) of which fewer than k outputs are above the true class's.

    target (N,K), whose largest entry is the true class, or (N), its number.
    """
    truth = target if target.ndim == 1 else np.argmax(target, axis=1)
    return sum(np.sum(y[n] > y[n, int(truth[n])]) < k for n in range(len(y))) / len(y)


def area_under_roc(target, y, thresholds):
    """Area under true over false positives: targets that are not 0, outputs above a threshold."""
    points = []
    for threshold in thresholds:
        above = y > threshold
        points.append((np.mean(above[target == 0]), np.mean(above[target != 0])))
    x, height = np.array(points).T
    return float(np.sum((x[:-1] - x[1:]) * (height[:-1] + height[1:]) / 2))
