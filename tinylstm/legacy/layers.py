"""Layers with Keras' old arguments: thin subclasses of this package's layers."""

import re
from collections import Counter

from .. import layers as engine
from ..errors import arguments_of, mismatch
from ..model import Input
from .dialect import spoken
from .initial_values import NAMES, GateByGate, initializer
from .missing import missing
from .spellings import KERAS1_POSITIONS, LAYERS
from .values import activation

CONVERSIONS = {
    "activation": activation,
    "recurrent_activation": activation,
    "kernel_initializer": initializer,
    "recurrent_initializer": initializer,
    "bias_initializer": initializer,
    "embeddings_initializer": initializer,
}
OTHERS = (
    *("GRU", "SimpleRNN", "RNN", "LSTMCell", "GRUCell", "SimpleRNNCell", "StackedRNNCells"),
    *("ConvLSTM2D", "CuDNNGRU", "Recurrent", "Conv1D", "Conv2D", "Conv3D", "Convolution1D"),
    *("Convolution2D", "SeparableConv1D", "MaxPooling1D", "MaxPooling2D", "AveragePooling1D"),
    *("GlobalMaxPooling1D", "GlobalAveragePooling1D", "BatchNormalization", "Highway"),
    *("LayerNormalization", "GaussianNoise", "GaussianDropout", "AlphaDropout", "MaxoutDense"),
    *("SpatialDropout1D", "ActivityRegularization", "LeakyReLU", "PReLU", "ELU", "ReLU"),
    *("ThresholdedReLU", "Softmax", "Lambda", "Permute", "Merge", "merge", "Add", "Subtract"),
    *("Multiply", "Average", "Maximum", "Concatenate", "Dot", "add", "concatenate", "multiply"),
    *("UpSampling1D", "ZeroPadding1D", "Cropping1D", "Attention", "Layer", "Wrapper"),
)

_names = Counter()  # layers made so far, by the beginning of their names


def forget_names():
    """Number the names of layers from the beginning."""
    _names.clear()


def next_name(kind):
    """The name that Keras gave to the next layer of a kind."""
    prefix = re.sub("(?<=[a-z])(?=[A-Z])", "_", kind).lower()
    number = _names[prefix]
    _names[prefix] += 1
    if spoken().number >= (2, 4):
        return f"{prefix}_{number}" if number else prefix
    return f"{prefix}_{number + 1}"


class Spoken:
    """What a layer of this package is in an old script; mixed into each kind of layer."""

    engine_kind = None  # the layer of this package that it is
    first_weights = None

    def __init__(self, *args, **kwargs):
        kind = type(self).__name__
        old = spoken().number < (2,) or (len(args) > 1 and is_initializer(args[1]))
        spelling = LAYERS[kind]
        if old:
            spelling = spelling._replace(positions=KERAS1_POSITIONS.get(kind, spelling.positions))
        self.first_weights = kwargs.pop("weights", None)
        known = {*arguments_of(self.engine_kind), "input_dim", "input_length", "weights"}
        given = spelling.translate(kind, args, kwargs, known)
        self.first_weights = given.pop("weights", self.first_weights)
        if kind != "Embedding":
            read_input_dim(given, kind)
        elif (length := given.pop("input_length", None)) is not None:
            given.setdefault("input_shape", (length,))
        for name, convert in CONVERSIONS.items():
            if name in given:
                given[name] = convert(given[name])
        if self.first_weights is not None and self.engine_kind.kernels == ():
            raise missing(f"{kind}(weights=...)", ("set_weights, after the model is built",))
        given.setdefault("name", next_name(kind))
        super().__init__(**self.spoken_defaults(given))

    def spoken_defaults(self, given):
        """The arguments with what this version of Keras took where none was given."""
        return given

    def initial_values(self, rng):
        """Drawn values, or those that the script gave as ``weights``."""
        drawn = super().initial_values(rng)
        if self.first_weights is None:
            return drawn
        shapes = [value.shape for value in drawn.values()]
        given = [*self.first_weights]
        if [value.shape for value in given] != shapes:
            raise mismatch("weights do not fit.", shapes, [value.shape for value in given])
        return dict(zip(drawn, given, strict=True))

    def __call__(self, x, *args, **kwargs):
        if not hasattr(x, "__array__") and not isinstance(x, list):
            raise missing("the functional API (a layer called on another or on an Input)")
        return super().__call__(x, *args, **kwargs)


def is_initializer(value):
    """Whether a positional argument is one of Keras 1's ``init``."""
    return isinstance(value, str) and value in NAMES


def read_input_dim(given, kind):
    """Turn input_dim and input_length into input_shape."""
    dim, length = given.pop("input_dim", None), given.pop("input_length", None)
    if dim is not None:
        recurrent = kind in ("LSTM", "Masking") or length is not None
        given["input_shape"] = (length, dim) if recurrent else (dim,)


class OldLSTM:
    """What differs between versions of Keras' LSTM."""

    def spoken_defaults(self, given):
        given.setdefault("recurrent_activation", spoken().gate_function)
        forget = given.get("unit_forget_bias", True)
        given["unit_forget_bias"] = forget in (True, "one", "ones")
        if spoken().gate_by_gate:
            self.draw_gate_by_gate(given)
        if spoken().state_mode is not None:
            given.pop("stateful", None)
            given["state_mode"] = spoken().state_mode
        return given

    def draw_gate_by_gate(self, given):
        """Each gate's weights apart; 1.2 took ``init`` for the recurrent ones too."""
        kernel = given.get("kernel_initializer") or initializer("glorot_uniform")
        recurrent = given.get("recurrent_initializer") or initializer("orthogonal")
        if spoken().number >= (1, 2):
            recurrent = kernel
        given["kernel_initializer"] = GateByGate(kernel)
        given["recurrent_initializer"] = GateByGate(recurrent)


def input_of(shape=None, batch_shape=None, batch_size=None, name=None, dtype=None):
    """``Input``: the shape of the samples, in front of the layers."""
    if shape is not None:
        batch_shape = (batch_size, *shape)
    return Input(batch_shape=batch_shape)


def input_layer(input_shape=None, batch_size=None, dtype=None, batch_input_shape=None, name=None):
    """``InputLayer``: the same."""
    return input_of(input_shape, batch_input_shape, batch_size)


def cudnn_lstm(kind):
    """``CuDNNLSTM``: an LSTM with the logistic function in its gates."""

    def made(*args, **kwargs):
        return kind(*args, recurrent_activation="sigmoid", **kwargs)

    return made


def old_layer(name, *bases):
    """The old kind of a layer."""
    kind = getattr(engine, name)
    own = {"engine_kind": kind, "__doc__": f"Keras' old {name}."}
    return type(name, (*bases, Spoken, kind), own)


def table():
    """{name: class} of all layers that there are."""
    differs = {"LSTM": (OldLSTM,)}
    return {
        name: old_layer(name, *differs.get(name, ())) for name in LAYERS if hasattr(engine, name)
    }
