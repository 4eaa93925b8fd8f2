"""Panels of the training: weights by gate, curves and epochs, gradient check, followed units."""

import json

import numpy as np
import pytest

import tinylstm
from tests.own_cells import peephole
from tinylstm import (
    LSTM,
    RNN,
    Adam,
    Dense,
    Masking,
    Recorder,
    Sequential,
    gradient_check,
    sliding_windows,
)
from tinylstm.inside import idle_units, spectral_norms
from tinylstm.report import checks, followed, network, training, weights
from tinylstm.testing.gradient import LossCheck
from tinylstm.testing.steps import step_errors

from .conftest import LETTERS, D, H, K, N, T, move, number, settled
from .subjects import subject_of
from .using import enter

EPOCHS = 6


@pytest.fixture
def trained(model, rng):
    """A model after some epochs, its samples and targets, and what was recorded."""
    x, y = rng.normal(size=(N, T, D)), np.eye(K)[rng.integers(0, K, N)]
    model.compile(Adam(0.05, global_clipnorm=0.3), "categorical_crossentropy", ["accuracy"])
    model.fit(x, y, 2, epochs=EPOCHS, verbose=0, callbacks=[recorder := Recorder([2, 4])])
    return model, x, y, recorder


@pytest.fixture
def page(opened, trained, tmp_path):
    """An open page of it."""
    model, x, y, recorder = trained
    path = tmp_path / "report.html"
    tinylstm.report(model, x, y, path, labels=LETTERS, recorder=recorder)
    return opened(path)


def weights_after(model, recorder, epoch):
    """A copy of the model as it was then."""
    twin = model.copy()
    twin.set_weights([*recorder.weights(epoch).values()])
    return twin


def shares(tab, rows):
    return {
        one.get_attribute("data-name"): one.locator(".value").inner_text() for one in rows.all()
    }


def test_the_epoch_sets_the_weights_of_all_panels(page, trained):
    model, x, _, recorder = trained
    assert recorder.epochs == [0, 2, 4, 6]
    for place, epoch in ((0, 0), (2, 4), (3, 6)):
        move(page, epoch=place, sample=1, time=3, unit=2)
        twin = weights_after(model, recorder, epoch)
        trace = twin.trace(x)["lstm"]
        for name in "ifgoch":
            shown = number(page.locator(f"#gates .numbers td[data-name={name}]").inner_text())
            np.testing.assert_allclose(shown, getattr(trace, name)[1, 3, 2], atol=6e-5)
        bars = page.locator("#weights .bars").all()
        for gate, text in shares(page, bars[0].locator("tr")).items():
            expected = spectral_norms(twin.layers[0])[gate]
            np.testing.assert_allclose(number(text), expected, atol=6e-4)
        idle = idle_units(trace)
        expected = {f"{gate} always saturated": share for gate, share in idle.saturated.items()}
        expected["dead"] = idle.dead
        found = shares(page, bars[1].locator("tr"))
        assert found == {
            name: f"{share:.0%}".replace("%", " %") for name, share in expected.items()
        }
        predicted = page.locator("#input .likely .share").first.inner_text()
        np.testing.assert_allclose(number(predicted), twin.predict(x)[1].max(), atol=6e-5)


def test_a_change_is_made_in_each_epoch_again(page, trained):
    model, x, _, recorder = trained
    move(page, sample=1, time=2, unit=3)
    enter(page.locator("[data-kind=input] input[type=number]"), 0.5)
    x[1, 2, 0] = 0.5
    for place, epoch in ((1, 2), (3, 6)):
        move(page, epoch=place)
        trace = weights_after(model, recorder, epoch).trace(x)["lstm"]
        shown = number(page.locator("#gates .numbers td[data-name=h]").inner_text())
        np.testing.assert_allclose(shown, trace.h[1, 2, 3], atol=6e-5)


def test_the_last_epoch_is_the_model_as_it_was_recorded(page):
    back = page.locator("#step [data-side=back]")
    assert "without changes" not in back.inner_text()
    move(page, epoch=1)
    assert "without changes" in back.inner_text()
    move(page, epoch=3)
    assert "without changes" not in back.inner_text()


