"""Layers with Keras' old arguments: each holds a layer of this package, made of them."""

import numpy as np

from .. import Input
from .. import layers as engine
from ..surface.callables import arguments_of
from ..surface.plain import meant
from .arguments import check_needed
from .constraints import constraint
from .dialect import spoken
from .embedding import OldEmbedding
from .held import OLD_KINDS, Holder, held_of
from .initial_values import MAKERS, initializer
from .missing import MISSING_OF_LAYERS, NOTES, MissingFeature, missing, no_attribute
from .names import next_name
from .recurrent import OldGRU, OldLSTM, OldRecurrent
from .spellings import KERAS1_POSITIONS, LAYERS
from .values import activation
from .wrappers import OldBidirectional, OldWrapper

CONSTRAINED = "kernel", "recurrent", "bias", "embeddings", "beta", "gamma"
CONVERSIONS = {
    "activation": activation,
    "recurrent_activation": activation,
    "kernel_initializer": initializer,
    "recurrent_initializer": initializer,
    "bias_initializer": initializer,
    "embeddings_initializer": initializer,
    **dict.fromkeys(("beta_initializer", "gamma_initializer"), initializer),
    **{f"{part}_constraint": constraint for part in CONSTRAINED},
}
FURTHER = ("input_dim", "input_length", "input_dtype", "batch_size", "weights")
OWN_ARITHMETIC = frozenset(
    {"call", "step", "build", "compute_output_shape", "get_output_shape_for", "compute_mask"}
)
OTHERS = (
    *("RNN", "LSTMCell", "GRUCell", "SimpleRNNCell", "StackedRNNCells"),
    *("ConvLSTM2D", "Recurrent", "Conv1D", "Conv2D", "Conv3D", "Convolution1D"),
    *("Convolution2D", "SeparableConv1D", "MaxPooling1D", "MaxPooling2D", "AveragePooling1D"),
    *("GlobalMaxPooling1D", "GlobalAveragePooling1D", "BatchNormalization", "Highway"),
    *("GaussianNoise", "GaussianDropout", "AlphaDropout", "MaxoutDense"),
    *("ActivityRegularization", "PReLU", "ELU", "ReLU"),
    *("ThresholdedReLU", "Softmax", "Lambda", "Permute", "Merge", "merge", "Add", "Subtract"),
    *("Multiply", "Average", "Maximum", "Concatenate", "Dot", "add", "concatenate", "multiply"),
    *("UpSampling1D", "ZeroPadding1D", "Cropping1D", "Attention", "Layer", "Wrapper"),
)
READ_STEPS = "LSTM", "GRU", "SimpleRNN", "Masking"  # an input_dim is of a step
SUPPORTED = (  # what Keras' layers had and these have
    *("name", "trainable", "input_shape", "output_shape", "count_params", "get_weights"),
    *("set_weights", "weights", "trainable_weights", "non_trainable_weights", "reset_states"),
)


