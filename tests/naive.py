"""Naive twin of the engine: each formula as a plain loop in float64, sharing no code with it.

Letters: B samples, T time steps, D features, H units, K outputs, N rows; x @ W with row vectors;
gate blocks i, f, g, o; carry order (h, c); prefix d = gradient of the loss with respect to it.
An activation's derivative is a function of the activation's output. In a backward function the
comment at the end of a line is the equation that is differentiated there.
"""

import math

import numpy as np


@np.errstate(over="ignore")  # exp(-z) = inf rightly gives 0
def sigmoid(z):
    return 1.0 / (1.0 + np.exp(-z))


def softmax(z):
    """Softmax of each row of z (N,K)."""
    y = np.zeros_like(z)
    for n in range(len(z)):
        e = np.exp(z[n] - np.max(z[n]))
        y[n] = e / np.sum(e)
    return y


def softmax_backward(y, dy):
    """Gradient of z from the output y (N,K) and its gradient dy (N,K)."""
    dz = np.zeros_like(y)
    for n in range(len(y)):
        dz[n] = y[n] * (dy[n] - np.sum(dy[n] * y[n]))  # dy_j/dz_k = y_j * ([j = k] - y_k)
    return dz


ACTIVATION = {
    "linear": lambda z: z,
    "tanh": np.tanh,
    "sigmoid": sigmoid,
    "relu": lambda z: np.maximum(z, 0.0),
    "hard_sigmoid": lambda z: np.clip(z / 6.0 + 0.5, 0.0, 1.0),  # Keras 3
    "hard_sigmoid_keras2": lambda z: np.clip(0.2 * z + 0.5, 0.0, 1.0),  # Keras 1 and 2
    "softmax": softmax,  # its derivative is softmax_backward
}
DERIVATIVE = {
    "linear": lambda y: np.ones_like(y),
    "tanh": lambda y: 1.0 - y**2,
    "sigmoid": lambda y: y * (1.0 - y),
    "relu": lambda y: np.where(y > 0.0, 1.0, 0.0),
    "hard_sigmoid": lambda y: np.where((y > 0.0) & (y < 1.0), 1.0 / 6.0, 0.0),
    "hard_sigmoid_keras2": lambda y: np.where((y > 0.0) & (y < 1.0), 0.2, 0.0),
}


def lstm_forward(
    x,
    W,
    U,
    b,
    h0,
    c0,
    hold=None,
    restart=None,
    activation="tanh",
    recurrent_activation="sigmoid",
    go_backwards=False,
):
    """x (B,T,D), W (D,4H), U (H,4H), b (4H), h0 and c0 (B,H), hold and restart (B,T) bool.

    hold: h and c stay, the output repeats the row's last output (zeros before the first one).
    restart: the step starts from a zero state; it acts before hold and leaves the last output.
    go_backwards: steps are processed from T-1 down to 0.

    Returns a dict: y (B,T,H) in processing order; hT, cT (B,H); and in time order z (B,T,4H),
    i, f, g, o (B,T,H), the state after each step c, h (B,T,H), and the state each step started
    from, h_prev, c_prev (B,T,H). z and the gates of a held step are computed but not used.
    """
    B, T, _ = x.shape
    H = len(U)
    act = ACTIVATION[activation]
    rec = ACTIVATION[recurrent_activation]
    hold = np.zeros((B, T), bool) if hold is None else hold
    restart = np.zeros((B, T), bool) if restart is None else restart
    y, i, f, g, o, c, h, h_prev, c_prev = (np.zeros((B, T, H)) for _ in range(9))
    z = np.zeros((B, T, 4 * H))
    hT, cT = h0.copy(), c0.copy()  # the running state of each row
    for row in range(B):
        output = np.zeros(H)
        for step in range(T):
            t = T - 1 - step if go_backwards else step
            at = row, t
            if restart[at]:
                hT[row], cT[row] = 0.0, 0.0
            h_prev[at], c_prev[at] = hT[row], cT[row]
            z[at] = x[at] @ W + h_prev[at] @ U + b
            z_i, z_f, z_g, z_o = np.split(z[at], 4)
            i[at] = rec(z_i)
            f[at] = rec(z_f)
            g[at] = act(z_g)
            o[at] = rec(z_o)
            if hold[at]:
                c[at] = c_prev[at]
                h[at] = h_prev[at]
            else:
                c[at] = f[at] * c_prev[at] + i[at] * g[at]
                h[at] = o[at] * act(c[at])
                output = h[at]
            y[row, step] = output
            hT[row], cT[row] = h[at], c[at]
    steps = {"z": z, "i": i, "f": f, "g": g, "o": o, "c": c, "h": h}
    return {"y": y, "hT": hT, "cT": cT, "h_prev": h_prev, "c_prev": c_prev, **steps}