def test_maps_of_weights_mark_the_unit_and_lead_to_one(page):
    move(page, unit=1)
    marks = page.locator("#weights [data-name=U] .unit-mark")
    columns = [one.evaluate("(one) => [one.style.left, one.style.width]") for one in marks.all()]
    assert columns[:4] == [[f"{100 * (k * H + 1) / (4 * H):g}%", "6.25%"] for k in range(4)]
    assert columns[4] == ["0px", "100%"]  # the row of what it reads
    frame = page.locator("#weights [data-name=U] .frame")
    box = frame.bounding_box()
    frame.click(position={"x": box["width"] * (2 * H + 3.5) / (4 * H), "y": 3})
    assert settled(page).locator("#at-unit").input_value() == "3"
    page.keyboard.press("ArrowUp")
    assert settled(page).locator("#at-unit").input_value() == "2"


def test_colours_of_weights_are_those_of_their_tensor(trained):
    model, x, y, _ = trained
    W, U, b = model.layers[0].get_weights()
    U[:] = 0.01
    U[0, 0] = 40  # one large number leaves the others their colours
    b[:] = 5
    model.layers[0].set_weights([W, U, b])
    (layer,) = weights.part(subject_of(model, x, y))["layers"]
    assert layer["spans"]["U"] == pytest.approx((-0.01, 0.01))
    assert layer["spans"]["b"] == (-5, 5)


def test_panels_that_stay_as_they_were_recorded_say_so(page):
    stay = page.locator("section:has(.as-recorded:visible) h2")
    assert stay.count() == 0
    move(page, epoch=1)
    names = ["Gradients, back through time", "Which input mattered", "Where the state goes"]
    assert stay.all_inner_texts() == [*names, "Gradient check"]
    move(page, epoch=3)
    assert stay.count() == 0
    enter(page.locator("[data-kind=input] input[type=number]"), 0.5)
    assert stay.all_inner_texts() == [*names, "Gradient check"]


def test_of_a_cell_of_ones_own_no_panel_shows_another_epoch(opened, tmp_path, rng):
    model = Sequential([RNN(peephole, H, input_shape=(T, D)), Dense(1)])
    model.compile(Adam(0.1), "mse")
    x, y = rng.normal(size=(N, T, D)), rng.normal(size=(N, 1))
    model.fit(x, y, 2, epochs=3, verbose=0, callbacks=[recorder := Recorder([1])])
    path = tmp_path / "report.html"
    tinylstm.report(model, x, y, path, recorder=recorder)
    tab = settled(opened(path))
    others = tab.locator("section:not(#training)")
    before = others.all_inner_texts()
    move(tab, epoch=0)
    assert others.all_inner_texts() == before
    gradients = tab.locator("#gradients").inner_text()
    assert "product of forget gates" not in gradients  # no more of its c is known
    assert "Its weights are not shown" in tab.locator("#training").inner_text()


def test_a_model_that_is_not_that_of_the_last_epoch_is_a_place_of_its_own(
    opened, trained, tmp_path
):
    """As after a training that went on, or went back to its best epoch."""
    model, x, y, recorder = trained
    recorded = model.trace(x)["lstm"].h[0, 0, 0], spectral_norms(model.layers[0])["f"]
    model.set_weights([*recorder.weights(2).values()])
    now = model.trace(x)["lstm"].h[0, 0, 0], spectral_norms(model.layers[0])["f"]
    path = tmp_path / "report.html"
    tinylstm.report(model, x, y, path, recorder=recorder)
    tab = opened(path)
    for move_to, (h, norm) in ((None, now), (3, recorded), (4, now)):
        if move_to is not None:
            move(tab, epoch=move_to)
        settled(tab)
        shown = number(tab.locator("#gates .numbers td[data-name=h]").inner_text())
        np.testing.assert_allclose(shown, h, atol=6e-5)
        bars = shares(tab, tab.locator("#weights .bars").first.locator("tr"))
        np.testing.assert_allclose(number(bars["f"]), norm, atol=6e-4)
    assert tab.locator("#at-epoch + output").inner_text() == "now"
    assert "not those after epoch 6" in tab.locator("#training .epoch").inner_text()
    assert "without changes" not in tab.locator("#step [data-side=back]").inner_text()


