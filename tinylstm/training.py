"""Training, evaluation and prediction: a sequence of compiled calls of some 30 ms each.

Between two calls everything is consistent: parameters, moments, counters and state are those after
a whole batch. A Ctrl-C, a callback or an exception therefore always finds a model that can go on.
"""

import time
import warnings

import numpy as np
from tqdm import tqdm

from .callbacks import History, format_logs
from .errors import find, mismatch
from .kernels.loop import LAST_LOSS, LOSS, METRICS, SEEN
from .layers.recurrent import positive_integer
from .program import PLAN_FIELD, compiled_loop
from .progress import DISPLAYS, ProgressBar

CHUNK_SECONDS = 0.03  # a compiled call cannot be interrupted, so it is short
RESETS = {None: False, "epoch": True}
NOTHING = {}  # empty arrays by dtype, for what a run does not need


def nothing(dtype):
    """An empty vector of a dtype."""
    return NOTHING.setdefault(dtype, np.zeros(0, dtype))


class Run:
    """Batches of one data set through the compiled loop.

    Parameters
    ----------
    model : Sequential
    x : array (N, T, D) or (N, D)
    target : array (N, T, K) or (N, K), optional
        With it, the loss and metrics are taken.
    batch_size : int
    learn : bool
        Update the parameters.
    give : bool
        Collect the outputs in `y`.
    """

    def __init__(self, model, x, target, batch_size, learn=False, give=False):
        self.model = model
        self.warned = False  # of a loss that is not finite
        self.batches = batches = model.state.batches(len(x), batch_size)
        steps = x.shape[1] if x.ndim == 3 else 1
        self.program = program = model.program(steps, batches.rows, batches.chain)
        program.set_carry(batches.carry)
        if target is not None:
            model.bind_loss(program)
        self.plan = program.plan.copy()
        self.fields = fields = self.plan.view(np.ndarray).view(np.int64)
        fields[PLAN_FIELD["batch_size"]] = batches.size
        fields[PLAN_FIELD["samples"]] = len(x)
        fields[PLAN_FIELD["chained"]] = batches.chained
        fields[PLAN_FIELD["hand_on"]] = batches.hand_on
        fields[PLAN_FIELD["learn"]] = learn
        fields[PLAN_FIELD["score"]] = target is not None
        fields[PLAN_FIELD["give"]] = give
        if target is None:
            fields[PLAN_FIELD["layers_forward"]] = len(program.layers)
        none = nothing(model.dtype)
        self.order = np.arange(len(x))
        self.y = none
        if give:
            self.y = np.empty(len(x) * program.y_steps * program.y_features, model.dtype)
        metrics = model.metric_addresses if target is not None else nothing(np.int64)
        self.results = np.zeros(METRICS + len(metrics))
        self.loop = compiled_loop(model.dtype)
        optimizer = model.optimizer if learn else model.no_optimizer
        self.before = (self.plan, program.table, program.batch, optimizer.rule, self.order, metrics)
        self.data = (
            model.trainable_tensors,
            model.trainable_runs,
            x.reshape(-1),
            none if target is None else target.reshape(-1),
            none,
            nothing(np.int8),
            self.y,
            self.results,
            program.flags,
            model.theta,
            model.grad,
            optimizer.moments,
        )

    def __call__(self, first, last):
        """Run batches first ... last - 1; returns the number of the one after the last run."""
        self.fields[0], self.fields[1] = first, last
        carried = self.model.state.open(self.batches)
        return self.loop(*self.before, *self.data, carried, self.program.work)

    def chunk(self, first):
        """Run as many batches from `first` on as take about `CHUNK_SECONDS`."""
        program = self.program
        count = 1 + int(CHUNK_SECONDS / program.seconds_per_batch)
        last = min(first + count, self.batches.count)
        started = time.perf_counter()
        done = self(first, last)
        if done > first:
            program.seconds_per_batch = (time.perf_counter() - started) / (done - first)
        return done, last

    def all(self, verbose=0):
        """Run every batch once, in chunks; with a bar where that is wanted."""
        shown = find_display(verbose) is ProgressBar
        bar = tqdm(total=self.batches.count, unit="batch", dynamic_ncols=True) if shown else None
        done = 0
        while done < self.batches.count:
            first = done
            done, _ = self.chunk(done)
            if bar is not None:
                bar.update(done - first)
        if bar is not None:
            bar.close()

    def logs(self, prefix=""):
        """Mean loss and metrics over the targets seen since the results were zeroed."""
        seen = self.results[SEEN]
        values = [self.results[LOSS] / seen, *(self.results[METRICS:] / seen)] if seen else [np.nan]
        names = ["loss", *self.model.metrics_names[1:]]
        return {prefix + name: float(value) for name, value in zip(names, values, strict=False)}


def checked_batch_size(batch_size, state):
    """The batch size as an int, or the default one."""
    if batch_size is None:
        return state.default_batch_size()
    return positive_integer(batch_size, "batch_size")


def split_validation(x, y, split):
    """Training and validation parts: the last share of the samples, before any shuffling."""
    if not 0 <= split < 1:
        raise mismatch("validation_split is a share of the samples.", "0 <= share < 1", repr(split))
    at = int(len(x) * (1 - split))
    if at == 0 or at == len(x):
        raise mismatch(
            "validation_split leaves one of the two parts empty.",
            "at least one sample in each",
            f"{len(x)} samples, validation_split={split}",
        )
    return (x[:at], y[:at]), (x[at:], y[at:])


