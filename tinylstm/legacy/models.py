"""``keras.models``: whole models from files, texts and other models."""

import tinylstm

from . import known as known  # for files: what old models are made of has its name there
from . import spellings
from .arguments import old_function
from .drawn import here
from .held import held_of
from .missing import missing
from .model import Sequential


def load_model(filepath, custom_objects=None, compile=True):
    """The model that `save` wrote, with old layers and an old optimiser again."""
    return Sequential.holding(tinylstm.load_model(filepath, here(custom_objects), compile))


def save_model(model, *args, **kwargs):
    """See `Sequential.save`."""
    model.save(*args, **kwargs)


def model_from_json(json_string, custom_objects=None):
    """A new model from what `to_json` gave; its weights are drawn anew."""
    if isinstance(json_string, str) and "keras_version" in json_string:
        raise missing("a text that Keras wrote", ("texts that model.to_json gives here",))
    return Sequential.holding(tinylstm.model_from_json(json_string, here(custom_objects)))


def model_from_yaml(yaml_string, custom_objects=None):
    """The same from what `to_yaml` gave."""
    return model_from_json(yaml_string, custom_objects)


def clone_model(model, input_tensors=None):
    """A new model of the same layers, not compiled, whose weights are drawn anew."""
    if input_tensors is not None:
        raise missing("clone_model(input_tensors=...)", ("clone_model(model)",))
    return Sequential.holding(tinylstm.clone_model(held_of(model)))


TABLE = {
    "load_model": old_function(load_model, spellings.LOAD_MODEL),
    "save_model": save_model,
    "model_from_json": model_from_json,
    "model_from_yaml": model_from_yaml,
    "clone_model": clone_model,
}
