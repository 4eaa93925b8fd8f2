"""Files of Keras 1.0 to 2.4 compute what those computed, and training goes on where it was."""

import json

import h5py
import numpy as np
import pytest

import tinylstm
from tests.formats.keras.old_files import (
    apart,
    before,
    dense_config,
    on_gpu,
    recurrent_config,
    write_group,
    write_model,
    write_weights,
)
from tests.snapshots import changed, refused, snapshot
from tinylstm import GRU, LSTM, Bidirectional, Dense, Sequential
from tinylstm.formats.doors import shown
from tinylstm.reference.gru import gru_forward
from tinylstm.reference.gru_reset_before import gru_reset_before_forward
from tinylstm.reference.lstm import lstm_forward

VERSIONS = ["1.0.8", "1.2.2", "2.0.2", "2.2.4", "2.3.1", "2.4.3"]
UNITS, FEATURES, STEPS, ROWS = 3, 2, 4, 5


@pytest.fixture
def weights(rng):
    """W, U and b of an LSTM, and of the Dense behind it; large enough that its gates reach ends."""
    shapes = [(FEATURES, 4 * UNITS), (UNITS, 4 * UNITS), (4 * UNITS,), (UNITS, 1), (1,)]
    return [rng.normal(size=shape).astype("f4") * 2 for shape in shapes]


@pytest.fixture
def x(rng):
    return rng.normal(size=(ROWS, STEPS, FEATURES)).astype("f4")


def layers_of(version, weights, **settings):
    """The layers of a file, with arrays as the version had them."""
    *lstm, kernel, bias = weights
    shape = None, STEPS, FEATURES
    config = recurrent_config(version, "LSTM", "lstm_1", UNITS, shape, **settings)
    arrays = apart("LSTM", *lstm) if before(version, 2) else lstm
    return [
        ("LSTM", config, arrays),
        ("Dense", dense_config(version, "dense_1", 1), [kernel, bias]),
    ]


def outputs(x, weights, gates):
    """What such a model puts out, by the naive twin."""
    W, U, b, kernel, bias = (array.astype(float) for array in weights)
    zeros = np.zeros((len(x), UNITS))
    found = lstm_forward(x.astype(float), W, U, b, zeros, zeros, recurrent_activation=gates)
    return found["hT"] @ kernel + bias


def gates_of(version):
    return "hard_sigmoid_keras2" if before(version, 2, 3) else "sigmoid"


@pytest.mark.quick
@pytest.mark.parametrize("version", VERSIONS)
def test_a_model_of_each_version_computes_what_it_did(tmp_path, x, weights, version):
    write_model(tmp_path / "m.h5", version, layers_of(version, weights))
    with pytest.warns(UserWarning, match="does not say how its model was compiled"):
        model = tinylstm.load_model(tmp_path / "m.h5")
    expected = outputs(x, weights, gates_of(version))
    np.testing.assert_allclose(model.predict(x, verbose=0), expected, atol=1e-5)


@pytest.mark.parametrize("version", ["1.2.2", "2.2.4"])
@pytest.mark.parametrize("by_name", [False, True])
def test_weights_of_each_version_go_into_a_model(tmp_path, x, weights, version, by_name):
    layers = [(config["name"], arrays) for _, config, arrays in layers_of(version, weights)]
    write_weights(tmp_path / "w.h5", version, [layers[0], ("dropout_1", []), layers[1]])
    names = ("lstm_1", "dense_1") if by_name else ("a", "b")
    first = LSTM(UNITS, recurrent_activation=gates_of(version), name=names[0])
    model = Sequential([first, Dense(1, name=names[1])])
    model.build((None, STEPS, FEATURES))
    model.load_weights(tmp_path / "w.h5", by_name=by_name)
    expected = outputs(x, weights, gates_of(version))
    np.testing.assert_allclose(model.predict(x, verbose=0), expected, atol=1e-5)


@pytest.mark.quick
@pytest.mark.parametrize("frozen", [False, True])
def test_layers_that_a_file_has_as_one_take_their_weights_by_place(tmp_path, rng, frozen):
    """Those that are trained first, as Keras has them of a model in the place of a layer."""
    layers = [Dense(3, input_shape=(3,), name="a"), Dense(3, trainable=not frozen, name="b")]
    model = Sequential([*layers, Dense(3, name="c"), Dense(2, name="d")])
    model.build((None, 3))
    shapes = [array.shape for array in model.get_weights()]
    a, b, c, d = (
        [rng.normal(size=shapes[k]), rng.normal(size=shapes[k + 1])] for k in (0, 2, 4, 6)
    )
    found = [("first", a), ("inner", c + b if frozen else b + c), ("last", d)]
    write_weights(tmp_path / "w.h5", "2.2.4", found)
    model.load_weights(tmp_path / "w.h5")
    for array, expected in zip(model.get_weights(), [*a, *b, *c, *d], strict=True):
        np.testing.assert_array_equal(array, np.float32(expected))


