"""``python -m tinylstm show FILE``: what is in a file, without running it."""

import json
import zipfile

import h5py
import numpy as np
import pytest
from click.testing import CliRunner
from safetensors.numpy import save_file

import tinylstm
from tests.own_cells import peephole
from tinylstm import RNN, Bidirectional, Dense, Flatten, Sequential
from tinylstm.__main__ import main
from tinylstm.files import container


def shown(path):
    """What the command says of a file."""
    done = CliRunner().invoke(main, ["show", str(path)])
    assert done.exit_code == 0, done.output
    return done.output.splitlines()


def model():
    """One of one's own cell, trained for three updates."""
    tinylstm.set_random_seed(7)
    both = Bidirectional(tinylstm.LSTM(2, stateful=True, return_sequences=True))
    layers = [both, RNN(peephole, 3, return_sequences=True, name="reader"), Flatten(), Dense(1)]
    made = Sequential(layers)
    made.compile("nadam", "huber", ["mae"])
    made.fit(np.ones((6, 4, 2)), np.ones(6), batch_size=2, verbose=0)
    return made


def test_layers_shapes_and_the_position_are_shown_and_nothing_of_ones_own_is_needed(tmp_path):
    path = tmp_path / "model.safetensors"
    made = model()
    made.save(path)
    lines = shown(path)
    assert lines[0] == f"model.safetensors: a model, {path.stat().st_size:,} bytes"
    assert [line.split() for line in lines[1:5]] == [
        ["layer", "class", "tensor", "shape", "numbers"],
        ["bidirectional", "Bidirectional", "forward_kernel", "2", "x", "8", "16"],
        ["forward_recurrent_kernel", "2", "x", "8", "16"],
        ["forward_bias", "8", "8"],
    ]
    cells = [line.split() for line in lines]
    assert ["reader", "RNN", "kernel", "4", "x", "12", "48"] in cells
    assert ["flatten", "Flatten"] in cells
    assert ["moments", "2", "x", "198", "396"] in [row[-5:] for row in cells]
    assert ["state", "28", "28"] in [row[-3:] for row in cells]
    assert lines[-5:-1] == [
        "198 parameters of float32",
        "loss huber, optimiser Nadam",
        "updates so far: 3",
        f"seed {made.seed}, epochs begun so far: 1, rows of the state: 2",
    ]
    assert lines[-1].startswith("SHA-256 ")
    assert lines[-1].endswith(": right")


def test_weights_and_files_of_other_programs_are_shown_too(tmp_path):
    path = tmp_path / "weights"
    model().save_weights(path)
    lines = shown(path)
    assert lines[0].startswith("weights: weights of a model, ")
    assert lines[-2] == "198 parameters of float32"
    save_file({"a": np.ones((2, 3), np.int8), "b": np.array(1.0)}, tmp_path / "other")
    lines = shown(tmp_path / "other")
    assert lines[0].startswith("other: tensors of another program, ")
    assert sorted(lines[2:4], key=str.split) == sorted(lines[2:4])
    assert [line.split() for line in sorted(lines[2:4])] == [
        ["a", "2", "x", "3", "6"],
        ["b", "()", "1"],
    ]
    assert lines[-1] == "no checksum"


@pytest.mark.parametrize(
    "change", [[], "word", {"layers": 3, "model": [], "compile": {"loss": []}}]
)
def test_a_file_that_says_nonsense_is_shown(tmp_path, change):
    about = {"kind": "tinylstm model", "version": 1, "layers": ["a\x1b[31m", 3, "b" * 999]}
    about |= change if isinstance(change, dict) else {"model": change, "position": change}
    container.write(tmp_path / "file", {"a/kernel": np.ones(2)}, about)
    lines = shown(tmp_path / "file")
    assert all(line.isprintable() for line in lines)
    assert max(map(len, lines)) < 300


@pytest.mark.parametrize("loss", ["a\x1b[31m", {"class_name": "b" * 999}, {"out": ["mse"]}, None])
@pytest.mark.parametrize("suffix", [".keras", ".h5"])
def test_what_a_file_of_keras_was_compiled_with_is_shown_whatever_it_is(tmp_path, suffix, loss):
    path, made = tmp_path / f"m{suffix}", Sequential([Dense(1, input_shape=(2,))])
    made.compile("adam", "mse")
    made.save(path)
    if suffix == ".keras":
        with zipfile.ZipFile(path) as archive:
            members = {name: archive.read(name) for name in archive.namelist()}
        said = json.loads(members["config.json"])
        said["compile_config"] = {"loss": loss, "optimizer": loss}
        members["config.json"] = json.dumps(said)
        with zipfile.ZipFile(path, "w") as archive:
            for name, content in members.items():
                archive.writestr(name, content)
    else:
        with h5py.File(path, "a") as file:
            file.attrs["training_config"] = json.dumps({"loss": loss, "optimizer_config": loss})
    lines = shown(path)
    assert any(line.startswith("loss ") and ", optimiser " in line for line in lines)
    assert all(line.isprintable() for line in lines)
    assert max(map(len, lines)) < 300


def test_what_is_damaged_or_not_there_is_said(tmp_path):
    path = tmp_path / "model"
    model().save_weights(path)
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)
    for wrong, part in ((path, "another checksum"), (tmp_path / "none", "no such file")):
        done = CliRunner().invoke(main, ["show", str(wrong)])
        assert done.exit_code == 1
        assert part in done.output
