"""A loss of one's own with a parameter, and metrics: what most of the targets stay below.

python docs/examples/own_loss.py
"""

import numpy as np

from tinylstm import LSTM, Dense, Sequential, gradient_check, kernel, set_random_seed
from tinylstm.losses import Loss


@kernel
def quantile(z, target, weight, y, dz, option):
    """l = mean_k of q e where e = t - y > 0, else (q - 1) e; q = option[0]."""
    loss, q, K = 0.0, option[0], z.shape[1]
    for r in range(z.shape[0]):
        for k in range(K):
            error = target[r, k] - z[r, k]
            slope = q if error > 0 else q - 1
            loss += weight[r] * slope * error / K
            dz[r, k] = -weight[r] * slope / K  # e = t - y
    return loss


@kernel
def below(y, target, valid):
    """How many targets lie below the output; of K outputs, what share of them."""
    count = 0.0
    for r in range(y.shape[0]):
        for k in range(y.shape[1]):
            count += valid[r] / y.shape[1] if target[r, k] < y[r, k] else 0.0
    return count


def largest_error(y_true, y_pred):
    """A number for each batch."""
    return np.abs(y_true - y_pred).max()


def model_of(q):
    """A small model that is to stay above a share q of the targets."""
    model = Sequential([LSTM(8, input_shape=(5, 1)), Dense(1)])
    loss = Loss("quantile", quantile, option=[q])
    model.compile("adam", loss, metrics=[below, largest_error])
    return model


if __name__ == "__main__":
    rng = np.random.default_rng(7)
    x = rng.normal(size=(400, 5, 1))
    y = x.mean(axis=1) + 0.3 * rng.normal(size=(400, 1))
    set_random_seed(7)
    print(gradient_check(model_of(0.9), x[:4], y[:4]))
    for q in (0.1, 0.5, 0.9):
        set_random_seed(7)
        history = model_of(q).fit(x, y, epochs=60, verbose=0).history
        print(f"{', '.join(history)}: {history['below'][-1]:.1f} of the targets are below")
