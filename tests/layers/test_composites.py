"""Layers made of others do all that a layer does: names, files, copies, states, calls, traces."""

import numpy as np
import pytest
from safetensors.numpy import load_file

from tests.models import Draw, randomize
from tests.snapshots import changed, refused, snapshot
from tests.tolerances import NAIVE, assert_close
from tinylstm import (
    LSTM,
    Activation,
    Bidirectional,
    Dense,
    Dropout,
    Flatten,
    Masking,
    RepeatVector,
    Reshape,
    Sequential,
    TimeDistributed,
)
from tinylstm.plotting.recording import StateRecorder

uncompiled = pytest.mark.uncompiled
EXACT = NAIVE["float64"]
B, T, D, H, K = 3, 4, 2, 5, 6
NAMES = {
    f"bidirectional/{way}_{tensor}": shape
    for way in ("forward", "backward")
    for tensor, shape in (
        ("kernel", (D, 4 * H)),
        ("recurrent_kernel", (H, 4 * H)),
        ("bias", (4 * H,)),
    )
} | {"time_distributed/kernel": (2 * H, K), "time_distributed/bias": (K,)}


def model_of(rng, dtype="float64", **lstm):
    """Both directions and a Dense at every step, compiled, with random numbers everywhere."""
    lstm = {"return_sequences": True, "stateful": True} | lstm
    layers = [
        Masking(batch_input_shape=(B, T, D)),
        Bidirectional(LSTM(H, **lstm)),
        TimeDistributed(Dense(K, activation="softmax")),
    ]
    model = randomize(Sequential(layers, dtype=dtype), rng)
    model.compile("adam", "categorical_crossentropy", metrics=["accuracy"])
    return model


def data(rng, samples=B):
    """Samples with masked steps, and targets."""
    x = rng.normal(size=(samples, T, D))
    x[0, 0] = x[1, 2:] = 0
    return x, np.eye(K)[rng.integers(K, size=(samples, T))]


@uncompiled
def test_parameters_have_names_by_direction(rng):
    model = model_of(rng)
    found = {
        f"{layer.name}/{name}": array.shape
        for layer in model.layers
        for name, array in layer.weights.items()
    }
    assert found == NAMES
    np.testing.assert_array_equal(model.get_weights()[4], model.layers[1].get_weights()[4])


def test_weights_go_through_a_file_by_these_names(rng, tmp_path):
    model, other = model_of(rng), model_of(rng, dtype="float32")
    model.save_weights(tmp_path / "both.safetensors")
    found = load_file(tmp_path / "both.safetensors")
    assert {name: array.shape for name, array in found.items()} == NAMES
    other.load_weights(tmp_path / "both.safetensors")
    for a, b in zip(other.get_weights(), model.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b.astype(np.float32))


@uncompiled
def test_a_copy_is_a_model_of_its_own_and_goes_on_alike(rng):
    model, (x, y) = model_of(rng), data(rng)
    model.fit(x, y, verbose=0)
    twin = model.copy()
    before = snapshot(model)
    same = {"layers", "history"}  # parts have names of their own model; a copy has no history
    assert set(changed(twin, before)) <= same
    twin.fit(x, y, epochs=2, verbose=0)
    assert changed(model, before) == []
    assert np.abs(twin.theta - model.theta).max() > 1e-4
    model.fit(x, y, epochs=2, verbose=0)
    np.testing.assert_array_equal(twin.theta, model.theta)
    np.testing.assert_array_equal(twin.state.values, model.state.values)


@uncompiled
def test_states_go_out_and_in_by_direction(rng):
    model, (x, _) = model_of(rng), data(rng)
    model.predict(x)
    states = model.get_states()
    names = ["bidirectional/forward_lstm", "bidirectional/backward_lstm"]
    assert list(states) == names
    y = model.predict(x)
    model.set_states(states)
    np.testing.assert_array_equal(model.predict(x), y)
    model.set_states([a for arrays in states.values() for a in arrays])
    np.testing.assert_array_equal(model.predict(x), y)
    model.set_states({names[1]: states[names[1]]})
    assert not np.any(model.get_states()[names[0]])
    model.predict(x)
    model.reset_states(rows=[1])
    for arrays in model.get_states().values():
        for a in arrays:
            assert not a[1].any()
            assert a[[0, 2]].all()
    model.layers[1].reset_state()
    assert not any(a.any() for arrays in model.get_states().values() for a in arrays)


