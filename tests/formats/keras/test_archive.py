"""Files of Keras 3 without Keras: what is written is read, and what cannot be is refused before
anything is reserved for it."""

import json
import subprocess
import sys
import tracemalloc
import warnings
import zipfile

import h5py
import numpy as np
import pytest

import tinylstm
from tests.snapshots import refused
from tinylstm import (
    LSTM,
    SGD,
    Bidirectional,
    Dense,
    Dropout,
    Nadam,
    Sequential,
    TimeDistributed,
)
from tinylstm.formats import doors, hdf5
from tinylstm.formats.keras.archive import CONFIG, METADATA, WEIGHTS
from tinylstm.formats.keras.places import OPTIMIZER, VARIABLES, group_name

pytestmark = pytest.mark.quick
MIB = 2**20


def trained(optimizer="adam", **settings):
    """A small model after some updates."""
    tinylstm.set_random_seed(1)
    inner = LSTM(3, return_sequences=True, **settings)
    layers = [tinylstm.Input((4, 2)), Bidirectional(inner), Dropout(0.1), TimeDistributed(Dense(2))]
    model = Sequential([*layers, LSTM(3, name="top"), Dense(1, trainable=False), Dense(2)])
    model.compile(optimizer, "mse", metrics=["mae"])
    x = np.random.default_rng(0).normal(size=(8, 4, 2))
    model.fit(x, x[:, 0], epochs=2, batch_size=4, verbose=0)
    return model


@pytest.fixture
def path(tmp_path):
    """A file of a model."""
    path = tmp_path / "m.keras"
    trained().save(path)
    return path


def members_of(path):
    """{name: bytes} of an archive."""
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def rewrite(path, **others):
    """Give an archive other members: config, what it says; weights, its groups; name=bytes."""
    members = members_of(path)
    if "config" in others:
        members[CONFIG] = json.dumps(others.pop("config")).encode()
    if "weights" in others:
        members[WEIGHTS] = hdf5.content_of(others.pop("weights"))
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in (members | others).items():
            archive.writestr(name, content)


def config_of(path):
    """What an archive says of its model."""
    return json.loads(members_of(path)[CONFIG])


def weights_of(path):
    """The groups of an archive's weights."""
    return hdf5.read(members_of(path)[WEIGHTS])


@pytest.mark.parametrize("optimizer", ["adam", "nadam", "rmsprop", "sgd"])
def test_a_training_goes_on_from_the_file(tmp_path, optimizer):
    model = trained(optimizer)
    model.save(tmp_path / "m.keras")
    found = tinylstm.load_model(tmp_path / "m.keras")
    assert np.array_equal(found.theta, model.theta)
    trained_ones = found.network.parameters.trained()
    for start, stop in trained_ones:
        ours, theirs = model.optimizer.moments, found.optimizer.moments
        assert np.array_equal(theirs[:, start:stop], ours[:, start:stop])
    assert found.optimizer.iterations == model.optimizer.iterations == 4
    x = np.random.default_rng(5).normal(size=(4, 4, 2)).astype("float32")
    for one in (model, found):
        one.layers[1].trainable = True
    assert found.evaluate(x, x[:, 0], verbose=0) == model.evaluate(x, x[:, 0], verbose=0)


@pytest.mark.parametrize("suffix", ["keras", "h5"])
def test_moments_that_an_sgd_without_momentum_does_not_use_cost_no_updates(tmp_path, suffix):
    """Keras 2.11 and later writes one a weight; by the count goes a rate that falls."""
    path, x = tmp_path / f"m.{suffix}", np.random.default_rng(5).normal(size=(8, 4, 2))
    model = Sequential([LSTM(3, input_shape=(4, 2)), Dense(2)])
    model.compile(SGD(0.5, decay=0.3, weight_decay=0.01), "mse")
    model.fit(x, x[:, 0], batch_size=4, epochs=2, verbose=0)
    model.save(path)
    weights = model.get_weights()
    if suffix == "keras":
        tree = weights_of(path)
        found = tree[OPTIMIZER][VARIABLES]
        found |= {str(len(found) + k): array for k, array in enumerate(weights)}
        rewrite(path, weights=tree)
    else:
        with h5py.File(path, "r") as file:
            names = file["optimizer_weights"].attrs["weight_names"]
        assert len(names) == 1 + len(weights)  # as many as Keras takes
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = tinylstm.load_model(path)
    assert found.optimizer.iterations == model.optimizer.iterations == 4
    for one in (model, found):
        one.fit(x[:4], x[:4, 0], batch_size=4, shuffle=False, verbose=0)
    assert np.array_equal(found.theta, model.theta)


