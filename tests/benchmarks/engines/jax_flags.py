"""The best JAX program once more, under compiler flags that suit tiny models.

XLA's CPU compiler turns only loops over less than a kilobyte into one machine-code loop; around
the operations of others it keeps a scheduler, and that is where a tiny LSTM spends its time.
The threshold is an internal option: few would find it, and it may go with any release.
"""

import os

os.environ["XLA_FLAGS"] = (
    "--xla_backend_extra_options=xla_cpu_small_while_loop_byte_threshold=100000000 "
    "--xla_cpu_prefer_vector_width=512 "
    "--xla_cpu_enable_concurrency_optimized_scheduler=false "
    "--xla_cpu_multi_thread_eigen=false"
)

from tests.benchmarks.engines.jax_program import VERSION, train

__all__ = ["VERSION", "train"]