class OldLayer(Holder):
    """A layer of an old script; each kind derives from it, and says which layer it holds."""

    engine_kind = None  # the layer of this package
    given = None  # its arguments, by the names of this package, or None: see `arguments`
    further = ()  # arguments that this package's layer has not
    first_weights = None  # as the script gave them
    wrapped = False  # whether another layer of the script is around it

    def __init__(self, *args, **kwargs):
        kind = self.engine_kind.__name__
        self.refuse_own_arithmetic()
        old = spoken().number < (2,) or (len(args) > 1 and is_initializer(args[1]))
        spelling = LAYERS[kind]
        if old:
            spelling = spelling._replace(positions=KERAS1_POSITIONS.get(kind, spelling.positions))
        first = kwargs.pop("weights", None)
        known = {*arguments_of(self.engine_kind), *FURTHER, *self.further}
        given = spelling.translate(kind, args, kwargs, known)
        first = given.pop("weights", first)
        read_shape(given, kind)
        given = {name: converted(name, value) for name, value in given.items()}
        given.setdefault("name", next_name(type(self).__name__))
        given = self.spoken_defaults(given)
        check_needed(kind, self.engine_kind, given)
        if first is not None and isinstance(self, OldWrapper):
            raise missing(f"{kind}(weights=...)", ("set_weights, after the model is built",))
        self.make(given)
        if first is not None and len(first):
            self.first_weights = first

    def make(self, given):
        """Hold a layer that is made with these arguments."""
        self.held = self.engine_kind(**{name: held_of(value) for name, value in given.items()})
        self.given = given

    @classmethod
    def found_in(cls, held):
        return {"engine_kind": type(held)}

    def arguments(self):
        """Those that it was made with, or that make one like that of a file."""
        if self.given is not None:
            return self.given
        return {name: meant(value) for name, value in self.get_config().items()}

    def get_config(self):
        """The arguments that make the same again, by the names of this package."""
        return self.held.get_config()

    @classmethod
    def from_config(cls, config):
        """A new layer from what `get_config` gave."""
        return cls.holding(cls.engine_kind.from_config(config))

    def begin(self):
        """What a model has of it: the layer that it holds, built alone where the script gave it its
        first weights, which it takes along."""
        if self.first_weights is not None and not self.held.is_owned():
            features = () if self.held.reads_numbers else np.shape(self.first_weights[0])[:1]
            self.held.build((None, None, *features))
            self.held.set_weights(self.first_weights)
        return self.held

    def __setattr__(self, name, value):
        """What is set before the layer is in a model is as if it had been given."""
        free = self.held is not None and not self.held.is_owned() and not self.wrapped
        if free and name in arguments_of(self.engine_kind):
            self.make(self.arguments() | {name: converted(name, value)})
        else:
            super().__setattr__(name, value)

    def refuse_own_arithmetic(self):
        """A script's own kind of layer may set arguments, and not say what is computed."""
        for kind in type(self).__mro__:
            if "engine_kind" in vars(kind):
                return
            for method in OWN_ARITHMETIC.intersection(vars(kind)):
                what = f"The layer {kind.__name__} with its own {method}()"
                raise MissingFeature(f"{what} is not supported by tinylstm.\n{NOTES['Layer']}")

    def lacks(self, name):
        """What to raise of an attribute that is not there."""
        if name in MISSING_OF_LAYERS:
            here = [other for other in SUPPORTED if other in dir(self)]
            return missing(f"{type(self).__name__}.{name}", here)
        names = [*SUPPORTED, *arguments_of(self.engine_kind)]
        return no_attribute(type(self).__name__, name, names)

    @property
    def input_shape(self):
        """Shape of a batch of its input: (batch, steps, features)."""
        shape = self.held.known_shape()
        return self.batch_shape(shape[:-1] if self.held.reads_numbers else shape)

    @property
    def output_shape(self):
        """Shape of a batch of its output."""
        return self.batch_shape(self.held.output_shape(self.held.known_shape()))

    def batch_shape(self, shape):
        """The batch size of the model, or None, in front of the shape of a sample."""
        whole = self.held.model and self.held.model.batch_input_shape
        return (whole[0] if whole else None, *shape)

    @property
    def weights(self):
        """The parameters as views, in Keras' order."""
        return [*self.held.weights.values()]

    @property
    def trainable_weights(self):
        """The parameters that training changes, as views."""
        return self.weights if self.trainable else []

    @property
    def non_trainable_weights(self):
        """The parameters that training leaves as they are, as views."""
        return [] if self.trainable else self.weights

    def spoken_defaults(self, given):
        """The arguments with what this version of Keras took where none was given."""
        return given

    def __call__(self, x, *args, **kwargs):
        if not hasattr(x, "__array__") and not isinstance(x, list):
            raise missing("the functional API (a layer called on another or on an Input)")
        return self.held(x, *args, **kwargs)


def converted(name, value):
    """An argument of a layer as this package takes it."""
    return CONVERSIONS[name](value) if name in CONVERSIONS else value


def is_initializer(value):
    """Whether a positional argument is one of Keras 1's ``init``."""
    return isinstance(value, str) and value in MAKERS


def read_shape(given, kind):
    """Turn input_dim and input_length into input_shape, and that with batch_size into
    batch_input_shape, which decides over all."""
    given.pop("input_dtype", None)
    size = given.pop("batch_size", None)
    length = given.pop("input_length", None)
    dim = None if kind == "Embedding" else given.pop("input_dim", None)
    if dim is not None:
        recurrent = kind in READ_STEPS or length is not None
        given["input_shape"] = (length, dim) if recurrent else (dim,)
    elif kind == "Embedding" and length is not None:
        given.setdefault("input_shape", (length,))
    if size is not None and given.get("input_shape") is not None:
        given.setdefault("batch_input_shape", (size, *given["input_shape"]))
    if given.get("batch_input_shape") is not None:
        given.pop("input_shape", None)


def input_of(shape=None, batch_shape=None, batch_size=None, name=None, dtype=None):
    """``Input``: the shape of the samples, in front of the layers."""
    if shape is not None:
        batch_shape = (batch_size, *shape)
    return Input(batch_shape=batch_shape)


def input_layer(input_shape=None, batch_size=None, dtype=None, batch_input_shape=None, name=None):
    """``InputLayer``: the same."""
    return input_of(input_shape, batch_input_shape, batch_size)


def old_layer(name, *bases):
    """The old kind of a layer."""
    own = {"engine_kind": getattr(engine, name), "__module__": __name__}
    return type(name, (*bases, OldLayer), own | {"__doc__": f"Keras' old {name}."})


def table():
    """{name: class} of all layers that there are."""
    differs = {
        **{"LSTM": (OldLSTM,), "GRU": (OldGRU,), "SimpleRNN": (OldRecurrent,)},
        **{"TimeDistributed": (OldWrapper,), "Bidirectional": (OldBidirectional,)},
        "Embedding": (OldEmbedding,),
    }
    return {
        name: old_layer(name, *differs.get(name, ())) for name in LAYERS if hasattr(engine, name)
    }


TABLE = table()
OLD_KINDS.update((kind.engine_kind, kind) for kind in TABLE.values())
