"""Before a model is built: what needs parameters is refused, and refused data build nothing."""

import re

import numpy as np
import pytest

import tinylstm
from tests.snapshots import refused, snapshot
from tinylstm import LSTM, Adam, Dense, Input, Reshape, Sequential, gradient_check

X = np.random.default_rng(6).normal(size=(4, 3, 2)).astype(np.float32)
Y = np.eye(3, dtype=np.float32)[[0, 2, 1, 1]]


def deferred_model(**lstm):
    """A compiled model that does not know the shape of its samples."""
    model = Sequential([LSTM(4, **lstm), Dense(3, activation="softmax")])
    model.compile("adam", "categorical_crossentropy")
    return model


BEFORE_BUILD = {
    "set_weights": lambda m: m.set_weights([np.ones((2, 16))]),
    "get_weights": lambda m: m.get_weights(),
    "count_params": lambda m: m.count_params(),
    "forward": lambda m: m.forward(X),
    "trace": lambda m: m.trace(X),
    "get_states": lambda m: m.get_states(),
    "set_states": lambda m: m.set_states([]),
    "copy": lambda m: m.copy(),
    "gradient_check": lambda m: gradient_check(m, X, Y),
}


@pytest.mark.uncompiled
@pytest.mark.parametrize("name", BEFORE_BUILD)
def test_what_needs_parameters_says_so_before_there_are_any(name):
    model = deferred_model()
    with refused(ValueError, "needs a built model"):
        BEFORE_BUILD[name](model)
    assert not model.built


@pytest.mark.uncompiled
@pytest.mark.parametrize("name", ["theta", "grad", "state"])
def test_what_a_build_makes_is_none_before(name):
    assert getattr(deferred_model(), name) is None


@pytest.mark.uncompiled
@pytest.mark.parametrize("name", ["theta", "grad"])
def test_vectors_of_a_model_that_has_changed_are_gone(name):
    model = Sequential([Dense(2, input_shape=(2,))])
    for change in (lambda: model.add(Dense(3)), model.pop):
        assert model.built
        change()
        assert getattr(model, name) is None


class Hasty(Sequential):
    """A model that uses itself before it is made."""

    def __init__(self, use):
        use(self)


HASTY = {
    "layers": lambda m: m.layers,
    "stop_training": lambda m: m.stop_training,
    "loss": lambda m: setattr(m, "loss", "mse"),
    "_lock": lambda m: m.add(Dense(2)),
}


@pytest.mark.uncompiled
@pytest.mark.parametrize("name", HASTY)
def test_a_model_that_is_used_before_its_constructor_says_what_comes_first(name):
    with refused(AttributeError, f"Hasty has no {name} yet") as caught:
        Hasty(HASTY[name])
    assert "super().__init__()" in str(caught.value)


@pytest.mark.uncompiled
def test_layers_have_no_weights_before_their_model_is_built():
    for layer in (LSTM(4), deferred_model().layers[0]):
        with refused(ValueError, "has no weights yet"):
            layer.get_weights()
        with refused(ValueError, "has no weights yet"):
            layer.set_weights([])


@pytest.mark.uncompiled
@pytest.mark.parametrize("method", ["fit", "evaluate", "train_on_batch", "test_on_batch"])
def test_what_needs_a_loss_says_so_before_compile(method):
    model = Sequential([LSTM(4, input_shape=(3, 2)), Dense(3)])
    with refused(ValueError, "no loss yet"):
        getattr(model, method)(X, Y)


REFUSED = {
    "x without steps": lambda m: m.fit(X[:, 0], Y),
    "x of rank 4": lambda m: m.fit(X[None], Y),
    "x a number": lambda m: m.predict(3.0),
    "x with NaN": lambda m: m.fit(X * np.nan, Y),
    "labels": lambda m: m.fit(X, [0, 1, 2, 0]),
    "y of 2 classes": lambda m: m.fit(X, Y[:, :2]),
    "y with NaN": lambda m: m.train_on_batch(X, Y * np.nan),
    "other validation data": lambda m: m.fit(X, Y, validation_data=(X[:, :, :1], Y)),
    "samples that do not divide": lambda m: m.fit(X, Y, batch_size=3),
    "no such batch_size": lambda m: m.predict(X, batch_size=0),
    "an empty part": lambda m: m.fit(X, Y, batch_size=2, validation_split=0.01),
    "a shape without features": lambda m: m.build((None, 3, None)),
    "a shape of words": lambda m: m.build((None, "three", 2)),
    "a negative length": lambda m: m.build((None, -3, 2)),
    "no steps": lambda m: m.build((None, 2)),
    "a shape of one number": lambda m: m.build((2,)),
}


