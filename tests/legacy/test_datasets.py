"""``keras.datasets`` reads what stands in Keras' own folder as Keras did."""

import gzip
import json
import pickle

import keras
import numpy as np
import pytest

from tests.old_scripts import run_text


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Keras' folder for data."""
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "home"))
    made = tmp_path / "home" / "datasets"
    made.mkdir(parents=True)
    return made


def texts_of(rng, count):
    """Numbers of words of so many texts."""
    texts = np.empty(count, object)
    texts[:] = [[*map(int, rng.integers(1, 30, rng.integers(2, 9)))] for _ in range(count)]
    return texts


@pytest.fixture
def files(folder, rng):
    """Small files in the forms of the large ones."""
    labels = rng.integers(0, 2, 40)
    np.savez(
        folder / "imdb.npz",
        x_train=texts_of(rng, 25),
        y_train=labels[:25],
        x_test=texts_of(rng, 15),
        y_test=labels[25:],
    )
    np.savez(folder / "reuters.npz", x=texts_of(rng, 40), y=labels)
    np.savez(folder / "boston_housing.npz", x=rng.normal(size=(40, 13)), y=rng.normal(size=40))
    images = rng.integers(0, 255, (40, 28, 28), dtype=np.uint8)
    np.savez(
        folder / "mnist.npz",
        x_train=images[:25],
        y_train=labels[:25],
        x_test=images[25:],
        y_test=labels[25:],
    )
    (folder / "imdb_word_index.json").write_text(json.dumps({"the": 1, "film": 2}))
    fashion = folder / "fashion-mnist"
    fashion.mkdir()
    for part, rows in (("train", slice(25)), ("t10k", slice(25, None))):
        for kind, header, values in (
            ("images-idx3", 16, images),
            ("labels-idx1", 8, labels.astype(np.uint8)),
        ):
            packed = gzip.compress(bytes(header) + values[rows].tobytes())
            (fashion / f"{part}-{kind}-ubyte.gz").write_bytes(packed)
    return folder


def loaded(tmp_path, name, arguments="", version="2.3.1"):
    """What a script's ``load_data`` gives."""
    text = (
        f"import pickle, pathlib\nfrom keras.datasets import {name}\n"
        f"data = {name}.load_data({arguments})\n"
        f"pathlib.Path({str(tmp_path / 'data')!r}).write_bytes(pickle.dumps(data))\n"
    )
    ran = run_text(tmp_path, text, version=version)
    assert ran == (0, "", "")
    return pickle.loads((tmp_path / "data").read_bytes())


LOADS = [
    ("imdb", ""),
    ("imdb", "num_words=12, skip_top=5"),
    ("imdb", "num_words=12, start_char=None, index_from=0, oov_char=None, seed=3"),
    ("reuters", ""),
    ("reuters", "num_words=12, skip_top=5, maxlen=6, test_split=0.3"),
    ("reuters", "start_char=None, oov_char=None, num_words=20"),
    ("boston_housing", ""),
    ("boston_housing", "test_split=0.25, seed=5"),
    ("mnist", ""),
    ("fashion_mnist", ""),
]


@pytest.mark.parametrize(("name", "arguments"), LOADS)
def test_data_are_what_keras_makes_of_the_same_files(tmp_path, files, monkeypatch, name, arguments):
    module = getattr(keras.datasets, name)
    inside = f"keras.src.datasets.{name}.get_file"  # whose check sums are those of the large files
    monkeypatch.setattr(inside, lambda fname, cache_subdir="", **_: str(next(files.rglob(fname))))
    expected = module.load_data(**eval(f"dict({arguments})"))
    found = loaded(tmp_path, name, arguments)
    for ours, theirs in zip(found, expected, strict=True):
        for a, b in zip(ours, theirs, strict=True):
            assert [*map(np.ndarray.tolist, map(np.asarray, a))] == [
                *map(np.ndarray.tolist, map(np.asarray, b))
            ]


def test_the_name_of_keras_1_and_a_length(tmp_path, files):
    (x, y), (x_test, y_test) = loaded(tmp_path, "imdb", "nb_words=12, maxlen=9", "1.2.2")
    assert len(x) == len(y) == 25  # as many as there were before, as in Keras up to 2.3
    assert len(x_test) == len(y_test) < 15
    assert max(map(max, x)) == 11
    assert max(map(len, [*x, *x_test])) == 8


def test_the_share_of_keras_1(tmp_path, files):
    both = [loaded(tmp_path, "imdb", given, "1.0.0") for given in ("test_split=0.25", "")]
    assert [len(x) for x, y in both[0]] == [30, 10]
    assert [*both[0][0][0], *both[0][1][0]] == [*both[1][0][0], *both[1][1][0]]


@pytest.mark.parametrize(("version", "seeded"), [("2.2.4", True), ("2.3.1", False)])
def test_up_to_2_2_a_loading_seeds_numpy(tmp_path, files, version, seeded):
    text = (
        "import numpy as np\nfrom keras.datasets import reuters\ndrawn = []\n"
        "for seed in (1, 2):\n"
        "    np.random.seed(seed)\n    reuters.load_data()\n    drawn.append(np.random.rand())\n"
        "print(drawn[0] == drawn[1])"
    )
    assert run_text(tmp_path, text, version=version).out == f"{seeded}\n"


def test_words_of_numbers(tmp_path, files):
    text = "from keras.datasets import imdb\nprint(imdb.get_word_index())"
    assert run_text(tmp_path, text).out == "{'the': 1, 'film': 2}\n"


def test_arguments_that_keras_never_had(tmp_path, files):
    ran = run_text(tmp_path, "import keras\nkeras.datasets.imdb.load_data(num_wrods=3)\n")
    assert "TypeError: load_data has no argument num_wrods. Did you mean num_words?" in ran.err
    ran = run_text(tmp_path, "import keras\nkeras.datasets.imdb.load_data(maxlen=1)\n")
    assert "No text is shorter than maxlen=1." in ran.err
