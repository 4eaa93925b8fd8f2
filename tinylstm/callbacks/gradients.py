"""How long the gradients of an epoch were, as a callback is told."""

from typing import NamedTuple

WHOLE = "all"  # stands for all tensors together: no name of a tensor is without its layer's


class GradientNorms(NamedTuple):
    """Norms of the gradients of an epoch's batches: roots of sums of squares.

    Each is of the gradient of a batch's loss, with the penalties on weights, as the update was to
    take it: before it was clipped. By name, ``"lstm/kernel"``, of each tensor that is trained, and
    as ``"all"`` of all of them together.
    """

    batches: int
    """How many were measured; one whose loss is not finite has no update, and is none of them."""
    clipped: int
    """In how many of them clipping changed the gradient; 0 where the optimiser has no bound."""
    mean: dict[str, float]
    """Over the batches."""
    largest: dict[str, float]
    """Of them."""
