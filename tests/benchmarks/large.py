"""Models that are wide enough for matrix products to decide, and rows of them that grow.

Their data is drawn at random: nobody looks at what they learn, only that all engines start with the
same loss.  They are drawn when they are asked for.
"""

from functools import partial

import numpy as np

from tests.benchmarks.workloads import Workload

BATCHES = 2  # an epoch


def drawn(name, units, batch, steps, features, outputs=16, each_step=False):
    """A workload with normally distributed inputs and random classes."""
    rng = np.random.default_rng(5)
    N = BATCHES * batch
    X = rng.standard_normal((N, steps, features), np.float32)
    classes = rng.integers(0, outputs, (N, steps) if each_step else N)
    return Workload(name, units, X, np.eye(outputs, dtype=np.float32)[classes], batch)


LARGE = {
    name: partial(drawn, name, *model)
    for name, *model in (
        ("char-128", (128,), 32, 100, 64, 64, True),
        ("stacked-256", (256, 256), 32, 64, 256),
        ("wide-512", (512,), 64, 100, 512),
        ("wide-1024", (1024,), 32, 50, 256),
    )
}

STEPS = (10, 30, 100, 300, 1000)
ROWS = (1, 2, 4, 8, 16, 32, 64, 128, 256)
UNITS = (16, 32, 64, 128, 256, 512, 1024)


def growing():
    """{axis: {value: workload}}: LSTM(128), batch 32, 50 steps, 64 features, one of them varied."""
    return {
        "steps": {T: partial(drawn, f"steps-{T}", (128,), 32, T, 64) for T in STEPS},
        "batch": {B: partial(drawn, f"batch-{B}", (128,), B, 50, 64) for B in ROWS},
        "units": {H: partial(drawn, f"units-{H}", (H,), 32, 50, 64) for H in UNITS},
    }


GROWTH = {f"{axis}-{value}": make for axis, row in growing().items() for value, make in row.items()}
