"""The same seed gives the same bits; copies, late builds, frozen layers, dtypes, own results."""

import copy
import subprocess
import sys

import numpy as np
import pytest

import tinylstm
from tests.snapshots import changed, snapshot
from tests.tolerances import NAIVE, assert_close, bits
from tinylstm import LSTM, Dense, Dropout, Input, Sequential, settings

N, T, D, K = 10, 3, 2, 3
RNG = np.random.default_rng(12)
X = RNG.normal(size=(N, T, D)).astype(np.float32)
Y = np.eye(K, dtype=np.float32)[RNG.integers(0, K, N)]


def model_of(seed=7, first=(), dtype=None, build=True, **lstm):
    """A model with dropout."""
    if seed is not None:
        tinylstm.set_random_seed(seed)
    layers = [LSTM(4, **lstm), Dropout(0.4), Dense(K, activation="softmax")]
    model = Sequential([*first, *layers], dtype=dtype)
    model.compile("adam", "categorical_crossentropy")
    if build:
        model.build((None, T, D))
    return model


def trained(model, epochs=3):
    model.fit(X, Y, batch_size=5, epochs=epochs, verbose=0)
    return model


@pytest.mark.uncompiled
@pytest.mark.parametrize("mode", ["stateless", "stateful", "batch_carried"])
def test_the_same_seed_gives_the_same_bits_and_another_seed_others(mode):
    first, again, other = (trained(model_of(seed, state_mode=mode)) for seed in (7, 7, 8))
    assert changed(again, snapshot(first)) == []
    assert {"weights", "moments", "history"} <= set(changed(other, snapshot(first)))
    assert bits(again.predict(X, 5)) == bits(first.predict(X, 5))


def test_a_seed_that_is_set_later_is_that_of_dropout_whatever_was_run_before():
    model = trained(model_of())
    fresh, other = (copy.deepcopy(model) for _ in range(2))
    for one in (model, fresh):
        one.seed = 8
    for one in (model, fresh, other):
        one.fit(X, Y, batch_size=5, shuffle=False, verbose=0)
    assert bits(model.theta) == bits(fresh.theta)
    assert bits(model.theta) != bits(other.theta)


@pytest.mark.uncompiled
def test_models_of_one_script_differ_and_fits_of_one_model_too():
    tinylstm.set_random_seed(7)
    first, second = trained(model_of(None)), trained(model_of(None))
    assert "weights" in changed(second, snapshot(first))
    halves = [first.fit(X, Y, batch_size=5, verbose=0).history["loss"] for _ in range(2)]
    assert halves[0] != halves[1]


def numpys_seed(seed):
    """Seed as a script does that knows NumPy alone."""
    settings._seeds = None
    np.random.seed(seed)  # noqa: NPY002


@pytest.mark.uncompiled
@pytest.mark.parametrize("set_seed", [tinylstm.set_random_seed, numpys_seed])
@pytest.mark.parametrize("shape", [{"first": [Input((T, D))]}, {}], ids=["shape", "no shape"])
@pytest.mark.parametrize("build", [True, False], ids=["built", "not yet built"])
def test_a_later_seed_changes_nothing_of_a_model_that_exists(set_seed, shape, build):
    set_seed(7)
    expected = trained(model_of(None))
    set_seed(7)
    model = model_of(None, build=build, **shape)
    set_seed(8)
    other = model_of(None, build=build, **shape)
    set_seed(9)
    trained(other), trained(model)  # the order in which they are used does not matter
    assert changed(model, snapshot(expected)) == []
    assert "weights" in changed(other, snapshot(expected))


@pytest.mark.uncompiled
def test_a_model_that_is_looked_at_between_two_layers_draws_the_same_weights():
    at_once = model_of()
    tinylstm.set_random_seed(7)
    model = Sequential([LSTM(4, input_shape=(T, D))])
    assert model.output_shape == (None, 4)  # builds it
    model.add(Dropout(0.4))
    model.add(Dense(K, activation="softmax"))
    model.compile("adam", "categorical_crossentropy")
    assert changed(trained(model), snapshot(trained(at_once))) == []


