"""In which format a file is written and read, and what is true of all formats."""

import os
import subprocess
import sys

import numpy as np
import pytest

import tinylstm
from tests import ROOT
from tests.snapshots import refused
from tinylstm import LSTM, Dense, Sequential
from tinylstm.formats import ALL, FORMATS, OWN, Format, chosen, doors, line_of_compiled
from tinylstm.formats.hdf5 import reading
from tinylstm.formats.onnx import showing

pytestmark = pytest.mark.quick
OTHER = Format("other", (".other", ".weights.other"), "Others", "own", ("save", "load"), b"OTHER")
LACKING = OTHER._replace(name="lacking", suffixes=(".lacking",), begins=b"", extra="none")


def model_of(names=("lstm", "dense"), units=4):
    model = Sequential([LSTM(units, input_shape=(3, 2), name=names[0]), Dense(2, name=names[1])])
    model.build((None, 3, 2))
    return model


@pytest.fixture
def other(monkeypatch):
    """One more format, which is ours in truth; and one that needs what nobody has."""
    monkeypatch.setitem(FORMATS, "other", OTHER)
    monkeypatch.setitem(FORMATS, "lacking", LACKING)
    monkeypatch.setitem(chosen.PACKAGES, "none", "no_such_package")
    return OTHER


def test_what_a_row_says_its_module_can_it_can_and_nothing_else():
    for one in FORMATS.values():
        module = chosen.module_of(one)
        found = {what for what in ALL if hasattr(module, what)}
        found |= {"load_weights"} if hasattr(module, "layers_in") else set()
        assert found == {*one.can}, one.name
        assert hasattr(module, "shown"), one.name


def test_names_and_suffixes_are_those_of_one_format():
    suffixes = [suffix for one in FORMATS.values() for suffix in one.suffixes]
    assert len(suffixes) == len({*suffixes})
    assert all(name == one.name for name, one in FORMATS.items())
    assert all(one.extra is None or one.extra in chosen.PACKAGES for one in FORMATS.values())


def test_the_format_is_that_of_the_name_or_of_the_longest_suffix_or_ours(other, tmp_path):
    for name in ("a.other", "b.OTHER", "a.weights.other"):
        assert chosen.to_write(tmp_path / name, None) is other
    for name in ("a", "a.bin", "other", "a.other.bin"):
        assert chosen.to_write(tmp_path / name, None) is OWN
    assert chosen.to_write(tmp_path / "a.bin", "other") is other
    assert chosen.to_write(tmp_path / "a.safetensors", "torch.safetensors").suffixes == ()
    with refused(ValueError, "Unknown format: 'othr'") as caught:
        chosen.to_write(tmp_path / "a", "othr")
    assert "Did you mean 'other'" in str(caught.value)


def test_a_file_is_known_by_how_it_begins_then_by_its_suffix(other, tmp_path):
    model = model_of()
    with pytest.warns(UserWarning, match=r"a\.other is a file of tinylstm .* that of 'other'"):
        model.save_weights(tmp_path / "a.other", format="safetensors")
    assert chosen.to_read(tmp_path / "a.other", None) is OWN
    for name, begin, found in (
        ("a", b"OTHER", other),
        ("a.safetensors", b"OTHER", other),
        ("a.other", b"something else", other),
        ("a", b"", OWN),
    ):
        (tmp_path / name).write_bytes(begin)
        assert chosen.to_read(tmp_path / name, None) is found
    assert chosen.to_read(tmp_path / "a.other", "safetensors") is OWN


def test_what_a_format_has_not_is_said_with_those_that_have_it(other, tmp_path):
    path = tmp_path / "a.weights.other"
    with refused(ValueError, "Files of Others of the format 'other' hold whole models") as caught:
        model_of().save_weights(path)
    beside = str(tmp_path / "a.safetensors")
    expected = f"model.save({str(path)!r}) or model.save_weights({beside!r})"
    assert str(caught.value).splitlines()[1:] == [f"Expected: {expected}", f"Received: {path}"]
    assert os.listdir(tmp_path) == []


def test_weights_alone_are_no_model_and_the_way_to_read_them_is_said(tmp_path):
    model_of().save_weights(tmp_path / "a.weights.h5")
    with refused(ValueError, "There are weights alone") as caught:
        tinylstm.load_model(tmp_path / "a.weights.h5")
    assert "model.load_weights(path)" in str(caught.value)
    assert f"Received: {tmp_path / 'a.weights.h5'}" in str(caught.value)


@pytest.mark.parametrize("name", ["a.pb", "a.PKL", "a.npz", "cp.ckpt", "model.json"])
def test_a_suffix_of_files_that_are_never_written_is_warned_of(tmp_path, name):
    for save in (model_of().save, model_of().save_weights):
        with pytest.warns(UserWarning, match=f"{name} is a safetensors file, although"):
            save(tmp_path / name, overwrite=True)
        save(tmp_path / name, overwrite=True, format="safetensors")
        tinylstm.formats.doors.shown(tmp_path / name)