@pytest.mark.quick
@pytest.mark.parametrize("outer", ["", "sequential/inner/"])  # as Keras 2 and 3 name them
def test_layers_that_a_file_has_as_one_are_shown_with_their_names(tmp_path, outer):
    arrays = {
        "inner": {"a/kernel": np.ones((2, 3)), "b/lstm_cell/bias": np.ones(3)},
        "last": {"kernel": np.ones((3, 1)), "bias": np.ones(1)},
    }
    with h5py.File(tmp_path / "w.h5", "w") as file:
        file.attrs["layer_names"] = [*arrays]
        for layer, own in arrays.items():
            start = outer if layer == "inner" else f"{outer.removesuffix('inner/')}{layer}/"
            names = [f"{start}{name}:0" for name in own]
            write_group(file.create_group(layer), [*own.values()], names)
    found = shown(tmp_path / "w.h5").layers
    assert [(layer, [name for name, _ in own]) for layer, _, own in found] == [
        (layer, [*own]) for layer, own in arrays.items()
    ]


@pytest.mark.quick
def test_layers_that_a_file_has_as_one_are_refused_where_they_are_others(tmp_path, rng):
    def dense(*shapes):
        return [rng.normal(size=shape) for n, m in shapes for shape in ((n, m), (m,))]

    model = Sequential([Dense(3, input_shape=(3,)), Dense(3), Dense(2)])
    model.build((None, 3))
    before = model.theta.copy()
    for found in (
        [("one", dense((3, 3), (3, 3), (3, 2))[:-1])],
        [("one", dense((3, 3))), ("two", dense((3, 3), (3, 2), (2, 1)))],
        [("one", dense((3, 3))), ("two", dense((3, 3), (3, 1)))],
    ):
        write_weights(tmp_path / "w.h5", "2.2.4", found)
        with refused(ValueError, "those of another model"):
            model.load_weights(tmp_path / "w.h5")
        np.testing.assert_array_equal(model.theta, before)


def test_weights_come_from_a_whole_model_too(tmp_path, weights):
    write_model(tmp_path / "m.h5", "1.2.2", layers_of("1.2.2", weights))
    model = Sequential([LSTM(UNITS, input_shape=(STEPS, FEATURES)), Dense(1)])
    model.load_weights(tmp_path / "m.h5")
    np.testing.assert_array_equal(model.get_weights()[0], weights[0])


def test_layers_and_arrays_that_have_numbers_are_read(tmp_path, weights):
    """As before Keras 1.0."""
    model = Sequential([LSTM(UNITS, input_shape=(STEPS, FEATURES)), Dense(1)])
    arrays = [apart("LSTM", *weights[:3]), weights[3:]]
    with h5py.File(tmp_path / "w.h5", "w") as file:
        file.attrs["nb_layers"] = 2
        for k, some in enumerate(arrays):
            group = file.create_group(f"layer_{k}")
            group.attrs["nb_params"] = len(some)
            for number, array in enumerate(some):
                group.create_dataset(f"param_{number}", data=array)
    model.load_weights(tmp_path / "w.h5")
    np.testing.assert_array_equal(model.theta, np.concatenate([w.reshape(-1) for w in weights]))


def test_names_that_are_longer_than_an_attribute_are_read_and_written(tmp_path, weights):
    names = [f"{'a' * 300}_{k:04}" for k in range(300)]
    path, model = tmp_path / "w.h5", Sequential([Dense(1, input_shape=(2,), name=names[0])])
    for name in names[1:]:
        model.add(Dense(1, name=name))
    model.build((None, 2))
    model.save_weights(path)
    with h5py.File(path) as file:
        assert "layer_names" not in file.attrs
        parts = [file.attrs[f"layer_names{k}"] for k in range(2)]
    assert [one.decode() for part in parts for one in part] == names
    other = Sequential.from_config(model.get_config())
    other.load_weights(path)
    assert (other.theta == model.theta).all()