def test_a_rate_that_falls_by_updates_that_are_not_there_is_said(tmp_path):
    path = tmp_path / "m.keras"
    for optimizer, said in ((SGD(0.5, decay=0.3), 1), (SGD(0.5), 0)):
        trained(optimizer).save(path)
        tree = weights_of(path)
        del tree[OPTIMIZER]
        rewrite(path, weights=tree)
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            assert tinylstm.load_model(path).optimizer.iterations == 0
        assert [str(one.message)[:31] for one in caught] == [
            "The rate that falls starts anew"
        ] * said


def test_the_product_of_nadam_follows_from_its_count(tmp_path):
    model = trained(Nadam(beta_1=0.8))
    model.save(tmp_path / "m.keras")
    found = tinylstm.load_model(tmp_path / "m.keras")
    assert found.optimizer.product == pytest.approx(model.optimizer.product, rel=1e-12)


def test_a_count_of_updates_that_nobody_has_made_reserves_nothing(tmp_path):
    path = tmp_path / "m.keras"
    trained(Nadam()).save(path)
    tree = weights_of(path)
    tree[OPTIMIZER][VARIABLES]["0"] = np.array(2**40)
    rewrite(path, **{WEIGHTS: hdf5.content_of(tree)})
    tracemalloc.start()
    model = tinylstm.load_model(path)
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert model.optimizer.iterations == 2**40
    assert model.optimizer.rule["product"] < 1e-300
    assert most < 16 * MIB


def test_a_rate_keeps_the_digits_of_the_config(tmp_path):
    trained(tinylstm.Adam(0.001)).save(tmp_path / "m.keras")
    assert tinylstm.load_model(tmp_path / "m.keras").optimizer.learning_rate == 0.001


def test_the_same_model_is_the_same_file(tmp_path, path):
    trained().save(tmp_path / "again.keras")
    assert path.read_bytes() == (tmp_path / "again.keras").read_bytes()


def test_without_compile_nothing_of_it_needs_to_be_there(path):
    said = config_of(path)
    said["compile_config"]["loss"] = "log_cosh"
    rewrite(path, config=said)
    with refused(ValueError, "no loss log_cosh"):
        tinylstm.load_model(path)
    found = tinylstm.load_model(path, compile=False)
    assert found.optimizer is None
    assert np.array_equal(found.theta, trained().theta)


def test_moments_of_others_are_left_with_a_warning(path):
    tree = weights_of(path)
    del tree[OPTIMIZER][VARIABLES]["11"]
    rewrite(path, weights=tree)
    with refused(ValueError, "A variable is missing"):
        tinylstm.load_model(path)
    numbers = [*tree[OPTIMIZER][VARIABLES].values()]
    shorter = {str(k): one for k, one in enumerate(numbers[:-1])}
    tree[OPTIMIZER][VARIABLES] = hdf5.Group(shorter)
    rewrite(path, weights=tree)
    with pytest.warns(UserWarning, match="starts anew"):
        assert tinylstm.load_model(path).optimizer.iterations == 0


@pytest.mark.parametrize("suffix", [".keras", ".h5"])
def test_means_of_squares_that_are_negative_are_refused(tmp_path, suffix):
    model = trained()
    model.optimizer.moments[1] = -1
    model.save(tmp_path / f"m{suffix}")
    with refused(ValueError, "remembers of squares is negative"):
        tinylstm.load_model(tmp_path / f"m{suffix}")


def test_a_model_before_its_first_update_has_no_moments(path):
    tree = weights_of(path)
    first = {k: tree[OPTIMIZER][VARIABLES][k] for k in ("0", "1")}
    tree[OPTIMIZER][VARIABLES] = hdf5.Group(first)
    rewrite(path, weights=tree)
    assert not tinylstm.load_model(path).optimizer.moments.any()


