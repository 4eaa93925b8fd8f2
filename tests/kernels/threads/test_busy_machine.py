"""A thread that is late, as on a busy machine, changes no number and holds nobody up for long."""

import threading
import time

import numpy as np
import pytest
from tinylstm.kernels.compiling import COMPILED, array_at
from tinylstm.kernels.signatures import address_for
from tinylstm.kernels.threads import helping
from tinylstm.kernels.threads.meeting import (
    CALLED_OFF,
    COME,
    GONE,
    INT64,
    STRIDE,
    TOO_LONG,
    all_come,
    atomic_load,
    exchange,
    meet_in_layer,
    meeting_place,
    pause,
)

import tinylstm
from tests.benchmarks.busy import busy_processes, calls, milliseconds
from tests.kernels.threads.test_shared_rows import EVERY_ROW, STACKS, data_for, made, pieces_of_work
from tests.tolerances import bits
from tinylstm import LSTM, Sequential, kernel
from tinylstm.engine import program
from tinylstm.threads import helpers, how_many, sharing

FLOAT32 = np.dtype("float32")


@pytest.fixture(autouse=True)
def small_rows_too(monkeypatch):
    """Every row is worth any number of threads; helpers may be called off, and have not been."""
    for (module, name), value in EVERY_ROW.items():
        monkeypatch.setattr(module, name, value)
    monkeypatch.setattr(helpers, "SECONDS_TO_WAIT", 2e-4)
    monkeypatch.setattr(helpers, "SHORTEST_REST", 1e-3)
    helpers._rests.clear()
    yield
    helpers._rests.clear()
    tinylstm.set_num_threads(None)


@kernel
def late_meet(batch):
    """As `meet_in_layer`, but a helper is late at some steps until it is called off."""
    board = array_at(batch.board, COME + batch.most * STRIDE, INT64)
    while (
        batch.thread > 0
        and atomic_load(board, COME + batch.thread * STRIDE) % 7 == 3
        and atomic_load(board, GONE) == 0
    ):
        pause()
    return 1.0 if all_come(board, batch.thread, batch.most) else 0.0


@pytest.fixture
def late_helpers(monkeypatch):
    """Helpers that are pushed off their cores now and then, in the middle of a layer."""
    meet = address_for("float32", late_meet, meet_in_layer)
    fields = program.help_fields
    monkeypatch.setattr(program, "help_fields", lambda dtype: fields(dtype) | {"meet": meet})


@pytest.mark.skipif(not COMPILED, reason="is about compiled kernels")
@pytest.mark.usefixtures("late_helpers")
@pytest.mark.parametrize("count", [2, 4])
@pytest.mark.parametrize("stack", STACKS)
def test_helpers_that_are_late_in_a_step_are_called_off_and_change_no_bit(stack, count):
    board, found = helpers.board_of(FLOAT32), []
    for number in (count, 1):
        tinylstm.set_num_threads(number)
        model = made(stack)
        x, y = data_for(model)
        before = pieces_of_work()
        outputs = [bits(model.predict(x, 1, verbose=0)) for _ in range(3)]
        assert (pieces_of_work() > before) == (number > 1)
        model.fit(x, y, 1, epochs=2, shuffle=False, verbose=0)
        found.append((outputs, bits(model.theta), bits(model.predict(x, 1, verbose=0))))
    assert found[0] == found[1]
    assert board[GONE] == board[helping.ENGAGED] == 0
    assert helpers._rests[FLOAT32].length > 0  # they were called off


@pytest.mark.skipif(not COMPILED, reason="is about compiled kernels")
def test_a_helper_that_has_not_claimed_its_part_gets_none(monkeypatch):
    board = helpers.board_of(FLOAT32)
    until_asleep(board)
    tinylstm.set_num_threads(1)
    x, _ = data_for(made("steps"))
    wanted = bits(made("steps").predict(x, 1, verbose=0))
    tinylstm.set_num_threads(2)
    model = made("steps")
    monkeypatch.setattr(program, "wake", lambda *_: None)
    before = pieces_of_work()
    board[helping.AWAKE] = 1  # it counts as awake, and does nothing
    board[TOO_LONG] = 1
    assert bits(model.predict(x, 1, verbose=0)) == wanted
    assert pieces_of_work() == before + 2  # called, and claimed by who had called
    assert board[helping.AWAKE] == board[GONE] == board[helping.ENGAGED] == 0


@kernel
def hasty_meet(batch):
    """As `meet_in_layer`, but thread 0 calls off what its helper has just come to the end of."""
    board = array_at(batch.board, helping.BOARD, INT64)
    come = all_come(board, batch.thread, batch.most)
    for _ in range(20_000 if batch.thread == 0 else 0):
        if atomic_load(board, helping.done_with(0)) == atomic_load(board, helping.SIGNALS):
            exchange(board, GONE, 0, CALLED_OFF)
        pause()
    return 1.0 if come else 0.0