KERAS1_LAYERS = {
    "Masking": {"name": "masking_1", "mask_value": 0.5, "trainable": True},
    "Dropout": {"name": "dropout_1", "p": 0.25, "trainable": True},
    "Activation": {"name": "activation_1", "activation": "relu", "trainable": True},
    "RepeatVector": {"name": "repeatvector_1", "n": 2, "trainable": True},
}


def test_layers_of_keras_1_are_those_of_today(tmp_path, rng, weights):
    inner = recurrent_config("1.2.2", "LSTM", "lstm_1", UNITS, return_sequences=True)
    inner |= {"W_regularizer": {"name": "WeightRegularizer", "l1": 0.0, "l2": 0.5}}
    both = {"name": "bidirectional_1", "trainable": True, "merge_mode": "sum"}
    both["layer"] = {"class_name": "LSTM", "config": inner}
    dense = dense_config("1.2.2", "timedistributeddense_1", 2, "relu")
    dense |= {"W_constraint": {"name": "MaxNorm", "m": 3, "axis": 0}, "init": "uniform"}
    rnn = recurrent_config("1.2.2", "SimpleRNN", "simplernn_1", 2, inner_init="normal")
    lstm, others = weights[:3], [rng.normal(size=n) for n in [(3, 2), 2, (2, 2), (2, 2), 2]]
    first = {"batch_input_shape": [None, None, FEATURES], "input_dtype": "float32"}
    layers = [
        ("Masking", KERAS1_LAYERS["Masking"] | first, []),
        ("Bidirectional", both, 2 * apart("LSTM", *lstm)),
        ("Dropout", KERAS1_LAYERS["Dropout"], []),
        ("TimeDistributedDense", dense | {"input_length": None}, others[:2]),
        ("SimpleRNN", rnn, others[2:]),
        ("RepeatVector", KERAS1_LAYERS["RepeatVector"], []),
        ("Activation", KERAS1_LAYERS["Activation"], []),
    ]
    write_model(tmp_path / "m.h5", "1.2.2", layers)
    model = tinylstm.load_model(tmp_path / "m.h5", compile=False)
    kinds = [type(layer).__name__ for layer in model.layers]
    assert kinds == [kind.replace("TimeDistributed", "") for kind, _, _ in layers]
    masking, both, dropout, dense, rnn, _, _ = model.layers
    assert (masking.mask_value, dropout.rate, dense.activation) == (0.5, 0.25, "relu")
    assert both.forward_layer.kernel_regularizer.l2 == 0.5
    assert both.backward_layer.recurrent_activation == "hard_sigmoid_keras2"
    assert (both.merge_mode, dense.kernel_constraint.max_value) == ("sum", 3)
    for name, array in zip(both.weights, 2 * lstm, strict=True):
        np.testing.assert_array_equal(both.weights[name], array)
    np.testing.assert_allclose(rnn.weights["recurrent_kernel"], others[3])


def test_an_embedding_of_keras_1_says_its_steps(tmp_path, rng, weights):
    config = {
        **{"name": "embedding_1", "trainable": True, "input_dim": 6, "output_dim": FEATURES},
        **{"init": "uniform", "input_length": STEPS, "mask_zero": True, "dropout": 0.0},
        **{"activity_regularizer": None, "W_regularizer": None, "W_constraint": None},
        **{"batch_input_shape": [None, STEPS], "input_dtype": "int32"},
    }
    table = rng.normal(size=(6, FEATURES))
    lstm = recurrent_config("1.0.8", "LSTM", "lstm_1", UNITS)
    layers = [("Embedding", config, [table]), ("LSTM", lstm, apart("LSTM", *weights[:3]))]
    write_model(tmp_path / "m.h5", "1.0.8", layers)
    model = tinylstm.load_model(tmp_path / "m.h5", compile=False)
    assert model.input_shape == (None, STEPS)
    assert model.layers[0].mask_zero


def test_a_stateful_model_has_the_batch_that_it_had(tmp_path, weights):
    layers = layers_of("2.0.2", weights, stateful=True, batch_input_shape=[5, STEPS, FEATURES])
    write_model(tmp_path / "m.h5", "2.0.2", layers)
    model = tinylstm.load_model(tmp_path / "m.h5", compile=False)
    assert model.layers[0].stateful
    assert model.input_shape == (5, STEPS, FEATURES)


