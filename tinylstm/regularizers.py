"""Penalties on weights by name; the arithmetic is in ``kernels/training/regularizers.py``."""

from .optimizers import checked_rate
from .surface.arguments import find


class L1L2:
    """l1 sum |w| + l2 sum w^2, added to the loss.

    Parameters
    ----------
    l1, l2 : float, default=0
        Finite and not negative.

    Raises
    ------
    ValueError
        If they are not.

    Source: as ``keras.regularizers.L1L2``.
    """

    def __init__(self, l1=0.0, l2=0.0):
        self.l1, self.l2 = checked_rate("l1", l1), checked_rate("l2", l2)

    def __repr__(self):
        return f"L1L2(l1={self.l1}, l2={self.l2})"


def l1(l1=0.01):
    """The penalty l1 sum |w|."""
    return L1L2(l1=l1)


def l2(l2=0.01):
    """The penalty l2 sum w^2."""
    return L1L2(l2=l2)


def l1_l2(l1=0.01, l2=0.01):
    """The penalty l1 sum |w| + l2 sum w^2."""
    return L1L2(l1=l1, l2=l2)


L1, L2 = l1, l2
REGULARIZERS = {"l1": l1, "l2": l2, "l1_l2": l1_l2, "L1": L1, "L2": L2, "L1L2": L1L2}


def get(regularizer):
    """A penalty by name, the one that was given, or None."""
    if regularizer is None or isinstance(regularizer, L1L2):
        return regularizer
    return find(REGULARIZERS, regularizer, "regularizer")()
