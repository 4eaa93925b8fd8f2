"""What a step of a model takes in memory, counted before any of it is reserved."""

from __future__ import annotations

from typing import NamedTuple

from ..shown.summary import memory as in_units
from ..surface.arguments import whole_number
from ..surface.errors import mismatch
from ..threads.sharing import share_batches
from .program import Program


class Memory(NamedTuple):
    """Bytes that a training step of a batch needs; before `compile`, a prediction."""

    parameters: int
    gradients: int  # one of each parameter for each thread
    moments: int  # of the optimiser: two of each parameter for Adam, one for SGD
    workspace: int  # of the batch: values, gradients and tables, for all threads

    @property
    def total(self) -> int:
        """All of it."""
        return sum(self)

    def __str__(self) -> str:
        lines = {**self._asdict(), "total": self.total}
        return "\n".join(f"{name:12}{in_units(size):>12}" for name, size in lines.items())


def memory_of(model, batch_size, steps):
    """See `Sequential.memory`."""
    model.need_built("memory")
    size = model.state.default_batch_size() if batch_size is None else batch_size
    size = whole_number(size, "batch_size")
    shape = sample_shape(model, steps)
    batches = model.state.batches(size, size, goes_on=False)
    learns = model.optimizer is not None
    network = model.network
    sharing = share_batches(network, shape, batches, learns, bool(model.recorders))
    steps = shape[0] if len(shape) == 2 else 1
    place = network, network.chain, steps, sharing.rows, batches.chain
    options = {"others": sharing.others, "together": sharing.together}
    program = Program(*place, **options, reserve=False)
    return Memory(
        model.theta.nbytes,
        network.gradient_size(sharing.workspaces if learns else 1) * model.dtype.itemsize,
        model.optimizer.moments.nbytes if learns else 0,
        program.bytes(sharing.workspaces),
    )


def sample_shape(model, steps):
    """Shape of a sample of so many steps, or of as many as the model names."""
    shape = model.network.chain[0].sample_shape
    if len(shape) == 1:
        return shape
    if steps is None and shape[0] is None:
        raise mismatch("Samples of this model have any number of steps.", "steps=...", "None")
    return (shape[0] if steps is None else whole_number(steps, "steps"), shape[1])
