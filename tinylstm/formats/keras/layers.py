"""The layers that both Keras and tinylstm have, with every setting of each.

In Keras a `Bidirectional` describes its two layers, which here are one and its mirror; ``name``,
``trainable`` and ``dtype`` are said of every layer.
"""

from functools import partial

from ...files.refusals import named
from ...layers import (
    GRU,
    LSTM,
    Activation,
    Bidirectional,
    Dense,
    Dropout,
    Embedding,
    Flatten,
    Layer,
    LayerNormalization,
    LeakyReLU,
    Masking,
    RepeatVector,
    Reshape,
    SimpleRNN,
    SpatialDropout1D,
    TimeDistributed,
)
from ...surface.errors import mismatch, snake_case
from .cells import layers_of_cells
from .parts import ACTIVATION, CONSTRAINT, INITIALIZER, REGULARIZER, dtype_of
from .settings import (
    OWN_FORMAT,
    Argument,
    Class,
    Former,
    Idle,
    Only,
    about,
    arguments,
    class_and_config,
    config_of,
    only,
    said_of,
)
from .things import known_class, own_arguments, own_made, own_meaning

OF_EVERY_LAYER = {
    "name": Argument(),
    "trainable": Argument(),
    "dtype": Argument(dtype_of),
    "activity_regularizer": only(None),  # a penalty on what the layer puts out
}
SEED = {"seed": Idle()}
NOT_SMALLER = {"quantization_config": only(None), "lora_rank": only(None)}


def parameters(*names):
    """The settings of some parameters: how each begins, its penalty, its constraint."""
    kinds = {"initializer": INITIALIZER, "regularizer": REGULARIZER, "constraint": CONSTRAINT}
    return {f"{name}_{kind}": one for name in names for kind, one in kinds.items()}


def axis_of(axis, who):
    """The axis of a normalisation: the last one, which is 1 or 2 as soon as Keras has built it."""
    axis = axis[0] if isinstance(axis, list | tuple) and len(axis) == 1 else axis
    return -1 if axis in (1, 2) else axis  # and `need_last` looks whether 1 is the last


def inner_of(said, who):
    """A layer that another one is made of. It has no name here, and zeros at masked steps are what
    a `Bidirectional` puts out anyway."""
    kind, config = class_and_config(said, who)
    config = {k: one for k, one in config.items() if k not in ("name", "zero_output_for_mask")}
    return layer_of(said | {"class_name": kind, "config": config})


def said_inside(inside, who):
    """What stands for such a layer, with the dtype of its model."""
    layer, dtype = inside
    prefix = {True: "backward_", False: "forward_"}.get(getattr(layer, "go_backwards", None), "")
    return said_of_layer(layer, prefix + snake_case(type(layer).__name__), dtype)


INSIDE = Argument(inner_of, said_inside)
NUMBERS = {"units": Argument(), "activation": ACTIVATION, "use_bias": Argument()}
RECURRENT = {
    "return_sequences": Argument(),
    "return_state": Argument(),
    "go_backwards": Argument(),
    "stateful": Argument(),
    "unroll": Idle(),
    "zero_output_for_mask": Argument(),
    **NUMBERS,
    **parameters("kernel", "recurrent", "bias"),
    "dropout": Argument(),
    "recurrent_dropout": Argument(),
    "implementation": Idle(),  # how it is computed
    "time_major": only(False),
}
GATED = RECURRENT | {"recurrent_activation": ACTIVATION} | SEED
LAYERS = {
    "LSTM": Class(LSTM, GATED | {"unit_forget_bias": Argument()}),
    "GRU": Class(GRU, GATED | {"reset_after": Argument()}),
    "SimpleRNN": Class(SimpleRNN, RECURRENT | SEED),
    "Dense": Class(Dense, NUMBERS | parameters("kernel", "bias") | NOT_SMALLER),
    "Embedding": Class(
        Embedding,
        {"input_dim": Argument(), "output_dim": Argument(), "mask_zero": Argument()}
        | parameters("embeddings")
        | {"input_length": Idle(), "sparse": only(False)}
        | NOT_SMALLER,
    ),
    "LayerNormalization": Class(
        LayerNormalization,
        {"axis": Argument(axis_of), "epsilon": Argument()}
        | {"center": Argument(), "scale": Argument(), "rms_scaling": only(False)}
        | parameters("beta", "gamma"),
    ),
    "Masking": Class(Masking, {"mask_value": Argument()}),
    "Activation": Class(Activation, {"activation": ACTIVATION}),
    "LeakyReLU": Class(
        LeakyReLU, {"negative_slope": Argument(), "alpha": Former("negative_slope")}
    ),
    "Dropout": Class(Dropout, {"rate": Argument(), "noise_shape": only(None)} | SEED),
    "SpatialDropout1D": Class(
        SpatialDropout1D,
        {"rate": Argument(), "trainable": Idle(), "noise_shape": only(None)} | SEED,
    ),
    "RepeatVector": Class(RepeatVector, {"n": Argument()}),
    "Reshape": Class(Reshape, {"target_shape": Argument()}),
    "Flatten": Class(Flatten, {"data_format": Only(("channels_last",), written=True)}),
    "Bidirectional": Class(
        Bidirectional, {"merge_mode": Argument(), "layer": INSIDE, "backward_layer": INSIDE}
    ),
    "TimeDistributed": Class(TimeDistributed, {"layer": INSIDE}),
    # These have other names here.
    "ReLU": Class(
        partial(Activation, "relu"),
        {"max_value": only(None), "negative_slope": only(0.0), "threshold": only(0.0)},
    ),
    "ELU": Class(partial(Activation, "elu"), {"alpha": only(1.0)}),
    "Softmax": Class(partial(Activation, "softmax"), {"axis": only(-1)}),
}
MIRRORED = {"name", "trainable", "go_backwards"}  # in which the two of a Bidirectional may differ


