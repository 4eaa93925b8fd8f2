"""``keras.datasets``, out of files in Keras' own folder: all but the images in colour.

Source: ``keras/datasets`` at 2.2.4, and at 2.3.1 for the state of NumPy.
"""

import gzip
import json

import numpy as np

from ..surface.errors import mismatch
from .arguments import Spelling, old_function
from .cached import get_file
from .dialect import spoken

ORIGIN = "https://storage.googleapis.com/tensorflow/tf-keras-datasets/"


def arrays(path, *names):
    """Arrays by their names from an npz file; lists of words are pickled in it, as Keras had it."""
    with np.load(get_file(path, ORIGIN + path), allow_pickle=True) as file:
        return [file[name] for name in names]


def drawn(seed):
    """Where a shuffling draws from: up to 2.2 NumPy's global state, which it seeded."""
    if spoken().number >= (2, 3):
        return np.random.RandomState(seed)
    np.random.seed(seed)  # noqa: NPY002  weights are then drawn from it, too
    return np.random


def shuffled(rng, *together):
    """Arrays of one length in one random order."""
    order = np.arange(len(together[0]))
    rng.shuffle(order)
    return [one[order] for one in together]


def load_imdb(
    path="imdb.npz",
    num_words=None,
    skip_top=0,
    maxlen=None,
    seed=113,
    start_char=1,
    oov_char=2,
    index_from=3,
    test_split=None,
):
    """IMDB: texts as numbers of words, and whether they praise; arguments as in `coded`.

    test_split : share of all texts, as up to 1.0.3; by default those that the file has for it.
    """
    x, y, x_test, y_test = arrays(path, "x_train", "y_train", "x_test", "y_test")
    rng = drawn(seed)
    both = zip(shuffled(rng, x, y), shuffled(rng, x_test, y_test), strict=True)
    xs, ys = map(np.concatenate, both)
    xs, ys = coded(xs, ys, num_words, skip_top, maxlen, start_char, oov_char, index_from)
    if test_split is not None:
        return parts(xs, ys, int(len(xs) * (1 - test_split)))
    return parts(xs, ys, len(x))  # where maxlen leaves texts out, too, as Keras did


def load_reuters(
    path="reuters.npz",
    num_words=None,
    skip_top=0,
    maxlen=None,
    test_split=0.2,
    seed=113,
    start_char=1,
    oov_char=2,
    index_from=3,
):
    """Reuters: texts as numbers of words, and their topics; arguments as in `coded`."""
    xs, ys = shuffled(drawn(seed), *arrays(path, "x", "y"))
    xs, ys = coded(xs, ys, num_words, skip_top, maxlen, start_char, oov_char, index_from)
    return parts(xs, ys, int(len(xs) * (1 - test_split)))


def coded(xs, ys, num_words, skip_top, maxlen, start_char, oov_char, index_from):
    """Texts and their labels, as a script wants the words to be numbered.

    Parameters
    ----------
    xs, ys : arrays
        Lists of numbers of words, from 1, and a label each.
    num_words, skip_top : int
        Numbers from the one on, and before the other, are ``oov_char``, or left out if it is None.
    maxlen : int or None
        Longer texts, and those as long, are left out.
    start_char : int or None
        Stands in front of each text.
    index_from : int or None
        Is added to all numbers of words.
    """
    start = [] if start_char is None else [start_char]
    coded = [[*start, *(w + (index_from or 0) for w in x)] for x in xs]
    kept = [k for k, x in enumerate(coded) if not maxlen or len(x) < maxlen]
    if not kept:
        shortest = f"the shortest has {min(map(len, coded))} words"
        raise mismatch(f"No text is shorter than maxlen={maxlen}.", "a larger maxlen", shortest)
    end = num_words or max(max(coded[k]) for k in kept)
    other = [] if oov_char is None else [oov_char]
    texts = np.empty(len(kept), object)
    for row, k in enumerate(kept):
        texts[row] = [v for w in coded[k] for v in ([w] if skip_top <= w < end else other)]
    return texts, ys[kept]


def parts(x, y, at):
    """Training and test parts of arrays."""
    return (x[:at], y[:at]), (x[at:], y[at:])


def load_housing(path="boston_housing.npz", test_split=0.2, seed=113):
    """Boston: 13 numbers for each quarter, and the prices of its houses."""
    x, y = shuffled(drawn(seed), *arrays(path, "x", "y"))
    return parts(x, y, int(len(x) * (1 - test_split)))


def load_digits(path="mnist.npz"):
    """MNIST: digits of 28 x 28 grey points, and which they are."""
    x, y, x_test, y_test = arrays(path, "x_train", "y_train", "x_test", "y_test")
    return (x, y), (x_test, y_test)


def load_fashion():
    """Fashion-MNIST: clothes of 28 x 28 grey points, and their kinds."""
    return tuple(
        (points(f"{part}-images-idx3", 16).reshape(-1, 28, 28), points(f"{part}-labels-idx1", 8))
        for part in ("train", "t10k")
    )


def points(name, header):
    """The bytes behind the header of a file of Fashion-MNIST."""
    name = f"{name}-ubyte.gz"
    with gzip.open(get_file(name, ORIGIN + name, cache_subdir="datasets/fashion-mnist")) as file:
        return np.frombuffer(file.read(), np.uint8, offset=header)


def word_index(path):
    """A function: {word: number} out of a JSON file."""

    def get_word_index(path=path):
        with open(get_file(path, ORIGIN + path), encoding="utf-8") as file:
            return json.load(file)

    return get_word_index


WORDS = {"nb_words": "num_words"}
IMDB = ("path", "num_words", "skip_top", "maxlen", "seed", "start_char", "oov_char", "index_from")
REUTERS = (*IMDB[:4], "test_split", *IMDB[4:])
TABLES = {
    "datasets.imdb": {
        "load_data": old_function(load_imdb, Spelling(IMDB, WORDS), "load_data"),
        "get_word_index": word_index("imdb_word_index.json"),
    },
    "datasets.reuters": {
        "load_data": old_function(load_reuters, Spelling(REUTERS, WORDS), "load_data"),
        "get_word_index": word_index("reuters_word_index.json"),
    },
    "datasets.boston_housing": {"load_data": load_housing},
    "datasets.mnist": {"load_data": load_digits},
    "datasets.fashion_mnist": {"load_data": load_fashion},
}
