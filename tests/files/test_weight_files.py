"""Weights in files: what is read is what was written, all or nothing, and no kill breaks a file."""

import json
import os
import stat
import struct
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from safetensors import safe_open
from safetensors.numpy import load_file, save_file

from tests.processes import ROOT
from tests.snapshots import changed, refused, snapshot
from tinylstm import LSTM, Bidirectional, Dense, Dropout, Sequential, from_torch
from tinylstm.files import container, contents


def model_of(units=4, outputs=2, dtype="float32", **lstm):
    model = Sequential(
        [LSTM(units, input_shape=(3, 2), **lstm), Dropout(0.5), Dense(outputs)], dtype=dtype
    )
    model.compile("adam", "mse")
    model.build((None, 3, 2))
    return model


NAMES = {
    "lstm/kernel": (2, 16),
    "lstm/recurrent_kernel": (4, 16),
    "lstm/bias": (16,),
    "dense/kernel": (4, 2),
    "dense/bias": (2,),
}


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_a_file_holds_the_parameters_by_name_and_says_what_it_is(tmp_path, dtype):
    model = model_of(dtype=dtype)
    model.save_weights(tmp_path / "model.safetensors")
    found = load_file(tmp_path / "model.safetensors")
    assert {name: array.shape for name, array in found.items()} == NAMES
    for name, array in zip(NAMES, model.get_weights(), strict=True):
        assert found[name].dtype == dtype
        assert (found[name] == array).all()
    with safe_open(tmp_path / "model.safetensors", "numpy") as file:
        said = file.metadata()
    assert len(said.pop("tinylstm checksum")) == 64
    assert said == {
        "kind": "tinylstm weights",
        "version": "2",
        "layers": '["lstm", "dropout", "dense"]',
        "dtype": dtype,
    }
    assert os.listdir(tmp_path) == ["model.safetensors"]


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_what_is_loaded_is_what_was_saved(tmp_path, dtype):
    """Bit by bit in one dtype; else as set_weights converts. Nothing but the weights changes."""
    path, x = tmp_path / "a.safetensors", np.ones((5, 3, 2))
    first, second = model_of(dtype="float64"), model_of(dtype=dtype, stateful=True)
    second.fit(x, np.ones((5, 2)), batch_size=5, verbose=0)
    first.save_weights(str(path))
    before = snapshot(second)
    second.load_weights(str(path))
    assert changed(second, before) == ["weights"]
    assert (second.theta == first.theta.astype(dtype)).all()
    second.forward(x)
    second.load_weights(path)
    with pytest.raises(ValueError, match="forward"):
        second.backward(np.ones((5, 2)))  # what forward kept is of other weights


def test_layers_are_found_by_name_whatever_their_order(tmp_path):
    a, b = (Sequential([Dense(3, name=n) for n in names]) for names in ("pqr", "qpr"))
    for model in (a, b):
        model.build((None, 3))
    a.save_weights(tmp_path / "a")
    b.load_weights(tmp_path / "a")
    for name in "pqr":
        pair = [next(one for one in m.layers if one.name == name).get_weights() for m in (a, b)]
        assert all((x == y).all() for x, y in zip(*pair, strict=True))


def test_layers_of_other_names_are_found_by_their_places(tmp_path):
    def stack(names, last=None):
        first = [LSTM(3, input_shape=(4, 3), return_sequences=True, name=names[0]), Dropout(0.1)]
        ends = [LSTM(3, name=names[1]), Dense(3, name=last)]
        return Sequential([*first, Bidirectional(LSTM(2, return_sequences=True)), *ends])

    first, second = stack("ab", last="both"), stack("bc", last="out")
    first.save_weights(tmp_path / "a")
    second.load_weights(tmp_path / "a")
    assert not (first.theta == stack("ab").theta).all()
    assert (second.theta == first.theta).all()


def test_a_file_of_another_program_does_where_names_and_shapes_fit(tmp_path):
    model, rng = model_of(), np.random.default_rng(3)
    arrays = {name: rng.normal(size=shape).astype(np.float16) for name, shape in NAMES.items()}
    save_file(arrays, tmp_path / "other")
    model.load_weights(tmp_path / "other")
    for array, weight in zip(arrays.values(), model.get_weights(), strict=True):
        assert (array == weight).all()


def test_overwriting_is_the_default_and_can_be_refused(tmp_path):
    path, first, second = tmp_path / "a", model_of(), model_of()
    first.save_weights(path)
    second.save_weights(path)
    with refused(FileExistsError, "exists already"):
        first.save_weights(path, overwrite=False)
    first.load_weights(path)
    assert (first.theta == second.theta).all()
    first.save_weights(tmp_path / "b", overwrite=False)
    assert (tmp_path / "b").is_file()


