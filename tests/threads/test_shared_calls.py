"""Calls in which threads share batches: interrupted, failing, at once, forked, in stages."""

import os
import sys
import threading
import warnings
from functools import partial

import numpy as np
import pytest
from tinylstm.kernels.compiling import COMPILED
from tinylstm.kernels.layers import recurrent
from tinylstm.kernels.threads.meeting import GONE, all_come, meeting_place

import tinylstm
from tests.engine.test_interrupts import LONG, CtrlC
from tests.kernels.threads.test_shared_batches import Case, small_models_too  # noqa: F401  a fixture
from tests.kernels.threads.test_together import TOGETHER
from tests.snapshots import changed, refused, snapshot
from tests.threads.test_threads import at_once
from tests.tolerances import THREADS_TRAINED, assert_close, bits
from tinylstm.callbacks import Callback
from tinylstm.plotting.recording import StateRecorder
from tinylstm.threads import how_many

FORMS = {"rows": {}, "together": TOGETHER}  # each thread has some rows, or all have all
LIMIT_OF_THREE = 5  # seconds: three threads on two cores that others use wait for each other


@pytest.fixture(autouse=True, params=FORMS)
def form(request, monkeypatch):
    """How threads share batches."""
    for (module, name), value in FORMS[request.param].items():
        monkeypatch.setattr(module, name, value)


class Stop(Callback):
    """Stops after so many batches."""

    def __init__(self, batches):
        self.left = batches

    def on_train_batch_end(self, batch, logs=None):
        self.left -= 1
        self.model.stop_training = self.left == 0


