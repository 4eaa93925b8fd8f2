"""Optimisers and gradient clipping equal the naive twin, alone and in the training of a model."""

import numpy as np
import pytest
from tinylstm.kernels.training.optimizers import CLIPPED, MEASURED, NORMS, clip, shrink
from tinylstm.kernels.training.optimizers_of_keras2 import rmsprop_keras2

from tests.models import randomize
from tests.tolerances import MATHEMATICS, NAIVE, assert_close
from tinylstm import (
    LSTM,
    SGD,
    Adagrad,
    Adam,
    AdamW,
    Dense,
    Lion,
    Nadam,
    RMSprop,
    Sequential,
    reference,
)

pytestmark = pytest.mark.quick
uncompiled = pytest.mark.uncompiled
DTYPES = ["float64", "float32"]
RULES = [
    (Adam, {}),
    (Adam, {"learning_rate": 0.1, "beta_1": 0.5, "beta_2": 0.7, "epsilon": 1e-3}),
    (SGD, {}),
    (SGD, {"learning_rate": 0.1, "momentum": 0.8}),
    (SGD, {"learning_rate": 0.1, "momentum": 0.8, "nesterov": True}),
    (SGD, {"learning_rate": 0.1, "nesterov": True}),
    (RMSprop, {}),
    (RMSprop, {"learning_rate": 0.01, "rho": 0.8, "epsilon": 1e-2}),
    (RMSprop, {"momentum": 0.7}),
    (RMSprop, {"centered": True}),
    (RMSprop, {"rho": 0.6, "momentum": 0.5, "epsilon": 1e-3, "centered": True}),
    (Adam, {"learning_rate": 0.1, "decay": 0.3}),
    (SGD, {"learning_rate": 0.1, "momentum": 0.8, "decay": 0.05}),
    (RMSprop, {"learning_rate": 0.01, "decay": 0.5}),
    (AdamW, {}),
    (AdamW, {"learning_rate": 0.1, "weight_decay": 0.5, "beta_1": 0.5, "decay": 0.3}),
    (Nadam, {}),
    (Nadam, {"learning_rate": 0.1, "beta_1": 0.5, "beta_2": 0.7, "epsilon": 1e-3, "decay": 0.3}),
    (Adagrad, {}),
    (Adagrad, {"learning_rate": 0.1, "initial_accumulator_value": 0.5, "epsilon": 1e-2}),
    (Lion, {}),
    (Lion, {"learning_rate": 0.01, "beta_1": 0.5, "beta_2": 0.7, "decay": 0.1}),
]
TWINS = {  # the naive step, and what it remembers at first
    Adam: (reference.adam, [0.0, 0.0]),
    AdamW: (reference.adamw, [0.0, 0.0]),
    Nadam: (reference.nadam, [0.0, 0.0, 1.0]),
    SGD: (reference.sgd, [0.0]),
    RMSprop: (reference.rmsprop, [0.0, 0.0, 0.0]),
    Adagrad: (reference.adagrad, [0.1]),
    Lion: (reference.lion, [0.0]),
}
COUNTING = (Adam, AdamW, Nadam)  # whose step has a number
CLIPPINGS = {
    "clipvalue": lambda gradients, limit: [reference.clipvalue(dw, limit) for dw in gradients],
    "clipnorm": lambda gradients, limit: [reference.clipnorm(dw, limit) for dw in gradients],
    "global_clipnorm": reference.global_clipnorm,
}


def name_of(value):
    """Of a rule or its settings, as pytest shows it."""
    return value.__name__ if isinstance(value, type) else " ".join(value) or "defaults"


class Twin:
    """A naive optimiser and what it remembers of one tensor: (w, dw) -> w."""

    def __init__(self, kind, learning_rate=None, decay=0.0, **rates):
        self.kind, self.rates, self.steps = kind, rates, 0
        self.learning_rate, self.decay = learning_rate, decay
        self.rule, self.memory = TWINS[kind]
        if "initial_accumulator_value" in rates:
            self.memory = [rates.pop("initial_accumulator_value")]

    def __call__(self, w, dw):
        if self.learning_rate is not None:
            self.rates = self.rates | {"lr": self.learning_rate / (1 + self.decay * self.steps)}
        self.steps += 1
        counter = [self.steps] if self.kind in COUNTING else []
        w, *self.memory = self.rule(w, dw, *self.memory, *counter, **self.rates)
        return w


