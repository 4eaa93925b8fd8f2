"""Configs of Keras 1.0 to 2.15 said as Keras 3 says the same, and back.

The tables of old spellings and the defaults of each version are those that old scripts are run by.
"""

from ...files.refusals import named
from ...surface.errors import mismatch
from .graphs import MODELS
from .settings import class_and_config

OF_KERAS1 = (1, 2, 2)  # of files that do not say their version: those of Keras 1 did not
AFTER = (4,)
CLASSES = {  # by another name now, with settings that it always had
    "TimeDistributedDense": ("Dense", {}),
    "CuDNNLSTM": ("LSTM", {"recurrent_activation": "sigmoid"}),
    "CuDNNGRU": ("GRU", {"recurrent_activation": "sigmoid", "reset_after": True}),
}
GATED = "LSTM", "GRU"
INSIDE = "layer", "backward_layer", "cell"  # settings that are layers
WITHOUT_MEANING = "input_dtype", "consume_less"
INITIALIZERS = {
    **{"uniform": "random_uniform", "normal": "random_normal"},
    **{"zero": "zeros", "one": "ones"},
}
SINCE_KERAS3 = {  # settings that Keras 2 has not, and what it says in their place
    **dict.fromkeys(("seed", "input_axes", "output_axes", "rms_scaling", "quantization_config")),
    **{"optional": None, "batch_shape": "batch_input_shape", "negative_slope": "alpha"},
}
OF_CONSTRAINTS = {"m": "max_value", "low": "min_value", "high": "max_value"}


def numbers_of(version):
    """A version as numbers that compare; None stands for Keras 1.

    Raises
    ------
    ValueError
        If it is no version, or a later one than is known.
    """
    if version is None:
        return OF_KERAS1
    parts = str(version).partition("-")[0].split(".")  # "2.4.0-tf"
    try:
        numbers = tuple(int(part) for part in parts[:3])
    except ValueError:
        raise mismatch("This is no version of Keras.", "1.0.0 ... 3.x", named(version)) from None
    if numbers >= AFTER:
        expected = "Keras 1, 2 or 3; or a newer tinylstm, which may read it"
        raise mismatch("The file is of a later version of Keras.", expected, named(version))
    return numbers


def dialect_of(numbers):
    """The dialect of a version."""
    from ...legacy.dialect import Dialect

    return Dialect(".".join(map(str, numbers)))


def model_said(said, numbers):
    """What stands for a model of a version, as Keras 3 says it."""
    name, config = said.get("class_name"), said.get("config")
    if isinstance(config, list):  # up to 2.2.3 a Sequential was a list
        config = {"layers": config}
    if not isinstance(config, dict) or not isinstance(config.get("layers"), list):
        return said  # which is refused with a sentence
    layers = [layer_said(entry, numbers) for entry in config["layers"]]
    return said | {"class_name": name, "config": config | {"layers": layers}}


def layer_said(said, numbers):
    """What stands for a layer of a version, or for a model in its place, as Keras 3 says it."""
    if isinstance(said, dict) and said.get("class_name") in MODELS:
        return model_said(said, numbers)
    kind, config = class_and_config(said, "A layer")
    kind, always = CLASSES.get(kind, (kind, {}))
    config = spelled(kind, config) | always
    for name, value in config.items():
        if name in INSIDE and isinstance(value, dict):
            config[name] = layer_said(value, numbers)
        elif name == "cells" and isinstance(value, list):
            config[name] = [layer_said(one, numbers) for one in value]
        elif value is not None:
            config[name] = setting_said(name, value)
    if kind in GATED:
        config = left_out(kind, numbers) | config
    return said | {"class_name": kind, "config": config}


def spelled(kind, config):
    """The settings of a layer by the names of Keras 2, its shape as that of a batch."""
    from ...legacy.layers import read_shape
    from ...legacy.spellings import LAYERS

    renamed = LAYERS[kind].renamed if kind in LAYERS else {}
    config = {renamed.get(k, k): v for k, v in config.items() if k not in WITHOUT_MEANING}
    if kind == "Embedding" and not config.get("dropout"):
        config.pop("dropout", None)
    read_shape(config, kind)
    shape = config.pop("input_shape", None)
    if shape is not None:
        config["batch_input_shape"] = [None, *shape]
    return config


def left_out(kind, numbers):
    """What a layer with gates was, in a version, where its config does not say it."""
    dialect = dialect_of(numbers)
    found = {"recurrent_activation": dialect.gate_function}
    return found | ({"reset_after": dialect.resets_after} if kind == "GRU" else {})


def setting_said(name, value):
    """A setting as Keras 3 says it."""
    if name == "unit_forget_bias":  # the initialiser of that bias, in Keras 1
        return value in (True, "one", "ones")
    if name.endswith("_initializer"):
        return initializer_said(value)
    if name.endswith(("_regularizer", "_constraint")) and isinstance(value, dict):
        return penalty_said(value)
    return value


def initializer_said(value):
    """An initialiser by a name that there is still; "normal" was the truncated one."""
    if isinstance(value, str):
        return INITIALIZERS.get(value, value)
    name, config = class_and_config(value, "An initializer")
    if name == "VarianceScaling" and config.get("distribution") == "normal":
        return value | {"config": config | {"distribution": "truncated_normal"}}
    return value


def penalty_said(value):
    """A penalty or a constraint; in Keras 1 its class stood among its settings."""
    if "class_name" in value or "name" not in value:
        return value
    config = {OF_CONSTRAINTS.get(k, k): v for k, v in value.items() if k != "name"}
    is_penalty = "l1" in config or "l2" in config
    return {"class_name": "L1L2" if is_penalty else value["name"], "config": config}


def said_before(said):
    """What stands for a model in Keras 3, as Keras 2 says it."""
    config = setting_before(said["config"])
    config["layers"] = [{k: one[k] for k in ("class_name", "config")} for one in config["layers"]]
    return {"class_name": said["class_name"], "config": config}


def setting_before(said):
    """What a setting, or a part of one, was in Keras 2."""
    if isinstance(said, list):
        return [setting_before(one) for one in said]
    if not isinstance(said, dict):
        return said
    if said.get("class_name") == "DTypePolicy":
        return said["config"]["name"]
    names = {k: SINCE_KERAS3.get(k, k) for k in said}
    found = {now: setting_before(said[k]) for k, now in names.items() if now is not None}
    if not found.get("zero_output_for_mask", True):
        del found["zero_output_for_mask"]
    return found
