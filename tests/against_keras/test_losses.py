"""Losses against live Keras: of arrays, gradients, in training; parameters reach the kernel."""

import numpy as np
import pytest

import tinylstm
from tests.keras_twins import Twins, keras, tf
from tests.tolerances import KERAS_FLOAT64, KERAS_OUTPUT, assert_close
from tinylstm import Dense, Sequential, gradient_check
from tinylstm.losses import LOSSES, Hinge, Huber, KLDivergence, MeanAbsolutePercentageError
from tinylstm.testing.twin import twin_check

N, T, D, K = 12, 3, 2, 4
NEW = {  # as Keras makes it and as we do, what its targets are
    "huber": (lambda k: k.losses.Huber(delta=0.4), "any"),
    "huber 1": (lambda k: k.losses.Huber(), "any"),
    "hinge": (lambda k: k.losses.Hinge(), "sides"),
    "hinge of bits": (lambda k: k.losses.Hinge(), "bits"),
    "mape": (lambda k: k.losses.MeanAbsolutePercentageError(), "any"),
    "kl_divergence": (lambda k: k.losses.KLDivergence(), "shares"),
}
EACH = pytest.mark.parametrize("name", NEW)


def small(loss, last="linear"):
    """A model of D inputs and K outputs."""
    model = Sequential([Dense(K, last, input_shape=(D,))], dtype="float64")
    model.compile("sgd", loss)
    return model


def targets(kind, rng, *shape):
    if kind == "numbers":
        return rng.integers(0, shape[-1], shape[:-1])
    if kind == "bits":
        return rng.integers(0, 2, shape).astype(float)
    if kind == "sides":
        return 2.0 * rng.integers(0, 2, shape) - 1
    if kind == "shares":
        numbers = rng.random(shape)
        numbers.reshape(-1, shape[-1])[0] = np.eye(shape[-1])[0]
        return numbers / numbers.sum(axis=-1, keepdims=True)
    return rng.normal(size=shape)


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("shape", [(N, K), (N, T, K), (N, 1), (K,)], ids=str)
@pytest.mark.parametrize("name", sorted(LOSSES))
def test_a_name_called_on_arrays_gives_what_keras_gives(rng, name, shape, dtype):
    full = getattr(LOSSES[name], "name", name)
    kind = {"hinge": "bits", "sparse_categorical_crossentropy": "numbers"}.get(full, "any")
    kind = "shares" if full in ("kl_divergence", "categorical_crossentropy") else kind
    kind = "bits" if full == "binary_crossentropy" else kind
    if full == "categorical_crossentropy" and shape[-1] == 1:
        shape = (N, 2)  # the only class costs nothing but rounding
    y = targets(kind, rng, *shape)
    p = rng.random(shape).astype(dtype)
    theirs = getattr(keras.losses, full)(y.astype("int32" if kind == "numbers" else dtype), p)
    ours = getattr(tinylstm.losses, name)(y, p)
    assert (ours.shape, ours.dtype) == (theirs.shape, dtype)
    tolerance = KERAS_FLOAT64 if dtype == "float64" else KERAS_OUTPUT
    if (full, dtype) != ("binary_crossentropy", "float64"):  # whose epsilon Keras rounds
        assert_close(ours, theirs.numpy(), tolerance, name)


def test_deltas_of_arrays_and_shapes_that_keras_takes_for_each_other(rng):
    y, p = rng.normal(size=5), rng.normal(size=(5, 1))
    for delta in (0.1, 2.0):
        theirs = keras.losses.huber(y, p, delta=delta).numpy()
        assert_close(tinylstm.losses.huber(y, p, delta), theirs, KERAS_FLOAT64)
        assert_close(tinylstm.losses.huber(y[:, None], p[:, 0], delta), theirs, KERAS_FLOAT64)


@EACH
def test_an_object_called_on_arrays_is_the_weighted_mean(rng, name):
    make, kind = NEW[name]
    y, p = targets(kind, rng, N, K), rng.normal(size=(N, K))
    weight = rng.random(N)
    for given in ((), (weight,)):
        theirs = float(make(keras)(y.astype("float32"), p.astype("float32"), *given))
        found = make(tinylstm)(y, p, *given)
        assert isinstance(found, float)
        assert_close(found, theirs, KERAS_OUTPUT)


