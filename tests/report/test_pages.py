"""The page in a browser: all panels, nothing from elsewhere, every reader, every width."""

import re

import numpy as np
import pytest

import tinylstm
from tinylstm import LSTM, Dense, Sequential
from tinylstm.report.page import PAGE

from .browser import TIME
from .conftest import H, K, N, T, move, settled, where

NAMELESS = """() => [...document.querySelectorAll(
  "button, input, select, [role=application], [role=group], [role=radiogroup], section, nav"
)].filter((one) => !(one.textContent.trim() || one.getAttribute("aria-label") ||
  one.getAttribute("aria-labelledby") || one.labels?.[0]?.textContent.trim()))
  .map((one) => one.outerHTML)"""


def test_every_panel_appears(opened, written):
    tab = opened(written[-1])
    titles = tab.locator("section > h2").all_inner_texts()
    assert {"Input, prediction, target", "Gates and states", "Where the state goes"} <= set(titles)
    for section in tab.locator("section").all():
        panel = section.locator(".panel")
        assert panel.inner_text().strip() or panel.locator("svg, canvas").count()
    assert tab.locator("#contents a").all_inner_texts() == titles


def test_a_page_needs_no_more_than_its_file(written):
    text = written[-1].read_text(encoding="utf-8")
    kept = re.sub(r'<script type="(importmap|application/json)".*?</script>', "", text, flags=re.S)
    assert "http" not in kept.replace("http-equiv", "")
    assert "default-src 'none'" in text
    assert "base-uri 'none'; form-action 'none'" in text


def test_no_module_makes_html_or_code_of_a_text():
    ours = [path for path in PAGE.rglob("*.js") if "d3" not in path.parts]
    assert len(ours) > 20
    for path in ours:
        found = re.search(
            r"innerHTML|outerHTML|insertAdjacentHTML|\.html\(|\beval\(|new Function",
            path.read_text(encoding="utf-8"),
        )
        assert found is None, path


def test_html_of_users_stays_text(opened, tmp_path, model, rng):
    evil = "</script><img src=x onerror=alert(1)>"
    path = tmp_path / "report.html"
    x, y = rng.normal(size=(N, T, 2)), np.eye(K)[[0] * N]
    tinylstm.report(model, x, y, path, labels=[evil] * T, classes=[evil] * K, title=evil)
    tab = opened(path)
    assert tab.locator("img").count() == 0
    assert tab.locator("h1").inner_text() == evil
    assert tab.locator("#input .letters button").first.inner_text() == evil
    assert evil in tab.locator("#input caption").inner_text()
    tab.locator("#gates svg").first.hover(position={"x": 60, "y": 20})
    assert evil in tab.locator(".tooltip").inner_text()


def test_a_large_model_is_sampled_and_the_page_says_so(opened, tmp_path, rng):
    model = Sequential([LSTM(100, input_shape=(450, 1)), Dense(1)])
    path = tmp_path / "report.html"
    tinylstm.report(model, rng.normal(size=(3, 450, 1)), path=path)
    assert path.stat().st_size < 1.5e6
    said = opened(path).locator("#about").inner_text()
    assert "1 of 3 samples" in said
    assert "the last 300 of 450 steps" in said
    assert "50 of the 100 units of lstm" in said


def test_arrow_keys_move_the_cursor_from_letter_to_letter_and_on_to_the_next_sample(
    opened, written
):
    tab = opened(written[-1])
    tab.locator("#gates [role=application]").first.focus()
    for keys, place in {
        "ArrowRight": {"sample": 0, "time": 1, "unit": 0},
        "ArrowDown": {"sample": 0, "time": 1, "unit": 1},
        "End": {"sample": 0, "time": T - 1, "unit": 1},
        "ArrowRight ": {"sample": 1, "time": 0, "unit": 1},
        "ArrowLeft": {"sample": 0, "time": T - 1, "unit": 1},
        "ArrowUp": {"sample": 0, "time": T - 1, "unit": 0},
        "Home": {"sample": 0, "time": 0, "unit": 0},
        "ArrowLeft ": {"sample": 0, "time": 0, "unit": 0},
    }.items():
        tab.keyboard.press(keys.strip())
        assert where(settled(tab)) == place, keys