@pytest.mark.parametrize("version", ["2.2.4", "2.3.1"])
def test_a_setting_that_a_file_leaves_out_is_that_of_its_version(tmp_path, weights, version):
    layers = layers_of(version, weights)
    del layers[0][1]["recurrent_activation"]
    write_model(tmp_path / "m.h5", version, layers)
    model = tinylstm.load_model(tmp_path / "m.h5", compile=False)
    assert model.layers[0].recurrent_activation == gates_of(version)


def test_a_model_within_a_model_is_taken_layer_by_layer(tmp_path, x, weights):
    (kind, config, arrays), (_, dense, further) = layers_of("1.2.2", weights)
    inner = [{"class_name": "Dense", "config": dense}]
    nested = {"class_name": "Sequential", "config": inner}
    layers = [(kind, config, arrays), ("Sequential", {"name": "sequential_2"}, further)]
    write_model(tmp_path / "m.h5", "1.2.2", layers)
    with h5py.File(tmp_path / "m.h5", "a") as file:
        said = json.loads(file.attrs["model_config"])
        said["config"][1] = nested
        file.attrs["model_config"] = json.dumps(said).encode()
    model = tinylstm.load_model(tmp_path / "m.h5", compile=False)
    expected = outputs(x, weights, gates_of("1.2.2"))
    np.testing.assert_allclose(model.predict(x, verbose=0), expected, atol=1e-5)


def test_layers_for_gpus_become_those_of_any_processor(tmp_path, rng, x, weights):
    lstm, second = weights[:3], rng.normal(size=4 * UNITS)
    gru = [rng.normal(size=n) for n in [(UNITS, 9), (3, 9), (2, 9)]]
    sizes = {"units": UNITS, "return_state": False, "stateful": False, "trainable": True}
    shape = {"batch_input_shape": [None, STEPS, FEATURES], "dtype": "float32"}
    layers = [
        (
            "CuDNNLSTM",
            sizes | shape | {"name": "a", "return_sequences": True},
            on_gpu(*lstm[:2], [lstm[2] - second, second], 4),
        ),
        ("CuDNNGRU", sizes | {"name": "b"}, on_gpu(*gru[:2], gru[2], 3)),
    ]
    write_model(tmp_path / "m.h5", "2.2.4", layers)
    model = tinylstm.load_model(tmp_path / "m.h5", compile=False)
    zeros = np.zeros((ROWS, UNITS))
    found = lstm_forward(x.astype(float), *lstm, zeros, zeros)
    expected = gru_forward(found["y"], *gru, zeros)["hT"]
    np.testing.assert_allclose(model.predict(x, verbose=0), expected, atol=1e-5)
    other = Sequential([LSTM(UNITS, return_sequences=True), GRU(UNITS)])
    other.build((None, STEPS, FEATURES))
    other.load_weights(tmp_path / "m.h5")
    np.testing.assert_array_equal(other.theta, model.theta)


@pytest.mark.parametrize("whole", [True, False])
@pytest.mark.parametrize("version", ["1.0.8", "1.2.2", "2.0.2", "2.2.4", "2.3.1"])
def test_a_gru_of_an_old_file_resets_before_the_product(tmp_path, rng, x, version, whole):
    arrays = [rng.normal(size=n) for n in [(FEATURES, 9), (3, 9), (9,)]]
    some = apart("GRU", *arrays) if before(version, 2) else arrays
    path, shape, gates = tmp_path / "m.h5", (None, STEPS, FEATURES), gates_of(version)
    if whole:
        config = recurrent_config(version, "GRU", "gru_1", UNITS, shape)
        write_model(path, version, [("GRU", config, some)])
        model = tinylstm.load_model(path, compile=False)
    else:
        write_weights(path, version, [("gru_1", some)])
        gru = GRU(UNITS, recurrent_activation=gates, reset_after=False, input_shape=shape[1:])
        model = Sequential([gru])
        model.load_weights(path)
    found = gru_reset_before_forward(
        x.astype(float), *arrays, np.zeros((ROWS, UNITS)), recurrent_activation=gates
    )
    np.testing.assert_allclose(model.predict(x, verbose=0), found["hT"], atol=1e-5)


def trained(optimizer, x, y, **layer):
    """A model after three updates."""
    lstm = LSTM(UNITS, input_shape=(STEPS, FEATURES), name="lstm_1", **layer)
    model = Sequential([lstm, Dense(1, name="dense_1")])
    model.compile(optimizer, "mse")
    for _ in range(3):
        model.train_on_batch(x, y)
    return model


