"""Whatever is in a file of weights: it is taken as it was written, or refused in a sentence."""

import os
import tracemalloc
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save_file

from tests.files.by_hand import ATTACKS, edited, file_of, parts, sealed
from tests.snapshots import changed, refused, snapshot
from tinylstm import LSTM, Dense, Sequential
from tinylstm.files import container

BESIDE = 64 * 2**20  # bytes that reading may take beside twice the file's
POSIX = pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="Windows has no pipes with names")


def model_of():
    model = Sequential([LSTM(4, input_shape=(3, 2)), Dense(2)])
    model.compile("adam", "mse")
    model.build((None, 3, 2))
    return model


@pytest.fixture(scope="module")
def model():
    return model_of()


@pytest.fixture(scope="module")
def content(tmp_path_factory):
    """The bytes of a file of weights."""
    path = tmp_path_factory.mktemp("weights") / "w"
    model_of().save_weights(path)
    return path.read_bytes()


@pytest.mark.parametrize("name", ATTACKS)
def test_what_is_wrong_is_refused_in_a_sentence_and_with_little_memory(
    tmp_path, model, content, name
):
    wrong, before = ATTACKS[name](content), snapshot(model)
    (tmp_path / "w").write_bytes(wrong)
    tracemalloc.start()
    try:
        with refused(ValueError, "") as caught:
            model.load_weights(tmp_path / "w")
        assert tracemalloc.get_traced_memory()[1] <= 2 * len(wrong) + BESIDE
    finally:
        tracemalloc.stop()
    assert len(str(caught.value)) < 3000
    assert str(caught.value).replace("\n", "").isprintable()
    assert changed(model, before) == []


def test_what_is_edited_by_hand_alone_is_no_reason_to_refuse_it(tmp_path, model, content):
    """So that each attack is refused for what it does."""
    for same in (content, sealed(content), edited(content, lambda header: None)):
        (tmp_path / "w").write_bytes(same)
        model.load_weights(tmp_path / "w")


def test_every_bit_is_under_the_checksum(tmp_path):
    path, about = tmp_path / "f", {"kind": "tinylstm test", "version": 2}
    container.write(path, {"a": np.arange(3.0)}, about)
    content = path.read_bytes()
    for byte in range(len(content)):
        for bit in range(8):
            flipped = bytes([content[byte] ^ 1 << bit])
            path.write_bytes(content[:byte] + flipped + content[byte + 1 :])
            with pytest.raises(ValueError, match="Expected: "):
                container.read(path)


def test_files_of_before_have_no_checksum_and_are_read(tmp_path):
    first, second, about = model_of(), model_of(), {"kind": "tinylstm weights", "version": "1"}
    names = [f"{layer.name}/{name}" for layer in first.layers for name in layer.named_weights()]
    tensors = dict(zip(names, first.get_weights(), strict=True))
    for metadata in (about | {"layers": '["lstm", "dense"]', "dtype": "float32"}, {"by": "me"}):
        save_file(tensors, tmp_path / "w", metadata)
        second.set_weights([np.zeros_like(array) for array in second.get_weights()])
        second.load_weights(tmp_path / "w")
        assert (second.theta == first.theta).all()


def test_a_file_that_changes_while_it_is_read_is_refused(tmp_path, content):
    for size, reason in ((len(content) - 1, "cut off"), (len(content) + 1, "changed")):
        (tmp_path / "w").write_bytes(content)
        with container.opened(tmp_path / "w") as file:
            os.truncate(tmp_path / "w", size)
            with refused(ValueError, f"{reason} while it was read"):
                file.tensors()


SPARSE = 12_000_000_000


@pytest.mark.parametrize("header", ["of a huge tensor", "of zeros", "of these weights"])
def test_a_huge_file_is_refused_before_it_is_read(tmp_path, model, content, header):
    shape = [SPARSE // 4]
    huge = {"lstm/bias": {"dtype": "F32", "shape": shape, "data_offsets": [0, SPARSE]}}
    start = {"of a huge tensor": file_of(huge), "of zeros": b"", "of these weights": content}
    (tmp_path / "w").write_bytes(start[header])
    os.truncate(tmp_path / "w", SPARSE + len(start[header]))
    tracemalloc.start()
    try:
        with refused(ValueError, ""):
            model.load_weights(tmp_path / "w")
        assert tracemalloc.get_traced_memory()[1] < BESIDE
    finally:
        tracemalloc.stop()


def test_names_are_compared_in_no_time_however_many(tmp_path, model, content):
    """20,000 tensors of another model took a minute, when each was compared with each."""
    names = [f"{k}/kernel" for k in range(20_000)]
    one = {"dtype": "F32", "shape": [0], "data_offsets": [0, 0]}
    header = dict.fromkeys(names, one)
    about = {"kind": "tinylstm weights", "version": "1", "layers": str([*range(20_000)])}
    about["layers"] = "[" + ",".join(f'"{k}"' for k in range(20_000)) + "]"
    (tmp_path / "w").write_bytes(file_of({"__metadata__": about} | header))
    with refused(ValueError, "those of another model"):
        model.load_weights(tmp_path / "w")
    with container.opened(tmp_path / "w") as file:
        assert len(file.entries) == len(names)


@POSIX
@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda path: os.mkfifo(path), "a named pipe"),
        (lambda path: path.mkdir(), "a folder"),
        (lambda path: path.symlink_to("/dev/zero"), "a device"),
        (lambda path: path.symlink_to(path.parent / "none"), "a link to nothing"),
    ],
)
def test_what_is_no_file_is_said_at_once(tmp_path, model, make, said):
    make(tmp_path / "w")
    with refused(FileNotFoundError, "no such file") as caught:
        model.load_weights(tmp_path / "w")
    assert said in str(caught.value)


@pytest.mark.parametrize(
    ("start", "said"),
    [
        (b"\x89HDF\r\n\x1a\n", "an HDF5 file, as Keras"),
        (b"PK\x03\x04\x14\0\0\0", "a zip archive, as Keras"),
        (b"\x93NUMPY\x01\0", "a NumPy file"),
    ],
)
def test_files_of_other_formats_are_called_by_their_names(tmp_path, model, start, said):
    (tmp_path / "w.h5").write_bytes(start + bytes(1000))
    with refused(ValueError, f"it is {said}"):
        model.load_weights(tmp_path / "w.h5", format="safetensors")


@POSIX
def test_a_link_is_followed_and_a_ring_of_links_is_said(tmp_path, model, content):
    (tmp_path / "w").write_bytes(content)
    (tmp_path / "link").symlink_to("w")
    model.load_weights(tmp_path / "link")
    (tmp_path / "ring").symlink_to("ring")
    with refused(OSError, "levels of symbolic links"):
        model.load_weights(tmp_path / "ring")


def test_an_attack_of_exchanged_offsets_needs_the_checksum_too(tmp_path, content):
    """What nobody sealed is refused; whoever seals a file says what is in it."""
    text, numbers = parts(content)
    (tmp_path / "w").write_bytes(file_of(text, numbers[::-1]))
    with refused(ValueError, "another checksum"):
        model_of().load_weights(Path(tmp_path / "w"))
