"""The Sequential model of Keras 1 and 2: it holds one of this package."""

import inspect
from functools import cache
from weakref import ref

from .. import Sequential as Engine
from ..surface.arguments import listed
from ..surface.errors import mismatch
from . import optimizers, spellings, values
from .callbacks import validation_arrays
from .dialect import spoken
from .displays import shown
from .drawn import here
from .formats import make_folders, save_in_any_case
from .generators import translated_generator
from .held import Holder, held_of, old_one
from .inputs import of_the_input, of_the_output, prepared
from .layers import OldLayer
from .logs import Logs
from .missing import MISSING_OF_MODELS, missing, no_attribute
from .names import next_name
from .summary import print_summary
from .told import told

SUPPORTED = (  # what Keras' Sequential had and this one has
    *("add", "pop", "layers", "get_layer", "name", "built", "build", "input_shape", "output_shape"),
    *("compile", "optimizer", "loss", "metrics_names", "fit", "evaluate", "predict", "history"),
    *("fit_generator", "evaluate_generator", "predict_generator", "train_on_batch"),
    *("test_on_batch", "predict_on_batch", "predict_classes", "predict_proba", "reset_states"),
    *("stop_training", "summary", "count_params", "weights", "trainable_weights", "trainable"),
    *("non_trainable_weights", "get_weights", "set_weights", "save_weights", "load_weights"),
    *("save", "to_json", "to_yaml", "get_config", "from_config"),
)


@cache
def arguments_here(method):
    """Names of the arguments that a method of the model has here."""
    return frozenset(inspect.signature(getattr(Engine, method)).parameters) - {"self"}


def translated(method, args, kwargs, spelling):
    """Arguments of a method of the model by the names of this package."""
    return spelling.translate(method, args, kwargs, arguments_here(method))


def begun(layer):
    """What this package's model is given of a layer of the script."""
    return layer.begin() if isinstance(layer, OldLayer) else layer


def lacking(name):
    """The exception for an attribute that Keras' Sequential had and this one has not; None where it
    has it, or Keras had not."""
    here = hasattr(Sequential, name) or hasattr(Engine, name) or name in vars(Engine())
    return (
        missing(f"Sequential.{name}", SUPPORTED) if not here and name in MISSING_OF_MODELS else None
    )


def unbuilt(what):
    """What to raise of what needs parameters before there are any."""
    return mismatch(
        f"{what} needs a built model.",
        "an input_shape in the first layer, model.build(shape), or data in fit or predict",
        "a model whose input shape is not known",
    )


