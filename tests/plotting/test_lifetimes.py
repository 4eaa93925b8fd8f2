"""Half-lives as they are drawn."""

import numpy as np
import pytest

from tests.snapshots import refused
from tinylstm import GRU, LSTM, Sequential, SimpleRNN, inside, plotting

from .recorded import D, N, T
from .seen import assert_readable


@pytest.mark.parametrize("kind", [LSTM, GRU])
@pytest.mark.parametrize("units", [3, 24, 64, 100])
def test_dots_and_map_are_the_numbers_in_order(rng, kind, units):
    model = Sequential([kind(units, input_shape=(T, D), name="it")])
    trace = model.trace(rng.normal(size=(N, T, D)))
    figure = plotting.memory(trace, sample=2, labels="ABC")
    left, right = figure.axes[:2]
    lives = inside.half_lives(trace["it"])
    order = np.argsort(-lives, kind="stable")
    np.testing.assert_array_equal(left.lines[0].get_xdata(), lives[order])
    np.testing.assert_array_equal(
        right.images[0].get_array(), inside.retention(trace["it"])[2].T[order]
    )
    assert right.images[0].get_clim() == (0, 1)
    ticks = [int(label.get_text()) for label in left.get_yticklabels()]
    assert ticks == list(order if units <= 64 else order[::2])
    assert [label.get_text() for label in right.get_xticklabels()] == [*"ABC"]
    assert_readable(figure)


@pytest.mark.parametrize("steps", [1, 4, 40, 500])
def test_numbers_of_steps_do_not_overlap(rng, steps):
    model = Sequential([LSTM(3, input_shape=(None, D))])
    figure = plotting.memory(model.trace(rng.normal(size=(1, steps, D))))
    low, high = figure.axes[0].get_xlim()
    assert low <= 1 < steps <= high or steps == 1
    assert_readable(figure)


def test_gates_that_are_always_open_stand_at_the_end(rng):
    model = Sequential([LSTM(3, input_shape=(T, D))])
    W, U, b = model.get_weights()
    b[3:6] = [100, 0, -200]
    model.set_weights([W, U, b])
    trace = model.trace(rng.normal(size=(N, T, D)))
    assert inside.half_lives(trace["lstm"])[0] > 1e4
    dots = plotting.memory(trace).axes[0].lines[0].get_xdata()
    assert dots[0] == 1e4
    assert dots[-1] == 0.1


def test_a_cell_that_keeps_nothing_is_refused(rng):
    model = Sequential([SimpleRNN(3, input_shape=(T, D))])
    with refused(ValueError, "is known to keep a state"):
        plotting.memory(model.trace(rng.normal(size=(N, T, D))))
