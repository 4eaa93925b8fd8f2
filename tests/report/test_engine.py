"""The forward pass of the page, in a browser: every array is that of the engine, within 1e-5.

All passes go through one page: it takes longer to open than to compute them.
"""

import json

import numpy as np
import pytest

from tests.every_layer import N, samples_for
from tests.models import random_states, randomize
from tests.own_cells import peephole
from tinylstm import (
    GRU,
    LSTM,
    RNN,
    Dense,
    Embedding,
    Masking,
    Reshape,
    Sequential,
    activation,
)
from tinylstm.report.network import described, weights_of

from .engine_models import CELLS, GROUPS, MODES, D, T, V, built

B = 2  # samples of a batch
BOUND = 1e-5
RUN = """async (cases) => {
  const { forward } = await import("engine/model.js");
  const { Numbers } = await import("numbers.js");
  const array = ({ numbers, shape }) => new Numbers(Float32Array.from(numbers), shape);
  const read = (text) => JSON.parse(text, (_, one) => one?.numbers ? array(one) : one);
  const lists = (found) => found instanceof Numbers ? [found.shape, [...found.values]]
    : Object.fromEntries(Object.entries(found).map(([name, one]) => [name, lists(one)]));
  return read(cases).map(({ model, x, ...options }) => lists(forward(model, x, options)));
}"""


def sent(array):
    return {"shape": array.shape, "numbers": array.ravel().tolist()}


def received(found):
    """The arrays of nested lists (shape, numbers)."""
    if isinstance(found, dict):
        return {name: received(one) for name, one in found.items()}
    return np.array(found[1], np.float64).reshape(found[0])  # a whole number comes as int


def case(model, x, starts=None, **options):
    """What the browser is told to run: all of it is what the page holds."""
    weights = {name: sent(array) for name, array in weights_of(model).items()}
    told = {"model": described(model) | {"weights": weights}, "x": sent(x)}
    if starts is not None:
        names = {layer.name: layer.state_names for layer in model.state.layers}
        told["starts"] = {
            layer: {k: sent(a) for k, a in zip(names[layer], arrays, strict=True)}
            for layer, arrays in starts.items()
        }
    return told | options


def traced(model, x, batch):
    """Batch for batch, as `predict` goes: what the engine has of all samples, by name.

    At a masked step there is neither z nor a gate: NaN here, as on the page.
    """
    found = {}
    for start in range(0, len(x), batch):
        piece = x[start : start + batch]
        for name, array in arrays_of(model.trace(piece)).items():
            found.setdefault(name, []).append(array)
        model.predict_on_batch(piece)  # hands the state on
    return {name: np.concatenate(arrays) for name, arrays in found.items()}


def arrays_of(trace):
    """{"y": ..., "lstm h": ...} of a trace."""
    found = {"y": trace.y}
    for layer, one in trace.items():
        for name in ("z", "z_h", *one.gate_names, *one.state_names):
            if hasattr(one, name):
                array = getattr(one, name).copy()
                if name not in one.state_names:
                    array[one.masked] = np.nan
                found[f"{layer} {name}"] = array
    return found


def on_page(found):
    """The same of what the browser returned."""
    found = received(found)
    layers = {f"{layer} {k}": a for layer, own in found["layers"].items() for k, a in own.items()}
    return {"y": found["y"]} | layers


def assert_same(expected, found, words=""):
    for name, array in expected.items():
        what = f"{words}: {name}"
        assert found[name].shape == array.shape, what
        np.testing.assert_array_equal(np.isnan(found[name]), np.isnan(array), err_msg=what)
        there, array = np.nan_to_num(found[name]), np.nan_to_num(array)
        size = max(1.0, np.abs(array).max())
        np.testing.assert_allclose(there, array, rtol=0, atol=BOUND * size, err_msg=what)


def small(model, rng):
    """The model with random weights, half as large as usual: not every activation has an end."""
    randomize(model, rng)
    model.set_weights([weight / 2 for weight in model.get_weights()])
    return model


@pytest.fixture(scope="module")
def run(sources):
    """Runs cases in the browser, all in one call."""
    return lambda cases: [on_page(found) for found in sources.evaluate(RUN, json.dumps(cases))]


@pytest.mark.parametrize("group", GROUPS, ids=lambda group: group.__name__)
def test_every_array_of_every_model_is_that_of_the_engine(run, rng, group):
    made = {name: small(model, rng) for name, model in group()}
    x = {name: samples_for(model, rng) for name, model in made.items()}
    found = run([case(model, x[name], batch=B) for name, model in made.items()])
    for (name, model), arrays in zip(made.items(), found, strict=True):
        assert_same(traced(model, x[name], B), arrays, name)


