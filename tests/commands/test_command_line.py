"""``python -m tinylstm``: what it prints, and its exit status."""

import configparser
import os
import signal
import subprocess
import sys
import time

import pytest
from click.testing import CliRunner
from tinylstm.kernels.compiling import COMPILED

import tinylstm
from tests import ROOT
from tests.processes import PATIENCE, heard
from tinylstm.__main__ import main
from tinylstm.commands import names
from tinylstm.engine.study import Pass
from tinylstm.testing.builtin_models import CHECKS, run_check


def run(*arguments):
    """The command in this process."""
    return CliRunner().invoke(main, arguments)


def test_the_stateful_demo_says_what_it_learned_and_how_long_it_took():
    result = run("demo", "stateful")
    assert result.exit_code == 0
    for line in (
        "Accuracy: 100.00%",
        "  A B C D E F G H I J K L M N O P Q R S T U V W X Y Z",
        "  K -> B, B -> C, C -> D, D -> E, E -> F",
        "  K -> L, L -> M, M -> N, N -> O, O -> P",
    ):
        assert line in result.stdout.splitlines()
    assert "7,500 updates in " in result.output
    assert "Epoch 300/300" in result.stderr


def test_a_demo_repeats_with_its_seed_and_not_with_another():
    outputs = [run("demo", "stateful", "--epochs", "3", "--seed", seed).stdout for seed in "112"]
    learned = [output.partition("updates")[0] for output in outputs]
    assert learned[0] == learned[1] != learned[2]


def test_an_unknown_demo_is_refused_with_the_nearest_name():
    result = run("demo", "statefull")
    assert result.exit_code == 2
    assert "Did you mean 'stateful'?" in result.stderr


@pytest.mark.parametrize("name", CHECKS)
def test_every_built_in_model_passes_its_gradient_check(name):
    report = run_check(name)
    assert report.passed, str(report)
    assert len(report) > 3


def test_gradcheck_prints_a_table_for_each_model_and_a_verdict():
    result = run("gradcheck", "stateless", "masked")
    assert result.exit_code == 0
    assert result.output.count("right: worst error") == 2
    assert "2 of 2 models are right." in result.output


@pytest.mark.skipif(not COMPILED, reason="starts a process that compiles nothing, as this one")
def test_gradcheck_runs_uncompiled_in_a_process_of_its_own():
    command = [sys.executable, "-m", "tinylstm", "gradcheck", "--uncompiled", "stateful"]
    result = subprocess.run(command, capture_output=True, text=True, timeout=100)
    assert result.returncode == 0
    assert "direction 0" in result.stdout  # what is quick enough there
    assert "1 of 1 models are right." in result.stdout


def test_gradcheck_holds_the_engine_to_the_reference():
    result = run("gradcheck", "--twin", "words")
    assert result.exit_code == 0
    assert "backward          reference" in result.output
    assert result.output.splitlines()[3].startswith("loss ")


def test_a_terminal_of_80_columns_shows_what_each_command_does_in_whole_sentences():
    lines = run("--help").stdout.partition("Commands:\n")[2].splitlines()
    assert [line.split()[0] for line in lines] == sorted(main.commands)
    assert all(line.endswith(".") and not line.endswith("..") for line in lines)


def test_a_list_of_names_breaks_its_lines_where_a_terminal_ends(monkeypatch, capsys):
    monkeypatch.setattr(names.OUT, "isatty", lambda: True)
    monkeypatch.setenv("COLUMNS", "30")
    names.print_names({"letter": "one letter to one letter is a map", "steps": "three steps"})
    assert capsys.readouterr().out.splitlines() == [
        "letter  one letter to one",
        "        letter is a map",
        "steps   three steps",
    ]


def test_gradcheck_lists_its_models_a_line_each():
    result = run("gradcheck", "--list")
    assert result.exit_code == 0
    assert [line.split()[0] for line in result.output.splitlines()] == list(CHECKS)
    assert all(len(line.split()) > 1 for line in result.output.splitlines())


def test_the_version_is_that_of_the_package():
    assert run("--version").output == f"tinylstm {tinylstm.__version__}\n"


def test_gradcheck_fails_where_a_gradient_is_wrong(monkeypatch):
    right = Pass.backward

    def wrong(self, count=None):
        right(self, count)
        self.model.grad[5] += 1e-3

    monkeypatch.setattr(Pass, "backward", wrong)
    result = run("gradcheck", "stateless")
    assert result.exit_code == 1
    assert "0 of 1 models are right." in result.output


@pytest.mark.skipif(sys.platform == "win32", reason="signals")
@pytest.mark.usefixtures("ctrl_c_is_heard")
def test_ctrl_c_ends_a_demo_without_a_traceback():
    command = [sys.executable, "-m", "tinylstm", "demo", "stateful", "--epochs", "100000"]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, env={**os.environ})
    heard(process, b"Epoch ")  # training is under way
    time.sleep(0.2)
    process.send_signal(signal.SIGINT)
    rest = process.communicate(timeout=PATIENCE)[1]
    assert process.returncode == 130
    assert b"Traceback" not in rest
    assert b"Stopped." in rest


def test_the_command_has_a_name_of_its_own():
    setup = configparser.ConfigParser()
    setup.read(ROOT / "setup.cfg")
    name, _, place = setup["options.entry_points"]["console_scripts"].strip().partition(" = ")
    module, _, function = place.partition(":")
    code = (
        f"import sys; sys.argv = [{name!r}, '--version']; from {module} import {function} as f; f()"
    )
    assert subprocess.check_output([sys.executable, "-c", code], text=True).startswith("tinylstm ")
