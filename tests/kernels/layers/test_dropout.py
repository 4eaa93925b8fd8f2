"""Dropout masks: their statistics, and that they are a function of seed, step and layer alone."""

import numpy as np
import pytest

from tests.tolerances import NAIVE, SIGMAS, assert_close
from tinylstm import Dropout, Sequential, reference
from tinylstm.engine.study import Pass

pytestmark = pytest.mark.quick
uncompiled = pytest.mark.uncompiled
DTYPES = ["float64", "float32"]


class Dropped:
    """One pass through a dropout layer in training, and its mask."""

    def __init__(self, x, rate, dtype="float64", seed=5, step=0, index=0, training=True):
        self.model = Sequential([Dropout(rate, input_shape=x.shape[1:])], dtype=dtype)
        self.model.seed = seed
        self.model.need_built("a pass")
        x = x.astype(dtype)
        chain = self.model.network.chain
        self.made = made = Pass(self.model, chain, x, None, None, training, False)
        made.program.batch["step"] = step
        made.program.table["index"] = index
        made.forward()
        self.y = made.y()
        size = x.size
        place = made.program.places[self.model.layers[0], "mask"]
        self.mask = made.program.view(place, (size,)).copy()

    def dx(self, dy):
        self.made.set_dy(dy)
        self.made.backward()
        return self.made.dx()


@uncompiled
@pytest.mark.parametrize("dtype", DTYPES)
def test_output_and_gradient_use_one_mask_as_the_naive_twin_does(rng, dtype):
    x, dy = rng.normal(size=(5, 4, 3)), rng.normal(size=(5, 4, 3))
    dropped = Dropped(x, 0.4, dtype)
    kept = (dropped.y != 0).astype(float)
    assert 0 < kept.sum() < kept.size
    assert_close(dropped.y, reference.dropout_forward(x, kept, 0.4), NAIVE[dtype], "y")
    assert_close(dropped.dx(dy), reference.dropout_backward(dy, kept, 0.4), NAIVE[dtype], "dx")


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("rate", [0.05, 0.3, 0.5, 0.9])
def test_an_element_is_dropped_with_the_probability_rate_and_the_mean_stays(rate, dtype):
    mask = Dropped(np.ones((200, 300)), rate, dtype).mask
    dropped = mask == 0
    sigma = np.sqrt(rate * (1 - rate) / mask.size)
    assert abs(dropped.mean() - rate) <= SIGMAS * sigma
    np.testing.assert_array_equal(mask[~dropped], mask.dtype.type(1 / (1 - rate)))
    assert abs(mask.mean(dtype=np.float64) - 1) <= SIGMAS * sigma / (1 - rate)


def test_neighbours_rows_and_columns_are_independent():
    mask = Dropped(np.ones((200, 300)), 0.5).mask.reshape(200, 300) - 1  # -1 or 1
    for shift in (1, 2, 3, 16):
        for axis in (0, 1):
            together = (mask * np.roll(mask, shift, axis)).mean()
            assert abs(together) <= SIGMAS / np.sqrt(mask.size)
    assert np.abs(mask.mean(axis=0)).max() <= (SIGMAS + 1) / np.sqrt(200)
    assert np.abs(mask.mean(axis=1)).max() <= (SIGMAS + 1) / np.sqrt(300)


@uncompiled
def test_the_same_counter_gives_the_same_mask_and_any_other_an_independent_one():
    x = np.ones((10, 30))
    first = Dropped(x, 0.5, seed=5, step=7, index=2).mask
    np.testing.assert_array_equal(Dropped(x, 0.5, seed=5, step=7, index=2).mask, first)
    others = [
        *({"seed": 6, "step": 7, "index": 2}, {"seed": 5, "step": 8, "index": 2}),
        *({"seed": 5, "step": 7, "index": 3}, {"seed": 5, "step": 2, "index": 7}),
        *({"seed": 7, "step": 5, "index": 2}, {"seed": 5, "step": 6, "index": 3}),
    ]
    for counter in others:
        other = Dropped(x, 0.5, **counter).mask
        assert abs((other == first).mean() - 0.5) <= SIGMAS * 0.5 / np.sqrt(first.size), counter


def test_the_mask_does_not_depend_on_the_dtype():
    x = np.ones((40, 50))
    single, double = (Dropped(x, 0.3, dtype).mask != 0 for dtype in ("float32", "float64"))
    np.testing.assert_array_equal(single, double)


@uncompiled
def test_outside_training_and_at_rate_zero_nothing_changes(rng):
    x, dy = rng.normal(size=(4, 3)), rng.normal(size=(4, 3))
    for dropped in (Dropped(x, 0.5, training=False), Dropped(x, 0.0)):
        np.testing.assert_array_equal(dropped.y, x)
        np.testing.assert_array_equal(dropped.dx(dy), dy)


@uncompiled
def test_each_update_draws_a_new_mask_and_prediction_none(rng):
    model = Sequential([Dropout(0.5, input_shape=(30,))])
    x = np.ones((10, 30))
    model.compile(loss="mse")
    np.testing.assert_array_equal(model.predict(x), x)
    first = model.forward(x, training=True)
    np.testing.assert_array_equal(model.forward(x, training=True), first)
    model.train_on_batch(x, x)
    assert not np.array_equal(model.forward(x, training=True), first)


def test_a_rate_outside_0_to_1_is_refused():
    for rate in (1.0, -0.1, float("nan")):
        with pytest.raises(ValueError, match="0 <= rate < 1"):
            Dropout(rate)
