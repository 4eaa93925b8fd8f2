"""The tables of old spellings: arguments of layers, optimisers and methods.

Source: the signatures at the tags 1.2.2, 2.0.2, 2.2.4 and 2.4.0 of the Keras repository, and
``keras/legacy/interfaces.py`` at 2.2.4.
"""

from .arguments import Spelling

WEIGHTS = {  # Keras 1's letters: W is the kernel, U the recurrent kernel, b the bias
    "init": "kernel_initializer",
    "inner_init": "recurrent_initializer",
    "W_regularizer": "kernel_regularizer",
    "U_regularizer": "recurrent_regularizer",
    "b_regularizer": "bias_regularizer",
    "W_constraint": "kernel_constraint",
    "U_constraint": "recurrent_constraint",
    "b_constraint": "bias_constraint",
    "bias": "use_bias",
    "output_dim": "units",
}
REGULARIZERS = {
    f"{part}_{kind}"
    for part in ("kernel", "recurrent", "bias", "embeddings", "activity")
    for kind in ("regularizer", "constraint")
}
KERAS1_ENDS = ("W_regularizer", "U_regularizer", "b_regularizer", "dropout_W", "dropout_U")
KERAS1_RECURRENT = ("output_dim", "init", "inner_init")
KERAS1_LSTM = (
    *KERAS1_RECURRENT,
    *("forget_bias_init", "activation", "inner_activation"),
    *KERAS1_ENDS,
)
KERAS1_GRU = (*KERAS1_RECURRENT, "activation", "inner_activation", *KERAS1_ENDS)
KERAS1_SIMPLE_RNN = (*KERAS1_RECURRENT, "activation", *KERAS1_ENDS)
KERAS2_SIMPLE_RNN = (
    *("units", "activation", "use_bias", "kernel_initializer", "recurrent_initializer"),
    "bias_initializer",
)
KERAS2_GRU = ("units", "activation", "recurrent_activation", *KERAS2_SIMPLE_RNN[2:])
KERAS2_LSTM = (*KERAS2_GRU, "unit_forget_bias")
KERAS1_DENSE = ("output_dim", "init", "activation", "weights", "W_regularizer", "b_regularizer")
KERAS2_DENSE = ("units", "activation", "use_bias", "kernel_initializer", "bias_initializer")

RECURRENT = WEIGHTS | {"dropout_W": "dropout", "dropout_U": "recurrent_dropout"}
GATED = RECURRENT | {"inner_activation": "recurrent_activation"}
ONE_WAY = frozenset({"consume_less", "implementation", "unroll"})
NO_CONSTRAINTS = frozenset(
    {*REGULARIZERS, "dropout", "recurrent_dropout", "time_major", "return_state"}
)
LAYERS = {
    "LSTM": Spelling(
        KERAS2_LSTM, GATED | {"forget_bias_init": "unit_forget_bias"}, ONE_WAY, NO_CONSTRAINTS
    ),
    "GRU": Spelling(KERAS2_GRU, GATED, ONE_WAY, NO_CONSTRAINTS),
    "SimpleRNN": Spelling(KERAS2_SIMPLE_RNN, RECURRENT, ONE_WAY, NO_CONSTRAINTS),
    "Dense": Spelling(KERAS2_DENSE, WEIGHTS, refused=frozenset(REGULARIZERS)),
    "Dropout": Spelling(
        ("rate", "noise_shape", "seed"),
        {"p": "rate"},
        frozenset({"seed"}),  # the draws are others than Keras' in any case
        frozenset({"noise_shape"}),
    ),
    "Embedding": Spelling(
        ("input_dim", "output_dim", "embeddings_initializer"),
        {
            "init": "embeddings_initializer",
            "W_regularizer": "embeddings_regularizer",
            "W_constraint": "embeddings_constraint",
        },
        refused=frozenset({*REGULARIZERS, "sparse"}),
    ),
    "Activation": Spelling(("activation",)),
    "SpatialDropout1D": Spelling(("rate",), {"p": "rate"}),
    "LayerNormalization": Spelling(("axis", "epsilon", "center", "scale")),
    "LeakyReLU": Spelling(("negative_slope",), {"alpha": "negative_slope"}),
    "Masking": Spelling(("mask_value",)),
    "TimeDistributed": Spelling(("layer",)),
    "Bidirectional": Spelling(("layer", "merge_mode"), refused=frozenset({"backward_layer"})),
    "RepeatVector": Spelling(("n",)),
    "Flatten": Spelling(
        (), refused=frozenset({"data_format"}), usual={"data_format": "channels_last"}
    ),
    "Reshape": Spelling(("target_shape",)),
}
KERAS1_POSITIONS = {
    "LSTM": KERAS1_LSTM,
    "GRU": KERAS1_GRU,
    "SimpleRNN": KERAS1_SIMPLE_RNN,
    "Dense": KERAS1_DENSE,
    "Embedding": ("input_dim", "output_dim", "init", "input_length"),
}

