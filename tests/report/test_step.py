"""One step of one unit: the numbers in its equations are those of the engine, forward and back."""

import re
from functools import partial
from typing import NamedTuple

import numpy as np
import pytest

import tinylstm
from tests.models import randomize
from tests.own_cells import peephole
from tinylstm import GRU, LSTM, RNN, Dense, Masking, Sequential, SimpleRNN
from tinylstm.inside import by_gate
from tinylstm.report.room import UNITS

from .conftest import move, number

N, T, D, H = 3, 4, 2, 3
CELLS = {
    "lstm": LSTM,
    "gru": GRU,
    "gru_reset_before": partial(GRU, reset_after=False),
    "simple_rnn": SimpleRNN,
}
RESULTS = """() => Object.fromEntries([...document.querySelectorAll("#step li:not([hidden])")].map(
  (line) => {
    const numbers = [...line.querySelectorAll(".filled mn[data-name]")];
    return [numbers.at(-1).dataset.name, numbers.at(-1).textContent];
  }))"""


class Passed(NamedTuple):
    """Gradients of the outputs of a layer, and of the states that it starts from."""

    dy: np.ndarray
    dstates: list


def assert_shown(found, expected):
    """What is written is the number, in as many digits as are written."""
    assert found.keys() == expected.keys()
    for name, value in expected.items():
        bound = 5.1e-5 + 5.1e-3 * abs(value) * ("e" in found[name])
        assert abs(number(found[name]) - value) <= bound, (name, found[name], value)


def at(array, sample, time, unit):
    return float(array[sample, time, unit])


def results(cell, one, sample, time, unit):
    """What stands right of the last = of each line, of a trace that went back."""
    found = {name: at(getattr(one, name), sample, time, unit) for name in one.gate_names}
    found |= {name: at(getattr(one, name), sample, time, unit) for name in one.state_names}
    blocks = by_gate(one, one.dz)
    dz = {f"dz_{gate}": at(block, sample, time, unit) for gate, block in blocks.items()}
    found["dh"] = at(one.dh, sample, time, unit)
    if cell == "lstm":
        zs = by_gate(one, one.z)
        found |= {f"z_{gate}": at(block, sample, time, unit) for gate, block in zs.items()}
        found |= dz | {"dc": at(one.dc, sample, time, unit)}
    elif cell in ("gru", "gru_reset_before"):
        found |= dz
    else:
        found |= {"z": at(one.z, sample, time, unit), "dz": dz["dz_g"]}
    return found


@pytest.fixture
def page(tmp_path, opened, rng):
    """Opens the page of a cell; gives its tab, its trace, and what was passed back."""

    def made(kind, **settings):
        model = Sequential([Masking(-1.0), CELLS[kind](H, return_sequences=True, **settings)])
        model.add(Dense(2))
        model.build((None, T, D))
        model.compile(loss="mse")
        x, y = rng.normal(size=(N, T, D)), rng.normal(size=(N, T, 2))
        x[1, 2] = -1
        randomize(model, rng)
        tinylstm.report(model, x, y, tmp_path / "report.html")
        trace = model.trace(x)
        error = trace.y - y
        error[1, 2] = 0  # a masked step has no loss
        error *= 2 / (error.size - 2)
        name = model.layers[1].name
        dstates = model.backward(error).states[name]
        dy = error @ model.layers[-1].get_weights()[0].T
        dy = dy[:, ::-1] if settings.get("go_backwards") else dy  # in the order of time
        return opened(tmp_path / "report.html"), trace[name], Passed(dy, dstates)

    return made


@pytest.mark.parametrize("kind", CELLS)
@pytest.mark.parametrize("back", [False, True])
def test_results_are_those_of_the_engine(page, kind, back):
    tab, one, _ = page(kind, go_backwards=back)
    for sample, time, unit in ((0, 0, 0), (1, 1, 2), (2, 3, 1)):
        move(tab, sample=sample, time=time, unit=unit)
        found = tab.evaluate(RESULTS)
        expected = results(kind, one, sample, time, unit)
        assert expected.keys() <= found.keys()
        assert_shown({name: found[name] for name in expected}, expected)


@pytest.mark.parametrize("kind", CELLS)
def test_each_line_is_an_equation(page, kind):
    """Right and left of each last = is the same, of the numbers that are written."""
    tab, *_ = page(kind)
    move(tab, sample=2, time=2, unit=1)
    lines = tab.evaluate(
        """() => [...document.querySelectorAll("#step li:not([hidden]) .filled")].map(
          (one) => one.textContent)"""
    )
    assert len(lines) > 5
    functions = {"\u03c3": lambda z: 1 / (1 + np.exp(-z)), "\u03c6": np.tanh}
    for line in lines:
        text = line.replace("\u2212", "-").replace("\u22c5", "*")
        *right, result = text.split("=")[1:]
        if not right:  # it is another number
            continue
        value = eval(right[0], {}, functions)  # what is written on the page
        assert abs(value - float(result)) < 5e-4 + 2e-2 * abs(value), line


NUMBERS = """() => Object.fromEntries(
  [...document.querySelectorAll("#step li:not([hidden]) .filled mn[data-name]")]
    .map((one) => [one.dataset.name, one.textContent]))"""


