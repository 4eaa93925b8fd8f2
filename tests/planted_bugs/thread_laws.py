"""Checks of threads: what several do together is what one does."""

import numpy as np
import pytest

from tests.kernels.threads import test_shared_batches as shared
from tests.kernels.threads import test_shared_rows as rows
from tests.kernels.threads import test_together as together
from tests.kernels.threads.test_shared_batches import Case
from tests.planted_bugs.checks import mirrors
from tinylstm import set_num_threads
from tinylstm.threads import how_many

LAWS = (
    shared.test_a_training_is_that_of_one_thread_but_for_the_order_of_sums,
    shared.test_predictions_have_the_bits_of_one_thread_and_scores_their_digits,
)


def assert_laws(*cases):
    """Both laws, with four threads."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(how_many, "WORTH", 1)
        for case in cases:
            for law in LAWS:
                law.hypothesis.inner_test(case, 4)
    set_num_threads(None)


@mirrors(*(f"kernels/threads/test_shared_batches.py::{law.__name__}" for law in LAWS))
def law_threads():
    assert_laws(Case("dropout", "norms clipped", rows=5), Case("masked", rows=4))


@mirrors(*(f"kernels/threads/test_shared_batches.py::{law.__name__}" for law in LAWS))
def law_threads_state():
    assert_laws(Case("penalties", "norm clipped", stateful=True, rows=4))


ROWS = rows.test_a_prediction_and_a_training_of_one_row_have_the_bits_of_one_thread


@mirrors(f"kernels/threads/test_shared_rows.py::{ROWS.__name__}")
def law_shared_rows():
    with pytest.MonkeyPatch.context() as patch:
        for (module, name), value in rows.EVERY_ROW.items():
            patch.setattr(module, name, value)
        kind = {"stack": "steps", "H": 20, "dtype": "float64", "seed": 0}
        ROWS.hypothesis.inner_test(kind, True, 3)
    set_num_threads(None)


TOGETHER = (
    together.test_a_training_together_has_the_bits_of_one_thread,
    together.test_predictions_and_scores_together_have_the_bits_of_one_thread,
)
LARGE = together.test_large_products_together_have_the_bits_of_one_thread


@mirrors(*(f"kernels/threads/test_together.py::{law.__name__}" for law in (*TOGETHER, LARGE)))
def law_together():
    with pytest.MonkeyPatch.context() as patch:
        for (module, name), value in together.TOGETHER.items():
            patch.setattr(module, name, value)
        for case in (Case("masked", rows=4), Case("repeated", rows=5, stateful=True)):
            for law in TOGETHER:
                law.hypothesis.inner_test(case, 3)
        sizes, rng = (6, 3, 3, 146, 3), np.random.default_rng(5)  # parts that end within a panel
        together.assert_same_bits(rng, sizes, 4, samples=6, optimizer="sgd")
    set_num_threads(None)
