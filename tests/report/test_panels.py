"""What the first panels show is what the engine has: input, gates, the way of the state."""

import re

import numpy as np
import pytest

import tinylstm
from tinylstm import (
    GRU,
    LSTM,
    Dense,
    Embedding,
    Masking,
    RepeatVector,
    Sequential,
    TimeDistributed,
)
from tinylstm.layers.state import MODES
from tinylstm.plotting import StateRecorder

from .conftest import LETTERS, H, K, N, T, move, number, settled, where

NAMES = ["ab", "cd", "ef", "gh", "ij", "kl"]
PIXEL = """([name, column, row]) => {
  const canvas = document.querySelector(`#gates [data-name=${name}] canvas`);
  const copy = new OffscreenCanvas(canvas.width, canvas.height);
  const context = copy.getContext("2d", { willReadFrequently: true });
  context.drawImage(canvas, 0, 0);
  return [...context.getImageData(column, row, 1, 1).data];
}"""


@pytest.fixture
def shown(opened, tmp_path):
    """A function that writes a page of a model and opens it."""

    def show(*given, **options):
        path = tmp_path / "report.html"
        tinylstm.report(*given, path=path, **options)
        return opened(path)

    return show


def cursor_numbers(tab):
    """{gate or state: number} at the cursor."""
    cells = tab.locator("#gates .numbers td")
    return {one.get_attribute("data-name"): number(one.inner_text()) for one in cells.all()}


def assert_numbers(tab, trace, sample, time, unit):
    for name, shown in cursor_numbers(tab).items():
        np.testing.assert_allclose(shown, getattr(trace, name)[sample, time, unit], atol=6e-5)


def test_numbers_at_the_cursor_are_those_of_the_engine(opened, written):
    model, x, path = written
    tab, trace = opened(path), model.trace(x)["lstm"]
    for sample, time, unit in ((0, 0, 0), (N - 1, T - 1, H - 1), (2, 3, 1)):
        move(tab, sample=sample, time=time, unit=unit)
        assert [*cursor_numbers(tab)] == [*"ifgoch"]
        assert_numbers(tab, trace, sample, time, unit)


def test_of_a_stack_each_layer_can_be_looked_at(shown, rng):
    layers = [GRU(5, return_sequences=True, input_shape=(T, 1)), LSTM(3, name="upper"), Dense(1)]
    model, x = Sequential(layers), rng.normal(size=(N, T, 1))
    tab, trace = shown(model, x), model.trace(x)
    assert [*cursor_numbers(tab)] == [*"urgh"]
    move(tab, sample=1, time=2, unit=4)
    assert_numbers(tab, trace["gru"], 1, 2, 4)
    tab.locator("#at-layer").select_option(label="upper")
    assert where(settled(tab))["unit"] == 2  # the last one that there is
    assert_numbers(tab, trace["upper"], 1, 2, 2)


def test_maps_have_the_colours_of_the_figures_and_grey_where_a_step_is_masked(shown, rng):
    from matplotlib import colormaps

    x = rng.normal(size=(N, T, 1))
    x[0, 1] = -1
    model = Sequential([Masking(-1, input_shape=(T, 1)), LSTM(H)])
    tab, trace = shown(model, x), model.trace(x)["lstm"]
    for name, colours, low in (("f", "YlGnBu", 0), ("h", "RdBu_r", -1)):
        share = (getattr(trace, name)[0, 2, 3] - low) / (1 - low)
        found = tab.evaluate(PIXEL, [name, 2, 3])[:3]
        np.testing.assert_allclose(found, np.multiply(colormaps[colours](share)[:3], 255), atol=6)
    grey = tab.evaluate(PIXEL, ["f", 1, 0])[:3]
    assert grey[0] == grey[1] == grey[2]
    assert tab.evaluate(PIXEL, ["h", 1, 0])[:3] != grey