def fit(
    model,
    x,
    y,
    batch_size,
    epochs,
    verbose,
    callbacks,
    validation_split,
    validation_data,
    shuffle,
    initial_epoch,
    reset_states,
):
    """See `Sequential.fit`."""
    model.need_compiled()
    x, y = model.samples(x, y)
    batch_size = checked_batch_size(batch_size, model.state)
    reset = find(RESETS, reset_states, "policy for reset_states") if reset_states else False
    display = find_display(verbose)
    if validation_data is not None:
        if len(validation_data) != 2:
            raise mismatch("validation_data is a pair.", "(x, y)", f"{len(validation_data)} parts")
        validation = model.samples(*validation_data)
    elif validation_split:
        (x, y), validation = split_validation(x, y, validation_split)
    else:
        validation = None
    run = Run(model, x, y, batch_size, learn=True)
    test = None
    if validation is not None:
        with model.state.scratch(zero=True):
            test = Run(model, *validation, batch_size)
    if shuffle is None:
        shuffle = not run.batches.hand_on and not run.batches.chained
    elif shuffle and (run.batches.hand_on or run.batches.chained):
        warnings.warn(
            "shuffle=True with a carried state: samples follow each other in random order, so each "
            "starts from the state of one that is not its predecessor.",
            stacklevel=3,
        )
    history = History()
    callbacks = [*(callbacks or ()), history]
    if display is not None:
        display = display()
        callbacks.append(display)
    params = {"epochs": epochs, "initial_epoch": initial_epoch, "steps": run.batches.count}
    for callback in callbacks:
        callback.set_model(model)
        callback.set_params(params | {"verbose": verbose})
    model.history, model.stop_training = history, False
    one_by_one = any(callback.wants_batches() for callback in callbacks)
    for callback in callbacks:
        callback.on_train_begin()
    try:
        for epoch in range(initial_epoch, epochs):
            for callback in callbacks:
                callback.on_epoch_begin(epoch)
            if shuffle:
                run.order[:] = model.shuffler.permutation(len(run.order))
            run.results[:] = 0
            fit_epoch(model, run, epoch, callbacks, one_by_one, display)
            logs = run.logs()
            if test is not None:
                test.results[:] = 0
                with model.state.scratch(zero=True):
                    test.all()
                logs |= test.logs("val_")
            for callback in callbacks:
                callback.on_epoch_end(epoch, logs)
            if reset:
                model.state.reset()
            if model.stop_training:
                break
    finally:
        for callback in callbacks:
            callback.on_train_end()
    return history


def fit_epoch(model, run, epoch, callbacks, one_by_one, display):
    """One pass over the samples."""
    done = 0
    while done < run.batches.count and not model.stop_training:
        first = done
        if one_by_one:
            for callback in callbacks:
                callback.on_train_batch_begin(done)
            last = done + 1
            done = run(done, last)
        else:
            done, last = run.chunk(done)
        if done < last:
            skip_nonfinite(model, run, epoch, done, callbacks)
            done += 1
        if one_by_one:
            logs = run.logs()
            for callback in callbacks:
                callback.on_train_batch_end(first, logs)
        if display is not None:
            display.on_chunk_end(done - first, run.logs())


def skip_nonfinite(model, run, epoch, batch, callbacks):
    """A batch whose loss is not finite changed nothing: say so, once in a fit, and go on."""
    loss = run.results[LAST_LOSS]
    if not run.warned:
        warnings.warn(
            f"The loss of batch {batch} in epoch {epoch + 1} is {loss}: its update was left out, "
            "the weights are those of the batch before.",
            RuntimeWarning,
            stacklevel=5,
        )
    run.warned = True
    run.results[LOSS] = np.nan
    for callback in callbacks:
        callback.on_nonfinite(epoch, batch, loss)


def find_display(verbose):
    """Class of what is shown for a value of ``verbose``."""
    if verbose not in DISPLAYS:
        raise mismatch("verbose chooses what is shown.", "0, 1, 2 or 'auto'", repr(verbose))
    return DISPLAYS[verbose]


def evaluate(model, x, y, batch_size, verbose):
    """See `Sequential.evaluate`."""
    model.need_compiled()
    x, y = model.samples(x, y)
    run = Run(model, x, y, checked_batch_size(batch_size, model.state))
    run.all(verbose)
    logs = run.logs()
    if find_display(verbose) is not None:
        print(format_logs(logs))
    return as_scores(logs)


def as_scores(logs):
    """The loss, or a list of loss and metrics."""
    values = list(logs.values())
    return values if len(values) > 1 else values[0]


def predict(model, x, batch_size, verbose):
    """See `Sequential.predict`."""
    x = model.samples(x)
    run = Run(model, x, None, checked_batch_size(batch_size, model.state), give=True)
    run.all(verbose)
    return run.y.reshape(len(x), *model.shape_of_output(x))


def train_on_batch(model, x, y):
    """See `Sequential.train_on_batch`."""
    model.need_compiled()
    x, y = model.samples(x, y)
    run = Run(model, x, y, len(x), learn=True)
    if run(0, 1) == 0:
        skip_nonfinite(model, run, 0, 0, [])
    return as_scores(run.logs())
