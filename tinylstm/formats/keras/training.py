"""What a model is compiled with, as Keras describes it: losses and metrics, and `optimizers`."""

from ...files.refusals import named
from ...losses import LOSSES, Huber
from ...metrics import METRICS, Metric
from ...metrics.accuracies import (
    Accuracy,
    SparseTopKCategoricalAccuracy,
    TopKCategoricalAccuracy,
)
from ...metrics.auc import AUC
from ...surface.errors import mismatch, warn
from .optimizers import not_of_keras, optimizer_of, said_of_optimizer
from .settings import (
    Argument,
    Class,
    Idle,
    about,
    arguments,
    class_and_config,
    config_of,
    only,
    said_of,
)
from .things import made_of, own_meaning

MEAN = {"name": Idle(), "reduction": only("sum_over_batch_size", "auto")}
MEAN |= {"fn": Idle()}  # of Keras 2: what its class says already
OF_SHARES = {"from_logits": only(False), "label_smoothing": only(0.0), "axis": only(-1)}
OF_CLASSES = {"from_logits": only(False), "ignore_class": only(None)}
LOSSES_OF_KERAS = {
    "MeanSquaredError": Class(LOSSES["mean_squared_error"], MEAN),
    "MeanAbsoluteError": Class(LOSSES["mean_absolute_error"], MEAN),
    "MeanAbsolutePercentageError": Class(LOSSES["mean_absolute_percentage_error"], MEAN),
    "Hinge": Class(LOSSES["hinge"], MEAN),
    "KLDivergence": Class(LOSSES["kl_divergence"], MEAN),
    "BinaryCrossentropy": Class(LOSSES["binary_crossentropy"], MEAN | OF_SHARES),
    "CategoricalCrossentropy": Class(LOSSES["categorical_crossentropy"], MEAN | OF_SHARES),
    "SparseCategoricalCrossentropy": Class(
        LOSSES["sparse_categorical_crossentropy"], MEAN | OF_CLASSES
    ),
    "Huber": Class(Huber, MEAN | {"delta": Argument()}),
}
NAMED = {"name": Idle(), "dtype": Idle()}
ONE_OUTPUT = {"multi_label": only(False), "num_labels": only(None), "label_weights": only(None)}
METRICS_OF_KERAS = {
    "MeanSquaredError": Class(METRICS["mean_squared_error"], NAMED),
    "MeanAbsoluteError": Class(METRICS["mean_absolute_error"], NAMED),
    "BinaryAccuracy": Class(METRICS["binary_accuracy"], NAMED | {"threshold": only(0.5)}),
    "CategoricalAccuracy": Class(METRICS["categorical_accuracy"], NAMED),
    "SparseCategoricalAccuracy": Class(METRICS["sparse_categorical_accuracy"], NAMED),
    "TopKCategoricalAccuracy": Class(TopKCategoricalAccuracy, NAMED | {"k": Argument()}),
    "SparseTopKCategoricalAccuracy": Class(
        SparseTopKCategoricalAccuracy, NAMED | {"k": Argument()}
    ),
    "AUC": Class(
        AUC,
        {"num_thresholds": Argument(), "curve": Argument(), "summation_method": Argument()}
        | {"thresholds": Argument(), "from_logits": only(False)}
        | ONE_OUTPUT
        | NAMED,
    ),
}


def loss_of(said, who):
    """The loss that one of Keras' stands for."""
    said = alone(said, "loss")
    if said is None:
        raise mismatch("The model of the file has no loss.", "a loss", "loss=None")
    is_huber = isinstance(said, dict) and said.get("class_name") == "Huber"
    if is_huber and "delta" not in (said.get("config") or {}):
        warn("The file does not say the delta of its Huber loss: it is 1, as Keras takes it.")
    return of_word_or_class(said, LOSSES_OF_KERAS, LOSSES, "loss")


def said_of_loss(loss):
    """What stands for a loss, as Keras has it."""
    for name, one in LOSSES_OF_KERAS.items():
        if one.is_of(loss):
            config = config_of(lambda _: float(loss.option[0]), one.settings, loss.name)
            return said_of(name, "keras.losses", config)
    raise not_of_keras("loss", loss, LOSSES_OF_KERAS)