def updated(optimizer, theta, grad, part):
    """An update of a part of the parameters, as the loop makes it."""
    rule = optimizer.rule[0]
    if optimizer.advance is not None:
        optimizer.advance(rule)
    if optimizer.weight_decay > 0:
        shrink(rule, theta, part.start, part.stop)
    optimizer.kernel(rule, theta, grad, optimizer.moments, part.start, part.stop)
    optimizer.rule["iteration"] += 1


@uncompiled
@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize(("kind", "rates"), RULES, ids=name_of)
def test_six_updates_equal_the_naive_twin_between_start_and_stop(rng, kind, rates, dtype):
    size, part = 23, slice(3, 20)
    optimizer, twin = kind(**rates), Twin(kind, **rates)
    optimizer.build(size, dtype)
    begun = optimizer.moments.copy()
    theta = (0.01 * rng.normal(size=size)).astype(dtype)
    before, w = theta.copy(), theta[part].astype(np.float64)
    for _ in range(6):
        dw = rng.normal(size=size).astype(dtype)
        updated(optimizer, theta, dw, part)
        w = twin(w, dw[part].astype(np.float64))
    assert_close(theta[part] - before[part], w - before[part], NAIVE[dtype], "the way made")
    for outside in (slice(0, part.start), slice(part.stop, None)):
        np.testing.assert_array_equal(theta[outside], before[outside])
        np.testing.assert_array_equal(optimizer.moments[:, outside], begun[:, outside])


@uncompiled
@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("limit", [0.3, 0.9, 100.0])
@pytest.mark.parametrize("kind", CLIPPINGS)
def test_clipping_equals_the_naive_twin_and_counts_only_what_is_trained(rng, kind, limit, dtype):
    optimizer = SGD(**{kind: limit})
    tensors = np.array([[0, 5], [7, 12], [12, 20]])  # 5 and 6, 20 and later are frozen
    grad = rng.normal(size=23).astype(dtype)
    grad[7:12] *= 0.1
    before = grad.copy()
    parts = [before[start:stop].astype(np.float64) for start, stop in tensors]
    clip(optimizer.rule[0], grad, tensors, np.zeros(0))
    for (start, stop), wanted in zip(tensors, CLIPPINGS[kind](parts, limit), strict=True):
        assert_close(grad[start:stop], wanted, NAIVE[dtype], f"{start}:{stop}")
    assert np.array_equal(grad, before) == (limit == 100.0)
    np.testing.assert_array_equal(grad[[5, 6, 20, 21, 22]], before[[5, 6, 20, 21, 22]])


@uncompiled
@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("kind", [None, *CLIPPINGS])
def test_norms_are_measured_before_they_are_bounded(rng, kind, dtype):
    rule, tensors = SGD(**({kind: 0.9} if kind else {})).rule, np.array([[0, 5], [7, 12]])
    sums, grads = np.zeros(NORMS + 6), (0.5 * rng.normal(size=(4, 12))).astype(dtype)
    clipped, norms = 0, []
    for grad in grads:
        grad[7:12] *= 0.1
        parts = [grad[start:stop].astype(np.float64) for start, stop in tensors]
        norms.append([np.linalg.norm(part) for part in (np.concatenate(parts), *parts)])
        before = grad.copy()
        clip(rule[0], grad, tensors, sums)
        clipped += (grad != before).any()
    assert (sums[MEASURED], sums[CLIPPED]) == (4, clipped)
    assert (0 < clipped < 4) == (kind is not None)
    assert_close(sums[NORMS::2], np.sum(norms, axis=0), NAIVE[dtype], "sums")
    assert_close(sums[NORMS + 1 :: 2], np.max(norms, axis=0), NAIVE[dtype], "largest")