def in_file(version, model, vector):
    """Arrays of a vector as the version had those of all parameters, one after the other."""
    views = model.network.parameters.weights(vector, train=True)
    return (apart("LSTM", *views[:3]) if before(version, 2) else views[:3]) + views[3:]


def old_optimizer(version, kind, **settings):
    """The optimiser that an old script of a version has."""
    from tinylstm.legacy import dialect, optimizers

    with dialect.speaking(dialect.Dialect(version)):
        return optimizers.TABLE[kind](**settings).held


STATES = {  # version, class, settings, names of its numbers in front, rows of its moments
    "Adam of 1.2.2": ("1.2.2", "Adam", {"lr": 0.01}, ["iteration"], [0, 1]),
    "Adam of 2.2.4": ("2.2.4", "Adam", {"lr": 0.01, "amsgrad": False}, ["iteration"], [0, 1, None]),
    "SGD of 2.0.2": ("2.0.2", "SGD", {"lr": 0.1, "momentum": 0.9}, ["iteration"], [0]),
    "RMSprop of 1.0.8": ("1.0.8", "RMSprop", {"lr": 0.01, "epsilon": 1e-3}, [], [0]),
    "RMSprop of 2.3.1": ("2.3.1", "RMSprop", {"learning_rate": 0.01}, ["iteration"], [0]),
    "Adagrad of 2.2.4": ("2.2.4", "Adagrad", {"lr": 0.01}, [], [0]),
    "Nadam of 2.2.4": ("2.2.4", "Nadam", {"lr": 0.01}, ["iteration"], [0, 1]),
    "Nadam of 2.3.1": (
        "2.3.1",
        "Nadam",
        {"learning_rate": 0.01},
        ["iteration", "product"],
        [0, 1],
    ),
}


@pytest.mark.parametrize("case", STATES)
def test_training_goes_on_where_a_file_was_saved(tmp_path, rng, x, case):
    version, kind, settings, numbers, rows = STATES[case]
    y = rng.normal(size=(ROWS, 1)).astype("f4")
    gates = {"recurrent_activation": gates_of(version)}
    model = trained(old_optimizer(version, kind, **settings), x, y, **gates)
    moments = [
        np.zeros(1) if row is None else array
        for row in rows
        for array in in_file(version, model, model.optimizer.moments[row or 0])
    ]
    state = [np.array(float(model.optimizer.rule[name][0])) for name in numbers] + moments
    training = kind, settings, "mean_squared_error", ["accuracy"]
    write_model(
        tmp_path / "m.h5", version, layers_of(version, model.get_weights()), training, state
    )
    loaded = tinylstm.load_model(tmp_path / "m.h5")
    assert type(loaded.optimizer) is type(model.optimizer)
    assert loaded.optimizer.iterations == (3 if numbers else 0)
    for _ in range(2):
        model.train_on_batch(x, y)
        loaded.train_on_batch(x, y)
    np.testing.assert_allclose(loaded.theta, model.theta, rtol=1e-6, atol=1e-7)


def broken(path, change):
    """Change something in a file."""
    with h5py.File(path, "a") as file:
        change(file)


def without_version(file):
    file.attrs["keras_version"] = "new"


def with_other_names(file):
    file["model_weights"].attrs["layer_names"] = [b"lstm_1", b"none"]


def with_other_shapes(file):
    group = file["model_weights/dense_1"]
    del group["dense_1"]
    group.create_dataset("dense_1/0:0", data=np.zeros((UNITS, 2)))
    group.create_dataset("dense_1/1:0", data=np.zeros(2))


def with_half_a_text(file):
    file.attrs["model_config"] = file.attrs["model_config"][:50]


def with_huge_units(file):
    said = json.loads(file.attrs["model_config"])
    said["config"]["layers"][0]["config"]["units"] = 10**9
    file.attrs["model_config"] = json.dumps(said)


def with_moments_of_others(file):
    group = file["optimizer_weights"]
    del group["param_1"]
    group.create_dataset("param_1", data=np.zeros((7, 7)))


BROKEN = {
    "a version": (without_version, "no version of Keras"),
    "a name": (with_other_names, "names 'none' and has it not"),
    "shapes": (with_other_shapes, "are not those of the model that it describes"),
    "a text": (with_half_a_text, "does not say what it holds"),
    "units": (with_huge_units, "are not those of the model that it describes"),
    "moments": (with_moments_of_others, "remembers is that of another model"),
}


