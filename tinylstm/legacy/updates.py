"""Optimisers whose updates were others in Keras 1 and 2: their arithmetic is in
``kernels/training/optimizers_of_keras2.py``."""

from .. import optimizers as engine
from ..kernels.training import optimizers_of_keras2 as kernels
from ..optimizers import Adagrad, HyperParameter, Nadam, RMSprop, checked_rate


class RMSpropOfKeras2(RMSprop):
    """RMSprop, whose epsilon stands beside the root."""

    kernel = kernels.rmsprop_keras2
    rests = True


class AdagradOfKeras2(Adagrad):
    """Adagrad, whose epsilon stands beside the root."""

    kernel = kernels.adagrad_keras2
    rests = True


class NadamOfKeras2(Nadam):
    """Nadam, whose momenta rise as slowly as ``schedule_decay`` says."""

    kernel = kernels.nadam_keras2
    advance = kernels.advance_nadam_keras2
    rests = True
    schedule_decay = HyperParameter("How fast the momenta rise: d of `slow_momentum_at`.")

    def __init__(self, *args, schedule_decay=0.004, **kwargs):
        super().__init__(*args, **kwargs)
        self.schedule_decay = schedule_decay


class BoundedTwice:
    """Mixed into an optimiser that bounds the norm of all gradients first, and then the elements.

    Parameters
    ----------
    elements : float
    """

    def __init__(self, *args, elements, **kwargs):
        super().__init__(*args, **kwargs)
        self.rule["clip_value"] = checked_rate("a bound on gradients", elements)


BOUNDED_TWICE = {
    kind: type(f"{kind.__name__}BoundedTwice", (BoundedTwice, kind), {"__module__": __name__})
    for kind in (
        *(engine.SGD, engine.Adam, engine.AdamW, engine.Lion, Nadam, RMSprop, Adagrad),
        *(RMSpropOfKeras2, AdagradOfKeras2, NadamOfKeras2),
    )
}
