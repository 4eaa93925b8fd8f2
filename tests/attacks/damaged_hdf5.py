"""Damaged ``.h5`` files of models and weights, of Keras 1, 2 and 3: refused, or what they say.

Bytes are flipped, cut, lengthened, patched, numbers in them made huge or none; groups and arrays
are exchanged, called otherwise, given other shapes; texts of JSON in them are edited as JSON;
numbers that have a sum are changed. What may come of it: `_judge`. The process that reads may die
or be ended, which must become a sentence; how many were is printed.
"""

import copy
import io
import json
from dataclasses import replace
from functools import lru_cache
from itertools import chain
from pathlib import Path
from tempfile import TemporaryDirectory

import h5py
import numpy as np

import tinylstm
from tests.attacks._forks import forks
from tests.attacks._judge import ROOM, Row, finds, into
from tests.attacks._keras_files import one_of, sound
from tests.attacks._mutations import BYTES, drawn, edited, flipped, of_odd_numbers
from tests.attacks.damaged_models import of_use
from tests.attacks.odd_values import little_memory
from tinylstm.formats import hdf5
from tinylstm.formats.hdf5 import reading

SHAPES = ((), (0,), (1,), (3, 3), (2, 16, 1), (10**6,), (1,) * 32)
DTYPES = ("f2", "f4", "f8", "i1", "i8", "u8", "?")
LONG = 1000  # tries, from which on Keras writes files too, which takes some twenty seconds
LIMITS = {  # in this process; and on the clock, with the other one, which has its own limits
    "refusals": ValueError | NotImplementedError,
    "seconds": 2.0,
    "patience": 1.5 * reading.PATIENCE * reading.SECONDS,
}
DENIED = "of wrong sums"  # the kind of damage that the file's own sums deny


def attack(tries, seed):
    """So many mutants of ``.h5`` files."""
    return of_keras(".h5", MUTATIONS, row_of, tries, seed)


def of_keras(suffix, mutations, row_of, tries, seed):
    """Sound files of Keras with a suffix, and so many mutants; row_of: of a file, and a kind."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / f"mutant{suffix}"
        files = sound(suffix, with_theirs=tries >= LONG)
        with little_memory(), forks() as children:
            as_it_is = ((f"sound file {k}", one, "", one.content) for k, one in enumerate(files))
            made = drawn(tries, seed, files, mutations, lambda one: one.content)
            for name, one, kind, content in chain(as_it_is, made):
                is_sound = content == one.content
                yield from finds(row_of(one, kind), path, name, content, is_sound)
                if children.memory() > 2 * len(content) + ROOM:
                    yield f"{name}: its process takes {children.memory():,} bytes"
            print(f"{len(children.ended):,} processes read HDF5, ended by: {children.deaths()}")


def row_of(sound, kind):
    """What is asked of a mutant of a file: a model, or that it goes into one."""
    if sound.whole:
        row = Row(tinylstm.load_model, wrong_model, **LIMITS)
    else:
        row = Row(into, not_finite, model=lambda: one_of(sound.layers), **LIMITS)
    if kind == DENIED and places_with_sums(sound.content):
        row = replace(row, wrong=lambda *_: ["with a wrong sum"])
    return row


def wrong_model(model, content):
    """What is wrong with a model that was made of a file."""
    yield from not_finite(model, content)
    yield from of_use(model) if model.built else ()


def not_finite(model, content):
    """Whether a model has weights that are none."""
    if model.built and not np.isfinite(model.theta).all():
        yield "with numbers that are not finite"


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


@lru_cache
def places_with_sums(content):
    """(where, how many bytes) of what each sum of a file is of."""
    found = []
    with h5py.File(io.BytesIO(content)) as file:

        def note(_, one):
            if isinstance(one, h5py.Dataset) and one.fletcher32:
                chunks = (one.id.get_chunk_info(k) for k in range(one.id.get_num_chunks()))
                found.extend((chunk.byte_offset, chunk.size) for chunk in chunks)

        file.visititems(note)
    return found


def of_wrong_sums(content, rng):
    """Bits turned over in numbers that have a sum, or in the sum."""
    places = places_with_sums(content)
    if not places:
        return flipped(content, rng)
    at, count = rng.choice(places)
    while (made := flipped(content[at : at + count], rng)) == content[at : at + count]:
        pass  # a bit was turned over twice
    return content[:at] + made + content[at + count :]


MUTATIONS = BYTES | {
    "of odd numbers": of_odd_numbers,
    "of more odd numbers": of_odd_numbers,
    "of other groups": of_other_groups,
    "of other descriptions": of_other_descriptions,
    DENIED: of_wrong_sums,
}