def another_shape(tree):
    tree["layers"]["dense"][VARIABLES]["0"] = np.zeros((3, 2), "float32")


def no_layer(tree):
    del tree["layers"]["dense_1"]


def not_finite(tree):
    tree["layers"]["dense"][VARIABLES]["0"][0] = np.nan


WRONG = {
    another_shape: "not those of the model that it describes",
    no_layer: "not those of the model that it describes",
    not_finite: "dense/kernel in .* holds a value that is not finite",
}


@pytest.mark.parametrize("change", WRONG, ids=lambda change: change.__name__)
def test_weights_that_do_not_fit_are_refused(path, change):
    tree = weights_of(path)
    change(tree)
    rewrite(path, weights=tree)
    with pytest.raises(ValueError, match=WRONG[change]):
        tinylstm.load_model(path)


def test_nothing_is_reserved_for_what_a_file_only_says(path):
    said = config_of(path)
    said["config"]["layers"][4]["config"]["units"] = 10**8
    rewrite(path, config=said)
    tracemalloc.start()
    with refused(ValueError, "not those of the model that it describes"):
        tinylstm.load_model(path)
    assert tracemalloc.get_traced_memory()[1] < 2 * path.stat().st_size + 64 * MIB
    tracemalloc.stop()


def test_a_batch_of_more_rows_than_anybody_has_is_refused(tmp_path):
    model = Sequential([LSTM(3, batch_input_shape=(2, 4, 1), stateful=True), Dense(1)])
    model.save(tmp_path / "m.keras")
    said = config_of(tmp_path / "m.keras")
    said["config"]["layers"][0]["config"]["batch_shape"][0] = 10**9
    rewrite(tmp_path / "m.keras", config=said)
    with refused(ValueError, "The batches are larger than the state"):
        tinylstm.load_model(tmp_path / "m.keras")


def dense_layers(path):
    """A model of three layers alike, of which a file says that two are of a class of the user's."""
    tinylstm.set_random_seed(2)
    model = Sequential([Dense(3, input_shape=(3,)), Dense(3), Dense(3)])
    model.save(path)
    tree, said = weights_of(path), config_of(path)
    groups = tree["layers"]
    groups["my_dense"], groups["my_dense_1"] = groups.pop("dense"), groups.pop("dense_2")
    groups["dense"] = groups.pop("dense_1")
    for k in (1, 3):
        said["config"]["layers"][k]["class_name"] = "MyDense"
    rewrite(path, config=said, weights=tree)
    return model


def test_classes_that_are_called_otherwise_here_keep_their_order(tmp_path):
    model = dense_layers(tmp_path / "m.keras")
    found = tinylstm.load_model(tmp_path / "m.keras", custom_objects={"MyDense": Dense})
    assert np.array_equal(found.theta, model.theta)


class MyDense(Dense):
    """One of the user's own."""


def test_weights_of_other_classes_are_refused_but_by_name(tmp_path):
    model, path = dense_layers(tmp_path / "m.keras"), tmp_path / "m.weights.h5"
    path.write_bytes(members_of(tmp_path / "m.keras")[WEIGHTS])
    other = Sequential([Dense(3, input_shape=(3,)), Dense(3), Dense(3)])
    other.build((None, 3))
    before = other.theta.copy()
    with refused(ValueError, "those of another model"):
        other.load_weights(path)
    assert np.array_equal(other.theta, before)
    other.load_weights(path, by_name=True)
    assert np.array_equal(other.theta, model.theta)
    own = Sequential([MyDense(3, input_shape=(3,)), Dense(3), MyDense(3)])
    own.build((None, 3))
    own.load_weights(path)
    assert np.array_equal(own.theta, model.theta)
    model.save_weights(path)  # three Dense: what the user's own is derived from
    own = Sequential([MyDense(3, input_shape=(3,)), MyDense(3), Dense(3)])
    own.build((None, 3))
    own.load_weights(path)
    assert np.array_equal(own.theta, model.theta)