@pytest.mark.parametrize("name", ["a.pb", "saved_model.PB", "a.pkl", "a.json", "a.npy"])
def test_a_file_of_a_program_that_is_never_read_is_said_to_be_one(tmp_path, name):
    (tmp_path / name).write_bytes(b"something of theirs")
    for read in (tinylstm.load_model, model_of().load_weights, doors.shown):
        with refused(ValueError, f"{name} seems to be a file of"):
            read(tmp_path / name)


@pytest.mark.parametrize("begin", [b"\x89PNG\r\n\x1a\n\0\0", b"import numpy as np", b"time,value"])
def test_a_file_that_begins_as_none_is_told_which_are_read(tmp_path, begin):
    (tmp_path / "a.txt").write_bytes(begin)
    for read in (tinylstm.load_model, model_of().load_weights, doors.shown):
        with refused(ValueError, "a.txt does not begin as any file that is read") as caught:
            read(tmp_path / "a.txt")
        assert ".safetensors, .keras, .weights.h5, .h5, .hdf5, .pt" in str(caught.value)
        assert repr(begin[:8]) in str(caught.value)


def test_a_suffix_of_another_format_than_the_one_that_was_asked_for_is_warned_of(tmp_path):
    with pytest.warns(UserWarning, match=r"a\.keras is a file of Keras 1 and 2 .* end in \.h5"):
        model_of().save(tmp_path / "a.keras", format="h5")
    assert tinylstm.load_model(tmp_path / "a.keras", compile=False).count_params()


@pytest.mark.filterwarnings("ignore:.*although its suffix is that of:UserWarning")
@pytest.mark.parametrize("written", ["h5", "weights.h5"])
@pytest.mark.parametrize("suffix", [".h5", ".weights.h5", ""])
def test_a_file_of_keras_is_read_once_whatever_its_suffix_says(
    tmp_path, monkeypatch, written, suffix
):
    model, times, run = model_of(), [], reading.run
    model.save_weights(tmp_path / f"a{suffix}", format=written)
    monkeypatch.setattr(reading, "run", lambda *given: (times.append(1), run(*given)))
    assert chosen.to_read(tmp_path / f"a{suffix}", None) is FORMATS[written]
    other = model_of()
    other.load_weights(tmp_path / f"a{suffix}")
    assert (other.theta == model.theta).all()
    assert times == [1]


def test_a_folder_that_is_a_model_of_tensorflow_is_said_to_be_one(tmp_path):
    (tmp_path / "saved_model.pb").write_bytes(b"")
    for read in (tinylstm.load_model, model_of().load_weights, doors.shown):
        with refused(IsADirectoryError, "a SavedModel of TensorFlow") as caught:
            read(tmp_path)
        assert ".save('m.keras')" in str(caught.value)


def test_what_must_be_installed_is_said(other, tmp_path):
    with refused(ImportError, "Files of Others need no_such_package") as caught:
        model_of().save(tmp_path / "a.lacking")
    assert 'pip install "tinylstm[none]"' in str(caught.value)
    assert os.listdir(tmp_path) == []


def test_a_checkpoint_that_could_not_be_written_is_refused_before_the_training(other, tmp_path):
    model, x = model_of(), np.zeros((4, 3, 2))
    model.compile("sgd", "mse")
    for name, weights, kind, words, way in (
        ("a.lacking", False, ImportError, "need no_such_package", "pip install"),
        ("{epoch}.other", True, ValueError, "whole models only", ".other') or ModelCheckpoint("),
        ("a.weights.h5", False, ValueError, "weights only", "h5', save_weights_only=True) or M"),
    ):
        saving = tinylstm.callbacks.ModelCheckpoint(tmp_path / name, save_weights_only=weights)
        with refused(kind, words) as caught:
            model.fit(x, x[:, 0], callbacks=[saving], verbose=0)
        assert way in str(caught.value)
        assert model.optimizer.iterations == 0


def test_a_model_from_elsewhere_has_a_seed_as_a_new_one_has(tmp_path):
    for name in ("a.keras", "a.h5", "a.onnx", "a.safetensors"):
        model = model_of()
        model.save(tmp_path / name)
        seeds = []
        for _ in range(2):
            tinylstm.set_random_seed(4)
            found = tinylstm.load_model(tmp_path / name, compile=False)
            seeds.append((found.seed, found.network.seed))
        assert seeds[0] == seeds[1]
        tinylstm.set_random_seed(4)
        expected = model.seed if name == "a.safetensors" else model_of().seed
        assert {*seeds[0]} == {expected}


