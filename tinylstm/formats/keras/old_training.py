"""What a model is compiled with in files of Keras 1 and 2: said as Keras 3 says it, and back.

Up to 2.10, and in the ``legacy`` classes since then, RMSprop, Adagrad and Nadam computed otherwise:
such a file gives the optimisers that old scripts have.
"""

from ...losses import Huber
from ...metrics import METRICS
from ...optimizers import SGD, Adam
from .old_configs import dialect_of
from .old_things import loss_today, metric_today, optimizer_today
from .optimizers import decay_of, optimizer_of, said_of_optimizer
from .settings import arguments, class_and_config
from .training import COMPILED, NO_LOSS, said_of_loss, said_of_metric

REGISTERED = "Custom>"  # in front of the classes of 2.11 and later
LAST_OLD = (2, 10, 0)
TODAY = frozenset({"loss_scale_factor", "gradient_accumulation_steps"})  # which Keras 2 has not
SINCE_2_11 = TODAY | {"weight_decay", "use_ema", "ema_momentum", "ema_overwrite_frequency"}


def compile_as(model, said, numbers):
    """Compile a model with what a file of a version says.

    Raises
    ------
    ValueError
        If something of it is not there; names it.
    """
    optimizer = optimizer_in(said.get("optimizer_config"), numbers)
    rest = NO_LOSS | {k: one for k, one in said.items() if k != "optimizer_config"}
    if rest.get("metrics") is not None:
        rest["metrics"] = metrics_said(rest["metrics"])
    known = {k: one for k, one in COMPILED.items() if k != "optimizer"}
    model.compile(optimizer, **arguments(rest, known, "What the model is compiled with"))


def is_new(said, numbers):
    """Whether an optimiser is of a class of 2.11 or later, and not of its ``legacy`` ones. A word
    is one of those: archives alone have it, which there are since 2.12."""
    if isinstance(said, str):
        return True
    _, config = class_and_config(said, "The optimizer")
    return numbers >= (3,) or config.get("is_legacy_optimizer") is False


def optimizer_in(said, numbers):
    """The optimiser of a file, by what the version that wrote it understood."""
    if isinstance(said, str):
        return optimizer_of(said, "The optimizer")
    name, config = class_and_config(said, "The optimizer")
    from ...legacy import optimizers
    from ...legacy.dialect import speaking

    if is_new(said, numbers):
        return optimizer_of(said | {"class_name": name.removeprefix(REGISTERED)}, "The optimizer")
    if name not in optimizers.TABLE:  # one of the user's own, or none of ours
        return optimizer_of(said, "The optimizer")
    if isinstance(config.get("learning_rate"), dict):
        config = config | decay_of(config["learning_rate"], f"The learning rate of {name}")
    with speaking(dialect_of(min(numbers, LAST_OLD))):
        if name == "Nadam" and "decay" in config:  # of its momenta, in tf.keras
            config = {k: v for k, v in config.items() if k != "decay"}
            config["schedule_decay"] = said["config"]["decay"]
        return optimizers.TABLE[name](**config).held


def metrics_said(said):
    """Metrics, in which a class around a function is the function: by its name in the logs, or its
    own."""
    if isinstance(said, list):
        return [metrics_said(one) for one in said]
    if isinstance(said, dict) and said.get("class_name") == "MeanMetricWrapper":
        _, config = class_and_config(said, "A metric")
        return config["name"] if config.get("name") in METRICS else config.get("fn")
    return said


def said_of_training(model):
    """What stands for what a model is compiled with, as Keras 2 has it."""
    loss = loss_today(model.loss)
    said, metrics = said_of_loss(loss), map(metric_today, model.chosen_metrics)
    return {
        "loss": without_modules(said) if type(loss) is Huber else loss.name,
        "metrics": [without_modules(said_of_metric(one)) for one in metrics],
        "weighted_metrics": None,
        "loss_weights": None,
        "optimizer_config": said_of_old_optimizer(model.optimizer),
    }


def said_of_old_optimizer(optimizer):
    """What stands for an optimiser: one of a class up to 2.10, which Keras 3 reads too, where that
    computes the same; else one of 2.11 and later."""
    plain = optimizer_today(optimizer)
    said = said_of_optimizer(plain)
    of_old = plain is not optimizer or (type(plain) in (SGD, Adam) and not plain.weight_decay)
    left = SINCE_2_11 if of_old else TODAY
    config = {k: v for k, v in said["config"].items() if k not in left and v is not None}
    config = {"name": said["class_name"]} | config
    if hasattr(optimizer, "schedule_decay"):
        config["decay"] = optimizer.schedule_decay
    if of_old:
        return {"class_name": said["class_name"], "config": config}
    registered = f"{REGISTERED}{said['class_name']}"
    return {"class_name": registered, "config": config | {"is_legacy_optimizer": False}}


def without_modules(said):
    """A description without what Keras 2 did not say: of which module something is."""
    if isinstance(said, dict):
        left = "module", "registered_name"
        return {k: without_modules(one) for k, one in said.items() if k not in left}
    return [without_modules(one) for one in said] if isinstance(said, list) else said
