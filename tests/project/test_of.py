"""The table of which tests belong to a source file has every file, and the command runs them."""

import ast

import pytest

from tests import ROOT, of


def says_something(source):
    """Whether a file defines anything, beside a docstring and imports."""
    body = ast.parse((ROOT / source).read_text(encoding="utf-8")).body
    return any(isinstance(part, ast.FunctionDef | ast.ClassDef) for part in body)


def test_every_source_file_that_defines_something_has_tests():
    assert [s for s, tests in of.table().items() if not tests and says_something(s)] == []


def test_every_file_of_tests_belongs_to_a_source_file_or_to_the_whole():
    chosen = {test for tests in of.table().values() for test in tests}
    others = set(of.test_files()) - chosen
    assert chosen <= set(of.test_files())
    assert [test for test in sorted(others) if not test.startswith(of.OF_THE_WHOLE)] == []


def test_what_is_written_by_hand_is_there_and_would_not_be_found():
    for source, tests in of.BY_HAND.items():
        assert set(tests) <= set(of.test_files()), source
        inside = {one for one in of.sources() if of.within(one, source)}
        assert inside, source
        assert [test for test in tests if inside <= of.about(test)] == [], source


@pytest.mark.parametrize(
    ("test", "sources"),
    [
        ("kernels/training/test_losses.py", ["kernels/training/losses.py"]),
        (
            "kernels/products/test_products.py",
            ["kernels/products/tiles.py", "kernels/products/packing.py"],
        ),
        ("legacy/test_tutorials.py", ["tinylstm/legacy/texts.py", "tinylstm/legacy/script.py"]),
    ],
)
def test_a_file_of_tests_is_about_its_name_or_about_its_folder(test, sources):
    assert set(sources) <= of.about(test)


def test_a_name_in_the_folder_is_enough():
    assert "kernels/training/optimizers.py" not in of.about("kernels/training/test_losses.py")


@pytest.mark.parametrize(
    ("test", "source", "has"),
    [
        ("kernels/training/test_losses.py", "kernels/training/losses.py", True),
        ("plotting/test_curves.py", "tinylstm/plotting/curves.py", True),
        ("kernels/layers/test_lstm_dropout.py", "kernels/layers/dropout.py", True),
        ("kernels/compiling/test_own_cells_cached.py", "kernels/cells/cell.py", True),
        ("legacy/test_layers.py", "tinylstm/legacy/layers.py", True),
        ("legacy/test_layers.py", "tinylstm/layers/layer.py", False),
        ("kernels/streaming/test_stepper.py", "kernels/layers/steps.py", False),
    ],
)
def test_names_are_compared_by_words(test, source, has):
    assert of.has_the_name(test, source) is has


def test_the_command_says_which_tests_and_runs_them(capsys, monkeypatch):
    calls = []
    monkeypatch.setattr(of.subprocess, "call", lambda command, **_: calls.append(command) or 0)
    of.main(["--list", "kernels/cells/lstm.py"])
    said = capsys.readouterr().out.splitlines()
    assert "tests/kernels/cells/test_lstm.py" in said
    assert calls == []
    with pytest.raises(SystemExit, match="0"):
        of.main(["kernels/cells/lstm.py", "-x"])
    assert calls[0][3:] == [*said, "-x"]
    with pytest.raises(SystemExit, match="0"):
        of.main(["kernels/cells/", "-q"])
    assert set(said) < set(calls[1])


def test_a_name_that_is_none_is_refused():
    with pytest.raises(SystemExit, match=r"no source file .* Did you mean kernels/cells/lstm\.py"):
        of.main(["kernels/cells/ltsm.py"])