def lstm_backward(
    x,
    W,
    U,
    forward_result,
    dy,
    dhT,
    dcT,
    hold=None,
    restart=None,
    activation="tanh",
    recurrent_activation="sigmoid",
    go_backwards=False,
):
    """Backpropagation through time. dy (B,T,H) in processing order, dhT and dcT (B,H).

    Returns a dict: dx (B,T,D), dW, dU, db, dh0, dc0 (B,H), and in time order dz (B,T,4H) and the
    total gradients dh, dc (B,T,H) that reach h and c after each step. A held step has dz = 0 and
    in dh, dc what passes through to the step before; its dy goes to the output that it repeats.
    """
    i, f, g, o, c = (forward_result[name] for name in ("i", "f", "g", "o", "c"))
    h_prev, c_prev = forward_result["h_prev"], forward_result["c_prev"]
    B, T, _ = x.shape
    H = len(U)
    act = ACTIVATION[activation]
    d_act = DERIVATIVE[activation]
    d_rec = DERIVATIVE[recurrent_activation]
    hold = np.zeros((B, T), bool) if hold is None else hold
    restart = np.zeros((B, T), bool) if restart is None else restart
    dx, dW, dU, db = np.zeros_like(x), np.zeros_like(W), np.zeros_like(U), np.zeros(4 * H)
    dz, dh, dc = np.zeros((B, T, 4 * H)), np.zeros((B, T, H)), np.zeros((B, T, H))
    dh0, dc0 = dhT.copy(), dcT.copy()  # while stepping back: what reaches the state of each row
    for row in range(B):
        d_repeats = np.zeros(H)  # dy of the held steps that repeat one output
        for step in reversed(range(T)):
            t = T - 1 - step if go_backwards else step
            at = row, t
            dh[at], dc[at] = dh0[row], dc0[row]
            if hold[at]:
                d_repeats = d_repeats + dy[row, step]
            else:
                a = act(c[at])
                dh[at] += dy[row, step] + d_repeats  # y = h, also in the steps that repeat it
                do = dh[at] * a  # h = o * a
                da = dh[at] * o[at]  # h = o * a
                dc[at] += da * d_act(a)  # a = act(c)
                di = dc[at] * g[at]  # c = f * c_prev + i * g
                df = dc[at] * c_prev[at]  # c = f * c_prev + i * g
                dg = dc[at] * i[at]  # c = f * c_prev + i * g
                dz_i = di * d_rec(i[at])  # i = rec(z_i)
                dz_f = df * d_rec(f[at])  # f = rec(z_f)
                dz_g = dg * d_act(g[at])  # g = act(z_g)
                dz_o = do * d_rec(o[at])  # o = rec(z_o)
                dz[at] = np.concatenate([dz_i, dz_f, dz_g, dz_o])
                dx[at] = dz[at] @ W.T  # z = x @ W + h_prev @ U + b
                dW += np.outer(x[at], dz[at])  # z = x @ W + h_prev @ U + b
                dU += np.outer(h_prev[at], dz[at])  # z = x @ W + h_prev @ U + b
                db += dz[at]  # z = x @ W + h_prev @ U + b
                dh0[row] = dz[at] @ U.T  # z = x @ W + h_prev @ U + b
                dc0[row] = dc[at] * f[at]  # c = f * c_prev + i * g
                d_repeats = np.zeros(H)
            if restart[at]:
                dh0[row], dc0[row] = 0.0, 0.0  # h_prev = c_prev = 0, a constant
    steps = {"dz": dz, "dh": dh, "dc": dc}
    return {"dx": dx, "dW": dW, "dU": dU, "db": db, "dh0": dh0, "dc0": dc0, **steps}


def as_one_sample(a):
    """(B,T,...) as (1,B*T,...); None stays None."""
    return None if a is None else a.reshape(1, -1, *a.shape[2:])


def lstm_batch_carried_forward(x, W, U, b, hold=None, restart=None, **activations):
    """Sample b starts from the final state of sample b-1, the first from zeros.

    As lstm_forward of one sample of B*T steps: hT, cT (1,H) are the batch's final state, and a
    sample that begins with held steps repeats the last output of the sample before.
    """
    B, T, _ = x.shape
    zeros = np.zeros((1, len(U)))
    x, hold, restart = (as_one_sample(a) for a in (x, hold, restart))
    result = lstm_forward(x, W, U, b, zeros, zeros, hold, restart, **activations)
    return {k: a if k in ("hT", "cT") else a.reshape(B, T, -1) for k, a in result.items()}


def lstm_batch_carried_backward(
    x, W, U, forward_result, dy, dhT, dcT, hold=None, restart=None, **activations
):
    """As lstm_backward through the whole batch; dhT, dcT and dh0, dc0 are (1,H)."""
    B, T, _ = x.shape
    steps = {k: as_one_sample(a) for k, a in forward_result.items() if k not in ("hT", "cT")}
    x, dy, hold, restart = (as_one_sample(a) for a in (x, dy, hold, restart))
    result = lstm_backward(x, W, U, steps, dy, dhT, dcT, hold, restart, **activations)
    return result | {k: result[k].reshape(B, T, -1) for k in ("dx", "dz", "dh", "dc")}


