"""``keras.models``: whole models from files, texts and other models."""

import tinylstm

from . import known as known  # for files: what old models are made of has its name there
from . import spellings
from .arguments import old_function
from .drawn import Own
from .held import Holder
from .model import Sequential


def load_model(filepath, custom_objects=None, compile=True):
    """The model that `save` wrote, with old layers and an old optimiser again."""
    return Sequential.holding(tinylstm.load_model(filepath, here(custom_objects), compile))


def save_model(model, *args, **kwargs):
    """See `Sequential.save`."""
    model.save(*args, **kwargs)


def here(custom_objects):
    """What names mean, for this package: without old kinds, which it knows, and with functions as
    initialisers, which are all that a script's own can be."""
    if not isinstance(custom_objects, dict):
        return custom_objects
    return {
        name: thing if isinstance(thing, type) or not callable(thing) else Own(thing)
        for name, thing in custom_objects.items()
        if not isinstance(thing, type) or not issubclass(thing, Holder)
    }


TABLE = {
    "load_model": old_function(load_model, spellings.LOAD_MODEL),
    "save_model": save_model,
}
