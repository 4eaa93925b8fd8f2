"""Maps of influence: the numbers of `inside.influence`, named by the caller's letters."""

import numpy as np
import pytest

from tests.snapshots import refused
from tinylstm import GRU, LSTM, Bidirectional, Dense, Masking, Sequential, inside, plotting

from .recorded import D, H, N, T
from .seen import assert_readable


def model_of(kind=LSTM, **options):
    model = Sequential([kind(H, **options), Dense(2)])
    model.build((None, T, D))
    return model


def legend_of(figure):
    return [text.get_text() for text in figure.axes[0].get_legend().texts]


def test_the_map_and_a_row_are_the_numbers(data):
    model = model_of(return_sequences=True)
    figure = plotting.influence(model, data[0][:2], labels="ABC", output=4)
    found = inside.influence(model, data[0][:2]).reshape(2 * T, 2 * T)
    panel, row = figure.axes[:2]
    (image,) = panel.images
    np.testing.assert_array_equal(image.get_array(), found)
    assert image.get_clim() == (0, found.max())
    np.testing.assert_array_equal([bar.get_height() for bar in row.patches], found[4])
    for axis in (panel.xaxis, panel.yaxis, row.xaxis):
        assert [label.get_text() for label in axis.get_ticklabels()] == [*"ABCABC"]
    assert row.get_title().startswith("output B:")
    assert_readable(figure)


@pytest.mark.parametrize("labels", [None, "ABC", np.array([0.5, 1, 1.5])])
def test_one_output_is_a_row_alone(data, labels):
    figure = plotting.influence(model_of(GRU), data[0][:1], labels)
    (row,) = figure.axes
    assert len(row.patches) == T
    assert row.get_title().startswith("the output:")
    assert_readable(figure)


def test_samples_of_one_step_have_a_letter_each(rng):
    model = Sequential([LSTM(H, state_mode="batch_carried", input_shape=(1, D))])
    figure = plotting.influence(model, rng.normal(size=(N, 1, D)), labels="ABCDEF")
    (image,) = figure.axes[0].images
    np.testing.assert_array_equal(~image.get_array().mask, np.tri(N, dtype=bool))
    assert legend_of(figure) == ["the row below", "no influence at all"]
    assert_readable(figure)
    assert [label.get_text() for label in figure.axes[0].get_yticklabels()] == [*"ABCDEF"]


@pytest.mark.parametrize("options", [{}, {"go_backwards": True}])
def test_grey_is_what_moves_nothing(data, options):
    x = data[0][:2].copy()
    x[1, 1] = 7
    model = Sequential([Masking(7.0), LSTM(H, return_sequences=True, **options), Dense(2)])
    model.build((None, T, D))
    panel = plotting.influence(model, x).axes[0]
    grey = panel.images[0].get_array().mask
    found = inside.influence(model, x).reshape(2 * T, 2 * T)
    np.testing.assert_array_equal(grey, found == 0)
    assert grey[:T, T:].all()  # another sample
    assert grey[:, T + 1].all()  # the masked step
    assert not grey.all(axis=1).any()


def test_without_grey_the_legend_is_silent_about_it(data):
    model = model_of()
    figure = plotting.influence(model, data[0][:1])
    assert figure.axes[0].get_legend() is None
    model = Sequential([Bidirectional(LSTM(H, return_sequences=True)), Dense(2)])
    model.build((None, T, D))
    figure = plotting.influence(model, data[0][:1])
    assert legend_of(figure) == ["the row below"]
    (line,) = figure.axes[0].lines
    assert set(line.get_ydata()) == {T - 1}


def test_what_does_not_fit_is_refused(data):
    with refused(ValueError, "output must be a whole number"):
        plotting.influence(model_of(), data[0], output=N)
    with refused(ValueError, "labels name the steps"):
        plotting.influence(model_of(), data[0], labels="ABCD")
    with refused(TypeError, "not a model"):
        plotting.influence(None, data[0])