DAMAGED = {
    "no text": {CONFIG: b"\xff"},
    "no JSON": {CONFIG: b"{"},
    "a list": {CONFIG: b"[]"},
    "deep": {CONFIG: b"[" * 1000},
    "no weights": {WEIGHTS: b"\x89HDF\r\n\x1a\n"},
}


@pytest.mark.parametrize("what", DAMAGED)
def test_a_damaged_file_is_refused_with_its_path(path, what):
    rewrite(path, **DAMAGED[what])
    with pytest.raises(ValueError, match=r"m\.keras") as caught:
        tinylstm.load_model(path)
    assert "\nExpected: " in str(caught.value)


def test_an_archive_of_something_else_is_refused(tmp_path):
    with zipfile.ZipFile(tmp_path / "m.keras", "w") as archive:
        archive.writestr("a.txt", "b")
    with refused(ValueError, "lacks config.json"):
        tinylstm.load_model(tmp_path / "m.keras")


@pytest.mark.parametrize("version", ["4.0.0", "of today", []])
def test_a_file_of_a_keras_that_nobody_knows_is_refused(path, version):
    rewrite(path, **{METADATA: json.dumps({"keras_version": version}).encode()})
    with refused(ValueError, "version of Keras"):
        tinylstm.load_model(path)


def test_names_that_stand_twice_are_none(path):
    tree = weights_of(path)
    for name in ("dense", "dense_1"):  # as before Keras 3.6, which wrote no names
        del tree["layers"][name][VARIABLES].attributes["name"]
    rewrite(path, weights=tree)
    weights = path.with_name("w.weights.h5")
    weights.write_bytes(members_of(path)[WEIGHTS])
    with refused(ValueError, "have the same name"):
        trained().load_weights(weights, by_name=True)
    trained().load_weights(path, by_name=True)  # which says its layers beside them


def test_words_of_keras_2_mean_what_they_meant(path):
    said = config_of(path)
    said["config"]["layers"][4]["config"]["recurrent_activation"] = "hard_sigmoid"
    rewrite(path, config=said)
    assert tinylstm.load_model(path).get_layer("top").recurrent_activation == "hard_sigmoid"
    rewrite(path, **{METADATA: b'{"keras_version": "2.15.0"}'})
    found = tinylstm.load_model(path).get_layer("top")
    assert found.recurrent_activation == "hard_sigmoid_keras2"


def test_a_bit_that_flipped_is_found_by_the_archive(path):
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1  # among the weights
    path.write_bytes(content)
    with pytest.raises(ValueError, match=r"m\.keras"):
        tinylstm.load_model(path)


def test_what_a_file_holds_is_shown(path):
    found = doors.shown(path)
    assert found.what == "a model of Keras 3"
    assert found.dtype == "float32"
    kinds = {name: kind for name, kind, _ in found.layers}
    assert kinds["top"] == "LSTM"
    assert "updates so far: 4" in found.lines


@pytest.mark.parametrize("suffix", [".keras", ".weights.h5", ".h5"])
def test_tensors_are_shown_by_the_names_that_they_have_here(tmp_path, suffix):
    path, model = tmp_path / f"m{suffix}", trained()
    model.save_weights(path) if suffix == ".weights.h5" else model.save(path)
    ours = [
        (layer.name, type(layer).__name__, [(k, v.shape) for k, v in layer.named_weights().items()])
        for layer in model.layers
    ]
    if suffix == ".weights.h5":  # which has them by their classes, and none without variables
        ours = sorted((one for one in ours if one[2]), key=lambda one: group_name(one[1]))
    assert doors.shown(path).layers == ours


def test_a_model_that_cannot_be_loaded_is_shown_in_its_order(path):
    said = config_of(path)
    said["config"]["layers"][2]["class_name"] = "Lambda"  # the Dropout
    rewrite(path, config=said)
    names = [layer.name for layer in trained().layers]
    assert [name for name, _, _ in doors.shown(path).layers] == names


