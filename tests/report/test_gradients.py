"""Gradients back through time on the page: those that a training has, past U and through it."""

import numpy as np
import pytest

import tinylstm
from tests.models import randomize
from tinylstm import GRU, LSTM, SGD, Dense, Masking, Sequential, SimpleRNN
from tinylstm.inside import gradient_paths
from tinylstm.report import gradients

from .conftest import move, number
from .subjects import subject_of

N, T, D, H, B = 6, 4, 2, 3, 3
LOSSES = {
    "mse": lambda rng: (rng.normal(size=(N, T, 3)), None),
    "categorical_crossentropy": lambda rng: (np.eye(3)[rng.integers(0, 3, (N, T))], "softmax"),
    "sparse_categorical_crossentropy": lambda rng: (rng.integers(0, 3, (N, T)), "softmax"),
    "binary_crossentropy": lambda rng: (rng.integers(0, 2, (N, T, 3)), "sigmoid"),
}


def subject(model, x, y, samples=None):
    return subject_of(model, x, y, batch_size=B, samples=samples)


def samples(rng):
    x = rng.normal(size=(N, T, D))
    x[1, 3] = x[4, 0] = -1
    return x


@pytest.mark.parametrize("loss", LOSSES)
def test_they_are_those_of_a_training(rng, loss):
    """One update at a rate of 1 takes the gradient from the weights."""
    x, (y, activation) = samples(rng), LOSSES[loss](rng)
    model = Sequential([Masking(-1.0), LSTM(H, return_sequences=True), Dense(3, activation)])
    model.build((None, T, D))
    model.compile(SGD(1.0), loss)
    randomize(model, rng)
    about = subject(model, x, y)
    about.model.forward(x[:B])
    about.model.backward(gradients.gradient_of_outputs(about, first=0))
    found, before = about.model.grad.copy(), model.theta.copy()
    model.fit(x[:B], about.y[:B] if y.ndim == 3 else y[:B], batch_size=B, verbose=0)
    np.testing.assert_allclose(found, before - model.theta, rtol=0, atol=1e-6)


@pytest.mark.parametrize("mode", ["stateless", "batch_carried", "stateful"])
def test_they_are_split_by_their_way(rng, mode):
    model = Sequential([LSTM(H, state_mode=mode, input_shape=(T, D)), Dense(2)])
    model.compile(loss="mse")
    x, y = rng.normal(size=(N, T, D)), rng.normal(size=(N, 2))
    found = gradients.part(subject(model, x, y, samples=[5, 1]))
    if mode == "stateful":  # the second batch goes on from the first
        model.predict(x[:B], batch_size=B)
    trace = model.trace(x[B:])
    model.backward(2 * (trace.y - y[B:]) / y[B:].size)
    split, arrays = gradient_paths(trace["lstm"])["dc"], found["arrays"]
    assert found["of"] == "the loss of the batch"
    np.testing.assert_allclose(arrays["lstm/dc"][0], split.whole[2], atol=1e-7)
    np.testing.assert_allclose(arrays["lstm/dc_past"][0], split.past_u[2], atol=1e-7)
    for way, of_way in zip(gradients.WAYS, (*split, split.through_u), strict=True):
        norm = arrays[f"lstm/dc_{way}_norm"][0]
        np.testing.assert_allclose(norm, np.linalg.norm(of_way[2], axis=-1), atol=1e-7)


def test_norms_are_over_all_units_also_over_those_that_are_not_shown(rng):
    model = Sequential([LSTM(70, input_shape=(T, D)), Dense(2)])
    x = rng.normal(size=(B, T, D))
    norm = gradients.part(subject_of(model, x, batch_size=B))["arrays"]["lstm/dc_whole_norm"]
    trace = model.trace(x)
    model.backward(1.0 * (trace.y == trace.y.max(axis=1, keepdims=True)))
    np.testing.assert_allclose(norm, np.linalg.norm(trace["lstm"].dc, axis=-1), rtol=1e-6)


def test_the_colours_show_the_gradients_of_the_sample(tmp_path, opened, rng):
    """One scale for dh and dc, made of the sample that is looked at, however small it is."""
    model = Sequential([LSTM(H, return_sequences=True, input_shape=(T, D)), Dense(2)])
    model.compile(loss="mse")
    x, y = rng.normal(size=(2, T, D)), rng.normal(size=(2, T, 2))
    y[1] *= 1000
    tinylstm.report(randomize(model, rng), x, y, tmp_path / "report.html")
    tab = move(opened(tmp_path / "report.html"), sample=0)
    trace = model.trace(x)
    model.backward(2 * (trace.y - y) / y.size)
    for sample in (0, 1):
        move(tab, sample=sample)
        largest = max(np.abs(getattr(trace["lstm"], name)[sample]).max() for name in ("dh", "dc"))
        ends = {
            tab.locator(f"#gradients [data-name={name}] .scale span").last.inner_text()
            for name in ("dh", "dc")
        }
        assert len(ends) == 1
        assert largest <= number(ends.pop()) <= 1.7 * largest


