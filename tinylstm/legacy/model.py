"""The Sequential model of Keras 1 and 2."""

import inspect

import numpy as np

from .. import model as engine
from ..data.gate import as_array
from ..kernels.training.losses import binary_accuracy, rounded_accuracy
from ..metrics import Accuracy, Metric
from ..surface.absent import say_again
from . import layers, optimizers, spellings, values
from .callbacks import as_spoken, validation_arrays
from .dialect import spoken
from .displays import DISPLAYS
from .generators import translated_generator
from .inputs import of_the_input, of_the_output
from .logs import Logs
from .missing import MISSING_OF_MODELS, missing, no_attribute
from .names import next_name
from .summary import print_summary

SUPPORTED = (  # what Keras' Sequential had and this one has
    *("add", "pop", "layers", "get_layer", "name", "built", "build", "input_shape", "output_shape"),
    *("compile", "optimizer", "loss", "metrics_names", "fit", "evaluate", "predict", "history"),
    *("fit_generator", "evaluate_generator", "predict_generator", "train_on_batch"),
    *("test_on_batch", "predict_on_batch", "predict_classes", "predict_proba", "reset_states"),
    *("stop_training", "summary", "count_params", "weights", "trainable_weights", "trainable"),
    *("non_trainable_weights", "get_weights", "set_weights", "save_weights", "load_weights"),
)


def arguments_here(method):
    """Names of the arguments that a method of the model has here."""
    return set(inspect.signature(getattr(engine.Sequential, method)).parameters) - {"self"}


def translated(method, args, kwargs, spelling):
    """Arguments of a method of the model by the names of this package."""
    return spelling.translate(method, args, kwargs, arguments_here(method))


