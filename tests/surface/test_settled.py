"""What is set after it was made works at once, or says what does; what is handed out is a copy."""

import abc
import copy
from ast import literal_eval

import numpy as np
import pytest

import tinylstm
from tests.snapshots import changed, refused, snapshot
from tests.surface import of_layers, of_training
from tests.surface.test_surface import required
from tests.surface.use import D, H, T, X, Y, given, model
from tinylstm import LSTM, SGD, Adam, Bidirectional, Dense, Sequential
from tinylstm.layers.settled import READ_BY_ADD
from tinylstm.optimizers import OPTIMIZERS
from tinylstm.surface.callables import arguments_of

KINDS = {use.documented: use for use in of_layers.USES.values() if isinstance(use.documented, type)}
each_kind = pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)


def made(kind):
    """A layer of that kind."""
    values = KINDS[kind].values
    return kind(**{name: given(values[name][0]) for name in required(kind)})


@each_kind
def test_no_argument_of_a_layer_in_a_model_can_be_replaced(kind):
    layer = made(kind)
    Sequential([layer])
    for name in arguments_of(kind) - {"trainable"}:
        with refused(AttributeError, f"{name} of a layer cannot be set"):
            setattr(layer, name, "other")
    layer.trainable = False


@each_kind
def test_nor_of_one_alone_where_it_was_read_already(kind):
    layer, later = made(kind), READ_BY_ADD | {"trainable"}
    for name in arguments_of(kind) - later:
        with refused(AttributeError, f"{name} of a layer cannot be set"):
            setattr(layer, name, "other")
    layer.name, layer.dtype = "mine", "float64"
    assert Sequential([layer]).get_layer("mine").dtype == "float64"


@pytest.mark.parametrize("name", ["forward_layer", "backward_layer", "stateful", "state_mode"])
def test_what_a_layer_is_made_of_stays(name):
    both = Bidirectional(LSTM(2))
    Sequential([both])
    with refused(AttributeError, f"{name} of a layer cannot be set"):
        setattr(both, name, LSTM(2))
    with refused(AttributeError, "units of a layer cannot be set"):
        both.forward_layer.units = 5


def test_a_layer_of_ones_own_may_store_its_arguments():
    class Reader(LSTM):
        def __init__(self, units, scale=2.0, **options):
            self.units, self.scale, self.seen = units, scale, 0
            super().__init__(units, **options)

    layer = Reader(3, scale=4.0)
    assert Sequential([layer]).predict(X).shape == (len(X), 3)
    layer.seen = 1
    with refused(AttributeError, "scale of a layer cannot be set"):
        layer.scale = 3.0
    assert layer.copy().scale == 4.0


class Scaled(Dense, abc.ABC):
    """Sets what it was given a second time, after the constructor of its base and before."""

    def __init__(self, units, scale=None):
        self.scale, self.units = scale, units
        if scale is None:
            self.scale = 1.0
        super().__init__(2 * units)
        self.kernel_initializer = "ones"


class Before:
    """Stands in front of a kind of layer; its constructor ends last."""

    def __init__(self, *args, **options):
        super().__init__(*args, **options)
        self.units = 6


class Mixed(Before, Scaled):
    """A layer by its second base."""


@pytest.mark.parametrize("kind", [Scaled, Mixed])
def test_until_its_constructor_ends_a_layer_sets_what_it_likes(kind):
    layer = kind(3)
    assert (layer.scale, layer.units, layer.kernel_initializer) == (1.0, 6, "ones")
    for one in (layer, layer.copy(), copy.deepcopy(layer)):
        for name in ("scale", "units", "kernel_initializer"):
            with refused(AttributeError, f"{name} of a layer cannot be set afterwards"):
                setattr(one, name, 5)


@pytest.mark.parametrize("text", ["3", "300", "0.5", "'wide'"])
def test_a_value_that_is_equal_is_refused_like_any_other(text):
    layer = Scaled(3, literal_eval(text))
    with refused(AttributeError, "scale of a layer cannot be set"):
        layer.scale = literal_eval(text)


class Nameless(Dense):
    """Takes no argument that every layer has."""

    def __init__(self):
        super().__init__(2)


@pytest.mark.parametrize("name", sorted(READ_BY_ADD))
def test_what_a_model_reads_stays_though_a_layer_cannot_be_made_with_it(name):
    layer = Nameless()
    layer.name = "first"
    Sequential([layer, Nameless()])
    with refused(AttributeError, f"{name} of a layer cannot be set") as caught:
        setattr(layer, name, "nameless")
    assert "before model.add(layer)" in str(caught.value)
    with refused(AttributeError, "units of a layer cannot be set"):
        layer.units = 5


@pytest.mark.parametrize("name", ["units_out", "regularizers", "tail"])
def test_no_argument_is_named_that_the_constructor_would_refuse(name):
    with refused(AttributeError, f"{name} of a layer cannot be set") as caught:
        setattr(Dense(2), name, 4)
    assert "other arguments of Dense" in str(caught.value)
    assert f"{name}=" not in str(caught.value)


