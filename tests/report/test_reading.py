"""What a reader meets: on paper, on a phone, with keys, with padding; what the words say."""

import pytest

from tinylstm import GRU, LSTM, Bidirectional, Dense, Masking, Sequential

from .conftest import move, settled

PRINTED = """() => new Promise((told) => addEventListener("beforeprint", () => told({
  paper: document.body.clientWidth,
  drawings: [...document.querySelectorAll("main .frame svg, main .state-strip svg")].map(
    (one) => one.getBoundingClientRect()).filter((box) => box.width).map((box) => box.right),
  maps: [...document.querySelectorAll("#gates canvas")].map(
    (one) => one.getBoundingClientRect().right),
}), { once: true }))"""
CUT = """() => [...document.querySelectorAll("main table, main .scrolled")].filter(
  (one) => one.scrollWidth > one.clientWidth + 1).map((one) => one.textContent)"""
WIDTHS = "() => [...document.querySelectorAll('main .frame svg')].map((one) => one.clientWidth)"


@pytest.mark.parametrize("width", [400, 1800])
def test_drawings_are_printed_as_wide_as_the_paper(opened, written, tmp_path, width):
    tab = opened(written[-1], width=width)
    before = tab.evaluate(WIDTHS)
    tab.evaluate(f"() => {{ window.printed = ({PRINTED})(); }}")
    tab.pdf(path=tmp_path / "report.pdf", format="A4")
    found = tab.evaluate("() => window.printed")
    assert found["paper"] == 700
    assert len(found["drawings"]) > 10
    assert len(found["maps"]) == 6
    assert max(found["drawings"] + found["maps"]) <= found["paper"] + 1
    assert max(found["drawings"]) > 600
    assert tab.evaluate(WIDTHS) == before  # and behind it the window has its own again


@pytest.mark.parametrize("width", [400, 1100])
def test_a_name_of_five_letters_is_whole_in_its_box_also_on_a_phone(shown, rng, width):
    model = Sequential([LSTM(3, input_shape=(5, 1)), Dense(1)])
    x, names = rng.normal(size=(3, 5, 1)), ["PQRST", "AAAAW", "ABCDE"]
    tab = shown(model, x, width=width, labels=names)
    assert set(tab.locator("#state .sample").all_text_contents()) == set(names)


def test_tables_are_whole_on_paper_and_on_a_phone(shown, rng):
    layer = LSTM(30, input_shape=(2, 1), name="a_layer_with_a_name")
    model = Sequential([Bidirectional(layer), Dense(1)])
    model.compile(loss="mse")
    tab = shown(model, rng.normal(size=(2, 2, 1)), rng.normal(size=(2, 1)), width=400)
    assert tab.locator("#checks tbody tr").count() > 5
    assert tab.evaluate(CUT) == []
    tab.emulate_media(media="print")
    tab.evaluate("() => { dispatchEvent(new Event('beforeprint')); }")
    assert tab.evaluate(CUT) == []


def test_a_what_if_without_a_change_is_not_printed_and_letters_keep_their_boxes(opened, written):
    tab = opened(written[-1])
    tab.emulate_media(media="print")
    assert not tab.locator("#whatif").is_visible()
    colour = "(one) => getComputedStyle(one).printColorAdjust"
    assert tab.locator(".letters button").first.evaluate(colour) == "exact"
    tab.emulate_media(media="screen")
    tab.locator("#whatif [data-kind=gate] input[type=number]").fill("0.5")
    tab.emulate_media(media="print")
    assert settled(tab).locator("#whatif .made").is_visible()


def test_keys_and_a_drag_go_from_output_to_output(shown, rng):
    model = Sequential([LSTM(3, return_sequences=True, input_shape=(5, 1)), Dense(1)])
    tab = shown(model, rng.normal(size=(2, 5, 1)))
    figure = tab.locator("#influence .map")
    figure.locator("[role=application]").focus()
    for key, time in {"ArrowDown": 1, "ArrowDown ": 2, "ArrowUp": 1, "End": 4}.items():
        tab.keyboard.press(key.strip())
        assert settled(tab).locator("#at-time").input_value() == str(time)
    tab.keyboard.press("ArrowDown")  # there is no further one
    assert settled(tab).locator("#at-time").input_value() == "4"
    box = figure.locator("canvas").bounding_box()
    row = box["height"] / 5
    tab.mouse.move(box["x"] + 20, box["y"] + 0.5 * row)
    tab.mouse.down()
    tab.mouse.move(box["x"] + 20, box["y"] + 2.5 * row)
    assert settled(tab).locator("#at-time").input_value() == "2"
    tab.mouse.up()


