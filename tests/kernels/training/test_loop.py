"""The loop over batches: what it gathers, in which order, and what it leaves behind."""

import numpy as np
import pytest
from tinylstm.kernels.training.loop import LOSS, SEEN, VALID, all_finite

from tests.models import MODES, Draw
from tests.tolerances import NAIVE, SIGMAS, assert_close
from tinylstm import LSTM, SGD, Dense, Masking, Sequential, reference
from tinylstm.engine.training import Run

pytestmark = pytest.mark.quick
EXACT = NAIVE["float64"]
uncompiled = pytest.mark.uncompiled


def naive_loss(weights, x, y, weight, hold, mode, start):
    """Loss of a batch with weights of steps and some held, its gradient, the final state."""
    W, U, b, V, a = weights
    options = {"hold": hold}
    if mode == "batch_carried":
        forward = reference.lstm_batch_carried_forward(x, W, U, b, **options)
    else:
        forward = reference.lstm_forward(x, W, U, b, *start, **options)
    out = reference.dense_forward(forward["y"], V, a)
    K = out.shape[-1]
    w = reference.weights_in_the_loss(weight, hold).ravel()
    loss, dz = reference.mean_squared_error(y.reshape(-1, K), out.reshape(-1, K), w)
    dy, dV, da = reference.dense_backward(forward["y"], V, out, dz.reshape(out.shape))
    last = [np.zeros_like(forward["hT"])] * 2
    if mode == "batch_carried":
        g = reference.lstm_batch_carried_backward(x, W, U, forward, dy, *last, **options)
    else:
        g = reference.lstm_backward(x, W, U, forward, dy, *last, **options)
    return loss, [g["dW"], g["dU"], g["db"], dV, da], (forward["hT"], forward["cT"])


@uncompiled
@pytest.mark.parametrize("mode", MODES)
def test_masks_row_weights_and_order_of_a_data_set_equal_the_naive_equations(rng, mode):
    d, N = Draw((3, 4, 2, 5, 1), 6), 6 if mode == "stateful" else 8  # 8: a last batch of 2
    lstm = LSTM(d.H, return_sequences=True, **MODES[mode])
    model = d.model(Masking(), lstm, Dense(d.K), loss="mse")
    model.compile(SGD(0.1), "mse")
    x, y = rng.normal(size=(N, d.T, d.D)), rng.normal(size=(N, d.T, d.K))
    weight, hold = np.repeat(rng.random((N, 1)), d.T, axis=1), rng.random((N, d.T)) < 0.4
    x[hold] = 0
    run = Run(model, x, y, weight, batch_size=d.B, learn=True)
    run.order[:] = rng.permutation(N)
    weights, order = model.get_weights(), run.order.copy()
    state = model.get_states().get("lstm", [np.zeros((d.B, d.H))] * 2)
    assert run(0, run.batches.count) == run.batches.count
    total = 0.0
    for first in range(0, N, d.B):
        part = order[first : first + d.B]
        start = state if mode == "stateful" else [np.zeros((len(part), d.H))] * 2
        batch = x[part], y[part], weight[part], hold[part]
        loss, gradients, state = naive_loss(weights, *batch, mode, start)
        total += loss * len(part) * d.T
        weights = [w - 0.1 * dw for w, dw in zip(weights, gradients, strict=True)]
    for found, wanted in zip(model.get_weights(), weights, strict=True):
        assert_close(found, wanted, EXACT, "weights")
    assert run.results[0, SEEN] == N * d.T
    assert run.results[0, VALID] == np.sum(~hold)
    assert_close(run.results[0, LOSS], total, EXACT, "sum of the losses")


def order_model():
    """The smallest model, and ten samples."""
    model = Sequential([LSTM(1, input_shape=(1, 1))])
    model.need_built("a run")
    model.compile(SGD(0.0), "mse")
    return model, np.zeros((10, 1, 1), np.float32)


def order_after(model, x, epochs, seen=0):
    """Order of the samples in the last of some epochs, `seen` epochs after the first."""
    run = Run(model, x, x[:, 0], batch_size=len(x), learn=True, epochs=epochs)
    run.plan["shuffle"], run.plan["shuffles"] = 1, seen
    run(0, epochs)
    return run.order.copy()


def test_every_order_is_a_permutation_and_any_place_as_likely():
    model, x = order_model()
    orders = np.array([order_after(model, x, 1, seen) for seen in range(1000)])
    np.testing.assert_array_equal(np.sort(orders, axis=1), np.tile(np.arange(10), (1000, 1)))
    counts = np.array([np.bincount(orders[:, k], minlength=10) for k in range(10)])
    sigma = np.sqrt(1000 * 0.1 * 0.9)
    assert np.abs(counts - 100).max() <= SIGMAS * sigma
    assert np.abs(np.mean(orders[1:] == orders[:-1]) - 0.1) <= SIGMAS * np.sqrt(0.09 / 9990)


@uncompiled
def test_the_order_of_an_epoch_is_a_function_of_seed_and_number():
    model, x = order_model()
    third = order_after(model, x, 3)
    np.testing.assert_array_equal(order_after(model, x, 1, seen=2), third)
    assert not np.array_equal(order_after(model, x, 1, seen=3), third)
    model.seed += 1
    model.network._programs.clear()
    assert not np.array_equal(order_after(model, x, 3), third)


@uncompiled
@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_what_is_not_finite_is_found_wherever_it_is(dtype):
    for wrong in (np.nan, np.inf, -np.inf):
        for place in range(5):
            a = np.zeros(5, dtype)
            assert all_finite(a)
            a[place] = wrong
            assert not all_finite(a)


def test_the_processors_float_mode_is_as_before():
    model = Sequential([LSTM(2, input_shape=(3, 1)), Dense(1)])
    model.compile("adam", "mse")
    model.fit(np.ones((4, 3, 1)), np.ones((4, 1)), verbose=0)
    denormal = np.full(3, 1e-40, np.float32)
    assert (denormal * np.float32(0.5) > 0).all()  # inside the loop it counts as zero