@uncompiled
def test_a_norm_that_is_not_a_number_stays_the_largest():
    sums = np.zeros(NORMS + 4)
    for value in (1.0, np.nan, 2.0):
        clip(SGD().rule[0], np.array([value]), np.array([[0, 1]]), sums)
    assert np.isnan(sums[NORMS:]).all()
    assert sums[MEASURED] == 3


@uncompiled
@pytest.mark.parametrize("norm", ["clipnorm", "global_clipnorm"])
def test_the_elements_are_bounded_after_the_norm(rng, norm):
    tensors = np.array([[0, 5], [7, 12]])
    grad = rng.normal(size=12)
    parts = [grad[start:stop].copy() for start, stop in tensors]
    rule = SGD(**{norm: 0.9}).rule
    rule["clip_value"] = 0.2  # as in old scripts, which may bound a norm and then the elements
    clip(rule[0], grad, tensors, np.zeros(0))
    wanted = CLIPPINGS["clipvalue"](CLIPPINGS[norm](parts, 0.9), 0.2)
    for (start, stop), part in zip(tensors, wanted, strict=True):
        assert_close(grad[start:stop], part, NAIVE["float64"], f"{start}:{stop}")
        assert (np.abs(part) == 0.2).any()
        assert (np.abs(part) < 0.2).any()


@uncompiled
@pytest.mark.parametrize("kind", CLIPPINGS)
def test_clipping_leaves_a_zero_gradient_zero(kind):
    grad = np.zeros(5)
    clip(SGD(**{kind: 0.1}).rule[0], grad, np.array([[0, 5]]), np.zeros(0))
    np.testing.assert_array_equal(grad, np.zeros(5))


@uncompiled
@pytest.mark.parametrize("dtype", DTYPES)
def test_rmsprop_of_keras_2_has_its_epsilon_beside_the_root(rng, dtype):
    size, part = 23, slice(3, 20)
    optimizer = RMSprop(0.01, rho=0.8, epsilon=0.5, decay=0.2)
    optimizer.build(size, dtype)
    theta = (0.01 * rng.normal(size=size)).astype(dtype)
    before, w, v = theta.copy(), theta[part].astype(np.float64), 0.0
    for t in range(5):
        dw = rng.normal(size=size).astype(dtype)
        rmsprop_keras2(optimizer.rule[0], theta, dw, optimizer.moments, part.start, part.stop)
        optimizer.rule["iteration"] += 1
        v = 0.8 * v + 0.2 * dw[part].astype(np.float64) ** 2
        w = w - 0.01 / (1 + 0.2 * t) * dw[part] / (np.sqrt(v) + 0.5)
    assert_close(theta[part] - before[part], w - before[part], NAIVE[dtype], "the way made")
    np.testing.assert_array_equal(theta[: part.start], before[: part.start])
    np.testing.assert_array_equal(theta[part.stop :], before[part.stop :])


