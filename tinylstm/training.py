"""Training, evaluation and prediction: a sequence of compiled calls of some 30 ms each.

Between two calls everything is consistent: parameters, moments, counters and state are those after
a whole batch. A Ctrl-C, a callback or an exception therefore always finds a model that can go on.
"""

import time
from contextlib import nullcontext
from functools import lru_cache
from numbers import Real

import numpy as np

from .callbacks import Callback, History
from .data import as_list
from .errors import find, mismatch, warn, whole_number
from .kernels.compiler import COMPILED
from .kernels.loop import LAST_LOSS, LOSS, METRICS, PLAN, SEEN, VALID
from .program import PLAN_FIELD, compiled_loop
from .progress import find_display

CHUNK_SECONDS = 0.03  # a compiled call cannot be interrupted, so it is short
NO_RANGES = np.zeros((0, 2), np.int64)
NO_PENALTIES = NO_RANGES, np.zeros((0, 2))
NOTHING_TO_UNDO = nullcontext()  # a built model is not built by a call
EPOCHS_A_CALL = 4096  # at most
RESETS = {"epoch": True}


@lru_cache
def nothing(dtype):
    """An empty vector of a dtype, for what a run does not need."""
    return np.zeros(0, dtype)


class Run:
    """Batches of one data set through the compiled loop.

    Parameters
    ----------
    model : Sequential
    x : array (N, T, D) or (N, D)
    target : array (N, T, K) or (N, K), optional
        With it, the loss and metrics are taken.
    weight : array (N, T) or (N, 1), optional
        Of each target in the loss.
    batch_size : int
    learn : bool
        Update the parameters.
    give : bool
        Collect the outputs in `y`.
    epochs : int
        As many may be run in one call.
    """

    def __init__(
        self, model, x, target=None, weight=None, batch_size=1, learn=False, give=False, epochs=1
    ):
        self.model, self.x = model, x
        if learn:
            model.last_pass = None  # its values are not those of the new parameters
        self.warned = False  # of a loss that is not finite
        self.batches = batches = model.state.batches(len(x), batch_size)
        steps = x.shape[1] if x.ndim == 3 else 1
        self.program = program = model.program(steps, batches.rows, batches.chain)
        self.kind = (program.steps, program.rows, program.chain, learn)
        program.set_carry(batches.carry)
        if target is not None:
            model.bind_loss(program)
        self.fields = fields = program.plan_vector.copy()
        plan = np.ndarray(1, PLAN, fields)  # the same memory
        self.plan = plan if COMPILED else plan.view(np.recarray)
        fields[PLAN_FIELD["count"]] = batches.count
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
        self.results = np.zeros((epochs, METRICS + len(metrics)))
        self.loop = compiled_loop(model.dtype)
        optimizer = model.optimizer if learn else model.no_optimizer
        self.before = (self.plan, program.table, program.batch, optimizer.rule, self.order, metrics)
        self.data = (
            *(model.trained_tensors(program) if learn else (NO_RANGES, NO_RANGES)),
            *(model.penalties() if target is not None else NO_PENALTIES),
            x.reshape(-1),
            none if target is None else target.reshape(-1),
            none if weight is None else weight.reshape(-1),
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
        done = self.loop(*self.before, *self.data, carried, self.program.work)
        if done > first:
            for recorder in self.model.recorders:
                recorder.record(self, first)
        return done

    def chunk(self, first, limit):
        """Run as many batches from `first` on as take about `CHUNK_SECONDS`; one, to begin with."""
        paces = self.model.seconds_per_batch
        count = int(CHUNK_SECONDS / paces[self.kind]) if self.kind in paces else 0
        rows_end = (first // self.batches.count + len(self.results)) * self.batches.count
        if self.model.recorders:
            count = 0  # they read the workspace after each batch
        last = min(first + 1 + count, limit, rows_end)
        started = time.perf_counter()
        done = self(first, last)
        if done > first:
            paces[self.kind] = (time.perf_counter() - started) / (done - first)
        return done, last

    def all(self, display=None):
        """Run every batch once, in chunks, and tell a display."""
        done = 0
        while done < self.batches.count:
            first = done
            done, _ = self.chunk(done, self.batches.count)
            if display is not None:
                display.on_chunk_end(done - first, self.scores())

    def shown(self, kind):
        """Run every batch once, with a display of that kind, or none."""
        if kind is None:
            return self.all()
        display = kind()
        display.set_params(self.params())
        display.on_pass_begin()
        try:
            self.all(display)
        finally:
            display.close()
        display.on_pass_end(self.scores())

    def params(self):
        """What callbacks are told about the data."""
        size = self.batches.size
        return {"steps": self.batches.count, "samples": len(self.x), "batch_size": size}

    def scores(self):
        """The logs, where a target is known."""
        return self.logs() if self.fields[PLAN_FIELD["score"]] else {}

    def outputs(self):
        """What `y` holds, in the shape of the model's output."""
        return self.y.reshape(len(self.x), *self.model.shape_of_output(self.x))

    def logs(self, prefix=""):
        """Mean loss and metrics over the targets seen so far in the epoch."""
        logs = {prefix + name: values[0] for name, values in self.columns(1).items()}
        return self.model.logs_kind(logs)

    def columns(self, epochs):
        """The logs of so many epochs that ended in the last call: {name: a value each}."""
        results = self.results[:epochs]
        counts = np.where(results > 0, results, np.nan)  # none, where the first batch was left out
        loss = results[:, LOSS] / counts[:, SEEN]
        metrics = results[:, METRICS:] / counts[:, VALID, None]
        means = np.column_stack([loss, metrics]).T.tolist()
        return dict(zip(self.model.metrics_names, means, strict=True))


def prepare(model, arrays, batch_size=None, one_batch=False, **kind):
    """A `Run` over samples, or samples and targets; where they do not fit, nothing has changed."""
    batch_size = checked_batch_size(batch_size)
    with model.all_or_nothing() if model.theta is None else NOTHING_TO_UNDO:
        x, *targets = model.samples(*arrays)
        size = len(x) if one_batch else batch_size or model.state.default_batch_size()
        return Run(model, x, *targets, batch_size=size, **kind)


def checked_batch_size(batch_size):
    """The batch size as an int, or None for the default one."""
    return None if batch_size is None else whole_number(batch_size, "batch_size")


def split_validation(arrays, split):
    """Training and validation parts of x, y and weights: the last share of the samples is the
    second, before any shuffling."""
    count = len(arrays[0])
    at = int(count * (1 - split))
    if at == 0 or at == count:
        raise mismatch(
            "validation_split leaves one of the two parts empty.",
            "at least one sample in each",
            f"{count} samples, validation_split={split}",
        )
    parts = slice(at), slice(at, None)
    return ([None if a is None else a[part] for a in arrays] for part in parts)


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
    class_weight,
    sample_weight,
    initial_epoch,
    reset_states,
):
    """See `Sequential.fit`."""
    model.need_compiled()
    batch_size = checked_batch_size(batch_size)
    epochs = whole_number(epochs, "epochs", least=0)
    initial_epoch = whole_number(initial_epoch, "initial_epoch", least=0)
    display = find_display(model.displays, verbose)
    callbacks = checked_callbacks(callbacks)
    reset = find(RESETS, reset_states, "policy for reset_states") if reset_states else False
    check_options(shuffle, validation_split, validation_data)
    with model.all_or_nothing():
        arrays = model.samples(x, y, sample_weight, class_weight)
        batch_size = batch_size or model.state.default_batch_size()
        validation = None
        if validation_data is not None:
            validation = model.samples(*validation_data)
        elif validation_split:
            arrays, validation = split_validation(arrays, validation_split)
        rows = min(EPOCHS_A_CALL, max(epochs, 1))
        run = Run(model, *arrays, batch_size, learn=True, epochs=rows)
        test = None
        if validation is not None:
            with model.state.scratch(zero=True):
                test = Run(model, *validation, batch_size)
    carried = run.batches.hand_on or run.batches.chained
    if shuffle is None:
        shuffle = not carried
    elif shuffle and carried:
        warn(
            "shuffle=True with a carried state: samples follow each other in random order, so each "
            "starts from the state of one that is not its predecessor."
        )
    model.history, model.stop_training = History(model.logs_kind), False
    watched = display is not None or test is not None or bool(callbacks)
    display = None if display is None else display()
    callbacks = [*callbacks, model.history, *([] if display is None else [display])]
    params = {"epochs": epochs, "initial_epoch": initial_epoch, **run.params()}
    if test is not None:
        params["validation_samples"] = len(test.x)
    for callback in callbacks:
        callback.set_model(model)
        callback.set_params(params | {"verbose": verbose})
    for callback in callbacks:
        callback.on_train_begin({})
    run.fields[PLAN_FIELD["start"]] = initial_epoch * run.batches.count
    run.fields[PLAN_FIELD["shuffle"]] = shuffle
    run.fields[PLAN_FIELD["shuffles"]] = model.epochs_seen - initial_epoch
    run.fields[PLAN_FIELD["drawn"]] = model.epochs_seen
    run.fields[PLAN_FIELD["reset"]] = reset and not watched
    try:
        fit_epochs(model, run, test, (initial_epoch, epochs), callbacks, display, watched, reset)
    finally:
        if display is not None:
            display.close()
    return model.history


def fit_epochs(model, run, test, epochs, callbacks, display, watched, reset):
    """The epochs from the first to before the second number.

    Watched by anybody but the history, each epoch ends a compiled call; else a call may span many.
    """
    count = run.batches.count
    one_by_one = any(callback.wants_batches() for callback in callbacks)
    done, logs = epochs[0] * count, {}
    while done < epochs[1] * count and not model.stop_training:
        first, epoch = done, done // count
        if watched and done % count == 0:
            for callback in callbacks:
                callback.on_epoch_begin(epoch, {})
        if one_by_one:
            for callback in callbacks:
                callback.on_train_batch_begin(done % count, {})
        limit = (epoch + 1) * count if watched else epochs[1] * count
        done = advance(model, run, done, done + 1 if one_by_one else limit, callbacks, watched)
        if one_by_one:
            for callback in callbacks:
                callback.on_train_batch_end(first % count, run.logs())
        if display is not None:
            display.on_chunk_end(done - first, run.logs())
        if watched and (done == limit or model.stop_training):
            logs = end_epoch(model, run, test, epoch, callbacks)
            if reset:
                model.state.reset()
        if done % count:  # the epoch goes on: its sums move to where the next call looks for them
            run.results[0] = run.results[done // count - epoch]
    if reset and done > epochs[0] * count:
        model.state.reset()
    for callback in callbacks:
        callback.on_train_end(logs)


def advance(model, run, first, limit, callbacks, watched):
    """One compiled call; returns the number of the batch after the last.

    A Ctrl-C is heard when it returns, or just after: what it has done is noted all the same.
    """
    count, updates, done = run.batches.count, model.optimizer.iterations, first
    try:
        done, last = run.chunk(first, limit)
        if done < last:
            skip_nonfinite(run, *divmod(done, count), done // count - first // count, callbacks)
            done += 1
        note_epochs(model, run, first, done, watched)
    except BaseException:
        done = max(done, first + model.optimizer.iterations - updates)
        note_epochs(model, run, first, done, watched)
        raise
    return done


def note_epochs(model, run, first, done, watched):
    """Count the orders that were drawn and, where nobody else watches, give the history its epochs.

    May be called again for the same batches.
    """
    model.epochs_seen = int(run.fields[PLAN_FIELD["drawn"]])
    if not watched:
        epoch = first // run.batches.count
        model.history.extend(epoch, run.columns(done // run.batches.count - epoch))


def end_epoch(model, run, test, epoch, callbacks):
    """Validate from zeros on scratch state, and tell the callbacks; returns the logs."""
    logs = run.logs()
    if test is not None:
        with model.state.scratch(zero=True):
            test.all()
        logs |= test.logs("val_")
    for callback in callbacks:
        callback.on_epoch_end(epoch, logs)
    return logs


def checked_callbacks(callbacks):
    """A new list of the callbacks."""
    callbacks = as_list(callbacks or (), "callbacks")
    for callback in callbacks:
        if not isinstance(callback, Callback):
            raise mismatch(
                "This is not a callback.", "instances of Callback", repr(callback), TypeError
            )
    return callbacks


def check_options(shuffle, validation_split, validation_data):
    """Refuse what these options of `fit` cannot be."""
    if shuffle not in (None, True, False):
        raise mismatch("shuffle is a choice.", "True, False or None", repr(shuffle))
    if not isinstance(validation_split, Real) or not 0 <= validation_split < 1:
        raise mismatch(
            "validation_split is a share of the samples.", "0 <= share < 1", repr(validation_split)
        )
    if validation_data is not None:
        parts = len(as_list(validation_data, "validation_data"))
        if parts not in (2, 3):
            expected = "(x, y) or (x, y, sample_weight)"
            raise mismatch("validation_data is a pair.", expected, f"{parts} parts")


def skip_nonfinite(run, epoch, batch, row, callbacks):
    """A batch whose loss is not finite changed nothing: say so, once in a fit, and go on."""
    loss = run.results[row, LAST_LOSS]
    if not run.warned:
        run.warned = True
        warn(
            f"The loss of batch {batch} in epoch {epoch + 1} is {loss}: its update was left out, "
            "the weights are those of the batch before.",
            RuntimeWarning,
        )
    run.results[row, LOSS] = np.nan
    for callback in callbacks:
        callback.on_nonfinite(epoch, batch, loss)


def evaluate(
    model,
    x,
    y,
    batch_size=None,
    verbose=0,
    sample_weight=None,
    return_dict=False,
    one_batch=False,
):
    """See `Sequential.evaluate` and `test_on_batch`."""
    model.need_compiled()
    display = find_display(model.displays, verbose)
    run = prepare(model, (x, y, sample_weight), batch_size, one_batch)
    run.shown(display)
    return as_scores(run.logs(), return_dict)


def as_scores(logs, return_dict):
    """The loss, or a list of loss and metrics, or all of them by name."""
    if return_dict:
        return logs
    values = list(logs.values())
    return values if len(values) > 1 else values[0]


def predict(model, x, batch_size=None, verbose=0, one_batch=False):
    """See `Sequential.predict` and `predict_on_batch`."""
    display = find_display(model.displays, verbose)
    run = prepare(model, (x,), batch_size, one_batch, give=True)
    run.shown(display)
    return run.outputs()


def train_on_batch(model, x, y, sample_weight, class_weight, return_dict):
    """See `Sequential.train_on_batch`."""
    model.need_compiled()
    run = prepare(model, (x, y, sample_weight, class_weight), one_batch=True, learn=True)
    if run(0, 1) == 0:
        skip_nonfinite(run, 0, 0, 0, [])
    return as_scores(run.logs(), return_dict)
