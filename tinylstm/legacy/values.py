"""Activations, losses and metrics by their old names."""

from ..kernels.training.losses import binary_accuracy, rounded_accuracy
from ..losses import LOSSES, Loss
from ..losses import get as get_loss
from ..metrics import METRICS, Accuracy, Metric
from ..metrics import get as get_metric
from .dialect import spoken
from .missing import MissingFeature, missing

OLD_ACTIVATIONS = {"hard_sigmoid": "hard_sigmoid_keras2"}  # 0.2 x + 0.5 in Keras 1 and 2
ACTIVATIONS = (
    *("linear", "tanh", "sigmoid", "relu", "softmax", "hard_sigmoid", "hard_sigmoid_keras2"),
    *("elu", "gelu"),
)
OTHER_ACTIVATIONS = ("selu", "softplus", "softsign", "exponential", "swish")
OTHER_LOSSES = (
    *("mean_squared_logarithmic_error", "msle", "squared_hinge", "categorical_hinge", "logcosh"),
    *("log_cosh", "poisson", "cosine_proximity", "cosine", "cosine_similarity"),
)
OTHER_METRICS = (
    *OTHER_LOSSES,
    *("mean_absolute_percentage_error", "mape", "hinge", "huber", "huber_loss", "kld"),
    *("kullback_leibler_divergence", "kl_divergence"),
)
OLD_LOSSES = {"kullback_leibler_divergence": "kl_divergence", "huber_loss": "huber"}
LONG_NAMES = {"mse": "mean_squared_error", "mae": "mean_absolute_error"}
SAME = LONG_NAMES | {"accuracy": "acc"}  # as metrics


class Name(str):
    """A function or class of Keras that stands for its name: ``losses.mean_squared_error``."""

    own_name = None  # of a metric object, in the logs

    def __call__(self, *args, **kwargs):
        raise MissingFeature(f"{self} is known to tinylstm by its name; it cannot be called.")


def named(value, known, others, what):
    """The name here of what a script gives; refuses what Keras knew and we do not."""
    if not isinstance(value, str):
        made = getattr(value, "__name__", type(value).__name__)
        raise missing(f"{what} {made!r} of the script's own", known)
    name = str(value) if value in known or value in others else str(value).lower()
    if name in others:
        raise missing(f"{what} {name!r}", known)
    return name


def activation(value):
    """An activation by its name here, or None."""
    if value is None:
        return None
    name = named(value, ACTIVATIONS, OTHER_ACTIVATIONS, "the activation")
    return OLD_ACTIVATIONS.get(name, name)


def loss(value):
    """A loss; before 2.3 cross-entropies read probabilities, kept at least 1e-7 off 0 and 1."""
    if value is None:
        raise missing("compile without a loss", LOSSES)
    name = named(value, {**LOSSES, **OLD_LOSSES}, OTHER_LOSSES, "the loss")
    name = OLD_LOSSES.get(name, name)
    if name == "hinge" and spoken().number < (2, 3):  # it took targets of 0 as they are
        raise missing("the loss 'hinge' of this version", LOSSES)
    return OfOutputs(name) if name in LOSSES and spoken().number < (2, 3) else name


class OfOutputs(Loss):
    """The loss of a name as one that always reads the output, whose ends are cut off."""

    def __init__(self, name):
        one = LOSSES[name]
        super().__init__(one.name, one.kernel, one.fused, one.check, one.sparse, True, one.option)


class Renamed(Metric):
    """The metric of a name, under another one in the logs."""

    def __init__(self, of, name):
        one = METRICS[of]
        super().__init__(name, one.kernel, one.sums, one.option, one.sparse, one.rises)


class Rounded(Metric):
    """An accuracy as it was up to 2.3: a binary one rounded the outputs.

    Parameters
    ----------
    of : str
        Its name here.
    name : str
        In the logs.
    always : bool
        It rounds whatever the outputs are, as any accuracy did beside binary_crossentropy.
    """

    def __init__(self, of, name, always):
        super().__init__(name, rounded_accuracy, rises=True)
        self.metric, self.always = METRICS[of].named(name), always

    def for_outputs(self, units, sparse):
        found = self.metric.for_outputs(units, sparse)
        return self if self.always or found.kernel is binary_accuracy else found


def metric(value, loss):
    """A metric as this version had it beside a loss."""
    of = named(value, METRICS, OTHER_METRICS, "the metric")
    name, found = name_in_logs(value, of), get_metric(of)
    if is_rounded(found):
        beside = get_loss(loss).name == "binary_crossentropy"
        return Rounded(of, name, beside and isinstance(found, Accuracy))
    if name in (of, SAME.get(of)):
        return get_metric(name)
    return Renamed(of, name) if type(found) is Metric else found.named(name)


def is_rounded(metric):
    """Whether a version rounded the outputs for a metric."""
    is_accuracy = isinstance(metric, Accuracy) or metric.kernel is binary_accuracy
    return is_accuracy and not spoken().counts_steps


def name_in_logs(value, of):
    """The name that this version gave a metric in logs, or that the script gave it."""
    own = getattr(value, "own_name", None)
    if own is not None:
        return own
    if spoken().number < (2, 3) and of == "accuracy":
        return "acc"
    by_its_function = spoken().number < (2, 3) or isinstance(value, Name)
    return LONG_NAMES.get(of, of) if by_its_function else of