@pytest.mark.uncompiled
def test_a_layer_in_the_place_of_another_draws_weights_of_its_own():
    model, kernels = model_of(), []
    for _ in range(3):
        kernels.append(model.layers[2].get_weights()[0])
        kept = model.layers[0].get_weights()[0]
        model.pop()
        model.copy()
        model.add(Dense(K, activation="softmax"))
        np.testing.assert_array_equal(model.layers[0].get_weights()[0], kept)
    assert len({bits(kernel) for kernel in kernels}) == 3
    model.pop()
    twin = model.copy()
    for one in (model, twin):
        one.add(Dense(K))
        one.build((None, T, D))
    assert bits(twin.theta) == bits(model.theta)


@pytest.mark.uncompiled
def test_a_copy_draws_nothing():
    seconds = []
    for copies in (0, 2):
        first = model_of()
        for _ in range(copies):
            first.copy()
        seconds.append(trained(model_of(None)))
    assert changed(seconds[1], snapshot(seconds[0])) == []


@pytest.mark.uncompiled
def test_fits_of_some_epochs_are_one_fit_of_all():
    at_once, in_parts = trained(model_of(), 5), trained(trained(model_of(), 2), 3)
    assert changed(in_parts, snapshot(at_once)) == ["history"]


SCRIPT = """
import numpy as np
from tinylstm import LSTM, Dense, Dropout, Sequential

X, Y = np.linspace(-1, 1, 12).reshape(6, 2, 1), np.linspace(0, 1, 6)
for seed in (7, 7, 8):
    np.random.seed(seed)
    model = Sequential([LSTM(3, input_shape=(2, 1)), Dropout(0.5), Dense(1)])
    model.compile("adam", "mse")
    print(model.fit(X, Y, batch_size=2, epochs=3, verbose=0).history, model.predict(X).tolist())
"""


def test_numpys_seed_repeats_a_script_that_does_not_set_ours():
    runs = [
        subprocess.run([sys.executable, "-c", SCRIPT], capture_output=True, text=True, check=True)
        for _ in range(2)
    ]
    first, again, other = runs[0].stdout.splitlines()
    assert first == again != other
    assert runs[1].stdout == runs[0].stdout


@pytest.mark.uncompiled
def test_a_model_without_an_input_shape_is_built_on_first_data():
    known = trained(model_of(first=[Input((T, D))], build=False))
    assert changed(trained(model_of(build=False)), snapshot(known)) == []
    model = model_of(build=False)
    assert model.predict(X).shape == (N, K)
    assert model.batch_input_shape == (None, T, D)
    by_hand = model_of(build=False)
    by_hand.build((None, None, D))  # steps may differ from call to call
    assert by_hand.predict(X[:, :2]).shape == by_hand.predict(X).shape


@pytest.mark.uncompiled
@pytest.mark.parametrize("mode", ["stateless", "stateful"])
def test_a_copy_goes_on_as_the_model_would_and_neither_touches_the_other(mode):
    model = trained(model_of(state_mode=mode))
    before = snapshot(model)
    twin = model.copy()
    assert set(changed(twin, before)) <= {"history"}
    trained(twin)
    assert changed(model, before) == []
    trained(model)
    assert changed(model, snapshot(twin)) == []


@pytest.mark.uncompiled
def test_a_copy_in_float64_holds_the_same_numbers():
    model = trained(model_of(stateful=True))
    twin = model.copy(dtype="float64")
    assert twin.predict(X, 5).dtype == np.float64
    np.testing.assert_array_equal(twin.theta, model.theta)
    twin.reset_states()
    model.reset_states()
    assert_close(model.predict(X, 5), twin.predict(X, 5), NAIVE["float32"])
    assert twin.optimizer.iterations == model.optimizer.iterations
    np.testing.assert_array_equal(twin.optimizer.moments, model.optimizer.moments)


