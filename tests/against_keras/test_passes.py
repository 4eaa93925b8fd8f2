"""Callbacks of `evaluate`, `predict` and validations are told what they are told in Keras."""

import numpy as np
import pytest

from tests.keras_twins import Twins, keras
from tests.snapshots import refused
from tests.tolerances import KERAS_WEIGHTS, assert_close
from tinylstm import Dense, callbacks

N, T, D, SIZE = 7, 3, 2, 3  # samples, steps, features, samples of a batch: 3, 3 and 1
WHENS = ("begin", "end")
METHODS = [
    f"on_{what}_{when}"
    for what in ("train", "epoch", "train_batch", "test", "test_batch", "predict", "predict_batch")
    for when in WHENS
]
CALLS = {
    "fit with validation": lambda m, x, y, **options: m.fit(
        x, y, epochs=2, shuffle=False, validation_data=(x, -y), **options
    ),
    "fit without": lambda m, x, y, **options: m.fit(x, y, shuffle=False, **options),
    "evaluate": lambda m, x, y, **options: m.evaluate(x, y, **options),
    "evaluate by name": lambda m, x, y, **options: m.evaluate(x, y, return_dict=True, **options),
    "predict": lambda m, x, y, **options: m.predict(x, **options),
}


def noting(library, methods=METHODS, stop=None):
    """A callback that notes its calls: method, number, and a copy of the logs.

    stop : (method, name), what to set of the model in one of them.
    """

    def note(method):
        def call(self, *given, logs=None):
            *numbers, logs = given if given and isinstance(given[-1], dict) else (*given, logs)
            self.told.append((method, *numbers, dict(logs)))
            if stop is not None and method == stop[0]:
                setattr(self.model, stop[1], True)

        return call

    own = {"told": [], **{method: note(method) for method in methods}}
    return type("Noting", (library.Callback,), own)()


def both(rng, call, methods=METHODS, stop=None):
    """What callbacks of both libraries are told in a call, and what it gives."""
    twins = Twins(lambda k: [k.LSTM(4), k.Dense(2)], (None, T, D), rng)
    twins.compile("mse", metrics=["mae"], eagerly=True)
    x, y = twins.random(N, T, D), twins.random(N, 2)
    found = []
    for library, model in ((callbacks, twins.ours), (keras.callbacks, twins.keras)):
        callback = noting(library, methods, stop)
        options = {"batch_size": SIZE, "verbose": 0, "callbacks": [callback]}
        found.append((callback, CALLS[call](model, x, y, **options)))
    return found


def assert_told_the_same(ours, theirs):
    """The same calls in the same order, with logs of the same names and numbers."""
    heads = [[call[:-1] for call in told] for told in (ours, theirs)]
    assert heads[0] == heads[1]
    for (*head, mine), (*_, other) in zip(ours, theirs, strict=True):
        assert list(mine) == list(other), head
        for name, value in other.items():
            assert_close(np.asarray(mine[name]), np.asarray(value), KERAS_WEIGHTS, name)


@pytest.mark.parametrize("call", CALLS)
def test_order_and_logs_are_those_of_live_keras(rng, call):
    (ours, found), (theirs, expected) = both(rng, call)
    assert_told_the_same(ours.told, theirs.told)
    assert {"verbose", "epochs", "steps"} <= set(ours.params) & set(theirs.params)
    for name in ("epochs", "steps"):
        assert ours.params[name] == theirs.params[name]
    if call == "predict":
        assert_close(found, expected, KERAS_WEIGHTS, call)


def test_who_does_not_ask_for_batches_is_told_of_the_whole(rng):
    methods = [name for name in METHODS if "batch" not in name]
    for call in CALLS:
        (ours, _), (theirs, _) = both(rng, call, methods)
        assert_told_the_same(ours.told, theirs.told)


@pytest.mark.parametrize(
    ("call", "method", "flag"),
    [
        ("evaluate", "on_test_batch_end", "stop_evaluating"),
        ("predict", "on_predict_batch_end", "stop_predicting"),
        ("fit with validation", "on_test_batch_end", "stop_evaluating"),
    ],
)
def test_a_callback_may_stop_a_pass_after_a_batch(rng, call, method, flag):
    (ours, found), (theirs, expected) = both(rng, call, stop=(method, flag))
    assert_told_the_same(ours.told, theirs.told)
    if call != "fit with validation":
        assert_close(np.asarray(found), np.asarray(expected), KERAS_WEIGHTS, call)
    if call == "predict":
        assert len(found) == SIZE


def test_outputs_of_a_generator_are_told_and_stopped_too(rng):
    model = Twins(lambda k: [k.LSTM(4), k.Dense(2)], (None, T, D), rng).ours
    x = rng.normal(size=(N, T, D)).astype(np.float32)
    batches = [x[:3], x[3:6], x[6:]]
    callback = noting(callbacks)
    y = model.predict(iter(batches), callbacks=[callback])
    told = [logs["outputs"] for *_, logs in callback.told if logs]
    np.testing.assert_array_equal(np.concatenate(told), y)
    np.testing.assert_array_equal(y, model.predict(x, SIZE))
    stopped = noting(callbacks, stop=("on_predict_batch_end", "stop_predicting"))
    assert len(model.predict(iter(batches), callbacks=[stopped])) == SIZE
    told[0][:] = 7  # it is the callback's own
    assert not (y == 7).any()


def test_a_pass_is_the_same_with_and_without_callbacks(rng):
    model = Twins(lambda k: [k.LSTM(4, stateful=True), k.Dense(2)], (3, T, D), rng).ours
    model.compile("sgd", "mse")
    x, y = rng.normal(size=(6, T, D)), rng.normal(size=(6, 2))
    for call in (
        lambda **more: model.predict(x, **more),
        lambda **more: model.evaluate(x, y, **more),
    ):
        model.reset_states()
        alone = call()
        model.reset_states()
        np.testing.assert_array_equal(call(callbacks=[noting(callbacks)]), alone)


def test_a_callback_of_a_pass_cannot_take_the_model_apart(rng):
    model = Twins(lambda k: [k.Dense(2)], (None, D), rng).ours
    model.compile("sgd", "mse")
    meddling = callbacks.LambdaCallback(on_predict_begin=lambda logs: model.add(Dense(2)))
    with refused(ValueError, "add changes a model"):
        model.predict(np.ones((2, D)), callbacks=[meddling])
    model.add(Dense(1))
    with refused(TypeError, "not a callback"):
        model.evaluate(np.ones((2, D)), np.ones(2), callbacks=[noting])