def test_a_save_that_fails_within_a_format_leaves_the_old_file(tmp_path, monkeypatch):
    path, model = tmp_path / "a", model_of()
    model.save(path)
    content = path.read_bytes()

    def half(model, path):
        path.write_bytes(b"half of it")
        raise ValueError("no word for this layer")

    monkeypatch.setattr("tinylstm.formats.own.save", half)
    with pytest.raises(ValueError, match="no word"):
        model.save(path)
    assert path.read_bytes() == content
    assert os.listdir(tmp_path) == ["a"]


def test_weights_that_are_not_finite_are_not_written(tmp_path):
    model = model_of()
    model.theta[3] = np.inf
    for save in (model.save, model.save_weights):
        with refused(ValueError, "not finite"):
            save(tmp_path / "a")
    assert os.listdir(tmp_path) == []


def test_a_format_by_its_name_goes_through_every_door(tmp_path):
    model, path = model_of(), tmp_path / "a.bin"
    tinylstm.save_model(model, path, True, "safetensors")
    loaded = tinylstm.load_model(path, format="safetensors")
    assert (loaded.theta == model.theta).all()
    model.save_weights(path, format="safetensors")
    model_of().load_weights(path, format="safetensors")


def test_layers_of_names_that_the_file_has_too_get_its_weights(tmp_path):
    first, second = model_of(("a", "b")), model_of(("c", "b"))
    first.save_weights(tmp_path / "w")
    before = [array.copy() for array in second.layers[0].get_weights()]
    second.load_weights(tmp_path / "w", by_name=True)
    assert all(map(np.array_equal, before, second.layers[0].get_weights()))
    assert all(map(np.array_equal, first.layers[1].get_weights(), second.layers[1].get_weights()))
    with refused(ValueError, "another model"):
        model_of(("c", "d")).load_weights(tmp_path / "w", by_name=True)


def test_what_is_shown_names_layers_and_shapes(tmp_path):
    model_of().save(tmp_path / "a")
    found = doors.shown(tmp_path / "a")
    assert found.what == "a model"
    assert found.layers[1] == ("dense", "Dense", [("kernel", (4, 2)), ("bias", (2,))])


def test_nothing_that_formats_need_is_imported_with_the_package():
    names = "h5py", "onnx", "torch", "keras", "tensorflow", "tf_keras"
    code = f"import sys, tinylstm; print([n for n in {names} if n in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert done.stdout.strip() == "[]", done.stderr


def test_a_format_without_a_thing_names_the_method_that_has_it(tmp_path, monkeypatch):
    model = Sequential([LSTM(2, input_shape=(3, 1))])
    monkeypatch.chdir(tmp_path)
    for name, beside in (("m.pth", "m.safetensors"), ("m.weights.h5", "m.keras")):
        with refused(ValueError, "hold weights only.") as caught:
            model.save(name)
        assert f"model.save_weights({name!r}) or model.save({beside!r})" in str(caught.value)
    for name, beside in (("m.keras", "m.weights.h5"), ("m.onnx", "m.safetensors")):
        with refused(ValueError, "hold whole models only.") as caught:
            model.save_weights(name)
        assert f"model.save({name!r}) or model.save_weights({beside!r})" in str(caught.value)
    with refused(ValueError, "hold weights only.") as caught:
        model.save("m.bin", format="torch")
    assert "model.save_weights('m.bin', format='torch') or model.save(" in str(caught.value)
    with refused(ValueError, "Unknown layer of this model: 'nope'") as caught:
        model.get_layer("nope")
    assert "own_layer" not in str(caught.value)
    with pytest.warns(UserWarning, match="suffix is that of TensorFlow"):
        model.save(tmp_path / "m.tf")


def test_a_class_is_shown_without_the_package_that_it_is_registered_in():
    said = {"class_name": "Custom>SGD", "config": {}}
    assert line_of_compiled("mse", said) == "loss mse, optimiser SGD"


def test_a_file_of_numpy_is_shown_the_way_of_weights_of_pytorch(tmp_path):
    np.savez(tmp_path / "a.npz", weight=np.ones(2))
    with refused(ValueError, "seems to be a file of NumPy") as caught:
        tinylstm.load_model(tmp_path / "a.npz")
    assert "tinylstm.from_torch(path)" in str(caught.value)


def test_a_maker_of_onnx_whose_commit_nobody_knows_is_shown_without_it(monkeypatch):
    said = {"graph": {}, "opset_import": [{"version": 17}], "producer_name": "tf2onnx"}
    monkeypatch.setattr(showing, "message_of", lambda _: said | {"producer_version": "1.17.0 None"})
    assert showing.shown_of(b"").lines[-1] == "made by tf2onnx 1.17.0, opset 17"