@pytest.mark.uncompiled
@pytest.mark.parametrize("frozen", [0, 2])
def test_a_frozen_layer_stays_and_the_others_learn(frozen):
    model, free = model_of(), model_of()
    model.layers[frozen].trainable = False
    before = [layer.get_weights() for layer in model.layers]
    for one in (model, free):
        one.train_on_batch(X, Y)
    for k, layer in enumerate(model.layers):
        now, free_now = layer.get_weights(), free.layers[k].get_weights()
        for a, b in zip(now, before[k] if k == frozen else free_now, strict=True):
            np.testing.assert_array_equal(a, b)  # its gradient still reaches the layers below
        moments = model.views(layer, model.optimizer.moments[1]).values()
        assert [m.any() for m in moments] == [k != frozen] * len(now)
    model.layers[frozen].trainable = True
    model.train_on_batch(X, Y)
    assert not np.array_equal(model.layers[frozen].get_weights()[0], before[frozen][0])


@pytest.mark.uncompiled
def test_a_model_that_is_frozen_altogether_counts_and_changes_nothing_else():
    model = model_of()
    for layer in model.layers:
        layer.trainable = False
    before = bits(model.theta)
    assert np.isfinite(trained(model).history.history["loss"]).all()
    assert bits(model.theta) == before
    assert model.optimizer.iterations == 6


@pytest.mark.uncompiled
def test_floatx_is_the_dtype_of_models_that_name_none():
    tinylstm.set_floatx("float64")
    wide, named = model_of(), model_of(dtype="float32")
    tinylstm.set_floatx("float32")
    narrow, by_layer = model_of(), model_of(dtype="float64")
    results = [trained(model).predict(X) for model in (wide, by_layer, named, narrow)]
    assert [result.dtype.name for result in results] == ["float64"] * 2 + ["float32"] * 2
    assert changed(wide, snapshot(by_layer)) == changed(named, snapshot(narrow)) == []
    np.testing.assert_allclose(results[2], results[0], atol=1e-4)
    assert not np.array_equal(results[2], results[0])


RESULTS = {
    "predict": lambda m: [m.predict(X, 5)],
    "predict_on_batch": lambda m: [m.predict_on_batch(X[:5])],
    "forward": lambda m: [m.forward(X[:5])],
    "final states": lambda m: m.forward(X[:5], return_states=True)[1]["lstm"],
    "a layer": lambda m: [m.layers[0](X[:5])],
    "get_weights": lambda m: m.get_weights(),
    "weights of a layer": lambda m: m.layers[0].get_weights(),
    "get_states": lambda m: m.get_states()["lstm"],
    "gradients": lambda m: (m.forward(X[:5]), m.backward(Y[:5]).x)[1:],
}


@pytest.mark.uncompiled
@pytest.mark.parametrize("name", RESULTS)
def test_results_are_the_callers_own(name):
    model, twin = (trained(model_of(stateful=True)) for _ in range(2))
    results = RESULTS[name](model)
    kept = [a.copy() for a in results]
    RESULTS[name](twin)
    for one in (model, twin):
        trained(one)
        one.predict(-X, 5)
        one.forward(-X[:5])
    assert [bits(a) for a in results] == [bits(a) for a in kept]
    for a in results:
        a[...] = 77  # whatever the caller does with them
    assert set(changed(model, snapshot(twin))) == set()
    assert bits(model.predict(X, 5)) == bits(twin.predict(X, 5))


@pytest.mark.uncompiled
def test_what_is_given_is_copied():
    model = trained(model_of(stateful=True))
    weights, states, x = model.get_weights(), model.get_states(), X.copy()
    model.set_weights(weights)
    model.set_states(states)
    model.fit(x, Y, batch_size=5, verbose=0)
    before, outputs = snapshot(model), model.copy().predict(X, 5)
    for a in (*weights, *states["lstm"], x):
        a[...] = 77
    assert changed(model, before) == []
    assert bits(model.predict(X, 5)) == bits(outputs)
