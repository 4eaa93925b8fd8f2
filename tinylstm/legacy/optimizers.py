"""Optimisers with Keras' old arguments: each holds one of this package, made of them."""

from numbers import Real
from weakref import ref

from .. import optimizers as engine
from ..surface.callables import arguments_of
from .dialect import spoken
from .held import OLD_KINDS, Holder
from .missing import MissingFeature, missing
from .spellings import OPTIMIZERS, TF_POSITIONS
from .updates import BOUNDED_TWICE, AdagradOfKeras2, NadamOfKeras2, RMSpropOfKeras2

OTHERS = ("Adadelta", "Adamax", "Adafactor", "Ftrl", "Optimizer", "TFOptimizer")
BOUNDS = ("clipnorm", "clipvalue", "global_clipnorm")
BOUNDS_SINCE = {name: name for name in BOUNDS}
BOUNDS_BEFORE = {  # up to 2.3: what those of this package were called
    "global_clipnorm": "clipnorm",
    **dict.fromkeys(("clipvalue", "elements"), "clipvalue"),
}


class Rate(float):
    """A learning rate that can be written to, as Keras' variables could: see `backend.set_value`.

    Parameters
    ----------
    optimizer : OldOptimizer
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


class OldOptimizer(Holder):
    """An optimiser of an old script; each kind derives from it, and says which one it holds."""

    engine_kind = None  # the optimiser of this package
    settings = ()  # its hyper-parameters beside the learning rate
    further = ()  # arguments that this package's optimiser has not
    serves = None  # a reference to its model

    def __init__(self, *args, **kwargs):
        kind = self.engine_kind.__name__
        if type(self).get_updates is not OldOptimizer.get_updates:
            raise missing("get_updates of the script's own optimizer", NAMES)
        spelling = OPTIMIZERS[kind]
        if spoken().counts_steps:
            spelling = spelling._replace(positions=TF_POSITIONS[kind])
        known = {*arguments_of(self.engine_kind), *self.further}
        given = spelling.translate(kind, args, kwargs, known)
        if not isinstance(given.get("learning_rate", 0.0), (int, float)):
            raise missing(f"{kind}(learning_rate=...) that is not a number")
        if "epsilon" in known and given.get("epsilon") is None:
            given["epsilon"] = spoken().epsilon
        self.bounds = {name: given[name] for name in BOUNDS if given.get(name) is not None}
        self.held = self.made(given) if spoken().counts_steps else self.bounded_as_one(given)

    def made(self, given):
        """The optimiser of this package that these arguments make."""
        return self.engine_kind(**given)

    def bounded_as_one(self, given):
        """The same before 2.4: clipnorm bounded the norm of all gradients together, clipvalue then
        the elements; 0 was no bound.

        Source: ``keras/optimizers.py`` of 1.2.2 to 2.3.1, ``get_gradients``.
        """
        limits = [given.pop(name, None) for name in ("clipnorm", "clipvalue")]
        norm, elements = (None if is_no_bound(limit) else limit for limit in limits)
        if norm is not None:
            given["global_clipnorm"] = norm
        elif elements is not None:
            given["clipvalue"] = elements
        held = self.made(given)
        if norm is None or elements is None:
            return held
        return BOUNDED_TWICE[type(held)](**given, elements=elements)

    @classmethod
    def found_in(cls, held):
        names = BOUNDS_SINCE if spoken().counts_steps else BOUNDS_BEFORE
        values = held.get_config()
        return {"bounds": {old: values[name] for name, old in names.items() if values.get(name)}}

    def for_model(self, model):
        """Itself, or a copy where it serves another model: in Keras one could serve several."""
        one = self
        if self.serves is not None and self.serves() is not model:
            one = self.around(self.held.copy())
        one.serves = ref(model)
        return one

    def __getattr__(self, name):
        bare = name.removeprefix("initial_")
        return super().__getattr__(bare if bare in self.settings else name)

    def lacks(self, name):
        """What to raise of an attribute that is not there."""
        return AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")

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
        names = [name for name in self.settings if hasattr(self.held, name)]
        values = {name: getattr(self.held, name) for name in names}
        return {rate: self.learning_rate} | values | self.bounds

    @classmethod
    def from_config(cls, config):
        """A new optimiser with these hyper-parameters."""
        return cls(**config)


def is_no_bound(limit):
    """Whether a bound on gradients was none."""
    return isinstance(limit, Real) and limit <= 0


class SGD(OldOptimizer):
    """Keras' old SGD."""

    engine_kind = engine.SGD
    settings = ("momentum", "decay", "nesterov")


