"""A script is looked through before it starts: what it certainly uses and is missing is named."""

import ast
from pathlib import Path

import pytest

from tests.legacy.test_failures import ERRORS, MISSING
from tests.old_scripts import MODEL, SCRIPTS, run_process, run_text
from tinylstm.legacy.dialect import Dialect
from tinylstm.legacy.foreseen import foreseen
from tinylstm.legacy.missing import MISSING_OF_MODELS
from tinylstm.legacy.script import spoken_keras

START = f"import keras\n{MODEL}print('trained')\n"
CERTAIN = {  # what is named in the last line, or the one that is marked
    "model.metrics": "Sequential.metrics is not supported",
    "keras.backend.function([], [])": "keras.backend.function is not supported",
    "from keras.layers import Conv1D\nmodel.add(Conv1D(3, 2))": "keras.layers.Conv1D is not",
    "from keras.layers import *\nMerge(1)": "keras.layers.Merge is not supported",
    "import tensorflow as tf\ntf.Variable(1)": "tensorflow.Variable is not supported",
    "import tensorflow as tf\ntf.keras.layers.Conv2D.call": "keras.layers.Conv2D is not supported",
    "from keras.models import Model as M\nclass Own(M): pass": "keras.models.Model is not",
    "a = b = model\nb.metrics": "Sequential.metrics is not supported",
    "other = Sequential()\nother.total_loss": "Sequential.total_loss is not supported",
    "from keras.models import load_model\nm = load_model('x')\nm.targets": "Sequential.targets",
    "K = keras.backend\nprint([K.ones_like(k) for k in K.sqrt(x)])": "keras.backend.sqrt is not",
    "def f():\n    return 1\ndef g():\n    model.metrics  #\ng()": "Sequential.metrics",
    "def new():\n    m = Sequential()\n    return m\nn = new()\nn.targets": "Sequential.targets",
    "if __name__ == '__main__':\n    model.metrics": "Sequential.metrics is not",
    "def main(x=3):\n    from keras import backend as B\n    B.sqrt(x)  #\nmain()": "backend.sqrt",
    "x[model.metrics[0]] = f'{keras.layers.Conv1D(1)}'": "keras.layers.Conv1D is not supported",
}
UNCERTAIN = (
    "if x is None:\n    model.metrics",
    "try:\n    model.metrics\nexcept Exception:\n    pass",
    "def uncalled():\n    model.metrics",
    "for _ in []:\n    model.metrics",
    "while False:\n    model.metrics",
    "with __import__('contextlib').suppress(Exception):\n    model.metrics",
    "x is None and model.metrics",
    "model.metrics if x is None else 0",
    "x is not None or keras.layers.Conv1D(1)",
    "f = lambda: model.metrics",
    "[model.metrics for _ in []]",
    "1 > 2 > model.metrics",
    "def f():\n    return\n    model.metrics\nf()",
    "def f():\n    if len(x):\n        return\n    model.metrics\nf()",
    "def f():\n    yield model.metrics\nf()",
    "async def f():\n    model.metrics\nf().close()",
    "def f(model):\n    model.metrics\nf(type('Own', (), {'metrics': 1}))",
    "def f():\n    global model\n    model = type('Own', (), {'metrics': 1})\nf()\nmodel.metrics",
    "def f():\n    model = type('Own', (), {'metrics': 1})\n    model.metrics\nf()",
    "def f():\n    model = type('Own', (), {'metrics': 1})\n    def g():\n        model.metrics\n"
    "    g()\nf()",
    "for model in [type('Own', (), {'metrics': 1})]:\n    pass\nmodel.metrics",
    "model, other = type('Own', (), {'metrics': 1}), 2\nmodel.metrics",
    "print(model := type('Own', (), {'metrics': 1}))\nmodel.metrics",
    "del model\nmodel = type('Own', (), {'metrics': 1})\nmodel.metrics",
    "class model:\n    metrics = 1\nmodel.metrics",
    "import string as model\nmodel.digits, model.ascii_letters",
    "if len(x):\n    from types import SimpleNamespace as Conv1D\nelse:\n"
    "    from keras.layers import Conv1D\nConv1D(a=1)",
    "try:\n    from nowhere import Conv1D\nexcept ImportError:\n    Conv1D = print\nConv1D(1)",
    "from keras.layers import Conv1D\nfrom builtins import *\nfrom os.path import *\nConv1D",
    "model.metrics = 3\nprint(model.metrics)",
    "setattr(model, 'metrics', 3)\nmodel.metrics",
    "keras.backend.sqrt = np.sqrt\nkeras.backend.sqrt(3)",
    "exec('model = x')\nmodel.T",
    "import sys\nsys.modules['keras.layers'].Conv1D = print\nkeras.layers.Conv1D(1)",
    "import sys\nsys.exit()\nmodel.metrics",
    "def leave():\n    raise SystemExit\nleave()\nmodel.metrics",
    "import sys\nif len(x):\n    sys.exit(0)\nmodel.metrics",
    "hasattr(model, 'metrics'), getattr(model, 'metrics', 1)",
    "from keras.layers import Conv1D, LSTMCell as C\nprint(Conv1D is C)",
    "model.nothing if False else 1",
    "keras.layers.Conv1D.__name__ if 0 else 1",
    "class Sequential:\n    metrics = 1\nmodel = Sequential()\nmodel.metrics",
    "print(" + " + ".join(["1"] * 900) + ")\n",
    "match model:\n    case None:\n        model.metrics",
)


