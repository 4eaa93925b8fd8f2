"""Threads that share the units of one row give the bits of one thread, whoever is free."""

import os
import subprocess
import sys
import threading
import time
from functools import partial

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tinylstm.kernels.compiling import COMPILED
from tinylstm.kernels.threads import helping

import tinylstm
from tests.models import few
from tests.processes import said
from tests.tolerances import bits
from tinylstm import (
    GRU,
    LSTM,
    Adam,
    Dense,
    Dropout,
    Embedding,
    Flatten,
    Masking,
    Sequential,
    SimpleRNN,
)
from tinylstm.engine.runs import Run
from tinylstm.threads import helpers, how_many, sharing

T, D, K = 9, 3, 5
STACKS = {
    "one": lambda H, **mode: [LSTM(H, **mode), Dense(K, activation="softmax")],
    "steps": lambda H, **mode: [
        LSTM(H, return_sequences=True, **mode),
        Dropout(0.5),
        LSTM(2 * H, return_sequences=True, use_bias=False, **mode),
        Dense(K),
    ],
    "masked": lambda H, **mode: [Masking(), LSTM(H, return_sequences=True, **mode), Dense(K)],
    "backwards": lambda H, **mode: [LSTM(H, go_backwards=True, **mode), Dense(K)],
    "thinned": lambda H, **mode: [LSTM(H, dropout=0.3, return_sequences=True, **mode), LSTM(H)],
    "other cells": lambda H, **mode: [
        GRU(H, return_sequences=True, **mode),
        SimpleRNN(2 * H, return_sequences=True, use_bias=False, **mode),
        Dense(K),
    ],
    "words": lambda H, **mode: [Embedding(7, 4), LSTM(H, return_sequences=True, **mode), Flatten()],
}
EVERY_ROW = {
    (sharing, "WORTH_A_STEP"): 1,
    (sharing, "WORTH_A_PASS"): 1,
    (sharing, "STEPS_WORTH_HELP"): 1,
    (sharing, "cores"): lambda: 32,
    (helpers, "SECONDS_TO_WAKE"): 10,
    (helpers, "SECONDS_TO_WAIT"): 1e6,
    (helpers, "TURNS_AWAKE"): 5_000_000 if COMPILED else 20_000,  # 0.2 s
}
STREAMS = [name for name in STACKS if name not in ("backwards", "words")]


@pytest.fixture(autouse=True)
def small_rows_too(monkeypatch):
    """Every row is worth any number of threads, and they have time to wake up."""
    for (module, name), value in EVERY_ROW.items():
        monkeypatch.setattr(module, name, value)
    yield
    tinylstm.set_num_threads(None)


def made(stack, H=20, dtype="float32", seed=0, **mode):
    tinylstm.set_random_seed(seed)
    model = Sequential(STACKS[stack](H, **mode), dtype=dtype)
    rows = 1 if mode else None
    model.build((rows, T) if stack == "words" else (rows, T, D))
    model.compile(Adam(0.01), "mse")
    return model


def data_for(model, samples=3, seed=1):
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(samples, T, D))
    x[rng.random((samples, T)) < 0.2] = 0  # masked steps, where there is a mask
    if model.network.chain[0].reads_numbers:
        x = rng.integers(0, 7, (samples, T))
    return x, rng.normal(size=(samples, *model.output_shape[1:]))


def pieces_of_work(dtype="float32"):
    """Signals given to the first helper so far."""
    return int(helpers.board_of(np.dtype(dtype))[helping.SIGNALS])


def shared(dtype, work):
    """What `work()` returns, and whether helpers had a part in it."""
    before = pieces_of_work(dtype)
    result = work()
    return result, pieces_of_work(dtype) > before


kinds = st.builds(
    dict,
    stack=st.sampled_from(list(STACKS)),
    H=st.sampled_from([3, 16, 20, 33, 48]),
    dtype=st.sampled_from(["float32", "float64"]),
    seed=st.integers(0, 99),
)
counts = st.integers(2, 4)
some = settings(few, max_examples=30)


@pytest.mark.uncompiled
@some
@given(kind=kinds, stateful=st.booleans(), count=counts)
def test_a_prediction_and_a_training_of_one_row_have_the_bits_of_one_thread(kind, stateful, count):
    found = []
    for number in (count, 1):
        tinylstm.set_num_threads(number)
        model = made(**kind, **({"stateful": True} if stateful else {}))
        x, y = data_for(model)

        def work(model=model, x=x, y=y):
            first = bits(model.predict(x, 1))
            model.fit(x, y, 1, epochs=2, shuffle=False, verbose=0)
            scores = model.evaluate(x, y, 1)
            state = bits(model.state.values)
            return first, bits(model.theta), scores, state, bits(model.predict(x, 1))

        result, together = shared(kind["dtype"], work)
        assert together == (number > 1)
        found.append(result)
    assert found[0] == found[1]