@pytest.mark.parametrize("each", [True, False])
@pytest.mark.parametrize("activation", ["linear", "softmax"])
def test_without_targets_they_are_of_the_largest_output_at_the_last_step(rng, each, activation):
    layers = [GRU(H, return_sequences=each, input_shape=(T, D)), Dense(3, activation)]
    model = randomize(Sequential(layers), rng)
    x = rng.normal(size=(B, T, D))
    found = gradients.part(subject_of(model, x, batch_size=B))
    trace = model.trace(x)
    dy = np.zeros_like(trace.y)
    last = dy[:, -1] if each else dy
    last[np.arange(B), (trace.y[:, -1] if each else trace.y).argmax(axis=1)] = 1
    model.backward(dy)
    assert np.abs(trace["gru"].dh).max() > 1e-3
    np.testing.assert_allclose(found["arrays"]["gru/dh"], trace["gru"].dh, atol=1e-7)
    assert found["of"] == "the largest output at the last step"


@pytest.mark.parametrize("kind", [LSTM, GRU, SimpleRNN])
def test_the_page_shows_them(tmp_path, opened, rng, kind):
    model = Sequential([kind(H, return_sequences=True, name="it", input_shape=(T, D)), Dense(2)])
    model.compile(loss="mse")
    x, y = rng.normal(size=(N, T, D)), rng.normal(size=(N, T, 2))
    tinylstm.report(randomize(model, rng), x, y, tmp_path / "report.html", batch_size=N)
    tab = opened(tmp_path / "report.html")
    trace = model.trace(x)
    model.backward(2 * (trace.y - y) / y.size)
    paths = gradient_paths(trace["it"])
    for at in ((0, 0, 0), (5, 3, 2), (2, 1, 1)):
        move(tab, **dict(zip(("sample", "time", "unit"), at, strict=True)))
        for name in (f"d{state}" for state in trace["it"].state_names):
            split = paths[name]
            parts = {"": split.whole, " past U": split.past_u, " through U": split.through_u}
            for words, array in parts.items():
                text = tab.locator(f'#gradients td[data-name="{name}{words}"]').inner_text()
                assert number(text) == pytest.approx(float(array[at]), rel=1e-2, abs=5.1e-5)


def test_a_way_is_chosen(tmp_path, opened, rng):
    model = Sequential([LSTM(H, return_sequences=True, input_shape=(T, D)), Dense(2)])
    tinylstm.report(randomize(model, rng), rng.normal(size=(2, T, D)), path=tmp_path / "r.html")
    tab = opened(tmp_path / "r.html")
    picture = "() => document.querySelector('#gradients [data-name=dc] canvas').toDataURL()"
    pictures = set()
    for way in ("whole", "past", "through"):
        tab.locator(f"#gradients input[value={way}]").check()
        pictures.add(tab.evaluate(picture))
    assert len(pictures) == 3


@pytest.mark.parametrize("mode", ["stateless", "batch_carried", "stateful"])
def test_where_they_stop_is_said(tmp_path, opened, rng, mode):
    model = Sequential([LSTM(H, state_mode=mode, input_shape=(T, D)), Dense(2)])
    model.compile(loss="mse")
    x, y = rng.normal(size=(N, T, D)), rng.normal(size=(N, 2))
    tinylstm.report(randomize(model, rng), x, y, tmp_path / "r.html", batch_size=B)
    tab = opened(tmp_path / "r.html")
    said = tab.locator("#gradients .note").first.inner_text()
    assert ("they stop where the batch begins" in said) == (mode == "batch_carried")
    assert ("of the sample and stop there" in said) == (mode != "batch_carried")
    back = tab.locator("#step [data-side=back] .note")
    for sample in range(N):
        move(tab, sample=sample)
        stops = mode != "batch_carried" or sample % B == 0
        assert ("the gradient stops here" in back.inner_text()) == stops
    moved = tab.locator("#influence .note").first.inner_text()
    assert ("What earlier batches did" in moved) == (mode == "stateful")
