"""tinylstm on one thread, for the speed-up from one to two."""

import os

os.environ["NUMBA_NUM_THREADS"] = os.environ["OMP_NUM_THREADS"] = "1"

from tests.benchmarks.engines.tinylstm import VERSION, train

__all__ = ["VERSION", "train"]
