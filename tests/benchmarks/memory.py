"""Training allocates nothing per batch: neither Python objects nor arrays in compiled code."""

import sys
import tracemalloc

import click
from numba.core.runtime import _nrt_python, rtsys

from tests.benchmarks.engines.tinylstm import train
from tests.benchmarks.workloads import WORKLOADS

EPOCHS = 1, 21
ARRAYS = 0.1  # a batch: a compiled call of some tens of milliseconds may allocate
BYTES = 8  # a batch: half of the smallest Python object


def allocations(run, epochs):
    """(arrays allocated by compiled code, most bytes of Python objects at a time) in a run."""
    before = rtsys.get_allocation_stats().alloc
    tracemalloc.start()
    run(epochs)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return rtsys.get_allocation_stats().alloc - before, peak


def per_batch(workload):
    """Arrays and bytes that each further batch costs.

    Between a run of few epochs and one of many; an epoch and the start of a fit may allocate.
    """
    run = train(workload)["fit"]
    run(2)
    few, many = (allocations(run, epochs) for epochs in EPOCHS)
    batches = (EPOCHS[1] - EPOCHS[0]) * workload.count
    return [(b - a) / batches for a, b in zip(few, many, strict=True)]


@click.command("memory")
def command():
    """Allocations a batch, which must be none; exits with 1 otherwise."""
    _nrt_python.memsys_enable_stats()
    failed = False
    click.echo(f"{'a batch':18}{'arrays':>10}{'bytes':>10}")
    for name in ("letters-5", "cosine", "cosine-stacked"):
        arrays, size = per_batch(WORKLOADS[name])
        failed |= arrays >= ARRAYS or size >= BYTES
        click.echo(f"{name:18}{arrays:10.4f}{size:10.3f}")
    sys.exit(failed)