def test_the_numbers_of_an_epoch_are_those_that_were_recorded(page, trained):
    recorder = trained[-1]
    said = page.locator("#training .epoch")
    move(page, epoch=1)
    norms = recorder.norms[1]
    assert said.inner_text() == (
        f"In epoch 2: loss {recorder.logs['loss'][1]:.4f} (nats a target), "
        f"accuracy {recorder.logs['accuracy'][1]:.4f} (share of the targets), "
        f"mean norm of the gradient {norms.mean['all']:.4f} "
        "(nats a target for 1 more of a weight), "
        f"clipped in {norms.clipped} of {norms.batches} batches; "
        "the panels show the weights after it, but for those that say that they stay."
    )
    move(page, epoch=0)
    assert said.inner_text().startswith("Before the first epoch")


LOSSES = {
    "categorical_crossentropy": "nats a target",
    "mse": "squared units of the target",
    "hinge": "units of the loss",
}


@pytest.mark.parametrize("loss", LOSSES)
def test_all_that_is_a_loss_or_its_gradient_says_what_it_counts_in(tmp_path, opened, rng, loss):
    model = Sequential([LSTM(H, input_shape=(T, D)), Dense(K, "softmax")])
    model.compile("adam", loss, ["mae"])
    x, y = rng.normal(size=(N, T, D)), np.eye(K)[rng.integers(0, K, N)]
    model.fit(x, y, verbose=0, callbacks=[recorder := Recorder()])
    path, unit = tmp_path / "report.html", LOSSES[loss]
    tinylstm.report(model, x, y, path, recorder=recorder)
    tab = opened(path)
    titles = tab.locator("#training .title").all_inner_texts()
    assert titles[:3] == [
        "loss" if loss == "hinge" else f"loss ({unit})",
        "mae (units of the target)",
        f"Norm of the gradient of a batch, before clipping ({unit} for 1 more of a weight)",
    ]
    assert f"({unit} for 1 more of a weight)" in tab.locator("#training .epoch").inner_text()
    assert tab.locator("#gradients h3").inner_text().endswith(f"({unit} for 1 more of c)")
    assert f"in {unit} for 1 more of a state" in tab.locator("#gradients .note").first.inner_text()
    assert f"in {unit} for 1 more of h" in tab.locator("#step [data-side=back]").inner_text()
    assert f"in {unit} for 1 more of the element" in tab.locator("#checks").inner_text()


def test_a_click_on_a_curve_and_its_keys_move_the_epoch(page):
    frame = page.locator("#training .curves .frame").first
    box = frame.bounding_box()
    frame.click(position={"x": box["width"] - 14, "y": 60})
    settled(page)
    assert page.locator("#at-epoch").input_value() == "3"
    frame.press("ArrowLeft")
    settled(page)
    assert page.locator("#at-epoch").input_value() == "2"
    frame.click(position={"x": 60, "y": 60})
    settled(page)
    assert page.locator("#at-epoch").input_value() == "0"


def test_a_weight_is_said_where_the_pointer_is(page, trained):
    model = trained[0]
    canvas = page.locator("#weights .weight-map[data-name=U] canvas")
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    column, row = 2 * H + 1, 3  # gate g, unit 1, from unit 3
    place = {
        "x": box["width"] * (column + 0.5) / (4 * H),
        "y": box["height"] * (row + 0.5) / H,
    }
    canvas.hover(position=place)
    text = page.locator(".tooltip").inner_text()
    assert text.startswith("U of gate g, unit 1, unit of the step before 3: ")
    value = model.layers[0].weights["recurrent_kernel"][row, column]
    np.testing.assert_allclose(number(text.rpartition(" ")[2]), value, atol=6e-5)


def test_the_gradient_check_of_the_page_is_that_of_python(page, trained):
    model, x, y, _ = trained
    x = np.float32(x)  # as the page has them
    report = gradient_check(model, x[:4], y[:4])
    assert "Right" in page.locator("#checks .right").inner_text()
    rows = page.locator("#checks tbody tr")
    assert [row.get_attribute("data-name") for row in rows.all()] == [one.name for one in report]
    for row, one in zip(rows.all(), report, strict=True):
        place, backward, difference = row.locator("td").nth(1), one.worst[1], one.worst[2]
        assert number(row.locator(".error").inner_text()) <= report.limit
        if one.name != "lstm/recurrent_kernel":  # of which some elements are looked at
            assert place.inner_text() == one.place
            for what, value in (("backward", backward), ("difference", difference)):
                shown = number(row.locator(f".{what}").inner_text())
                np.testing.assert_allclose(shown, value, rtol=1e-7, atol=1e-9)
    curves = page.locator("#checks .curves g:not(.axis) > path")
    assert curves.count() == len(step_errors(model, x[:4], y[:4]))