@pytest.mark.uncompiled
@pytest.mark.parametrize("case", REFUSED)
def test_refused_data_build_nothing_and_the_weights_drawn_later_are_the_same(case):
    never_bothered = deferred_model(stateful=True)
    never_bothered.train_on_batch(X, Y)
    tinylstm.set_random_seed(7)
    model = deferred_model(stateful=True)
    with refused(ValueError, ""):
        REFUSED[case](model)
    assert not model.built
    assert model.dtype is model.batch_input_shape is None
    model.train_on_batch(X, Y)
    assert snapshot(model) == snapshot(never_bothered)


@pytest.mark.uncompiled
def test_layers_and_shapes_are_lists():
    for call in (lambda: Sequential(5), lambda: Sequential(LSTM(4))):
        with refused(TypeError, "is not a list"):
            call()
    for call in (lambda: Input(5), lambda: LSTM(4, input_shape=5), lambda: Reshape(5)):
        with refused(TypeError, "is not a tuple"):
            call()


@pytest.mark.uncompiled
def test_a_layer_that_does_not_fit_is_not_added():
    model = Sequential([Input((3, 2))])
    model.add(LSTM(4))
    second = LSTM(5)
    with refused(ValueError, "reads sequences"):
        model.add(second)
    assert second.name is second.model is None
    assert [layer.name for layer in model.layers] == ["lstm"]
    assert Sequential([LSTM(4, return_sequences=True), second]).layers[1] is second


@pytest.mark.uncompiled
@pytest.mark.parametrize("built_first", [True, False])
def test_an_optimiser_does_not_serve_two_models(built_first):
    optimizer, models = Adam(), []
    for _ in range(2):
        models.append(Sequential([Dense(3, input_shape=(2,))]))
    if built_first:
        models[0].build((None, 2))
        models[0].compile(optimizer, "mse")
        with refused(ValueError, "another model"):
            models[1].compile(optimizer, "mse")
        assert models[1].loss is None
    else:
        for model in models:
            model.compile(optimizer, "mse")
        models[0].train_on_batch(X[:, 0], Y)
        before = snapshot(models[0])
        with refused(ValueError, "another model"):
            models[1].train_on_batch(X[:, 0], Y)
        assert snapshot(models[0]) == before


TOO_LARGE = {
    "units": lambda: Sequential([LSTM(10**7, input_shape=(3, 2))]).summary(),
    "features": lambda: Sequential([Dense(10**9, input_shape=(10**12,))]).count_params(),
    "batch_input_shape": lambda: Sequential(
        [LSTM(4, stateful=True, batch_input_shape=(10**15, 3, 2))]
    ).get_states(),
    "batch_size": lambda: Sequential(
        [LSTM(1000, input_shape=(None, 1), recurrent_initializer="zeros")]
    ).predict(np.zeros((2, 10**7, 1), np.float32)),
}


@pytest.mark.parametrize("argument", TOO_LARGE)
def test_what_does_not_fit_into_memory_names_the_bytes_and_the_argument_to_lower(argument):
    with refused(MemoryError, argument) as caught:
        TOO_LARGE[argument]()
    assert re.search(r"Received: [\d,]{15,} bytes", str(caught.value))


@pytest.mark.uncompiled
@pytest.mark.parametrize("x", ["text", X[0], X * np.nan])
def test_a_layer_alone_that_refuses_its_data_is_still_in_no_model(x):
    layer = LSTM(4)
    with pytest.raises((ValueError, TypeError), match="Expected: "):
        layer(x)
    assert layer.model is None
    assert Sequential([layer]).predict(X).shape == (4, 4)
