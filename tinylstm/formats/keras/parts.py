"""What layers are made with: initialisers, penalties, constraints, activations, dtypes."""

from contextlib import contextmanager
from contextvars import ContextVar
from functools import partial

from ... import constraints, initializers, regularizers
from ...constraints import MaxNorm, MinMaxNorm, NonNeg, UnitNorm
from ...files.refusals import named
from ...initializers import (
    Constant,
    RandomNormal,
    RandomUniform,
    TruncatedNormal,
    VarianceScaling,
)
from ...layers.activation import ACTIVATIONS, ELEMENTWISE
from ...regularizers import L1L2
from ...surface.errors import kind_of, mismatch
from .settings import OWN_FORMAT, Argument, Class, Idle, config_of, only, said_of
from .things import is_of_keras, known_class, made_of, own_meaning

SEED = {"seed": Idle()}  # what was drawn with it is in the file
DRAWN = SEED | {"input_axes": only(None), "output_axes": only(None)}
INITIALIZERS = {
    "Zeros": Class(initializers.zeros),
    "Ones": Class(initializers.ones),
    "GlorotUniform": Class(initializers.glorot_uniform, DRAWN),
    "Orthogonal": Class(initializers.orthogonal, SEED | {"gain": only(1.0)}),
    "Constant": Class(Constant, {"value": Argument()}),
    "RandomNormal": Class(RandomNormal, SEED | {"mean": Argument(), "stddev": Argument()}),
    "TruncatedNormal": Class(TruncatedNormal, SEED | {"mean": Argument(), "stddev": Argument()}),
    "RandomUniform": Class(RandomUniform, SEED | {"minval": Argument(), "maxval": Argument()}),
    "VarianceScaling": Class(
        VarianceScaling,
        DRAWN | {"scale": Argument(), "mode": Argument(), "distribution": Argument()},
    ),
    "GlorotNormal": Class(partial(VarianceScaling, 1.0, "fan_avg"), DRAWN),
    "HeNormal": Class(partial(VarianceScaling, 2.0), DRAWN),
    "HeUniform": Class(partial(VarianceScaling, 2.0, distribution="uniform"), DRAWN),
    "LecunNormal": Class(partial(VarianceScaling, 1.0), DRAWN),
    "LecunUniform": Class(partial(VarianceScaling, 1.0, distribution="uniform"), DRAWN),
}
REGULARIZERS = {
    "L1L2": Class(L1L2, {"l1": Argument(), "l2": Argument()}),
    "L1": Class(partial(regularizers.l1), {"l1": Argument()}),
    "L2": Class(partial(regularizers.l2), {"l2": Argument()}),
}


def axis_of(axis, who):
    """Axes of ours as Keras has them: one is a number."""
    return axis[0] if axis is not None and len(axis) == 1 else axis and list(axis)


NORMED = {"axis": Argument(write=axis_of)}
CONSTRAINTS = {
    "MaxNorm": Class(MaxNorm, {"max_value": Argument()} | NORMED),
    "NonNeg": Class(NonNeg),
    "UnitNorm": Class(UnitNorm, NORMED),
    "MinMaxNorm": Class(
        MinMaxNorm,
        {"min_value": Argument(), "max_value": Argument(), "rate": Argument()} | NORMED,
    ),
}
TODAY = {"hard_sigmoid": "hard_sigmoid"}  # {name: ours} of activations that changed since Keras 2
BEFORE = {"hard_sigmoid": "hard_sigmoid_keras2"}  # 0.2 x + 0.5 in Keras 1 and 2
KEPT_IN = {"hard_sigmoid": ".keras", "hard_sigmoid_keras2": ".h5"}  # of those, files that have it
meaning_now = ContextVar("meaning", default=TODAY)
initializer_now = ContextVar("initializer", default=lambda thing: thing)
NAMES = [one for one in (*ACTIVATIONS, *ELEMENTWISE) if one not in BEFORE.values()]
FLOATS = "float32", "float64"


def part(classes, what, get):
    """A setting that is an initialiser, a penalty or a constraint, or None."""

    def read(said, who):
        if said is None or isinstance(said, str):
            return get(said)
        return get(made_of(said, classes, what, who))

    def write(thing, who):
        if thing is None:
            return None
        thing = initializer_now.get()(thing)
        for name, one in classes.items():
            if one.is_of(thing):
                config = config_of(partial(getattr, thing), one.settings, who)
                return said_of(name, f"keras.{what}s", config)
        raise mismatch(
            f"{who} is one that Keras has not.",
            f"one of {', '.join(classes)}; or {OWN_FORMAT}",
            kind_of(thing),
        )

    return Argument(read, write)


INITIALIZER = part(INITIALIZERS, "initializer", initializers.get)
REGULARIZER = part(REGULARIZERS, "regularizer", regularizers.get)
CONSTRAINT = part(CONSTRAINTS, "constraint", constraints.get)


@contextmanager
def as_before_keras3(initializer=lambda thing: thing):
    """A block in which activations are those of Keras 1 and 2.

    Parameters
    ----------
    initializer : callable, optional
        What is written in the place of an initialiser.
    """
    tokens = meaning_now.set(BEFORE), initializer_now.set(initializer)
    try:
        yield
    finally:
        meaning_now.reset(tokens[0])
        initializer_now.reset(tokens[1])


def read_activation(said, who):
    """An activation by its name, as a function of Keras, or one of the user's own."""
    is_function = isinstance(said, dict) and said.get("class_name") == "function"
    name = said.get("config") if is_function else said
    if not isinstance(name, str | None):
        raise mismatch(
            f"{who} is neither a name nor a function of Keras, and nothing of a file is run.",
            f"one of {', '.join(NAMES)}, or a layer behind this one",
            named(said),
        )
    own = own_meaning(said if is_function else {}, name)
    if own is None and is_function and not is_of_keras(said):
        known_class(said, name, {}, "activation", who)
    return meaning_now.get().get(name, name) if own is None else own


def write_activation(activation, who):
    """Its name, where Keras has it."""
    if activation is None:
        return "linear"
    names = {ours: name for name, ours in meaning_now.get().items()}
    if not isinstance(activation, str) or activation in KEPT_IN.keys() - names.keys():
        version = 3 if meaning_now.get() is TODAY else 2
        known = [one for one in NAMES if one not in KEPT_IN] + [*names]
        suffix = KEPT_IN.get(activation) if isinstance(activation, str) else None
        way = f"a path that ends in {suffix}, as its Keras has it; or " if suffix else ""
        raise mismatch(
            f"{who} is one that Keras {version} has not.",
            f"one of {', '.join(known)}; or {way}{OWN_FORMAT}",
            repr(activation),
        )
    return names.get(activation, activation)


ACTIVATION = Argument(read_activation, write_activation)


def dtype_of(said, who):
    """The name of a dtype from a name, or from what stands for a policy of one."""
    name = said
    if isinstance(said, dict) and said.get("class_name") in ("DTypePolicy", "Policy"):
        config = said.get("config")
        name = config.get("name") if isinstance(config, dict) else None
    if name is None or name in FLOATS:
        return name
    raise mismatch(f"{who} is one that tinylstm lacks.", " or ".join(FLOATS), named(said))
