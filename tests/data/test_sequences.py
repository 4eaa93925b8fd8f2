"""Labels, padding, windows and streams: what Keras makes of them, and the laws of their layout."""

import doctest
import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import tinylstm.data.series
from tests.keras_twins import keras
from tests.models import randomize
from tests.snapshots import refused
from tinylstm import (
    LSTM,
    Dense,
    Sequential,
    pad_sequences,
    set_floatx,
    sliding_windows,
    stateful_batches,
    to_categorical,
)

many = settings(max_examples=50, deadline=None, derandomize=True, database=None)


@pytest.mark.parametrize(
    ("y", "classes"),
    [
        ([2, 0, 1, 2], None),
        ([2, 0, 1], 5),
        ([[1], [0], [3]], None),
        (np.arange(12).reshape(2, 2, 3) % 5, 6),
        (np.array([[1.0, 4.0]]), None),
        (np.array([True, False]), None),
        (3, None),
        ([[[1]]], None),
        (np.zeros((0, 1)), 3),
    ],
)
def test_to_categorical_equals_keras(y, classes):
    ours, theirs = to_categorical(y, classes), keras.utils.to_categorical(y, classes)
    assert ours.shape == theirs.shape
    assert (ours == theirs).all()


def test_to_categorical_has_the_dtype_of_models_or_the_one_named():
    assert to_categorical([1]).dtype == np.float32
    set_floatx("float64")
    assert to_categorical([1]).dtype == np.float64
    assert to_categorical([1], dtype="int8").dtype == np.int8


@pytest.mark.parametrize(
    ("y", "classes", "fragment", "shown"),
    [
        ([0, 1.5], None, "whole numbers", "1.5"),
        ([0, np.nan], None, "whole numbers", "nan"),
        ([0, np.inf], None, "whole numbers", "inf"),
        (["a"], None, "whole numbers", "<U1"),
        ([0, -1], 3, "outside the classes", "0 to 2"),
        ([-2], None, "outside the classes", "-2"),
        ([0, 3], 3, "outside the classes", "3"),
        ([], None, "empty", "num_classes"),
        ([0], 0, "whole number", "0"),
    ],
)
def test_labels_that_are_none_are_refused(y, classes, fragment, shown):
    with refused(ValueError, fragment) as caught:
        to_categorical(y, classes)
    assert shown in str(caught.value)


@st.composite
def paddings(draw):
    """Sequences of numbers or of rows, some empty, and arguments of pad_sequences."""
    item = draw(st.sampled_from([(), (1,), (3,), (2, 2)]))
    lengths = [*draw(st.lists(st.integers(0, 6), max_size=5)), draw(st.integers(1, 4))]
    rng = np.random.default_rng(draw(st.integers(0, 999)))
    sequences = [rng.integers(-9, 10, (n, *item)) for n in lengths]
    side = st.sampled_from(["pre", "post"])
    options = {
        "maxlen": draw(st.sampled_from([None, 1, 3, 8])),
        "dtype": draw(st.sampled_from(["int32", "float32", "int8", object])),
        "padding": draw(side),
        "truncating": draw(side),
        "value": draw(st.sampled_from([0.0, -1, 7])),
    }
    return [one if draw(st.booleans()) else one.tolist() for one in sequences], options


@many
@given(paddings())
def test_pad_sequences_equals_keras(case):
    sequences, options = case
    ours = pad_sequences(sequences, **options)
    theirs = keras.utils.pad_sequences(sequences, **options)
    assert ours.shape == theirs.shape
    assert ours.dtype == theirs.dtype
    assert (ours == theirs).all()


def test_pad_sequences_has_the_defaults_of_keras():
    ours, theirs = pad_sequences([[1, 2], [3]]), keras.utils.pad_sequences([[1, 2], [3]])
    assert ours.dtype == theirs.dtype
    assert ours.tolist() == theirs.tolist() == [[1, 2], [0, 3]]
    words = [["a"], ["b", "c"]]
    padded = pad_sequences(words, dtype=object, value="-", padding="post")
    assert padded.tolist() == [["a", "-"], ["b", "c"]]


def test_fractions_that_are_cut_off_are_said():
    with pytest.warns(UserWarning, match=re.escape("'float32' keeps them")):
        padded = pad_sequences([[0.5, 2.5]])
    assert padded.tolist() == keras.utils.pad_sequences([[0.5, 2.5]]).tolist() == [[0, 2]]
    with pytest.warns(UserWarning, match="fractions"):
        pad_sequences([[1], [2, 3]], value=0.5)
    assert pad_sequences([[0.5]], dtype="float32").tolist() == [[0.5]]
    assert pad_sequences([[1.0]]).tolist() == [[1]]


@pytest.mark.parametrize(
    ("sequences", "options", "kind", "fragment"),
    [
        ([1, 2], {}, ValueError, "items have one shape"),
        ([[1], [[2]]], {}, ValueError, "items have one shape"),
        ([[[1, 2]], [[1, 2, 3]]], {}, ValueError, "items have one shape"),
        ([[1, [2]]], {}, ValueError, "not an array"),
        (3, {}, TypeError, "not a list"),
        ([[1]], {"padding": "left"}, ValueError, "side for padding"),
        ([[1]], {"truncating": "psot"}, ValueError, "Did you mean 'post'?"),
        ([[1]], {"maxlen": 0}, ValueError, "maxlen"),
        ([[], []], {}, ValueError, "maxlen"),
    ],
)
def test_what_cannot_be_padded_is_refused(sequences, options, kind, fragment):
    with refused(kind, fragment):
        pad_sequences(sequences, **options)