@pytest.mark.parametrize("lines", CERTAIN)
def test_what_is_certain_is_named_before_anything_is_run(tmp_path, lines):
    ran = run_text(tmp_path, f"{START}{lines}\n")
    assert (ran.status, ran.out) == (1, "")
    place, sentence, *_, last = ran.err.splitlines()
    marked = [k for k, line in enumerate(lines.split("\n")) if line.endswith("#")]
    number = START.count("\n") + 1 + (marked or [lines.count("\n")])[0]
    assert f"script.py, line {number}: " in place
    assert CERTAIN[lines] in f"{place}\n{sentence}"
    assert last == "Nothing of it was run; with --no-check it is, up to there."


@pytest.mark.parametrize("lines", UNCERTAIN)
def test_no_script_that_runs_to_its_end_is_stopped(tmp_path, lines):
    ran = run_text(tmp_path, f"{START}{lines}\n")
    assert (ran.status or 0, ran.out.splitlines()[0], ran.err) == (0, "trained", "")


@pytest.mark.parametrize("line", MISSING)
def test_what_is_foreseen_is_what_would_stop_the_script(tmp_path, line):
    """In the same words, at the same line."""
    text = f"import keras\n{MODEL}\n{line}\n"
    foreseen, met = (run_text(tmp_path, text, check=check).err for check in (True, False))
    assert foreseen.splitlines()[: met.count("\n")] == met.splitlines()


def test_attributes_of_models_are_missing_where_they_are(tmp_path):
    text = (
        f"{MODEL}from tinylstm.legacy.model import lacking\n"
        "from tinylstm.legacy.missing import MissingFeature\n"
        f"for name in {sorted(MISSING_OF_MODELS)}:\n"
        "    try:\n        getattr(model, name)\n        said = None\n"
        "    except MissingFeature as reason:\n        said = str(reason)\n"
        "    foreseen = lacking(name)\n"
        "    print((foreseen and str(foreseen)) == said or f'{name}: {said}')\n"
    )
    assert set(run_text(tmp_path, text).lines) == {"True"}


def test_all_that_is_missing_is_named_once(tmp_path):
    text = f"{START}model.metrics\nmodel.metrics\nkeras.layers.Conv1D(1)\nmodel.targets[0]\n"
    ran = run_text(tmp_path, text)
    places = [line for line in ran.err.splitlines() if ", line " in line]
    ends = ("model.metrics", "keras.layers.Conv1D(1)", "model.targets[0]")
    assert [place.split(": ")[1] for place in places] == [*ends]


@pytest.mark.parametrize("version", ["1.2.2", "2.2.4", "2.4.3"])
def test_nothing_is_foreseen_in_scripts_that_run(version):
    with spoken_keras(Dialect(version)):
        found = {path.name: foreseen(ast.parse(path.read_text())) for path in SCRIPTS.glob("*.py")}
    assert found
    assert not any(found.values())


def test_the_command_starts_a_script_all_the_same(tmp_path):
    script = Path(tmp_path, "script.py")
    script.write_text("import keras\nprint('begun')\nkeras.layers.Conv1D(3)\n")
    assert run_process(script).out == ""
    ran = run_process("--no-check", script)
    assert (ran.status, ran.out) == (1, "begun\n")
    assert "Nothing of it" not in ran.err


def test_a_script_that_is_asked_for_its_help_gives_it(tmp_path):
    text = (
        "import argparse, keras\nparser = argparse.ArgumentParser()\nparser.parse_args()\n"
        "keras.layers.Conv1D(3)\n"
    )
    assert run_text(tmp_path, text, "--help").status == 0
    assert run_text(tmp_path, text).status == 1


@pytest.mark.parametrize("line", [*ERRORS])
def test_errors_of_the_script_itself_are_left_to_it(tmp_path, line):
    ran = run_text(tmp_path, f"{START}{line}\n")
    assert ran.out.startswith("trained\n")