class Training:
    """LSTM and softmax layer in training, by the engine and by the naive equations."""

    def __init__(self, rng, dtype, stateful=False):
        self.batch_size, H, K = 4, 5, 3
        self.samples = 20 if stateful else 18  # without a state the last batch may be a smaller one
        self.x = rng.normal(size=(self.samples, 3, 2)).astype(dtype)
        self.target = np.eye(K)[rng.integers(0, K, self.samples)]
        layers = [LSTM(H, stateful=stateful, input_shape=(3, 2)), Dense(K, "softmax")]
        self.model = randomize(Sequential(layers, dtype=dtype), rng)
        self.start, self.stateful = self.model.get_weights(), stateful

    def fit(self, optimizer, epochs):
        self.model.compile(optimizer, "categorical_crossentropy")
        options = {"epochs": epochs, "verbose": 0, "shuffle": False}
        return self.model.fit(self.x, self.target, self.batch_size, **options).history["loss"]

    def naive(self, kind, rates, epochs, clipping=None, frozen=()):
        """Weights, and the losses of the epochs."""
        weights = [array.astype(np.float64) for array in self.start]
        rules = [Twin(kind, **rates) for _ in weights]
        state, losses = [np.zeros((self.batch_size, 5))] * 2, []
        for _ in range(epochs):
            losses.append(0.0)
            for first in range(0, self.samples, self.batch_size):
                part = slice(first, first + self.batch_size)
                x, target = self.x[part].astype(np.float64), self.target[part]
                start = state if self.stateful else [np.zeros((len(x), 5))] * 2
                loss, gradients, state = self.gradients(weights, x, target, start)
                losses[-1] += loss * len(x) / self.samples
                gradients = clipping(gradients) if clipping else gradients
                for k, dw in enumerate(gradients):
                    if k not in frozen:
                        weights[k] = rules[k](weights[k], dw)
        return weights, losses

    @staticmethod
    def gradients(weights, x, target, start):
        """Loss, gradients and final state of one batch."""
        W, U, b, V, a = weights
        forward = reference.lstm_forward(x, W, U, b, *start)
        h, c = forward["hT"], forward["cT"]
        z = reference.dense_forward(h, V, a)
        share = np.full(len(x), 1 / len(x))
        loss, _, dz = reference.categorical_crossentropy_from_logits(target, z, share)
        dh, dV, da = reference.dense_backward(h, V, z, dz)
        dy, dc = np.zeros_like(forward["y"]), np.zeros_like(c)
        g = reference.lstm_backward(x, W, U, forward, dy, dh, dc)
        return loss, [g["dW"], g["dU"], g["db"], dV, da], (h, c)

    def check(self, weights, dtype, epochs):
        assert self.model.optimizer.iterations == epochs * 5
        for found, wanted in zip(self.model.get_weights(), weights, strict=True):
            assert_close(found, wanted, MATHEMATICS[dtype], "weights after training")


@pytest.mark.parametrize("dtype", [pytest.param("float64", marks=uncompiled), "float32"])
@pytest.mark.parametrize("stateful", [False, True])
def test_fifty_adam_steps_of_a_model_equal_the_naive_equations(rng, stateful, dtype):
    training = Training(rng, dtype, stateful)
    losses = training.fit(Adam(0.01), 10)
    weights, wanted = training.naive(Adam, {"learning_rate": 0.01}, 10)
    training.check(weights, dtype, 10)
    assert_close(losses, wanted, MATHEMATICS[dtype], "losses")
    assert losses[-1] < losses[0]


@pytest.mark.parametrize(("kind", "rates"), RULES, ids=name_of)
def test_training_by_every_rule_equals_the_naive_equations(rng, kind, rates):
    training = Training(rng, "float64")
    training.fit(kind(**rates), 2)
    training.check(training.naive(kind, rates, 2)[0], "float64", 2)


@uncompiled
@pytest.mark.parametrize("kind", CLIPPINGS)
def test_training_with_clipped_gradients_equals_the_naive_equations(rng, kind):
    training = Training(rng, "float64")
    training.fit(SGD(0.1, **{kind: 0.02}), 2)
    rates, clipping = {"learning_rate": 0.1}, CLIPPINGS[kind]
    weights, _ = training.naive(SGD, rates, 2, lambda gradients: clipping(gradients, 0.02))
    training.check(weights, "float64", 2)
    assert np.abs(weights[0] - training.naive(SGD, rates, 2)[0][0]).max() > 1e-3


@pytest.mark.parametrize(("layer", "frozen"), [(0, (0, 1, 2)), (1, (3, 4))])
def test_frozen_tensors_do_not_move_and_the_others_move_as_they_would(rng, layer, frozen):
    training = Training(rng, "float64")
    training.model.layers[layer].trainable = False
    training.fit(Adam(0.01), 2)
    training.check(training.naive(Adam, {"learning_rate": 0.01}, 2, frozen=frozen)[0], "float64", 2)
    for k, (before, after) in enumerate(
        zip(training.start, training.model.get_weights(), strict=True)
    ):
        assert np.array_equal(before, after) == (k in frozen)
