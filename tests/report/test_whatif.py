"""What if: each control changes what it should, and all panels show what the engine makes of it."""

import numpy as np
import pytest

import tinylstm
from tests.models import randomize
from tinylstm import GRU, LSTM, Dense, Embedding, Masking, Sequential

from .conftest import move, number, settled
from .using import enter, gates_at

N, T, D, H, B = 4, 5, 2, 3, 2
AT = {"sample": 1, "time": 2, "unit": 1}


@pytest.fixture
def page(tmp_path, opened, rng):
    """Opens the page of a model; gives its tab, the model and its samples."""

    def made(mode="stateless"):
        every = {"return_sequences": True, "state_mode": mode}
        model = Sequential([LSTM(H, **every), GRU(2, **every), Dense(2)])
        model.build((None, None, D))
        x = rng.normal(size=(N, T, D))
        path = tmp_path / "report.html"
        tinylstm.report(randomize(model, rng), x, path=path, batch_size=B)
        tab = opened(path)
        move(tab, **AT)
        return tab, model, x

    return made


def field(tab, kind, what="input[type=number]"):
    return tab.locator(f"[data-kind={kind}] {what}")


def choose(tab, kind, value, which=0):
    enter(field(tab, kind, "select").nth(which), value, "change")


def assert_page_shows(tab, trace, bound=6e-5):
    """The panel of the gates has the numbers of a trace, of the first layer, at each step."""
    places = [{"sample": n, "time": t} for n in range(N) for t in range(T)]
    for place, found in zip(places, gates_at(tab, places), strict=True):
        index = place["sample"], place["time"], AT["unit"]
        expected = {name: float(getattr(trace, name)[index]) for name in "ifgoch"}
        assert found == pytest.approx(expected, abs=bound), place


def test_an_input(page):
    tab, model, x = page()
    choose(tab, "input", 1)
    enter(field(tab, "input"), 0.5)
    x[1, 2, 1] = 0.5
    assert_page_shows(tab, model.trace(x)["lstm"])


def test_a_gate_held_at_one(page):
    """A forget gate is 1 where its bias is 50, and nothing else reaches it."""
    tab, model, x = page()
    choose(tab, "gate", "f")
    field(tab, "gate", "input[type=checkbox]").check()
    enter(field(tab, "gate"), 1)
    expected = model.trace(x)["lstm"]
    before = model.trace(x[1:2, :2])
    W, U, b = model.layers[0].get_weights()
    W[:, H : 2 * H], U[:, H : 2 * H], b[H : 2 * H] = 0, 0, 50
    model.layers[0].set_weights([W, U, b])
    after = model.trace(x[1:2, 2:], before.states)["lstm"]
    for name in "ifgoch":
        getattr(expected, name)[1, 2:] = getattr(after, name)[0]
    assert_page_shows(tab, expected)


def test_a_state(page):
    tab, model, x = page()
    choose(tab, "state", "c")
    enter(field(tab, "state"), -0.8)
    expected = model.trace(x)["lstm"]
    states = model.trace(x[1:2, :2]).states
    states["lstm"][1][0, AT["unit"]] = -0.8
    after = model.trace(x[1:2, 2:], states)["lstm"]
    for name in "ifgoch":
        getattr(expected, name)[1, 2:] = getattr(after, name)[0]
    assert_page_shows(tab, expected)


def test_a_weight(page):
    tab, model, x = page()
    choose(tab, "weight", "lstm/recurrent_kernel")
    choose(tab, "weight", 2, which=1)
    choose(tab, "weight", 4, which=2)
    assert number(field(tab, "weight").input_value()) == pytest.approx(
        model.layers[0].get_weights()[1][2, 4], abs=1e-4
    )
    enter(field(tab, "weight"), 1.5)
    model.layers[0].weights["recurrent_kernel"][2, 4] = 1.5
    assert_page_shows(tab, model.trace(x)["lstm"])