def test_the_share_that_is_saturated_is_counted(shown):
    model = Sequential([LSTM(2, input_shape=(T, 1))])
    W, U, b = (np.zeros_like(w) for w in model.get_weights())
    b[2:4] = [9, 0]  # of the forget gate of two units: open, and half open
    model.set_weights([W, U, b])
    tab = shown(model, np.ones((1, T, 1)))
    assert tab.locator("[data-name=f] .note").inner_text().startswith("50 % saturated")
    assert tab.locator("[data-name=i] .note").inner_text().startswith("0 % saturated")


def test_what_has_no_end_is_not_saturated_and_where_all_is_masked_nothing_is_counted(shown, rng):
    model = Sequential([Masking(-1.0), LSTM(3, activation="relu")])
    model.build((None, T, 1))
    model.set_weights([9 * np.ones_like(w) for w in model.get_weights()])
    x = np.abs(rng.normal(size=(2, T, 1)))
    tab = shown(model, x, samples=[0])
    assert "it has no end" in tab.locator("#gates [data-name=g] .note").inner_text()
    said = tab.locator("#gates [data-name=f] .note").inner_text()
    assert said == "100 % saturated: below 0.05 or above 0.95"
    rows = (
        tab.locator("#weights .bars")
        .nth(1)
        .locator("tr")
        .evaluate_all("(rows) => rows.map((one) => one.dataset.name)")
    )
    assert rows == ["i always saturated", "f always saturated", "o always saturated", "dead"]
    x[:] = -1
    tab = shown(model, x)
    assert "masked at all steps" in tab.locator("#gates [data-name=f] .note").inner_text()
    assert "all steps of these samples are masked" in tab.locator("#weights").inner_text()
    assert tab.locator("section > h2").count() == 11


def test_a_panel_that_fails_says_so_and_the_others_go_on(sources):
    found = sources.evaluate("""async () => {
      const { cursorOf } = await import("cursor.js");
      const told = [], busy = [], cursor = cursorOf({ time: () => 5 }, (is) => busy.push(is));
      console.error = () => {};
      cursor.listen(() => { throw Error("nothing there"); }, (error) => told.push(error.message));
      cursor.listen((changes) => told.push([...changes].join()));
      cursor.move({ time: 3 });
      while (busy.at(-1)) await new Promise((done) => requestAnimationFrame(done));
      return told;
    }""")
    assert found == ["nothing there", "time"]


def test_what_is_in_view_is_told_first_and_what_a_frame_has_no_time_for_later(sources):
    found = sources.evaluate("""async () => {
      const { cursorOf } = await import("cursor.js");
      const told = [], busy = [], frame = () => new Promise((done) => requestAnimationFrame(done));
      const cursor = cursorOf({ time: () => 5, unit: () => 5 }, (is) => busy.push(is));
      const slow = (name) => () => {
        told.push(name);
        for (const end = performance.now() + 20; performance.now() < end; );
      };
      cursor.listen((changes) => told.push([...changes].join()), null, () => false);
      cursor.listen(slow("seen"), null, () => true);
      cursor.move({ time: 3 });
      await frame();
      cursor.move({ unit: 3 });
      told.push("next");
      await frame();
      await frame();
      return [told, busy.at(-1)];
    }""")
    assert found == [["seen", "next", "seen", "time,unit"], False]


def test_a_model_that_has_diverged_is_shown(shown, rng):
    model = Sequential([LSTM(3, input_shape=(T, 1)), Dense(2)])
    model.compile(loss="mse")
    model.build((None, T, 1))
    model.theta[:] = np.nan
    tab = shown(model, rng.normal(size=(2, T, 1)), np.zeros((2, 2)))
    assert "no finite number" in tab.locator("#checks").inner_text()
    assert "diverged" in tab.locator("#gradients").inner_text()
    assert tab.locator("#gates .numbers td").count() == 6


def test_gradients_that_are_all_zero_are_not_called_right(shown, rng):
    model = Sequential([LSTM(3, input_shape=(T, 1)), Dense(1)])
    model.compile(loss="mse")
    model.set_weights([np.zeros_like(w) for w in model.get_weights()])
    tab = shown(model, rng.normal(size=(2, T, 1)), np.zeros((2, 1)))
    assert "nothing to check" in tab.locator("#checks").inner_text()


