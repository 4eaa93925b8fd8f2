"""Metrics against live Keras: names, areas under curves, top-k, functions, masks, weights."""

import numpy as np
import pytest

import tinylstm
from tests.keras_twins import Twins, keras
from tests.tolerances import KERAS_FLOAT64, KERAS_OUTPUT, assert_close
from tinylstm import Dense, Masking, Sequential, set_num_threads
from tinylstm.metrics import (
    AUC,
    METRICS,
    SparseTopKCategoricalAccuracy,
    TopKCategoricalAccuracy,
)

N, T, D, K = 23, 4, 3, 6
CURVES = [
    {},
    {"num_thresholds": 5},
    {"num_thresholds": 2},
    {"curve": "PR"},
    {"curve": "PR", "num_thresholds": 7},
    {"curve": "PR", "summation_method": "minoring", "num_thresholds": 9},
    {"curve": "PR", "summation_method": "majoring", "num_thresholds": 9},
    {"summation_method": "minoring", "num_thresholds": 9},
    {"summation_method": "majoring", "num_thresholds": 9},
    {"thresholds": [0.7, 0.2, 0.25]},
    {"thresholds": [0.25, 0.5, 0.75]},
    {"thresholds": [0.5], "curve": "PR"},
]


def absolute(y_true, y_pred):
    return np.abs(np.asarray(y_true) - np.asarray(y_pred)).mean(axis=-1)


def each_output(y_true, y_pred):
    return (np.asarray(y_true) - np.asarray(y_pred)) ** 2


def largest(y_true, y_pred):
    return np.abs(np.asarray(y_true) - np.asarray(y_pred)).max()


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("settings", CURVES, ids=str)
def test_an_area_is_that_of_keras(rng, settings, dtype):
    p = rng.random((200, 2)).astype(dtype)
    p[:4] = [[0, 1], [1, 0], [0.5, 0.25], [0.2, 0.7]]  # ends, and thresholds themselves
    y = (rng.random((200, 2)) < 0.2 + 0.6 * p).astype(dtype)
    theirs = keras.metrics.AUC(**settings)
    for part in (slice(0, 70), slice(70, None)):
        theirs.update_state(y[part], p[part])
    model = Sequential([Dense(2, use_bias=False, input_shape=(2,))], dtype=dtype)
    model.set_weights([np.eye(2)])
    model.compile("sgd", "mse", metrics=[AUC(**settings)])
    _, found = model.evaluate(p, y, batch_size=33)
    assert 0 < found < 1
    assert_close(found, float(theirs.result()), KERAS_OUTPUT)


def test_outputs_outside_of_zero_to_one_and_one_class_alone_count_as_in_keras(rng):
    p, x = rng.normal(size=(50, 1)).astype("float32"), np.eye(1)
    model = Sequential([Dense(1, use_bias=False, input_shape=(1,))])
    model.set_weights([x])
    for settings in ({}, {"thresholds": [0.3, 0.4]}, {"curve": "PR"}):
        model.compile("sgd", "mse", metrics=[AUC(**settings)])
        for y in (rng.integers(0, 2, (50, 1)), np.zeros((50, 1)), np.ones((50, 1))):
            theirs = keras.metrics.AUC(**settings)
            theirs.update_state(y, p)
            found = model.evaluate(p, y)[1]
            assert_close(found, float(theirs.result()), KERAS_OUTPUT, f"{settings}")


@pytest.mark.parametrize("k", [1, 2, 5, K + 1])
def test_the_k_largest_are_those_of_keras_on_arrays(rng, k):
    p = (rng.integers(0, 4, (N, T, K)) / 4).astype("float32")  # many are equal
    y, numbers = rng.random((N, T, K)), rng.integers(0, K, (N, T))
    theirs = keras.metrics.top_k_categorical_accuracy(y, p, k=k).numpy()
    np.testing.assert_array_equal(tinylstm.metrics.top_k_categorical_accuracy(y, p, k=k), theirs)
    theirs = keras.metrics.sparse_top_k_categorical_accuracy(numbers, p, k=k).numpy()
    found = tinylstm.metrics.sparse_top_k_categorical_accuracy(numbers, p, k=k)
    np.testing.assert_array_equal(found, theirs)


