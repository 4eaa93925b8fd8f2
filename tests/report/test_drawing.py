"""How things are drawn: what fits is whole, what does not is cut and said; axes, maps, tables."""

import numpy as np
import pytest

import tinylstm
from tinylstm import GRU, LSTM, Dense, Embedding, Recorder, RepeatVector, Sequential

from .conftest import move, settled

LONG = "Donaudampfschifffahrtsgesellschaftskapitän"
OVERLAPS = """() => [...document.querySelectorAll("#state .state-strip")].flatMap((strip) => {
  const texts = [...strip.querySelectorAll(".answer, .sample")].map((one) => ({
    text: one.textContent, box: one.getBoundingClientRect() }));
  return texts.flatMap((a, k) => texts.slice(k + 1).filter((b) =>
    a.box.left < b.box.right && b.box.left < a.box.right &&
    a.box.top < b.box.bottom && b.box.top < a.box.bottom).map((b) => [a.text, b.text]));
})"""
CROWDED = """() => [...document.querySelectorAll("main .frame svg")].flatMap((svg) => {
  const texts = [...svg.querySelectorAll("text")].filter((one) => one.getClientRects().length)
    .map((one) => ({ text: one.textContent, box: one.getBoundingClientRect() }));
  return texts.flatMap((a, k) => texts.slice(k + 1).filter((b) =>
    a.box.left < b.box.right - 1 && b.box.left < a.box.right - 1 &&
    a.box.top < b.box.bottom - 2 && b.box.top < a.box.bottom - 2)
    .map((b) => [svg.closest("section").id, a.text, b.text]));
})"""
OUTSIDE = """() => [...document.querySelectorAll("main *")].filter((one) => {
  const { right, width } = one.getBoundingClientRect(), scrolls = ".scrolled, .scrolls, .numbers";
  return right > innerWidth + 1 && width > 0 && !one.closest(scrolls);
}).map((one) => one.outerHTML.slice(0, 120))"""
AXES = """async () => {
  const built = [];
  const watch = new MutationObserver((all) => built.push(...all));
  for (const axis of document.querySelectorAll("g.axis")) watch.observe(axis, { childList: true });
  const slider = document.getElementById("at-time");
  for (const value of [1, 3]) {
    slider.value = value;
    slider.dispatchEvent(new Event("input"));
    do await new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
    while (document.getElementById("panels").ariaBusy === "true");
  }
  built.push(...watch.takeRecords());
  return built.length;
}"""


ASIDE = """() => [...document.querySelectorAll("#state .box")].map((one) => {
  const [edge, name] = [".edge", ".sample"].map(
    (part) => one.querySelector(part).getBoundingClientRect());
  return Math.max(edge.left - name.left, name.right - edge.right);
})"""


@pytest.fixture
def wordy(shown, rng):
    """Opens the page of a stateful model whose samples and classes have long names."""

    def show(width):
        model = Sequential([LSTM(3, stateful=True, input_shape=(2, 1)), Dense(2, "softmax")])
        model.compile(loss="categorical_crossentropy")
        x, y = rng.normal(size=(8, 2, 1)), np.eye(2)[[0, 1] * 4]
        names = {"labels": [[LONG, f"<b>{k}</b>"] for k in range(8)], "classes": [LONG, LONG[::-1]]}
        return shown(model, x, y, batch_size=2, width=width, **names)

    return show


@pytest.mark.parametrize("width", [400, 1100])
def test_long_names_overlap_nowhere_and_are_whole_where_they_are_asked_for(wordy, width):
    tab = wordy(width)
    assert tab.evaluate(OVERLAPS) == []
    assert tab.evaluate("document.documentElement.scrollWidth") <= width
    assert tab.evaluate(OUTSIDE) == []
    assert max(tab.evaluate(ASIDE)) <= 0
    box = tab.locator("#state .box").first
    start, end = box.locator(".sample").text_content().split("\N{HORIZONTAL ELLIPSIS}")
    assert LONG.startswith(start)
    assert "<b>0</b>".endswith(end)
    assert "\N{HORIZONTAL ELLIPSIS} (" in box.locator(".answer").text_content()
    whole = box.get_attribute("aria-label")
    assert f"Sample 0 ({LONG} <b>0</b>)" in whole
    assert f"the answer is {LONG}" in whole or f"the answer is {LONG[::-1]}" in whole
    box.hover()
    assert tab.locator(".tooltip").inner_text() == whole


@pytest.mark.parametrize("width", [400, 1100, 2000])
def test_numbers_and_names_of_axes_do_not_meet(shown, rng, width):
    model = Sequential([LSTM(3, return_sequences=True, input_shape=(30, 1)), Dense(1)])
    model.compile("adam", "mse")
    x, y = rng.normal(size=(2, 2, 30, 1))
    model.fit(x, y, epochs=3, verbose=0, callbacks=[recorder := Recorder()])
    tab = shown(model, x, y, width=width, recorder=recorder)
    assert tab.locator("main .frame svg text").count() > 100
    tab.get_by_label("lines of the unit").check()
    settled(tab)
    assert tab.evaluate(CROWDED) == []
    assert tab.evaluate(OUTSIDE) == []
    assert tab.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize(
    ("low", "high", "count", "expected"),
    [
        (0.5, 20, 4, [0.5, 1, 2, 5, 10, 20]),
        (1e-6, 1, 4, [1e-6, 1e-4, 1e-2, 1]),
        (1e-3, 1, 4, [1e-3, 1e-2, 1e-1, 1]),
        (2e-5, 5e-5, 4, [2e-5, 5e-5]),
        (1e-12, 1e-1, 5, [1e-12, 1e-10, 1e-8, 1e-6, 1e-4, 1e-2]),
    ],
)
def test_a_logarithmic_axis_has_1_2_5_where_these_are_few_and_else_powers_of_ten(
    sources, low, high, count, expected
):
    found = sources.evaluate(
        """async (given) => (await import("drawing/axes.js")).logTicks(...given)""",
        [[low, high], count],
    )
    np.testing.assert_allclose(found, expected, rtol=1e-9)


