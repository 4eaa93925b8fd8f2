"""Losses and metrics of one's own: compiled into the loop, checked, copied, or refused."""

import copy
import pickle

import numpy as np
import pytest
from tinylstm.kernels.compiling import COMPILED, is_cached

import tinylstm
from tests.tolerances import KERAS_OUTPUT, NAIVE, THREADS, assert_close
from tinylstm import LSTM, Dense, Masking, Sequential, gradient_check, kernel
from tinylstm.losses import LOSSES, Huber, Loss
from tinylstm.metrics import AUC, METRICS, Metric, TopKCategoricalAccuracy
from tinylstm.testing.twin import twin_check

N, T, D, K = 9, 4, 3, 2
uncompiled = pytest.mark.uncompiled


@kernel
def fourth(z, target, weight, y, dz, option):
    """l = mean_k of option[0] (y - t)^4."""
    loss, K = 0.0, z.shape[1]
    for r in range(z.shape[0]):
        for k in range(K):
            error = z[r, k] - target[r, k]
            loss += weight[r] * option[0] * error**4 / K
            dz[r, k] = weight[r] * option[0] * 4 * error**3 / K
    return loss


@kernel
def wrong_fourth(z, target, weight, y, dz, option):
    """The same with a mistake in its gradient."""
    loss, K = 0.0, z.shape[1]
    for r in range(z.shape[0]):
        for k in range(K):
            error = z[r, k] - target[r, k]
            loss += weight[r] * error**4 / K
            dz[r, k] = weight[r] * 3 * error**3 / K
    return loss


@kernel
def below(y, target, valid):
    """Number of rows whose first output is below its target."""
    count = 0.0
    for r in range(y.shape[0]):
        count += valid[r] if y[r, 0] < target[r, 0] else 0.0
    return count


@kernel
def extent(y, target, valid, option, sums):
    """Adds up the first output times option[0], and its square."""
    for r in range(y.shape[0]):
        sums[0] += valid[r] * option[0] * y[r, 0]
        sums[1] += valid[r] * np.float64(y[r, 0]) ** 2


class Spread(Metric):
    """Standard deviation of the first output."""

    def __init__(self, scale=1.0, name="spread"):
        super().__init__(name, extent, sums=2, option=[scale], rises=False)

    def result(self, sums, valid):
        mean = sums[:, 0] / valid / self.option[0]
        return np.sqrt(sums[:, 1] / valid - mean**2)


def model_of(loss, metrics=(), masks=False, **options):
    first = [Masking(input_shape=(T, D))] if masks else []
    shape = {} if masks else {"input_shape": (T, D)}
    layers = [*first, LSTM(4, return_sequences=True, **shape, **options), Dense(K)]
    model = Sequential(layers, dtype="float64")
    model.compile("sgd", loss, metrics=metrics)
    return model


def data(rng):
    return rng.normal(size=(N, T, D)), rng.normal(size=(N, T, K))


@uncompiled
def test_a_loss_of_ones_own_is_what_it_says_and_its_gradient_is_checked(rng):
    x, y = data(rng)
    model = model_of(Loss("fourth", fourth, option=[0.5]))
    expected = 0.5 * np.mean((model.predict(x) - y) ** 4)
    assert_close(model.evaluate(x, y), expected, NAIVE["float64"])
    report = gradient_check(model, x, y, sample_weight=rng.random((N, T)))
    assert report.passed, report


@uncompiled
def test_a_kernel_alone_is_a_loss_and_a_wrong_gradient_is_found(rng):
    x, y = data(rng)
    model = model_of(wrong_fourth)
    assert repr(model.loss) == "<loss wrong_fourth>"
    report = gradient_check(model, x, y)
    assert not report.passed
    assert report.topmost == "dense"


@pytest.mark.parametrize("threads", [1, 2])
def test_masks_weights_and_threads_reach_a_loss_and_metrics_of_ones_own(rng, threads):
    x, y = data(rng)
    x[rng.random((N, T)) < 0.4] = 0
    weight, kept = rng.random((N, T)), (x != 0).any(axis=-1)
    model = model_of(Loss("fourth", fourth, option=[2.0]), [below, Spread(3.0)], masks=True)
    before = tinylstm.get_num_threads()
    tinylstm.set_num_threads(threads)
    try:
        scores = model.evaluate(x, y, batch_size=N, sample_weight=weight)
        out = model.predict(x)
    finally:
        tinylstm.set_num_threads(before)
    values = 2.0 * np.mean((out - y) ** 4, axis=-1) * weight
    first = out[kept][:, 0]
    expected = [values[kept].mean(), np.mean(first < y[kept][:, 0]), first.std()]
    assert_close(scores, expected, 100 * THREADS["float64"])
    assert model.metrics_names == ["loss", "below", "spread"]


def test_a_metric_of_several_sums_is_that_of_the_epoch_whatever_the_batches(rng):
    x, y = data(rng)
    model = model_of("mse", [Spread()])
    expected = model.predict(x)[..., 0].std()
    for size in (1, 4, N):
        assert_close(model.evaluate(x, y, batch_size=size)[1], expected, 1e-10)
    assert len(model.fit(x, y, epochs=5, verbose=0).history["spread"]) == 5


