"""What the page computes anew is what was recorded of the model, whichever samples are shown."""

import json

import numpy as np
import pytest

from tests.models import randomize
from tests.own_cells import peephole
from tinylstm import (
    GRU,
    LSTM,
    RNN,
    Bidirectional,
    Dense,
    Embedding,
    Masking,
    RepeatVector,
    Sequential,
)
from tinylstm.report import network
from tinylstm.report.contents import contents
from tinylstm.report.page import encoded
from tinylstm.report.subject import UNITS

from .subjects import subject_of

N, T, D, B = 8, 5, 2, 4
AGAIN = """async (text) => {
  const { read } = await import("numbers.js");
  const { passOf } = await import("engine/run.js");
  const data = read(text), page = { data, weights: data.network.weights };
  const found = passOf(page);
  const names = ["x", "y_hat", ...Object.keys(page.data.gates.arrays)];
  return names.map((name) => [name, found.array(name).shape, [...found.array(name).values]]);
}"""
MODELS = {
    "stateless": [LSTM(4), Dense(3, "softmax")],
    "stateful": [LSTM(4, stateful=True, return_sequences=True), GRU(3, stateful=True)],
    "batch_carried": [LSTM(4, state_mode="batch_carried", return_sequences=True), Dense(2)],
    "stateful and stateless": [LSTM(4, stateful=True, return_sequences=True), GRU(3), Dense(2)],
    "backwards": [LSTM(4, stateful=True, go_backwards=True, return_sequences=True), Dense(2)],
    "masked": [Masking(-1.0), Bidirectional(GRU(3, return_sequences=True)), LSTM(2)],
}
SHOWN = {
    "all": range(N),
    "the first batch": range(B),
    "some": [6, 1, 5, 2],
    "one": [7],
}


def subject(model, x, batch_size=B, samples=None):
    return subject_of(model, x, batch_size=batch_size, samples=samples)


def again(tab, held):
    """The arrays that the page computes from what it holds."""
    found = tab.evaluate(AGAIN, json.dumps(held, default=encoded))
    return {name: np.array(values, np.float64).reshape(shape) for name, shape, values in found}


def recorded(held):
    return held["gates"]["arrays"] | {name: held["input"][name] for name in ("x", "y_hat")}


def assert_same(held, found, bound=1e-5):
    for name, array in recorded(held).items():
        there = ~np.broadcast_to(masked_for(held, name), array.shape)
        np.testing.assert_allclose(found[name][there], array[there], 0, bound, err_msg=name)


def masked_for(held, name):
    """Where a gate means nothing: its step was masked."""
    layer, _, array = name.rpartition("/")
    of_gate = any(one["name"] == layer and array in one["gates"] for one in held["gates"]["layers"])
    return held["gates"]["arrays"][f"{layer}/masked"][..., None] if of_gate else False


@pytest.mark.parametrize("shown", SHOWN)
def test_a_pass_is_the_recorded_one(sources, rng, shown):
    for name, layers in MODELS.items():
        model = Sequential([layer.copy() for layer in layers])
        model.build((None, T, D))
        x = rng.normal(size=(N, T, D))
        x[1, 2] = x[6, 0] = -1
        held = contents(subject(randomize(model, rng), x, samples=[*SHOWN[shown]]))
        assert held["network"]["why"] is None, name
        assert_same(held, again(sources, held))


def test_of_a_wide_layer_the_shown_units_are_there(sources, rng):
    model = Sequential([LSTM(70, return_sequences=True, input_shape=(T, D)), LSTM(3)])
    held = contents(subject(model, rng.normal(size=(N, T, D))))
    assert held["gates"]["arrays"]["lstm/f"].shape == (N, T, UNITS)
    assert_same(held, again(sources, held))


def test_words_are_numbers_of_an_embedding(sources, rng):
    model = Sequential([Embedding(6, 3, mask_zero=True, input_shape=(T,)), LSTM(3), Dense(6)])
    held = contents(subject(model, rng.integers(0, 6, (N, T))))
    assert_same(held, again(sources, held))


def why(model, x):
    return network.part(subject(model, x))["why"]


def test_why_the_page_cannot_compute_is_a_sentence(rng, monkeypatch):
    x = rng.normal(size=(N, T, D))
    own = Sequential([RNN(peephole, 3, name="own", input_shape=(T, D))])
    assert why(own, x) == (
        "The page computes with layers and cells of tinylstm, none of one's own: own."
    )
    large = Sequential([LSTM(200, input_shape=(T, D))])
    assert why(large, x).startswith(f"The {large.count_params():,} weights are not on the page")
    long = Sequential([LSTM(2, input_shape=(450, 1))])
    said = "Of the 450 steps of a layer the first 150 are not on the page."
    assert why(long, np.zeros((2, 450, 1))) == said


@pytest.mark.parametrize("behind", [GRU(2, return_sequences=True), Dense(2)])
def test_a_part_with_more_steps_than_the_page_has_cannot_be_computed(rng, behind):
    model = Sequential([LSTM(2, input_shape=(T, D)), RepeatVector(450), behind.copy()])
    assert "450 steps of a layer" in why(model, rng.normal(size=(N, T, D)))
