"""``TimeseriesGenerator``: windows of a series are those of keras_preprocessing."""

import numpy as np
import pytest
from keras.src.legacy.preprocessing import sequence

from tests.old_scripts import MODEL, run_text
from tinylstm.legacy.timeseries import TimeseriesGenerator

# Of a tutorial on windows; what it printed with Keras 2.2.4.
TUTORIAL = """
from numpy import array
from keras.preprocessing.sequence import TimeseriesGenerator
series = array([1, 2, 3, 4, 5, 6, 7, 8, 9, 10])
generator = TimeseriesGenerator(series, series, length=2, batch_size=1)
print('Samples: %d' % len(generator))
for i in range(2):
    x, y = generator[i]
    print('%s => %s' % (x, y))
series = series.reshape((len(series), 1))
generator = TimeseriesGenerator(series, series, length=2, batch_size=8)
print(generator[0][0].shape)
model.fit_generator(generator, steps_per_epoch=1, epochs=2, verbose=0)
print(model.predict(array([9., 10.]).reshape((1, 2, 1)), verbose=0).shape)
"""
ONE_OUTPUT = """
model = Sequential([LSTM(5, input_shape=(2, 1)), Dense(1)])
model.compile('adam', 'mse')
"""
SETTINGS = [
    {},
    {"sampling_rate": 2},
    {"sampling_rate": 4},
    {"stride": 3},
    {"start_index": 4, "end_index": 30},
    {"reverse": True},
    {"shuffle": True},
]


@pytest.mark.parametrize(
    ("version", "first"), [("2.2.4", "[[1. 2.]] => [3.]"), ("2.3.1", "[[1 2]] => [3]")]
)
def test_a_tutorial_prints_what_it_printed(tmp_path, version, first):
    ran = run_text(tmp_path, MODEL + ONE_OUTPUT + TUTORIAL, version=version)
    assert ran.err == ""
    assert ran.lines[:2] == ["Samples: 8", first]
    assert ran.lines[3:] == ["(8, 2, 1)", "(1, 1)"]


@pytest.mark.parametrize("batch_size", [1, 7, 128])
@pytest.mark.parametrize("settings", SETTINGS, ids=str)
def test_windows_are_those_of_keras(rng, settings, batch_size):
    data, targets = rng.normal(size=(40, 2)), rng.normal(size=40)
    given = {"length": 6, "batch_size": batch_size, **settings}
    ours = TimeseriesGenerator(data, targets, **given)
    theirs = sequence.TimeseriesGenerator(data, targets, **given)
    assert len(ours) == len(theirs)
    for k in range(len(theirs)):
        batches = []
        for one in (ours, theirs):
            np.random.seed(k)  # noqa: NPY002  from which both draw
            batches.append(one[k])
        for found, expected in zip(*batches, strict=True):
            np.testing.assert_array_equal(found, expected)


def test_windows_of_lists(tmp_path):
    text = (
        "from tensorflow.keras.preprocessing.sequence import TimeseriesGenerator as G\n"
        "print([a.tolist() for a in G([1, 2, 3, 4], [5, 6, 7, 8], 2)[0]])"
    )
    assert run_text(tmp_path, text).out == "[[[1.0, 2.0], [2.0, 3.0]], [7.0, 8.0]]\n"


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("TimeseriesGenerator(x, x[:3], 2)", "Each point has a target."),
        ("TimeseriesGenerator(x, x, 10)", "No window has a target behind it."),
        ("TimeseriesGenerator(x, x, 2, batch_size=0)", "batch_size must be a whole number."),
    ],
)
def test_what_does_not_fit_is_refused_with_a_sentence(tmp_path, line, said):
    text = f"{MODEL}from keras.preprocessing.sequence import TimeseriesGenerator\n{line}\n"
    ran = run_text(tmp_path, text)
    assert ran.status == 1
    assert said in ran.err