@pytest.mark.uncompiled
@some
@given(kind=kinds, stack=st.sampled_from(STREAMS), count=counts)
def test_steps_and_closed_loops_have_the_bits_of_one_thread(kind, stack, count):
    found = []
    for number in (count, 1):
        tinylstm.set_num_threads(number)
        model = made(**kind | {"stack": stack})
        x, _ = data_for(model)

        def work(model=model, x=x):
            stepper = model.stepper()
            outputs = []
            for one in x[0]:
                stepper.program.call_helpers()  # a stepper does not wait for them
                outputs.append(bits(stepper(one)))
            return outputs, {name: [bits(a) for a in v] for name, v in stepper.state.items()}

        result, together = shared(kind["dtype"], work)
        assert together == (number > 1)
        found.append(result)
    assert found[0] == found[1]


@pytest.mark.parametrize("feedback", ["value", "argmax", "sample"])
def test_a_closed_loop_has_the_bits_of_one_thread(feedback):
    found = []
    for number in (3, 1):
        tinylstm.set_num_threads(number)
        tinylstm.set_random_seed(3)
        model = Sequential([LSTM(40, input_shape=(None, K)), Dense(K, activation="softmax")])
        start = np.eye(K)[[0, 3, 1]]
        for window in (None, 3):
            options = {"feedback": feedback, "seed": 5, "window": window}
            result, together = shared("float32", partial(model.generate, start, 20, **options))
            assert together == (number > 1)
            found.append(bits(result))
    assert found[:2] == found[2:]


def test_a_closed_loop_sees_the_parameters_as_they_are_now():
    tinylstm.set_num_threads(2)
    tinylstm.set_random_seed(3)
    model = Sequential([LSTM(40, input_shape=(None, K)), Dense(K)])
    loop = partial(model.generate, np.ones((3, K)), 20)
    first, _ = shared("float32", loop)
    model.layers[0].weights["recurrent_kernel"][:] *= 2
    second, together = shared("float32", loop)
    assert together
    tinylstm.set_num_threads(1)
    assert bits(second) == bits(loop())
    assert bits(second) != bits(first)


def stepper_of(model, count=2):
    """A stepper with helpers that are awake."""
    tinylstm.set_num_threads(count)
    stepper = model.stepper()
    stepper.program.call_helpers()
    return stepper


@pytest.mark.parametrize("change", ["fit", "set_weights", "layer", "in place"])
def test_a_stepper_sees_the_parameters_as_they_are_now(change):
    model = made("one")
    x, y = data_for(model)
    stepper = stepper_of(model)
    first = stepper(x[0, 0]).copy()
    if change == "fit":
        model.fit(x, y, 1, verbose=0)
    elif change == "set_weights":
        model.set_weights([2 * w for w in model.get_weights()])
    elif change == "layer":
        model.layers[0].set_weights([2 * w for w in model.layers[0].get_weights()])
    else:
        model.layers[0].weights["kernel"][:] *= 2
    stepper.reset()
    stepper.program.call_helpers()
    second, together = shared("float32", lambda: stepper(x[0, 0]).copy())
    assert together
    tinylstm.set_num_threads(1)
    assert bits(second) == bits(model.stepper()(x[0, 0]))
    assert bits(second) != bits(first)


def test_a_change_between_two_steps_is_seen_without_a_reset():
    model, twin = made("one"), made("one")
    x, _ = data_for(model)
    stepper = stepper_of(model)
    tinylstm.set_num_threads(1)
    alone = twin.stepper()
    for t in range(T):
        assert bits(stepper(x[0, t])) == bits(alone(x[0, t]))
        for one in (model, twin):
            one.set_weights([w * 0.9 for w in one.get_weights()])


@pytest.mark.skipif(not COMPILED, reason="uncompiled they wait for minutes")
def test_helpers_go_to_sleep_and_are_woken_again():
    model = made("one")
    x, _ = data_for(model)
    stepper = stepper_of(model, 3)
    board = helpers.board_of(model.dtype)
    assert board[helping.AWAKE] & 3 == 3
    for _ in range(200):
        time.sleep(0.05)
        if board[helping.AWAKE] == 0:
            break
    assert board[helping.AWAKE] == 0
    layers, *others = stepper._tables
    assert not helping.share_row(layers, 2, *others)
    stepper(x[0, 0])  # wakes them, and does not wait
    stepper.program.call_helpers()
    assert board[helping.AWAKE] & 3 == 3
    assert shared("float32", lambda: stepper(x[0, 1]))[1]


def count_wakings(monkeypatch):
    """A list that has an entry for each time that helpers begin to look for work."""
    begun, be_awake = [], helpers.be_awake

    def counting(*arguments):
        begun.append(arguments[1])
        be_awake(*arguments)

    monkeypatch.setattr(helpers, "be_awake", counting)
    return begun