def test_the_ends_of_a_scale_are_short_however_small_or_large_they_are(sources):
    ends = sources.evaluate(
        """async (given) => given.map((await import("numbers.js")).writtenShort)""",
        [0, -1, 0.7, 0.024, -4.5e-6, 2e5],
    )
    written = [one.replace("\N{MINUS SIGN}", "-") for one in ends]
    assert written == ["0", "-1", "0.7", "0.024", "-4.5e-6", "2e5"]


def test_a_text_is_cut_to_its_place(sources):
    whole, cut, none, ends = sources.evaluate(
        """async (text) => {
          const { bothEnds, fitting, widthOfText } = await import("drawing/words.js");
          const width = widthOfText(text, "11px");
          const cut = [width, width / 2, 0].map((room) => fitting(text, room, "11px"));
          return [...cut, fitting(text, width / 2, "11px", bothEnds)];
        }""",
        LONG,
    )
    assert whole == LONG
    start, end = ends.split("\N{HORIZONTAL ELLIPSIS}")
    assert LONG.startswith(start)
    assert LONG.endswith(end)
    assert 0 <= len(end) - len(start) <= 1
    assert LONG.startswith(cut[:-1])
    assert len(LONG) / 3 < len(cut) < len(LONG)
    assert (cut[-1], none) == ("\N{HORIZONTAL ELLIPSIS}",) * 2


def test_of_many_classes_the_likeliest_and_the_target_are_listed_and_that_is_said(shown, rng):
    x, y = rng.integers(0, 100, (4, 3)), rng.integers(0, 100, 4)
    model = Sequential([Embedding(100, 3), GRU(3), Dense(100, "softmax")])
    model.compile(loss="sparse_categorical_crossentropy")
    least = model.predict(x)[0].argmin()
    y[0] = least
    tab = shown(model, x, y)
    rows = tab.locator(".likely tbody tr")
    assert rows.count() == 6
    assert rows.last.inner_text().split()[0] == str(least)
    said = "6 of 100 classes: the likeliest and the target."
    assert said in tab.locator("#input").inner_text()


def test_what_is_left_out_of_many_features_and_outputs_is_said(shown, rng):
    model = Sequential([LSTM(3, input_shape=(4, 20)), Dense(12)])
    tab = shown(model, rng.normal(size=(3, 4, 20)))
    said = tab.locator("#input").inner_text()
    assert "Drawn are the first 4 of 20 features." in said
    assert "Drawn is the first of 12 outputs." in said
    assert "The first 8 of 12 outputs." in said
    assert "the first 3 of 20 features" in tab.locator("#followed").inner_text()


def test_the_map_of_outputs_by_inputs_has_its_scale_and_its_keys(shown, rng):
    model = Sequential([LSTM(3, return_sequences=True, input_shape=(5, 1)), Dense(1)])
    x = rng.normal(size=(2, 5, 1))
    tab = shown(model, x)
    whole = tinylstm.inside.influence(model, x)[0, :, 0]
    figure = tab.locator("#influence .map")
    ends = figure.locator(".scale span").all_inner_texts()
    assert (ends[0], float(ends[-1])) == ("0", pytest.approx(whole.max(), rel=0.06))
    figure.locator("[role=application]").focus()
    tab.keyboard.press("ArrowRight")
    assert settled(tab).locator("#at-time").input_value() == "1"
    row = figure.locator("rect.cross").evaluate("(one) => one.y.baseVal.value")
    height = figure.locator("rect.cross").evaluate("(one) => one.height.baseVal.value")
    assert row == pytest.approx(height, abs=0.5)


def test_behind_samples_of_one_step_a_layer_of_more_steps_is_drawn_over_steps(shown, rng):
    model = Sequential([Dense(4), RepeatVector(3), LSTM(3), Dense(2)])
    model.build((None, 2))
    tab = shown(model, rng.normal(size=(5, 2)))
    size = "(one) => [one.width, one.height]"
    assert tab.locator("#gates [data-name=f] canvas").evaluate(size) == [3, 3]
    assert tab.locator("#gradients [data-name=dh] canvas").evaluate(size) == [3, 3]
    h = model.trace(np.ones((1, 2)))["lstm"].h
    assert h.shape[1] == 3
    tab.locator("#gates [role=application]").first.focus()
    tab.keyboard.press("End")
    assert settled(tab).locator("#at-time").input_value() == "2"


def test_a_move_of_the_cursor_builds_no_axis_anew(opened, written):
    tab = move(opened(written[-1]), sample=1)
    assert tab.evaluate(AXES) == 0