def pair(kind, rng, **settings):
    """Two layers and a Dense, every step put out."""
    layers = [kind(4, return_sequences=True, **settings), GRU(3, return_sequences=True, **settings)]
    model = Sequential([*layers, Dense(2)])
    model.build((None, None, D))
    return randomize(model, rng)


@pytest.mark.parametrize("name", CELLS)
def test_a_pass_starts_from_the_states_that_are_given(run, rng, name):
    model, x = pair(CELLS[name], rng), rng.normal(size=(N, T, D))
    states = random_states(model, N, rng)
    (found,) = run([case(model, x, states)])
    assert_same(arrays_of(model.trace(x, states)), found)


@pytest.mark.parametrize("first", [None, "Masking", "Embedding"])
def test_a_mask_that_is_given_holds_steps(run, rng, first):
    """Beside those that the first layer masks."""
    model, x = pair(LSTM, rng), rng.normal(size=(N, T, D))
    if first == "Masking":
        model = randomize(built([Masking(-1.0), GRU(3, return_sequences=True)]), rng)
        x[0, 1] = x[2, 4] = -1
    elif first == "Embedding":
        model = randomize(built([Embedding(V, 4, mask_zero=True), LSTM(3)]), rng)
        x = samples_for(model, rng)
    mask = rng.random((N, T)) < 0.6
    (found,) = run([case(model, x, mask=mask.ravel().tolist())])
    assert_same(arrays_of(model.trace(x, mask=mask)), found)


def test_the_state_of_a_stateful_model_goes_on(run, rng):
    """Also in lanes that begin with the states of calls before."""
    model, x = pair(LSTM, rng, stateful=True), rng.normal(size=(2 * N, T, D))
    model.predict(x[:N], batch_size=B)
    (found,) = run([case(model, x[N:], model.get_states(), batch=B)])
    assert_same(traced(model, x[N:], B), found)


def test_what_is_of_ones_own_is_said(rng):
    @activation
    def twice(x, y):
        y[:] = 2 * x

    @twice.backward
    def twice_backward(dy, dx):
        dx[:] = 2 * dy

    model = built([RNN(peephole, 3, name="own"), Dense(2, twice), Dense(2, "elu", name="ours")])
    assert described(model)["unknown"] == ["own", "dense/activation"]