@pytest.mark.skipif(not COMPILED, reason="is about time")
def test_helpers_that_look_for_work_go_on_where_more_is_announced(monkeypatch):
    monkeypatch.setattr(helpers, "TURNS_AWAKE", 12_500_000)  # 0.5 s
    begun = count_wakings(monkeypatch)
    dtype = np.dtype("float64")
    board = helpers.board_of(dtype)
    helpers.wake(dtype, 1, wait=True)
    before, announced = len(begun), time.process_time()
    while time.process_time() < announced + 2:  # of the helper, who looks all the time
        time.sleep(0.01)
        assert board[helping.AWAKE] & 1
        helpers.wake(dtype, 1, wait=True)
    assert len(begun) == before


def test_a_helper_that_has_given_up_is_called_again_while_it_is_on_its_way_back(monkeypatch):
    dtype, looks, may_return = np.dtype("float64"), [], threading.Event()

    def look(*_):
        looks.append(1)
        may_return.wait(60)

    board = helpers.board_of(dtype)
    asleep = helpers.Worker()
    monkeypatch.setattr(helpers, "_workers", {(dtype, 30): asleep})
    monkeypatch.setattr(helpers, "help_out", look)
    helpers.send(dtype, 30)
    while not looks:
        time.sleep(0.001)
    assert not board[helping.AWAKE] >> 30
    helpers.send(dtype, 30)
    helpers.send(dtype, 30)  # called already
    may_return.set()
    for _ in range(1000):
        if len(looks) == 2 and asleep.jobs.empty():
            break
        time.sleep(0.01)
    assert len(looks) == 2


ONE_CORE = """
import os, time
import numpy as np
os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
import tinylstm
from tinylstm import LSTM, Sequential
from tinylstm.threads import sharing
sharing.cores = lambda: 2  # as many threads, though they have one
model = Sequential([LSTM(512, input_shape=(None, 512))])
took = {}
for number in (1, 2):
    tinylstm.set_num_threads(number)
    for _ in range(3):
        start = time.perf_counter()
        model.generate(np.ones((1, 512)), 200)
        took.setdefault(number, []).append(time.perf_counter() - start)
print(min(took[2]) / min(took[1]))
"""


@pytest.mark.skipif(
    not (COMPILED and hasattr(os, "sched_setaffinity")), reason="is about time on one core"
)
def test_two_threads_on_one_core_give_it_to_each_other(tmp_path):
    run = [sys.executable, "-c", ONE_CORE]
    done = subprocess.run(
        run, capture_output=True, text=True, cwd=tmp_path, timeout=120, check=True
    )
    assert float(done.stdout) < 8  # 1.4; 24 if a helper keeps the core until its time is over


def test_two_threads_of_the_caller_do_not_wait_for_each_others_helpers():
    models = [made("one", seed=seed) for seed in range(3)]
    x, _ = data_for(models[0])
    tinylstm.set_num_threads(1)
    wanted = [[bits(m.stepper()(one)) for one in x[0]] for m in models]
    tinylstm.set_num_threads(2)
    found = [[] for _ in models]

    def run(k):
        for _ in range(50):
            for one in x[0]:
                found[k].append(bits(models[k].stepper()(one)))

    runners = [threading.Thread(target=run, args=(k,)) for k in range(len(models))]
    for runner in runners:
        runner.start()
    for runner in runners:
        runner.join(60)
    assert found == [50 * one for one in wanted]


def test_a_branch_goes_on_on_its_own():
    model = made("one")
    x, _ = data_for(model)
    stepper = stepper_of(model)
    stepper(x[0, 0])
    twin = stepper.copy()
    branches = [[bits(one(x[0, t])) for t in range(1, T)] for one in (stepper, twin)]
    assert branches[0] == branches[1]


def test_where_the_system_starts_no_thread_one_does_all(monkeypatch):
    def refuse(self):
        raise RuntimeError("can't start new thread")

    for _ in range(200):
        if not helpers._called:  # from the tests before
            break
        time.sleep(0.05)
    monkeypatch.setattr(helpers, "_workers", {})
    monkeypatch.setattr(helpers, "SECONDS_TO_WAKE", 0)
    monkeypatch.setattr(how_many.Worker, "start", refuse)
    model = made("one", H=400)  # nobody else is asked for so many helpers
    x, _ = data_for(model)
    tinylstm.set_num_threads(20)
    y, together = shared("float32", lambda: bits(model.predict(x, 1)))
    assert not together
    tinylstm.set_num_threads(1)
    assert y == bits(model.predict(x, 1))


