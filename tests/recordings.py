"""Numbers of many small models, to the bit: what a change of the kernels must leave as it is.

    python -m tests.recordings write FILE      in a checkout of before
    python -m tests.recordings compare FILE    in one of after, on the same machine

Each configuration gives its predictions, a pass with all its gradients, a training with its
losses, weights and moments, the state that is carried on, steps one by one and what it generates.
The bits are those of one machine and one processor: such a file is no part of the repository.
"""

import sys
from functools import partial
from pathlib import Path

import click
import numpy as np

import tinylstm
from tests.models import MODES, randomize
from tests.tolerances import error
from tinylstm import (
    GRU,
    LSTM,
    RNN,
    SGD,
    Activation,
    Adam,
    Bidirectional,
    Dense,
    Dropout,
    Embedding,
    Flatten,
    Masking,
    RepeatVector,
    RMSprop,
    Sequential,
    SimpleRNN,
    TimeDistributed,
)
from tinylstm.regularizers import l1_l2

N, B, T, D, H, K, V = 12, 4, 5, 3, 7, 3, 9
WIDE = {"N": 8, "B": 4, "T": 6, "H": 520}  # no multiple of a panel
LONG = {"N": 1, "B": 1, "T": 60, "H": 200}  # one row, whose units threads share
ROWS = {"N": 64, "B": 32, "T": 20, "H": 48}  # rows that threads share
SMALL = {"N": N, "B": B, "T": T, "H": H}


def last(H, **lstm):
    return [LSTM(H, **lstm), Dense(K)]


def steps(H, **lstm):
    return [LSTM(H, return_sequences=True, **lstm), Dense(K)]


def two(H, **lstm):
    return [LSTM(H, return_sequences=True, **lstm), Dropout(0.2), LSTM(H + 2, **lstm), Dense(K)]


def masked(H, **lstm):
    return [Masking(), LSTM(H, return_sequences=True, **lstm), LSTM(H, **lstm), Dense(K)]


def others(H, **rnn):
    kinds = GRU, partial(GRU, reset_after=False), SimpleRNN
    return [Masking(), *(kind(H, return_sequences=True, **rnn) for kind in kinds), Dense(K)]


def both(H, merge_mode="concat", **lstm):
    inside = LSTM(H, return_sequences=True, **lstm)
    return [Bidirectional(inside, merge_mode), TimeDistributed(Dense(4, "tanh")), Dense(K)]


def words(H, **lstm):
    return [Embedding(V, 4, mask_zero=True), LSTM(H, **lstm), Dense(K, "softmax")]


def repeated(H, **lstm):
    between = [RepeatVector(3), LSTM(H, return_sequences=True, **lstm)]
    return [LSTM(H, **lstm), *between, Activation("tanh"), Flatten(), Dense(K)]


STACKS = (last, steps, two, masked, others, both, words, repeated)
OPTIONS = {
    "backwards": {"go_backwards": True},
    "no bias": {"use_bias": False},
    "relu": {"activation": "relu", "recurrent_activation": "hard_sigmoid"},
    "dropout": {"dropout": 0.3},
    "recurrent dropout": {"recurrent_dropout": 0.3},
    "both dropouts": {"dropout": 0.2, "recurrent_dropout": 0.3},
    "penalties": {"kernel_regularizer": l1_l2(1e-3, 1e-2), "recurrent_regularizer": "l2"},
}
OPTIMIZERS = {
    "momentum": partial(SGD, 0.05, momentum=0.9, nesterov=True),
    "rmsprop": partial(RMSprop, 0.01, centered=True),
    "clipped": partial(Adam, 0.01, clipnorm=0.1),
    "clipped together": partial(Adam, 0.01, global_clipnorm=0.1),
}


def configurations():
    """{name: (stack, sizes, options of the recurrent layers, optimiser, dtype, threads)}."""
    found = {}

    def add(name, stack, sizes=SMALL, optimizer=Adam, dtype="float32", threads=1, **lstm):
        found[name] = stack, sizes, lstm, optimizer, dtype, threads

    for stack in STACKS:
        for mode, arguments in MODES.items():
            if not (mode == "batch_carried" and stack in (both, repeated)):
                add(f"{stack.__name__}, {mode}", stack, **arguments)
        add(f"{stack.__name__}, float64", stack, dtype="float64")
    for name, lstm in OPTIONS.items():
        for mode in ("stateless", "stateful"):
            add(f"two, {name}, {mode}", two, **lstm, **MODES[mode])
    for merge_mode in ("sum", "mul", "ave"):
        add(f"both, {merge_mode}", both, merge_mode=merge_mode)
    for name, optimizer in OPTIMIZERS.items():
        add(f"steps, {name}", steps, optimizer=optimizer)
    for threads in (1, 2, 3):
        for label, sizes in {"wide": WIDE, "long": LONG, "rows": ROWS}.items():
            for mode in ("stateless", "stateful"):
                arguments = {"sizes": sizes, "threads": threads, **MODES[mode]}
                add(f"two, {label}, {threads} threads, {mode}", two, **arguments)
            for stack in masked, others:
                name = f"{stack.__name__}, {label}, {threads} threads"
                add(name, stack, sizes=sizes, threads=threads)
        add(f"both, rows, {threads} threads", both, sizes=ROWS, threads=threads)
        for stack in two, others:
            name = f"{stack.__name__}, dropout, rows, {threads} threads"
            add(name, stack, sizes=ROWS, threads=threads, dropout=0.3, recurrent_dropout=0.2)
    return found


