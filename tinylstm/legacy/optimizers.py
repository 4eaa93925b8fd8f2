"""Optimisers with Keras' old arguments."""

from .. import optimizers as engine
from ..errors import arguments_of
from ..kernels.optimizers import rmsprop_keras2
from .dialect import spoken
from .missing import MissingFeature, missing
from .spellings import OPTIMIZERS, TF_POSITIONS

OTHERS = ("Adagrad", "Adadelta", "Adamax", "Nadam", "Ftrl", "Optimizer", "TFOptimizer")


class Rate(float):
    """A learning rate that can be written to, as Keras' variables could: see `backend.set_value`.

    Parameters
    ----------
    optimizer : Optimizer
        Whose rate it is.
    """

    def __new__(cls, optimizer):
        rate = super().__new__(cls, optimizer.learning_rate)
        rate.optimizer = optimizer
        return rate

    def set_value(self, value):
        """Change the optimiser's learning rate."""
        self.optimizer.learning_rate = float(value)

    assign = set_value

    def get_value(self):
        """The optimiser's learning rate now."""
        return self.optimizer.learning_rate

    numpy = read_value = get_value


class Spoken:
    """What an optimiser of this package is in an old script."""

    def __init__(self, *args, **kwargs):
        kind = type(self).__name__
        spelling = OPTIMIZERS[kind]
        if spoken().counts_steps:
            spelling = spelling._replace(positions=TF_POSITIONS[kind])
        known = set(arguments_of(type(self).__mro__[2])) - {"args"}
        given = spelling.translate(kind, args, kwargs, known)
        if not isinstance(given.get("learning_rate", 0.0), (int, float)):
            raise missing(f"{kind}(learning_rate=...) that is not a number")
        if "epsilon" in known and given.get("epsilon") is None:
            given["epsilon"] = spoken().epsilon
        super().__init__(**given)

    @property
    def lr(self):
        """The learning rate, which `backend.set_value` can change."""
        return Rate(self)

    @lr.setter
    def lr(self, value):
        self.learning_rate = float(value)

    def get_config(self):
        """The hyper-parameters by their names."""
        return {name: self.rule[name][0].item() for name in ("learning_rate", *self.settings)}


class SGD(Spoken, engine.SGD):
    """Keras' old SGD."""

    settings = ("momentum", "decay", "nesterov")


class Adam(Spoken, engine.Adam):
    """Keras' old Adam."""

    settings = ("beta_1", "beta_2", "decay", "epsilon")


class RMSprop(Spoken, engine.RMSprop):
    """Keras' old RMSprop: its epsilon stands beside the root, not under it."""

    settings = ("rho", "decay", "epsilon")
    kernel = staticmethod(rmsprop_keras2)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if self.rule["momentum"][0] or self.rule["centered"][0]:
            raise MissingFeature(
                "RMSprop with momentum or centered=True is not supported by tinylstm in old "
                "scripts.\nSupported: RMSprop(lr, rho, epsilon, decay)"
            )


TABLE = {"SGD": SGD, "Adam": Adam, "RMSprop": RMSprop}
NAMES = {name.lower(): kind for name, kind in TABLE.items()}


def get(optimizer):
    """An optimiser by name, or the one that was given.

    Raises
    ------
    MissingFeature
        If Keras has one of that name and this package does not.
    """
    if not isinstance(optimizer, str):
        return optimizer
    if optimizer.lower() in (other.lower() for other in OTHERS):
        raise missing(f"the optimizer {optimizer!r}", NAMES)
    kind = NAMES.get(optimizer.lower())
    return engine.get(optimizer) if kind is None else kind()