series_of = st.tuples(st.integers(8, 60), st.integers(1, 3)).map(
    lambda shape: np.arange(shape[0] * shape[1], dtype=float).reshape(shape)
)


@many
@given(series_of, st.integers(1, 4), st.integers(1, 5), st.integers(1, 4))
def test_windows_are_slices_of_the_series_and_none_is_missing(series, look_back, stride, ahead):
    x, y = sliding_windows(series, look_back, stride, ahead)
    for n, (window, target) in enumerate(zip(x, y, strict=True)):
        assert (window == series[n * stride : n * stride + look_back]).all()
        assert (target == series[n * stride + look_back - 1 + ahead]).all()
    after_next = len(x) * stride + look_back - 1 + ahead  # where the next target would be
    assert after_next >= len(series)


def test_windows_equal_those_of_keras():
    series = np.arange(50.0).reshape(25, 2)
    x, y = sliding_windows(series, 4, stride=3)
    theirs = keras.utils.timeseries_dataset_from_array(series, series[4:], 4, 3)
    (windows, targets), *others = [[part.numpy() for part in batch] for batch in theirs]
    assert not others
    assert (x == windows).all()
    assert (y == targets).all()


def test_windows_keep_the_dtype_and_own_their_memory():
    series = np.arange(10, dtype=np.float32)
    x, y = sliding_windows(series, 3)
    assert x.shape == (7, 3, 1)
    assert y.shape == (7, 1)
    assert x.dtype == y.dtype == np.float32
    x[:], y[:] = -1, -1
    assert (series == np.arange(10)).all()


@many
@given(series_of, st.integers(1, 4), st.integers(1, 2), st.booleans())
def test_streams_put_together_again_are_the_series(series, rows, steps, given_targets):
    targets = -series[:, :1] if given_targets else None
    x, y, rest = stateful_batches(series, rows, steps, targets, return_sequences=True)
    streams = [x[r::rows].reshape(-1, series.shape[1]) for r in range(rows)]
    asked = [y[r::rows].reshape(-1, y.shape[-1]) for r in range(rows)]
    used = sum(map(len, streams))
    if given_targets:
        assert (np.concatenate([*streams, rest]) == series).all()
        assert (np.concatenate(asked) == targets[:used]).all()
    else:
        assert (np.concatenate([*streams, asked[-1][-1:], rest]) == series).all()
        assert (np.concatenate(asked) == series[1 : used + 1]).all()
    assert len(rest) < rows * steps
    last = stateful_batches(series, rows, steps, targets)[1]
    assert (last == y[:, -1]).all()


@settings(many, max_examples=10)
@given(st.integers(1, 4), st.integers(1, 3), st.integers(1, 4), st.integers(0, 99))
def test_a_stateful_model_reads_the_streams_as_if_each_were_one_long_sequence(
    rows, steps, pieces, seed
):
    rng = np.random.default_rng(seed)
    series = rng.normal(size=(rows * steps * pieces + 1, 3))
    x, _, rest = stateful_batches(series, rows, steps)
    assert len(rest) == 0
    carried = Sequential([LSTM(4, return_sequences=True, stateful=True)], dtype="float64")
    carried.build((rows, steps, 3))
    whole = Sequential([LSTM(4, return_sequences=True)], dtype="float64")
    whole.build((None, None, 3))
    whole.set_weights(randomize(carried, rng).get_weights())
    expected = whole.predict(series[:-1].reshape(rows, steps * pieces, 3))
    found = carried.predict(x, batch_size=rows)
    for r in range(rows):
        np.testing.assert_allclose(found[r::rows].reshape(-1, 4), expected[r], atol=1e-12)


def test_the_example_in_the_documentation_is_right():
    found = doctest.testmod(tinylstm.data.series, extraglobs={"np": np})
    assert found.attempted > 0
    assert found.failed == 0


def test_fit_takes_the_streams_as_they_are():
    series = np.sin(np.arange(400) / 5)
    for sequences in (False, True):
        x, y, _ = stateful_batches(series, 4, 9, return_sequences=sequences)
        model = Sequential([LSTM(8, stateful=True, return_sequences=sequences), Dense(1)])
        model.compile("adam", "mse")
        history = model.fit(x, y, 4, epochs=40, reset_states="epoch", verbose=0).history["loss"]
        assert history[-1] < 0.2 * history[0]


@pytest.mark.parametrize(
    ("call", "fragment"),
    [
        (lambda: sliding_windows([1, 2, 3], 3), "too short"),
        (lambda: sliding_windows([1, 2, 3], 0), "look_back"),
        (lambda: sliding_windows([1, 2, 3], 1, 0), "stride"),
        (lambda: sliding_windows([1, 2, 3], 1, 1, 0), "ahead"),
        (lambda: sliding_windows(np.zeros((2, 3, 4)), 1), "one row of real numbers"),
        (lambda: sliding_windows(["a", "b"], 1), "one row of real numbers"),
        (lambda: stateful_batches(np.zeros(12), 3, 4), "too short"),
        (lambda: stateful_batches(np.zeros(13), 0, 4), "batch_size"),
        (lambda: stateful_batches(np.zeros(13), 3, 0), "steps"),
        (lambda: stateful_batches(np.zeros(13), 3, 4, np.zeros(12)), "a target for each value"),
    ],
)
def test_series_that_do_not_do_are_refused(call, fragment):
    with refused(ValueError, fragment):
        call()