def of_groups(values, groups):
    """1 - (SS_within / (n - g)) / (SS_total / (n - 1)), epsilon squared."""
    parts = [values[groups == one] for one in np.unique(groups)]
    within = sum(np.square(part - part.mean()).sum() for part in parts)
    return 1 - within / (len(values) - len(parts)) / values.var(ddof=1)


def test_units_are_ranked_by_what_they_follow(page, trained):
    model, x, *_ = trained
    h = model.trace(x)["lstm"].h
    position = np.broadcast_to(np.arange(T), (N, T))
    expected = {k: of_groups(h[..., k].ravel(), position.ravel()) for k in range(H)}
    rows = page.locator("#followed .ranking[data-name=position] tbody tr").all()
    units = [int(one.get_attribute("data-name")) for one in rows]
    found = {k: one.locator(".share").inner_text() for k, one in zip(units, rows, strict=True)}
    assert [*found] == sorted(expected, key=expected.get, reverse=True)
    for unit, text in found.items():
        np.testing.assert_allclose(number(text), expected[unit], atol=6e-4)
    rows[-1].locator("button").click()
    settled(page)
    assert page.locator("#at-unit").input_value() == str([*found][-1])


def test_moments_with_the_nearest_state_are_found(page, trained):
    model, x, *_ = trained
    trace = model.trace(x)["lstm"]
    state = np.concatenate([trace.h, trace.c], axis=-1)
    move(page, sample=2, time=3)
    distances = np.linalg.norm(state - state[2, 3], axis=-1)
    distances[2, 3] = np.inf
    order = np.argsort(distances, axis=None)[:8]
    rows = page.locator("#followed .nearest tbody tr").all()
    found = [number(row.locator(".distance").inner_text()) for row in rows]
    np.testing.assert_allclose(found, distances.ravel()[order], atol=6e-5)
    rows[0].locator("button").click()
    settled(page)
    place = np.unravel_index(order[0], distances.shape)
    values = (page.locator(f"#at-{name}").input_value() for name in ("sample", "time"))
    assert tuple(map(int, values)) == place


def calls(sources, name, arguments):
    """What a function of the page's statistics gives for each of many arguments."""
    call = f"""async (all) => {{
      const found = await import("statistics.js");
      return all.map((one) => found.{name}(...one));
    }}"""
    return np.array(sources.evaluate(call, json.loads(json.dumps(arguments))))


def test_what_a_phase_explains_is_what_least_squares_find(sources, rng):
    angles = rng.uniform(-np.pi, np.pi, 50)
    values = 0.7 * np.cos(angles - 1) + 0.4 * rng.normal(size=50)
    columns = np.stack([np.cos(angles), np.sin(angles), np.ones(50)], axis=1)
    left = values - columns @ np.linalg.lstsq(columns, values, rcond=None)[0]
    expected = 1 - np.square(left).sum() / (50 - 3) / values.var(ddof=1)
    (found,) = calls(sources, "ofPhase", [[values.tolist(), angles.tolist()]])
    np.testing.assert_allclose(found, expected, rtol=1e-9)


def test_noise_follows_nothing_on_average(sources, rng):
    groups = np.repeat(np.arange(20), 2).tolist()
    angles = rng.uniform(-np.pi, np.pi, 8).tolist()
    many, few = rng.normal(size=(400, 40)).tolist(), rng.normal(size=(400, 8)).tolist()
    found = calls(sources, "ofGroups", [[values, groups, 20] for values in many])
    assert abs(found.mean()) < 0.03
    assert (found < 0).any()
    assert abs(calls(sources, "ofPhase", [[values, angles] for values in few]).mean()) < 0.06


@pytest.mark.parametrize("size", [1e-7, 1.0, 1e7])
def test_what_is_followed_does_not_hang_on_the_size_of_the_numbers(sources, size):
    groups, values = [0, 0, 1, 1, 2, 2], np.array([1.0, 1.5, 3.0, 3.5, 2.0, 2.5])
    expected = of_groups(values, np.array(groups))
    constant = np.full(6, np.float32(0.1 * size)) * (1 + 1e-8 * np.arange(6))
    arguments = [[(size * values).tolist(), groups, 3], [constant.tolist(), groups, 3]]
    np.testing.assert_allclose(calls(sources, "ofGroups", arguments), [expected, 0], rtol=1e-9)


