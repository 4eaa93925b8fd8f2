"""Damaged files of weights: each is refused in a sentence, or taken as other programs read it.

A file is flipped, cut, lengthened, patched, its header and its length are written anew, its JSON is
edited as JSON; half of those with a checksum have it put right afterwards. Nothing may be taken
that has a wrong checksum, no model changed by half, no sentence of a library be heard; and no file
may take a second, or 64 MiB beside twice its size.
"""

import copy
import json
import random
import struct
import time
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load, save

from tests.attacks.odd_values import interrupted, little_memory
from tests.files.by_hand import ATTACKS, CHECKSUM, file_of, has_its_checksum, parts, sealed
from tinylstm import LSTM, Dense, Sequential

SECONDS, ROOM = 1.0, 64 * 2**20  # that a file may take: of the processor, and bytes
HANGS = 60.0  # seconds, on a machine with much else to do
ODD = [
    *(-1, 0, 1, 4, 16, 17, 2**31, 2**32, 2**63 - 1, 2**63, 2**64, 10**30, 0.5, 1e308),
    *("", "lstm", "F32", "F16", "I64", "BF16", "two", "[", "[1]", '["lstm", "dense"]', "\x1b"),
    *(None, True, False, [], {}, [[]], [1, 2], ["lstm"], {"a": 1}, "[" * 2000),
]


def model_of(dtype="float32"):
    """A model of some hundred parameters, which are numbers of their own."""
    model = Sequential([LSTM(4, input_shape=(3, 2)), Dense(2)], dtype=dtype)
    model.build((None, 3, 2))
    return model


def attack(tries, seed):
    """The attacks by hand, and mutants until there are so many tries."""
    with TemporaryDirectory() as folder, little_memory():
        path, model = Path(folder) / "w", model_of()
        files = sound(path)
        by_hand = [(name, edit(files[0])) for name, edit in ATTACKS.items()]
        for name, content in by_hand[:tries]:
            yield from finds(model, path, name, content, files)
        for k in range(tries - len(by_hand)):
            rng = random.Random(f"{seed} {k}")
            kind = rng.choice(list(MUTATIONS))
            content = MUTATIONS[kind](rng.choice(files), rng)
            if rng.random() < 0.5:
                content = sealed(content)
            yield from finds(model, path, f"mutant {k}, {kind}", content, files)


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


def finds(model, path, name, content, sound_ones):
    """What is wrong with how a model takes a file: a sentence, or none."""
    path.write_bytes(content)
    before, peak, started = model.theta.copy(), most_memory(), time.process_time()
    try:
        with interrupted(HANGS):
            model.load_weights(path)
    except KeyboardInterrupt:
        yield f"{name}: hangs"
    except Exception as reason:
        if type(reason) is not ValueError or not is_sentence(str(reason)):
            yield f"{name}: {type(reason).__name__}: {reason}"
        if content in sound_ones:
            yield f"{name}: refuses a sound file: {reason}"
        if not np.array_equal(model.theta, before):
            yield f"{name}: is refused, and has changed the model"
    else:
        if CHECKSUM.search(content) and not has_its_checksum(content):
            yield f"{name}: is taken with a wrong checksum"
        if not is_as_others_read_it(model, content):
            yield f"{name}: is not taken as others read it"
    if (took := time.process_time() - started) > SECONDS:
        yield f"{name}: takes {took:.1f} s"
    if (more := most_memory() - peak) > ROOM + 2 * len(content):
        yield f"{name}: takes {more:,} bytes of memory for {len(content):,} of a file"


def is_sentence(said):
    """Whether it is one, with what was expected and what came, and shows on any terminal."""
    lines = said.split("\n")
    starts = len(lines) == 3 and (lines[1][:10], lines[2][:10]) == ("Expected: ", "Received: ")
    return starts and all(line.isprintable() for line in lines)


def is_as_others_read_it(model, content):
    """Whether a model has the numbers of a file, layer by layer in some order."""
    try:
        tensors = load(content)
    except SafetensorError:
        return False
    ours = [array.astype("float64") for array in model.get_weights()]
    theirs = [array.astype(model.dtype).astype("float64") for array in tensors.values()]
    return sorted((a.shape, a.tobytes()) for a in ours) == sorted(
        (a.shape, a.tobytes()) for a in theirs
    )


def most_memory():
    """The most that this process has ever had, in bytes; 0 where the system does not say."""
    try:
        import resource
    except ImportError:
        return 0
    return 1024 * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def flipped(content, rng):
    """Some bits turned over."""
    found = bytearray(content)
    for _ in range(rng.choice((1, 1, 1, 2, 8))):
        found[rng.randrange(len(found))] ^= 1 << rng.randrange(8)
    return bytes(found)


def flipped_in_header(content, rng):
    """The same, in the header alone."""
    text, numbers = parts(content)
    return content[:8] + flipped(text, rng) + numbers


def cut(content, rng):
    """A part of it, from the start, or to the end."""
    at = rng.randrange(len(content))
    return rng.choice((content[:at], content[at:]))


def lengthened(content, rng):
    """Something behind it, or in between."""
    at = rng.choice((len(content), rng.randrange(len(content))))
    more = rng.choice((b"\0", b" ", rng.randbytes(rng.randint(1, 100)), content, bytes(4096)))
    return content[:at] + more + content[at:]


def patched(content, rng):
    """A part of it where another part was."""
    count = rng.randint(1, 64)
    here, there = (rng.randrange(max(1, len(content) - count)) for _ in range(2))
    return content[:here] + content[there : there + count] + content[here + count :]


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


def edit(header, rng):
    """Put an odd value somewhere into JSON, or what is at another place; or take something out."""
    places = list(inside(header))
    if not places:
        return
    where, key = rng.choice(places)
    other = rng.choice(places)
    new = copy.deepcopy(rng.choice((rng.choice(ODD), other[0][other[1]])))
    what = rng.random()
    if what < 0.1:
        del where[key]
    elif what < 0.2 and isinstance(where, dict):
        where[rng.choice(("", "a", "lstm/kernel", "__metadata__", "lstm/bias/"))] = new
    elif what < 0.3:
        other[0][other[1]], where[key] = where[key], copy.deepcopy(other[0][other[1]])
    else:
        where[key] = new


def inside(value):
    """Each place in JSON, as what it is in and its name or number there."""
    keys = value if isinstance(value, dict) else range(len(value)) if type(value) is list else ()
    for key in list(keys):
        yield value, key
        yield from inside(value[key])


MUTATIONS = {
    "flipped": flipped,
    "flipped in its header": flipped_in_header,
    "cut": cut,
    "lengthened": lengthened,
    "patched": patched,
    "of another length": of_another_length,
    "of other letters": of_other_letters,
    "of other JSON": of_other_json,
}