@pytest.mark.parametrize("shape", [(N, K), (N, T, K)], ids=str)
@pytest.mark.parametrize(
    "name",
    [
        "binary_accuracy",
        "categorical_accuracy",
        "sparse_categorical_accuracy",
        "mean_squared_error",
        "mse",
        "mae",
    ],
)
def test_a_name_called_on_arrays_gives_what_keras_gives(rng, name, shape):
    p = rng.random(shape)
    y = rng.integers(0, 2, shape).astype(float)
    y = rng.integers(0, K, shape[:-1]) if name.startswith("sparse") else y
    long = {"mse": "mean_squared_error", "mae": "mean_absolute_error"}.get(name, name)
    theirs = getattr(keras.metrics, long)(y, p).numpy()
    assert_close(getattr(tinylstm.metrics, name)(y, p), theirs, KERAS_FLOAT64)


def twins_of(rng, metrics, loss="categorical_crossentropy", masks=False, last="softmax"):
    """Both models, compiled with metrics that a function makes of a library."""
    first = (lambda k: [k.Masking()]) if masks else (lambda k: [])
    twins = Twins(
        lambda k: [*first(k), k.LSTM(5, return_sequences=True), k.Dense(K, last)], (None, T, D), rng
    )
    twins.keras.compile(keras.optimizers.Adam(0.01), loss, metrics=metrics(keras), run_eagerly=True)
    twins.ours.compile(tinylstm.Adam(0.01), loss, metrics=metrics(tinylstm))
    return twins


def of_all_kinds(library):
    return [
        "accuracy",
        library.metrics.AUC(name="area"),
        absolute,
        library.metrics.TopKCategoricalAccuracy(k=2, name="best_two"),
        "top_k_categorical_accuracy",
        each_output,
        library.metrics.AUC(num_thresholds=11, curve="PR", name="precision"),
    ]


ORDER = ["loss", "accuracy", "area", "absolute", "best_two", "top_k_categorical_accuracy"]
ORDER += ["each_output", "precision"]


@pytest.mark.parametrize("threads", [1, 2])
def test_training_validation_and_evaluation_score_as_keras_does(rng, threads):
    twins = twins_of(rng, of_all_kinds)
    x, y = twins.random(N, T, D), np.eye(K)[rng.integers(0, K, (N, T))]
    weight = rng.random((N, T)).astype("float32")
    before = tinylstm.get_num_threads()
    set_num_threads(threads)
    try:
        data = {"validation_data": (x[:7], y[:7]), "sample_weight": weight, "batch_size": 5}
        _, ours = twins.fit(x, y, epochs=3, **data)
        assert list(ours) == [*ORDER, *(f"val_{name}" for name in ORDER)]
        assert twins.ours.metrics_names == ORDER
        twins.assert_scores("evaluate", x, y, batch_size=5, verbose=0)
        twins.assert_scores("test_on_batch", x, y)
        twins.assert_scores("train_on_batch", x, y)
    finally:
        set_num_threads(before)


def test_masked_targets_count_for_nothing_weights_do_not_enter(rng):
    def metrics(library):
        return ["accuracy", absolute, library.metrics.TopKCategoricalAccuracy(k=2)]

    twins = twins_of(rng, metrics, masks=True)
    x, y = twins.random(N, T, D), np.eye(K)[rng.integers(0, K, (N, T))]
    x[rng.random((N, T)) < 0.4] = 0
    twins.fit(x, y, epochs=2, batch_size=5, sample_weight=rng.random((N, T)))
    for name in ("evaluate", "test_on_batch"):
        twins.assert_scores(name, x, y, **({"verbose": 0} if name == "evaluate" else {}))


