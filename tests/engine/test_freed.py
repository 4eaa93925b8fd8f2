"""Whoever forgets a model frees it at once; the garbage collector need not run for that."""

import gc
import tracemalloc
import weakref

import numpy as np
import pytest

import tinylstm
from tests.snapshots import refused
from tests.tolerances import bits
from tinylstm import LSTM, Bidirectional, Dense, Sequential, callbacks, gradient_check
from tinylstm.plotting.recording import StateRecorder
from tinylstm.threads import how_many

RNG = np.random.default_rng(4)
X, Y = RNG.normal(size=(12, 5, 3)).astype("float32"), RNG.normal(size=(12, 1)).astype("float32")


def model_of(**lstm):
    model = Sequential([LSTM(4, input_shape=(5, 3), **lstm), Dense(1)])
    model.compile("adam", "mse", metrics=["mae"])
    model.build((None, 5, 3))
    return model


@pytest.fixture(autouse=True)
def no_collector():
    gc.collect()
    gc.disable()
    yield
    gc.enable()


def fit_watched(model):
    watching = callbacks.LambdaCallback(on_epoch_end=lambda epoch, logs: model.optimizer)
    stopping = callbacks.EarlyStopping(restore_best_weights=True)
    options = {"validation_split": 0.25, "callbacks": [watching, stopping]}
    model.fit(X, Y, epochs=3, verbose=0, **options)


def fit_shared(model):
    tinylstm.set_num_threads(2)
    model.fit(X, Y, verbose=0)
    tinylstm.set_num_threads(None)


