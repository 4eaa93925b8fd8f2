"""The attack on cache folders, for a few tries."""

import pytest
from tinylstm.kernels.compiling import COMPILED

pytest.importorskip("fcntl", reason="forks processes")


@pytest.mark.skipif(not COMPILED, reason="is about compiled kernels")
def test_no_cache_folder_that_somebody_has_been_at_runs_code_or_stops_a_process():
    from tests.attacks import caches

    assert list(caches.attack(tries=12, seed=7)) == []
