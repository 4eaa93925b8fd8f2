"""What describes an object: all its arguments, from which another one like it is made."""

import inspect
import json

import numpy as np
import pytest

import tinylstm
from tests.own_cells import CELLS
from tests.snapshots import refused
from tests.surface.use import given, required
from tests.surface.uses import USES
from tinylstm import (
    LSTM,
    RNN,
    Activation,
    Bidirectional,
    Dense,
    Layer,
    constraints,
    initializers,
    losses,
    metrics,
    optimizers,
    regularizers,
)
from tinylstm.surface.callables import arguments_of
from tinylstm.surface.described import Described
from tinylstm.surface.plain import KNOWN, knowing, meant, plain

MODULES = (tinylstm, losses, metrics, optimizers, initializers, regularizers, constraints)
PUBLIC = {
    kind
    for module in MODULES
    for kind in vars(module).values()
    if inspect.isclass(kind) and issubclass(kind, Described) and kind is not Described
}
OF_ONES_OWN = {  # from which others derive
    Layer,
    tinylstm.Recurrent,
    optimizers.Optimizer,
    regularizers.Regularizer,
    constraints.Constraint,
}
CASES = [
    (name, argument, k)
    for name, use in USES.items()
    if use.documented in PUBLIC
    for argument, values in (use.values or {"": [None]}).items()
    for k in range(len(values))
]
OWN_CELLS = [one for one, _ in CELLS.values()]
BESIDE = {"input_shape", "backward_trainable"}  # batch_input_shape says it; of no constructor


def through_json(thing):
    """The same from a text."""
    return meant(json.loads(json.dumps(plain(thing), allow_nan=False)))


@pytest.mark.parametrize(("name", "argument", "k"), CASES)
def test_each_argument_comes_back_from_a_text(name, argument, k):
    use = USES[name]
    others = {one: use.values[one][0] for one in required(use.documented) if one in use.values}
    tried = {argument: use.values[argument][k]} if argument else {}
    thing = use.documented(**{one: given(value) for one, value in (others | tried).items()})
    lambdas = [one for one in tried.values() if getattr(one, "__name__", "") == "<lambda>"]
    with knowing(dict.fromkeys(["<lambda>"], lambdas[0]) if lambdas else None):
        twin = through_json(thing)
    assert type(twin) is type(thing)
    assert twin.get_config() == thing.get_config()
    assert thing.get_config().keys() ^ arguments_of(use.documented) <= BESIDE


def test_every_public_class_is_tried_and_known():
    tried = {USES[name].documented for name, *_ in CASES}
    alone = {losses.Loss, metrics.Metric, metrics.OfArrays}  # of functions of one's own
    of_losses = {losses.Huber, losses.Hinge, losses.KLDivergence, metrics.AUC}
    assert PUBLIC - OF_ONES_OWN - set(OTHERS) - tried - alone - of_losses == set()
    assert {kind for kind in PUBLIC if KNOWN.get(kind.__name__) is not kind} == OF_ONES_OWN


OTHERS = {
    losses.Huber: {"delta": 0.3, "name": "mine"},
    losses.Hinge: {"name": "mine"},
    losses.MeanAbsolutePercentageError: {"name": "mine"},
    losses.KLDivergence: {"name": "mine"},
    metrics.Accuracy: {"name": "mine"},
    metrics.TopKCategoricalAccuracy: {"k": 2, "name": "mine"},
    metrics.SparseTopKCategoricalAccuracy: {"k": 2, "name": "mine"},
    metrics.AUC: {"num_thresholds": 3, "curve": "PR", "thresholds": [0.25, 0.5]},
    **{kind: {"learning_rate": 0.1, "clipnorm": 0.5} for kind in optimizers.OPTIMIZERS.values()},
}


@pytest.mark.parametrize("kind", OTHERS)
def test_losses_metrics_and_optimisers_come_back(kind):
    thing = kind(**OTHERS[kind])
    twin = through_json(thing)
    config = thing.get_config()
    assert config.keys() == arguments_of(kind)
    assert {name: meant(config[name]) for name in OTHERS[kind]} == OTHERS[kind]
    assert (twin.get_config(), repr(twin)) == (config, repr(thing))
    np.testing.assert_array_equal(getattr(twin, "option", 0), getattr(thing, "option", 0))


def test_an_optimiser_is_described_as_it_is_now():
    optimizer = tinylstm.Adam(0.5)
    optimizer.learning_rate, optimizer.beta_2 = 0.1, 0.75
    twin = through_json(optimizer)
    assert (twin.learning_rate, twin.beta_2, twin.epsilon) == (0.1, 0.75, 1e-7)


def test_a_layer_is_described_as_it_is_now():
    layer = Bidirectional(LSTM(3))
    layer.backward_layer.trainable, layer.name = False, "both"
    twin = through_json(layer)
    assert [part.trainable for part in twin.parts()] == [True, True, False, True]
    assert twin.name == "both"
    assert twin.backward_layer.get_config()["go_backwards"] is True


