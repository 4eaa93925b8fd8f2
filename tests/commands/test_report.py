"""``python -m tinylstm report``: every demo has a page."""

import importlib
import inspect
import sys

import numpy as np
import pytest
from click.testing import CliRunner
from tinylstm.demos import DEMOS
from tinylstm.demos.letters import letters_of, scaled

from tinylstm import Sequential
from tinylstm.__main__ import main

LARGEST = 1_500_000  # bytes
ENOUGH = 20  # epochs, for as many weights as a page has room for


def run(*arguments):
    """The command in this process."""
    return CliRunner().invoke(main, ["report", *map(str, arguments)])


@pytest.mark.parametrize("name", DEMOS)
def test_every_demo_has_a_page_that_can_be_sent_around(name, tmp_path):
    path = tmp_path / "page.html"
    result = run(name, "--epochs", ENOUGH, "--path", path)
    assert result.exit_code == 0, result.output
    assert result.stdout.startswith(f"Page: {path} (")
    assert 300_000 < path.stat().st_size < LARGEST


@pytest.mark.parametrize("name", DEMOS)
def test_a_page_is_of_the_model_that_the_demo_trains(name):
    module = importlib.import_module(f"tinylstm.demos.{name.replace('-', '_')}")
    page = module.PAGE
    epochs = inspect.signature(module.main).parameters["epochs"].default
    assert page.epochs == epochs or (epochs is None and page.epochs in module.EPOCHS.values())
    assert page.fit["batch_size"] >= 1
    x, y = page.data()
    assert len(x) == len(y)


def test_letters_are_read_from_their_numbers():
    x = np.concatenate([scaled("AZB"), [-1.0]]).reshape(1, 4, 1)
    assert letters_of(x) == [["A", "Z", "B", "."]]
    assert letters_of(scaled("XYZ").reshape(1, 1, 3)) == [["XYZ"]]


def test_a_page_that_cannot_be_written_is_refused_before_anything_is_trained(tmp_path, monkeypatch):
    monkeypatch.setattr(Sequential, "fit", None)  # which would be a TypeError
    result = run("letter", "--path", tmp_path / "nowhere" / "page.html")
    assert (result.exit_code, "no such folder" in result.stderr) == (1, True)
    monkeypatch.setitem(sys.modules, "jinja2", None)
    result = run("letter", "--path", tmp_path / "page.html")
    assert (result.exit_code, "Jinja2, which is not installed" in result.stderr) == (1, True)


def test_an_unknown_demo_is_refused_with_the_nearest_name():
    assert "Did you mean 'letter'?" in run("lettre").stderr