class Sequential(engine.Sequential):
    """Keras' old Sequential.

    Parameters
    ----------
    layers : list of Layer, optional
    name : str, optional
    """

    displays = DISPLAYS
    logs_kind = Logs
    fitted_on = None  # arguments of the `fit` that is under way

    def __init__(self, layers=None, name=None):
        super().__init__(layers, name or next_name(type(self).__name__))

    def __getattr__(self, name):
        say_again(self, name)
        if name in MISSING_OF_MODELS:
            raise missing(f"Sequential.{name}", SUPPORTED)
        raise no_attribute("Sequential", name, SUPPORTED)

    def add(self, layer):
        """Append a layer; in Keras 1 an input with a name stood in front of the first."""
        if isinstance(layer, layers.Spoken):
            layer.let_go()
        super().add(layer)
        if spoken().number < (2,) and len(self.layers) == 1:
            self.input_name = next_name(f"{type(layer).__name__}_input")

    def build(self, input_shape=None):
        """Draw the weights, for the shape of the first layer or else for this one."""
        shape = self.batch_input_shape or input_shape
        if shape is None:
            self.need_built("model.build()")
        super().build(shape)

    def compile(self, *args, **kwargs):
        """Choose the optimiser, the loss and the metrics, by Keras' names."""
        given = translated("compile", args, kwargs, spellings.COMPILE)
        given["optimizer"] = optimizers.of_model(given.get("optimizer", "rmsprop"), self)
        given["loss"] = values.loss(of_the_output(given.get("loss"), "loss"))
        metrics = given.get("metrics") or []
        if isinstance(metrics, dict):
            metrics = of_the_output(metrics, "list of metrics")
        metrics = [metrics] if isinstance(metrics, str) else metrics
        given["metrics"] = [values.metric(metric) for metric in metrics]
        super().compile(**given)

    def __call__(self, *args, **kwargs):
        raise missing("a model that is called (model(x))", ("model.predict(x)",))

    def _data(self, method, args, kwargs, spelling):
        """Arguments of a method that takes data, by the names of this package."""
        shape = self.batch_input_shape
        given = translated(method, args, kwargs, spelling)
        return of_the_input(given, None if shape is None else len(shape))

    def fit(self, *args, **kwargs):
        """Train; returns a `History` whose ``history`` answers acc and accuracy alike."""
        given = self._data("fit", args, kwargs, spellings.FIT)
        if given.get("epochs") is None:
            given["epochs"] = spoken().epochs
        given.setdefault("shuffle", True)
        given["callbacks"] = as_spoken(given)
        before, self.fitted_on = self.fitted_on, given
        try:
            return super().fit(**given)
        finally:
            self.fitted_on = before

    def validation_arrays(self):
        """What callbacks find as ``validation_data``: [x, y, weights], where those are arrays."""
        old = self.fitted_on is not None and spoken().number < (2, 4)
        return validation_arrays(self.fitted_on) if old else None

    def save_weights(self, *args, **kwargs):
        """Write all parameters into a safetensors file, whatever its name says."""
        super().save_weights(**translated("save_weights", args, kwargs, spellings.SAVE_WEIGHTS))

    def load_weights(self, *args, **kwargs):
        """Read the parameters that `save_weights` wrote."""
        super().load_weights(**translated("load_weights", args, kwargs, spellings.LOAD_WEIGHTS))

    def fit_generator(self, *args, **kwargs):
        """Train on the batches of a generator."""
        return self.fit(
            **translated_generator("fit_generator", args, kwargs, arguments_here("fit"))
        )

    def evaluate_generator(self, *args, **kwargs):
        """Loss, or [loss, metrics ...], over the batches of a generator."""
        known = arguments_here("evaluate")
        given = translated_generator("evaluate_generator", args, kwargs, known)
        return self.evaluate(**{"verbose": 0} | given)

    def predict_generator(self, *args, **kwargs):
        """Outputs for the batches of a generator."""
        known = arguments_here("predict")
        return self.predict(**translated_generator("predict_generator", args, kwargs, known))

    def evaluate(self, *args, **kwargs):
        """Loss, or [loss, metrics ...], with a bar unless verbose=0."""
        given = self._data("evaluate", args, kwargs, spellings.EVALUATE)
        given.setdefault("verbose", 1)
        return super().evaluate(**given)

    def predict(self, *args, **kwargs):
        """Outputs for samples."""
        return super().predict(**self._data("predict", args, kwargs, spellings.PREDICT))

    def train_on_batch(self, *args, **kwargs):
        """One update on one batch."""
        given = self._data("train_on_batch", args, kwargs, spellings.TRAIN_ON_BATCH)
        return super().train_on_batch(**given)

    def test_on_batch(self, *args, **kwargs):
        """Loss, or [loss, metrics ...], of one batch."""
        given = self._data("test_on_batch", args, kwargs, spellings.TRAIN_ON_BATCH)
        return super().test_on_batch(**given)

    def predict_classes(self, x, batch_size=None, verbose=None):
        """The class of each sample: the largest output, or of a single one whether it is > 0.5."""
        verbose = int(spoken().number < (2, 2)) if verbose is None else verbose
        outputs = self.predict(x, batch_size=batch_size, verbose=verbose)
        if outputs.shape[-1] > 1:
            return outputs.argmax(axis=-1)
        return (outputs > 0.5).astype("int32")

    def predict_proba(self, x, batch_size=None, verbose=None):
        """Outputs for samples; they are probabilities where the model says so."""
        verbose = int(spoken().number < (2, 2)) if verbose is None else verbose
        return self.predict(x, batch_size=batch_size, verbose=verbose)

    def samples(self, x, *targets, own=False):
        """Data through the gate: one number a sample is a feature, and an Embedding cuts fractions
        off, as Keras did."""
        x = as_array(x, "x")
        x = x[:, None] if x.ndim == 1 else x
        if self.layers and self.layers[0].reads_numbers and x.dtype.kind == "f":
            x = np.trunc(x)
        return super().samples(x, *targets, own=own)

    def metric_for(self, metric, units, loss):
        """Up to 2.3 a binary accuracy rounded its outputs, and was the one of any accuracy beside
        binary_crossentropy."""
        found = super().metric_for(metric, units, loss)
        if spoken().counts_steps:
            return found
        beside = loss.name == "binary_crossentropy" and isinstance(metric, Accuracy)
        rounded = beside or found.kernel is binary_accuracy
        return Metric(found.name, rounded_accuracy, rises=True) if rounded else found

    def summary(self, *args, **kwargs):
        """Print the layers, their output shapes and parameters, as Keras did."""
        known = set(spellings.SUMMARY.positions)
        print_summary(self, **spellings.SUMMARY.translate("summary", args, kwargs, known))
