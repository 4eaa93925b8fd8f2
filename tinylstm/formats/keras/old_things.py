"""What old scripts alone are made of, as what Keras 2 says in its place.

A loss of old scripts cuts the ends of probabilities off; an accuracy rounds; weights of a layer are
drawn gate by gate. Keras said none of this: each version did so under the same name.
"""

from ... import initializers
from ...losses import LOSSES
from ...metrics import METRICS


def loss_today(loss):
    """The loss of the same name."""
    from ...legacy.values import OfOutputs

    return LOSSES[loss.name] if isinstance(loss, OfOutputs) else loss


def metric_today(metric):
    """The metric that it is, by whatever name."""
    from ...legacy.values import Renamed, Rounded

    if isinstance(metric, Rounded):
        metric = metric.metric
    if isinstance(metric, Renamed):
        return next(one for one in METRICS.values() if one.kernel is metric.kernel)
    return metric


def optimizer_today(optimizer):
    """The optimiser of its name that Keras 3 has; any other itself."""
    from ...legacy import updates

    for kind in (updates.RMSpropOfKeras2, updates.AdagradOfKeras2, updates.NadamOfKeras2):
        if type(optimizer) is kind:
            config = optimizer.get_config()
            return kind.__base__(**{k: v for k, v in config.items() if k != "schedule_decay"})
    return optimizer


def initializer_today(initializer):
    """The initialiser that draws, or drew, for a whole layer."""
    from ...legacy.drawn import GateByGate, Orthogonal, Seeded

    while isinstance(initializer, GateByGate | Seeded):
        initializer = initializer.initializer
    return initializers.orthogonal if isinstance(initializer, Orthogonal) else initializer