def test_links_and_permissions_stay(tmp_path):
    path, model = tmp_path / "real", model_of()
    model.save_weights(path)
    usual = tmp_path / "usual"
    usual.write_bytes(b"")
    assert stat.S_IMODE(path.stat().st_mode) == stat.S_IMODE(usual.stat().st_mode)
    path.chmod(0o640)
    (tmp_path / "link").symlink_to(path)
    other = model_of()
    other.save_weights(tmp_path / "link")
    assert (tmp_path / "link").is_symlink()
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    model.load_weights(path)
    assert (model.theta == other.theta).all()


def with_header(header, content=b""):
    """Bytes of a safetensors file."""
    text = json.dumps(header).encode()
    return struct.pack("<Q", len(text)) + text + content


def damaged(content):
    """A whole file's content in many broken forms."""
    cuts = [*range(0, 20), len(content) // 2, len(content) - 1]
    yield from (content[:n] for n in cuts)
    yield content + b"\0"
    yield b"\x89HDF\r\n\x1a\n" + bytes(1000)
    yield b"lstm: 1, 2, 3\n" * 50


def test_broken_files_are_refused_and_change_nothing(tmp_path):
    path, model = tmp_path / "a", model_of()
    model.save_weights(path)
    content, before = path.read_bytes(), snapshot(model)
    model.theta[:] += 1
    for broken in damaged(content):
        path.write_bytes(broken)
        now = snapshot(model)
        with refused(ValueError, "not a complete safetensors file") as caught:
            model.load_weights(path, format="safetensors")
        assert f"{len(broken):,} bytes" in str(caught.value)
        assert changed(model, now) == []
    path.write_bytes(content)
    model.load_weights(path)
    assert changed(model, before) == []


OTHERS = {  # another model, and what the message must name
    "units": (lambda: model_of(5), ["lstm/kernel (2, 16)", "lstm/kernel (2, 20)", "(5, 20)"]),
    "outputs": (lambda: model_of(outputs=3), ["dense/kernel (4, 2)", "dense/kernel (4, 3)"]),
    "name and units": (
        lambda: model_of(5, name="reader"),
        ["lstm/kernel (2, 16)", "reader/kernel (2, 20)"],
    ),
    "name and tensors": (
        lambda: model_of(use_bias=False, name="reader"),
        ["lstm/bias (16,)", "reader/kernel (2, 16)"],
    ),
    "fewer": (
        lambda: Sequential([LSTM(4, input_shape=(3, 2))]),
        ["dense/bias (2,)", "a file without them"],
    ),
    "more": (
        lambda: Sequential([LSTM(4, input_shape=(3, 2)), Dense(2), Dense(1)]),
        ["dense_1/kernel (2, 1)", "nothing else"],
    ),
}


@pytest.mark.parametrize("case", OTHERS)
def test_weights_of_another_model_are_refused_with_what_differs(tmp_path, case):
    other, named = OTHERS[case]
    model = model_of()
    before = snapshot(model)
    other().save_weights(tmp_path / "a")
    with refused(ValueError, "another model") as caught:
        model.load_weights(tmp_path / "a")
    for words in named:
        assert words in str(caught.value)
    named_too = "lstm/" in str(caught.value)
    assert named_too == (case == "units" or "name" in case)  # only what differs is named
    assert changed(model, before) == []


def test_tensors_that_are_no_weights_are_refused(tmp_path):
    path, model = tmp_path / "a", model_of()
    before = snapshot(model)
    path.write_bytes(
        with_header({"a": {"dtype": "BOOL", "shape": [2], "data_offsets": [0, 2]}}, b"\0\1")
    )
    with refused(ValueError, "holds no weights"):
        model.load_weights(path)
    path.write_bytes(with_header({"__metadata__": {"kind": "tinylstm weights", "version": "3"}}))
    with refused(ValueError, "lost its checksum"):
        model.load_weights(path)
    container.write(path, {}, {"kind": "tinylstm weights", "version": 3})
    with refused(ValueError, "newer tinylstm"):
        model.load_weights(path)
    weights = dict(zip(NAMES, model.get_weights(), strict=True))
    weights["dense/bias"][1] = np.nan
    save_file(weights, path)
    with refused(ValueError, "not finite"):
        model.load_weights(path)
    assert changed(model, before) == []


def test_numbers_of_bfloat16_are_read_as_the_singles_that_they_are(tmp_path):
    torch = pytest.importorskip("torch")
    from safetensors.torch import save_file

    rng, weights = np.random.default_rng(1), model_of().get_weights()
    drawn = {name: rng.normal(size=w.shape) for name, w in zip(NAMES, weights, strict=True)}
    halves = {name: torch.tensor(one).to(torch.bfloat16) for name, one in drawn.items()}
    save_file(halves, tmp_path / "a")
    model = model_of()
    model.load_weights(tmp_path / "a")
    for name, found in zip(NAMES, model.get_weights(), strict=True):
        assert np.array_equal(found, halves[name].float().numpy())


def test_a_large_tensor_of_bfloat16_is_widened_in_its_own_place(tmp_path, monkeypatch):
    monkeypatch.setattr(contents, "PIECE", 7)
    numbers = np.random.default_rng(1).normal(size=(9, 11)).astype("f4").view("u4") >> 16
    entry = {"dtype": "BF16", "shape": [9, 11], "data_offsets": [0, 198]}
    (tmp_path / "a").write_bytes(with_header({"a": entry}, numbers.astype("<u2").tobytes()))
    found, _ = container.read(tmp_path / "a")
    assert np.array_equal(found["a"], (numbers << 16).view("f4"))


def test_weights_of_pytorch_are_said_to_be_such_whatever_their_dtype_is(tmp_path):
    entry = {"dtype": "F8_E4M3", "shape": [2], "data_offsets": [0, 2]}
    (tmp_path / "a").write_bytes(with_header({"head.weight": entry}, b"ab"))
    with refused(ValueError, "called as those of PyTorch") as caught:
        model_of().load_weights(tmp_path / "a", format="safetensors")
    assert "tinylstm.from_torch(path)" in str(caught.value)
    with refused(ValueError, "a dtype that NumPy has not") as caught:
        from_torch(tmp_path / "a")
    assert "tensor.float()" in str(caught.value)


def test_files_and_folders_that_are_not_there_are_said(tmp_path):
    model = model_of()
    with refused(FileNotFoundError, "no such file"):
        model.load_weights(tmp_path / "none")
    with refused(FileNotFoundError, "no such file") as caught:
        model.load_weights(tmp_path)
    assert "a folder" in str(caught.value)
    with refused(FileNotFoundError, "no such folder"):
        model.save_weights(tmp_path / "none" / "a")
    with refused(IsADirectoryError, "is a folder"):
        model.save_weights(tmp_path)
    unbuilt = Sequential([LSTM(2)])
    for method in (unbuilt.save_weights, unbuilt.load_weights):
        with refused(ValueError, "needs a built model"):
            method(tmp_path / "a")
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize("fails", ["fsync", "replace"])
def test_a_save_that_fails_leaves_the_old_file_and_nothing_else(tmp_path, monkeypatch, fails):
    path, model = tmp_path / "a", model_of()
    model.save_weights(path)
    content = path.read_bytes()
    model.theta[:] += 1

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, fails, full)
    with pytest.raises(OSError, match="No space"):
        model.save_weights(path)
    assert path.read_bytes() == content
    assert os.listdir(tmp_path) == ["a"]


