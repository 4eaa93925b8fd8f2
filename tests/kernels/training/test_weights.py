"""What a target weighs: penalties, classes by number, masked steps, weights of samples and classes,
each equal to the naive twin; and a training run with all of them at once."""

import numpy as np
import pytest
from tinylstm.kernels.training import losses as kernels
from tinylstm.kernels.training.loop import LOSS, METRICS, SEEN, VALID
from tinylstm.kernels.training.regularizers import l1_l2_gradient_of_all, l1_l2_of_all

from tests.models import MODES, Draw
from tests.tolerances import NAIVE, assert_close
from tinylstm import LSTM, SGD, Dense, Masking, reference
from tinylstm.data.gate import target_weights
from tinylstm.engine.training import Run
from tinylstm.regularizers import L1L2, rows_of

pytestmark = pytest.mark.quick
uncompiled = pytest.mark.uncompiled
EXACT = NAIVE["float64"]
DTYPE = pytest.mark.parametrize("dtype", ["float64", "float32"])
SPARSE = {
    kernels.sparse_softmax_crossentropy: reference.sparse_crossentropy_from_logits,
    kernels.sparse_categorical_crossentropy: reference.sparse_crossentropy,
}
FUSED = kernels.sparse_softmax_crossentropy


@uncompiled
@DTYPE
def test_penalties_and_their_gradients_equal_the_naive_twin(rng, dtype):
    theta, grad = (rng.normal(size=12).astype(dtype) for _ in range(2))
    theta[3] = 0  # where |w| has no slope
    ranges, rates = np.array([[1, 5], [7, 12]]), np.array([[0.03, 0.2], [0.5, 0.0]])
    said = [
        (L1L2(*two), start, (stop - start,))
        for (start, stop), two in zip(ranges, rates, strict=True)
    ]
    table = rows_of(said, np.dtype(dtype))
    before = grad.astype(np.float64)
    wanted, total = before.copy(), 0.0
    for (start, stop), (l1, l2) in zip(ranges, rates, strict=True):
        cost, dw = reference.penalty(theta[start:stop].astype(np.float64), l1, l2)
        total += cost
        wanted[start:stop] += dw
    assert_close(l1_l2_of_all(theta, table), total, NAIVE[dtype], "penalty")
    l1_l2_gradient_of_all(theta, grad, table)
    assert_close(grad, wanted, NAIVE[dtype], "dw")
    np.testing.assert_array_equal(grad[[0, 3, 5, 6]], before.astype(dtype)[[0, 3, 5, 6]])


def check_sparse(kernel, z, target, weight, dtype):
    """Loss, gradient and, where it is fused, output of a loss of classes by number."""
    z, weight = (np.array(a, dtype) for a in (z, weight))
    y = np.full_like(z, np.nan) if kernel is FUSED else z
    dz, column = np.full_like(z, np.nan), target[:, None].astype(dtype)
    loss = kernel(z, column, weight, y, dz, np.zeros(0))
    clip = () if kernel is FUSED else (dtype,)
    ref_loss, *ref_y, ref_dz = SPARSE[kernel](
        target, z.astype(np.float64), weight.astype(np.float64), *clip
    )
    assert_close(loss, ref_loss, NAIVE[dtype], "loss")
    assert_close(dz, ref_dz, NAIVE[dtype], "dz")
    if kernel is FUSED:
        assert_close(y, ref_y[0], NAIVE[dtype], "y")


@uncompiled
@DTYPE
@pytest.mark.parametrize("kernel", SPARSE, ids=lambda kernel: kernel.__name__)
@pytest.mark.parametrize("shape", [(1, 2), (7, 4), (64, 33)], ids=str)
def test_losses_of_classes_by_number_equal_the_naive_twin(rng, kernel, shape, dtype):
    target, weight = rng.integers(0, shape[1], shape[0]), rng.random(shape[0])
    weight[-1] += shape[0] == 1
    weight[0] *= shape[0] > 1  # a row that does not count
    z = 2 * rng.normal(size=shape) if kernel is FUSED else rng.random(shape) + 0.05
    check_sparse(kernel, z, target, weight, dtype)