@pytest.mark.parametrize("stateful", [False, True])
def test_ctrl_c_leaves_the_model_of_whole_batches(stateful):
    case = Case("one", "adam", stateful)
    model, twin = case.trained(3), case.trained(3)
    before = model.optimizer.iterations
    with CtrlC() as ctrl_c:
        model.fit(case.x, case.y, case.rows, epochs=LONG, verbose=0)
    assert ctrl_c.took < LIMIT_OF_THREE
    batches = model.optimizer.iterations - before
    assert batches > 10
    count = -(-len(case.x) // case.rows)
    options = {"callbacks": [Stop(batches)], "verbose": 0}
    twin.fit(case.x, case.y, case.rows, epochs=batches // count + 1, **options)
    assert set(changed(model, snapshot(twin))) <= {"history"}


def fit_again_and_again(model, case):
    """Some calls, of which each hands work to threads."""
    for _ in range(10):
        model.fit(case.x, case.y, case.rows, verbose=0)


@pytest.mark.parametrize("line", range(1, 40))
def test_ctrl_c_at_any_line_of_handing_work_to_threads_loses_nothing_and_waits_for_nobody(line):
    case, left = Case("one", stateful=True), [line]
    model, twin = case.trained(3), case.trained(3)
    before = model.optimizer.iterations

    def trace(frame, event, _):
        if frame.f_code is not how_many.run_at_once.__code__:
            return trace if frame.f_code.co_filename.endswith(("team.py", "runs.py")) else None
        left[0] -= event == "line"
        if left[0] == 0:
            raise KeyboardInterrupt
        return trace

    watched = sys.gettrace()  # a measurement of coverage
    sys.settrace(trace)
    try:
        with pytest.raises(KeyboardInterrupt):
            fit_again_and_again(model, case)
    finally:
        sys.settrace(watched)
    batches = model.optimizer.iterations - before
    if batches:
        options = {"callbacks": [Stop(batches)], "verbose": 0}
        twin.fit(case.x, case.y, case.rows, epochs=batches, **options)
    assert set(changed(model, snapshot(twin))) <= {"history"}
    for one in (model, twin):
        one.fit(case.x, case.y, case.rows, epochs=2, verbose=0)
    assert bits(model.theta) == bits(twin.theta)


def test_what_fails_in_one_thread_is_raised_and_the_others_do_not_wait():
    meeting, came = meeting_place(3), []

    def fail():
        raise ZeroDivisionError

    def come(me):
        came.append(all_come(meeting, me, 3))

    first, second, third = (partial(come, me) for me in range(3))
    for jobs in ([first, fail, third], [fail, second, third]):
        came.clear()
        meeting[:] = meeting_place(3)
        with pytest.raises(ZeroDivisionError):
            how_many.run_at_once(jobs, meeting)
        assert meeting[GONE] == 1
    assert how_many.run_at_once([lambda: 5, came.clear, came.clear], meeting_place(3)) == 5


@pytest.mark.uncompiled
@pytest.mark.skipif(COMPILED, reason="compiled kernels raise nothing")
def test_an_error_in_the_middle_of_a_batch_leaves_its_update_out(monkeypatch):
    case, add_dy = Case("one", "adam"), recurrent.add_dy

    def fail(*arguments):
        if threading.current_thread() is not threading.main_thread():
            raise ZeroDivisionError
        return add_dy(*arguments)

    tinylstm.set_num_threads(3)
    model = case.model()
    before = model.theta.copy(), model.optimizer.moments.copy()
    monkeypatch.setattr(recurrent, "add_dy", fail)
    with pytest.raises(ZeroDivisionError):
        model.fit(case.x, case.y, case.rows, verbose=0)
    assert bits(model.theta) == bits(before[0])
    assert bits(model.optimizer.moments) == bits(before[1])


def test_where_the_system_starts_no_thread_one_does_all(monkeypatch):
    case = Case("one")
    wanted = bits(case.trained(1).theta)

    def refuse(self):
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(how_many.Worker, "start", refuse)
    monkeypatch.setattr(how_many, "_idle", [])
    with pytest.warns(RuntimeWarning, match="starts no more threads"):
        model = case.trained(3)
    assert bits(model.theta) == wanted


def test_trainings_at_once_are_those_alone():
    cases = [Case("dropout", "adam", seed=seed) for seed in range(4)]
    alone = [bits(case.trained(3, epochs=20).theta) for case in cases]
    tinylstm.set_num_threads(3)
    models = [case.model() for case in cases]  # one after the other: the seed is the process'
    together = at_once(*(lambda k=k: fitted(models[k], cases[k]) for k in range(len(cases))))
    assert together == alone


def fitted(model, case, epochs=20):
    """The bits of the weights after some epochs."""
    options = {"sample_weight": case.weight, "epochs": epochs, "verbose": 0}
    model.fit(case.x, case.y, case.rows, **options)
    return bits(model.theta)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
def test_a_forked_process_has_threads_of_its_own():
    case = Case("one")
    wanted = bits(case.trained(3).theta)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Python 3.12, and JAX where it is, on forks with threads
        child = os.fork()
    if child == 0:
        os._exit(0 if bits(case.trained(3).theta) == wanted else 1)
    patience = threading.Timer(20, os.kill, (child, 9))
    patience.start()
    _, status = os.waitpid(child, 0)
    patience.cancel()
    assert os.waitstatus_to_exitcode(status) == 0


@pytest.mark.parametrize("bad", range(5))
def test_a_loss_that_is_not_finite_in_any_row_leaves_its_batch_out(bad):
    case = Case("one", "adam", rows=5)
    case.y = case.y[:10].copy()
    case.x, case.weight = case.x[:10], case.weight[:10]
    case.y[5 + bad] = 1e200
    tinylstm.set_num_threads(3)
    model, twin = case.model(), case.model()
    options = {"shuffle": False, "verbose": 0}
    with pytest.warns(RuntimeWarning, match="is inf: its update was left out"):
        model.fit(case.x, case.y, 5, **options)
    twin.fit(case.x[:5], case.y[:5], 5, **options)
    assert set(changed(model, snapshot(twin))) <= {"history"}


def test_stages_of_a_file_or_a_generator_are_the_arrays_that_they_hold(tmp_path):
    case = Case("dropout", "adam", rows=4)
    x = np.memmap(tmp_path / "x", "float64", "w+", shape=case.x.shape)
    x[:] = case.x
    batches = [slice(k, k + 4) for k in range(0, len(x), 4)]
    tinylstm.set_num_threads(3)
    arrays, mapped, stream = case.model(), case.model(), case.model()
    options = {"epochs": 3, "shuffle": False, "verbose": 0}
    arrays.fit(case.x, case.y, 4, **options)
    mapped.fit(x, case.y, 4, **options)
    generator = ((case.x[part], case.y[part]) for _ in range(3) for part in batches)
    stream.fit(generator, steps_per_epoch=len(batches), epochs=3, verbose=0)
    for model in (mapped, stream):
        assert bits(model.theta) == bits(arrays.theta)
        assert model.history.history == arrays.history.history
    assert bits(mapped.predict(x, 4)) == bits(arrays.predict(case.x, 4))


def test_the_number_may_change_between_calls_and_after_each_epoch():
    class Change(Callback):
        def on_epoch_end(self, epoch, logs=None):
            tinylstm.set_num_threads(epoch % 4 + 1)

    case = Case("dropout", "adam", stateful=True)
    twin = case.trained(1, epochs=8)
    model = case.model()
    options = {"sample_weight": case.weight, "verbose": 0, "callbacks": [Change()]}
    for k in range(4):
        model.fit(case.x, case.y, case.rows, epochs=2 * k + 2, initial_epoch=2 * k, **options)
    assert_close(model.theta, twin.theta, THREADS_TRAINED, "weights")


def test_a_recorder_sees_whole_batches():
    case = Case("one", stateful=True)
    tinylstm.set_num_threads(3)
    model = case.model()
    with StateRecorder(model) as recorder:
        model.fit(case.x, case.y, case.rows, verbose=0)
    assert [len(batch.sources) for batch in recorder.batches] == [case.rows] * 2

    class Late(Callback):
        def on_epoch_begin(self, epoch, logs=None):
            StateRecorder(self.model).__enter__()

    with refused(ValueError, "A recorder reads whole batches"):
        model.fit(case.x, case.y, case.rows, verbose=0, callbacks=[Late()])