def metrics_of(said, who):
    """The metrics that Keras' stand for."""
    if said is None:
        return []
    said = alone(said, "metrics") if isinstance(said, dict) else said
    said = said if isinstance(said, list) else [said]
    if len(said) == 1 and isinstance(said[0], list):  # the metrics of each output
        said = said[0]
    return [metric_of(one) for one in said]


def metric_of(said):
    """The metric that one of Keras' stands for, under its name there."""
    metric = of_word_or_class(said, METRICS_OF_KERAS, METRICS, "metric")
    config = said.get("config") if isinstance(said, dict) else None
    name = config.get("name") if isinstance(config, dict) else None
    if not isinstance(metric, Metric) or name in (None, metric.name):
        return metric
    known = METRICS.get(name)
    return known if known is not None and known.kernel is metric.kernel else metric.named(name)


def said_of_metric(metric):
    """What stands for a metric, as Keras has it."""
    if isinstance(metric, Accuracy) and METRICS.get(metric.name) is not None:
        return metric.name
    for name, one in METRICS_OF_KERAS.items():
        kernel = one.ours.kernel if type(one.ours) is type(metric) is Metric else None
        if one.is_of(metric) or (kernel is not None and kernel is metric.kernel):
            values = metric.get_config()
            config = config_of(values.get, one.settings, f"The metric {metric.name}")
            return said_of(name, "keras.metrics", config | {"name": metric.name})
    raise not_of_keras("metric", metric, METRICS_OF_KERAS)


def of_word_or_class(said, classes, words, what):
    """The loss or metric of a word, of a function of Keras or of a class."""
    is_function = isinstance(said, dict) and said.get("class_name") == "function"
    word = said.get("config") if is_function else said
    if not isinstance(word, str):
        name, _ = class_and_config(said, f"The {what}")
        with about(f"The {what} {name}"):
            return made_of(said, classes, what, f"The {what} {name}")
    own = own_meaning(said if is_function else {}, word)
    if own is not None:
        return own
    for one in (word, word.lower()):
        if one in words:
            return words[one]
    module = said.get("module") if is_function else "keras"
    said = {"class_name": word, "module": module}
    return made_of(said, classes, what, f"The {what} {named(word)}")


def alone(said, what):
    """What is said of the one output, which may have a list or a dict of its own."""
    if isinstance(said, dict) and "class_name" not in said:
        said = list(said.values())
    if isinstance(said, list):
        if len(said) != 1:
            sentence = f"A model has one output, and one {what}."
            raise mismatch(sentence, f"one {what}", named(said))
        return said[0]
    return said


NO_LOSS = {"loss": None}  # where a file does not say it
COMPILED = {
    "optimizer": Argument(optimizer_of),
    "loss": Argument(loss_of),
    "metrics": Argument(metrics_of),
    "loss_weights": only(None, [], [1.0]),
    "weighted_metrics": only(None, []),
    "sample_weight_mode": only(None),
    "run_eagerly": Idle(),
    "steps_per_execution": Idle(),
    "jit_compile": Idle(),
    "auto_scale_loss": Idle(),
}


def compile_as(model, said, optimizer=optimizer_of):
    """Compile a model with what Keras' description of that says.

    Parameters
    ----------
    optimizer : callable
        What makes ours of what is said of the optimiser: see `optimizer_of`.

    Raises
    ------
    ValueError
        If something of it is not there; names it.
    """
    known = COMPILED | {"optimizer": Argument(optimizer)}
    model.compile(**arguments(NO_LOSS | said, known, "What the model is compiled with"))


def said_of_compiled(model):
    """What a model is compiled with, as Keras describes it."""
    given = {
        "optimizer": said_of_optimizer(model.optimizer),
        "loss": said_of_loss(model.loss),
        "metrics": [said_of_metric(one) for one in model.chosen_metrics] or None,
    }
    idle = {k: v for k, v in COMPILED.items() if k not in given}
    return given | config_of(given.get, idle, "What the model is compiled with")
