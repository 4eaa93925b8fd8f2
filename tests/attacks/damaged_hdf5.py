"""Damaged HDF5 files of models and weights: each is refused in a sentence, or is what it says.

Bytes are flipped, cut, lengthened, patched, numbers in them made huge or none; groups and arrays
are exchanged, called otherwise, given other shapes; texts of JSON in them are edited as JSON. The
child that reads them may die or be ended, which must become a sentence; here nothing may hang, take
memory that the file has not, change a model by half, or run what is in a file.
"""

import copy
import json
import random
import sys
import time
import warnings
from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

import tinylstm
from tests.attacks._hdf5_reader import one_reader
from tests.attacks.damaged_files import (
    HANGS,
    ROOM,
    cut,
    edit,
    flipped,
    is_sentence,
    lengthened,
    most_memory,
    patched,
)
from tests.attacks.damaged_models import HUGE, NO_LAYERS, leaves, of_use
from tests.attacks.odd_values import interrupted, little_memory
from tinylstm import LSTM, Bidirectional, Dense, Dropout, Sequential
from tinylstm.formats import hdf5

SECONDS = 2.0  # of the processor that a file may take here, beside its child
X, Y = np.ones((4, 3, 2), np.float32), np.ones((4, 2), np.float32)
NUMBERS = (2**64 - 1, 2**63, 2**40, 2**32, 2**31 - 1, 65535, 255, 1, 0)
SHAPES = ((), (0,), (1,), (3, 3), (2, 16, 1), (10**6,), (1,) * 32)
DTYPES = ("f2", "f4", "f8", "i1", "i8", "u8", "?")


def model_of(layers="one"):
    """A compiled model that has been trained."""
    tinylstm.set_random_seed(3)
    made = {
        "one": [LSTM(4, input_shape=(3, 2)), Dense(2)],
        "more": [
            Bidirectional(LSTM(3, return_sequences=True), input_shape=(3, 2)),
            *(Dropout(0.5), LSTM(2), Dense(2, activation="tanh")),
        ],
    }
    model = Sequential(made[layers])
    model.compile(tinylstm.Adam(0.01), "mse", metrics=["mae"])
    model.fit(X, Y, 2, epochs=1, verbose=0)
    return model


@lru_cache
def one_model():
    """The model that weights are read into."""
    return model_of()


def attack(tries, seed):
    """Mutants of a model in .h5, and of weights in .h5 and .weights.h5, in turn."""
    with TemporaryDirectory() as folder, little_memory(), one_reader() as reader:
        files = sound(Path(folder))
        for k in range(tries):
            rng = random.Random(f"{seed} {k}")
            suffix = sorted(files)[k % len(files)]
            content = rng.choice(files[suffix])
            kind, made = mutant(content, rng)
            path = Path(folder) / f"mutant{suffix}"
            path.write_bytes(made)
            yield from finds(path, f"mutant {k}, {suffix} {kind}", content == made)
        print(f"children that died: {len(reader.deaths)} {sorted(map(str, reader.deaths))}")


def sound(folder):
    """{suffix: contents} of files as they are written."""
    files = {".h5": [], ".weights.h5": [], ".only.h5": []}
    for layers in ("one", "more"):
        model = model_of(layers)
        for suffix, found in files.items():
            path = folder / f"sound{suffix}"
            (model.save if suffix == ".h5" else model.save_weights)(path)
            found.append(path.read_bytes())
    return files


def finds(path, name, is_sound, has_its_sums=lambda path: True):
    """What is wrong with what is made of a file: a sentence, or none."""
    whole = path.name in ("mutant.h5", "mutant.keras")
    model = None if whole else one_model()
    before = None if whole else model.theta.copy()
    modules, there = set(sys.modules), sorted(path.parent.iterdir())
    peak, started = most_memory(), time.process_time()
    size = path.stat().st_size
    try:
        with interrupted(HANGS), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            if whole:
                model = tinylstm.load_model(path)
            else:
                model.load_weights(path)
    except KeyboardInterrupt:
        yield f"{name}: hangs"
    except Exception as reason:
        if not isinstance(reason, ValueError | TypeError) or not is_sentence(str(reason)):
            yield f"{name}: {type(reason).__name__}: {reason}"
        if is_sound and "those of another model" not in str(reason):
            yield f"{name}: refuses a sound file: {reason}"
        if before is not None and not np.array_equal(model.theta, before):
            yield f"{name}: is refused, and has changed the model"
    else:
        if model.built and not np.isfinite(model.theta).all():
            yield f"{name}: is taken with numbers that are not finite"
        if not has_its_sums(path):
            yield f"{name}: is taken with a wrong sum"
        yield from of_use(name, model) if whole and model.built else ()
    if (took := time.process_time() - started) > SECONDS:
        yield f"{name}: takes {took:.1f} s"
    if (more := most_memory() - peak) > ROOM + 2 * size:
        yield f"{name}: takes {more:,} bytes of memory for {size:,} of a file"
    for module in sorted(set(sys.modules) - modules):
        if not module.startswith(("tinylstm", "numpy", "numba", "llvmlite", "h5py", "encodings")):
            yield f"{name}: imports {module}"
    if sorted(path.parent.iterdir()) != there:
        yield f"{name}: writes {sorted(path.parent.iterdir())}"