RATES = {"lr": "learning_rate"}
HARMLESS = frozenset({"name", "jit_compile", "ema_momentum", "ema_overwrite_frequency"})
AVERAGES = frozenset({"use_ema"})
OPTIMIZERS = {
    "SGD": Spelling(("learning_rate", "momentum", "decay", "nesterov"), RATES, HARMLESS, AVERAGES),
    "Adam": Spelling(
        ("learning_rate", "beta_1", "beta_2", "epsilon", "decay"),
        RATES,
        HARMLESS,
        frozenset({"amsgrad", *AVERAGES}),
    ),
    "RMSprop": Spelling(
        ("learning_rate", "rho", "epsilon", "decay"),
        RATES,
        HARMLESS,
        frozenset({"centered", *AVERAGES}),
    ),
    "Adagrad": Spelling(("learning_rate", "epsilon", "decay"), RATES, HARMLESS, AVERAGES),
    "Nadam": Spelling(
        ("learning_rate", "beta_1", "beta_2", "epsilon", "schedule_decay"),
        RATES,
        HARMLESS,
        AVERAGES,
    ),
    "AdamW": Spelling(
        ("learning_rate", "weight_decay", "beta_1", "beta_2", "epsilon"),
        RATES,
        HARMLESS,
        frozenset({"amsgrad", *AVERAGES}),
    ),
    "Lion": Spelling(("learning_rate", "beta_1", "beta_2"), RATES, HARMLESS, AVERAGES),
}
TF_POSITIONS = {  # from 2.4 on
    "SGD": ("learning_rate", "momentum", "nesterov"),
    "Adam": ("learning_rate", "beta_1", "beta_2", "epsilon"),
    "RMSprop": ("learning_rate", "rho", "momentum", "epsilon"),
    "Adagrad": ("learning_rate", "initial_accumulator_value", "epsilon"),
    "Nadam": ("learning_rate", "beta_1", "beta_2", "epsilon"),
    **{name: OPTIMIZERS[name].positions for name in ("AdamW", "Lion")},
}

WORKERS = frozenset(
    {"workers", "use_multiprocessing", "max_queue_size", "max_q_size", "nb_worker", "pickle_safe"}
    | {"nb_val_worker", "show_accuracy"}  # Keras 1 took them, and did nothing
)
FIT = Spelling(
    (
        *("x", "y", "batch_size", "epochs", "verbose", "callbacks", "validation_split"),
        *("validation_data", "shuffle", "class_weight", "sample_weight", "initial_epoch"),
    ),
    {"nb_epoch": "epochs", "X": "x"},
    WORKERS,
    frozenset(
        {"class_weight", "sample_weight", "steps_per_epoch", "validation_steps"}
        | {"validation_batch_size"}
    ),
)
FIT_GENERATOR = Spelling(
    (
        *("x", "steps_per_epoch", "epochs", "verbose", "callbacks", "validation_data"),
        *("validation_steps", "class_weight"),
    ),
    {"nb_epoch": "epochs", "generator": "x"},
    WORKERS,
    FIT.refused,
)
EVALUATE_GENERATOR = Spelling(("x", "steps"), {"generator": "x"}, WORKERS, frozenset({"callbacks"}))
EVALUATE = Spelling(
    ("x", "y", "batch_size", "verbose", "sample_weight", "steps"),
    {"X": "x"},
    WORKERS,
    frozenset({"sample_weight", "steps", "callbacks", "return_dict"}),
)
PREDICT = Spelling(
    ("x", "batch_size", "verbose", "steps"),
    {"X": "x"},
    WORKERS,
    frozenset({"steps", "callbacks"}),
)
COMPILE = Spelling(
    ("optimizer", "loss", "metrics"),
    {},
    frozenset(
        {"class_mode", "sample_weight_mode", "run_eagerly", "steps_per_execution", "jit_compile"}
        | {"pss_evaluation_shards"}
    ),
    frozenset({"loss_weights", "weighted_metrics", "target_tensors"}),
)
TRAIN_ON_BATCH = Spelling(
    ("x", "y", "sample_weight", "class_weight"),
    {},
    frozenset({"accuracy"}),
    frozenset({"sample_weight", "class_weight", "reset_metrics", "return_dict"}),
    {"reset_metrics": True},
)
SUMMARY = Spelling(
    ("line_length", "positions", "print_fn"),
    {},
    frozenset({"expand_nested"}),
    frozenset({"show_trainable", "layer_range"}),
)
SAVE = Spelling(
    ("filepath", "overwrite", "include_optimizer", "save_format"),
    {},
    frozenset({"include_optimizer", "save_format", "signatures", "options", "save_traces"}),
)
LOAD_MODEL = Spelling(
    ("filepath", "custom_objects", "compile"), {}, frozenset({"options", "safe_mode"})
)
SAVE_WEIGHTS = Spelling(("filepath", "overwrite"), {}, frozenset({"save_format", "options"}))
LOAD_WEIGHTS = Spelling(
    ("filepath", "by_name"),
    {},
    frozenset({"reshape"}),
    frozenset({"by_name", "skip_mismatch", "options"}),
)
TO_CATEGORICAL = Spelling(("y", "num_classes", "dtype"), {"nb_classes": "num_classes"})
PAD_SEQUENCES = Spelling(("sequences", "maxlen", "dtype", "padding", "truncating", "value"))