class Sequential(Holder):
    """Keras' old Sequential.

    Parameters
    ----------
    layers : list of Layer, optional
    name : str, optional
    """

    fitted_on = None  # arguments of the `fit` that is under way
    compiled_with = None  # the optimiser of the script

    def __init__(self, layers=None, name=None):
        if isinstance(name, OldLayer):
            Engine(None, name.held)  # which says that layers come in one list
        layers = listed(layers, "layers")
        name = name or next_name(type(self).__name__)
        self.held = Engine([begun(layer) for layer in layers], name)
        self.old_layers = {held_of(layer): layer for layer in layers}
        if self.layers:
            self.name_input()

    @classmethod
    def holding(cls, held):
        one = super().holding(held)
        if isinstance(one.optimizer, Holder):
            one.optimizer.serves = ref(one)
        if one.layers:
            one.name_input()
        return one

    @classmethod
    def found_in(cls, held):
        return {
            "old_layers": {layer: old_one(layer) for layer in held.layers},
            "compiled_with": old_one(held.optimizer),
        }

    def around(self, held):
        twin = super().around(held)
        pairs = zip(self.layers, held.layers, strict=True)
        twin.old_layers = {new: old.around(new) for old, new in pairs if isinstance(old, Holder)}
        if isinstance(self.optimizer, Holder):
            twin.compiled_with = self.optimizer.around(held.optimizer)
            twin.compiled_with.serves = ref(twin)
        return twin

    def lacks(self, name):
        """What to raise of an attribute that is not there."""
        if name in MISSING_OF_MODELS:
            return missing(f"Sequential.{name}", SUPPORTED)
        return no_attribute("Sequential", name, SUPPORTED)

    @property
    def layers(self):
        """The layers in their order."""
        return [self.old_layers.get(layer, layer) for layer in self.held.layers]

    def get_layer(self, name=None, index=None):
        """The layer of a name, or at an index from 0."""
        found = self.held.get_layer(name, index)
        return self.old_layers.get(found, found)

    def add(self, layer):
        """Append a layer."""
        self.held.add(begun(layer))
        self.old_layers[held_of(layer)] = layer
        if len(self.layers) == 1:
            self.name_input()

    def pop(self):
        """Take the last layer off."""
        return self.old_layers.pop(self.held.pop())

    def name_input(self):
        """In Keras 1 an input with a name stood in front of the first layer."""
        if spoken().number < (2,):
            self.input_name = next_name(f"{type(self.layers[0]).__name__}_input")

    def build(self, input_shape=None):
        """Draw the weights, for the shape of the first layer or else for this one."""
        shape = self.batch_input_shape or input_shape
        if shape is None:
            raise unbuilt("model.build()")
        self.held.build(shape)

    @property
    def optimizer(self):
        """The optimiser, None before `compile`."""
        return self.compiled_with

    def compile(self, *args, **kwargs):
        """Choose the optimiser, the loss and the metrics, by Keras' names."""
        given = translated("compile", args, kwargs, spellings.COMPILE)
        optimizer = optimizers.of_model(given.get("optimizer", "rmsprop"), self)
        loss = values.loss(of_the_output(given.get("loss"), "loss"))
        metrics = given.get("metrics") or []
        if isinstance(metrics, dict):
            metrics = of_the_output(metrics, "list of metrics")
        metrics = [metrics] if isinstance(metrics, str) else metrics
        metrics = [values.metric(metric, loss) for metric in metrics]
        self.held.compile(held_of(optimizer), loss, metrics)
        self.compiled_with = optimizer

    def __call__(self, *args, **kwargs):
        raise missing("a model that is called (model(x))", ("model.predict(x)",))

    def _data(self, method, args, kwargs, spelling):
        """Arguments of a method that takes data, by the names of this package."""
        shape = self.batch_input_shape
        given = translated(method, args, kwargs, spelling)
        given = of_the_input(given, None if shape is None else len(shape))
        return prepared(given, self.held.layers)

    @property
    def history(self):
        """The `History` of the last training, None before; it answers acc and accuracy alike."""
        found = self.held.history
        if found is not None:
            found.model = self
            if not isinstance(found.history, Logs):
                found.history = Logs(found.history)
        return found

    def fit(self, *args, **kwargs):
        """Train; returns the `history`."""
        given = self._data("fit", args, kwargs, spellings.FIT)
        if given.get("epochs") is None:
            given["epochs"] = spoken().epochs
        given.setdefault("shuffle", True)
        given.setdefault("verbose", 1)
        before, self.fitted_on = self.fitted_on, given
        try:
            self._watched("fit", given)
        finally:
            self.fitted_on = before
        return self.history

    def validation_arrays(self):
        """What callbacks find as ``validation_data``: [x, y, weights], where those are arrays."""
        old = self.fitted_on is not None and spoken().number < (2, 4)
        return validation_arrays(self.fitted_on) if old else None

    def save_weights(self, *args, **kwargs):
        """Write all parameters into a file."""
        given = translated("save_weights", args, kwargs, spellings.SAVE_WEIGHTS)
        save_in_any_case(self.held.save_weights, given)

    def save(self, *args, **kwargs):
        """Write the whole model into a file."""
        given = translated("save", args, kwargs, spellings.SAVE)
        make_folders(given.get("filepath"))
        save_in_any_case(self.held.save, given)

    def load_weights(self, *args, **kwargs):
        """Read the parameters that `save_weights` wrote."""
        self.held.load_weights(**translated("load_weights", args, kwargs, spellings.LOAD_WEIGHTS))

    def to_yaml(self, **kwargs):
        """The layers as a text: JSON, which is YAML too."""
        return self.to_json(indent=2)

    @classmethod
    def from_config(cls, config, custom_objects=None):
        """A new model from what `get_config` gave; its weights are drawn anew."""
        return cls.holding(Engine.from_config(config, here(custom_objects)))

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
        return self._watched("evaluate", {"verbose": 1} | given)

    def predict(self, *args, **kwargs):
        """Outputs for samples."""
        given = self._data("predict", args, kwargs, spellings.PREDICT)
        return self._watched("predict", {"verbose": 0} | given)

    def _watched(self, method, given):
        """What a method gives that says ``verbose`` and may have callbacks."""
        callbacks = shown(given["verbose"], told(given, self))
        return getattr(self.held, method)(**given | {"callbacks": callbacks, "verbose": 0})

    def train_on_batch(self, *args, **kwargs):
        """One update on one batch."""
        given = self._data("train_on_batch", args, kwargs, spellings.TRAIN_ON_BATCH)
        return self.held.train_on_batch(**given)

    def test_on_batch(self, *args, **kwargs):
        """Loss, or [loss, metrics ...], of one batch."""
        given = self._data("test_on_batch", args, kwargs, spellings.TRAIN_ON_BATCH)
        return self.held.test_on_batch(**given)

    def predict_on_batch(self, x):
        """Outputs for one batch."""
        return self.held.predict_on_batch(**prepared({"x": x}, self.held.layers))

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

    def summary(self, *args, **kwargs):
        """Print the layers, their output shapes and parameters, as Keras did."""
        if not self.built:
            raise unbuilt("summary")
        known = set(spellings.SUMMARY.positions)
        print_summary(self, **spellings.SUMMARY.translate("summary", args, kwargs, known))