def test_tab_goes_from_the_panels_to_the_bar_to_the_drawings_and_shows_where_it_is(opened, written):
    tab, stops = opened(written[-1]), []
    for _ in range(40):
        tab.keyboard.press("Tab")
        stops.append(
            tab.evaluate(
                "() => [document.activeElement.closest('#contents, #cursor, section')?.id, "
                "parseFloat(getComputedStyle(document.activeElement).outlineWidth)]"
            )
        )
    places = [place for k, (place, _) in enumerate(stops) if k == 0 or place != stops[k - 1][0]]
    assert places[:4] == ["contents", "cursor", "input", "gates"]
    assert min(width for place, width in stops if place) >= 2


def test_a_screen_reader_hears_where_the_cursor_is_and_what_everything_is(opened, written):
    tab = move(opened(written[-1]), sample=2, time=3, unit=1)
    spoken = tab.locator("[aria-live=polite]").first
    spoken.filter(has_text="Sample 2, step 3 (n), unit 1 of lstm").wait_for(state="attached")
    assert all(f" {name} " in spoken.text_content() for name in "ifgoch")
    assert tab.evaluate(NAMELESS) == []
    assert tab.get_by_role("button", name="A step further").count() == 1
    assert tab.locator("html").get_attribute("lang") == "en"
    assert tab.locator("#at-time").get_attribute("aria-valuetext") == "3 (n)"


@pytest.mark.parametrize("width", [400, 1100, 2000])
def test_nothing_is_wider_than_the_window(opened, written, width):
    tab = opened(written[-1], width=width)
    assert tab.evaluate("document.documentElement.scrollWidth") <= width


def test_dark_and_light_are_the_readers_choice(opened, written):
    paper = "getComputedStyle(document.body).backgroundColor"
    colours = {
        scheme: opened(written[-1], color_scheme=scheme).evaluate(paper)
        for scheme in ("light", "dark")
    }
    assert colours["light"] == "rgb(255, 255, 255)"
    assert sum(map(int, re.findall(r"\d+", colours["dark"]))) < 120


def test_what_is_for_the_hand_is_not_printed(opened, written):
    tab = opened(written[-1])
    assert tab.locator(".bar button").first.is_visible()
    tab.emulate_media(media="print")
    assert not tab.locator(".bar button").first.is_visible()
    assert tab.locator("#gates canvas").first.is_visible()


def test_a_dark_page_is_printed_on_white(opened, written):
    tab = opened(written[-1], color_scheme="dark")
    tab.emulate_media(media="print", color_scheme="dark")
    style = "getComputedStyle(document.body)"
    found = tab.evaluate(f"[{style}.backgroundColor, {style}.color]")
    assert found == ["rgb(255, 255, 255)", "rgb(26, 26, 26)"]


def test_without_scripts_the_page_says_what_it_needs(opened, written):
    tab = opened(written[-1], java_script_enabled=False)
    assert "switched off" in tab.locator("noscript").inner_text()


def test_a_click_on_a_map_moves_the_cursor_there(opened, written):
    tab = opened(written[-1])
    box = tab.locator("#gates canvas").first.bounding_box()
    column, row = 2, 3
    x = box["x"] + (column + 0.5) * box["width"] / T
    y = box["y"] + (row + 0.5) * box["height"] / H
    tab.mouse.click(x, y)
    assert where(settled(tab)) == {"sample": 0, "time": column, "unit": row}


def test_in_a_notebook_the_page_is_the_same_within_a_frame(opened, tmp_path, model, rng):
    page = tinylstm.report(model, rng.normal(size=(N, T, 2)), path=tmp_path / "report.html")
    notebook = tmp_path / "notebook.html"
    notebook.write_text(f"<!doctype html><p>A cell</p>{page._repr_html_()}", encoding="utf-8")
    page.path.unlink()
    inside = opened(notebook).frame_locator("iframe")
    inside.locator("#gates .numbers td").first.wait_for(timeout=TIME)
    assert inside.locator("section > h2").first.inner_text() == "Input, prediction, target"
    inside.locator("#contents a").nth(5).click()
    assert inside.locator("#contents a").count() == 11  # the page is still there
    assert 0 <= inside.locator("section").nth(5).bounding_box()["y"] < 900