def test_an_area_and_a_function_of_a_number_leave_masked_targets_out(rng):
    model = Sequential([Masking(input_shape=(T, 1)), Dense(1, use_bias=False)])
    model.set_weights([np.eye(1)])
    model.compile("sgd", "mse", metrics=[AUC(), largest])
    x, y = rng.random((N, T, 1)).astype("float32"), rng.integers(0, 2, (N, T, 1))
    x[rng.random((N, T)) < 0.4] = 0
    y[(x == 0)] = 1
    kept = x != 0
    theirs = keras.metrics.AUC()
    theirs.update_state(y[kept], x[kept])
    _, area, most = model.evaluate(x, y, batch_size=N)
    assert_close(area, float(theirs.result()), KERAS_OUTPUT)
    assert_close(most, np.abs(y - x)[kept].max(), KERAS_OUTPUT)


def test_metrics_of_classes_by_number(rng):
    seen = []

    def right(y_true, y_pred):
        seen.append((np.shape(y_true), np.shape(y_pred)))
        return np.argmax(y_pred, axis=-1) == np.asarray(y_true)

    def metrics(library):
        return [right, library.metrics.SparseTopKCategoricalAccuracy(k=3), "acc"]

    twins = twins_of(rng, metrics, "sparse_categorical_crossentropy")
    x, y = twins.random(N, T, D), rng.integers(0, K, (N, T))
    twins.fit(x, y, epochs=2, batch_size=5)
    names = ["loss", "right", "sparse_top_k_categorical_accuracy", "acc"]
    assert twins.ours.metrics_names == names
    h = twins.ours.history.history
    assert h["right"] == pytest.approx(h["acc"])
    assert seen[-1] == ((3, T), (3, T, K))


def test_names_that_are_alike_get_numbers_as_in_keras(rng):
    def loss(y_true, y_pred):
        return absolute(y_true, y_pred)

    model = Sequential([Dense(2, input_shape=(2,))])
    given = ["mae", "mae", absolute, absolute, lambda a, b: absolute(a, b), "mae"]
    model.compile("sgd", "mse", metrics=given)
    names = ["loss", "mae", "mae_1", "absolute", "absolute_1", "lambda", "mae_2"]
    assert model.metrics_names == names
    other = keras.Sequential([keras.Input((2,)), keras.layers.Dense(2)])
    other.compile("sgd", "mse", metrics=given, run_eagerly=True)
    x = rng.normal(size=(4, 2)).astype("float32")
    assert set(other.evaluate(x, x, verbose=0, return_dict=True)) == set(names)
    assert list(model.evaluate(x, x, return_dict=True)) == names
    model.compile("sgd", "mse", metrics=[loss])
    assert model.metrics_names == ["loss", "loss_1"]


def test_what_a_model_is_given_stays_in_a_copy_and_another_batch_size_changes_no_area(rng):
    model = Sequential([Dense(1, "sigmoid", input_shape=(2,))])
    model.compile("sgd", "mse", metrics=[AUC(name="area"), absolute])
    x, y = rng.normal(size=(40, 2)), rng.integers(0, 2, (40, 1))
    scores = [model.evaluate(x, y, batch_size=size) for size in (1, 7, 40)]
    for other in scores[1:]:
        assert_close(other, scores[0], KERAS_OUTPUT)
    assert model.copy().evaluate(x, y) == pytest.approx(scores[0], rel=1e-5)
    assert model.copy().metrics_names == ["loss", "area", "absolute"]


def test_epochs_that_nobody_watches_come_in_chunks_with_all_their_sums(rng):
    x, y = rng.normal(size=(12, 2)), rng.integers(0, 2, (12, 1))
    histories = []
    for watched in (False, True):
        tinylstm.set_random_seed(3)
        model = Sequential([Dense(1, "sigmoid", input_shape=(2,))])
        model.compile("sgd", "mse", metrics=["acc", AUC()])
        callbacks = [tinylstm.callbacks.LambdaCallback(on_epoch_end=lambda e, logs: None)]
        options = {"callbacks": callbacks * watched, "epochs": 40, "batch_size": 5}
        histories.append(model.fit(x, y, verbose=0, **options).history)
    assert len(histories[0]["auc"]) == 40
    assert histories[0] == histories[1]