@uncompiled
def test_a_trace_shows_both_directions_in_time_order(rng):
    model, (x, _) = model_of(rng), data(rng)
    y = model.copy().layers[1](x, mask=np.any(x, axis=-1))
    trace = model.trace(x)
    forward, backward = (trace[name] for name in model.get_states())
    assert_close(y[2], np.concatenate([forward.h[2], backward.h[2]], axis=-1), EXACT)
    held = np.zeros((B, T), bool)
    held[0, 0] = held[1, 2:] = True
    assert not y[held].any()
    model.backward(rng.normal(size=(B, T, K)))
    assert not backward.dz[held].any()
    assert backward.dz[~held].any(axis=-1).all()


@pytest.mark.parametrize("way", ["forward", "backward"])
def test_a_recorder_follows_one_direction(rng, way):
    layers = [Masking(batch_input_shape=(B, T, D)), Bidirectional(LSTM(H, stateful=True))]
    model, x = randomize(Sequential(layers), rng), rng.normal(size=(2 * B, T, D))
    with StateRecorder(model, f"bidirectional/{way}_lstm") as recorder:
        model.predict(x, batch_size=B)
        h, _ = model.get_states()[f"bidirectional/{way}_lstm"]
    assert [batch.sources for batch in recorder.batches] == [
        ["zeros"] * B,
        [(0, row) for row in range(B)],
    ]
    assert_close(recorder.batches[1].h[1], np.sqrt(np.mean(h**2, axis=1)), NAIVE["float32"])


@uncompiled
def test_a_layer_that_does_not_fit_is_named_with_its_part():
    with refused(ValueError, "Layer 'both/forward_lstm' reads sequences"):
        Sequential([Bidirectional(LSTM(2), name="both", input_shape=(3,))])


@uncompiled
def test_a_layer_that_is_called_goes_on_from_its_states_and_may_be_given_some(rng):
    model, (x, _) = model_of(rng), data(rng)
    layer = model.layers[1]
    first = layer(x)
    assert np.abs(layer(x) - first).max() > 0.01
    zeros = [np.zeros((B, H))] * 4
    np.testing.assert_array_equal(layer(x, initial_state=zeros), first)


@uncompiled
def test_a_layer_alone_builds_itself_on_first_data(rng):
    x = rng.normal(size=(B, T, D))
    both = Bidirectional(LSTM(H), merge_mode="ave")
    assert both(x).shape == (B, H)
    assert TimeDistributed(Dense(K, activation="tanh"))(x).shape == (B, T, K)
    model = Sequential([Bidirectional(LSTM(H), merge_mode="ave")])
    model.build((None, T, D))
    model.set_weights(both.get_weights())
    np.testing.assert_array_equal(model.predict(x), both(x))


@uncompiled
def test_layers_added_behind_it_keep_its_weights(rng):
    model, (x, _) = model_of(rng), data(rng)
    weights, y = model.get_weights(), model.forward(x)
    model.add(Dropout(0.5))
    model.add(Bidirectional(LSTM(2)))
    for a, b in zip(model.get_weights(), weights, strict=False):
        np.testing.assert_array_equal(a, b)
    assert len(model.get_weights()) == len(weights) + 6
    assert model.layers[-1].name == "bidirectional_1"
    model.pop()
    np.testing.assert_array_equal(model.forward(x), y)


