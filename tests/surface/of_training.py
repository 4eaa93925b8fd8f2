"""Callbacks, optimisers, initial values and penalties."""

from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from tinylstm import (
    SGD,
    Adagrad,
    Adam,
    AdamW,
    Dense,
    Lion,
    Nadam,
    RMSprop,
    Sequential,
    callbacks,
    constraints,
    initializers,
    regularizers,
)

from .use import FLAGS, K, Use, X, Y, method, model

RATES = (0.01, 1, np.float32(0.5))
SHARES = (0.0, 0.5)
TINY = (1e-7, 0.1)
MODES = ("auto", "min", "max")
MONITORS = ("loss", "val_loss", "acc", "val_acc")
WATCHING = {"monitor": MONITORS, "mode": MODES, "verbose": (0, 1)}
METHODS = callbacks.callback.METHODS


def trained_with(optimizer):
    """The weights that an optimiser comes to in two updates."""
    made = model(optimizer=optimizer)
    made.fit(X, Y, 2, verbose=0)
    return made.get_weights()


def optimizer(kind, **values):
    """The use of an optimiser; it bounds gradients in one way at a time."""
    bounds = dict.fromkeys(("clipnorm", "clipvalue", "global_clipnorm"), (None, 0.5, 1))
    of_all = {"learning_rate": RATES, "decay": SHARES, "weight_decay": (None, 0.0, 0.5)} | bounds
    return Use(kind, lambda **given: trained_with(kind(**given)), of_all | values)


def told(*given):
    """A training of three epochs, validated, with these callbacks."""
    options = {"validation_data": (X, Y), "epochs": 3, "verbose": 0}
    return model().fit(X, Y, 2, callbacks=[*given], **options)


def callback(kind, **values):
    """The use of a callback."""
    return Use(kind, lambda **given: told(kind(**given)), values)


def writing(kind, name, file, beside=None, **values):
    """The use of a callback that writes a file."""

    def call(**given):
        with TemporaryDirectory() as folder:
            told(kind(given.pop(name)(folder, file), **given))
            return sorted(path.name for path in Path(folder).iterdir())

    paths = (Path, lambda *parts: str(Path(*parts)))
    return Use(kind, call, {name: paths} | values, beside or {})


def plotted(history, **given):
    """A figure of a history."""
    return history.plot(**given)


def drawn(kind, **values):
    """The use of an initialiser."""

    def call(**given):
        start = kind(**given)
        return Sequential([Dense(K, kernel_initializer=start, input_shape=(3,))]).get_weights()

    return Use(kind, call, values)


def penalty(kind, **values):
    """The use of a penalty."""

    def call(**given):
        made = Sequential([Dense(K, kernel_regularizer=kind(**given))])
        made.compile("sgd", "mse")
        return made.fit(X[:, 0], Y, verbose=0).history["loss"]

    return Use(kind, call, values)


def constraint(kind, **values):
    """The use of a constraint."""

    def call(**given):
        made = Sequential([Dense(K, kernel_constraint=kind(**given))])
        made.compile("sgd", "mse")
        return made.fit(X[:, 0], Y, verbose=0).history["loss"]

    return Use(kind, call, values)


