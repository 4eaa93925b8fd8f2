"""Layers with Keras' old arguments: thin subclasses of this package's layers."""

from .. import layers as engine
from ..calling import stand_alone
from ..data.gate import fitting_arrays
from ..engine.structure import Input
from ..surface.absent import say_again
from ..surface.arguments import as_list
from ..surface.callables import arguments_of
from ..whole import at_once
from .arguments import check_needed
from .constraints import constraint
from .dialect import spoken
from .embedding import OldEmbedding
from .initial_values import NAMES, initializer
from .missing import MISSING_OF_LAYERS, NOTES, MissingFeature, missing, no_attribute
from .names import next_name
from .recurrent import OldGRU, OldLSTM, OldRecurrent
from .spellings import KERAS1_POSITIONS, LAYERS
from .values import activation

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


class Spoken:
    """What a layer of this package is in an old script; mixed into each kind of layer."""

    engine_kind = None  # the layer of this package that it is
    first_weights = None
    further = ()  # arguments that this package's layer has not

    def __init__(self, *args, **kwargs):
        kind = self.engine_kind.__name__
        self.refuse_own_arithmetic()
        old = spoken().number < (2,) or (len(args) > 1 and is_initializer(args[1]))
        spelling = LAYERS[kind]
        if old:
            spelling = spelling._replace(positions=KERAS1_POSITIONS.get(kind, spelling.positions))
        self.first_weights = kwargs.pop("weights", None)
        known = {*arguments_of(self.engine_kind), *FURTHER, *self.further}
        given = spelling.translate(kind, args, kwargs, known)
        self.first_weights = given.pop("weights", self.first_weights)
        read_shape(given, kind)
        for name, convert in CONVERSIONS.items():
            if name in given:
                given[name] = convert(given[name])
        if self.first_weights is not None and self.engine_kind.kernels == ():
            raise missing(f"{kind}(weights=...)", ("set_weights, after the model is built",))
        given.setdefault("name", next_name(type(self).__name__))
        given = self.spoken_defaults(given)
        check_needed(kind, self.engine_kind, given)
        super().__init__(**given)

    def refuse_own_arithmetic(self):
        """A script's own kind of layer may set arguments, and not say what is computed."""
        for kind in type(self).__mro__:
            if "engine_kind" in vars(kind):
                return
            for method in OWN_ARITHMETIC.intersection(vars(kind)):
                what = f"The layer {kind.__name__} with its own {method}()"
                raise MissingFeature(f"{what} is not supported by tinylstm.\n{NOTES['Layer']}")

    @property
    def built(self):
        """Whether it has weights."""
        return self.has_weights()

    def build(self, input_shape):
        """Draw the weights of a layer alone, for an input shape with the batch in front."""
        if not self.is_owned():
            stand_alone(self, as_list(input_shape, "input_shape"))

    def let_go(self):
        """Leave the model that a layer has which was built or called alone, with its weights."""
        if self._alone is not None:
            for part in self.parts():
                if part.tensors():
                    part.first_weights = [a.copy() for a in part.named_weights().values()]
            at_once(*self.owned_by(None))

    def __getattr__(self, name):
        say_again(self, name)
        if name in MISSING_OF_LAYERS:
            here = [other for other in SUPPORTED if other in dir(self)]
            raise missing(f"{type(self).__name__}.{name}", here)
        raise no_attribute(type(self).__name__, name, [*SUPPORTED, *arguments_of(self.engine_kind)])

    def shape_behind(self, shape):
        return self.engine_kind.output_shape(self, shape)

    @property
    def input_shape(self):
        """Shape of a batch of its input: (batch, steps, features)."""
        shape = self._known_shape()
        return self.batch_shape(shape[:-1] if self.reads_numbers else shape)

    @property
    def output_shape(self):
        """Shape of a batch of its output."""
        return self.batch_shape(self.shape_behind(self._known_shape()))

    def batch_shape(self, shape):
        """The batch size of the model, or None, in front of the shape of a sample."""
        whole = self.model and self.model.batch_input_shape
        return (whole[0] if whole else None, *shape)

    @property
    def weights(self):
        """The parameters as views, in Keras' order."""
        self._built_model(AttributeError)
        return [*self.named_weights().values()]

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

    def initial_values(self, rng, dtype):
        """Drawn values, or those that the script gave as ``weights``."""
        drawn = super().initial_values(rng, dtype)
        if self.first_weights is None:
            return drawn
        shapes = [value.shape for value in drawn.values()]
        given = fitting_arrays(self.first_weights, shapes, dtype, f"Layer {self.name!r}")
        return dict(zip(drawn, given, strict=True))

    def __call__(self, x, *args, **kwargs):
        if not hasattr(x, "__array__") and not isinstance(x, list):
            raise missing("the functional API (a layer called on another or on an Input)")
        return super().__call__(x, *args, **kwargs)


def is_initializer(value):
    """Whether a positional argument is one of Keras 1's ``init``."""
    return isinstance(value, str) and value in NAMES


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
    kind = getattr(engine, name)
    own = {"engine_kind": kind, "__doc__": f"Keras' old {name}.", "__module__": __name__}
    return type(name, (*bases, Spoken, kind), own)


def table():
    """{name: class} of all layers that there are."""
    differs = {
        **{"LSTM": (OldLSTM,), "GRU": (OldGRU,), "SimpleRNN": (OldRecurrent,)},
        "Embedding": (OldEmbedding,),
    }
    return {
        name: old_layer(name, *differs.get(name, ())) for name in LAYERS if hasattr(engine, name)
    }