def mutant(content, rng):
    """A kind of mutation, and what it makes of a file."""
    kind = rng.choice(list(MUTATIONS))
    return kind, MUTATIONS[kind](content, rng)


def of_odd_numbers(content, rng):
    """Numbers of one to eight bytes in the place of others, near what is no zero."""
    found = bytearray(content)
    for _ in range(rng.choice((1, 1, 2, 3))):
        at = rng.randrange(len(found) - 8)
        while not any(found[at : at + 8]):
            at = rng.randrange(len(found) - 8)
        count = rng.choice((1, 2, 4, 8))
        number = rng.choice((*NUMBERS, len(content), rng.randrange(len(content))))
        found[at : at + count] = (number % 256**count).to_bytes(count, "little")
    return bytes(found)


@lru_cache
def read_once(content):
    """The groups of a sound file."""
    return hdf5.read(content, "a sound file")


def tree_in(content):
    """The groups of a sound file, to be changed."""
    return copy.deepcopy(read_once(content))


def of_other_groups(content, rng):
    """Groups and arrays exchanged, called otherwise, left out, of other shapes; written anew."""
    tree = tree_in(content)
    for _ in range(rng.choice((1, 1, 2, 4))):
        change(tree, rng)
    try:
        return hdf5.content_of(tree)
    except (OSError, RuntimeError, TypeError, ValueError):  # that cannot be written
        return content


def change(tree, rng):
    """Change a group, or one within it."""
    within = [one for one in tree.values() if isinstance(one, hdf5.Group)]
    if within and rng.random() < 0.8:
        return change(rng.choice(within), rng)
    what, name = rng.random(), rng.choice([*tree] or [""])
    if what < 0.3 and tree.attributes:
        key = rng.choice([*tree.attributes])
        odd = rng.choice((None, "", "x" * 99, 3, -1.5, ["a"], [], tree.attributes[key] * 2))
        tree.attributes[key] = "none" if odd is None else odd
    elif not tree:
        tree["new"] = np.ones(rng.choice(SHAPES), "f4")
    elif what < 0.45:
        tree[rng.choice(("0", "vars", "layers", "kernel:0", "é", "x" * 300))] = tree.pop(name)
    elif what < 0.6:
        del tree[name]
    elif what < 0.8:
        other = rng.choice([*tree])
        tree[name], tree[other] = tree[other], tree[name]
    elif isinstance(tree[name], np.ndarray):
        tree[name] = other_array(tree[name], rng)
    else:
        tree[name] = rng.choice((hdf5.Group(), np.ones(3), np.float32(2)))
    return None


def other_array(array, rng):
    """One of another shape or dtype, or with numbers that are none."""
    if rng.random() < 0.4:
        return np.ones(rng.choice(SHAPES), "f4")
    if rng.random() < 0.5:
        return array.astype(rng.choice(DTYPES))
    return np.full(array.shape, rng.choice((np.nan, np.inf, 1e38)), "f4")


def of_other_descriptions(content, rng):
    """A text of JSON in an attribute, edited as JSON."""
    tree = tree_in(content)
    texts = [name for name, said in tree.attributes.items() if is_json(said)]
    if not texts:
        return of_other_groups(content, rng)
    name = rng.choice(texts)
    tree.attributes[name] = json.dumps(edited(json.loads(tree.attributes[name]), rng))
    return hdf5.content_of(tree)


def is_json(text):
    """Whether a text of a file is a dict of JSON."""
    return isinstance(text, str) and text.startswith("{")


def edited(value, rng):
    """JSON with odd values, huge numbers, other classes."""
    if rng.random() < 0.5:
        for _ in range(rng.choice((1, 1, 2, 4))):
            edit(value, rng)
        return value
    path = rng.choice(list(leaves(value)))
    place = value
    for name in path[:-1]:
        place = place[name]
    place[path[-1]] = rng.choice(NO_LAYERS if path[-1] == "class_name" else HUGE)
    return value


MUTATIONS = {
    "flipped": flipped,
    "cut": cut,
    "lengthened": lengthened,
    "patched": patched,
    "of odd numbers": of_odd_numbers,
    "of more odd numbers": of_odd_numbers,
    "of other groups": of_other_groups,
    "of other descriptions": of_other_descriptions,
}
