"""What is in each module of Keras 1 and 2."""

import random

import numpy as np

from .. import losses, metrics, pad_sequences, regularizers, to_categorical
from .. import set_random_seed as seed_models
from . import (
    backend,
    callbacks,
    constraints,
    datasets,
    drawn,
    initial_values,
    layers,
    models,
    notes,
    optimizers,
    spellings,
    texts,
)
from .arguments import old_function
from .arrays import normalize, slice_arrays
from .cached import get_file
from .generators import Sequence
from .model import Sequential
from .recurrent import cudnn
from .tensorflow import named_class
from .timeseries import TimeseriesGenerator
from .tokenizer import Tokenizer, tokenizer_from_json
from .values import ACTIVATIONS, OLD_LOSSES, OTHER_ACTIVATIONS, OTHER_LOSSES, OTHER_METRICS, Name


def set_random_seed(seed):
    """Seed Python, NumPy and the models."""
    random.seed(seed)
    np.random.seed(seed)  # noqa: NPY002  this is what old scripts draw from
    seed_models(seed)


def names(*tables):
    """Functions that stand for their names."""
    return {name: Name(name) for table in tables for name in table}


def class_names(table, *positions):
    """Classes whose instances stand for names: ``MeanSquaredError()``."""
    return {
        "".join(part.capitalize() for part in name.split("_")): named_class(name, positions)
        for name in table
        if "_" in name
    }


def keras_contents():
    """What is in each module of Keras, by its path below ``keras``."""
    found = dict(layers.TABLE)
    found["TimeDistributedDense"] = found["Dense"]
    found["CuDNNLSTM"] = cudnn(found["LSTM"])
    found["CuDNNGRU"] = cudnn(found["GRU"], reset_after=True)
    found |= {"Input": layers.input_of, "InputLayer": layers.input_layer}
    pad = old_function(pad_sequences, spellings.PAD_SEQUENCES)
    sequence = {"pad_sequences": pad}
    slices = dict.fromkeys(["slice_X", "_slice_arrays", "slice_arrays"], slice_arrays)
    drawing = dict.fromkeys(["plot_model", "plot"], notes.plot_model)
    categorical = {"to_categorical": old_function(to_categorical, spellings.TO_CATEGORICAL)}
    feeds = {"Sequence": Sequence, "get_file": get_file, "set_random_seed": set_random_seed}
    penalties = {"l1l2": regularizers.l1_l2} | {
        name: getattr(regularizers, name) for name in ("l1", "l2", "l1_l2", "L1L2")
    }
    starts = {"get": initial_values.get, "Initializer": drawn.Initializer}
    starts_of_keras1 = {"get": initial_values.get_of_keras1} | initial_values.KERAS1_FUNCTIONS
    return {
        "": {"Sequential": Sequential, "Input": layers.input_of},
        "models": {"Sequential": Sequential, **models.TABLE},
        "layers": found,
        "optimizers": {**optimizers.TABLE, **optimizers.NAMES, "get": optimizers.get},
        "losses": {
            **names(losses.LOSSES, OLD_LOSSES),
            **class_names(losses.LOSSES, "reduction", "name"),
        },
        "metrics": names(metrics.METRICS) | class_names(metrics.METRICS, "name", "dtype"),
        "activations": names(ACTIVATIONS),
        "initializers": initial_values.FACTORIES | starts,
        "initializations": starts_of_keras1,
        "regularizers": penalties | {"WeightRegularizer": regularizers.L1L2},
        "constraints": constraints.TABLE | {"get": constraints.constraint},
        "callbacks": callbacks.TABLE,
        "backend": backend.TABLE,
        "engine.training": found | slices,
        "engine.training_utils": slices,
        "utils": {
            **categorical,
            **sequence,
            **feeds,
            **slices,
            **drawing,
            "normalize": normalize,
        },
        "preprocessing": {},
        "preprocessing.sequence": sequence | {"TimeseriesGenerator": TimeseriesGenerator},
        "preprocessing.text": WORDS,
        "datasets": {},
        **datasets.TABLES,
    }


WORDS = {
    "base_filter": lambda: texts.FILTERS,
    "Tokenizer": Tokenizer,
    "tokenizer_from_json": tokenizer_from_json,
    "text_to_word_sequence": texts.text_to_word_sequence,
    "one_hot": texts.one_hot,
    "hashing_trick": texts.hashing_trick,
}
PARTS = {  # modules below one whose names they had; here each has all of them
    "layers": (
        *("recurrent", "core", "wrappers", "embeddings", "normalization", "noise", "local"),
        *("convolutional", "pooling", "advanced_activations", "convolutional_recurrent"),
        *("cudnn_recurrent", "recurrent_v2"),
    ),
    "backend": ("tensorflow_backend", "theano_backend", "cntk_backend", "common"),
    "engine": ("topology", "input_layer", "base_layer"),
    "utils": (
        *("np_utils", "generic_utils", "data_utils", "vis_utils", "visualize_util", "layer_utils"),
        *("io_utils",),
    ),
}
ALIASES = {  # where else the same names were found
    "engine": "layers",
    "objectives": "losses",
    "engine.sequential": "models",
    "datasets.data_utils": "utils",
}
ALIASES |= {
    f"{module}.{part}": ALIASES.get(module, module)
    for module, parts in PARTS.items()
    for part in parts
}
OTHERS = {
    "layers": layers.OTHERS,
    "optimizers": optimizers.OTHERS,
    "callbacks": callbacks.OTHERS,
    "losses": OTHER_LOSSES,
    "metrics": OTHER_METRICS,
    "activations": OTHER_ACTIVATIONS,
    "models": ("Model", "model_from_config"),
}