def test_content_is_on_the_disk_before_the_name_and_the_folder_after_it(tmp_path, monkeypatch):
    steps, fsync, replace = [], os.fsync, os.replace

    def noted_fsync(number):
        steps.append("folder" if stat.S_ISDIR(os.fstat(number).st_mode) else "file")
        steps.append(os.fstat(number).st_size if steps[-1] == "file" else None)
        fsync(number)

    def noted_replace(old, new):
        steps.append("name")
        assert Path(old).parent == Path(new).parent
        replace(old, new)

    monkeypatch.setattr(os, "fsync", noted_fsync)
    monkeypatch.setattr(os, "replace", noted_replace)
    model_of().save_weights(tmp_path / "a")
    size = (tmp_path / "a").stat().st_size
    assert steps == ["file", size, "name", "folder", None]


KILLER = """
import os, signal, sys
from pathlib import Path
from tinylstm.files.replacing import write_whole
path = Path(sys.argv[1])
contents = [bytes([k]) * (1_000_000 + k) for k in (1, 2)]

def save_until_killed(line):
    "A process that saves the second content, killed before it runs that line of the writing."
    left = [line]
    def trace(frame, event, _):
        if frame.f_code.co_filename != write_whole.__code__.co_filename:
            return None
        left[0] -= event == "line"
        if left[0] == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return trace
    sys.settrace(trace)
    write_whole(path, [contents[1]])
    os._exit(0)

line, killed = 0, True
while killed:
    line += 1
    write_whole(path, [contents[0]])
    assert os.listdir(path.parent) == [path.name]
    child = os.fork()
    if child == 0:
        save_until_killed(line)
    killed = os.WIFSIGNALED(os.waitpid(child, 0)[1])
    print(contents.index(path.read_bytes()), len(os.listdir(path.parent)) - 1)
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_a_killed_save_leaves_the_old_file_or_the_new_one(tmp_path):
    """A process is killed before each line of the writing; what it leaves goes at the next save."""
    done = subprocess.run(
        [sys.executable, "-c", KILLER, str(tmp_path / "a")],
        **{"cwd": ROOT, "capture_output": True, "text": True},
    )
    assert done.returncode == 0, done.stderr
    seen, left = zip(*(line.split() for line in done.stdout.splitlines()), strict=True)
    assert len(seen) > 15
    assert list(seen) == sorted(seen)
    assert set(seen) == {"0", "1"}  # the old one, and the new one
    assert set(left) == {"0", "1"}
    assert left[-1] == "0"