@pytest.mark.parametrize("back", [False, True])
def test_what_reaches_c_from_later_is_f_times_dc_of_the_next_step(page, back):
    tab, one, _ = page("lstm", go_backwards=back)
    by = -1 if back else 1
    for sample, time, unit in ((0, 1, 0), (2, 2, 1)):
        move(tab, sample=sample, time=time, unit=unit)
        found = {name: number(text) for name, text in tab.evaluate(NUMBERS).items()}
        for name, array in (("f_next", one.f), ("dc_next", one.dc)):
            expected = at(array, sample, time + by, unit)
            assert found[name] == pytest.approx(expected, abs=5.1e-5, rel=6e-3)
        assert "dc_later" not in found
    for sample, unit in ((0, 0), (2, 1)):  # the gradient starts there: no number, however small
        move(tab, sample=sample, time=0 if back else T - 1, unit=unit)
        found = tab.evaluate(NUMBERS)
        assert "dc_next" not in found
        assert (found["dc_later"], found["dh_through_U"]) == ("0", "0")
    move(tab, sample=1, time=3 if back else 1, unit=0)  # the next one is masked
    found = tab.evaluate(NUMBERS)
    assert "dc_next" not in found
    beyond = 1 if back else 3
    expected = at(one.f, 1, beyond, 0) * at(one.dc, 1, beyond, 0)
    assert abs(expected) > 1e-4
    assert_close(found["dc_later"], expected)


WORDS = re.compile(r"\b(?:dh|dc|f)_\w+")


@pytest.mark.parametrize("kind", CELLS)
def test_letters_are_explained_that_stand_in_the_equations_of_this_step_and_no_others(page, kind):
    tab, *_ = page(kind)
    along = []
    for time in (0, 1, 3):  # before another, before a masked one, the last one
        move(tab, sample=1, time=time)
        note = tab.locator("#step [data-side=back] .note").inner_text()
        names = set(tab.evaluate(NUMBERS))
        explained = set(WORDS.findall(note))
        assert explained <= names
        along.append(explained & {"f_next", "dc_next", "dc_later"})
        assert along[-1] == names & {"f_next", "dc_next", "dc_later"}
    both, later = {"f_next", "dc_next"}, {"dc_later"}
    assert along == ([both, later, later] if kind == "lstm" else 3 * [set()])


def test_where_a_batch_is_one_sequence_the_next_step_is_the_first_one_of_the_next_sample(page):
    tab, one, _ = page("lstm", state_mode="batch_carried")
    for sample in range(N):
        move(tab, sample=sample, time=T - 1, unit=1)
        found = tab.evaluate(NUMBERS)
        if sample == N - 1:
            assert found["dc_later"] == "0"
            continue
        assert_close(found["f_next"], one.f[sample + 1, 0, 1])
        assert_close(found["dc_next"], one.dc[sample + 1, 0, 1])


def test_a_number_that_is_another_one_stands_once(page):
    tab, *_ = page("simple_rnn")
    for side in ("forward", "back"):
        for line in tab.locator(f"#step [data-side={side}] .filled").all_text_contents():
            numbers = [part for part in line.split("=") if part.strip()]
            assert len(numbers) == len(set(numbers)), line


def test_a_masked_step_says_so(page):
    tab, one, _ = page("lstm")
    move(tab, sample=1, time=2, unit=0)
    assert tab.evaluate(RESULTS) == {}
    words = tab.locator("#step [data-side=forward] .note").inner_text()
    assert "masked" in words
    assert f"h = {at(one.h, 1, 2, 0):.4f}".replace("-", "\u2212") in words


def test_a_cell_of_ones_own_has_no_equations(tmp_path, opened, rng):
    model = Sequential([RNN(peephole, H, input_shape=(T, D)), Dense(1)])
    tinylstm.report(model, rng.normal(size=(N, T, D)), path=tmp_path / "report.html")
    tab = opened(tmp_path / "report.html")
    assert "of one's own: rnn." in tab.locator("#step").inner_text()


@pytest.mark.parametrize("kind", CELLS)
@pytest.mark.parametrize("back", [False, True])
def test_dh_prev_is_what_came_to_the_step_before_and_at_the_first_one_to_the_start(
    page, kind, back
):
    """To the step before came besides what its own output has of the loss. The state is carried, so
    that the start has a gradient."""
    tab, one, passed = page(kind, go_backwards=back, stateful=True)
    by = 1 if back else -1
    for sample, time, unit in ((0, 1, 0), (2, 2, 1), (2, 1, 2)):
        move(tab, sample=sample, time=time, unit=unit)
        before = (sample, time + by, unit)
        assert_close(tab.evaluate(NUMBERS)["dh_prev"], one.dh[before] - passed.dy[before])
    first = T - 1 if back else 0
    for sample in range(N):
        move(tab, sample=sample, time=first, unit=sample)
        found = tab.evaluate(NUMBERS)
        dh0, *_ = passed.dstates
        assert_close(found["dh_prev"], dh0[sample, sample])
        sums = {"gru": "dz_h.U'", "gru_reset_before": "dz.U'"}.get(kind)
        assert sums is None or sums in found
    note = tab.locator("#step [data-side=back] .note")
    said = note.inner_text()
    assert ("dh u past U" in said) == kind.startswith("gru")
    assert "no step before, as the gradient stops here" in said
    move(tab, time=1)
    assert "what the step before gets from this one" in note.inner_text()


def assert_close(text, value):
    assert number(text) == pytest.approx(float(value), abs=5.1e-5, rel=6e-3)


def test_of_a_layer_that_is_on_the_page_in_part_dh_prev_is_not_shown(tmp_path, opened, rng):
    model = Sequential([GRU(UNITS + 1, input_shape=(2, 1)), Dense(1)])
    tinylstm.report(model, rng.normal(size=(1, 2, 1)), path=tmp_path / "report.html")
    tab = opened(tmp_path / "report.html")
    assert "dh_prev" not in tab.evaluate(NUMBERS)
    assert "dh_prev is not shown" in tab.locator("#step [data-side=back]").inner_text()
