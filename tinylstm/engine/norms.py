"""Norms of gradients: what the compiled loop adds up in an epoch, and what that amounts to."""

from ..callbacks.gradients import WHOLE, GradientNorms
from ..kernels.training.optimizers import CLIPPED, MEASURED, NORMS


def columns_of(parameters):
    """Columns that the sums of an epoch have."""
    return NORMS + 2 * (1 + len(parameters.offsets))


def norms_of(parameters, sums):
    """What the sums of an epoch amount to."""
    names = [WHOLE, *parameters.trained_names()]
    batches = int(sums[MEASURED])
    added, largest = sums[NORMS:][: 2 * len(names)].reshape(-1, 2).T
    return GradientNorms(
        batches,
        int(sums[CLIPPED]),
        dict(zip(names, (added / max(batches, 1)).tolist(), strict=True)),
        dict(zip(names, largest.tolist(), strict=True)),
    )
