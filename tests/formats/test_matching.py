"""The weights of any file go into a model in one way: by place or by name, all or none."""

from pathlib import Path

import numpy as np
import pytest

from tests.snapshots import changed, refused, snapshot
from tinylstm import LSTM, Bidirectional, Dense, Dropout, Sequential
from tinylstm.formats import matching

pytestmark = pytest.mark.quick
PATH = Path("w.h5")


def model_of(units=4, names=("lstm", "dense")):
    layers = [LSTM(units, input_shape=(3, 2), name=names[0]), Dropout(0.5)]
    model = Sequential([*layers, Dense(1, name=names[1])])
    model.compile("adam", "mse")
    model.build((None, 3, 2))
    return model


def weights_of(model, *names):
    """What a file would have of a model, its layers under other names."""
    layers = [layer for layer in model.layers if layer.named_weights()]
    names = names or [layer.name for layer in layers]
    return [
        (name, type(layer).__name__, layer.get_weights())
        for name, layer in zip(names, layers, strict=True)
    ]


def test_layers_take_their_weights_by_their_places():
    model, other = model_of(), model_of()
    matching.load(model, weights_of(other, "a", "b"), PATH)
    assert (model.theta == other.theta).all()


def test_places_decide_where_names_say_otherwise():
    def of(*names):
        return Sequential([Dense(2, input_shape=(2,), name=names[0]), Dense(2, name=names[1])])

    model, other = of("a", "b"), of("b", "a")
    matching.load(model, weights_of(other), PATH)
    assert (model.theta == other.theta).all()
    matching.load(model, weights_of(other), PATH, by_name=True)
    assert (model.get_layer("a").weights["kernel"] == other.get_layer("a").weights["kernel"]).all()


def test_arrays_by_our_names_may_come_in_any_order():
    model, other = model_of(), model_of()
    found = [
        (layer, kind, dict(reversed(other.get_layer(layer).named_weights().items())))
        for layer, kind, _ in weights_of(other)
    ]
    matching.load(model, found, PATH)
    assert (model.theta == other.theta).all()


def test_layers_that_the_file_has_not_keep_their_weights_by_name():
    model, other = model_of(), model_of(names=("lstm", "out"))
    kept = model.get_layer("dense").get_weights()
    matching.load(model, weights_of(other), PATH, by_name=True)
    assert (model.get_layer("lstm").weights["bias"] == other.layers[0].weights["bias"]).all()
    np.testing.assert_equal(model.get_layer("dense").get_weights(), kept)


def test_names_that_are_all_others_are_refused():
    model = model_of()
    before = snapshot(model)
    for skip in (False, True):
        with refused(ValueError, "another model") as caught:
            matching.load(model, weights_of(model_of(), "a", "b"), PATH, True, skip)
        _, expected, received = str(caught.value).split("\n")
        assert "lstm/kernel (2, 16)" in expected
        assert "a/0 (2, 16)" in received
    assert changed(model, before) == []


def test_layers_of_one_name_are_told_apart_by_their_places_alone():
    model, other = model_of(), model_of()
    found = weights_of(other, "lstm", "lstm")
    matching.load(model, found, PATH)
    assert (model.theta == other.theta).all()
    before = snapshot(model)
    for some, by_name in ((found, True), ([*found, found[0]], False)):
        with refused(ValueError, "Layers in w.h5 have the same name"):
            matching.load(model, some, PATH, by_name)
    assert changed(model, before) == []


def test_layers_without_an_order_go_by_their_names():
    model, other = model_of(), model_of()
    found = [*reversed(weights_of(other))]
    pairs = matching.matched(model, found, PATH, in_order=False)
    assert [one.theirs for one in pairs] == [one.ours for one in pairs]
    assert all(map(np.array_equal, [one.values for one in pairs], other.get_weights()))
    with refused(ValueError, "another model"):
        matching.matched(model, weights_of(other, "a", "b"), PATH, in_order=False)