def test_training_with_ones_own_is_training_with_the_shipped_one(rng):
    @kernel
    def absolute_fourth(z, target, weight, y, dz, option):
        loss, K = 0.0, z.shape[1]
        for r in range(z.shape[0]):
            for k in range(K):
                error = z[r, k] - target[r, k]
                loss += weight[r] * error * error / K
                dz[r, k] = weight[r] * 2 * error / K
        return loss

    x, y = data(rng)
    weights = None
    found = []
    for loss in ("mse", absolute_fourth):
        model = model_of(loss)
        weights = model.get_weights() if weights is None else weights
        model.set_weights(weights)
        model.fit(x, y, epochs=3, batch_size=4, shuffle=False, verbose=0)
        found.append(model.get_weights())
    for a, b in zip(*found, strict=True):
        assert_close(a, b, NAIVE["float64"])


@pytest.mark.skipif(not COMPILED, reason="nothing is kept")
def test_kernels_of_ones_own_are_kept_on_the_disk():
    model_of(Loss("fourth", fourth, option=[1.0]), [below, Spread()])
    assert all(is_cached(one) for one in (fourth, below, extent))


@pytest.mark.parametrize(
    "way",
    [copy.copy, copy.deepcopy, lambda one: pickle.loads(pickle.dumps(one))],
    ids=["copy", "deepcopy", "pickle"],
)
def test_losses_and_metrics_are_copied_and_pickled(rng, way):
    y, p = rng.normal(size=(5, K)), rng.normal(size=(5, K))
    for loss in (Huber(0.3), Loss("fourth", fourth, option=[0.5])):
        twin = way(loss)
        assert (repr(twin), twin(y, p)) == (repr(loss), loss(y, p))
    assert way(LOSSES["huber"]) is LOSSES["huber"]
    for metric in (TopKCategoricalAccuracy(k=1), METRICS["mse"]):
        np.testing.assert_array_equal(way(metric).rows(y, p), metric.rows(y, p))
    assert (way(AUC(curve="PR")).curve, way(AUC(name="a")).name) == ("PR", "a")


def test_a_copy_of_a_model_has_ones_own_too(rng):
    x, y = data(rng)
    model = model_of(Loss("fourth", fourth, option=[0.5]), [below, Spread()])
    twin = model.copy(dtype="float32")
    assert twin.metrics_names == model.metrics_names
    assert_close(twin.evaluate(x, y), model.evaluate(x, y), KERAS_OUTPUT)


def test_the_reference_knows_shipped_losses_alone(rng):
    x, y = data(rng)
    assert twin_check(model_of(Huber(0.3)), x, y).passed
    with pytest.raises(ValueError, match="Unknown loss for the reference: 'fourth'"):
        twin_check(model_of(Loss("fourth", fourth, option=[0.5])), x, y)


def test_what_a_loss_says_of_itself():
    assert repr(Huber(0.25)) == "<loss huber, option 0.25>"
    assert repr(LOSSES["mse"]) == "<loss mean_squared_error>"
    assert repr(AUC()) == "<metric auc>"


def plain(y_true, y_pred):
    return 0


@kernel
def short(z, target):
    return 0.0


REFUSED = {
    "a function that is no kernel": (
        lambda: model_of(plain),
        TypeError,
        r"(?s)The kernel of a loss.*compiled code can call.*@kernel of \(z, target, weight",
    ),
    "a kernel of other arguments": (
        lambda: model_of(short),
        TypeError,
        r"(?s)The kernel of a loss.*Received: @kernel short\(z, target\)",
    ),
    "no kernel at all": (lambda: Loss("a", "mse"), TypeError, "(?s)The kernel of a loss.*'mse'"),
    "a parameter that is no number": (
        lambda: Loss("a", fourth, option=["much"]),
        ValueError,
        "An option of a loss must be a number",
    ),
    "parameters that are no list": (
        lambda: Loss("a", fourth, option=1.0),
        TypeError,
        "option is not a list",
    ),
    "a delta of zero": (lambda: Huber(0), ValueError, "(?s)delta is a distance.*above 0"),
    "a delta that is no number": (lambda: Huber("a"), ValueError, "delta must be a number"),
    "a metric kernel of one argument": (
        lambda: model_of("mse", [kernel(lambda y: 0.0)]),
        TypeError,
        "(?s)The kernel of a metric|takes other arguments",
    ),
    "sums without the kernel for them": (
        lambda: Metric("a", below, sums=3),
        TypeError,
        r"(?s)The kernel of a metric.*\(y, target, valid, option, sums\)",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_called_is_refused(name):
    make, kind, sentence = REFUSED[name]
    if not COMPILED and "no kernel" in name:
        pytest.skip("any function is one")
    with pytest.raises(kind, match=sentence):
        make()


@pytest.mark.parametrize(
    ("y_true", "y_pred", "sentence"),
    [
        ([[1.0, 2.0]], [[1.0, 2.0, 3.0]], "y_true does not fit y_pred"),
        ([[1.0, np.nan]], [[1.0, 2.0]], "y_true holds a value that is not finite"),
        (1.0, 2.0, "y_pred has outputs along its last axis"),
    ],
)
def test_arrays_that_do_not_fit_are_refused(y_true, y_pred, sentence):
    with pytest.raises(ValueError, match=sentence):
        tinylstm.losses.mse(y_true, y_pred)


def test_classes_by_number_are_checked_on_arrays_too():
    with pytest.raises(ValueError, match="y_true must hold whole numbers below"):
        tinylstm.losses.sparse_categorical_crossentropy([2], [[0.5, 0.5]])
