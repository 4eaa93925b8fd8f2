"""What Keras has and this engine does not: importing it is free, using it stops with a sentence."""

import difflib
import sys
from types import ModuleType

from .python2 import MODULES, WRITTEN

CHAIN = "Supported: Sequential, a chain of layers."
NO_DOWNLOADS = "Nothing is downloaded here; load the data in the script."
NOTES = {  # in the place of what is supported, where that says more
    "Model": CHAIN,
    "the functional API": CHAIN,
    "Functional": CHAIN,
    "Lambda": "A layer of one's own has a forward and a backward function: docs/own_layer.md.",
    "Layer": "A layer of one's own has a forward and a backward function: docs/own_layer.md.",
    "states": "Supported: model.get_states(), model.set_states(states).",
    "model_from_config": "Supported: Sequential.from_config(config).",
    "datasets": NO_DOWNLOADS,
    "train": "Supported: the optimizers of keras.optimizers: Adam, RMSprop, SGD ...",
}
MISSING_OF_ALL = (  # what Keras' layers and models had, by their attributes
    *("input", "output", "input_mask", "output_mask", "input_spec"),
    *("get_input_at", "get_output_at", "get_input_shape_at", "get_output_shape_at"),
    *("get_input_mask_at", "get_output_mask_at", "losses", "updates", "add_loss", "add_update"),
    *("get_losses_for", "get_updates_for", "inbound_nodes", "outbound_nodes", "call"),
    *("compute_output_shape", "get_output_shape_for", "compute_mask", "supports_masking"),
    *("uses_learning_phase", "constraints", "get_initial_state", "states", "state_updates"),
    *("variables", "trainable_variables", "non_trainable_variables"),
)
MISSING_OF_LAYERS = frozenset(
    {*MISSING_OF_ALL, "add_weight", "cell", "state_spec", "kernel", "recurrent_kernel", "bias"}
    | {"W", "U", "b", "embeddings", "batch_size", "output_dim", "input_dim", "activity_regularizer"}
)
MISSING_OF_MODELS = frozenset(
    {*MISSING_OF_ALL, "inputs", "outputs", "input_names"}
    | {"output_names", "metrics", "metrics_tensors", "metrics_updates", "loss_functions"}
    | {"loss_weights", "total_loss", "targets", "sample_weights", "sample_weight_mode", "model"}
    | {"train_function", "test_function", "predict_function", "make_train_function"}
    | {"run_eagerly", "run_internal_graph", "make_predict_function", "make_test_function"}
    | {"reset_metrics", "stateful"}
)


class MissingFeature(NotImplementedError, AttributeError):
    """A script uses what this engine does not have; the text names it, and what there is."""


def missing(name, supported=(), near=None):
    """The exception for a feature, with what is supported in its place.

    near : the name that was meant, "" for none; by default the nearest one that is supported.
    """
    parts = name.partition("(")[0].strip().split(".")
    if near is None:
        near = nearest(parts[-1], supported)
    notes = [NOTES[part] for part in parts if part in NOTES]
    sentence = f"{name} is not supported by tinylstm."
    if near:
        sentence += f" Did you mean {near}?"
    if notes:
        return MissingFeature(f"{sentence}\n{notes[0]}")
    if supported:
        return MissingFeature(f"{sentence}\nSupported: {', '.join(once(supported))}.")
    return MissingFeature(sentence)


def no_attribute(kind, name, supported):
    """The exception for an attribute that Keras had not either, with the nearest that it had."""
    near = nearest(name, supported)
    hint = f". Did you mean {near}?" if near else ""
    sentence = f"{kind!r} object has no attribute {name!r}{hint}"
    return AttributeError(sentence, name=name, obj=None)  # else Python 3.12 adds its own hint


def nearest(name, names):
    """The one of the names that is most like it, or "" where none is."""
    return next(iter(difflib.get_close_matches(name, names, n=1, cutoff=0.75)), "")


def once(names):
    """The names in order; of those that differ in capitals alone, the one that has them."""
    return sorted({name.lower(): name for name in sorted(names, reverse=True)}.values())


class Missing:
    """Stands for a name that a script imports; any use of it is refused."""

    def __init__(self, name, supported=(), sentence=None, near=None):
        self.__dict__.update(_name=name, _supported=supported, _sentence=sentence, _near=near)

    def _refuse(self, *_, **__):
        if self._sentence:
            raise MissingFeature(self._sentence)
        raise missing(self._name, self._supported, self._near)

    __call__ = __getitem__ = __iter__ = __mro_entries__ = __setattr__ = __enter__ = _refuse

    def __getattr__(self, attribute):
        if attribute.startswith("__"):
            raise AttributeError(attribute)
        self._refuse()


class MissingModule(ModuleType):
    """A module that is not installed: its names can be imported, and not used."""

    def __getattr__(self, attribute):
        if attribute.startswith("__"):
            raise AttributeError(attribute)
        used = f"{self.__name__}.{attribute}"
        return Missing(used, (), absence(self.__name__, used))


def absence(module, used):
    """The sentence on what a script uses of a module that is not there."""
    root = module.partition(".")[0]
    if module in MODULES:
        return f"{WRITTEN} import {MODULES[module]} in the place of {module}."
    if not isinstance(sys.modules.get(root), MissingModule):
        return f"The script uses {used}, and the {root} that is installed has no module {module}."
    return f"The script uses {used}, and the module {root} is not installed."