@pytest.fixture
def padded(shown, rng):
    """The page of a model that carries the state in a batch, whose samples begin with padding."""
    layers = [Masking(0.0), LSTM(3, state_mode="batch_carried"), Dense(2, "softmax")]
    model = Sequential(layers)
    model.build((None, 4, 1))
    x = rng.normal(size=(6, 4, 1))
    x[:, :3] = 0
    labels = [["", "", "", word] for word in ["yes"] * 5 + ["no"]]
    return shown(model, x, batch_size=2, width=1800, labels=labels, classes=["midday", "middle"])


def test_padding_has_no_name_and_says_that_it_is_masked(padded):
    assert set(padded.locator("#state .sample").all_text_contents()) == {"yes", "no"}
    move(padded, time=0)
    assert padded.locator("#at-time").get_attribute("aria-valuetext") == "0 (masked)"
    assert padded.locator("#gates .map .note:visible").first.inner_text().endswith("; grey: masked")
    assert "Grey: masked" in padded.locator("#gradients .note").first.inner_text()
    field = padded.locator("#whatif [data-kind=gate] input[type=number]")
    assert (field.input_value(), field.get_attribute("placeholder")) == ("", "masked")
    assert move(padded, time=3).locator("#at-time").get_attribute("aria-valuetext") == "3 (yes)"
    assert field.input_value() != ""


def test_answers_stand_below_their_boxes_whole_where_there_is_room(padded):
    found = padded.evaluate(
        """() => [...document.querySelectorAll("#state .box")].filter(
          (one) => one.querySelector(".answer")).map((one) => {
            const [a, b] = [".edge", ".answer"].map(
              (name) => one.querySelector(name).getBoundingClientRect());
            return [a.left + a.width / 2 - b.left - b.width / 2, b.top - a.bottom,
              one.querySelector(".answer").textContent];
          })"""
    )
    assert len(found) == 18
    for aside, below, text in found:
        assert abs(aside) < 1
        assert -4 < below < 10
        assert text.split()[0] in ("midday", "middle")


def test_on_a_phone_all_numbers_of_a_gradient_are_in_view(opened, written):
    tab = opened(written[-1], width=400)
    cells = tab.locator("#gradients .numbers :is(th, td)")
    assert cells.count() == 12
    rights = cells.evaluate_all("(all) => all.map((one) => one.getBoundingClientRect().right)")
    assert max(rights) <= 400


def test_samples_that_were_asked_for_are_not_left_out(shown, rng):
    model, x = Sequential([LSTM(3, input_shape=(4, 1)), Dense(1)]), rng.normal(size=(3, 4, 1))
    said = shown(model, x, samples=2).locator("#about").inner_text()
    assert said.endswith("It shows 2 of 3 samples.")
    assert "small" not in said


def test_what_a_number_of_several_outputs_is_and_what_the_rows_of_b_are(shown, rng):
    said = {}
    for outputs in (1, 2):
        model = Sequential([GRU(3, input_shape=(4, 1)), Dense(outputs)])
        tab = shown(model, rng.normal(size=(2, 4, 1)))
        note = tab.locator("#influence .panel .note").first.inner_text()
        said[outputs] = "as a norm over all outputs" in note
    assert said == {1: False, 2: True}
    title = tab.locator("#weights [data-name=b] .title").inner_text()
    assert title.startswith("b: 2 rows, of x and of h_prev, from above")
    tab.locator("#weights [data-name=b] canvas").hover(position={"x": 5, "y": 20})
    assert "of h_prev" in tab.locator(".tooltip").inner_text()


def test_small_numbers_of_an_axis_have_powers_of_ten(sources):
    written = """async ([low, high]) => {
      const { select } = await import("d3-selection");
      const { numberAxis, scaleOf } = await import("drawing/axes.js");
      const group = select("body").append("svg").append("g");
      numberAxis(group, "beside", scaleOf("linear", [low, high], [0, 100]), 4);
      return group.selectAll("text").nodes().map((one) => one.textContent);
    }"""
    found = sources.evaluate(written, [-1e-6, 1e-6])
    minus = "\N{MINUS SIGN}"
    assert found[::2] == [f"{minus}1e{minus}6", "0", f"1e{minus}6"]
    assert sources.evaluate(written, [0, 1])[:2] == ["0.0", "0.2"]
