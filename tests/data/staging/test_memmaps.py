"""Memmaps, bit for bit as the arrays they hold."""

import tracemalloc

import numpy as np
import pytest

from tests.snapshots import refused
from tinylstm import LSTM, Dense, Embedding, Sequential
from tinylstm.data import staging

from .data import B, D, N, T, assert_same, mapped, model_of


@pytest.mark.parametrize("shuffle", [True, False])
@pytest.mark.parametrize("split", [0.0, 0.3])
@pytest.mark.parametrize("verbose", [0, 2])
def test_a_memmap_trains_bit_for_bit_as_the_array(tmp_path, arrays, shuffle, split, verbose):
    x, y, weight = arrays
    options = {"epochs": 3, "batch_size": B, "shuffle": shuffle, "validation_split": split}
    options["verbose"] = verbose
    model, other = model_of(), model_of()
    other.fit(x, y, sample_weight=weight, **options)
    files = mapped(tmp_path, "x", x), mapped(tmp_path, "y", y)
    model.fit(*files, sample_weight=weight, **options)
    assert_same(model, other)


def test_a_stateful_memmap_and_what_comes_after_it(tmp_path, arrays):
    x, y = (a[: 6 * B] for a in arrays[:2])
    model, other = (model_of(stateful=True, batch=B) for _ in range(2))
    other.fit(x, y, epochs=3, reset_states="epoch", verbose=0)
    model.fit(mapped(tmp_path, "x", x), y, epochs=3, reset_states="epoch", verbose=0)
    assert_same(model, other)
    np.testing.assert_array_equal(
        model.predict(mapped(tmp_path, "x2", x), batch_size=B), other.predict(x, batch_size=B)
    )
    for ours, theirs in zip(*(m.get_states()["lstm"] for m in (model, other)), strict=True):
        np.testing.assert_array_equal(ours, theirs)


@pytest.mark.parametrize("verbose", [0, 1])
def test_evaluate_and_predict_of_a_memmap(tmp_path, arrays, verbose):
    x, y, weight = arrays
    model = model_of()
    file = mapped(tmp_path, "x", x)
    expected = model.evaluate(x, y, batch_size=B, sample_weight=weight)
    found = model.evaluate(file, y, batch_size=B, sample_weight=weight, verbose=verbose)
    np.testing.assert_allclose(found, expected, rtol=1e-6)
    np.testing.assert_array_equal(
        model.predict(file, batch_size=B, verbose=verbose), model.predict(x, batch_size=B)
    )


def test_words_in_a_memmap_of_another_dtype_build_a_deferred_model(tmp_path, rng):
    x, y = rng.integers(0, 9, (N, T)), rng.integers(0, 3, N)
    histories = []
    for words in (x, mapped(tmp_path, "words", x)):
        model = Sequential([Embedding(9, 4), LSTM(5), Dense(3, activation="softmax")])
        model.seed = 5
        model.compile("adam", "sparse_categorical_crossentropy")
        weights = {0: 2.0, 1: 0.5}
        histories.append(model.fit(words, y, batch_size=B, class_weight=weights, verbose=0))
    assert histories[0].history == histories[1].history


def test_a_memmap_is_never_in_memory_as_a_whole(tmp_path, monkeypatch):
    monkeypatch.setattr(staging, "STAGE_BYTES", 2**18)
    x = np.zeros((40_000, T, D))  # 3.8 MB, float64: every stage is converted
    file = mapped(tmp_path, "x", x)
    model = model_of()
    model.fit(file[:64], np.zeros((64, 2)), batch_size=64, verbose=0)
    y = mapped(tmp_path, "y", np.zeros((len(x), 2)))
    tracemalloc.start()
    model.fit(file, y, batch_size=64, shuffle=False, verbose=0)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 0.4 * x.nbytes


def test_a_number_that_is_not_finite_stops_the_training_at_its_stage(tmp_path, arrays, monkeypatch):
    monkeypatch.setattr(staging, "STAGE_BYTES", 1200)
    x, y, _ = arrays
    x[40, 1, 2] = np.nan
    model = model_of()
    before = model.get_weights()
    with refused(ValueError, "not finite"):
        model.fit(mapped(tmp_path, "x", x), y, batch_size=B, shuffle=False, verbose=0)
    assert not np.array_equal(before[0], model.get_weights()[0])
    assert all(np.isfinite(w).all() for w in model.get_weights())


def test_lengths_that_differ_are_refused_before_anything_is_read(tmp_path, arrays):
    x, y, _ = arrays
    model = model_of()
    before = model.get_weights()
    with refused(ValueError, "as many samples each"):
        model.fit(mapped(tmp_path, "x", x), y[:-1], verbose=0)
    np.testing.assert_array_equal(before[0], model.get_weights()[0])


def test_a_memmap_without_targets_is_refused(tmp_path, arrays):
    x, _, _ = arrays
    file = mapped(tmp_path, "x", x)
    for call in (
        lambda m: m.fit(file, verbose=0),
        lambda m: m.evaluate(file),
        lambda m: m.fit(x, x[:, 0, :2], validation_data=(file, None), verbose=0),
    ):
        with pytest.raises(TypeError, match="y"):
            call(model_of())
