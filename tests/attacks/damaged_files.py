"""Damaged files of weights: each is refused in a sentence, or taken as other programs read it.

A file is flipped, cut, lengthened, patched, its header and its length are written anew, its JSON is
edited as JSON; half of those with a checksum have it put right afterwards. Nothing may be taken
that has a wrong checksum; what else may not: `_judge`.
"""

import json
import random
import struct
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from safetensors import SafetensorError, deserialize
from safetensors.numpy import load, save

from tests.attacks._forks import forks
from tests.attacks._judge import Row, finds, into
from tests.attacks._mutations import BYTES, edit, flipped
from tests.attacks.odd_values import little_memory
from tests.files.by_hand import ATTACKS, CHECKSUM, file_of, has_its_checksum, parts, sealed
from tinylstm import LSTM, Dense, Sequential

FLOATS = {"F16": "<f2", "F32": "<f4", "F64": "<f8"}


def model_of(dtype="float32"):
    """A model of some hundred parameters, which are numbers of their own."""
    model = Sequential([LSTM(4, input_shape=(3, 2)), Dense(2)], dtype=dtype)
    model.build((None, 3, 2))
    return model


def attack(tries, seed):
    """The attacks by hand, and mutants until there are so many tries."""
    with TemporaryDirectory() as folder, little_memory(), forks():
        path, model = Path(folder) / "w", model_of()
        row = Row(into, wrong, model=lambda: model)
        files = sound(path)
        by_hand = [(name, edit(files[0])) for name, edit in ATTACKS.items()]
        for name, content in by_hand[:tries]:
            yield from finds(row, path, name, content, content in files)
        for k in range(tries - len(by_hand)):
            rng = random.Random(f"{seed} {k}")
            kind = rng.choice(list(MUTATIONS))
            content = MUTATIONS[kind](rng.choice(files), rng)
            if rng.random() < 0.5:
                content = sealed(content)
            yield from finds(row, path, f"mutant {k}, {kind}", content, content in files)


def wrong(model, content):
    """What is wrong with the weights of a model that came from a file."""
    if CHECKSUM.search(content) and not has_its_checksum(content):
        yield "with a wrong checksum"
    if not is_as_others_read_it(model, content):
        yield "otherwise than others read it"


def sound(path):
    """Files as they are written, now, before, and by others."""
    found = []
    for dtype in ("float32", "float64"):
        model_of(dtype).save_weights(path)
        found.append(path.read_bytes())
    tensors = load(found[0])
    before = {"kind": "tinylstm weights", "version": "1", "layers": '["lstm", "dense"]'}
    found.append(save(tensors, before | {"dtype": "float32"}))
    found.append(save({name: array.astype("float16") for name, array in tensors.items()}))
    return found


def is_as_others_read_it(model, content):
    """Whether a model has the numbers of a file, layer by layer in some order."""
    try:
        tensors = [array_of(one) for _, one in deserialize(content)]
    except (SafetensorError, KeyError):
        return False
    ours = [array.astype("float64") for array in model.get_weights()]
    theirs = [array.astype(model.dtype).astype("float64") for array in tensors]
    return sorted((a.shape, a.tobytes()) for a in ours) == sorted(
        (a.shape, a.tobytes()) for a in theirs
    )


def array_of(one):
    """The array of a tensor of floats as the library has it; NumPy has no bfloat16, which is the
    upper half of a float32."""
    if one["dtype"] == "BF16":
        halves = np.frombuffer(one["data"], "<u2").astype("<u4") << 16
        return halves.view("<f4").reshape(one["shape"])
    return np.frombuffer(one["data"], FLOATS[one["dtype"]]).reshape(one["shape"])


def flipped_in_header(content, rng):
    """The same, in the header alone."""
    text, numbers = parts(content)
    return content[:8] + flipped(text, rng) + numbers


def of_another_length(content, rng):
    """Another length of the header."""
    real = struct.unpack("<Q", content[:8])[0]
    near = (real + rng.randint(-9, 9), len(content) - 8 + rng.randint(-2, 2))
    length = rng.choice((*near, rng.randrange(2 ** rng.randint(1, 64)), 2**64 - rng.randint(1, 9)))
    return struct.pack("<Q", max(0, length)) + content[8:]


def of_other_letters(content, rng):
    """Other letters in the header, of the same number."""
    text, numbers = parts(content)
    letters = bytearray(text)
    for _ in range(rng.randint(1, 3)):
        letters[rng.randrange(len(letters))] = rng.choice(b'0123456789-+.eE"[]{},: \\/tfnulI')
    return file_of(bytes(letters), numbers)


def of_other_json(content, rng):
    """A header that was edited as JSON, once to three times."""
    text, numbers = parts(content)
    header = json.loads(text)
    for _ in range(rng.randint(1, 3)):
        edit(header, rng)
    return file_of(header, numbers)


MUTATIONS = BYTES | {
    "flipped in its header": flipped_in_header,
    "of another length": of_another_length,
    "of other letters": of_other_letters,
    "of other JSON": of_other_json,
}
