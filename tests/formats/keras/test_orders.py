"""In which order the layers of a file of weights are a model's: looked for, and refused where there
is none, or more than one."""

import pytest

from tests.snapshots import changed, refused, snapshot
from tinylstm import GRU, LSTM, Dense, Sequential
from tinylstm.formats import hdf5
from tinylstm.formats.keras.orders import as_in_model
from tinylstm.formats.keras.places import layers_of

pytestmark = pytest.mark.quick
STEPS = {"return_sequences": True}
KINDS = {"dense": (Dense, {}), "lstm": (LSTM, STEPS), "gru": (GRU, STEPS)}


def model_of(*layers):
    """A built model of layers, (class, units, name)."""
    made = [(*KINDS[kind], units, name) for kind, units, name in layers]
    model = Sequential([kind(units, name=name, **options) for kind, options, units, name in made])
    model.build((None, 3, 2))
    return model


def group(name, *arrays):
    """A layer's group, with its name and variables."""
    variables = {str(k): array for k, array in enumerate(arrays)}
    return hdf5.Group({"vars": hdf5.Group(variables, {"name": name} if name else {})})


def model_group(name, **groups):
    """A model's group."""
    return hdf5.Group({"layers": hdf5.Group(groups), "vars": hdf5.Group({}, {"name": name})})


def of_layer(model, name, called=""):
    """The group of a layer of a model, under its own name or another one."""
    return group(called or name, *model.get_layer(name).get_weights())


def order(model, **groups):
    """Names of the layers of a file in the order of a model."""
    stored = layers_of(hdf5.Group({"layers": hdf5.Group(groups)}))
    return [one.name for one in as_in_model(model, stored, "w.weights.h5")]


def test_a_model_within_the_model_stands_where_its_classes_do():
    model = model_of(("dense", 2, "a"), ("lstm", 3, "b"), ("dense", 3, "c"), ("gru", 2, "d"))
    a, b, c, d = (of_layer(model, name, f"of {name}") for name in "abcd")
    expected = ["of a", "of b", "of c", "of d"]
    assert order(model, dense=a, sequential=model_group("m", lstm=b, dense=c), gru=d) == expected
    assert order(model, sequential=model_group("m", dense=a, lstm=b), dense=c, gru=d) == expected


@pytest.mark.parametrize("inner", "abc")
def test_shapes_decide_between_layers_of_one_class(inner):
    model = model_of(("dense", 4, "a"), ("dense", 3, "b"), ("dense", 2, "c"))
    own = {name: of_layer(model, name, f"of {name}") for name in "abc"}
    within = model_group("m", dense=own.pop(inner))
    first, second = own.values()
    expected = ["of a", "of b", "of c"]
    assert order(model, dense=first, dense_1=second, sequential=within) == expected


def test_names_decide_between_layers_of_one_shape():
    model = model_of(*(("dense", 2, name) for name in ("a", "m_b", "b", "c")))
    a, inner, b, c = (of_layer(model, name) for name in ("a", "m_b", "b", "c"))
    inner["vars"].attributes["name"] = "b"  # as load_model calls it where the name is there twice
    inner = model_group("m", dense=inner)
    assert order(model, sequential=inner, dense=a, dense_1=b, dense_2=c) == ["a", "b", "b", "c"]


def test_layers_that_no_name_tells_apart_are_refused(tmp_path):
    model = model_of(("dense", 2, "a"), ("dense", 2, "b"))
    a, b = (of_layer(model, name, f"of {name}") for name in "ab")
    tree = hdf5.Group({"layers": hdf5.Group({"dense": a, "sequential": model_group("m", dense=b)})})
    hdf5.write(tmp_path / "w.weights.h5", tree)
    model.compile("sgd", "mse")
    before = snapshot(model)
    with refused(ValueError, "does not say in which order its layers are") as caught:
        model.load_weights(tmp_path / "w.weights.h5")
    assert "Expected: by_name=True; " in str(caught.value)
    assert "of a (dense), of b (sequential/dense)" in str(caught.value)
    assert changed(model, before) == []


def test_names_are_no_way_out_where_a_file_has_none():
    """As before Keras 3.6."""
    model = model_of(("dense", 2, "a"), ("dense", 2, "b"))
    a, b = (group("", *layer.get_weights()) for layer in model.layers)
    inner = hdf5.Group({"layers": hdf5.Group({"dense": b})})
    with refused(ValueError, "does not say in which order its layers are") as caught:
        order(model, dense=a, sequential=inner)
    assert "Expected: tinylstm.load_model, of a whole model" in str(caught.value)


@pytest.mark.parametrize("names", [(None, None), ("lstm_cell", "gru_cell")])
def test_cells_of_one_layer_stand_for_layers(names):
    model = model_of(("lstm", 3, "rnn_lstm_cell"), ("gru", 2, "rnn_gru_cell"), ("lstm", 2, "last"))
    first, second, last = (layer.get_weights() for layer in model.layers)
    cells = {"lstm_cell": group(names[0], *first), "gru_cell": group(names[1], *second)}
    rnn = hdf5.Group({"cell": hdf5.Group({"cells": hdf5.Group(cells)})})
    single = hdf5.Group({"cell": group("", *last)})
    expected = ["rnn_lstm_cell", "rnn_gru_cell", "rnn"]
    assert order(model, rnn=rnn, rnn_1=single) == expected


def test_layers_of_other_classes_are_refused():
    model = model_of(("lstm", 3, "a"), ("dense", 2, "b"))
    for groups in ({}, {"gru": of_layer(model, "a"), "dense": of_layer(model, "b")}):
        with refused(ValueError, "are those of another model"):
            order(model, **groups)


def test_many_layers_in_many_models_take_no_time():
    """The ways are counted in steps, not one by one."""
    model = model_of(*(("dense", 2 + k % 7, f"d{k}") for k in range(60)))
    groups = {}
    for k, layer in enumerate(model.layers):
        own = group(f"d{k}", *layer.get_weights())
        inner, number = k % 2, k // 2
        name = ("sequential" if inner else "dense") + (f"_{number}" if number else "")
        groups[name] = model_group(f"m{k}", dense=own) if inner else own
    assert order(model, **groups) == [f"d{k}" for k in range(60)]