OTHERS = {  # what a file has, and what is said: of the model, of the file
    "wider": (
        lambda: weights_of(model_of(5), "a", "b"),
        ["lstm/kernel (2, 16)", "dense/kernel (4, 1)"],
        ["a/kernel (2, 20)", "a/bias (20,)", "b/kernel (5, 1)"],
    ),
    "fewer layers": (
        lambda: weights_of(model_of())[:1],
        ["dense/kernel (4, 1), dense/bias (1,)"],
        ["a file without them"],
    ),
    "more layers": (
        lambda: [*weights_of(model_of()), ("more", None, [np.zeros(3), np.zeros(2)])],
        ["nothing else"],
        ["more/0 (3,), more/1 (2,)"],
    ),
    "fewer arrays": (
        lambda: [("a", None, weights_of(model_of())[0][2][:2]), weights_of(model_of())[1]],
        ["lstm/kernel (2, 16), lstm/recurrent_kernel (4, 16), lstm/bias (16,)"],
        ["a/kernel (2, 16), a/recurrent_kernel (4, 16)"],
    ),
    "more arrays": (
        lambda: [weights_of(model_of())[0], ("b", None, [np.zeros((4, 1)), *2 * [np.zeros(1)]])],
        ["dense/kernel (4, 1), dense/bias (1,)"],
        ["b/kernel (4, 1), b/bias (1,), b/2 (1,)"],
    ),
}


@pytest.mark.parametrize("case", OTHERS)
def test_what_does_not_fit_is_named_and_nothing_is_taken(case):
    make, ours, theirs = OTHERS[case]
    model = model_of()
    before = snapshot(model)
    with refused(ValueError, "The weights in w.h5 are those of another model") as caught:
        matching.load(model, make(), PATH)
    _, expected, received = str(caught.value).split("\n")
    assert all(words in expected for words in ours)
    assert all(words in received for words in theirs)
    assert changed(model, before) == []


@pytest.mark.parametrize("by_name", [False, True])
def test_what_does_not_fit_is_left_where_that_is_wanted(by_name):
    model, other = model_of(), model_of(5)
    found = weights_of(other)
    found[1] = ("dense", "Dense", [np.zeros((4, 1)), np.full(1, 7.0)])
    found[0][2][2] = np.full(16, 3.0)
    kept = model.get_weights()
    with pytest.warns(UserWarning, match="stays as it was") as said:
        matching.load(model, found, PATH, by_name, skip_mismatch=True)
    assert [str(one.message).partition(" (")[0] for one in said] == [
        "lstm/kernel",
        "lstm/recurrent_kernel",
    ]
    now = model.get_weights()
    np.testing.assert_equal(now[:2], kept[:2])
    assert [array.flat[0] for array in now[2:]] == [3, 0, 7]


def test_another_number_of_arrays_leaves_the_whole_layer():
    model = model_of()
    kept = model.layers[0].get_weights()
    found = [("lstm", None, [np.zeros((2, 16))]), ("dense", None, [np.ones((4, 1)), np.ones(1)])]
    with pytest.warns(UserWarning, match="has lstm/kernel .2, 16. in its place"):
        matching.load(model, found, PATH, skip_mismatch=True)
    np.testing.assert_equal(model.layers[0].get_weights(), kept)
    assert (model.layers[-1].weights["kernel"] == 1).all()


def test_another_number_of_layers_is_refused_by_place_in_any_case():
    model = model_of()
    before = snapshot(model)
    with refused(ValueError, "those of another model"):
        matching.load(model, weights_of(model_of())[:1], PATH, skip_mismatch=True)
    assert changed(model, before) == []


def test_a_number_that_is_not_finite_changes_nothing():
    model, found = model_of(), weights_of(model_of())
    found[1][2][1][0] = np.nan
    before = snapshot(model)
    with refused(ValueError, "'dense/bias' in w.h5 holds a value that is not finite"):
        matching.load(model, found, PATH)
    assert changed(model, before) == []


def test_the_directions_of_a_layer_are_told_apart():
    def of():
        return Sequential([Bidirectional(LSTM(2), input_shape=(3, 2))])

    model, other = of(), of()
    matching.load(model, weights_of(other, "b"), PATH)
    assert (model.theta == other.theta).all()


def test_a_model_without_weights_takes_none_and_no_others():
    model = Sequential([Dropout(0.5, input_shape=(2,))])
    model.build((None, 2))
    matching.load(model, [], PATH)
    matching.load(model, [], PATH, by_name=True)
    with refused(ValueError, "another model"):
        matching.load(model, weights_of(model_of()), PATH)