def test_a_cold_start_of_a_stateful_model(page):
    tab, model, x = page("stateful")
    choose(tab, "start", "stateless")
    model.reset_states()
    twin = Sequential([LSTM(H, return_sequences=True), GRU(2, return_sequences=True), Dense(2)])
    twin.build((None, None, D))
    twin.set_weights(model.get_weights())
    assert_page_shows(tab, twin.trace(x)["lstm"])


def test_a_warm_start_of_a_stateless_model(page):
    tab, model, x = page()
    choose(tab, "start", "batch_carried")
    one = model.trace(x.reshape(1, N * T, D))["lstm"]
    for name in "ifgoch":
        setattr(one, name, getattr(one, name).reshape(N, T, H))
    assert_page_shows(tab, one)


def test_a_number_of_an_embedding(tmp_path, opened, rng):
    model = Sequential([Embedding(5, 3, input_shape=(T,)), LSTM(H), Dense(2)])
    x, path = rng.integers(0, 5, (N, T)), tmp_path / "report.html"
    tinylstm.report(model, x, path=path)
    tab = opened(path)
    move(tab, **AT)
    enter(field(tab, "input"), 3)
    x[1, 2] = 3
    assert_page_shows(tab, model.trace(x)["lstm"])
    move(tab, **AT)
    enter(field(tab, "input"), 99)  # there are 5 words
    x[1, 2] = 4
    assert_page_shows(tab, model.trace(x)["lstm"])


def test_changes_add_up_are_listed_and_go_one_by_one(page):
    tab, model, x = page()
    recorded = model.trace(x)["lstm"]
    choose(tab, "gate", "i")
    enter(field(tab, "gate"), 0.25)
    enter(field(tab, "gate"), 0)  # the same gate: in its place
    choose(tab, "input", 0)
    enter(field(tab, "input"), 0.5)
    words = tab.locator("#whatif .made li").all_inner_texts()
    assert len(words) == 2
    assert tab.locator(".changed").inner_text() == "what if: 2 changes"
    assert "i of unit 1 of lstm is held at 0 from step 2 of sample 1 on" in words[0]
    assert "x 0 of step 2 of sample 1 is 0.5" in words[1]
    tab.locator("#whatif .remove").first.click()
    settled(tab)
    x[1, 2, 0] = 0.5
    assert_page_shows(tab, model.trace(x)["lstm"])
    tab.locator("#whatif .reset").click()
    settled(tab)
    assert tab.locator("#whatif .made li").count() == 0
    assert not tab.locator(".changed").is_visible()
    assert_page_shows(tab, recorded)


def test_what_was_and_what_is_stand_side_by_side(page):
    tab, model, x = page()
    choose(tab, "gate", "f")
    enter(field(tab, "gate"), 0.125)
    was = float(model.trace(x)["lstm"].f[1, 2, 1])
    row = tab.locator("#whatif tr[data-name=f] td").all_inner_texts()
    np.testing.assert_allclose([number(one) for one in row], [was, 0.125, 0.125 - was], atol=6e-5)
    for name in ("z_f", "f"):  # the equation of a gate that is held does not hold
        lines = tab.locator(
            f"#step li:not([hidden]) .filled math:last-of-type mn[data-name={name}]"
        )
        assert lines.count() == (name == "z_f")
    assert "f is held at 0.1250" in tab.locator("#step .note").first.inner_text()


def test_a_change_reaches_the_samples_that_its_state_goes_on_in(tmp_path, opened, rng):
    """Samples of one step stand side by side, as in the other panels."""
    model = Sequential([LSTM(H, stateful=True, batch_input_shape=(1, 1, D)), Dense(2)])
    x = rng.normal(size=(N, 1, D))
    tinylstm.report(randomize(model, rng), x, path=tmp_path / "report.html", labels="abcd")
    tab = move(opened(tmp_path / "report.html"), sample=1)
    enter(field(tab, "gate"), 0.125)
    frame = tab.locator("#whatif .lines .frame")
    assert frame.locator(".axis").first.locator("text").all_text_contents() == [*"abcd"]
    box, words = frame.bounding_box(), []
    for k in range(N):
        frame.hover(position={"x": 44 + (box["width"] - 52) * (k + 0.5) / N, "y": 60})
        words.append(tab.locator(".tooltip").inner_text())
    shown = [number(one.split()[-1]) for one in words]
    assert [one.split(":")[0] for one in words] == [f"sample {name}" for name in "abcd"]
    assert shown[0] < 1e-6 < min(shown[1:])


