"""Files of Keras that were made to do harm: nothing of them is run, unpacked or believed."""

import base64
import io
import json
import marshal
import os
import pickle
import sys
import tracemalloc
import zipfile

import numpy as np
import pytest

import tinylstm
from tests.snapshots import refused
from tinylstm import LSTM, Dense, Sequential
from tinylstm.formats import hdf5

ROOM = 64 * 2**20
CONFIG, WEIGHTS = "config.json", "model.weights.h5"


def harm():
    """What a pickle or a Lambda of the attacker would do."""
    os.mkdir("harm")


class Harm:
    """A pickle that does it."""

    def __reduce__(self):
        return os.mkdir, ("harm",)


CODE = base64.b64encode(marshal.dumps(harm.__code__)).decode()
PICKLE = base64.b64encode(pickle.dumps(Harm())).decode()
LAYERS = {  # what stands in the place of the last layer of a model
    "a Lambda of Keras 3": {
        "module": "keras.layers",
        "class_name": "Lambda",
        "config": {
            "name": "dense",
            "function": {
                "class_name": "__lambda__",
                "config": {"code": CODE, "defaults": None, "closure": None},
            },
        },
    },
    "a Lambda of Keras 2": {
        "class_name": "Lambda",
        "config": {"name": "dense", "function": [CODE, None, None], "function_type": "lambda"},
    },
    "a Lambda whose module is named": {
        "class_name": "Lambda",
        "config": {
            "name": "dense",
            **{"function": "system", "module": "os", "function_type": "function"},
        },
    },
    "a class of a module": {
        "module": "os",
        "class_name": "system",
        "config": {"command": "mkdir harm"},
        "registered_name": "system",
    },
    "a function of a module": {
        "module": "builtins",
        "class_name": "function",
        "config": "eval",
        "registered_name": "function",
    },
    "a pickle": {"class_name": "Dense", "config": {"name": "dense", "units": {"pickle": PICKLE}}},
    "a tuple of YAML": {"class_name": "!!python/object/apply:os.mkdir", "config": ["harm"]},
}


def model_of():
    model = Sequential([LSTM(4, input_shape=(3, 2)), Dense(2)])
    model.compile("adam", "mse")
    model.build((None, 3, 2))
    return model


@pytest.fixture(scope="module")
def sound(tmp_path_factory):
    """{suffix: content} of files as they are written."""
    folder, found = tmp_path_factory.mktemp("sound"), {}
    for suffix in (".keras", ".h5"):
        model_of().save(folder / f"model{suffix}")
        found[suffix] = (folder / f"model{suffix}").read_bytes()
    return found


def with_config(content, change):
    """A file whose description was changed by a function."""
    if content.startswith(b"PK"):
        inside = members(content)
        said = json.loads(inside[CONFIG])
        inside[CONFIG] = json.dumps(change(said) or said).encode()
        return archive_of(inside.items())
    tree = hdf5.read(content, "a sound file")
    said = json.loads(tree.attributes["model_config"])
    tree.attributes["model_config"] = json.dumps(change(said) or said)
    return hdf5.content_of(tree)


def members(content):
    """{name: bytes} of an archive."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def archive_of(pairs, packed=zipfile.ZIP_STORED):
    """The bytes of an archive."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", packed) as archive:
        for name, inside in pairs:
            archive.writestr(zipfile.ZipInfo(name), inside, packed)
    return made.getvalue()


def with_last_layer(layer):
    """A change of a description: another last layer."""

    def change(said):
        said["config"]["layers"][-1] = layer

    return change


@pytest.mark.parametrize("suffix", [".keras", ".h5"])
@pytest.mark.parametrize("name", LAYERS)
def test_code_in_a_description_is_refused_and_not_run(tmp_path, monkeypatch, sound, name, suffix):
    monkeypatch.chdir(tmp_path)
    path = tmp_path / f"a{suffix}"
    path.write_bytes(with_config(sound[suffix], with_last_layer(LAYERS[name])))
    modules = {*sys.modules}
    with refused(ValueError, ""):
        tinylstm.load_model(path)
    assert os.listdir(tmp_path) == [path.name]
    assert [name for name in {*sys.modules} - modules if not name.startswith("tinylstm")] == []


def test_a_description_in_yaml_is_refused_and_not_run(tmp_path, monkeypatch, sound):
    monkeypatch.chdir(tmp_path)
    tree = hdf5.read(sound[".h5"], "a sound file")
    tree.attributes["model_config"] = "!!python/object/apply:os.mkdir [harm]"
    (tmp_path / "a.h5").write_bytes(hdf5.content_of(tree))
    with refused(ValueError, "does not say what it holds"):
        tinylstm.load_model(tmp_path / "a.h5")
    assert os.listdir(tmp_path) == ["a.h5"]