def test_lines_of_the_unit_take_the_place_of_maps(opened, written):
    tab = opened(written[-1])
    lines = tab.locator("#gates .lines")
    assert not lines.is_visible()
    tab.get_by_label("lines of the unit").check()
    settled(tab)  # how wide they are is known in the next frame
    assert lines.is_visible()
    assert not tab.locator("#gates .map").first.is_visible()
    paths = lines.locator("g:not(.axis) > path")
    assert paths.count() == 6
    before = paths.first.get_attribute("d")
    move(tab, unit=1)
    assert paths.first.get_attribute("d") != before


def test_letters_are_boxes_and_a_click_goes_there(opened, written):
    tab = opened(written[-1])
    move(tab, sample=1)
    assert tab.locator("#input .letters button").all_inner_texts() == [*LETTERS[1]]
    tab.locator("#input .letters button", has_text="h").click()
    assert where(settled(tab)) == {"sample": 1, "time": 2, "unit": 0}


def test_samples_of_one_step_stand_side_by_side_with_their_answers(shown, rng):
    model, x = (
        Sequential([LSTM(H, input_shape=(1, 1)), Dense(K, "softmax")]),
        rng.normal(size=(N, 1, 1)),
    )
    model.compile(loss="categorical_crossentropy")
    guess = model.predict(x).argmax(axis=-1)
    right = np.add(guess, [1, 0, 0, 0, 0, 0]) % K
    y = np.eye(K)[right]
    tab = shown(model, x, y, labels="abcdef", classes="uvw")
    boxes = tab.locator("#input .letters button").all_inner_texts()
    answers = [f"{letter}\n→ {'uvw'[k]}" for letter, k in zip("abcdef", guess, strict=True)]
    assert boxes == [f"a\n✗ {'uvw'[guess[0]]}, right: {'uvw'[right[0]]}", *answers[1:]]
    cross = "getComputedStyle(document.querySelector('.letters .wrong'), '::before').content"
    assert tab.evaluate(cross) == "none"  # there is one already
    tab.locator("#gates [role=application]").first.focus()
    tab.keyboard.press("ArrowRight")
    assert where(settled(tab))["sample"] == 1
    assert_numbers(tab, model.trace(x)["lstm"], 1, 0, 0)


def test_the_likeliest_classes_are_listed_with_the_target(shown, rng):
    x, y = rng.integers(0, 7, (N, T)), rng.integers(0, 7, (N, T))
    layers = [Embedding(7, 3), LSTM(H, return_sequences=True), TimeDistributed(Dense(7, "softmax"))]
    model = Sequential(layers)
    model.build((None, T))
    model.compile(loss="sparse_categorical_crossentropy")
    tab, y_hat = shown(model, x, y, classes="tuvwxyz"), model.predict(x)
    move(tab, sample=2, time=3)
    order = np.argsort(-y_hat[2, 3])
    rows = tab.locator(".likely tbody tr")
    assert [*"".join(rows.locator("th").all_inner_texts())][:5] == ["tuvwxyz"[k] for k in order[:5]]
    shares = [number(text) for text in rows.locator(".share").all_inner_texts()]
    np.testing.assert_allclose(shares[:5], y_hat[2, 3][order[:5]], atol=6e-5)
    assert "target" in rows.filter(has_text="tuvwxyz"[y[2, 3]]).inner_text()


@pytest.mark.parametrize("sequences", [False, True])
def test_numbers_stand_beside_their_targets(shown, rng, sequences):
    model = Sequential([LSTM(H, return_sequences=sequences, input_shape=(T, 1)), Dense(2)])
    model.compile(loss="mse")
    x = rng.normal(size=(N, T, 1))
    y_hat = model.predict(x)
    tab = shown(model, x, y := rng.normal(size=y_hat.shape))
    move(tab, sample=1, time=3)
    place = (1, 3) if sequences else (1,)
    found = [number(text) for text in tab.locator(".values tbody :is(th, td)").all_inner_texts()]
    expected = np.stack([[0, 1], y_hat[place], y[place], y_hat[place] - y[place]], axis=1)
    np.testing.assert_allclose(found, expected.reshape(-1), atol=6e-5)


