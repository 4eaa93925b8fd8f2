"""Batches are those that were given, whatever becomes of the arrays that they came in."""

import tracemalloc

import numpy as np
import pytest

from tinylstm import LSTM, Dense, Embedding, Sequential
from tinylstm.callbacks import LambdaCallback
from tinylstm.data import staging

from .data import B, Batches, N, T, assert_same, endless, mapped, model_of

FULL = N // B * B


def refilled(arrays, dtypes):
    """Batches that come in the same arrays, again and again."""
    buffers = [np.zeros((B, *a.shape[1:]), dtype) for a, dtype in zip(arrays, dtypes, strict=True)]
    for batch in endless(*(a[:FULL] for a in arrays)):
        for buffer, array in zip(buffers, batch, strict=True):
            buffer[:] = array
        yield tuple(buffers)


class RefilledBatches(Batches):
    """A Sequence whose batches come in the same arrays."""

    def __init__(self, *arrays):
        super().__init__(*(a[:FULL] for a in arrays))
        self.buffers = [np.zeros((B, *a.shape[1:]), np.float32) for a in arrays]

    def __getitem__(self, k):
        for buffer, array in zip(self.buffers, super().__getitem__(k), strict=True):
            buffer[:] = array
        return tuple(self.buffers)


KINDS = {
    "x": ("float32", "float64", "float64"),
    "y": ("float64", "float32", "float64"),
    "weight": ("float64", "float64", "float32"),
    "all": ("float32",) * 3,
}
STEPS = FULL // B


@pytest.mark.parametrize("kind", [*KINDS, "sequence"])
def test_a_stream_may_fill_the_same_arrays_again(arrays, kind):
    arrays = [a.astype(np.float32) for a in arrays]
    plain = [a[:FULL] for a in arrays]

    def stream():
        if kind == "sequence":
            return RefilledBatches(*arrays)
        return refilled(arrays, KINDS[kind])

    model, twin = model_of(), model_of()
    options = {"epochs": 3, "verbose": 0}
    model.fit(
        stream(),
        steps_per_epoch=STEPS,
        validation_data=stream(),
        validation_steps=STEPS,
        **options,
    )
    twin.fit(
        *plain[:2],
        sample_weight=plain[2],
        batch_size=B,
        shuffle=False,
        validation_data=tuple(plain),
        **options,
    )
    assert_same(model, twin)
    found = model.evaluate(stream(), steps=STEPS)
    expected = twin.evaluate(*plain[:2], sample_weight=plain[2], batch_size=B)
    np.testing.assert_allclose(found, expected, rtol=1e-6)
    outputs = model.predict(stream(), steps=STEPS)
    np.testing.assert_array_equal(outputs, twin.predict(plain[0], batch_size=B))


def test_a_stage_is_as_large_as_its_targets_allow():
    """A sample of one number may have ten thousand targets."""
    model = Sequential([Dense(10_000, input_shape=(1,))])
    model.compile("sgd", "mse")
    batches = iter([(np.ones((8, 1)), np.ones((8, 10_000)))] * 12)
    tracemalloc.start()
    model.fit(batches, steps_per_epoch=12, verbose=0)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert model.optimizer.iterations == 12
    assert peak < 4 * 2**24


def test_two_streams_may_share_their_arrays(arrays):
    """One fills them while a batch of the other waits."""
    x, y = (a[:FULL].astype(np.float32) for a in arrays[:2])
    shared = RefilledBatches(x, y)
    other = RefilledBatches(x[::-1], y[::-1])
    other.buffers = shared.buffers
    model, twin = model_of(), model_of()
    model.fit(shared, validation_data=other, epochs=3, verbose=0)
    twin.fit(
        *(x, y, B),
        validation_data=(x[::-1], y[::-1]),
        epochs=3,
        shuffle=False,
        verbose=0,
    )
    assert_same(model, twin)


def test_words_classes_and_their_weights_are_copied_too(rng):
    x, y = rng.integers(0, 9, (FULL, T)), rng.integers(0, 3, (FULL, 1))
    models = []
    for given in ("plain", "refilled"):
        model = Sequential([Embedding(9, 4), LSTM(5), Dense(3, activation="softmax")])
        model.seed = 5
        model.compile("adam", "sparse_categorical_crossentropy")
        weights = {0: 2.0, 1: 0.5}
        options = {"class_weight": weights, "epochs": 2, "verbose": 0}
        if given == "plain":
            model.fit(x, y, batch_size=B, shuffle=False, **options)
        else:
            forgets = LambdaCallback(on_epoch_begin=lambda *_, given=weights: given.clear())
            stream = refilled((x, y), ("float32", "float32"))
            model.fit(stream, steps_per_epoch=STEPS, callbacks=[forgets], **options)
        models.append(model)
    assert_same(*models)


def test_a_stage_of_a_file_is_as_it_was_when_it_was_checked(tmp_path, arrays, monkeypatch):
    monkeypatch.setattr(staging, "STAGE_BYTES", 2**24)  # all of it
    x, y = (a.astype(np.float32) for a in arrays[:2])
    mapped(tmp_path, "x", x)
    file = np.load(tmp_path / "x.npy", mmap_mode="r+")
    model, twin = model_of(), model_of()
    spoils = LambdaCallback(on_train_batch_end=lambda *_: file.fill(np.nan))
    options = {"batch_size": B, "shuffle": False, "verbose": 0}
    model.fit(file, y, callbacks=[spoils], **options)
    twin.fit(x, y, **options)
    assert_same(model, twin)
    assert np.isnan(file).all()


def test_arrays_that_the_model_hands_out_may_be_handed_back(arrays):
    x = arrays[0][:FULL]
    model = model_of(stateful=True, batch=B)
    model.predict(x)
    kernel, recurrent, bias, *dense = model.weights
    turned = [kernel[::-1], recurrent[::-1, ::-1], bias[::-1], *dense]
    expected = [array.copy() for array in turned]
    model.set_weights(turned)
    for array, wanted in zip(model.weights, expected, strict=True):
        np.testing.assert_array_equal(array, wanted)
    states = model.get_states()
    model.set_states(states)
    held = [array.copy() for array in states["lstm"]]
    for array in states["lstm"]:
        array[:] = 7
    for array, wanted in zip(model.get_states()["lstm"], held, strict=True):
        np.testing.assert_array_equal(array, wanted)