@pytest.mark.skipif(not COMPILED, reason="is about compiled kernels")
def test_a_helper_that_was_done_when_it_was_called_off_says_itself_when_it_is_awake(monkeypatch):
    board = helpers.board_of(FLOAT32)
    until_asleep(board)
    x, _ = data_for(made("steps"))
    tinylstm.set_num_threads(1)
    wanted = bits(made("steps").predict(x, 1, verbose=0))
    tinylstm.set_num_threads(2)
    meet, fields = address_for("float32", hasty_meet, meet_in_layer), program.help_fields
    monkeypatch.setattr(program, "help_fields", lambda dtype: fields(dtype) | {"meet": meet})
    model, before = made("steps"), pieces_of_work()
    for _ in range(3):
        assert bits(model.predict(x, 1, verbose=0)) == wanted
        assert board[helping.AWAKE] in (0, 1)
        assert board[GONE] == board[helping.ENGAGED] == 0
    assert pieces_of_work() > before
    until_asleep(board)
    assert board[helping.AWAKE] == 0


def until_asleep(board):
    """Wait for the helpers from the tests before."""
    for _ in range(1000):
        if board[helping.AWAKE] == 0 and not helpers._called:
            return
        time.sleep(0.02)


def test_helpers_rest_twice_as_long_where_they_are_called_off_soon_after(monkeypatch):
    clock = [100.0]
    monkeypatch.setattr(helpers.time, "perf_counter", lambda: clock[0])
    monkeypatch.setattr(helpers, "SHORTEST_REST", 0.02)
    rests = []
    for _ in range(9):
        rests.append(round(helpers.rest("a dtype"), 6))
        clock[0] += 0.005
        assert helpers.rest("a dtype") == pytest.approx(rests[-1] - 0.005)  # another helper's
        clock[0] += rests[-1]
    assert rests == [0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1, 1, 1]
    clock[0] += helpers.SOON * helpers.LONGEST_REST
    assert helpers.rest("a dtype") == pytest.approx(0.02)


def test_nobody_wakes_helpers_that_rest(monkeypatch):
    sent = []
    monkeypatch.setattr(helpers, "send", lambda *arguments: sent.append(arguments))
    dtype = np.dtype("float64")
    board = helpers.board_of(dtype)
    until_asleep(board)
    monkeypatch.setattr(helpers, "SHORTEST_REST", 60)
    helpers.rest(dtype)
    helpers.wake(dtype, 1)
    assert not sent
    helpers._rests.clear()
    helpers.wake(dtype, 1)
    assert sent == [(dtype, 0)]


@pytest.mark.skipif(not COMPILED, reason="Python's threads take turns")
def test_a_thread_that_waits_for_long_uses_no_core():
    meeting, used = meeting_place(2), []
    all_come(meeting_place(1), 0, 1)  # compiles

    def wait():
        before = time.thread_time()
        assert all_come(meeting, 1, 2)
        used.append(time.thread_time() - before)

    waiting = threading.Thread(target=wait)
    waiting.start()
    time.sleep(0.5)
    assert all_come(meeting, 0, 2)
    waiting.join()
    assert used[0] < 0.2  # 0.01; 0.5 if it yields in place of sleeping


def test_parts_of_which_the_numbers_do_not_depend_are_no_more_than_cores(monkeypatch):
    model = made("steps")
    tinylstm.set_num_threads(9)
    for cores in (1, 2, 3):
        monkeypatch.setattr(sharing, "cores", lambda cores=cores: cores)
        assert sharing.helpers_for(model.network, 1, 9) == cores - 1
        wide = Sequential([LSTM(512, recurrent_initializer="zeros")])
        wide.build((None, 10, 64))
        shared = sharing.share_batches(wide.network, (10, 64), wide.state.batches(99, 33), True)
        assert shared == (cores, 33, cores - 1, cores > 1)


@pytest.mark.skipif(not COMPILED, reason="is about time")
def test_several_threads_beside_busy_processes_are_not_much_slower_than_one(monkeypatch):
    monkeypatch.undo()
    call, least = calls(128, 16, 1, 200)["prediction"], {}
    with busy_processes(2 * how_many.cores()):
        for _ in range(3):
            for number in (1, 4):
                tinylstm.set_num_threads(number)
                took = milliseconds(call, 0.15)
                least[number] = min(took, least.get(number, took))
    assert least[4] < 5 * least[1]  # 1 to 1.5; 20 to 70 where all wait for who was pushed off