def test_a_generator_feeds_functions_and_areas(rng):
    x, y = rng.normal(size=(20, 2)).astype("float32"), rng.integers(0, 2, (20, 1))
    model = Sequential([Dense(1, "sigmoid", input_shape=(2,))])
    model.compile("sgd", "mse", metrics=[AUC(), absolute, largest])
    batches = [(x[k : k + 4], y[k : k + 4]) for k in range(0, 20, 4)]
    expected = model.evaluate(x, y, batch_size=4)
    assert model.evaluate(iter(batches), steps=5) == pytest.approx(expected, rel=1e-6)
    history = model.fit(iter(batches * 2), steps_per_epoch=5, epochs=2, verbose=0).history
    assert list(history) == ["loss", "auc", "absolute", "largest"]
    assert np.isfinite([*history.values()]).all()


def test_a_callback_knows_what_rises(rng):
    x, y = rng.normal(size=(20, 2)), rng.integers(0, 2, (20, 1))
    model = Sequential([Dense(1, "sigmoid", input_shape=(2,))])
    model.compile("sgd", "mse", metrics=[AUC(name="area"), absolute, "mae"])

    def rises(monitor):
        stopping = tinylstm.callbacks.EarlyStopping(monitor)
        model.fit(x, y, verbose=0, callbacks=[stopping])
        return stopping.rises

    assert (rises("area"), rises("mae"), rises("loss")) == (True, False, False)
    with pytest.raises(ValueError, match="does not know whether 'absolute' should rise or fall"):
        rises("absolute")


REFUSED = {
    "a function of other arguments": ([lambda y: 0], TypeError, "takes other arguments"),
    "an unknown name": (["AUX"], ValueError, "Unknown metric: 'AUX'. Did you mean 'auc'?"),
    "a metric of Keras": ([keras.metrics.AUC()], ValueError, "Keras' object AUC"),
    "one for classes by number": (["sparse_top_k_categorical_accuracy"], ValueError, "takes other"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_no_metric_is_refused(name):
    given, kind, sentence = REFUSED[name]
    model = Sequential([Dense(1, input_shape=(2,))])
    with pytest.raises(kind, match=sentence):
        model.compile("sgd", "mse", metrics=given)
    assert model.loss is None


def test_a_function_that_gives_no_number_is_refused_after_whole_batches(rng):
    model = Sequential([Dense(1, input_shape=(2,))])
    x = rng.normal(size=(8, 2))
    for wrong in (lambda a, b: "much", lambda a, b: None, lambda a, b: np.zeros(3)):
        model.compile("sgd", "mse", metrics=[wrong])
        with pytest.raises(ValueError, match="The metric lambda gives no number"):
            model.fit(x, x[:, :1], verbose=0, batch_size=4)
        assert model.optimizer.iterations == 1


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (lambda: AUC(num_thresholds=1), "num_thresholds must be a whole number"),
        (lambda: AUC(curve="PRC"), "Unknown curve"),
        (lambda: AUC(summation_method="mid"), "Unknown summation_method"),
        (lambda: AUC(thresholds=["a"]), "A threshold must be a number"),
        (lambda: TopKCategoricalAccuracy(k=0), "k must be a whole number"),
        (lambda: SparseTopKCategoricalAccuracy(k=1.5), "k must be a whole number"),
    ],
)
def test_settings_that_cannot_be_are_refused(make, sentence):
    with pytest.raises(ValueError, match=sentence):
        make()


def test_every_name_is_in_keras_too():
    for name in METRICS:
        assert name in ("accuracy", "acc") or keras.metrics.get(name) is not None