@uncompiled
@DTYPE
def test_losses_of_classes_by_number_at_the_ends_equal_the_naive_twin(rng, dtype):
    target, weight = np.array([0, 0, 1, 2, 1]), rng.random(5)
    y = np.array([[1, 0, 0], [0, 1, 0], [1e-9, 0.5, 0.5], [1e-6, 1e-8, 1], [0.2, 0.3, 0.5]])
    check_sparse(kernels.sparse_categorical_crossentropy, y, target, weight, dtype)
    for size in (30.0, 1e4):
        z = size * np.array([[1, -1, 0], [-1, 1, 1], [-1, -1, -1], [0, 0, 1], [1, 0.5, -1]])
        check_sparse(FUSED, z, target, weight, dtype)


@uncompiled
@DTYPE
def test_a_class_by_number_and_its_one_hot_row_give_the_same(rng, dtype):
    target, weight, z = rng.integers(0, 4, 7), rng.random(7).astype(dtype), rng.normal(size=(7, 4))
    hot, z = np.eye(4)[target].astype(dtype), z.astype(dtype)
    column = target[:, None].astype(dtype)
    pairs = [(kernels.softmax_crossentropy, hot), (kernels.sparse_softmax_crossentropy, column)]
    found = []
    for kernel, targets in pairs:
        y, dz = np.empty_like(z), np.empty_like(z)
        found.append((kernel(z, targets, weight, y, dz, np.zeros(0)), y, dz))
    for name, a, b in zip(("loss", "y", "dz"), *found, strict=True):
        assert_close(a, b, NAIVE[dtype], name)


def mean_of(loss):
    """The loss as a mean over rows."""
    return lambda target, y: loss(target, y, np.ones(len(y)) / len(y))[0]


METRIC_TARGETS = {  # whether the targets are rows, and the twin
    kernels.categorical_accuracy: (True, reference.categorical_accuracy),
    kernels.binary_accuracy: (True, reference.binary_accuracy),
    kernels.squared_errors: (
        True,
        mean_of(reference.mean_squared_error),
    ),
    kernels.absolute_errors: (
        True,
        mean_of(reference.mean_absolute_error),
    ),
    kernels.sparse_categorical_accuracy: (False, reference.sparse_accuracy),
}


@uncompiled
@DTYPE
@pytest.mark.parametrize("metric", METRIC_TARGETS, ids=lambda kernel: kernel.__name__)
def test_a_metric_sums_over_the_rows_that_count(rng, metric, dtype):
    rows, twin = METRIC_TARGETS[metric]
    y, numbers = rng.random((9, 3)).astype(dtype), rng.integers(0, 3, 9)
    target = np.eye(3)[numbers] if rows else numbers
    column = target if rows else numbers[:, None]
    for counts in (np.ones(9, bool), numbers != 1, np.zeros(9, bool)):
        n = counts.sum()
        expected = n * twin(target[counts], y[counts].astype(np.float64)) if n else 0.0
        found = metric(y, column.astype(dtype), counts.astype(dtype))
        assert_close(found, expected, NAIVE[dtype], metric.__name__)


