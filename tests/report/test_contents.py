"""What a page holds, against the engine, and what is refused before a page is written."""

import json
import sys

import numpy as np
import pytest

import tinylstm
from tinylstm import LSTM, Dense, Recorder, Sequential
from tinylstm.report import Report, gates, gradients, inputs, room, subject
from tinylstm.report.contents import contents
from tinylstm.report.page import filled, modules

from .conftest import LETTERS, K, N, T
from .subjects import subject_of

pytestmark = pytest.mark.quick


def held(model, x, **options):
    """What the page of these holds."""
    return contents(subject_of(model, x, **options))


def test_arrays_are_those_of_a_trace(model, rng):
    x = rng.normal(size=(N, T, 2))
    arrays, trace = held(model, x)["gates"]["arrays"], model.trace(x)["lstm"]
    for name in "ifgoch":
        np.testing.assert_array_equal(arrays[f"lstm/{name}"], getattr(trace, name))


def test_a_carried_state_goes_from_batch_to_batch_from_zeros(rng):
    x = rng.normal(size=(N, T, 1))
    model = Sequential([LSTM(3, stateful=True, batch_input_shape=(2, T, 1))])
    model.predict(x, batch_size=2)
    before = model.get_states()
    h = held(model, x, batch_size=2)["gates"]["arrays"]["lstm/h"]
    np.testing.assert_array_equal(model.get_states()["lstm"][0], before["lstm"][0])
    model.reset_states()
    np.testing.assert_allclose(h[:, -1], model.predict(x, batch_size=2), atol=1e-7)


def test_the_model_is_as_it_was_before(tmp_path, model, rng):
    x, y = rng.normal(size=(N, T, 2)), np.eye(K)[[0] * N]
    other = rng.normal(size=(2, T, 2))
    trace = model.trace(other)
    model.backward(trace.y)
    grad, dh, theta = model.grad.copy(), trace["lstm"].dh.copy(), model.theta.copy()
    tinylstm.report(model, x, y, tmp_path / "report.html")
    np.testing.assert_array_equal(model.grad, grad)
    np.testing.assert_array_equal(model.theta, theta)
    model.backward(trace.y)  # goes back from the pass before
    np.testing.assert_array_equal(trace["lstm"].dh, dh)


def test_samples_are_chosen_by_their_numbers(model, rng):
    x = rng.normal(size=(N, T, 2))
    whole, found = held(model, x), held(model, x, samples=[4, 1])
    assert found["samples"]["shown"] == [4, 1]
    np.testing.assert_array_equal(
        found["gates"]["arrays"]["lstm/c"], whole["gates"]["arrays"]["lstm/c"][[4, 1]]
    )
    np.testing.assert_array_equal(found["input"]["x"], np.float32(x[[4, 1]]))


def test_inputs_outputs_and_targets_take_room_too(rng):
    """Of a small layer below many classes, or above many features."""
    for features, classes, fewer in ((1, 2, 1), (1, 500, 10), (300, 2, 4)):
        model = Sequential([LSTM(1, return_sequences=True, input_shape=(50, features))])
        model.add(Dense(classes, "softmax"))
        model.compile(loss="categorical_crossentropy")
        x = rng.normal(size=(60, 50, features))
        y = np.eye(classes)[rng.integers(0, classes, (60, 50))]
        found = subject_of(model, x, y)
        assert len(found.shown) * fewer <= 60
        held = [one.part(found) for one in (inputs, gates, gradients)]
        most = room.NUMBERS + room.WEIGHTS + room.EPOCHS - model.count_params()
        assert numbers_in(held) < most
        assert (len(subject_of(model, x).shown) > len(found.shown)) == (classes > 2)


@pytest.mark.parametrize(
    ("units", "steps", "samples", "fewest"),
    [(8, 10, 110, 110), (2, 40, 300, 100), (32, 3, 300, 120)],
)
@pytest.mark.parametrize("epochs", [0, 50])
def test_what_weights_leave_of_their_room_has_samples_and_a_page_is_no_larger(
    rng, units, steps, samples, fewest, epochs
):
    model = Sequential([LSTM(units, return_sequences=True, input_shape=(steps, 1)), Dense(1)])
    model.compile("sgd", "mse")
    x, y = rng.normal(size=(samples, steps, 1)), rng.normal(size=(samples, steps, 1))
    recorder = Recorder()
    model.fit(x[:1], y[:1], epochs=epochs or 1, verbose=0, callbacks=[recorder])
    found = subject_of(model, x, y, recorder=recorder if epochs else None)
    assert samples >= len(found.shown) >= fewest * (0.8 if epochs else 1)
    assert 0.5e6 < len(filled(contents(found))) < room.BYTES


def test_weights_that_are_not_on_the_page_leave_their_room(rng, monkeypatch):
    model = Sequential([LSTM(20, input_shape=(40, 1)), Dense(1)])
    x = rng.normal(size=(40, 40, 1))
    with_weights = len(subject_of(model, x).shown)
    monkeypatch.setattr(subject, "WEIGHTS", model.count_params() - 1)
    monkeypatch.setattr(subject, "NUMBERS", room.NUMBERS + room.WEIGHTS - subject.WEIGHTS)
    assert len(subject_of(model, x).shown) >= with_weights