@uncompiled
def test_the_summary_shows_it_as_one_layer(rng, capsys):
    model_of(rng).summary()
    out = capsys.readouterr().out
    (row,) = [line for line in out.splitlines() if line.startswith("bidirectional")]
    assert f"({B}, {T}, {2 * H})" in row
    assert f"{2 * (D + H + 1) * 4 * H:,}" in row
    assert "stateful" in row
    (row,) = [line for line in out.splitlines() if line.startswith("time_distributed")]
    assert f"{(2 * H + 1) * K:,}" in row


@uncompiled
def test_a_wrapper_takes_the_dtype_of_the_layer_in_it():
    layers = [Bidirectional(LSTM(2, dtype="float64"), input_shape=(T, D))]
    assert Sequential(layers).predict(np.zeros((1, T, D))).dtype == np.float64


@uncompiled
@pytest.mark.parametrize(
    "layer",
    [
        lambda: LSTM(3, dtype="float64"),
        lambda: Dense(3, "tanh", dtype="float64"),
        lambda: Bidirectional(LSTM(3, dtype="float64")),
        lambda: TimeDistributed(Dense(3, dtype="float64")),
    ],
)
def test_a_copy_of_a_layer_has_its_dtype_unless_another_is_named(layer):
    assert layer().copy().dtype == "float64"
    assert layer().copy("float32").dtype == "float32"
    assert layer().copy()(np.zeros((1, T, D))).dtype == np.float64


@uncompiled
def test_gradients_of_an_input_are_made_only_where_something_below_learns(rng):
    """In training, a layer that only hands a gradient down does nothing where nobody reads it."""
    layers = [Masking(), Dropout(0.5), Bidirectional(LSTM(H), input_shape=(T, D)), Dense(K, "tanh")]
    model = Sequential(layers, dtype="float64")
    model.build((None, T, D))
    parts = ["masking", "dropout", "fork", "forward", "backward", "merge", "dense", "tanh"]
    alone = model.network.program(T, B, 1)
    assert dict(zip(parts, alone.table["need_dx"].tolist(), strict=True)) == {
        **dict.fromkeys(parts[:5], 0),
        **dict.fromkeys(parts[5:], 1),
    }
    assert model.network.program(T, B, 1, study=True).table["need_dx"].all()


SILENT = {  # first in a model, each makes nothing but dx
    "masking": lambda: [Masking()],
    "dropout": lambda: [Dropout(0.5)],
    "activation": lambda: [Activation("tanh")],
    "softmax": lambda: [Activation("softmax")],
    "reshape": lambda: [Reshape((D, T))],
    "fork": lambda: [Bidirectional(LSTM(2))],
    "repeat": lambda: [Flatten(), RepeatVector(2)],
}


@uncompiled
@pytest.mark.parametrize("name", SILENT)
def test_a_gradient_that_nobody_reads_is_not_written(rng, name):
    model = Sequential([*SILENT[name](), Flatten(), Dense(1)], dtype="float64")
    if name == "fork":
        model = Sequential(SILENT[name](), dtype="float64")
    model.build((None, T, D))
    model.compile("sgd", "mse")
    y = np.zeros((B, *model.output_shape[1:]))
    program, gradients = model.network.program(T, B, 1), []
    for row in program.table[~program.table["need_dx"].astype(bool)]:
        size = B * int(row["steps"]) * int(row["fan_in"])
        gradients.append(program.view(int(row["dx"]), (size,)))
        gradients[-1][:] = 7
    model.train_on_batch(rng.normal(size=(B, T, D)), y)
    assert program is model.network.program(T, B, 1)
    assert gradients
    for dx in gradients:
        assert (dx == 7).all()


@uncompiled
def test_a_part_that_is_not_trained_stays():
    d = Draw((2, 3, 1, 4, 5), 1)
    both = Bidirectional(LSTM(d.H))
    both.backward_layer.trainable = False
    model = d.model(both, Dense(d.K), loss="mse")
    before = model.get_weights()
    model.fit(d.x(), d.shares(d.B), verbose=0)
    for k, (a, b) in enumerate(zip(model.get_weights(), before, strict=True)):
        assert (a == b).all() == (3 <= k < 6), k