class Adam(OldOptimizer):
    """Keras' old Adam."""

    engine_kind = engine.Adam
    settings = ("beta_1", "beta_2", "decay", "epsilon")


class RMSprop(OldOptimizer):
    """Keras' old RMSprop: its epsilon stood beside the root, and from 2.11 on under it; from 2.4 on
    also with momentum, which TensorFlow adds in an operation of its own."""

    engine_kind = engine.RMSprop
    settings = ("rho", "decay", "epsilon")

    def made(self, given):
        held = engine.RMSprop(**given)
        at_once = spoken().counts_steps and held.momentum > 0
        if at_once or is_rewritten():
            return held
        if held.momentum or held.centered:
            raise MissingFeature(
                "RMSprop with momentum before 2.4, or with centered=True alone before 2.11, is not "
                "supported by tinylstm in old scripts.\nSupported: RMSprop(lr, rho, epsilon, decay)"
            )
        return RMSpropOfKeras2(**given)


class Adagrad(OldOptimizer):
    """Keras' old Adagrad: its epsilon stood beside the root up to 2.10; before 2.4 it began with
    zeros."""

    engine_kind = engine.Adagrad
    settings = ("decay", "epsilon")

    def made(self, given):
        if not spoken().counts_steps:
            given = {"learning_rate": 0.01, "initial_accumulator_value": 0.0} | given
        return (engine.Adagrad if is_rewritten() else AdagradOfKeras2)(**given)


class Nadam(OldOptimizer):
    """Keras' old Nadam: up to 2.10 its momenta rose 250 times as slowly."""

    engine_kind = engine.Nadam
    settings = ("beta_1", "beta_2", "epsilon", "schedule_decay")

    @property
    def further(self):
        """From 2.11 on nothing chooses how fast the momenta rise."""
        return () if is_rewritten() else ("schedule_decay",)

    def made(self, given):
        if not spoken().counts_steps:
            given = {"learning_rate": 0.002} | given
        return (engine.Nadam if is_rewritten() else NadamOfKeras2)(**given)


class AdamW(OldOptimizer):
    """The AdamW of tf.keras."""

    engine_kind = engine.AdamW
    settings = ("weight_decay", "beta_1", "beta_2", "epsilon")


class Lion(OldOptimizer):
    """The Lion of tf.keras."""

    engine_kind = engine.Lion
    settings = ("beta_1", "beta_2")


def is_rewritten():
    """Whether it is 2.11 or later, whose optimisers were written anew, and stayed in Keras 3."""
    return spoken().number >= (2, 11)


KINDS = SGD, Adam, AdamW, Nadam, RMSprop, Adagrad, Lion
TABLE = {kind.__name__: kind for kind in KINDS}
NAMES = {name.lower(): kind for name, kind in TABLE.items()}
OLD_KINDS.update((kind.engine_kind, kind) for kind in KINDS)


def get(optimizer):
    """An optimiser by name, or the one that was given.

    Raises
    ------
    MissingFeature
        If Keras has one of that name and this package does not.
    """
    if isinstance(optimizer, type) and issubclass(optimizer, OldOptimizer):
        return optimizer.engine_kind  # which is refused
    if not isinstance(optimizer, str):
        return optimizer
    if optimizer.lower() in (other.lower() for other in OTHERS):
        raise missing(f"the optimizer {optimizer!r}", NAMES)
    kind = NAMES.get(optimizer.lower())
    return engine.get(optimizer) if kind is None else kind()


def of_model(optimizer, model):
    """The optimiser of a model, from what `compile` is given."""
    made = get(optimizer)
    return made.for_model(model) if isinstance(made, OldOptimizer) else made
