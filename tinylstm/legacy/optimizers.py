"""Optimisers with Keras' old arguments."""

from numbers import Real
from weakref import ref

from .. import optimizers as engine
from ..kernels.training.optimizers import rmsprop, rmsprop_keras2
from ..surface.callables import arguments_of
from .dialect import spoken
from .missing import MissingFeature, missing
from .spellings import OPTIMIZERS, TF_POSITIONS

OTHERS = ("Adagrad", "Adadelta", "Adamax", "Nadam", "Ftrl", "Optimizer", "TFOptimizer")
BOUNDS = ("clipnorm", "clipvalue", "global_clipnorm")


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

    engine_kind = None  # the optimiser of this package that it is
    settings = ()  # its hyper-parameters beside the learning rate
    serves = None  # a reference to its model

    def __init__(self, *args, **kwargs):
        kind = self.engine_kind.__name__
        if type(self).get_updates is not Spoken.get_updates:
            raise missing("get_updates of the script's own optimizer", NAMES)
        spelling = OPTIMIZERS[kind]
        if spoken().counts_steps:
            spelling = spelling._replace(positions=TF_POSITIONS[kind])
        known = arguments_of(self.engine_kind)
        given = spelling.translate(kind, args, kwargs, known)
        if not isinstance(given.get("learning_rate", 0.0), (int, float)):
            raise missing(f"{kind}(learning_rate=...) that is not a number")
        if "epsilon" in known and given.get("epsilon") is None:
            given["epsilon"] = spoken().epsilon
        self.bounds = {name: given[name] for name in BOUNDS if given.get(name) is not None}
        super().__init__(**given if spoken().counts_steps else bounded_as_one(given))

    def for_model(self, model):
        """Itself, or a copy where it serves another model: in Keras one could serve several."""
        mine = self.serves is None or self.serves() is model
        one = self if mine else self.copy()
        one.serves = ref(model)
        return one

    @property
    def one_bound(self):
        """Whether a norm and the elements cannot be bounded both, as from 2.4 on."""
        return spoken().counts_steps

    def __getattr__(self, name):
        name = name.removeprefix("initial_")
        if name in self.settings:
            return self.rule[name][0].item()
        raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")

    @property
    def lr(self):
        """The learning rate, which `backend.set_value` can change."""
        return Rate(self)

    @lr.setter
    def lr(self, value):
        self.learning_rate = float(value)

    def get_updates(self, *args, **kwargs):
        """What a subclass of Keras' optimisers says; here the updates are a kernel's."""
        raise missing("get_updates")

    def get_config(self):
        """The hyper-parameters by their names."""
        rate = "lr" if spoken().number < (2, 3) else "learning_rate"
        values = {name: self.rule[name][0].item() for name in self.settings}
        return {rate: self.learning_rate} | values | self.bounds

    @classmethod
    def from_config(cls, config):
        """A new optimiser with these hyper-parameters."""
        return cls(**config)


def bounded_as_one(given):
    """Before 2.4 clipnorm bounded the norm of all gradients together; 0 was no bound.

    Source: ``keras/optimizers.py`` of 1.2.2 to 2.3.1, ``get_gradients``.
    """
    limits = {"global_clipnorm": given.pop("clipnorm", 0), "clipvalue": given.pop("clipvalue", 0)}
    none = [name for name, limit in limits.items() if isinstance(limit, Real) and limit <= 0]
    return given | {name: limit for name, limit in limits.items() if name not in none}


class SGD(Spoken, engine.SGD):
    """Keras' old SGD."""

    engine_kind = engine.SGD
    settings = ("momentum", "decay", "nesterov")


class Adam(Spoken, engine.Adam):
    """Keras' old Adam."""

    engine_kind = engine.Adam
    settings = ("beta_1", "beta_2", "decay", "epsilon")


class RMSprop(Spoken, engine.RMSprop):
    """Keras' old RMSprop: its epsilon stood beside the root, and from 2.11 on under it; from 2.4 on
    also with momentum, which TensorFlow adds in an operation of its own."""

    engine_kind = engine.RMSprop
    settings = ("rho", "decay", "epsilon")
    rests = True

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        further = self.rule["momentum"][0] or self.rule["centered"][0]
        if further and self.kernel is rmsprop_keras2:
            raise MissingFeature(
                "RMSprop with momentum before 2.4, or with centered=True alone before 2.11, is not "
                "supported by tinylstm in old scripts.\nSupported: RMSprop(lr, rho, epsilon, decay)"
            )

    @property
    def kernel(self):
        """The update of the version that is spoken."""
        at_once = spoken().counts_steps and self.rule["momentum"][0] > 0
        return rmsprop if at_once or spoken().number >= (2, 11) else rmsprop_keras2


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


def of_model(optimizer, model):
    """The optimiser of a model, from what `compile` is given."""
    made = get(optimizer)
    return made.for_model(model) if isinstance(made, Spoken) else made
