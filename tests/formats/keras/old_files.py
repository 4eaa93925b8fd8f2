"""Files as Keras 1.0 to 2.4 wrote them, made by h5py alone, of their layout in each source.

``models.py``, ``engine/topology.py`` and ``layers/`` at the tags 1.0.8, 1.2.2 and 2.0.2,
``engine/saving.py`` at 2.2.4 and 2.3.1.
"""

import json

import h5py
import numpy as np

GATES_OF_KERAS1 = {"LSTM": "icfo", "GRU": "zrh"}  # the order of their arrays
GATES = {"LSTM": "ifco", "GRU": "zrh"}  # since 2.0, side by side


def before(version, *number):
    """Whether a version is one before another."""
    return tuple(map(int, version.split("."))) < number


def apart(kind, kernel, recurrent, bias):
    """The arrays of a layer gate by gate, as Keras 1 had them."""
    places = [GATES[kind].index(gate) for gate in GATES_OF_KERAS1[kind]]
    parts = [np.split(array, len(places), axis=-1) for array in (kernel, recurrent, bias)]
    return [one[place] for place in places for one in parts]


def on_gpu(kernel, recurrent, biases, gates):
    """The arrays of a layer that any processor has as those of one for GPUs: W and U of each gate
    are its numbers in the order of a matrix (units, features)."""
    kernels = [one.T.reshape(one.shape) for one in np.split(kernel, gates, axis=1)]
    recurrents = [one.T for one in np.split(recurrent, gates, axis=1)]
    return [np.hstack(kernels), np.hstack(recurrents), np.concatenate(biases)]


def write_group(group, arrays, names=None):
    """Arrays in a group that names them."""
    names = names or [f"param_{k}" for k in range(len(arrays))]
    group.attrs["weight_names"] = [name.encode() for name in names]
    for name, array in zip(names, arrays, strict=True):
        group.create_dataset(name, data=array)


def write_layers(group, version, layers):
    """The group of layers, [(name, arrays)]."""
    group.attrs["layer_names"] = [name.encode() for name, _ in layers]
    if not before(version, 2):
        group.attrs["keras_version"] = version.encode()
        group.attrs["backend"] = b"theano"
    for name, arrays in layers:
        names = [
            f"{name}_{k}" if before(version, 2) else f"{name}/{k}:0" for k in range(len(arrays))
        ]
        write_group(group.create_group(name), arrays, names)


def write_weights(path, version, layers):
    """A file of weights."""
    with h5py.File(path, "w") as file:
        write_layers(file, version, layers)


def write_model(path, version, layers, training=None, state=None):
    """A file of a whole model.

    Parameters
    ----------
    layers : list
        (class, config, arrays).
    training : dict, optional
        The optimiser's class and config, loss and metrics.
    state : list of arrays, optional
        What the optimiser remembers.
    """
    said = [{"class_name": kind, "config": config} for kind, config, _ in layers]
    said = said if before(version, 2, 2, 3) else {"name": "sequential_1", "layers": said}
    with h5py.File(path, "w") as file:
        file.attrs["keras_version"] = version.encode()
        whole = {"class_name": "Sequential", "config": said}
        file.attrs["model_config"] = json.dumps(whole).encode()
        named = [(config["name"], arrays) for _, config, arrays in layers]
        write_layers(file.create_group("model_weights"), version, named)
        if training is not None:
            kind, config, loss, metrics = training
            said = {"class_name": kind, "config": config}
            said = {"optimizer_config": said, "loss": loss, "metrics": metrics}
            further = {"sample_weight_mode": None, "loss_weights": None}
            file.attrs["training_config"] = json.dumps(said | further).encode()
        if state is not None:
            write_group(file.create_group("optimizer_weights"), state)


def recurrent_config(version, kind, name, units, shape=None, **settings):
    """The config of an LSTM, a GRU or a SimpleRNN, as its ``get_config`` gave it."""
    return (keras1_config if before(version, 2) else keras2_config)(
        version, kind, name, units, shape
    ) | settings


def keras1_config(version, kind, name, units, shape):
    """That of Keras 1."""
    config = {
        **{"name": name, "trainable": True, "return_sequences": False, "go_backwards": False},
        **{"stateful": False, "unroll": False, "consume_less": "cpu"},
        **{"input_dim": shape and shape[-1], "input_length": None},
        **{"output_dim": units, "init": "glorot_uniform", "inner_init": "orthogonal"},
        **{"activation": "tanh", "W_regularizer": None, "U_regularizer": None},
        **{"b_regularizer": None, "dropout_W": 0.0, "dropout_U": 0.0},
    }
    if kind != "SimpleRNN":
        config["inner_activation"] = "hard_sigmoid"
    if kind == "LSTM":
        config["forget_bias_init"] = "one"
    return config if shape is None else config | of_first(version, shape)


def keras2_config(version, kind, name, units, shape):
    """That of Keras 2."""
    uniform = {"scale": 1.0, "mode": "fan_avg", "distribution": "uniform", "seed": None}
    config = {
        **{"name": name, "trainable": True, "return_sequences": False, "go_backwards": False},
        **{"stateful": False, "unroll": False, "implementation": 0, "units": units},
        **{"activation": "tanh", "use_bias": True},
        "kernel_initializer": {"class_name": "VarianceScaling", "config": uniform},
        "recurrent_initializer": {
            "class_name": "Orthogonal",
            "config": {"gain": 1.0, "seed": None},
        },
        "bias_initializer": {"class_name": "Zeros", "config": {}},
        **dict.fromkeys(("kernel_regularizer", "recurrent_regularizer", "bias_regularizer")),
        **dict.fromkeys(("activity_regularizer", "kernel_constraint", "recurrent_constraint")),
        **{"bias_constraint": None, "dropout": 0.0, "recurrent_dropout": 0.0},
    }
    if kind != "SimpleRNN":
        config["recurrent_activation"] = "hard_sigmoid" if before(version, 2, 3) else "sigmoid"
    if kind == "LSTM":
        config["unit_forget_bias"] = True
    return config if shape is None else config | of_first(version, shape)


def of_first(version, shape):
    """What the first layer of a model says besides."""
    dtype = "input_dtype" if before(version, 2) else "dtype"
    return {"batch_input_shape": list(shape), dtype: "float32"}


def dense_config(version, name, units, activation="linear"):
    """The config of a Dense."""
    if before(version, 2):
        return {
            **{"name": name, "trainable": True, "output_dim": units, "init": "glorot_uniform"},
            **{"activation": activation, "W_regularizer": None, "b_regularizer": None},
            **{"activity_regularizer": None, "W_constraint": None, "b_constraint": None},
            **{"bias": True, "input_dim": None},
        }
    return {
        **{"name": name, "trainable": True, "units": units, "activation": activation},
        **{"use_bias": True, "bias_initializer": {"class_name": "Zeros", "config": {}}},
        **dict.fromkeys(("kernel_regularizer", "bias_regularizer", "activity_regularizer")),
        **dict.fromkeys(("kernel_constraint", "bias_constraint")),
    }