class TestChanges:
    """What follows from a change on the page is what the engine makes of it.

    The engine knows no changes: it is given the other input or weights; where something changes at
    a step, it runs the steps before and those from there on, one call after the other.
    """

    def test_of_an_input(self, run, rng):
        model, x = pair(LSTM, rng), rng.normal(size=(N, T, D))
        change = {"kind": "input", "sample": 1, "time": 2, "feature": 1, "value": 0.75}
        (found,) = run([case(model, x, changes=[change])])
        x[1, 2, 1] = 0.75
        assert_same(arrays_of(model.trace(x)), found)

    def test_of_a_number_of_an_embedding(self, run, rng):
        model = randomize(built([Embedding(V, 4, mask_zero=True), LSTM(3), Dense(2)]), rng)
        x = samples_for(model, rng)
        changes = [
            {"kind": "input", "sample": n, "time": t, "feature": 0, "value": value}
            for n, t, value in ((0, 1, 0), (3, 4, 5))
        ]
        (found,) = run([case(model, x, changes=changes)])
        x[0, 1], x[3, 4] = 0, 5
        assert_same(arrays_of(model.trace(x)), found)

    def test_of_samples_without_steps(self, run, rng):
        model = Sequential([Dense(6, input_shape=(D,)), Reshape((3, 2)), LSTM(2)])
        x, change = rng.normal(size=(N, D)), {"sample": 2, "time": 0, "feature": 1, "value": 2.0}
        (found,) = run([case(randomize(model, rng), x, changes=[{"kind": "input"} | change])])
        x[2, 1] = 2.0
        assert_same(arrays_of(model.trace(x)), found)

    @pytest.mark.parametrize("kind", CELLS)
    def test_of_weights(self, run, rng, kind):
        model, x = pair(CELLS[kind], rng), rng.normal(size=(N, T, D))
        names, weights = list(weights_of(model)), model.get_weights()
        changes = []
        for name, weight in zip(names, weights, strict=True):
            index = int(rng.integers(weight.size))
            weight.flat[index] = 1.5
            changes.append({"kind": "weight", "name": name, "index": index, "value": 1.5})
        (found,) = run([case(model, x, changes=changes)])
        model.set_weights(weights)
        assert_same(arrays_of(model.trace(x)), found)

    @pytest.mark.parametrize("mode", MODES)
    @pytest.mark.parametrize("kind", CELLS)
    def test_of_a_state(self, run, rng, kind, mode):
        """Lanes are as long as the mode makes them: the change reaches samples behind it too."""
        model, x = pair(CELLS[kind], rng, state_mode=mode), rng.normal(size=(N, T, D))
        first = model.layers[0]
        changes = [
            {"kind": "state", "layer": first.name, "state": name, "unit": unit, "value": 0.9}
            | {"sample": 1, "time": 2}
            for name, unit in zip(first.state_names, (3, None), strict=False)
        ]
        (found,) = run([case(model, x, changes=changes, batch=B)])

        def changed(model, states):
            for change in changes:
                array = states[first.name][first.state_names.index(change["state"])]
                array[:, slice(None) if change["unit"] is None else change["unit"]] = 0.9

        assert_same(in_two(pair, kind, model, x, mode, changed), found)

    @pytest.mark.parametrize("mode", MODES)
    @pytest.mark.parametrize(
        ("kind", "gate"),
        [(name, gate) for name, kind in CELLS.items() for gate in kind(1).gate_names],
    )
    def test_of_a_gate_that_is_held(self, run, rng, kind, gate, mode):
        model, x = pair(CELLS[kind], rng, state_mode=mode), rng.normal(size=(N, T, D))
        first = model.layers[0]
        units = {0: 0.3, 2: 0.8}
        changes = [
            {"kind": "gate", "layer": first.name, "gate": gate, "unit": unit, "value": value}
            | {"sample": 1, "time": 2}
            for unit, value in units.items()
        ]
        (found,) = run([case(model, x, changes=changes, batch=B)])

        def changed(model, states):
            hold(model.layers[0], gate, units)

        expected = in_two(pair, kind, model, x, mode, changed)
        assert_same({k: a for k, a in expected.items() if k != f"{first.name} z"}, found)

    def test_of_a_gate_of_all_units_backwards(self, run, rng):
        """From a step on means: in the order of processing, to the first step of the sample."""
        model, x = pair(LSTM, rng, go_backwards=True), rng.normal(size=(1, T, D))
        change = {"kind": "gate", "layer": "lstm", "gate": "f", "unit": None, "value": 1}
        (found,) = run([case(model, x, changes=[change | {"sample": 0, "time": 2}])])
        np.testing.assert_array_equal(found["lstm f"][0, :3], 1)
        usual = model.trace(x)["lstm"].f
        np.testing.assert_allclose(found["lstm f"][0, 3:], usual[0, 3:], rtol=0, atol=BOUND)


def in_two(make, kind, model, x, mode, changed):
    """The arrays of a model in which something changes at step 2 of sample 1, in its lane.

    A lane is one long sample here, and the changed(model, states) ones are run apart.
    """
    lanes = {
        "stateless": [[0], [1], [2], [3]],
        "batch_carried": [[0, 1], [2, 3]],
        "stateful": [[0, 2], [1, 3]],
    }[mode]
    usual, other = (make(CELLS[kind], np.random.default_rng(0)) for _ in range(2))
    found = {}
    for lane in lanes:
        usual.set_weights(model.get_weights())
        other.set_weights(model.get_weights())
        sequence = x[lane].reshape(1, -1, D)
        at = lane.index(1) * T + 2 if 1 in lane else sequence.shape[1]
        before = usual.trace(sequence[:, :at])
        pieces = [arrays_of(before)]
        if 1 in lane:
            changed(other, before.states)
            pieces.append(arrays_of(other.trace(sequence[:, at:], before.states)))
        for name in pieces[0]:
            whole = np.concatenate([piece[name] for piece in pieces], axis=1)
            for k, n in enumerate(lane):
                found.setdefault(name, {})[n] = whole[0, k * T : (k + 1) * T]
    return {name: np.stack([arrays[n] for n in range(N)]) for name, arrays in found.items()}


def hold(layer, gate, units):
    """Weights with which a gate of some units is a number, whatever comes in."""
    k = layer.gate_names.index(gate)
    before = np.arctanh if gate == "g" else (lambda a: np.log(a / (1 - a)))
    W, U, b = (weight.copy() for weight in layer.get_weights())
    b = np.atleast_2d(b)
    for unit, value in units.items():
        column = k * layer.units + unit
        W[:, column], U[:, column], b[:, column] = 0, 0, 0
        b[0, column] = before(value)
    layer.set_weights([W, U, b.reshape(layer.get_weights()[2].shape)])