def test_start_is_chosen_again_after_a_reset(page):
    tab, *_ = page()
    choose(tab, "start", "batch_carried")
    tab.locator("#whatif .reset").click()
    settled(tab)
    assert field(tab, "start", "select").input_value() == "model"


def test_at_a_masked_step_there_are_no_gates_and_so_no_changes_of_them(tmp_path, opened, rng):
    model = Sequential([Masking(0.0, input_shape=(T, D)), LSTM(H), Dense(2)])
    x, path = rng.normal(size=(N, T, D)), tmp_path / "report.html"
    x[1, 2] = 0
    tinylstm.report(randomize(model, rng), x, path=path)
    tab = opened(path)
    move(tab, **AT)
    gates = tab.locator("#gates .numbers td")
    recorded = gates.all_inner_texts()
    assert recorded[:4] == ["masked"] * 4
    assert "masked" not in recorded[4:]
    choose(tab, "gate", "f")
    enter(field(tab, "gate"), 1)
    assert gates.all_inner_texts() == recorded
    for name in "ifgo":
        row = tab.locator(f"#whatif tr[data-name={name}] td").all_inner_texts()
        assert row == ["masked", "masked", ""]
    tab.get_by_label("lines of the unit").check()
    settled(tab)
    path = tab.locator("#gates .lines g:not(.axis) > path").first.get_attribute("d")
    assert path.count("M") == 2  # the line has a gap
    tab.locator("#gates .lines").hover()


@pytest.mark.parametrize(("given", "held"), [(7, 1), (-3, 0)])
def test_a_gate_is_held_within_its_span(page, given, held):
    tab, *_ = page()
    choose(tab, "gate", "f")
    enter(field(tab, "gate"), given)
    assert (
        f"f of unit 1 of lstm is held at {held} from" in tab.locator("#whatif .made").inner_text()
    )


def test_the_weight_follows_the_unit_and_the_layer(page):
    tab, *_ = page()
    choose(tab, "weight", "lstm/recurrent_kernel")
    choose(tab, "weight", 3 + 0, which=2)  # of f, unit 0
    column = field(tab, "weight", "select").nth(2)
    move(tab, unit=2)
    assert column.evaluate("(one) => one.selectedOptions[0].textContent") == "5: f, unit 2"
    choose(tab, "weight", "dense/kernel")
    move(tab, unit=1)  # of another layer: nothing follows
    assert field(tab, "weight", "select").first.input_value() == "dense/kernel"
    tab.locator("#at-layer").select_option(label="gru")
    settled(tab)
    assert field(tab, "weight", "select").first.input_value() == "gru/kernel"
    assert column.evaluate("(one) => one.selectedOptions[0].textContent") == "1: u, unit 1"


def test_a_word_is_chosen_by_its_name(tmp_path, opened, rng):
    model = Sequential([Embedding(5, 3, input_shape=(3,)), LSTM(H), Dense(2)])
    x, path = np.array([[1, 2, 3], [4, 2, 1]]), tmp_path / "report.html"
    labels = [["the", "film", "bored"], ["a", "film", "the"]]
    tinylstm.report(randomize(model, rng), x, path=path, labels=labels)
    tab = opened(path)
    move(tab, sample=1, time=1, unit=1)
    words = field(tab, "input", "select").nth(1)
    assert words.locator("option").all_inner_texts() == ["a", "bored", "film", "the"]
    enter(words, "3", "change")
    assert tab.locator("#input .letters button").all_inner_texts() == ["a", "bored", "the"]
    assert "step 1 (film) of sample 1 reads 3 (bored)" in tab.locator("#whatif .made").inner_text()
    x[1, 1] = 3
    shown = number(tab.locator("#gates .numbers td[data-name=h]").inner_text())
    assert shown == pytest.approx(float(model.trace(x)["lstm"].h[1, 1, 1]), abs=6e-5)
