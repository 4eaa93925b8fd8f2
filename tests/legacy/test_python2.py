"""Scripts for Python 2: a sentence with the line, and what Python 3 wants there."""

import pytest

from tests.old_scripts import MODEL, run_text

WRITTEN = "The script is written for Python 2; Python 3 wants"
LINES = [  # a script, the number of its line, what Python 3 wants there
    ("print 'no'", 1, "print('no') here."),
    ("x = 1\nprint 'x:', x  # both", 2, "print('x:', x) here."),
    ("print 'a',\nprint 1", 1, "print('a', end=\" \") here, and so in line 2."),
    ("if 1: print '#1'; x = 2", 1, "print('#1'; x = 2) here."),
    ("print 'a%d' % (\n    3)", 1, "print(...) here."),
    (
        "print 1\n'''\nprint this\n'''\nprint 'x'\n# print\nprint\nprint 2",
        1,
        "print(1) here, and so",
    ),
    ("print 1\nprint (2), 3\nprint(4)\nprint -5\nprint x", 1, "print(1) here, and so in line 5."),
    ("\n".join(["print 1"] * 9), 1, "print(1) here, and so in 8 more lines."),
    ("import sys\nprint >>sys.stderr, 'a'\nprint 1", 3, "print(1) here."),
    ("exec 'x = 1'", 1, "exec('x = 1') here."),
    ("exec code in names", 1, "exec(code, names) here."),
    ("try:\n    pass\nexcept ValueError, e:\n    pass", 3, "except ValueError as e: here."),
    ("try:\n    1\nexcept (A, B), e:\n    pass", 3, "except (A, B) as e: here."),
    ("raise ValueError, 'no'", 1, "raise ValueError('no') here."),
    ("if 1 <> 2:\n    pass", 1, "1 != 2 here."),
    ("x = `3`", 1, "repr(3) here."),
    ("x = ur'abc'", 1, "r' here."),
    ("x = 0777", 1, "0o777 here."),
    ("x = 10L", 1, "10 here."),
    ("f = lambda (a, b): a", 1, "lambda pair: here."),
    ("def f(a, (b, c)):\n    pass", 1, "one argument in the place of a tuple here."),
    ("if 1:\n        x = 1\n\ty = 2", 3, "spaces alone at the beginning of lines, 8 in the place"),
    (
        "for i in xrange(3): pass\nn = xrange(2)",
        1,
        "range in the place of xrange, and so in line 2.",
    ),
    ("raw_input('name')", 1, "input in the place of raw_input."),
    ("isinstance('a', basestring)", 1, "str in the place of basestring."),
    ("reduce(max, [1])", 1, "functools.reduce(...) in the place of reduce(...)."),
    ("file('a')", 1, "open(...) in the place of file(...)."),
    ("{}.iteritems()", 1, ".items() in the place of .iteritems()."),
    ("{}.has_key(1)", 1, "key in table in the place of table.has_key(key)."),
    ("(i for i in [1]).next()", 1, "next(iterator) in the place of iterator.next()."),
    ("{}.keys().sort()", 1, "sorted(values) in the place of values.sort()."),
    ("'a'.decode('utf8')", 1, "text in the place of text.decode(...)."),
    ("import string\nstring.letters", 2, "string.ascii_letters in the place of string.letters."),
    ("import itertools as t\nt.izip()", 2, "zip in the place of itertools.izip."),
    ("from itertools import izip", 1, "zip in the place of itertools.izip."),
    ("import urllib\nurllib.urlopen('x')", 2, "urllib.request.urlopen in the place of urllib"),
    ("import cPickle as p\np.dump(1)", 2, "import pickle in the place of cPickle."),
    ("from StringIO import StringIO\nStringIO()", 2, "import io in the place of StringIO."),
    ("import urllib2\nurllib2.urlopen('x')", 2, "import urllib.request in the place of urllib2."),
]
VALUES = [  # a script, the sentence below the error
    ("map(int, [1])[0]", "In Python 2 map(...) gave a list; Python 3 wants list(map(...))."),
    ("len(zip([1], [2]))", "In Python 2 zip(...) gave a list; Python 3 wants list(zip(...))."),
    ("{}.keys()[0]", "In Python 2 table.keys() gave a list; Python 3 wants list(table.keys())."),
    ("range(3) + [1]", "In Python 2 range(...) gave a list; Python 3 wants list(range(...))."),
    ("[1] + range(3)", "In Python 2 range(...) gave a list; Python 3 wants list(range(...))."),
    ("import random\nr = range(3)\nrandom.shuffle(r)", "Python 3 wants list(range(...))."),
    ("float(map(int, [1]))", "Python 3 wants list(map(...))."),
    ("print('a%d') % 3", 'wants print("..." % values), and print("...", file=file) for print >>'),
    ("import sys\nprint >>sys.stderr, 'x'", 'and print("...", file=file) for print >>file.'),
    ("import io\nio.BytesIO().write('a')", "a file that is opened with a 'b' holds bytes; text"),
    (
        "n = 7 / 2\nfor i in range(n): pass",
        "a / gives a fraction; a whole number wants // in line 1.",
    ),
    ("x = [1, 2]\n\nx[len(x) / 2]", "a whole number wants // in line 3."),
    ("x = [1, 2]\nk = 3\nk /= 2\nx[:k]", "a whole number wants // in line 3."),
    ("import numpy as np\nn = 4 / 2\nnp.zeros(n)", "a whole number wants // in line 2."),
    ("import numpy as np\nnp.arange(5)[5/2]", "a whole number wants // in line 2."),
    ("import numpy as np\na = b = 6/2\nnp.zeros(6).reshape(b, 2)", "wants // in line 2."),
    ("from keras.layers import LSTM\nh = 25 / 2\nLSTM(h)", "wants // in line 2."),
    ("a = 1 / 2\nb = 3 / 2\n'x' * (a + b)", "wants // in line 1 and 2."),
]
NOT_OF_PYTHON_2 = [
    "print(1 1)",
    "x = [1, 2\ny = 3",
    "f(0.05 0.1)",
    "'please print this' x",
    "def f(a=(1, 2))",
    "range(2.5)",
    "x = 2.5\nrange(x)",
    "nothing(1)",
    "reduce",
    "class A: pass\nA().iteritems()",
    "import math\nmath.izip",
    "from itertools import nothing",
    "'a'.encoed()",
    "[].append()[0]",
    "1 / 0",
]