def record(stack, sizes, lstm, optimizer, dtype, threads):
    """{name: array} of all that one configuration computes."""
    tinylstm.set_random_seed(7)
    tinylstm.set_num_threads(threads)
    rng = np.random.default_rng(3)
    n, batch, t = sizes["N"], sizes["B"], sizes["T"]
    reads = stack is words
    x = rng.integers(0, V, (n, t)) if reads else rng.normal(size=(n, t, D))
    if stack in (masked, others):
        x[rng.random((n, t)) < 0.3] = 0
        x[:, 0] = rng.normal(size=(n, D))
    model = Sequential(stack(sizes["H"], **lstm), dtype=dtype)
    model.build((None, t) if reads else (None, t, D))
    model.compile(optimizer(), "categorical_crossentropy" if reads else "mse", metrics=["mae"])
    randomize(model, rng)
    y = rng.random((n, *model.output_shape[1:]))
    y /= y.sum(axis=-1, keepdims=True)
    found = {"predict": model.predict(x, batch_size=batch)}
    model.reset_states()
    found |= of_pass(model, x[:batch], rng)
    options = {"batch_size": batch, "epochs": 3, "verbose": 0}
    history = model.fit(x, y, **options).history
    found |= {f"history {name}": np.array(values) for name, values in history.items()}
    found |= {"weights": model.theta.copy(), "moments": model.optimizer.moments.copy()}
    found |= {"state": model.state.values.copy()}
    found["evaluate"] = np.array(model.evaluate(x, y, batch_size=batch))
    one_by_one = stack not in (both, repeated) and not lstm.get("go_backwards")
    return found | (of_steps(model, stack, x) if one_by_one else {})


def of_pass(model, x, rng):
    """A pass with every array of its trace, back from a random gradient."""
    trace = model.trace(x, training=True)
    y = model.forward(x, training=True)
    gradients = model.backward(rng.normal(size=y.shape))
    found = {"forward": y, "gradient": np.concatenate([g.ravel() for g in flat(gradients)])}
    for layer in model.layers:
        if isinstance(layer, RNN):
            seen, names = trace[layer.name], ("z", *layer.gate_names, *layer.state_names)
            arrays = [getattr(seen, name).ravel() for name in names if hasattr(seen, name)]
            found[f"trace {layer.name}"] = np.concatenate(arrays)
    return found


def flat(gradients):
    """All arrays of some `Gradients`, but those of x, which words have not."""
    for tensors in gradients.values():
        yield from tensors.values()
    for arrays in gradients.states.values():
        yield from arrays


def of_steps(model, stack, x):
    """Steps one by one, and closed loops, in which the model reads what it puts out."""
    stepper = model.stepper(rows=len(x))
    found = {"stepper": np.array([np.array(stepper(x[:, t])) for t in range(x.shape[1])])}
    if stack is words:
        found["generate"] = model.generate(x, 20, "sample", seed=5)
    else:
        found["generate"] = model.generate(x, 20)
        found["generate, window"] = model.generate(x, 20, window=3)
    return found


@click.command()
@click.argument("what", type=click.Choice(["write", "compare"]))
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--only", default="", help="Configurations whose name has this in it.")
def main(what, file, only):
    """Write all numbers to FILE.npz, or compare them with those that are there."""
    chosen = {name: one for name, one in configurations().items() if only in name}
    found = {
        f"{name}: {key}": array
        for name, one in chosen.items()
        for key, array in record(*one).items()
    }
    count = f"{len(chosen)} configurations, {len(found)} arrays"
    if what == "write":
        np.savez(file, **found)
        click.echo(f"{count}: written to {file}")
        return
    different = 0
    with np.load(file) as before:
        wanted = [name for name in before.files if only in name.partition(":")[0]]
        for name in sorted({*found} ^ {*wanted}):
            different += 1
            click.echo(f"{name}: only {'here' if name in found else 'in the file'}")
        for name in wanted:
            if name in found and before[name].tobytes() != found[name].tobytes():
                different += 1
                click.echo(f"{name}: {error(found[name], before[name]):.1e} of its largest")
    click.echo(f"{count}: {different} are not the same")
    sys.exit(1 if different else 0)


if __name__ == "__main__":
    main()