def test_without_targets_there_is_none(shown, model, rng):
    tab = shown(model, rng.normal(size=(N, T, 2)))
    assert "target" not in tab.locator("#input .panel").inner_text()


@pytest.fixture
def strips(shown, rng):
    """The way of the state of six samples in batches of three, and their outputs by mode."""
    x, y = rng.normal(size=(6, 2, 1)), {}
    for mode in MODES:
        model = Sequential([LSTM(4, input_shape=(2, 1), state_mode=mode), Dense(K, "softmax")])
        rng_of_weights = np.random.default_rng(3)
        model.set_weights([rng_of_weights.normal(size=w.shape) for w in model.get_weights()])
        y[mode] = model.predict(x, batch_size=3)
    return shown(model, x, batch_size=3, labels=NAMES), y


def test_the_three_modes_stand_side_by_side_with_the_outputs_of_the_engine(strips):
    tab, y = strips
    for mode in MODES:
        strip = tab.locator(f".state-strip[data-mode={mode}]")
        answers = [f"{row.argmax()} ({round(100 * row.max())} %)" for row in y[mode]]
        assert strip.locator(".answer").all_text_contents() == answers
        assert strip.locator(".sample").all_text_contents()[:6] == [
            "ab",
            "cd",
            "ef",
            "gh",
            "ij",
            "kl",
        ]
        differ = int((y[mode] != y["stateless"]).any(axis=1).sum())
        if mode != "stateless":
            assert f"{differ} have other outputs" in strip.inner_text()


def test_arrows_cuts_and_stops_are_those_of_the_mode(strips):
    tab, _ = strips
    marks = {}
    for mode in MODES:
        strip = tab.locator(f".state-strip[data-mode={mode}] svg")
        marks[mode] = [strip.locator(f".{kind}").count() for kind in ("way", "cut", "stop")]
    # nine samples: two batches, and the first one again
    assert marks == {"stateless": [0, 9, 9], "batch_carried": [6, 3, 3], "stateful": [6, 3, 9]}


def test_colours_of_all_modes_have_one_scale_of_square_roots_as_the_figures(shown, rng):
    """c of a stateful layer whose gates are open grows; without a state it is still seen."""
    from matplotlib import colormaps

    model = Sequential([LSTM(2, input_shape=(3, 1)), Dense(1)])
    W, U, b = model.layers[0].get_weights()
    model.layers[0].set_weights([0 * W, 0 * U, b * 0 + 9])
    x, recorders = rng.normal(size=(20, 3, 1)), {}
    for mode in MODES:
        layer = LSTM(2, input_shape=(3, 1), state_mode=mode)
        twin = Sequential([layer, Dense(1)])
        twin.set_weights(model.get_weights())
        with StateRecorder(twin) as recorders[mode]:
            twin.predict(np.concatenate([x, x[:1]]), batch_size=1)
    largest = max(one.largest for one in recorders.values())
    tab = shown(model, x, batch_size=1)
    for mode, recorder in recorders.items():
        box = tab.locator(f".state-strip[data-mode={mode}] .box").nth(0)
        fills = [rect.get_attribute("fill") for rect in box.locator("rect[fill]").all()]
        found = [[int(part) for part in re.findall(r"\d+", fill)] for fill in fills]
        sizes = [pair[when, 0] for pair in recorder.batches[0].sizes.values() for when in (0, 1)]
        expected = colormaps["YlGnBu"](np.sqrt(np.divide(sizes, largest)))[:, :3]
        np.testing.assert_allclose(found, 255 * expected, atol=10)
    said = tab.locator(".state-legend .scale").inner_text().replace("\n", " ")
    assert f"{largest:.2f}, half way {largest / 4:.2f}" in said


