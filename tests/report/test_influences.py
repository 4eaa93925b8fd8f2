"""Which input mattered: the page shows `tinylstm.inside.influence`, as far as it has room."""

import numpy as np
import pytest

import tinylstm
from tests.models import randomize
from tinylstm import LSTM, Dense, Embedding, Sequential, inside
from tinylstm.report import influences
from tinylstm.report.subject import STEPS

from .conftest import move, settled
from .subjects import subject_of

N, T, D, B = 6, 4, 2, 3
BARS = """() => [...document.querySelectorAll("#influence rect.bar")].map(
  (one) => Number(one.dataset.value))"""

MARKS = """() => {
  const [svg, bars] = ["svg", "rect.bar"].map((one) =>
    [...document.querySelectorAll(`#influence .input-bars ${one}`)]);
  const at = svg[0].querySelector(".at").getBoundingClientRect().x;
  const line = bars.findIndex((one) => {
    const { left, right } = one.getBoundingClientRect();
    return left <= at && at <= right;
  });
  return { most: bars.flatMap((one, k) => one.matches(".most") ? [k] : []), line };
}"""


def part(model, x, samples=None, batch_size=B):
    return influences.part(subject_of(model, x, batch_size=batch_size, samples=samples))


def made(mode, rng, **settings):
    model = Sequential([LSTM(3, state_mode=mode, input_shape=(None, D), **settings), Dense(2)])
    return randomize(model, rng)


@pytest.mark.parametrize("each", [True, False])
def test_it_is_that_of_the_samples_that_are_shown(rng, each):
    model, x = made("stateless", rng, return_sequences=each), rng.normal(size=(N, T, D))
    found, whole = part(model, x, samples=[4, 0]), inside.influence(model, x)
    np.testing.assert_allclose(found["norms"], whole[[4, 0], :, [4, 0]], rtol=1e-6)
    assert found["outputs"] == list(range(T if each else 1))


def test_of_a_stateful_model_it_starts_from_the_state(rng):
    model, x = made("stateful", rng), rng.normal(size=(N, T, D))
    found = part(model, x, samples=[4])
    model.reset_states()
    model.predict(x[:B], batch_size=B)
    np.testing.assert_allclose(found["norms"][0], inside.influence(model, x[B:])[1, :, 1], 1e-6)


def test_samples_without_a_state_between_them_go_together(rng, monkeypatch):
    model, x = made("stateless", rng), rng.normal(size=(N, T, D))
    expected = part(model, x, batch_size=1)["norms"]
    monkeypatch.setattr(influences, "TOGETHER", 4)
    np.testing.assert_array_equal(part(model, x, batch_size=1)["norms"], expected)


def test_where_a_batch_is_one_sequence_it_reaches_across_samples(rng):
    model, x = made("batch_carried", rng), rng.normal(size=(N, T, D))
    found = part(model, x)
    assert found["across"]
    norms = found["norms"].reshape(N, 1, N, T)
    np.testing.assert_allclose(norms[:B, :, :B], inside.influence(model, x[:B]), rtol=1e-6)
    np.testing.assert_array_equal(norms[:B, :, B:], 0)


def test_of_many_outputs_some_are_there(rng, monkeypatch):
    model, x = made("stateless", rng, return_sequences=True), rng.normal(size=(N, T, D))
    monkeypatch.setattr(influences, "PASSES", 2 * 2)
    found = part(model, x)
    assert found["outputs"] == [0, 3]
    assert found["all"] == T
    monkeypatch.setattr(influences, "PASSES", 1)
    assert part(model, x) == {"why": "It takes 2 passes back, and a page makes do with 1."}


@pytest.fixture
def long_page(tmp_path, opened, rng):
    """Opens the page of a model of more steps than a page has; gives the tab, model and x."""
    model = made("stateless", rng, return_sequences=True)
    x = rng.normal(size=(2, STEPS + 20, D))
    tinylstm.report(model, x, path=tmp_path / "report.html")
    return opened(tmp_path / "report.html"), model, x


def test_of_a_long_sample_the_outputs_are_those_on_the_page(rng):
    model, x = made("stateless", rng, return_sequences=True), rng.normal(size=(2, STEPS + 20, D))
    found = part(model, x)
    steps = [found["first"] + k for k in found["outputs"]]
    assert (found["first"], steps[0] >= 20, steps[-1], found["all"]) == (20, True, 319, 320)
    whole = inside.influence(model, x, steps)[[0, 1], :, [0, 1]]
    np.testing.assert_allclose(found["norms"], whole[..., 20:], rtol=1e-6)


def test_the_page_of_a_long_sample_has_the_numbers_of_its_steps(long_page):
    tab, model, x = long_page
    move(tab, sample=1, time=STEPS - 1)
    whole = inside.influence(model, x[1:], [STEPS + 19])[0, 0, 0]
    np.testing.assert_allclose(tab.evaluate(BARS), whole[20:], rtol=1e-5, atol=1e-12)
    said = tab.locator("#influence .note").first.inner_text()
    assert f"the output of step {STEPS + 19} of sample 1" in said
    assert (
        f"The input on the page that moves it most is step {20 + int(whole[20:].argmax())}," in said
    )
    assert tab.locator("#at-time + output").inner_text() == str(STEPS + 19)


def test_the_page_shows_it(tmp_path, opened, rng):
    model, x = made("stateless", rng, return_sequences=True), rng.normal(size=(N, T, D))
    tinylstm.report(model, x, path=tmp_path / "report.html", labels="abcd")
    tab, whole = opened(tmp_path / "report.html"), inside.influence(model, x)
    for sample, time in ((0, 0), (5, 3), (2, 1)):
        move(tab, sample=sample, time=time)
        np.testing.assert_allclose(tab.evaluate(BARS), whole[sample, time, sample], rtol=1e-5)
        largest = int(whole[sample, time, sample].argmax())
        best = f"moves it most is step {largest} ({'abcd'[largest]}),"
        assert best in tab.locator("#influence .note").first.inner_text()
        assert tab.evaluate(MARKS) == {"most": [largest], "line": time}
    assert "Line: the cursor" in tab.locator("#influence .input-bars").inner_text()
    tab.locator("#influence .letters button").nth(3).click()
    assert settled(tab).locator("#at-time").input_value() == "3"


def test_words_are_rows_of_an_embedding(tmp_path, opened, rng):
    model = Sequential([Embedding(5, 3, input_shape=(T,)), LSTM(3), Dense(2)])
    x = rng.integers(0, 5, (N, T))
    tinylstm.report(model, x, path=tmp_path / "report.html")
    tab = opened(tmp_path / "report.html")
    np.testing.assert_allclose(tab.evaluate(BARS), inside.influence(model, x)[0, 0, 0], rtol=1e-5)