AXES = (0, 1, -1, [0, 1], None)
USES = {
    "SGD": optimizer(SGD, momentum=SHARES, nesterov=FLAGS),
    "Adam": optimizer(Adam, beta_1=SHARES, beta_2=SHARES, epsilon=TINY),
    "RMSprop": optimizer(RMSprop, rho=SHARES, momentum=SHARES, epsilon=TINY, centered=FLAGS),
    "AdamW": optimizer(AdamW, weight_decay=SHARES, beta_1=SHARES, beta_2=SHARES, epsilon=TINY),
    "Nadam": optimizer(Nadam, beta_1=SHARES, beta_2=SHARES, epsilon=TINY),
    "Adagrad": optimizer(Adagrad, initial_accumulator_value=SHARES, epsilon=TINY),
    "Lion": optimizer(Lion, beta_1=(0.1, 0.5), beta_2=SHARES),
    "Optimizer.copy": Use(SGD.copy, lambda: trained_with(model().optimizer.copy()), {}),
    "EarlyStopping": callback(
        callbacks.EarlyStopping,
        **WATCHING,
        min_delta=(0, 0.1),
        patience=(0, 1, 9),
        baseline=(None, 0.5),
        restore_best_weights=FLAGS,
        start_from_epoch=(0, 2),
    ),
    "ReduceLROnPlateau": callback(
        callbacks.ReduceLROnPlateau,
        **WATCHING,
        factor=(0.1, 0.5),
        patience=(0, 1, 10),
        min_delta=(1e-4, 0, 0.5),
        cooldown=(0, 1),
        min_lr=(0.0, 1e-3),
    ),
    "LearningRateScheduler": callback(
        callbacks.LearningRateScheduler,
        schedule=(lambda epoch: 0.1 / (epoch + 1), lambda epoch, rate: rate / 2),
        verbose=(0, 1),
    ),
    "Recorder": callback(
        callbacks.Recorder, epochs=(50, "all", "log", [1, 2]), max_bytes=(64 * 2**20, 10**5)
    ),
    "TerminateOnNaN": callback(callbacks.TerminateOnNaN, raise_error=FLAGS),
    "LambdaCallback": callback(
        callbacks.LambdaCallback, **dict.fromkeys(METHODS, (None, lambda *told: None))
    ),
    "ModelCheckpoint": writing(
        callbacks.ModelCheckpoint,
        "filepath",
        "{epoch:02d}-{val_loss:.2f}.safetensors",
        **WATCHING,
        save_best_only=FLAGS,
        save_weights_only=FLAGS,
        save_freq=("epoch",),
        initial_value_threshold=(None, 0.5),
    ),
    "ModelCheckpoint by batches": writing(
        callbacks.ModelCheckpoint,
        "filepath",
        "{epoch:02d}-{batch}.safetensors",
        beside={"monitor": "loss", "save_freq": 2},
        verbose=(0, 1),
        save_best_only=FLAGS,
        save_freq=(1, 3),
    ),
    "BackupAndRestore": writing(
        callbacks.BackupAndRestore,
        "backup_dir",
        "backup",
        save_freq=("epoch", 1, 3),
        delete_checkpoint=FLAGS,
    ),
    "CSVLogger": writing(
        callbacks.CSVLogger, "filename", "log.csv", separator=(",", ";", "\t"), append=FLAGS
    ),
    "History.plot": method("plot", told, metric=(None, "loss", "acc")),
    "Constant": drawn(initializers.Constant, value=(0.0, 1)),
    "RandomNormal": drawn(initializers.RandomNormal, mean=(0.0, 1), stddev=(0.05, 2)),
    "TruncatedNormal": drawn(initializers.TruncatedNormal, mean=(0.0, 1), stddev=(0.05, 2)),
    "RandomUniform": drawn(initializers.RandomUniform, minval=(-0.05, -1), maxval=(0.05, 1)),
    "VarianceScaling": drawn(
        initializers.VarianceScaling,
        scale=(1.0, 2),
        mode=tuple(initializers.FANS),
        distribution=tuple(initializers.DISTRIBUTIONS),
    ),
    "L1L2": penalty(regularizers.L1L2, l1=(0.0, 0.1), l2=(0.0, 0.1)),
    "l1": penalty(regularizers.l1, l1=(0.01, 0)),
    "l2": penalty(regularizers.l2, l2=(0.01, 0)),
    "l1_l2": penalty(regularizers.l1_l2, l1=(0.01, 0), l2=(0.01, 0)),
    "MaxNorm": constraint(constraints.MaxNorm, max_value=(2, 0.5), axis=AXES),
    "NonNeg": constraint(constraints.NonNeg),
    "UnitNorm": constraint(constraints.UnitNorm, axis=AXES),
    "MinMaxNorm": constraint(
        constraints.MinMaxNorm, min_value=(0, 0.1), max_value=(1, 0.5), rate=SHARES, axis=AXES
    ),
}
