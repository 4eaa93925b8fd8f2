"""Threads that are together in the layers of a batch give the bits of one thread."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

import tinylstm
from tests.kernels.threads.test_shared_batches import Case, counts, many
from tests.kernels.threads.test_shared_batches import cases as float64_cases
from tests.tolerances import bits
from tinylstm import GRU, LSTM, Dense, Masking, Sequential, SimpleRNN
from tinylstm.layers import layer as layers
from tinylstm.threads import how_many, sharing

TOGETHER = {
    (how_many, "WORTH"): 1,
    (layers, "WIDE"): 1,
    (sharing, "NEARLY_ALL"): 0,
    (sharing, "cores"): lambda: 8,
}
dtypes = st.sampled_from(["float64", "float32"])
cases = st.builds(lambda case, dtype: Case(*case.choices[:-1], dtype), float64_cases, dtypes)


@pytest.fixture(autouse=True)
def every_model_is_wide(monkeypatch):
    """Threads are together in every model; afterwards one is the default again."""
    for (module, name), value in TOGETHER.items():
        monkeypatch.setattr(module, name, value)
    yield
    tinylstm.set_num_threads(None)


def are_together(model, x, rows, learn=True):
    """Whether a test is about what it says."""
    batches = model.state.batches(len(x), rows)
    return sharing.share_batches(model.network, x.shape[1:], batches, learn).together


@pytest.mark.uncompiled
@many
@given(case=cases, count=counts)
def test_a_training_together_has_the_bits_of_one_thread(case, count):
    model, twin = case.trained(count), case.trained(1)
    tinylstm.set_num_threads(count)
    assert are_together(model, case.x, case.rows)
    assert bits(model.theta) == bits(twin.theta)
    assert bits(model.optimizer.moments) == bits(twin.optimizer.moments)
    assert bits(model.state.values) == bits(twin.state.values)
    assert model.history.history == twin.history.history


@pytest.mark.uncompiled
@many
@given(case=cases, count=counts)
def test_predictions_and_scores_together_have_the_bits_of_one_thread(case, count):
    model, found = case.model(), []
    for number in (count, 1):
        tinylstm.set_num_threads(number)
        model.reset_states()
        y = model.predict(case.x, case.rows)
        state = bits(model.state.values)
        scores = model.evaluate(case.x, case.y, case.rows, sample_weight=case.weight)
        found.append((bits(y), state, scores))
    assert found[0] == found[1]


LARGE = {  # sizes at which products go in blocks, with parts of columns for some threads or none
    "more threads than panels": (9, 4, 40, 3, 3),
    "U in blocks": (9, 3, 10, 130, 130),
    "W in blocks too": (17, 4, 130, 132, 131),
    "a last batch of one row": (4, 5, 3, 160, 140),
    "x W in groups, dW in blocks": (9, 60, 10, 130, 130),
}


@pytest.mark.parametrize("count", [2, 3, 8])
@pytest.mark.parametrize("masked", [False, True])
@pytest.mark.parametrize("name", LARGE)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_large_products_together_have_the_bits_of_one_thread(rng, dtype, name, masked, count):
    B = LARGE[name][0]
    assert_same_bits(rng, LARGE[name], count, samples=3 * B + 1, masked=masked, dtype=dtype)


@pytest.mark.parametrize("kinds", [(GRU, SimpleRNN), (SimpleRNN, GRU)])
@pytest.mark.parametrize("name", LARGE)
def test_the_other_cells_together_have_the_bits_of_one_thread(rng, name, kinds):
    B = LARGE[name][0]
    assert_same_bits(rng, LARGE[name], 2, samples=3 * B + 1, masked=True, kinds=kinds)


def assert_same_bits(
    rng,
    sizes,
    count,
    samples,
    masked=False,
    dtype="float64",
    optimizer="adam",
    kinds=(LSTM, LSTM),
):
    """A training of two layers has the same bits with so many threads and with one."""
    B, T, D, H, above = sizes
    x, y = rng.normal(size=(samples, T, D)), rng.normal(size=(samples, T, 2))
    x[rng.random(x.shape[:2]) < 0.2] = 0
    found = []
    for number in (count, 1):
        tinylstm.set_num_threads(number)
        tinylstm.set_random_seed(3)
        model = Sequential([Masking()] if masked else [], dtype=dtype)
        model.add(kinds[0](H, return_sequences=True))
        model.add(kinds[1](above, return_sequences=True, go_backwards=True))
        model.add(Dense(2))
        model.build((None, T, D))
        model.compile(optimizer, "mse")
        model.fit(x, y, B, verbose=0)
        found.append((bits(model.theta), bits(model.predict(x, B, verbose=0))))
        assert are_together(model, x, B) == (number > 1)
    assert found[0] == found[1]


@pytest.mark.parametrize("count", [2, 3, 4])
def test_updates_around_a_frozen_layer_have_the_bits_of_one_thread(rng, count):
    x, y, found = rng.normal(size=(8, 3, 2)), rng.normal(size=(8, 5)), []
    for number in (count, 1):
        tinylstm.set_num_threads(number)
        tinylstm.set_random_seed(3)
        lower, middle = LSTM(3, return_sequences=True), LSTM(9, trainable=False)
        model = Sequential([lower, middle, Dense(5)])  # two runs of 72 and 50 numbers
        model.build((None, 3, 2))
        model.compile("adam", "mse")
        model.fit(x, y, 4, epochs=20, verbose=0)
        found.append(bits(model.theta))
    assert found[0] == found[1]


def test_a_wide_model_is_shared_together_and_others_by_rows(monkeypatch):
    monkeypatch.undo()
    tinylstm.set_num_threads(2)
    shared = {}
    for units in (128, 512):
        model = Sequential([LSTM(units, return_sequences=True), Dense(4)])
        model.build((None, 10, 64))
        batches = model.state.batches(99, 33)
        shared[units] = sharing.share_batches(model.network, (10, 64), batches, True)
    assert shared[128] == (2, 17, 0, False)
    assert shared[512] == (2, 33, 1, True)
    assert [shared[units].workspaces for units in (128, 512)] == [2, 1]
    for last in (False, True):  # layers that one of them would do alone
        model.add(LSTM(1000, dropout=0.1, return_sequences=not last))
    model.build((None, 10, 64))
    batches = model.state.batches(99, 33)
    assert not sharing.share_batches(model.network, (10, 64), batches, True).together


def test_layers_with_kernels_of_their_own_do_not_inherit_that_threads_may_be_together():
    class Mine(LSTM):
        kernels = LSTM.kernels

    class Same(LSTM):
        pass

    assert [layer(8).each_column for layer in (Mine, Same, Dense)] == [False, True, True]
    assert not LSTM(8, dropout=0.1).each_column
    assert not GRU(8, reset_after=False).each_column  # a unit needs all others within a step