def dense_forward(x, W, b, activation="linear"):
    """x (N,D) or (B,T,D), W (D,K), b (K). Returns y = activation(x @ W + b), (N,K) or (B,T,K)."""
    rows = x.reshape(-1, len(W))
    z = np.zeros((len(rows), len(b)))
    for n in range(len(rows)):
        z[n] = rows[n] @ W + b
    return ACTIVATION[activation](z).reshape(*x.shape[:-1], -1)


def dense_backward(x, W, y, dy, activation="linear"):
    """Returns dx, dW, db. With a loss fused with the activation: pass its dz as dy, "linear"."""
    rows, dy_rows, y_rows = (a.reshape(-1, a.shape[-1]) for a in (x, dy, y))
    if activation == "softmax":
        dz = softmax_backward(y_rows, dy_rows)
    else:
        dz = dy_rows * DERIVATIVE[activation](y_rows)  # y = activation(z)
    dx, dW, db = np.zeros_like(rows), np.zeros_like(W), np.zeros(W.shape[1])
    for n in range(len(rows)):
        dx[n] = dz[n] @ W.T  # z = x @ W + b
        dW += np.outer(rows[n], dz[n])  # z = x @ W + b
        db += dz[n]  # z = x @ W + b
    return dx.reshape(x.shape), dW, db


def dropout_forward(x, mask, rate):
    """Inverted dropout; mask has x's shape, 1 = keep, 0 = drop."""
    return x * mask / (1.0 - rate)


def dropout_backward(dy, mask, rate):
    return dy * mask / (1.0 - rate)  # y = x * mask / (1 - rate)


# Losses: target, z, y (N,K); w (N) is the weight of each row: loss = sum_n w_n * l_n.

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


# Optimisers: one step each, in Keras' form, with new arrays returned; the moments start as zeros.


def adam(w, dw, m, v, t, lr=0.001, beta_1=0.9, beta_2=0.999, epsilon=1e-7):
    """Step t = 1, 2, ... Returns w, m, v. epsilon stands beside the uncorrected sqrt(v)."""
    m = beta_1 * m + (1.0 - beta_1) * dw
    v = beta_2 * v + (1.0 - beta_2) * dw**2
    correction = math.sqrt(1.0 - beta_2**t) / (1.0 - beta_1**t)
    return w - lr * correction * m / (np.sqrt(v) + epsilon), m, v


def sgd(w, dw, m, lr=0.01, momentum=0.0, nesterov=False):
    """Returns w, m."""
    m = momentum * m - lr * dw
    return (w + momentum * m - lr * dw if nesterov else w + m), m


def rmsprop(w, dw, v, m, a, lr=0.001, rho=0.9, momentum=0.0, epsilon=1e-7, centered=False):
    """v: mean square, m: momentum, a: mean of the gradient. Returns w, v, m, a."""
    v = rho * v + (1.0 - rho) * dw**2
    if centered:
        a = rho * a + (1.0 - rho) * dw
        m = momentum * m + lr * dw / np.sqrt(v - a**2 + epsilon)
    else:
        m = momentum * m + lr * dw / np.sqrt(v + epsilon)
    return w - m, v, m, a


def clipvalue(dw, limit):
    """Each element within [-limit, limit]."""
    return np.clip(dw, -limit, limit)


def clipnorm(dw, limit):
    """The norm of one tensor at most limit."""
    norm = math.sqrt(np.sum(dw**2))
    return dw * limit / max(norm, limit)


def global_clipnorm(gradients, limit):
    """The norm of a list of tensors, taken together, at most limit."""
    norm = math.sqrt(sum(np.sum(dw**2) for dw in gradients))
    return [dw * limit / max(norm, limit) for dw in gradients]


def finite_difference(f, array, eps=1e-5):
    """Central differences of the scalar f(), which reads array; array is restored in place."""
    gradient = np.zeros(array.shape)
    for index in np.ndindex(array.shape):
        value = array[index]
        array[index] = value + eps
        above = f()
        array[index] = value - eps
        below = f()
        array[index] = value
        gradient[index] = (above - below) / (2.0 * eps)
    return gradient


def categorical_accuracy(target, y):
    """Fraction of the rows (N,K) whose largest output is at the target's largest entry."""
    return sum(np.argmax(y[n]) == np.argmax(target[n]) for n in range(len(y))) / len(y)


def binary_accuracy(target, y, threshold=0.5):
    """Fraction of the elements whose output is on the target's side of the threshold."""
    return float(np.mean((y > threshold) == target))
