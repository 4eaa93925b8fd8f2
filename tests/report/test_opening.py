"""Where a page opens: padding is seen at once, where there is some."""

import pytest

import tinylstm
from tests.models import randomize
from tinylstm import GRU, LSTM, Dense, Masking, RepeatVector, Sequential
from tinylstm.report import opening

from .conftest import settled, where
from .subjects import subject_of

N, T = 4, 5


def opened_at(model, x, **options):
    return opening.place(subject_of(model, x, **options))


def plain(*first):
    return Sequential([*first, LSTM(2), Dense(1)])


def samples(rng, padding):
    """The second sample is padded behind, the third one before; two of the last one's steps are in
    between."""
    x = rng.uniform(0.1, 1, (N, T, 2))
    x[1, 3:] = x[2, :2] = x[3, 1:3] = padding
    return x


@pytest.mark.parametrize("padding", [0.0, -1.0])
def test_a_page_opens_at_padding_that_is_masked(tmp_path, opened, rng, padding):
    """At its first step that is not."""
    x = samples(rng, padding)[[0, 2, 1]]
    model = Sequential([Masking(padding, input_shape=(T, 2)), LSTM(2), Dense(1)])
    tinylstm.report(randomize(model, rng), x, path=tmp_path / "report.html")
    tab = settled(opened(tmp_path / "report.html"))
    assert where(tab) == {"sample": 1, "time": 2, "unit": 0}
    assert "masked" not in tab.locator("#gates .numbers").inner_text()
    assert tab.locator("#input .here").count() == 0  # a curve
    assert tab.locator("#state .box.here .sample").first.text_content() == "1"


def test_zeros_that_nothing_masks_are_padding_at_an_end_of_a_sample(rng):
    x = samples(rng, 0.0)
    model = Sequential([LSTM(2, input_shape=(T, 2)), Dense(1)])
    assert opened_at(model, x) == {"sample": 1, "time": 0}
    assert opened_at(model, x[[0, 2]]) == {"sample": 1, "time": 0}
    assert opened_at(model, x[[0, 3]]) == {"sample": 0, "time": 0}  # in between it is silence
    assert opened_at(model, x, samples=[3, 2]) == {"sample": 1, "time": 0}


def test_without_padding_a_page_opens_at_its_first_sample(rng):
    x = rng.normal(size=(N, T, 2))
    x[2] = 0  # all of it is no padding
    x[3, 0] = 0  # one step may be a number
    for first in ([], [Masking(0.5)]):
        model = plain(*first)
        model.build((None, T, 2))
        assert opened_at(model, x) == {"sample": 0, "time": 0}


def test_a_layer_of_other_steps_than_the_input_has_its_own_masks(rng):
    model = Sequential([Dense(2, input_shape=(3,)), RepeatVector(T), GRU(2), Dense(1)])
    assert opened_at(model, rng.normal(size=(N, 3))) == {"sample": 0, "time": 0}
