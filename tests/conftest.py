"""Fixtures of all tests: a seeded generator, one seed, no NaN that passes, and Ctrl-C."""

import os
import signal
import sys
from collections import Counter
from itertools import chain
from pathlib import Path

import numpy as np
import pytest
from tinylstm.kernels.compiling import ERR

from .guards import guarded

pytest_plugins = ["tinylstm.testing.fixtures"]

HERE = Path(__file__).parent
SLOW = 20  # seconds, and a fiftieth of a run, where a file of tests takes longer
SLOWEST = (  # such files, the longest first; a run in several processes says who is not here
    "planted_bugs/test_planted_bugs.py",
    "against_keras/test_weights.py",
    "compiling/test_preparing.py",
    "testing/test_batteries.py",
    "project/test_site.py",
    "project/test_documents.py",
    "against_keras/test_layers.py",
    "against_keras/test_training.py",
    "against_keras/test_keras_files.py",
    "against_keras/test_old_files.py",
    "commands/test_demos.py",
    "commands/test_ended_commands.py",
    "compiling/test_first_start.py",
    "surface/test_surface.py",
    "report/test_engine.py",
    "against_keras/test_rnns.py",
    "against_keras/test_reports.py",
    "against_keras/test_random_stacks.py",
    "kernels/threads/test_shared_batches.py",
    "kernels/threads/test_shared_rows.py",
    "kernels/threads/test_together.py",
    "kernels/compiling/test_cache.py",
    "formats/onnx/test_torch.py",
    "formats/onnx/test_tf2onnx.py",
    "formats/keras/test_old_models.py",
    "formats/keras/test_archive.py",
    "compiling/test_warmup.py",
    "benchmarks/test_benchmarks.py",
)

if sys.__stdin__ is None:  # closed by who started the tests; pytest and IPython want to look at it
    sys.__stdin__ = open(os.devnull)  # noqa: SIM115


def pytest_addoption(parser):
    parser.addoption("--guards", action="store_true", help="guard words around all vectors")


def pytest_ignore_collect(collection_path, config):
    """For ``-m quick`` files without such a test are not even imported: that takes longer."""
    if config.option.markexpr.split()[:1] == ["quick"] and collection_path.suffix == ".py":
        return "mark.quick" not in collection_path.read_text(encoding="utf-8") or None


def pytest_collection_modifyitems(items):
    """The slowest files first, so that none of them is left when the others have ended."""
    place = {HERE / name: k for k, name in enumerate(SLOWEST)}
    items.sort(key=lambda item: place.get(item.path, len(place)))


def pytest_terminal_summary(terminalreporter, config):
    """Files that would have to be in `SLOWEST`: one that comes last keeps one process waiting."""
    if not config.getoption("numprocesses", None):
        return
    seconds = Counter()
    for report in chain(*terminalreporter.stats.values()):
        if isinstance(report, pytest.TestReport):
            seconds[report.nodeid.partition("::")[0].removeprefix("tests/")] += report.duration
    for name, took in seconds.most_common():
        if took > max(SLOW, seconds.total() / 50) and name not in SLOWEST:
            terminalreporter.write_line(f"{name} took {took:.0f} s, and is not in SLOWEST")


@pytest.fixture(autouse=True)
def guard_words(request):
    """In the guard mode a compiled call that writes outside a vector fails its test."""
    if not request.config.getoption("--guards"):
        yield
        return
    with guarded():
        yield


@pytest.fixture(autouse=True)
def same_seed_for_every_test(repeatable):
    """Models draw their weights from one known seed, whatever ran before."""


@pytest.fixture(autouse=True)
def nan_equals_nothing(monkeypatch):
    """For NumPy two NaN are equal, so two engines that both fail would be right."""

    def without_nan(compare):
        def compared(actual, desired, *args, **options):
            compare(actual, desired, *args, **options)
            for side in (np.asarray(actual), np.asarray(desired)):
                assert side.dtype.kind not in "fc" or np.isfinite(side).all(), "NaN or infinity"

        return compared

    for name in ("assert_allclose", "assert_array_equal"):
        monkeypatch.setattr(np.testing, name, without_nan(getattr(np.testing, name)))


@pytest.fixture
def ctrl_c_is_heard():
    """By this process and those that it starts, though a shell may start jobs that ignore it."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.fixture
def at_a_terminal(monkeypatch):
    """Lines can be written over, wherever they go."""
    monkeypatch.setattr(type(ERR), "isatty", lambda stream: True)