def layer_of(said):
    """The layer that one of Keras' stands for.

    Raises
    ------
    ValueError
        If there is none, or a setting of it is not there; names both.
    """
    said = one_layer(said)
    kind, config = class_and_config(said, "A layer")
    who = f"Layer {named(config.get('name', kind))}"
    own = own_meaning(said, kind)
    known = {k: Class(one.ours, OF_EVERY_LAYER | one.settings) for k, one in LAYERS.items()}
    with about(who):
        if own is not None:
            config = config | {"dtype": dtype_of(config.get("dtype"), who)}
            found, make = own_arguments(own, config, known, who), partial(own_made, own)
        else:
            one = known_class(said, kind, known, "layer", who)
            found, make = arguments(config, one.settings, who), one.made
        is_read = isinstance(found.get("backward_layer"), Layer)
        backward = found.pop("backward_layer") if is_read else None
        layer = make(found)
        if backward is not None:
            need_mirror(layer, backward, who)
            layer.backward_layer.trainable = backward.trainable
    return layer


def one_layer(said):
    """What stands for a layer; for that of its cell, where it is an `RNN` of one."""
    (layer, _), *further = layers_of_cells(said)
    if further:
        expected, came = "an RNN of one cell within another layer", f"{len(further) + 1} cells"
        raise mismatch("A layer of several cells is no layer here.", expected, came)
    return layer


def need_mirror(layer, backward, who):
    """Refuse a `Bidirectional` of two different layers."""
    ours, theirs = (one.get_config() for one in (layer.backward_layer, backward))
    wrong = [k for k in {**ours, **theirs} if k not in MIRRORED and ours.get(k) != theirs.get(k)]
    if wrong or type(layer.forward_layer) is not type(backward) or not backward.go_backwards:
        raise mismatch(
            f"{who} has two layers that differ.",
            "a backward_layer as the layer itself, with go_backwards=True",
            ", ".join(f"{k}={theirs.get(k)!r}" for k in wrong) or f"a {type(backward).__name__}",
        )


def said_of_layer(layer, name, dtype):
    """What stands for a layer, as Keras has it.

    Parameters
    ----------
    name, dtype : str
        Its own, or what its model has.

    Raises
    ------
    ValueError
        If Keras has no such layer, or not with these settings; says the way out.
    """
    who = f"Layer {name!r}"
    if getattr(layer, "state_mode", None) == "batch_carried":
        raise mismatch(
            f"{who} carries its state along a batch, which Keras has not.",
            f"stateful=True with a batch of one sample, which does the same; or {OWN_FORMAT}",
            "state_mode='batch_carried'",
        )
    kind = next((kind for kind, one in LAYERS.items() if one.is_of(layer)), None)
    if kind is None:
        expected = f"one of {', '.join(LAYERS)}; or {OWN_FORMAT}"
        raise mismatch(f"{who} is one that Keras has not.", expected, repr(layer))
    settings = OF_EVERY_LAYER | LAYERS[kind].settings
    values = {"name": name, "dtype": dtype}
    values |= {k: (getattr(layer, k), dtype) for k, one in settings.items() if one is INSIDE}
    config = config_of(lambda k: values.get(k) or getattr(layer, k), settings, who)
    return said_of(kind, "keras.layers", config)