@pytest.mark.parametrize("case", BROKEN)
def test_what_makes_no_sense_in_a_file_is_a_sentence(tmp_path, rng, x, case):
    change, said = BROKEN[case]
    model = trained("adam", x, rng.normal(size=(ROWS, 1)))
    rows = [in_file("2.3.1", model, row) for row in model.optimizer.moments]
    training = "Adam", {"learning_rate": 0.01}, "mse", []
    state = [np.array(3), *rows[0], *rows[1]]
    layers = layers_of("2.3.1", model.get_weights())
    write_model(tmp_path / "m.h5", "2.3.1", layers, training, state)
    broken(tmp_path / "m.h5", change)
    with refused(ValueError, said):
        tinylstm.load_model(tmp_path / "m.h5")


def test_a_file_of_weights_is_no_model(tmp_path, weights):
    write_weights(tmp_path / "w.h5", "2.2.4", [("dense", weights[3:])])
    with refused(ValueError, "There is no model in"):
        tinylstm.load_model(tmp_path / "w.h5")
    with h5py.File(tmp_path / "other.h5", "w") as file:
        file.create_dataset("a", data=np.zeros(3))
    model = Sequential([Dense(1, input_shape=(3,))])
    with refused(ValueError, "There are no layers of Keras in the file"):
        model.load_weights(tmp_path / "other.h5")


def test_what_is_written_is_read_again_with_all_that_training_needs(tmp_path, rng, x):
    y = rng.normal(size=(ROWS, 1))
    model = trained("adam", x, y)
    before = snapshot(model)
    model.save(tmp_path / "m.h5")
    assert changed(model, before) == []
    loaded = tinylstm.load_model(tmp_path / "m.h5")
    for one in (model, loaded):
        one.train_on_batch(x, y)
    assert (loaded.theta == model.theta).all()
    assert (loaded.optimizer.moments == model.optimizer.moments).all()


def test_what_keras_2_has_not_is_refused_before_a_file_is_there(tmp_path):
    model = Sequential([LSTM(2, recurrent_activation="hard_sigmoid", input_shape=(3, 1))])
    with refused(ValueError, "recurrent_activation of Layer 'lstm' is one that Keras 2 has not"):
        model.save(tmp_path / "m.h5")
    assert [*tmp_path.iterdir()] == []
    model = Sequential([LSTM(2, recurrent_activation="hard_sigmoid_keras2", input_shape=(3, 1))])
    model.save(tmp_path / "m.h5")
    with h5py.File(tmp_path / "m.h5") as file:
        said = json.loads(file.attrs["model_config"])
    config = said["config"]["layers"][1]["config"]
    assert config["recurrent_activation"] == "hard_sigmoid"
    assert not {"seed", "zero_output_for_mask", "time_major"} & config.keys()


def test_what_a_file_holds_is_shown(tmp_path, weights):
    training = "Adam", {"lr": 0.01}, "mse", ["accuracy"]
    layers = layers_of("1.2.2", weights)
    write_model(tmp_path / "m.h5", "1.2.2", layers, training, [np.array(7.0)])
    found = shown(tmp_path / "m.h5")
    assert found.what == "a model of Keras 1.2.2"
    assert found.layers[0][:2] == ("lstm_1", "LSTM")
    assert [shape for _, shape in found.layers[0][2]] == [(2, 12), (3, 12), (12,)]
    assert found.lines == ["loss mse, optimiser Adam", "updates so far: 7"]


def test_directions_are_told_apart_in_a_written_file(tmp_path):
    model = Sequential([Bidirectional(LSTM(2), input_shape=(3, 1), name="both")])
    model.save_weights(tmp_path / "w.h5")
    with h5py.File(tmp_path / "w.h5") as file:
        names = [one.decode() for one in file["both"].attrs["weight_names"]]
    assert names[0] == "both/forward_lstm/lstm_cell/kernel:0"
    assert names[-1] == "both/backward_lstm/lstm_cell/bias:0"
    other = Sequential([Bidirectional(LSTM(2), input_shape=(3, 1))])
    other.load_weights(tmp_path / "w.h5")
    assert (other.theta == model.theta).all()


def test_a_version_that_nobody_knows_is_refused():
    from tinylstm.formats.keras.old_configs import numbers_of

    with pytest.raises(ValueError, match="later version of Keras"):
        numbers_of("4.1.0")
