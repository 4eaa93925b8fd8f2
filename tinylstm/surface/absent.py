"""What Keras has and this package has not, by its names there, and what takes its place here."""

from importlib import import_module
from importlib.util import find_spec
from sys import _getframe

from .errors import mismatch, near

CHAIN = "Sequential, a chain of layers"
OWN_LAYER = "a layer of your own: docs/own_layer.md"
OWN_CELL = "LSTM, GRU or SimpleRNN, which are whole layers, or RNN with a cell of your own"
BY_FIT = "model.fit, evaluate and predict, which take generators too"
CALLBACKS = ("Callback", "EarlyStopping", "ModelCheckpoint", "ReduceLROnPlateau", "CSVLogger")
NAMES = {
    **dict.fromkeys(("ConvLSTM2D", "Conv1D", "BatchNormalization"), OWN_LAYER),
    **dict.fromkeys(("LSTMCell", "GRUCell", "SimpleRNNCell", "StackedRNNCells"), OWN_CELL),
    **dict.fromkeys(("Model", "Functional", "Concatenate", "Add", "Lambda"), CHAIN),
    **{name: f"from tinylstm.callbacks import {name}" for name in CALLBACKS},
    "TensorBoard": "CSVLogger, or history.history",
}
OF_MODELS = {
    "export": "model.save(path)",
    "to_yaml": "model.to_json()",
    **dict.fromkeys(("fit_generator", "evaluate_generator", "predict_generator"), BY_FIT),
    "predict_classes": "model.predict(x).argmax(axis=-1)",
    "predict_proba": "model.predict(x)",
    "inputs": "model.input_shape",
    "outputs": "model.output_shape",
    "metrics": "model.metrics_names",
    "reset_state": "model.reset_states()",
    "stateful": "stateful=True of a layer",
}


def no_attribute(owner, name, ways, names):
    """The exception for an attribute that is not there, with what takes its place.

    ways : {name in Keras: what does here}.
    names : those that there are.
    """
    meant = [] if name.startswith("__") else near([*names], name)  # Python's own questions
    expected = ways.get(name) or (f"{meant[0]}?" if meant else "a name that dir() lists")
    return mismatch(f"{owner} has no {name}.", expected, f"{owner}.{name}", AttributeError)


def say_again(owner, name):
    """Where a property of that name says why there is no value: Python drops what it said."""
    found = getattr(type(owner), name, None)
    if isinstance(found, property):
        found.fget(owner)


def getattr_of(module, names, later=()):
    """What a module's ``__getattr__`` is: a sentence, from an import too.

    later: modules in it that are imported when they are asked for, as that takes time.

    ``from module import name`` asks by `hasattr` first, and would say no more than that there is no
    such name; there the sentence comes as an ImportError.
    """

    def __getattr__(name):
        if name in later:
            return import_module(f"{module}.{name}")
        reason = no_attribute(module, name, NAMES, names)
        importing = _getframe(1).f_code.co_name == "_handle_fromlist"
        if importing and not name.startswith("_") and find_spec(f"{module}.{name}") is None:
            raise ImportError(str(reason)) from None
        raise reason

    return __getattr__