def fit_in_vain(model):
    failing = callbacks.LambdaCallback(on_epoch_end=lambda epoch, logs: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        model.fit(X, Y, verbose=0, callbacks=[failing])


def trace_and_back(model):
    model.trace(X)
    model.backward(Y)


def record(model):
    with StateRecorder(model) as recorder:
        model.fit(X, Y, verbose=0)
    assert recorder.batches


def grow(model):
    model.predict(X)
    model.add(Dense(1))
    model.predict(X)
    model.pop()
    model.predict(X)


def refuse(model):
    with pytest.raises(ValueError, match="features"):
        model.fit(X[..., :1], Y, verbose=0)
    with pytest.raises(AttributeError):
        model.nothing  # noqa: B018


USES = {
    "build": lambda model: model.build((None, 5, 3)),
    "fit": lambda model: model.fit(X, Y, verbose=0),
    "fit with a bar": lambda model: model.fit(X, Y),
    "fit with callbacks and validation": fit_watched,
    "fit of a generator": lambda model: model.fit(iter([(X, Y)]), verbose=0),
    "fit by two threads": fit_shared,
    "fit that fails": fit_in_vain,
    "what is refused": refuse,
    "evaluate": lambda model: model.evaluate(X, Y),
    "predict": lambda model: model.predict(X),
    "train_on_batch": lambda model: model.train_on_batch(X, Y),
    "stepper": lambda model: model.stepper().copy()(X[0, 0]),
    "trace and backward": trace_and_back,
    "gradient_check": lambda model: gradient_check(model, X, Y),
    "layer": lambda model: model.layers[0](X),
    "weights of a layer": lambda model: model.layers[0].weights["bias"],
    "recorder": record,
    "copy": lambda model: model.copy(),
    "compile": lambda model: model.compile("sgd", "mse"),
    "add and pop": grow,
    "scratch state": lambda model: model.scratch_state(),
    "memory and summary": lambda model: (model.memory(), model.summary(print_fn=len)),
}


@pytest.mark.parametrize("use", USES.values(), ids=USES)
def test_a_model_is_freed_with_its_last_name(use, monkeypatch):
    monkeypatch.setattr(how_many, "WORTH", 1)
    model = model_of()
    use(model)
    gone = weakref.ref(model)
    del model
    assert gone() is None


def test_so_is_one_that_went_on_alone():
    model = Sequential([LSTM(4, input_shape=(None, 1)), Dense(1)])
    model.generate(np.ones((3, 1)), 4)
    gone = weakref.ref(model)
    del model
    assert gone() is None


def test_so_is_a_layer_that_was_called_by_itself():
    layer = LSTM(4)
    layer(X)
    gone = weakref.ref(layer), weakref.ref(layer.model)
    del layer
    assert [one() for one in gone] == [None, None]


def test_a_history_keeps_its_model_and_a_model_its_last_history():
    model = model_of()
    history = model.fit(X, Y, epochs=2, verbose=0)
    assert model.history is history
    assert history.model is model
    gone = weakref.ref(model)
    del model
    assert history.model.predict(X).shape == (12, 1)
    del history
    assert gone() is None


def test_the_last_history_is_there_though_nobody_took_it():
    model = model_of()
    model.fit(X, Y, epochs=2, verbose=0)
    history = model.history
    assert history is model.history
    assert history.epoch == [0, 1]
    assert history.params["epochs"] == 2
    assert history.model is model


@pytest.mark.parametrize(
    "kind", [LSTM, lambda *args, **kwargs: Bidirectional(LSTM(*args), **kwargs)]
)
def test_a_layer_that_outlives_its_model_keeps_its_weights(kind):
    model = Sequential([kind(4, input_shape=(5, 3)), Dense(1)])
    layer, expected = model.layers[0], model.layers[0].get_weights()
    outputs = layer(X)
    del model
    assert layer.model is None
    assert [bits(a) for a in layer.get_weights()] == [bits(a) for a in expected]
    assert [bits(a) for a in layer.weights.values()] == [bits(a) for a in expected]
    assert layer.count_params() == sum(a.size for a in expected)
    layer.set_weights([2 * a for a in expected])
    assert bits(layer.get_weights()[0]) == bits(2 * expected[0])
    layer.set_weights(expected)
    assert layer.copy().model is None
    assert bits(layer(X)) == bits(outputs)
    assert bits(Sequential([layer]).predict(X)) == bits(outputs)


def test_a_layer_of_a_model_that_is_gone_cannot_be_added():
    layer = Sequential([Dense(4, input_shape=(3,))]).layers[0]
    with refused(TypeError, "Only a new layer can be added."):
        Sequential([layer])


@pytest.mark.parametrize("first", [lambda one: one(X), lambda one: one.build((None, 5, 3))])
@pytest.mark.parametrize("kind", [lambda: LSTM(4), lambda: Bidirectional(LSTM(4), name="both")])
def test_a_layer_that_was_built_or_called_alone_takes_its_weights_along(kind, first):
    layer = kind()
    assert not layer.built
    first(layer)
    assert layer.built
    expected, outputs = layer.get_weights(), layer(X)
    model = Sequential([Dense(3, input_shape=(5, 3)), layer, Dense(2)])
    assert layer.name == ("both" if isinstance(layer, Bidirectional) else "lstm")
    assert [bits(a) for a in layer.get_weights()] == [bits(a) for a in expected]
    assert np.shares_memory(next(iter(layer.weights.values())), model.theta)
    assert layer.model is model
    assert model.pop() is not layer
    assert model.pop() is layer
    other = Sequential([Dense(4)])
    assert bits(layer(X)) != bits(outputs)  # its weights are gone, as of any layer taken off
    other.add(layer)
    assert layer.model is other


def test_a_layer_built_alone_keeps_no_name_of_its_own_and_another_input_is_refused():
    first, second = Dense(3), Dense(3)
    for layer in (first, second):
        layer.build((None, 4))
    model = Sequential([Dense(4, input_shape=(4,)), first, second])
    assert [layer.name for layer in model.layers] == ["dense", "dense_1", "dense_2"]
    third = Dense(3)
    third.build((None, 4))
    with refused(ValueError, "Layer 'dense_3': the weights do not fit."):
        Sequential([*(Dense(5, input_shape=(5,)) for _ in range(3)), third]).get_weights()
    lone = Dense(2)
    lone.build((None, 7))
    model = Sequential([lone])  # whose shape nobody knows yet
    assert lone.input_shape is None
    with refused(ValueError, "Layer 'dense': the weights do not fit."):
        model.predict(np.ones((1, 3)))
    with refused(TypeError, "input_shape is not a tuple."):
        Dense(2).build(3)


def test_where_a_layer_built_alone_does_not_fit_it_stays_what_it_was():
    layer = LSTM(4)
    layer.build((None, 5, 3))
    expected = layer.get_weights()
    with refused(ValueError, "Layer 'lstm' reads sequences."):
        Sequential([Dense(3, input_shape=(3,)), layer])
    assert [bits(a) for a in layer.get_weights()] == [bits(a) for a in expected]
    assert layer(X).shape == (len(X), 4)
    model = Sequential([layer])
    assert layer.model is model


def test_a_stateful_layer_alone_goes_on_from_call_to_call_until_its_reset():
    layer = LSTM(4, stateful=True)
    first, second = layer(X), layer(X)
    assert bits(first) != bits(second)
    layer.reset_states()
    assert bits(layer(X)) == bits(first)


def test_the_weights_of_a_layer_alone_are_those_it_is_called_with():
    layer = Dense(2, use_bias=False)
    layer(X[:, 0])
    layer.weights["kernel"] = np.ones((3, 2))
    np.testing.assert_allclose(layer(X[:, 0])[:, 0], X[:, 0].sum(1), rtol=1e-5)


def test_thirty_models_one_after_the_other_need_the_memory_of_few():
    """Each has parameters, gradients and moments of some 40 MB."""
    x, y = np.ones((4, 1600), "float32"), np.ones((4, 1), "float32")
    tracemalloc.start()
    try:
        for _ in range(30):
            dense = Dense(1600, input_shape=(1600,), kernel_initializer="ones")
            model = Sequential([dense, Dense(1)])
            model.compile("adam", "mse")
            model.fit(x, y, verbose=0)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert 40e6 < peak < 400e6
