"""Two processes divide the kernels between them, and one alone has helpers, which may die."""

import os
import pathlib
import pickle
import shutil
import signal
import subprocess
import sys
import time
import zlib
from types import ModuleType, SimpleNamespace

import numpy as np
import pytest
from tinylstm.kernels import kernel
from tinylstm.kernels.compiling import COMPILED, address_of
from tinylstm.kernels.compiling.cache import folder
from tinylstm.kernels.signatures import signature
from tinylstm.kernels.training import losses

import tinylstm
from tests.processes import (
    PATIENCE,
    compiled,
    copy_package,
    environment,
    in_session,
    left_of_session,
    note_compilations,
    said,
)
from tinylstm import LSTM, Dense, Flatten, Sequential
from tinylstm.compiling import preparing
from tinylstm.engine.needed import kernels_of
from tinylstm.threads.how_many import cores

pytestmark = pytest.mark.skipif(not COMPILED, reason="is about compiled kernels")

PREDICTING = """
import signal
import sys
from threading import Timer
import numpy as np
import tinylstm
from tinylstm import LSTM, Dense, Flatten, Sequential
from tinylstm.compiling import preparing
from tinylstm.kernels.compiling import locks

start_helper = preparing.start_helper
def starting(pairs):
    process = start_helper(pairs)
    print("helper", process.pid, flush=True)
    {then}
    return process
preparing.start_helper = starting
{before}
tinylstm.set_random_seed(7)
model = Sequential({layers})
print(model.predict(np.ones((1, 3, 1))).round(6).tolist())
"""
ALONE = "preparing.cores = lambda: 1"
LAYERS = "[LSTM(4, input_shape=(3, 1)), Dense(2)]"
FEWER = "[Flatten(input_shape=(3, 1)), Dense(4), Dense(2)]"  # compiled in a third of the time
NEEDED_BY_FEWER = {"dense.dense_forward", "loop.run_batches", "loop.all_finite"}
NEEDED = NEEDED_BY_FEWER | {"recurrent.recurrent_forward", "steps.of_lstm.forward"}
two_cores = pytest.mark.skipif(cores() < 2, reason="a helper needs a core")


@pytest.fixture(scope="module")
def installation(tmp_path_factory):
    path = copy_package(tmp_path_factory.mktemp("installation"))
    note_compilations(path)
    return path


@pytest.fixture
def start(installation, tmp_path):
    """A function that starts a process on the test's cache, empty at first."""
    started = []

    def run(before="", then="", layers=LAYERS):
        script = PREDICTING.replace("{before}", before).replace("{then}", then)
        script = script.replace("{layers}", layers)
        env = environment(installation, tmp_path / "cache", MADE=str(tmp_path / "made"))
        options = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
        command = [sys.executable, "-c", script]
        started.append(
            subprocess.Popen(command, env=env, cwd=tmp_path, start_new_session=True, **options)
        )
        return started[-1]

    yield run
    for process in started:
        process.kill()
        process.communicate()


def expected(layers):
    """What such a process prints, by this one, whose kernels are there."""
    tinylstm.set_random_seed(7)
    model = Sequential(layers)
    return str(model.predict(np.ones((1, 3, 1))).round(6).tolist())


def lines(process):
    """What a process that has ended well has said."""
    out, err = process.communicate(timeout=300)
    assert (process.returncode, said(err)) == (0, "")
    return out.splitlines()


def test_two_processes_divide_the_kernels_between_them(start, tmp_path):
    printed = expected([LSTM(4, input_shape=(3, 1)), Dense(2)])
    assert [*map(lines, [start(ALONE), start(ALONE)])] == [[printed]] * 2
    made = compiled(tmp_path / "made")
    names = [name for _, name in made]
    assert set(names) >= NEEDED
    assert len(set(names)) == len(names)
    assert len({process for process, _ in made}) == 2


@two_cores
@pytest.mark.parametrize(
    ("before", "layers", "needed", "longest"),
    [
        ("", LAYERS, NEEDED, "recurrent.recurrent_forward"),
        ("sys.path.remove({folder!r})", FEWER, NEEDED_BY_FEWER, "loop.run_batches"),
    ],
    ids=["", "off the path"],
)
def test_a_process_alone_has_helpers_and_each_kernel_is_compiled_once(
    start, installation, tmp_path, before, layers, needed, longest
):
    process = start(before.format(folder=str(installation)), layers=layers)
    *helpers, _ = lines(process)
    made = compiled(tmp_path / "made")
    names = [name for _, name in made]
    assert set(names) >= needed
    assert len(set(names)) == len(names)
    by = {number: {name for one, name in made if one == number} for number, _ in made}
    assert by.keys() <= {str(process.pid), *(helper.split()[1] for helper in helpers)}
    assert len(by) > 1
    own = by.get(str(process.pid), set())
    assert longest not in own  # so Ctrl-C is heard
    again = start(layers=layers)
    assert len(lines(again)) == 1  # no helper where all is stored
    assert len(compiled(tmp_path / "made")) == len(made)


ENDS = {  # of both helpers: at once, while they compile, and not at all
    "die at once": "process.kill()",
    "die while they compile": "Timer(2, process.kill).start()",
    "are stopped": "Timer(2, process.send_signal, [signal.SIGSTOP]).start()",
}