def test_weights_that_are_kept_are_those_of_the_model_as_it_is_now():
    own = Sequential([Dense(3, input_shape=(2,))])
    layer, kernel = own.layers[0], np.ones((2, 3))
    weights = layer.weights
    own.add(Dense(2))
    weights["kernel"] = kernel
    np.testing.assert_array_equal(layer.get_weights()[0], kernel)
    np.testing.assert_array_equal(weights["kernel"], kernel)
    own.pop()
    own.pop()
    for use in (len, list, lambda w: w["kernel"], lambda w: w.update(kernel=kernel)):
        with refused(ValueError, "has no weights yet"):
            use(weights)


def test_an_array_that_is_assigned_to_a_weight_is_copied_in():
    own = model()
    layer = own.layers[1]
    kernel = np.ones((H, 2))
    layer.weights["kernel"] = kernel
    kernel[:] = 7
    assert (layer.get_weights()[0] == 1).all()
    layer.weights.update(bias=[3, 4])
    np.testing.assert_array_equal(own.get_weights()[-1], [3, 4])
    before = snapshot(own)
    for name, array, sentence in (
        ("kernel", np.ones((2, H)), "do not fit"),
        ("bias", [1, np.nan], "not finite"),
        ("kernl", kernel, "mean 'kernel'?"),
    ):
        with refused(ValueError, sentence):
            layer.weights[name] = array
    with refused(ValueError, "keeps its weights"):
        del layer.weights["bias"]
    with refused(AttributeError, "weights of a layer cannot"):
        layer.weights = [kernel]
    assert changed(own, before) == []


HANDED_OUT = {
    "layers": lambda m: m.layers.pop(),
    "names of metrics": lambda m: m.metrics_names.append("mae"),
    "arrays of weights": lambda m: m.get_weights()[0].fill(7),
    "list of weights": lambda m: m.weights.pop(),
    "states": lambda m: m.get_states()["lstm"][0].fill(7),
    "outputs": lambda m: m.forward(X).fill(7),
    "penalties": lambda m: m.layers[0].regularizers.clear(),
}


@pytest.mark.parametrize("case", HANDED_OUT)
def test_a_change_of_what_was_handed_out_changes_no_model(case):
    one, twin = (model(stateful=True, kernel_regularizer="l2") for _ in range(2))
    HANDED_OUT[case](one)
    assert changed(one, snapshot(twin)) == []
    for both in (one, twin):
        both.fit(X, Y, len(X), verbose=0)
    assert changed(one, snapshot(twin)) == []


def test_streams_share_no_memory_with_their_series():
    series = np.arange(24.0)[:, None]
    arrays = tinylstm.stateful_batches(series, 1, 3, return_sequences=True)
    for k, array in enumerate(arrays):
        assert not any(np.shares_memory(array, other) for other in [series, *arrays[:k]])


OF_A_MODEL = {
    "layers": ([], "model.add(layer)"),
    "optimizer": (Adam(), "model.compile"),
    "loss": ("mae", "model.compile"),
    "metrics_names": (["loss", "mae"], "model.compile"),
    "dtype": ("float64", "model.copy(dtype)"),
    "batch_input_shape": ((None, T, D), "model.build(shape)"),
}


@pytest.mark.parametrize("name", OF_A_MODEL)
def test_what_methods_of_a_model_set_is_not_set_alone(name):
    value, way_out = OF_A_MODEL[name]
    own = model()
    before = snapshot(own)
    with refused(AttributeError, f"{name} is not set alone") as caught:
        setattr(own, name, value)
    assert way_out in str(caught.value)
    assert changed(own, before) == []


BOUNDS = {"clipnorm", "clipvalue", "global_clipnorm"}
AT_FIRST = {"initial_accumulator_value"}  # moments begin with it
RATES = [
    (use.documented, name, use.values[name][-1])
    for use in of_training.USES.values()
    for name in use.values
    if use.documented in OPTIMIZERS.values() and name not in BOUNDS | AT_FIRST
]


@pytest.mark.parametrize(("kind", "name", "value"), RATES)
def test_a_new_hyper_parameter_works_at_once(kind, name, value):
    models = model(optimizer=kind(decay=0.25)), model(optimizer=kind(decay=0.25))
    for own in models:
        own.layers[0].trainable = False
    setattr(models[0].optimizer, name, value)
    assert getattr(models[0].optimizer, name) == value
    models[1].optimizer.rule[name] = value
    before = snapshot(models[0])
    for own in models:
        own.fit(X, Y, 2, epochs=2, verbose=0)
    assert changed(models[0], snapshot(models[1])) == []
    assert "weights" in changed(models[0], before)


@pytest.mark.parametrize(
    ("name", "way_out"),
    [("lr", "optimizer.learning_rate"), *((name, "new optimiser") for name in sorted(BOUNDS))],
)
def test_other_settings_of_an_optimiser_say_what_does(name, way_out):
    optimizer = SGD(0.1, clipnorm=1.0)
    with refused(AttributeError, name) as caught:
        setattr(optimizer, name, 5)
    assert way_out in str(caught.value)
    assert (optimizer.clipnorm, optimizer.clipvalue) == (1.0, None)
    assert not hasattr(optimizer, "lr")


def test_a_parameter_is_set_by_its_name_in_weights_and_by_nothing_else():
    model = Sequential([Dense(2, input_shape=(3,))])
    assert model.built
    with refused(AttributeError, "kernel of a layer cannot be set") as caught:
        model.layers[0].kernel = np.zeros((3, 2))
    assert "layer.weights['kernel'] = array" in str(caught.value)
