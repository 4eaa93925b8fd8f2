"""A script finds what Python would give it: sys, its name, its end, its figures."""

import signal
import subprocess
import sys
import time

import pytest

from tests.old_scripts import MODEL, Ran, run_process, run_text, start


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
    run_text(tmp_path, "import keras, tensorflow.keras, sys\nsys.exit(2)\n")
    assert ([*sys.path], sys.argv, sys.modules["__main__"], [*sys.meta_path]) == before
    assert {name: sys.modules[name] for name in kept} == kept
    assert {n for n in sys.modules if n.partition(".")[0] in ("keras", "tensorflow")} <= set(kept)


@pytest.mark.skipif(sys.platform == "win32", reason="signals")
def test_ctrl_c_keeps_the_figures_and_shows_no_traceback(tmp_path):
    text = (
        "import matplotlib.pyplot as plt\nplt.plot([1, 2])\n"
        f"{MODEL}print('ready', flush=True)\n"
        "model.fit(x, y, batch_size=1, epochs=10**7, verbose=0)\n"
    )
    (tmp_path / "long.py").write_text(text)
    process = start(tmp_path / "long.py")
    assert process.stdout.readline() == "ready\n"
    time.sleep(0.5)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=30)
    assert (process.returncode, out) == (130, "")
    assert "Traceback" not in err
    saved = f"Figure 1 is saved: {tmp_path / 'long_figure_1.png'}"
    assert [line for line in err.splitlines() if line] == [saved, "Stopped."]
    assert (tmp_path / "long_figure_1.png").exists()


def run_plots(folder, text, **environment):
    """A script that has plotted something."""
    (folder / "plots.py").write_text(f"import matplotlib.pyplot as plt\nplt.plot([1, 2])\n{text}\n")
    return run_process(folder / "plots.py", **environment)


def test_show_saves_and_closes_the_figures_and_counts_on(tmp_path):
    ran = run_plots(tmp_path, "plt.figure()\nplt.show()\nplt.plot([3])\nplt.show()\nplt.show()")
    paths = [tmp_path / f"plots_figure_{number}.png" for number in (1, 2, 3)]
    assert ran.err.splitlines() == [f"Figure {k} is saved: {p}" for k, p in enumerate(paths, 1)]
    assert sorted(tmp_path.glob("*.png")) == paths


def test_a_figure_that_was_never_shown_is_not_saved(tmp_path):
    assert run_plots(tmp_path, "plt.savefig('/dev/null', format='png')") == (0, "", "")
    assert list(tmp_path.glob("*.png")) == []


@pytest.mark.parametrize(
    "show", ["plt.pause(0.01)", "plt.show(block=False)", "plt.ion();plt.show()"]
)
def test_what_does_not_wait_goes_on_with_the_figure_and_the_end_saves_it(tmp_path, show):
    ran = run_plots(tmp_path, f"{show}\n{show}\nprint(plt.get_fignums())")
    assert (ran.status, ran.out) == (0, "[1]\n")
    assert ran.err == f"Figure 1 is saved: {tmp_path / 'plots_figure_1.png'}\n"


def test_a_backend_that_the_user_chose_stays(tmp_path):
    ran = run_plots(tmp_path, "print(plt.get_backend())", MPLBACKEND="svg")
    assert ran == (0, "svg\n", "")
