"""The optimisers that both Keras and tinylstm have, with every setting of each."""

from ... import optimizers
from ...files.refusals import named
from ...optimizers import SGD, Adagrad, Adam, AdamW, Lion, Nadam, RMSprop
from ...surface.errors import mismatch
from .settings import (
    OWN_FORMAT,
    Argument,
    Class,
    Former,
    Idle,
    about,
    arguments,
    class_and_config,
    config_of,
    only,
    said_of,
)
from .things import made_of

OF_EVERY_OPTIMIZER = {
    "name": Idle(),
    "learning_rate": Argument(),
    "decay": Former("decay"),
    "weight_decay": Argument(write=lambda rate, who: rate or None),
    "clipnorm": Argument(),
    "global_clipnorm": Argument(),
    "clipvalue": Argument(),
    "use_ema": only(False),
    "ema_momentum": Idle(),  # of those
    "ema_overwrite_frequency": Idle(),
    "loss_scale_factor": only(None),
    "gradient_accumulation_steps": only(None),
    "jit_compile": Idle(),
    "is_legacy_optimizer": Idle(),
}
OF_ADAM = {"beta_1": Argument(), "beta_2": Argument(), "epsilon": Argument()}
MOMENTUM = {"momentum": Argument()}
CHOICE = Argument(write=lambda value, who: bool(value))
OPTIMIZERS = {
    "Adam": Class(Adam, OF_ADAM | {"amsgrad": only(False)}),
    "AdamW": Class(AdamW, OF_ADAM | {"amsgrad": only(False), "weight_decay": Argument()}),
    "Nadam": Class(Nadam, OF_ADAM),
    "SGD": Class(SGD, MOMENTUM | {"nesterov": CHOICE}),
    "RMSprop": Class(
        RMSprop,
        MOMENTUM | {"rho": Argument(), "epsilon": Argument(), "centered": CHOICE},
    ),
    "Adagrad": Class(Adagrad, {"initial_accumulator_value": Argument(), "epsilon": Argument()}),
    "Lion": Class(Lion, {"beta_1": Argument(), "beta_2": Argument()}),
}
DECAY = "InverseTimeDecay"  # the schedule that our `decay` is
OF_DECAY = {
    "initial_learning_rate": Argument(),
    "decay_rate": Argument(),
    "decay_steps": Argument(),
    "staircase": only(False),
    "name": Idle(),
}


def optimizer_of(said, who):
    """The optimiser that one of Keras' stands for, before its first update."""
    if isinstance(said, str):
        return optimizers.get(said)
    name, config = class_and_config(said, who)
    who = f"The optimizer {name}"
    rate = config.get("learning_rate")
    if isinstance(rate, dict):
        config = config | decay_of(rate, f"The learning rate of {name}")
    known = {k: Class(one.ours, OF_EVERY_OPTIMIZER | one.settings) for k, one in OPTIMIZERS.items()}
    with about(who):
        return made_of(said | {"config": config}, known, "optimizer", who)


def decay_of(said, who):
    """The learning rate and the decay that a schedule of Keras stands for."""
    name, config = class_and_config(said, who)
    if name != DECAY:
        expected = f"a number, or {DECAY}; any other in fit, by LearningRateScheduler"
        raise mismatch(f"{who} is a schedule that tinylstm lacks.", expected, named(name))
    found = arguments(config, OF_DECAY, who)
    share = found["decay_rate"] / found["decay_steps"]
    return {"learning_rate": found["initial_learning_rate"], "decay": share}


def said_of_optimizer(optimizer):
    """What stands for an optimiser, as Keras has it."""
    for name, one in OPTIMIZERS.items():
        if one.is_of(optimizer):
            settings = OF_EVERY_OPTIMIZER | one.settings
            config = config_of(lambda k: getattr(optimizer, k), settings, f"The optimizer {name}")
            if optimizer.decay:
                given = {"initial_learning_rate": optimizer.learning_rate}
                given |= {"decay_rate": optimizer.decay, "decay_steps": 1}
                schedule = config_of(given.get, OF_DECAY, "The learning rate")
                config["learning_rate"] = said_of(DECAY, "keras.optimizers.schedules", schedule)
            return said_of(name, "keras.optimizers", config)
    raise not_of_keras("optimizer", optimizer, OPTIMIZERS)


def not_of_keras(what, thing, classes):
    """What to raise of one that Keras has not."""
    expected = f"one of {', '.join(classes)}; or {OWN_FORMAT}"
    return mismatch(f"This {what} is one that Keras has not.", expected, repr(thing))