class Everything:
    """Masked steps, weights of samples or steps, of classes, penalties: one training run.

    Masking, LSTM of every step, Dense; mse of one-hot targets, whose classes have weights.
    """

    def __init__(self, mode, weights_of_steps):
        self.d = d = Draw((3, 4, 2, 5, 6), 8)
        self.N = 6 if mode == "stateful" else 8  # 8: a last batch of 2
        self.mode, rng = mode, d.rng
        self.penalties = [(0.0, 0.3), (0.02, 0.0), (0.0, 0.0), (0.01, 0.02), (0.0, 0.1)]
        w, u, _, v, a = (L1L2(*rates) for rates in self.penalties)
        lstm = LSTM(
            *(d.H,),
            **{"return_sequences": True, "kernel_regularizer": w, "recurrent_regularizer": u},
            **MODES[mode],
        )
        dense = Dense(d.K, kernel_regularizer=v, bias_regularizer=a)
        self.model = d.model(Masking(), lstm, dense, loss="mse")
        self.model.compile(SGD(0.1), "mse", ["mae", "categorical_accuracy"])
        self.x = rng.normal(size=(self.N, d.T, d.D))
        self.hold = rng.random((self.N, d.T)) < 0.4
        self.hold[1] = True
        self.x[self.hold] = 0
        self.classes = rng.integers(0, d.K, (self.N, d.T))
        self.y = np.eye(d.K)[self.classes] + 0.1
        self.weight = rng.random((self.N, d.T) if weights_of_steps else self.N)
        self.class_weight = {0: 3.0, 2: 0.5}

    def batch_loss(self, weights, part, start):
        """Loss of one batch, its gradients, outputs and targets that count, and the last state."""
        W, U, b, V, a = weights
        x, hold, y = self.x[part], self.hold[part], self.y[part]
        carried = self.mode == "batch_carried"
        forward = (
            reference.lstm_batch_carried_forward(x, W, U, b, hold=hold)
            if carried
            else reference.lstm_forward(x, W, U, b, *start, hold=hold)
        )
        out = reference.dense_forward(forward["y"], V, a)
        rows = out.reshape(-1, self.d.K)
        of_class = np.vectorize(lambda k: self.class_weight.get(k, 1.0))(self.classes[part])
        weight = self.weight[part] if self.weight.ndim == 2 else self.weight[part][:, None]
        w = reference.weights_in_the_loss(weight * of_class, hold).ravel()
        loss, dz = reference.mean_squared_error(y.reshape(rows.shape), rows, w)
        dy, dV, da = reference.dense_backward(forward["y"], V, out, dz.reshape(out.shape))
        last = [np.zeros_like(forward["hT"])] * 2
        back = reference.lstm_batch_carried_backward if carried else reference.lstm_backward
        g = back(x, W, U, forward, dy, *last, hold=hold)
        gradients = [g["dW"], g["dU"], g["db"], dV, da]
        for k, (tensor, rates) in enumerate(zip(weights, self.penalties, strict=True)):
            cost, dw = reference.penalty(tensor, *rates)
            loss, gradients[k] = loss + cost, gradients[k] + dw
        valid = ~hold.ravel()
        return (
            loss,
            gradients,
            (rows[valid], y.reshape(rows.shape)[valid]),
            (forward["hT"], forward["cT"]),
        )

    def check(self):
        d, model = self.d, self.model
        weight = target_weights(self.y, self.d.K, self.weight, self.class_weight)
        run = Run(model, self.x, self.y, weight, batch_size=d.B, learn=True)
        run.order[:] = d.rng.permutation(self.N)
        order, weights = run.order.copy(), model.get_weights()
        state = model.get_states().get("lstm", [np.zeros((d.B, d.H))] * 2)
        assert run(0, run.batches.count) == run.batches.count
        total, seen = 0.0, []
        for first in range(0, self.N, d.B):
            part = order[first : first + d.B]
            start = state if self.mode == "stateful" else [np.zeros((len(part), d.H))] * 2
            loss, gradients, rows, state = self.batch_loss(weights, part, start)
            total += loss * len(part) * d.T
            seen.append(rows)
            weights = [w - 0.1 * dw for w, dw in zip(weights, gradients, strict=True)]
        for found, wanted in zip(model.get_weights(), weights, strict=True):
            assert_close(found, wanted, EXACT, "weights")
        out, target = (np.concatenate(arrays) for arrays in zip(*seen, strict=True))
        results = run.results[0]
        assert results[SEEN] == self.N * d.T
        assert results[VALID] == len(out) == np.sum(~self.hold)
        assert_close(results[LOSS], total, EXACT, "sum of the losses")
        assert_close(results[METRICS], np.abs(out - target).mean(axis=1).sum(), EXACT, "mae")
        right = len(out) * reference.categorical_accuracy(target, out)
        assert 0 < right < len(out)
        assert results[METRICS + 1] == right


@uncompiled
@pytest.mark.parametrize("weights_of_steps", [False, True])
@pytest.mark.parametrize("mode", MODES)
def test_a_run_with_masks_weights_and_penalties_equals_the_naive_equations(mode, weights_of_steps):
    Everything(mode, weights_of_steps).check()


@uncompiled
def test_a_batch_without_a_step_that_counts_has_no_loss_but_the_penalty():
    run = Everything("stateless", False)
    model, rng = run.model, run.d.rng
    x = np.zeros((3, run.d.T, run.d.D))
    y = rng.normal(size=(3, run.d.T, run.d.K))
    cost = sum(
        reference.penalty(w, *rates)[0]
        for w, rates in zip(model.get_weights(), run.penalties, strict=True)
    )
    assert_close(model.train_on_batch(x, y)[0], cost, EXACT, "loss")
    assert np.isfinite(model.theta).all()