def numbers_in(held):
    """How many numbers of its arrays a part of a page has."""
    if isinstance(held, np.ndarray):
        return held.size
    each = held.values() if isinstance(held, dict) else held if isinstance(held, list) else ()
    return sum(map(numbers_in, each))


def test_all_shares_of_the_room_are_a_page():
    sources = len(json.dumps(modules()))
    numbers = room.NUMBERS + room.WEIGHTS + room.EPOCHS + room.INFLUENCES + room.BOXES
    assert sources < room.SOURCES
    assert room.SOURCES + numbers * room.EACH <= room.BYTES


def test_labels_are_of_all_samples_or_of_each(model, rng):
    x = rng.normal(size=(N, T, 2))
    assert held(model, x, labels="vwxyz")["names"] == [[*"vwxyz"]]
    assert held(model, x, labels=LETTERS)["names"] == [[*word] for word in LETTERS]
    assert held(model, x)["names"] == [[*"01234"]]


def test_a_word_names_a_sample_of_one_step(rng):
    model = Sequential([LSTM(3, input_shape=(1, 1)), Dense(K)])
    words = ["one", "two", "three"]
    assert held(model, rng.normal(size=(3, 1, 1)), labels=words)["names"] == [[w] for w in words]


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"labels": "ab"}, f"one each of {T}, or such a row for each of {N} samples"),
        ({"classes": "ab"}, "classes name the outputs"),
        ({"samples": []}, "samples names none"),
        ({"samples": [N]}, "Each of samples must be a whole number"),
        ({"batch_size": 0}, "batch_size must be a whole number"),
        ({"reset_states": "batch"}, "policy for reset_states"),
        ({"y": np.zeros((N, 7))}, "y"),
        ({"path": 3}, "path is a path"),
        ({"classes": 5}, "classes is not a list"),
        ({"classes": [None] * K}, "classes are words or numbers"),
    ],
)
def test_what_does_not_fit_is_refused_before_anything_is_written(tmp_path, model, wrong, sentence):
    options = {"path": tmp_path / "report.html"} | wrong
    with pytest.raises((TypeError, ValueError), match=sentence):
        tinylstm.report(model, np.zeros((N, T, 2)), **options)
    assert not any(tmp_path.iterdir())


def test_a_model_without_gates_is_refused(tmp_path):
    model = Sequential([Dense(2, input_shape=(3,))])
    with pytest.raises(ValueError, match="no gates to show"):
        tinylstm.report(model, np.zeros((2, 3)), path=tmp_path / "report.html")


def test_a_model_without_weights_is_refused_and_left_without(tmp_path):
    bare = Sequential([LSTM(3), Dense(2)])
    with pytest.raises(ValueError, match=r"needs a built model.\nExpected: .*\nReceived: "):
        tinylstm.report(bare, np.zeros((N, T, 2)), path=tmp_path / "report.html")
    assert not bare.built


def test_a_folder_that_is_not_there_is_said_before_anything_is_computed(
    tmp_path, model, monkeypatch
):
    monkeypatch.setattr(Sequential, "trace", None)  # which would be a TypeError
    with pytest.raises(FileNotFoundError, match=r"no such folder.*\nExpected: .*\nReceived: "):
        tinylstm.report(model, np.zeros((N, T, 2)), path=tmp_path / "none" / "report.html")


def test_that_jinja2_is_missing_is_said_before_anything_is_computed(tmp_path, model, monkeypatch):
    monkeypatch.setattr(Sequential, "trace", None)
    monkeypatch.setitem(sys.modules, "jinja2", None)
    with pytest.raises(ImportError, match=r"not installed.\nExpected: pip install .*\nReceived: "):
        tinylstm.report(model, np.zeros((N, T, 2)), path=tmp_path / "report.html")


def test_a_page_is_the_old_one_or_the_new_one_whenever_writing_ends(tmp_path, model, monkeypatch):
    path = tmp_path / "report.html"
    found = tinylstm.report(model, np.zeros((N, T, 2)), path=path)
    old = path.read_bytes()

    def full(*names):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.replace", full)
    with pytest.raises(OSError, match="No space left"):
        tinylstm.report(model, np.ones((N, T, 2)), path=path)
    assert path.read_bytes() == old
    assert [*tmp_path.iterdir()] == [path]
    path.unlink()
    assert repr(found) == f"<report in {path}: {len(old) / 1e6:.1f} MB>"


def test_a_report_shows_itself_in_a_frame_of_its_own(tmp_path, model, rng):
    found = tinylstm.report(model, rng.normal(size=(N, T, 2)), path=tmp_path / "report.html")
    assert isinstance(found, Report)
    assert found.path == tmp_path / "report.html"
    html = found._repr_html_()
    assert html.startswith("<iframe")
    assert "<script" not in html