@EACH
def test_the_gradient_is_that_of_keras(rng, name):
    make, kind = NEW[name]
    y, p = targets(kind, rng, N, K), rng.normal(size=(N, K))
    p[0], p[1, 0] = y[0], 1e-9  # no error, and what is clipped
    p[2], y[2] = 1.0, np.array([1.0, 0.0, 0.0, 0.0])
    given = tf.constant(p)
    with tf.GradientTape() as tape:
        tape.watch(given)
        loss = tf.reduce_mean(make(keras).call(tf.constant(y), given))
    dz, weight = np.empty_like(p), np.full(N, 1 / N)
    ours = make(tinylstm)
    found = ours.kernel(p, y, weight, p, dz, ours.option)
    assert_close(found, float(loss), KERAS_FLOAT64, "loss")
    assert_close(dz, tape.gradient(loss, given).numpy(), KERAS_FLOAT64, "gradient")


@EACH
def test_training_is_that_of_keras_with_masks_and_weights(rng, name):
    make, kind = NEW[name]
    last = "softmax" if kind == "shares" else "linear"
    twins = Twins(
        lambda k: [k.Masking(), k.LSTM(3, return_sequences=True), k.Dense(K, last)],
        (None, T, 2),
        rng,
    )
    for library, model in ((keras, twins.keras), (tinylstm, twins.ours)):
        optimizer = library.optimizers.Adam(0.01)
        model.compile(optimizer=optimizer, loss=make(library))
    x = twins.random(N, T, 2)
    x[:5, 1] = 0
    y, weight = targets(kind, rng, N, T, K), rng.random((N, T))
    y = np.where(np.abs(y) < 0.1, 0.5, y) if name == "mape" else y  # else it is all there is
    twins.fit(x, y, sample_weight=weight, epochs=3, batch_size=5)


@EACH
def test_the_gradient_check_passes_and_the_engine_is_its_naive_twin(rng, name):
    make, kind = NEW[name]
    model = small(make(tinylstm), "softmax" if kind == "shares" else "linear")
    x, y = rng.normal(size=(N, D)), targets(kind, rng, N, K)
    for check in (gradient_check, twin_check):
        report = check(model, x, y)
        assert report.passed, report


def test_a_delta_reaches_the_loop_and_compiles_nothing(rng):
    x, y = rng.normal(size=(N, D)), 3 * rng.normal(size=(N, K))
    model = small(Huber(1.0))
    model.evaluate(x, y)
    kernel = model.loss.kernel
    before = len(kernel.overloads) if hasattr(kernel, "overloads") else 0
    for delta in (0.1, 0.7, 5.0):
        model.compile("sgd", Huber(delta))
        expected = Huber(delta)(y, model.predict(x))
        assert_close(model.evaluate(x, y), expected, KERAS_OUTPUT)
        model.loss.option[0] = 2 * delta  # read anew by each batch
        assert_close(model.evaluate(x, y), Huber(2 * delta)(y, model.predict(x)), KERAS_OUTPUT)
    assert (len(kernel.overloads) if hasattr(kernel, "overloads") else 0) == before


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ("huber", "huber"),
        (tinylstm.losses.huber, "huber"),
        (Huber, "huber"),
        (Huber(0.5, name="mine"), "mine"),
        ("hinge", "hinge"),
        (Hinge(), "hinge"),
        ("mape", "mean_absolute_percentage_error"),
        (tinylstm.losses.mape, "mean_absolute_percentage_error"),
        (MeanAbsolutePercentageError, "mean_absolute_percentage_error"),
        ("kl_divergence", "kl_divergence"),
        ("kld", "kl_divergence"),
        (KLDivergence(), "kl_divergence"),
        (tinylstm.losses.mse, "mean_squared_error"),
    ],
    ids=lambda value: getattr(value, "__name__", str(value)),
)
def test_a_loss_is_given_as_a_name_a_function_a_class_or_an_object(given, name):
    model = small(given)
    assert model.loss.name == name
    assert model.copy().loss is model.loss