@pytest.mark.parametrize(("script", "number", "wanted"), LINES, ids=[x[0][:40] for x in LINES])
def test_what_python_3_has_not_is_named_with_the_line(tmp_path, script, number, wanted):
    ran = run_text(tmp_path, script + "\n")
    assert (ran.status, ran.out) == (1, "")
    line, sentence = ran.err.splitlines()
    text = script.splitlines()[number - 1].strip()
    assert line.endswith(f"script.py, line {number}: {text}")
    assert sentence.startswith(f"{WRITTEN} {wanted}")


@pytest.mark.parametrize(("script", "wanted"), VALUES, ids=[x[0][:40] for x in VALUES])
def test_what_has_another_value_in_python_3_is_said_below_the_error(tmp_path, script, wanted):
    ran = run_text(tmp_path, script + "\n")
    assert ran.status == 1
    assert ran.err.startswith("Traceback (most recent call last):\n")
    assert wanted in ran.err.splitlines()[-1]


@pytest.mark.parametrize("script", NOT_OF_PYTHON_2)
def test_other_errors_are_not_called_those_of_python_2(tmp_path, script):
    ran = run_text(tmp_path, script + "\n")
    assert ran.status == 1
    assert "Error" in ran.err.splitlines()[-1]
    assert "Python 2" not in ran.err
    assert "Python 3" not in ran.err


def test_a_module_beside_the_script_is_named_as_itself(tmp_path):
    (tmp_path / "beside2.py").write_text("x = 1\nprint x\n")
    ran = run_text(tmp_path, "import beside2\n")
    line, sentence = ran.err.splitlines()
    assert line.endswith("beside2.py, line 2: print x")
    assert sentence == f"{WRITTEN} print(x) here."


def test_the_line_inside_a_function_is_named(tmp_path):
    text = f"{MODEL}def parts(n):\n    return [k for k in xrange(n)]\n\nparts(3)\n"
    ran = run_text(tmp_path, text)
    number = MODEL.count("\n") + 2
    assert f"script.py, line {number}: return [k for k in xrange(n)]" in ran.err


@pytest.mark.parametrize(
    ("module", "said"),
    [
        ("scipy.nothing", "and the scipy that is installed has no module scipy.nothing."),
        ("nowhere.inside", "and the module nowhere is not installed."),
        ("nowhere", "and the module nowhere is not installed."),
    ],
)
def test_a_module_that_is_not_there_and_one_of_an_installed_package(tmp_path, module, said):
    ran = run_text(tmp_path, f"from {module} import imread\nprint(1)\nimread('a')\n")
    assert ran.out == "1\n"
    assert f"The script uses {module}.imread, {said}" in ran.err
