"""Everything that is measured, by name, in parts that can be measured apart."""

from dataclasses import dataclass, field
from functools import partial

import numpy as np

from tests.benchmarks.large import GROWTH, LARGE
from tests.benchmarks.prediction.tasks import TASKS
from tests.benchmarks.workloads import WORKLOADS


@dataclass(frozen=True)
class MatrixProduct:
    """One large product of float32 matrices (n,n): what this machine can do.

    Parameters
    ----------
    n : int
    """

    n: int

    kind = "product"  # the function of an engine that takes it
    count = 1
    first = 1
    chaotic = False

    @property
    def title(self):
        """What it is, in words."""
        return f"({self.n}, {self.n}) @ ({self.n}, {self.n})"

    @property
    def gflop(self):
        """Floating-point operations, in thousand millions."""
        return 2e-9 * self.n**3

    def operands(self):
        """Two matrices, the same for all."""
        return np.random.default_rng(4).random((2, self.n, self.n), np.float32)


@dataclass(frozen=True)
class Part:
    """Jobs that are measured alike.

    Parameters
    ----------
    title : str
        Heading of its table.
    jobs : dict
        name -> what makes the job.
    engines : tuple of str
        Those that compete.
    rounds : int
        Measurements of each engine.
    seconds : float
        About how long each one lasts.
    """

    title: str
    jobs: dict = field(repr=False)
    engines: tuple
    rounds: int = 7
    seconds: float = 0.5


FRAMEWORKS = ("keras_jax", "keras_tensorflow", "pytorch")

PARTS = {
    "small": Part(
        "Training, small models",
        {name: partial(WORKLOADS.get, name) for name in WORKLOADS},
        ("tinylstm", "jax_program", "jax_flags", *FRAMEWORKS),
    ),
    "product": Part(
        "One large matrix product",
        {"product-2048": partial(MatrixProduct, 2048)},
        ("numpy_blas", "pytorch"),
        rounds=15,
    ),
    "large": Part(
        "Training, large models",
        LARGE,
        ("tinylstm", "tinylstm_one_thread", "jax_program", *FRAMEWORKS),
    ),
    "prediction": Part(
        "Prediction",
        {name: partial(TASKS.get, name) for name in TASKS},
        ("tinylstm", "onnxruntime", "jax_program", *FRAMEWORKS),
        seconds=0.25,
    ),
    "growth": Part(
        "Growth",
        GROWTH,
        ("tinylstm", "jax_program", "pytorch"),
        rounds=3,
        seconds=0.2,
    ),
}


def part_of(job):
    """Name of the part that a job belongs to."""
    return next(name for name, part in PARTS.items() if job in part.jobs)


def find(job):
    """The workload, task or product of that name."""
    return PARTS[part_of(job)].jobs[job]()