@pytest.mark.quick
def test_the_phase_of_a_sine_is_its_angle():
    angles = 2 * np.pi * np.arange(40) / 20  # whole waves
    found = followed.phases(np.sin(angles)[None] + 3)
    np.testing.assert_allclose(np.exp(1j * found[0]), np.exp(1j * (angles - np.pi / 2)), atol=1e-12)


@pytest.mark.quick
@pytest.mark.parametrize(("stride", "stateful"), [(1, False), (10, True)])
def test_a_phase_is_that_of_the_curve_whose_pieces_the_samples_are(stride, stateful):
    """Pieces of half a wave: each alone has no phase."""
    curve = 0.5 + np.cos(2 * np.pi * np.arange(400) / 20)
    x, _ = sliding_windows(curve, 10, stride)
    shape = (1, 10, 1)
    model = Sequential([LSTM(H, batch_input_shape=shape, stateful=stateful), Dense(1)])
    shown = [place // stride for place in (120, 100, 130)]  # far from the ends
    angles = followed.part(subject_of(model, x, batch_size=1, samples=shown))["phase"]["angles"]
    places = stride * np.array(shown)[:, None] + np.arange(10)
    np.testing.assert_allclose(np.cos(angles - 2 * np.pi * places / 20), 1, atol=0.02)
    alone = Sequential([LSTM(H, input_shape=(10, 1)), Dense(1)])
    assert "phase" not in followed.part(subject_of(alone, x[::11], samples=[1]))


@pytest.mark.quick
def test_what_has_one_step_a_group_is_not_followed(rng):
    assert followed.grouped(np.array([["a", "b"], ["c", "d"]])) is None
    assert followed.grouped(np.array([["a", "a"]])) is None
    found = followed.grouped(np.array([["b", "a"], ["b", "a"]]))
    assert (found["groups"].tolist(), found["count"]) == ([[1, 0], [1, 0]], 2)


@pytest.mark.quick
def test_what_the_page_has_of_a_training_is_what_was_recorded(trained):
    model, x, y, recorder = trained
    found = training.part(subject_of(model, x, y, recorder=recorder))
    assert found["numbers"] == [*range(1, EPOCHS + 1)]
    assert found["epochs"] == [0, 2, 4, 6]
    assert found["clips"] == "global_clipnorm=0.3"
    for k, epoch in enumerate(found["epochs"]):
        for name, array in recorder.weights(epoch).items():
            np.testing.assert_array_equal(found["weights"][name][k], array)
    for k, one in enumerate(recorder.norms):
        assert found["norms"]["mean"]["all"][k] == one.mean["all"]
        assert found["clipped"][k] == one.clipped
    np.testing.assert_array_equal(found["logs"]["loss"], recorder.logs["loss"])


@pytest.mark.quick
def test_a_layer_that_was_frozen_for_some_epochs_has_no_norms_of_these(trained):
    model, x, y, recorder = trained
    model.layers[0].trainable = False
    model.compile("sgd", "categorical_crossentropy")
    model.fit(x, y, epochs=8, initial_epoch=EPOCHS, verbose=0, callbacks=[recorder])
    norms = training.part(subject_of(model, x, y, recorder=recorder))["norms"]
    for kind in ("mean", "largest"):
        there = np.isfinite(norms[kind]["lstm/kernel"])
        assert there.tolist() == [True] * EPOCHS + [False] * 2
        assert np.isfinite(norms[kind]["dense/kernel"]).all()


@pytest.mark.quick
def test_all_bounds_of_a_gradient_are_named_and_a_model_that_is_not_compiled_has_none(trained):
    _, x, _, recorder = trained
    both = Adam(clipnorm=0.5)
    both.rule["clip_value"] = 0.1  # as in old scripts
    for optimizer, said in (
        (both, "clipnorm=0.5, clipvalue=0.1"),
        (Adam(global_clipnorm=2), "global_clipnorm=2"),
        (Adam(clipvalue=0.1), "clipvalue=0.1"),
        (Adam(), None),
    ):
        assert training.bounds_of(optimizer) == said
    bare = Sequential([LSTM(H, input_shape=(T, D)), Dense(K, "softmax")])
    found = training.part(subject_of(bare, x, recorder=recorder))
    assert found["clips"] is None


@pytest.mark.quick
def test_as_many_epochs_are_on_a_page_as_there_is_room_for(trained, monkeypatch):
    model, x, y, recorder = trained
    monkeypatch.setattr(training, "EPOCHS", 2 * model.count_params())
    found = training.part(subject_of(model, x, y, recorder=recorder))
    assert (found["epochs"], found["kept"]) == ([0, 6], 4)


@pytest.mark.quick
def test_weights_that_the_page_cannot_compute_with_are_not_on_it(trained, monkeypatch):
    model, x, y, recorder = trained
    monkeypatch.setattr(network, "WEIGHTS", model.count_params() - 1)
    monkeypatch.setattr(training, "EPOCHS", 2 * model.count_params())  # room that nothing takes
    about = subject_of(model, x, y, recorder=recorder)
    found = training.part(about)
    assert (found["epochs"], found["weights"]) == ([0, 2, 4, 6], {})
    (layer,) = weights.part(about)["layers"]
    twins = [weights_after(model, recorder, epoch) for epoch in found["epochs"]]
    expected = [[*spectral_norms(twin.layers[0]).values()] for twin in twins]
    np.testing.assert_allclose(layer["of_epochs"], expected, rtol=1e-6)


@pytest.mark.quick
def test_a_recorder_of_nothing_or_of_another_model_is_refused(trained, rng):
    model, x, _, recorder = trained
    other = Sequential([LSTM(H + 1, input_shape=(T, D)), Dense(K)])
    for one, wrong, kind in (
        (other, recorder, ValueError),
        (model, Recorder(), ValueError),
        (model, "recorder", TypeError),
    ):
        with pytest.raises(kind, match=r"recorder.*\nExpected: .*\nReceived: "):
            subject_of(one, x, recorder=wrong)


def test_what_was_not_given_is_said_in_a_sentence(opened, tmp_path, model, rng):
    path = tmp_path / "report.html"
    tinylstm.report(model, rng.normal(size=(1, T, D)), path=path)
    tab = opened(path)
    for panel, sentence in (
        ("training", "Nothing was recorded"),
        ("checks", "This check needs a loss, and so targets"),
        ("followed", "too few"),
    ):
        assert sentence in tab.locator(f"#{panel}").inner_text()


@pytest.mark.quick
def test_a_gradient_that_is_wrong_in_its_largest_element_is_found(trained, monkeypatch):
    model, x, y, _ = trained
    right = LossCheck.gradients

    def gradients(self):
        found = right(self)
        for name, gradient, _ in found:
            if name == "lstm/recurrent_kernel":
                gradient[np.unravel_index(np.abs(gradient).argmax(), gradient.shape)] *= 1.01
        return found

    assert checks.part(subject_of(model, x, y))["passed"]
    monkeypatch.setattr(LossCheck, "gradients", gradients)
    monkeypatch.setattr(checks, "ELEMENTS", 4)
    found = checks.part(subject_of(model, x, y))
    assert not found["passed"]
    wrong = [one["name"] for one in found["tensors"] if not one["right"]]
    assert wrong == ["lstm/recurrent_kernel"]


@pytest.mark.quick
def test_gradients_that_are_not_checked_say_why(trained, monkeypatch):
    model, x, y, _ = trained
    assert "targets" in checks.part(subject_of(model, x))["why"]
    monkeypatch.setattr(checks, "WORK", 10)
    assert "too large" in checks.part(subject_of(model, x, y))["why"]


@pytest.mark.quick
def test_the_place_in_the_sequence_is_counted_without_padding(rng):
    model = Sequential([Masking(0.0), LSTM(3), Dense(2)])
    model.build((None, 5, 1))
    x = rng.normal(size=(4, 5, 1))
    x[0, :3] = x[1, 3:] = x[2, 2] = 0
    found = followed.part(subject_of(model, x, samples=[0, 1, 2, 3]))["position"]
    groups = found["groups"]
    np.testing.assert_array_equal(groups[0, 3:], [0, 1])
    np.testing.assert_array_equal(groups[1, :3], [0, 1, 2])
    np.testing.assert_array_equal(groups[2, [0, 1, 3, 4]], [0, 1, 2, 3])
    np.testing.assert_array_equal(groups[3], range(5))
    assert found["count"] == 5
