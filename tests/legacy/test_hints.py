"""Below errors that a script had not with the libraries of its time stands the way out."""

import pytest

from tests.old_scripts import MODEL, run_text

FRAME = "import pandas as pd\nf = pd.DataFrame({'a': [1., 2.], 'b': [3., 4.]})\n"
ERRORS = [
    ("np.array([[1, 2], [3]])", "pad_sequences gives them one length, and np.array(lists, dtype="),
    (f"{FRAME}f.fillna(method='ffill')", "pandas 3 wants .ffill() in the place of .fillna(method="),
    (
        f"{FRAME}f.dropna(1)",
        "pandas 3 wants the arguments of dropna by their names: dropna(axis=1).",
    ),
    (f"{FRAME}v = f.values\nv[0] = 1", "write .values.copy() for an array."),
    (
        f"{FRAME}f['c'] = ['u', 'v']\nf.iloc[:, 2] = np.array([0, 1])",
        "frame[name] = values gives a column another one.",
    ),
    ("sorted([2, 1], cmp=max)", "Python 3 wants key=functools.cmp_to_key(function) in the place"),
    ("open('a.txt', 'rU')", "Python 3 wants open(name) in the place of open(name, 'rU')."),
    (
        "model.fit(np.array(map(int, [1, 2])), y)",
        "In Python 2 map(...) gave a list; Python 3 wants",
    ),
]


@pytest.mark.parametrize(("line", "said"), ERRORS, ids=[line[-40:] for line, _ in ERRORS])
def test_a_sentence_below_the_error(tmp_path, line, said):
    ran = run_text(tmp_path, f"{MODEL}{line}\n")
    assert ran.status == 1
    assert "Traceback (most recent call last):\n" in ran.err
    assert said in ran.err.splitlines()[-1]


@pytest.mark.parametrize("call", ["fit(None, y)", "predict(None)", "evaluate(None, y)"])
def test_data_that_are_none(tmp_path, call):
    ran = run_text(tmp_path, f"{MODEL}model.{call}\n")
    assert "TypeError: x is missing.\nExpected: an array\n" in ran.err


@pytest.mark.parametrize("line", ["int('a')", "[].index(3)", "print(1, nd=2)", "open('/nowhere')"])
def test_other_errors_have_none(tmp_path, line):
    last = run_text(tmp_path, f"{line}\n").err.splitlines()[-1]
    assert "Error: " in last
