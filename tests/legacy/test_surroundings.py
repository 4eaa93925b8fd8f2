"""A script finds what Python would give it: sys, its name, its end; and the command's options."""

import os
import signal
import subprocess
import sys
import time

import numpy as np
import pytest
from click.testing import CliRunner

from tests.old_scripts import MODEL, Ran, run_process, run_text, start
from tests.processes import PATIENCE
from tinylstm.__main__ import main


def test_the_surroundings_are_those_of_python(tmp_path):
    text = (
        "import sys, os, pickle\nclass A: pass\n"
        "print([sys.argv, sys.path[0], __file__, __name__, __spec__, __package__, __doc__,"
        "pickle.loads(pickle.dumps(A())).__class__ is A,"
        "sys.modules['__main__'].A is A, __builtins__ is sys.modules['builtins']])\nsys.exit(5)\n"
    )
    (tmp_path / "real").mkdir()
    (tmp_path / "real" / "script.py").write_text(text)
    (tmp_path / "script.py").symlink_to(tmp_path / "real" / "script.py")
    arguments = [str(tmp_path / "script.py"), "--help", "-x", "a b"]
    by_python = start_python(*arguments)
    assert by_python.status == 5
    assert run_process(*arguments) == by_python
    assert run_process("--keras-version", "1.2", *arguments) == by_python


def start_python(*arguments):
    """The script as Python itself runs it."""
    done = subprocess.run([sys.executable, *arguments], capture_output=True, text=True)
    return Ran(done.returncode, done.stdout, done.stderr)


@pytest.mark.parametrize(("leave", "status"), [("sys.exit()", None), ("sys.exit(0)", 0)])
def test_sys_exit_is_honoured(tmp_path, leave, status):
    assert run_text(tmp_path, f"import sys\n{leave}\nprint(1)\n") == (status, "", "")


def test_everything_is_as_before_when_a_script_has_ended(tmp_path):
    before = [*sys.path], sys.argv, sys.modules["__main__"], [*sys.meta_path]
    kept = {name: sys.modules[name] for name in sys.modules if name.startswith(("keras", "tensor"))}
    run_text(tmp_path, "import keras, tensorflow.keras, sys, cPickle, theano.tensor\nsys.exit(2)")
    assert not {"cPickle", "theano", "theano.tensor"} & {*sys.modules}
    assert ([*sys.path], sys.argv, sys.modules["__main__"], [*sys.meta_path]) == before
    assert {name: sys.modules[name] for name in kept} == kept
    assert {n for n in sys.modules if n.partition(".")[0] in ("keras", "tensorflow")} <= set(kept)


def test_names_that_numpy_has_no_more_are_there_for_the_script_alone(tmp_path):
    before = {**vars(np)}
    ran = run_text(tmp_path, "import numpy as np\nprint(np.int, np.Inf, np.bool)\nnp.nothing\n")
    assert ran.out == f"<class 'int'> inf {before.get('bool', bool)}\n"
    assert "has no attribute 'nothing'" in ran.err
    assert vars(np).keys() == before.keys()
    with pytest.raises(AttributeError):
        np.int  # noqa: B018, NPY001


@pytest.mark.skipif(sys.platform == "win32", reason="signals")
@pytest.mark.usefixtures("ctrl_c_is_heard")
def test_ctrl_c_keeps_the_figures_and_shows_no_traceback(tmp_path):
    text = (
        "import matplotlib.pyplot as plt\nplt.plot([1, 2])\n"
        f"{MODEL}model.fit(x, y, batch_size=1, epochs=1, verbose=0)  # kernels are read\n"
        "print('ready', flush=True)\n"
        "model.fit(x, y, batch_size=1, epochs=10**7, verbose=0)\n"
    )
    (tmp_path / "long.py").write_text(text)
    process = start(tmp_path / "long.py")
    assert process.stdout.readline() == "ready\n"
    time.sleep(0.5)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=PATIENCE)
    assert (process.returncode, out) == (130, "")
    assert "Traceback" not in err
    saved = f"Figure 1 is saved: {tmp_path / 'long_figure_1.png'}"
    assert [line for line in err.splitlines() if line] == [saved, "Stopped."]
    assert (tmp_path / "long_figure_1.png").exists()


@pytest.mark.skipif(sys.platform == "win32", reason="signals")
@pytest.mark.usefixtures("ctrl_c_is_heard")
def test_ctrl_c_before_the_script_begins_shows_no_traceback_either(tmp_path):
    slow = "import time\nprint('importing', flush=True)\ntime.sleep(60)\n"
    (tmp_path / "tqdm.py").write_text(slow)  # in the place of what the package imports
    path = os.pathsep.join([str(tmp_path), os.environ["PYTHONPATH"]])
    process = start(tmp_path / "script.py", PYTHONPATH=path)
    assert process.stdout.readline() == "importing\n"
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=PATIENCE)
    assert (process.returncode, out, err.split()) == (130, "", ["Stopped."])


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--keras-version", "3.0"], "This is not a version of Keras 1 or 2."),
        (["--keras-version", "two"], "Expected: 1.2.2 ... 2.15.0, or the latest of 1, 2.2"),
        (["--gates", "tanh"], "'tanh' is not one of 'sigmoid', 'hard_sigmoid'"),
        (["--state-mode", "none"], "'none' is not one of 'stateless', 'batch_carried', 'stateful'"),
        (["--gtes", "sigmoid"], "No such option"),
        ([], "Missing argument 'SCRIPT'"),
    ],
)
def test_wrong_options_are_refused(options, said):
    result = CliRunner().invoke(main, ["run", *options, *(["x.py"] if options else [])])
    assert result.exit_code == 2
    assert said in result.output


def test_options_reach_the_script_and_its_status_comes_back(tmp_path):
    script = tmp_path / "script.py"
    script.write_text(
        "import keras, sys\nlayer = keras.layers.LSTM(3)\n"
        "print(keras.__version__, layer.recurrent_activation, layer.state_mode, sys.argv[1:])\n"
        "1 / 0\n"
    )
    options = ["--keras-version", "2.3.1", "--gates", "hard_sigmoid", "--state-mode", "stateful"]
    result = CliRunner().invoke(main, ["run", *options, str(script), "--gates", "x"])
    assert result.exit_code == 1
    assert result.stdout == "2.3.1 hard_sigmoid_keras2 stateful ['--gates', 'x']\n"
    assert result.stderr.endswith("ZeroDivisionError: division by zero\n")
    script.write_text("print(1)")
    result = CliRunner().invoke(main, ["run", str(script)])
    assert (result.exit_code, result.output) == (0, "1\n")


def test_a_folder_is_no_script(tmp_path):
    result = CliRunner().invoke(main, ["run", str(tmp_path)])
    assert (result.exit_code, result.output) == (
        1,
        f"The script {tmp_path} cannot be read: Is a directory.\n",
    )