def test_a_sample_that_is_not_on_the_page_has_its_number_which_is_said(shown, rng):
    model, x = Sequential([LSTM(H, input_shape=(T, 1)), Dense(1)]), rng.normal(size=(N, T, 1))
    for samples, said in ((2, True), (N, False)):
        tab = shown(model, x, labels=LETTERS, samples=samples)
        assert ("not on the page" in tab.locator("#state .panel > p").inner_text()) == said
        assert tab.locator("#state .sample").nth(2).text_content() == ("2" if said else "klmno")


def test_a_box_leads_to_its_sample(strips):
    tab, _ = strips
    tab.locator(".state-strip[data-mode=stateful] .box").nth(4).click()
    assert where(settled(tab))["sample"] == 4
    here = tab.locator(".box.here .sample").all_text_contents()
    assert here == ["ij"] * len(MODES)


def test_the_strips_follow_the_sample_and_the_layer_and_their_keys_move_it(shown, rng):
    every = {"return_sequences": True, "state_mode": "stateful"}
    model = Sequential([LSTM(3, input_shape=(T, 1), **every), GRU(2, name="upper", **every)])
    tab = shown(model, rng.normal(size=(40, T, 1)), batch_size=2)
    strip = tab.locator(".state-strip[data-mode=stateful]")
    here = tab.locator(".box.here .sample")
    move(tab, sample=31)
    assert here.all_text_contents() == ["31"] * len(MODES)
    assert "batch 15" in strip.locator(".axis text").all_text_contents()
    assert strip.locator(".box").first.locator("rect:not(.edge)").count() == 4  # h, c
    tab.locator("#at-layer").select_option(label="upper")
    settled(tab)
    assert strip.locator(".box").first.locator("rect:not(.edge)").count() == 2
    assert "Layer upper" in tab.locator("#state").inner_text()
    strip.locator("[role=application]").focus()
    for key, sample in (("ArrowLeft", 29), ("ArrowUp", 28), ("ArrowRight", 30), ("End", 39)):
        tab.keyboard.press(key)
        assert where(settled(tab))["sample"] == sample
        assert here.all_text_contents() == [str(sample)] * len(MODES)


def test_warnings_are_said_below_the_mode_that_they_are_about(shown, rng):
    x, _ = tinylstm.sliding_windows(rng.normal(size=12), 4)
    model = Sequential([LSTM(3, stateful=True, batch_input_shape=(1, 4, 1))])
    model.predict(x, batch_size=1)
    tab = shown(model, x, batch_size=1, shuffle=True)
    said = {
        mode: " ".join(tab.locator(f"[data-mode={mode}] .warning").all_inner_texts())
        for mode in MODES
    }
    assert said["stateless"] == ""
    assert "begins with 3 of the 4 steps" in said["stateful"]
    assert "shuffled" in said["stateful"]
    assert "never reset" in said["stateful"]
    assert "A batch has one sample" in said["batch_carried"]


def test_behind_a_repeated_vector_there_are_other_steps_than_those_of_the_input(shown, rng):
    layers = [LSTM(3, input_shape=(4, 1)), RepeatVector(6), GRU(2, return_sequences=True)]
    model, x = Sequential(layers), rng.normal(size=(2, 4, 1))
    tab, trace = shown(model, x), model.trace(x)
    assert where(move(tab, time=3))["time"] == 3
    assert tab.locator("#at-time").get_attribute("max") == "3"
    tab.locator("#at-layer").select_option(label="gru")
    move(settled(tab), time=5)
    assert_numbers(tab, trace["gru"], 0, 5, 0)
    values = tab.locator(".values tbody tr").first.locator("td").first.inner_text()
    np.testing.assert_allclose(number(values), trace.y[0, 5, 0], atol=6e-5)
    tab.locator("#at-layer").select_option(label="lstm")
    assert where(settled(tab))["time"] == 3