def nested(path):
    """A file of a model whose first layer is a model; and the weights of all layers."""
    tinylstm.set_random_seed(3)
    inner = Sequential([LSTM(3, input_shape=(4, 2), return_sequences=True), Dense(2)], name="part")
    outer = Sequential([LSTM(3, input_shape=(4, 2)), Dense(1), Dense(1, name="last")])
    inner.save(path)
    part, variables = config_of(path), weights_of(path)
    outer.save(path)
    said, tree = config_of(path), weights_of(path)
    said["config"]["layers"].insert(1, part)
    tree["layers"]["sequential"] = hdf5.Group({"layers": variables["layers"]})
    rewrite(path, config=said, weights=tree)
    return inner.get_weights() + outer.get_weights()


def test_a_model_within_a_model_is_taken_layer_by_layer(tmp_path):
    weights = nested(tmp_path / "m.keras")
    model = tinylstm.load_model(tmp_path / "m.keras")
    names = ["part_lstm", "part_dense", "lstm", "dense", "last"]
    assert [layer.name for layer in model.layers] == names
    assert all(map(np.array_equal, model.get_weights(), weights))
    assert [name for name, _, _ in doors.shown(tmp_path / "m.keras").layers][2:] == names[2:]


def test_weights_of_a_whole_file_go_in_the_order_that_it_says(tmp_path):
    weights = nested(tmp_path / "m.keras")
    model = tinylstm.load_model(tmp_path / "m.keras")
    model.set_weights([np.zeros_like(one) for one in weights])
    model.load_weights(tmp_path / "m.keras")
    assert all(map(np.array_equal, model.get_weights(), weights))


def test_a_layer_of_ones_own_may_have_layers_within_it(tmp_path):
    model, path = dense_layers(tmp_path / "m.keras"), tmp_path / "m.keras"
    tree = weights_of(path)
    own = tree["layers"]["my_dense"]
    tree["layers"]["my_dense"] = hdf5.Group({"layers": hdf5.Group({"dense": own})})
    rewrite(path, weights=tree)
    found = tinylstm.load_model(path, custom_objects={"MyDense": Dense})
    assert np.array_equal(found.theta, model.theta)


def test_weights_of_a_model_within_another_go_by_name_and_alone_by_place(tmp_path):
    weights, path = nested(tmp_path / "m.keras"), tmp_path / "w.weights.h5"
    path.write_bytes(members_of(tmp_path / "m.keras")[WEIGHTS])
    layers = [LSTM(3, input_shape=(4, 2)), Dense(1, name="another"), Dense(1, name="last")]
    model = Sequential(layers)
    model.build((None, 4, 2))
    before = model.theta.copy()
    with refused(ValueError, "are those of another model"):
        model.load_weights(path)
    assert np.array_equal(model.theta, before)
    tree = weights_of(tmp_path / "m.keras")
    del tree["layers"]["lstm"], tree["layers"]["dense"]  # now no two are called alike
    rewrite(tmp_path / "m.keras", weights=tree)
    path.write_bytes(members_of(tmp_path / "m.keras")[WEIGHTS])
    model.load_weights(path, by_name=True)
    assert all(map(np.array_equal, layers[0].get_weights(), weights[:3]))
    assert all(map(np.array_equal, layers[2].get_weights(), weights[-2:]))
    del tree["layers"]["dense_1"]  # now no class is in two places
    rewrite(tmp_path / "m.keras", weights=tree)
    path.write_bytes(members_of(tmp_path / "m.keras")[WEIGHTS])
    other = Sequential([LSTM(3, input_shape=(4, 2), return_sequences=True), Dense(2)])
    other.build((None, 4, 2))
    other.load_weights(path)
    assert all(map(np.array_equal, other.get_weights(), weights[:5]))


def test_a_model_of_no_shape_is_not_written(tmp_path):
    with refused(ValueError, "needs a built model"):
        Sequential([Dense(1)]).save(tmp_path / "m.keras")
    assert list(tmp_path.iterdir()) == []


def test_nothing_of_keras_is_imported(path):
    code = (
        "import sys, tinylstm; tinylstm.load_model(sys.argv[1]).save(sys.argv[1]);"
        "assert not {'keras', 'tensorflow', 'pickle5'} & {*sys.modules}"
    )
    subprocess.run([sys.executable, "-c", code, str(path)], check=True)
