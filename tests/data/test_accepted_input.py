"""Whatever layout data come in, the kernels see one, and the results are those of a plain array."""

import numpy as np
import pytest
from tinylstm.kernels.compiling import COMPILED
from tinylstm.kernels.signatures import signature
from tinylstm.kernels.training.loop import run_batches

import tinylstm
from tests.snapshots import snapshot
from tests.tolerances import bits
from tinylstm import LSTM, Dense, Sequential

N, T, D, K = 6, 4, 3, 2
# Whole numbers, so that integers and float16 hold the same values.
X = np.random.default_rng(8).integers(-9, 10, (N, T, D)).astype(np.float32)
Y = np.eye(K, dtype=np.float32)[[0, 1, 1, 0, 1, 0]]


def wider(a, dtype=None):
    """An array of three times the size along each axis, whose every third element is of a."""
    dtype = a.dtype if dtype is None else dtype
    full = np.full([3 * n for n in a.shape], 77, dtype)
    full[tuple(slice(1, None, 3) for _ in a.shape)] = a
    return full


def read_only(a):
    a = a.copy()
    a.flags.writeable = False
    return a


def unaligned(a):
    return np.frombuffer(b"\0" + a.tobytes(), np.uint8)[1:].view(a.dtype).reshape(a.shape)


def writable_unaligned(a):
    memory = bytearray(b"\0" + a.tobytes())
    return np.frombuffer(memory, a.dtype, offset=1).reshape(a.shape)


class Subclass(np.ndarray):
    """An array that says no more than another one."""


class ArrayLike:
    """Something that NumPy can read, as a data frame is."""

    def __init__(self, a):
        self.a = a

    def __array__(self, dtype=None, copy=None):
        return self.a


LAYOUTS = {
    "lists": lambda a: a.tolist(),
    "tuples": lambda a: tuple(map(tuple, a.tolist())) if a.ndim == 2 else tuple(map(tuple, a)),
    "a list of arrays": list,
    "float64": lambda a: a.astype(np.float64),
    "float16": lambda a: a.astype(np.float16),
    "long double": lambda a: a.astype(np.longdouble),
    "int8": lambda a: a.astype(np.int8),
    "int64": lambda a: a.astype(np.int64),
    "Fortran order": np.asfortranarray,
    "strided": lambda a: wider(a)[tuple(slice(1, None, 3) for _ in a.shape)],
    "strided float64": lambda a: wider(a, float)[tuple(slice(1, None, 3) for _ in a.shape)],
    "reversed": lambda a: a[::-1].copy()[::-1],
    "transposed": lambda a: a.T.copy().T,
    "read-only": read_only,
    "big-endian": lambda a: a.astype(">f4"),
    "big-endian integers": lambda a: a.astype(">i2"),
    "unaligned": writable_unaligned,
    "unaligned and read-only": unaligned,
    "a subclass": lambda a: a.view(Subclass),
    "a masked array without masked elements": np.ma.masked_array,
    "read by NumPy": ArrayLike,
}


def model_of(dtype="float32"):
    tinylstm.set_random_seed(7)
    model = Sequential([LSTM(4, input_shape=(T, D)), Dense(K, activation="softmax")], dtype=dtype)
    model.compile("adam", "categorical_crossentropy", metrics=["accuracy"])
    model.build((None, T, D))
    return model


def results(x, y):
    """All that a model makes of the data: training, scores, outputs, and the model afterwards."""
    model = model_of()
    model.fit(x, y, batch_size=4, epochs=2, verbose=0, validation_data=(x, y))
    scores = [model.train_on_batch(x, y), model.test_on_batch(x, y), model.evaluate(x, y)]
    outputs = [model.predict(x), model.predict_on_batch(x), model.forward(x)]
    return snapshot(model), scores, [bits(a) for a in outputs]


@pytest.mark.uncompiled
@pytest.mark.parametrize("layout", LAYOUTS)
def test_results_are_those_of_the_plain_array_and_the_data_stay(layout):
    change = LAYOUTS[layout]
    x, y = change(X.copy()), change(Y.copy())
    assert results(x, y) == results(X.copy(), Y.copy())
    assert np.array_equal(np.asarray(x, np.float32), X)
    assert np.array_equal(np.asarray(y, np.float32), Y)


@pytest.mark.skipif(not COMPILED, reason="counts compilations")
def test_no_layout_compiles_a_kernel_anew():
    for change in LAYOUTS.values():
        results(change(X), change(Y))
    known = {signature(run_batches, dtype).args for dtype in ("float32", "float64")}
    assert set(run_batches.overloads) <= known


@pytest.mark.uncompiled
def test_soft_labels_are_taken(rng):
    soft = rng.dirichlet(np.ones(K), N)
    model = model_of()
    q = model.predict(X).astype(np.float64)
    expected = -(soft * np.log(q)).sum(axis=1).mean()
    assert model.evaluate(X, soft)[0] == pytest.approx(expected, rel=1e-5)


@pytest.mark.uncompiled
def test_booleans_count_as_0_and_1():
    assert results(X > 0, Y > 0) == results((X > 0).astype(np.float32), Y)


@pytest.mark.uncompiled
def test_a_broadcast_view_is_every_number_it_shows():
    x = np.broadcast_to(X[:1], X.shape)
    assert results(x, Y) == results(x.copy(), Y)


@pytest.mark.uncompiled
def test_a_memory_mapped_file_is_read(tmp_path):
    np.save(tmp_path / "x.npy", X)
    x = np.load(tmp_path / "x.npy", mmap_mode="r")
    assert results(x, Y) == results(X, Y)


@pytest.mark.uncompiled
@pytest.mark.parametrize("shape", [(N,), (N, 1)])
def test_a_last_axis_of_one_may_be_left_out(shape, rng):
    y = rng.normal(size=shape)
    scores = []
    for target in (y, y.reshape(N, 1)):
        tinylstm.set_random_seed(7)
        model = Sequential([LSTM(4, input_shape=(T, D)), Dense(1)])
        model.compile("sgd", "mse")
        scores.append([model.train_on_batch(X, target), bits(model.theta)])
    assert scores[0] == scores[1]


@pytest.mark.uncompiled
def test_a_float64_model_keeps_what_float32_would_round():
    model = model_of("float64")
    x = X + 1e-10
    assert not np.array_equal(model.predict(x), model.predict(X))
    assert bits(model.predict(x.astype(">f8"))) == bits(model.predict(x))


@pytest.mark.uncompiled
@pytest.mark.parametrize("batch_size", [4, 4.0, np.int64(4), np.float32(4)])
def test_a_whole_number_of_any_type_is_a_size(batch_size):
    model, twin = model_of(), model_of()
    model.fit(X, Y, batch_size=batch_size, epochs=np.int32(2), verbose=False)
    twin.fit(X, Y, batch_size=4, epochs=2, verbose=0)
    assert snapshot(model) == snapshot(twin)