def test_several_rows_and_small_models_have_no_helpers(monkeypatch):
    tinylstm.set_num_threads(4)
    model = made("one")
    assert model.stepper().program.others > 0
    assert model.stepper(2).program.others == 0
    monkeypatch.setattr(sharing, "WORTH_A_STEP", 30_000)
    assert model.stepper().program.others == 0
    tinylstm.set_num_threads(1)
    monkeypatch.setattr(sharing, "WORTH_A_STEP", 1)
    assert model.stepper().program.others == 0


AT_THE_END = """
import os, sys, time
import numpy as np
import tinylstm
from tinylstm import LSTM, Sequential
from tinylstm.threads import helpers, sharing
from tinylstm.kernels.threads import helping
sharing.WORTH_A_STEP = sharing.WORTH_A_PASS = 1
helpers.SECONDS_TO_WAKE, helpers.TURNS_AWAKE = 10, 5_000_000
helpers.SECONDS_TO_WAIT, sharing.cores = 1e6, lambda: 3
tinylstm.set_num_threads(3)
model = Sequential([LSTM(40, input_shape=(None, 2))])
stepper = model.stepper()
stepper.program.call_helpers()
y = stepper(np.ones(2)).copy()
"""
FORK = """
child = os.fork()
stepper.reset()
again = stepper(np.ones(2)).copy()  # with helpers, or in the child without
assert again.tobytes() == y.tobytes()
if child == 0:
    stepper.reset()
    stepper.program.call_helpers()  # of its own
    assert helpers.board_of(model.dtype)[helping.AWAKE] & 3 == 3
    assert stepper(np.ones(2)).tobytes() == y.tobytes()
    os._exit(0)
assert os.waitpid(child, 0)[1] == 0
"""


@pytest.mark.skipif(not COMPILED, reason="is about compiled kernels")
@pytest.mark.parametrize("script", ["", FORK] if hasattr(os, "fork") else [""])
def test_a_process_ends_with_helpers_awake_and_a_child_has_its_own(script, tmp_path):
    run = [sys.executable, "-W", "ignore::DeprecationWarning", "-c", AT_THE_END + script]
    done = subprocess.run(run, capture_output=True, text=True, cwd=tmp_path, timeout=120)
    assert (done.returncode, said(done.stderr)) == (0, "")


def test_after_closing_time_one_thread_does_all():
    model = made("one")
    x, _ = data_for(model)
    stepper = stepper_of(model)
    board = helpers.board_of(model.dtype)
    wanted = bits(stepper(x[0, 0]))
    stepper.reset()
    stepper.program.call_helpers()
    board[helping.CLOSED] = 1  # they may be awake still
    try:
        y, together = shared("float32", lambda: bits(stepper(x[0, 0])))
    finally:
        board[helping.CLOSED] = 0
    assert not together
    assert y == wanted


def test_a_branch_made_before_anything_was_shared_is_shared_too():
    model = made("one")
    x, _ = data_for(model)
    tinylstm.set_num_threads(2)
    stepper = model.stepper()
    twin = stepper.copy()
    for one in (stepper, twin):
        wake_for(one)
        y, together = shared("float32", lambda one=one: bits(one(x[0, 0])))
        assert together
        tinylstm.set_num_threads(1)
        assert y == bits(model.stepper()(x[0, 0]))


def wake_for(stepper):
    """Its helpers are awake, and it has not noticed."""
    helpers.wake(stepper.model.dtype, stepper.program.others, wait=True)


def test_a_row_for_each_thread_is_not_shared_once_more():
    model = made("one", H=64)
    x, _ = data_for(model, samples=2)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(how_many, "WORTH", 1)
        tinylstm.set_num_threads(2)
        model.predict(x[:1], 1)
        model.set_weights([2 * w for w in model.get_weights()])
        y, together = shared("float32", lambda: bits(model.predict(x, 2)))
    assert not together
    tinylstm.set_num_threads(1)
    assert y == bits(model.predict(x, 2))


def test_a_wide_dense_behind_a_small_lstm_calls_no_helpers(monkeypatch):
    monkeypatch.setattr(sharing, "WORTH_A_STEP", 30_000)
    tinylstm.set_num_threads(2)
    model = Sequential([LSTM(32, input_shape=(None, 1)), Dense(10_000)])
    model.build((None, None, 1))
    assert model.stepper().program.others == 0


def test_a_change_is_counted_after_the_compiled_call_that_made_it(monkeypatch):
    model = made("one")
    x, y = data_for(model)
    inside, call = [], Run.__call__

    def noting(self, *arguments):
        loop = self.loop

        def counting(*tables):
            inside.append(model.changes)
            return loop(*tables)

        self.loop = counting
        done = call(self, *arguments)
        assert model.changes > inside[-1]
        self.loop = loop
        return done

    monkeypatch.setattr(Run, "__call__", noting)
    model.fit(x, y, 1, verbose=0)
    assert inside