@two_cores
@pytest.mark.parametrize("end", ENDS)
def test_helpers_that_do_not_get_on_cost_nothing_but_time(start, tmp_path, end):
    process = start("locks.PATIENCE = 3", ENDS[end], FEWER)
    printed = expected([Flatten(input_shape=(3, 1)), Dense(4), Dense(2)])
    assert lines(process)[-1] == printed
    stored = {path.name.partition("-")[0] for path in tmp_path.glob("cache/*/*.nbc")}
    assert stored >= NEEDED_BY_FEWER
    assert left_of_session(process.pid) == {}


@two_cores
@pytest.mark.skipif(not pathlib.Path("/proc/self/stat").exists(), reason="looks into /proc")
@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL])
@pytest.mark.usefixtures("ctrl_c_is_heard")
def test_helpers_end_with_the_process_that_they_help(start, how):
    process = start()
    helpers = {int(process.stdout.readline().split()[1]) for _ in range(preparing.HELPERS)}
    time.sleep(1)
    assert helpers < in_session(process.pid).keys()
    os.kill(process.pid, how)
    process.communicate(timeout=PATIENCE)
    assert process.returncode == -how
    assert left_of_session(process.pid) == {}


@pytest.fixture
def helpers(monkeypatch):
    """Lists of the kernels that helpers were started for; none is."""
    found = []

    def noting(pairs):
        found.append(pairs)
        return subprocess.Popen([sys.executable, "-c", ""], stdin=subprocess.PIPE)

    monkeypatch.setattr(preparing, "start_helper", noting)
    monkeypatch.setattr(preparing, "cores", lambda: 2)
    monkeypatch.setattr(preparing, "writable", lambda: True)
    return found


@pytest.fixture
def pairs():
    model = Sequential([LSTM(4, input_shape=(3, 1)), Dense(2)])
    assert model.built
    return kernels_of(model)


def help_with(pairs):
    with preparing.helped(pairs):
        pass


def test_helpers_are_started_for_several_kernels_of_weight(helpers, pairs):
    help_with(pairs)
    assert helpers == [pairs, pairs]


def test_a_helper_that_cannot_be_started_is_done_without(pairs, monkeypatch):
    monkeypatch.setattr(preparing.sys, "executable", "/nowhere/python")
    assert preparing.start_helper(pairs) is None
    monkeypatch.setattr(preparing.sys, "executable", shutil.which("true"))
    process = preparing.start_helper(pairs)
    assert process.wait() == 0
    process.communicate()


CHANGES = {
    "one core": ("cores", lambda: 1),
    "nothing can be written": ("writable", lambda: False),
    "no Python": ("sys.executable", None),
    "another program": ("sys.executable", "/opt/editor/editor"),
}


@pytest.mark.parametrize("change", CHANGES)
def test_no_helper_without_a_core_a_place_or_a_python(helpers, pairs, monkeypatch, change):
    name, value = CHANGES[change]
    target = preparing.sys if name.startswith("sys.") else preparing
    monkeypatch.setattr(target, name.rpartition(".")[2], value)
    help_with(pairs)
    assert helpers == []


def test_no_helper_for_a_single_kernel_of_weight_or_for_nothing(helpers, pairs):
    heavy = [pair for pair in pairs if preparing.weight(pair[0]) >= preparing.HEAVY]
    help_with(heavy[:1])
    help_with([pair for pair in pairs if pair not in heavy])
    preparing.prepare([])
    assert helpers == []


def test_a_second_process_that_starts_meanwhile_has_no_helper_of_its_own(helpers, pairs):
    with preparing.helped(pairs):
        address_of(*pairs[0])  # gives its own lock back, and not the helper's
        code = "from tinylstm.kernels.compiling import cache, locks; import sys; "
        code += "sys.exit(locks.take(cache.folder() / 'helper.nbc', patience=0))"
        assert subprocess.run([sys.executable, "-c", code]).returncode == 0
    assert subprocess.run([sys.executable, "-c", code]).returncode == 1


def made_up(module, name):
    """A kernel of a function that says where it stands."""

    def forward(a):
        a[0] = 1

    forward.__module__ = module
    return kernel(forward, name=name)


def test_helpers_get_kernels_that_a_module_of_tinylstm_has_and_no_others(monkeypatch):
    module = ModuleType("tinylstm.kernels.made_up")
    monkeypatch.setitem(sys.modules, module.__name__, module)
    one, another = (made_up(module.__name__, "cell.forward") for _ in range(2))
    own = made_up(__name__, "cell.forward")
    monkeypatch.setattr(sys.modules[__name__], "cell", SimpleNamespace(forward=own), raising=False)
    assert [*map(preparing.is_shared, (one, another, own))] == [False, False, False]
    module.cell = SimpleNamespace(forward=one)
    assert [*map(preparing.is_shared, (one, another, own))] == [True, False, False]
    assert preparing.found(*preparing.place_of(one)) is one


def test_a_helper_loads_nothing_that_is_there(monkeypatch):
    """Its end may come at any moment, and in the middle of a load it would look like the file's."""
    kernel, compiled = losses.mean_squared_error, []
    types = signature(kernel, np.float32)
    address_of(kernel, types)
    monkeypatch.setattr(preparing, "end_with_the_other", lambda: None)
    monkeypatch.setattr(preparing, "compile_kernel", lambda *pair: compiled.append(pair))
    named = *preparing.place_of(kernel), kernel._cache.key, types
    preparing.help_out(zlib.compress(pickle.dumps((str(folder()), [named]))))
    assert compiled == []
