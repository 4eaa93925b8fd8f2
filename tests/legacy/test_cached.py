"""``get_file`` finds what stands in Keras' own folder on this machine, and never asks a network."""

import hashlib
import io
import tarfile
import zipfile

import pytest

from tests.old_scripts import run_text


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Keras' folder for data."""
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "home"))
    made = tmp_path / "home" / "datasets"
    made.mkdir(parents=True)
    return made


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ("keras.datasets.imdb.load_data(num_words=9)", "imdb.npz"),
        ("keras.datasets.mnist.load_data('own.npz')", "own.npz"),
        ("keras.datasets.reuters.get_word_index()", "reuters_word_index.json"),
        ("keras.utils.get_file('a.txt', origin='https://x.org/b.txt')", "a.txt"),
        ("keras.utils.data_utils.get_file('a', 'https://x.org/a.tgz', untar=True)", "a.tar.gz"),
        ("keras.datasets.data_utils.get_file('a.txt', 'https://x.org/a.txt')", "a.txt"),
        ("keras.utils.get_file(origin='https://x.org/nietzsche.txt')", "nietzsche.txt"),
    ],
)
def test_a_file_that_is_not_there_is_named_with_its_place(tmp_path, folder, line, name):
    ran = run_text(tmp_path, f"import keras\n{line}\n")
    assert (ran.status, ran.out) == (1, "")
    first, sentence, place = ran.err.splitlines()
    assert first.endswith(f"script.py, line 2: {line}")
    assert sentence == f"The script needs the file {name}, and nothing is downloaded here."
    assert place.startswith(f"Put it at {folder / name}; Keras loaded it from https://")
    assert not any(folder.iterdir())


def test_without_a_choice_the_folder_is_that_of_the_user(tmp_path, monkeypatch):
    monkeypatch.delenv("KERAS_HOME", raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    ran = run_text(tmp_path, "import keras\nkeras.utils.get_file('a.txt', 'https://x.org/a.txt')\n")
    assert f"Put it at {tmp_path}/.keras/datasets/a.txt;" in ran.err


GET = """
import pathlib
from keras.utils.data_utils import get_file
path = get_file('text.txt', origin='https://x.org/text.txt'HASH)
print(pathlib.Path(path).read_text())
"""


@pytest.mark.parametrize("algorithm", ["md5", "sha256"])
def test_a_text_is_found_and_compared_with_its_check_sum(tmp_path, folder, algorithm):
    (folder / "text.txt").write_text("here")
    right = hashlib.new(algorithm, b"here").hexdigest()
    wrong = hashlib.new(algorithm, b"there").hexdigest()
    for given in ("", f", file_hash='{right}'"):
        assert run_text(tmp_path, GET.replace("HASH", given)) == (0, "here\n", "")
    with pytest.warns(
        UserWarning, match=f"its {algorithm} is {right}, and the script names {wrong}"
    ):
        ran = run_text(tmp_path, GET.replace("HASH", f", file_hash='{wrong}'"))
    assert ran == (0, "here\n", "")


@pytest.mark.parametrize("kind", ["untar", "tar.gz", "zip"])
def test_archives_are_unpacked_beside_themselves(tmp_path, folder, kind):
    packed = io.BytesIO()
    if kind == "zip":
        with zipfile.ZipFile(packed, "w") as archive:
            archive.writestr("data/a.txt", "inside")
    else:
        with tarfile.open(fileobj=packed, mode="w:gz") as archive:
            member = tarfile.TarInfo("data/a.txt")
            member.size = 6
            archive.addfile(member, io.BytesIO(b"inside"))
    name = {"untar": "data.tar.gz"}.get(kind, f"data.{kind}")
    (folder / name).write_bytes(packed.getvalue())
    given = "'data', 'x', untar=True" if kind == "untar" else f"'{name}', 'x', extract=True"
    text = f"from keras.utils import get_file\nprint(get_file({given}))\n"
    wanted = folder / ("data" if kind == "untar" else name)
    assert run_text(tmp_path, text) == (0, f"{wanted}\n", "")
    assert (folder / "data" / "a.txt").read_text() == "inside"
    if kind == "untar":  # which is enough from then on
        (folder / name).unlink()
        assert run_text(tmp_path, text) == (0, f"{wanted}\n", "")


def test_another_folder_that_the_script_names(tmp_path, folder):
    (tmp_path / "own" / "sub").mkdir(parents=True)
    path = tmp_path / "own" / "sub" / "a.txt"
    path.touch()
    given = f"'a.txt', 'x', cache_subdir='sub', cache_dir={str(tmp_path / 'own')!r}"
    text = f"import keras\nprint(keras.utils.get_file({given}))"
    assert run_text(tmp_path, text).out == f"{path}\n"
