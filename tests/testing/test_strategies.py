"""What `tinylstm.testing` gives tests: strategies and fixtures."""

import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.models import few
from tinylstm import LSTM, Dense, get_num_threads, gradient_check
from tinylstm.testing.strategies import masks, samples, sizes, trials

pytestmark = pytest.mark.uncompiled
many = settings(deadline=None, derandomize=True, database=None)


@given(size=sizes(B=1, T=3, D=1, H=2))
@many
def test_sizes_differ_and_are_large_enough(size):
    assert list(size) == ["B", "T", "D", "H"]
    assert len({*size.values()}) == 4
    assert size["T"] >= 3
    assert size["H"] >= 2
    assert max(size.values()) <= 5


@given(data=st.data(), size=sizes(B=1, T=2))
@many
def test_in_a_mask_one_row_is_masked_throughout(data, size):
    mask = data.draw(masks(size["B"], size["T"]))
    assert mask.shape == (size["B"], size["T"])
    assert (~mask).all(axis=1).any()


@given(data=st.data(), size=sizes(B=1, T=2, D=1, H=1))
@few
def test_a_trial_is_ready_to_be_checked_and_starts_from_a_state(data, size):
    B, T, D, H = size.values()
    layers = [LSTM(H, stateful=True), Dense(2, "softmax")]
    model, x, y = data.draw(trials(layers, B, (T, D), "categorical_crossentropy"))
    assert all(a.all() for a in [*model.get_weights(), *model.get_states()["lstm"]])
    assert layers[0].model is None
    assert gradient_check(model, x, y, quick=True).ok
    assert data.draw(samples(B, T, dtype="float32")).dtype == np.float32


def test_threads_share_small_batches_in_a_block(threads):
    before = get_num_threads()
    with threads(3):
        assert get_num_threads() == 3
    assert get_num_threads() == before


def test_neither_pytest_nor_hypothesis_is_imported_unasked():
    script = (
        "import sys, tinylstm.testing\n"
        "tinylstm.testing.check_layer\n"
        "print(*{'pytest', 'hypothesis'} & {*sys.modules})"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == ""


def test_tinylstm_imports_no_battery():
    script = "import sys, tinylstm; print(*[m for m in sys.modules if 'batteries' in m])"
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == ""