def test_a_copy_is_described_as_what_it_is_a_copy_of():
    layer = Bidirectional(LSTM(3, name="reader"))
    twin = layer.copy()
    assert twin.get_config() == layer.get_config()
    twin.forward_layer.trainable = False
    assert twin.get_config() != layer.get_config()
    assert layer.copy("float64").get_config()["dtype"] == "float64"


class Own(Dense):
    """Its constructor keeps nothing under the names of its arguments."""

    def __init__(self, factor, *, deep=None, **kwargs):
        super().__init__(2 * factor, **kwargs)


class Told(Own):
    """It says itself what it is made with, as in Keras."""

    def __init__(self, factor, extra):
        super().__init__(factor, name="told")
        self.extra = extra

    def get_config(self):
        return {"factor": 7, "extra": self.extra}


class Numbers:
    """An initialiser that derives from nothing."""

    def __init__(self, start):
        self.start = start

    def __call__(self, shape, rng):
        return np.full(shape, self.start)


class Unnamed(Dense):
    """Its arguments have no names."""

    def __init__(self, *sizes):
        super().__init__(sum(sizes))


VALUES = [
    *(None, True, 3, 2.5, "word", [1, [2]], (1, (2, 3)), {"a": (1,)}, {1: "b", (2,): None}),
    *({"tuple": 1}, float("inf"), float("-inf"), 10**40),
]


@pytest.mark.parametrize("value", VALUES, ids=repr)
def test_values_of_ones_own_arguments_come_back(value):
    with knowing({"Own": Own}):
        twin = through_json(Own(2, deep=value, kernel_initializer=initializers.ones))
    assert twin._arguments()["deep"] == value
    assert twin._arguments()["kernel_initializer"] is initializers.ones
    assert twin.units == 4


@pytest.mark.parametrize("dtype", ["bool", "int8", "uint64", "float32", "float64"])
def test_arrays_among_them_too(dtype):
    array = np.array([[0, 1], [1, 0]], dtype) / np.array(3, dtype) if dtype[0] == "f" else None
    array = np.array([[0, 1], [1, 0]], dtype) if array is None else array
    with knowing({"Own": Own}):
        twin = through_json(Own(2, deep=array))._arguments()["deep"]
    assert twin.dtype == array.dtype
    np.testing.assert_array_equal(twin, array)


def test_what_is_of_ones_own_comes_back_by_its_name():
    layers = [
        Told(3, extra=(1, 2)),
        Dense(2, kernel_initializer=Numbers(5.0)),
        *(RNN(cell, 3) for cell in OWN_CELLS),
    ]
    own = {"Told": Told, "Numbers": Numbers} | {cell.name: cell for cell in OWN_CELLS}
    with knowing(own):
        found = [through_json(layer) for layer in layers]
    assert (found[0].units, found[0].extra) == (14, (1, 2))
    assert found[1].kernel_initializer.start == 5
    assert [layer.cell for layer in found[2:]] == [layer.cell for layer in layers[2:]]


@pytest.mark.parametrize(
    ("layer", "name"),
    [
        (Own(2), "Own"),
        (Dense(2, kernel_initializer=Numbers(1)), "Numbers"),
        (Dense(2, bias_initializer=lambda shape, rng: np.ones(shape)), "<lambda>"),
        (RNN(OWN_CELLS[0], 2), OWN_CELLS[0].name),
    ],
)
def test_without_it_the_name_and_the_way_out_are_said(layer, name):
    with refused(ValueError, repr(name)) as caught:
        through_json(layer)
    assert f'custom_objects={{"{name}": ' in str(caught.value)


def test_a_class_of_a_known_name_is_not_taken_for_the_known_one():
    class LSTM(tinylstm.LSTM):
        """One's own."""

    layer = LSTM(3)
    with refused(ValueError, "'LSTM'"):
        through_json(layer)
    with knowing({"LSTM": LSTM}):
        assert type(through_json(layer)) is LSTM


def test_arguments_without_names_need_a_description_of_ones_own():
    with pytest.raises(NotImplementedError, match="Unnamed has arguments without names"):
        Unnamed(1, 2).get_config()


def test_custom_objects_are_a_dict():
    with refused(TypeError, "custom_objects"), knowing([Own]):
        pass


def test_a_config_makes_the_same_and_refuses_what_the_constructor_refuses():
    config = LSTM(3, dropout=0.5).get_config()
    assert LSTM.from_config(config).get_config() == config
    with refused(ValueError, "dropout rate"):
        LSTM.from_config(config | {"dropout": 2.0})
    with refused(ValueError, "argument of LSTM"):
        LSTM.from_config(config | {"droppout": 0.5})


def test_nothing_is_deeper_than_it_may_be():
    deep = []
    for _ in range(60):
        deep = [deep]
    with refused(ValueError, "too deep"):
        Activation.from_config({"activation": deep})