def bomb(inside):
    """An archive of a fifth of a megabyte that becomes two hundred."""
    inside[CONFIG] += b" " * (2 * 10**8)
    return archive_of(inside.items(), zipfile.ZIP_DEFLATED)


def doubled(inside):
    """A member that is there twice: who reads the first, and who the last?"""
    with pytest.warns(UserWarning, match="Duplicate"):
        return archive_of([*inside.items(), (CONFIG, b"{}")])


def packed_oddly(inside):
    return archive_of(inside.items(), zipfile.ZIP_LZMA)


def wrong_sum(inside):
    content = archive_of(inside.items())
    at = content.index(inside[WEIGHTS]) + len(inside[WEIGHTS]) - 1
    return content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :]


def without_weights(inside):
    return archive_of([(CONFIG, inside[CONFIG])])


def weights_that_link_away(inside):
    import h5py

    with h5py.File("in memory", "w", driver="core", backing_store=False) as file:
        file["layers"] = h5py.ExternalLink("/etc/passwd", "/")
        file.flush()
        inside[WEIGHTS] = file.id.get_file_image()
    return archive_of(inside.items())


def deep_description(inside):
    inside[CONFIG] = b'{"config":' * 5000 + b"1" + b"}" * 5000
    return archive_of(inside.items())


ARCHIVES = {
    bomb: "its members would have",
    doubled: "two members of one name",
    packed_oddly: "packed in a way that is not read here",
    wrong_sum: "CRC",
    without_weights: "lacks",
    weights_that_link_away: "link to elsewhere",
    deep_description: "nested deeper",
}


@pytest.mark.parametrize("attack", ARCHIVES, ids=lambda attack: attack.__name__)
def test_an_archive_that_does_harm_is_refused_with_little_memory(tmp_path, sound, attack):
    made = attack(members(sound[".keras"]))
    (tmp_path / "a.keras").write_bytes(made)
    tracemalloc.start()
    try:
        with refused(ValueError, "") as caught:
            tinylstm.load_model(tmp_path / "a.keras")
        assert tracemalloc.get_traced_memory()[1] < 2 * len(made) + ROOM
    finally:
        tracemalloc.stop()
    assert ARCHIVES[attack] in str(caught.value)


def test_names_that_lead_out_of_the_archive_lead_nowhere(tmp_path, sound):
    """Nothing is unpacked, whatever members are called."""
    names = "../../evil", "/etc/evil", "C:\\evil", "config.json/../../evil"
    more = [(name, b"evil") for name in names]
    (tmp_path / "inner").mkdir()
    path = tmp_path / "inner" / "a.keras"
    path.write_bytes(archive_of([*members(sound[".keras"]).items(), *more]))
    assert tinylstm.load_model(path).built
    assert os.listdir(tmp_path) == ["inner"]
    assert os.listdir(tmp_path / "inner") == ["a.keras"]


@pytest.mark.parametrize("suffix", [".keras", ".h5"])
def test_units_that_no_memory_holds_are_refused_by_the_arrays_that_the_file_has(
    tmp_path, sound, suffix
):
    def huge(said):
        for layer in said["config"]["layers"]:
            if "units" in layer["config"]:
                layer["config"]["units"] = 10**9

    (tmp_path / f"a{suffix}").write_bytes(with_config(sound[suffix], huge))
    tracemalloc.start()
    try:
        with refused(ValueError, "not those of the model that it describes"):
            tinylstm.load_model(tmp_path / f"a{suffix}")
        assert tracemalloc.get_traced_memory()[1] < ROOM
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("name", ["\x1b[2J", "Mean\udcffError"])
def test_a_name_that_commands_a_terminal_is_spelled(tmp_path, sound, name):
    def named(said):
        said["compile_config"]["metrics"] = [name]

    (tmp_path / "a.keras").write_bytes(with_config(sound[".keras"], named))
    with refused(ValueError, "metric") as caught:
        tinylstm.load_model(tmp_path / "a.keras")
    assert all(line.isprintable() for line in str(caught.value).split("\n"))


def test_what_is_edited_by_hand_alone_is_no_reason_to_refuse_it(tmp_path, sound):
    for suffix, content in sound.items():
        (tmp_path / f"a{suffix}").write_bytes(with_config(content, lambda said: None))
        model = tinylstm.load_model(tmp_path / f"a{suffix}")
        assert model.predict(np.ones((1, 3, 2))).shape == (1, 2)
