"""Exercises of the notebooks: enough of them, solutions out of sight, and every solution true.

An exercise is a heading with a task, a cell to work in, and a solution that one unfolds. It holds
code, which is run here in its place, and asserts what it says.
"""

import ast
import re

import matplotlib
import pytest
from IPython.core.inputtransformer2 import TransformerManager
from IPython.core.interactiveshell import InteractiveShell

from tests.documents import NOTEBOOKS, ROOT
from tests.planted_bugs.in_cells import LSTM

HEADING = "\n## Exercises\n"
EXERCISE = re.compile(r"(?ms)^### \d+\. (.+?)\n(.*?)(?=^### |\Z)")
SOLUTION = re.compile(r"(?ms)^<details>\n<summary>Solution</summary>\n\n(.*?)\n</details>$")
CELL = re.compile(r"(?ms)^```\{code-cell\} ipython3\n(.*?)^```$")
CODE = re.compile(r"(?ms)^```(?:\{code-cell\} ipython3|python)\n(.*?)^```$")  # solutions too
LIST = re.compile(r"(?ms)^BUGS = (\{.*?^\})$")
WITH_EXERCISES = [path for path in NOTEBOOKS if HEADING in path.read_text(encoding="utf-8")]

each = pytest.mark.parametrize("path", WITH_EXERCISES, ids=lambda path: path.stem)


def exercises(path):
    """(title, text) of each."""
    part = path.read_text(encoding="utf-8").partition(HEADING)[2]
    return EXERCISE.findall(part.partition("\nNext: ")[0])


def test_five_notebooks_have_exercises():
    assert len(WITH_EXERCISES) >= 5


@each
def test_there_are_three_or_more(path):
    assert len(exercises(path)) >= 3


@each
def test_each_has_a_task_a_place_to_work_and_one_hidden_solution_that_asserts(path):
    for title, text in exercises(path):
        (solution,) = SOLUTION.findall(text)
        task = SOLUTION.sub("", text)
        assert CELL.search(task), title
        assert CELL.sub("", task).strip(), title
        assert "```python" not in task, f"{title}: a solution that is in sight"
        (code,) = CODE.findall(solution)
        assert re.search(r"(?m)^\s*assert ", code), title
        assert CODE.sub("", solution).strip(), f"{title}: a solution without a word"


@each
@pytest.mark.filterwarnings("error")
def test_solutions_hold(path, monkeypatch):
    matplotlib.use("agg")
    monkeypatch.chdir(path.parent)
    text, names = path.read_text(encoding="utf-8"), {"__name__": "__main__"}
    names["get_ipython"] = Shell
    for block in CODE.finditer(text):
        lines = text.count("\n", 0, block.start(1))
        source = TransformerManager().transform_cell(block[1])
        exec(compile("\n" * lines + source, str(path), "exec"), names)


def test_bugs_of_exercises_are_those_that_are_planted_for_the_tests():
    known = {bug.name: bug for bug in LSTM}
    lists = [one for path in WITH_EXERCISES for one in LIST.findall(path.read_text("utf-8"))]
    bugs = [row for one in lists for row in ast.literal_eval(one).items()]
    assert len(bugs) >= 4
    for name, (right, wrong) in bugs:
        assert right.startswith(known[name].right.removesuffix("..."))
        assert wrong == known[name].wrong


class Shell:
    """What a cell asks of Jupyter, in which it is not."""

    def run_line_magic(self, name, line):
        assert (name, line) == ("matplotlib", "inline")


# The first cell.


@pytest.fixture
def asked(monkeypatch, tmp_path):
    """A shell where there is no package, and what it gives to %pip."""
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path))
    lines, shell = [], InteractiveShell()
    shell.register_magic_function(lines.append, "line", "pip")
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    return shell, lines


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_the_first_cell_installs_what_is_not_there_from_the_checkout_it_is_in(
    path, asked, monkeypatch, tmp_path
):
    shell, lines = asked
    first = CELL.search(path.read_text(encoding="utf-8"))[1]
    monkeypatch.chdir(path.parent)
    shell.run_cell(first).raise_error()
    assert lines.pop() == f'install --quiet "{ROOT}[plot]"'
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ModuleNotFoundError, match="a checkout of tinylstm"):
        shell.run_cell(first).raise_error()
    monkeypatch.undo()
    shell.run_cell(first).raise_error()
    assert not lines
