"""Whole scripts in the style of tutorials that read files: texts, reviews, a series of sales."""

import json
import math
import re

import numpy as np
import pytest

from tests.old_scripts import SCRIPTS, run_text


def run(folder, name, **dialect):
    """One of the scripts, at a place of its own."""
    ran = run_text(folder, (SCRIPTS / f"{name}.py").read_text(encoding="utf-8"), **dialect)
    assert ran.status == 0, ran.err
    return ran


def test_the_next_word_of_a_rhyme(tmp_path):
    with pytest.warns(UserWarning, match=r"model\.png is not drawn"):
        ran = run(tmp_path, "words")
    assert ran.lines[:3] == ["Vocabulary Size: 22", "Total Sequences: 23 in 3 batches", "13542"]
    assert ran.lines[3].startswith("Jack and ")
    assert ran.lines[4] == "And Jill came tumbling after"


def test_a_series_of_sales_as_pandas_read_it(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    sales = [
        f'"{1 + k // 12}-{1 + k % 12:02d}",{200 + 15 * k + 40 * math.sin(k):.1f}' for k in range(36)
    ]
    (tmp_path / "sales.csv").write_text("\n".join(['"Month","Sales"', *sales]))
    ran = run(tmp_path, "sales")
    assert ran.lines[0] == "1901-01-01 00:00:00 1903-12-01 00:00:00 36"
    assert ran.lines[-1] == "RMSE below the spread: True"
    assert ran.lines[1].endswith("Expected=610.500000")
    assert ran.lines[6].endswith("Expected=707.900000")


def test_reviews_out_of_keras_own_folder(tmp_path, monkeypatch, rng):
    """Words from 20 on praise; which a model of words can learn."""
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    folder = tmp_path / "datasets"
    folder.mkdir()
    texts, praise = np.empty(150, object), rng.integers(0, 2, 150)
    texts[:] = [[*map(int, rng.integers(1, 20, 9) + 17 * p)] for p in praise]
    np.savez(
        folder / "imdb.npz",
        **{"x_train": texts[:100], "y_train": praise[:100]},
        **{"x_test": texts[100:], "y_test": praise[100:]},
    )
    index = {f"w{k}": k for k in range(1, 40)}
    (folder / "imdb_word_index.json").write_text(json.dumps(index))
    with pytest.warns(UserWarning, match="TensorBoard does nothing"):
        ran = run(tmp_path, "reviews", version="1.2.2")
    assert re.fullmatch(r"\?( w\d+| \?){9}", ran.lines[0])
    assert float(re.fullmatch(r"Accuracy: (\d+\.\d\d)%", ran.lines[1])[1]) > 90
