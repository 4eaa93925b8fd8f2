"""Training, evaluation and prediction: a sequence of compiled calls of some 30 ms each.

Between two calls everything is consistent: parameters, moments, counters and state are those after
a whole batch. A Ctrl-C, a callback or an exception therefore always finds a model that can go on.
"""

from collections.abc import Iterable
from contextlib import nullcontext
from numbers import Real

from ..callbacks import Callback
from ..data.arrays import copied
from ..data.sources import is_stream, source_of
from ..data.staging import UNKNOWN
from ..data.streamed import Streamed
from ..shown.progress import find_display
from ..surface.arguments import as_list, choice, find, listed, whole_number
from ..surface.errors import has_a_name, kind_of, mismatch, warn
from . import resuming
from .doubts import warn_of_outputs, warn_of_streams
from .epochs import Training, skip_nonfinite
from .passes import watched_pass
from .runs import Run
from .staged_runs import open_run

NOTHING_TO_UNDO = nullcontext()  # a built model is not built by a call
EPOCHS_A_CALL = 4096  # at most
RESETS = {"epoch": True}


def run_of(model, arrays, batch_size=None, one_batch=False, steps=None, **kind):
    """A `Run` over samples, or samples and targets; where they do not fit, nothing has changed."""
    batch_size = checked_batch_size(batch_size)
    with model.all_or_nothing() if model.theta is None else NOTHING_TO_UNDO:
        source = None if one_batch else source_of(model, *arrays, steps=steps)
        if source is not None:
            return open_run(model, source, batch_size, **kind)
        x, *targets = model.samples(*arrays)
        size = len(x) if one_batch else batch_size or model.state.default_batch_size()
        return Run(model, x, *targets, batch_size=size, **kind)


def whole_pass(model, kind, arrays, batch_size, one_batch, steps, watchers):
    """The logs of a pass over data, or its outputs.

    Where it fails, after whatever batch and for whatever reason, the model and its carried state
    are as before.

    kind: "test" or "predict". watchers: callbacks, verbose and the kind of display.
    """
    with model.all_or_nothing() if model.theta is None else NOTHING_TO_UNDO:
        state = model.state
        carries = model.theta is not None and state.hand_on
        before = (state.values.copy(), state.rows, state.free) if carries else None
        try:
            run = run_of(model, arrays, batch_size, one_batch, steps, give=kind == "predict")
            done = watched_pass(run, kind, *watchers)
            return run.outputs(done) if run.give else run.logs()
        except BaseException:
            if carries:
                values, rows, free = before
                state.hold(copied(values), rows, free)
            raise


def given(model, *data, steps=None):
    """Data of a call: what brings it in stages, or arrays through the gate."""
    source = source_of(model, *data, steps=steps)
    return model.samples(*data) if source is None else source


def check_steps(data, wanted, name):
    """Refuse a generator whose end nobody knows where the batches of an epoch must be known."""
    if wanted and isinstance(data, Streamed) and data.steps == UNKNOWN:
        raise mismatch("Nobody knows how many batches make an epoch.", name, "a generator alone")


def checked_batch_size(batch_size):
    """The batch size as an int, or None for the default one."""
    return None if batch_size is None else whole_number(batch_size, "batch_size")


def split_validation(arrays, split):
    """Training and validation parts of x, y and weights: the last share of the samples is the
    second, before any shuffling."""
    if isinstance(arrays, Streamed):
        raise mismatch("A generator cannot be split.", "validation_data", "validation_split")
    count = len(arrays[0]) if isinstance(arrays, list) else len(arrays)
    at = int(count * (1 - split))
    if at == 0 or at == count:
        raise mismatch(
            "validation_split leaves one of the two parts empty.",
            "at least one sample in each",
            f"{count} samples, validation_split={split}",
        )
    parts = slice(at), slice(at, None)
    if not isinstance(arrays, list):
        return (arrays[part] for part in parts)
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
    steps_per_epoch,
    validation_steps,
    validation_freq,
    reset_states,
):
    """See `Sequential.fit`."""
    model.need_compiled()
    batch_size = checked_batch_size(batch_size)
    epochs = whole_number(epochs, "epochs", least=0)
    initial_epoch = whole_number(initial_epoch, "initial_epoch", least=0)
    display = find_display(verbose)
    callbacks = checked_callbacks(callbacks)
    reset = checked_reset(reset_states)
    check_options(shuffle, validation_split, validation_data)
    validated = checked_epochs(validation_freq)
    data = given(model, x, y, sample_weight, class_weight, steps=steps_per_epoch)
    check_steps(data, initial_epoch > 0, "steps_per_epoch")
    validation = None
    if validation_data is not None:
        validation = given_validation(model, validation_data, validation_steps)
        check_steps(validation, epochs - initial_epoch > 1, "validation_steps")
    elif validation_split:
        data, validation = split_validation(data, validation_split)
        if class_weight is not None:  # which is for training alone
            plain = given(model, x, y, sample_weight)
            _, validation = split_validation(plain, validation_split)
    earlier = resuming.earlier(model, callbacks)
    if earlier is not None:
        initial_epoch = earlier["epoch"]
        check_steps(data, initial_epoch > 0, "steps_per_epoch")
        resuming.skip(data, min(initial_epoch, epochs), earlier["batch"])
        before = range(min(initial_epoch, epochs))
        resuming.skip(validation, sum(map(validated, before)), 0)
    measure = any(callback.wants_gradients() for callback in callbacks)
    options = {"learn": True, "epochs": min(EPOCHS_A_CALL, max(epochs, 1)), "measure": measure}
    run = open_run(model, data, batch_size, **options)
    test = open_validation(model, validation, batch_size)
    warn_of_outputs(model)
    if batch_size is None and not isinstance(data, Streamed):
        warn_of_streams(model, run.batches)
    shuffle = shuffled(run, data, shuffle)
    if earlier is not None:
        resuming.need_same_run(run, earlier)
        model.write(*earlier.pop("change"))
        if not run.staged:  # dropout follows from the seed, what is left out from the moments
            run = open_run(model, data, run.batches.size, **options)
    span = initial_epoch, epochs
    training = Training(run, test, span, callbacks, display, validated, reset, earlier)
    return training.train(shuffle, verbose)


def checked_reset(policy):
    """Whether the state becomes zero after each epoch."""
    never = policy is None or policy is False
    return False if never else find(RESETS, policy, "policy for reset_states")


def given_validation(model, validation_data, steps):
    """The validation data of `fit`: a generator, or (x, y) or (x, y, sample_weight)."""
    if is_stream(validation_data):
        return source_of(model, validation_data, None, steps=steps)
    return given(model, *validation_data, steps=steps)


def open_validation(model, validation, batch_size):
    """A run over validation data, from zeros on scratch state; None without such data."""
    if validation is None:
        return None
    size = None if isinstance(validation, Streamed) else batch_size
    with model.state.scratch(zero=True):
        test = open_run(model, validation, size)
    test.within = " of the validation"
    return test


def shuffled(run, data, shuffle):
    """Whether the samples are read in another order each epoch."""
    if isinstance(data, Streamed):
        return False  # its order is its own
    carried = run.batches.hand_on or run.batches.chained
    if shuffle and carried:
        warn(
            "shuffle=True with a carried state: samples follow each other in random order, so each "
            "starts from the state of one that is not its predecessor."
        )
    return not carried if shuffle is None else shuffle


def checked_epochs(validation_freq):
    """A function: whether a validation follows an epoch, counted from 0."""
    if isinstance(validation_freq, Iterable) and not isinstance(validation_freq, str):
        epochs = as_list(validation_freq, "validation_freq")
        numbers = {whole_number(number, "An epoch in validation_freq") for number in epochs}
        return lambda epoch: epoch + 1 in numbers
    frequency = whole_number(validation_freq, "validation_freq")
    return lambda epoch: (epoch + 1) % frequency == 0


def checked_callbacks(callbacks):
    """A new list of the callbacks, whose methods take what they are given."""
    callbacks = [callbacks] if isinstance(callbacks, Callback) else listed(callbacks, "callbacks")
    for callback in callbacks:
        if not isinstance(callback, Callback):
            expected = "instances of Callback, of tinylstm.callbacks"
            came = kind_of(callback) if has_a_name(callback) else repr(callback)
            raise mismatch("This is not a callback.", expected, came, TypeError)
        callback.check_arguments()
    return callbacks


def check_options(shuffle, validation_split, validation_data):
    """Refuse what these options of `fit` cannot be."""
    choice(shuffle, "shuffle")
    if not isinstance(validation_split, Real) or not 0 <= validation_split < 1:
        raise mismatch(
            "validation_split is a share of the samples.", "0 <= share < 1", repr(validation_split)
        )
    if validation_data is not None and not is_stream(validation_data):
        parts = len(as_list(validation_data, "validation_data"))
        if parts not in (2, 3):
            expected = "(x, y) or (x, y, sample_weight)"
            raise mismatch("validation_data is a pair.", expected, f"{parts} parts")


def evaluate(
    model,
    x,
    y,
    batch_size=None,
    verbose=0,
    sample_weight=None,
    return_dict=False,
    one_batch=False,
    steps=None,
    callbacks=None,
):
    """See `Sequential.evaluate` and `test_on_batch`."""
    model.need_compiled()
    return_dict = choice(return_dict, "return_dict")
    display = find_display(verbose)
    callbacks = checked_callbacks(callbacks)
    arrays, watchers = (x, y, sample_weight), (callbacks, verbose, display)
    logs = whole_pass(model, "test", arrays, batch_size, one_batch, steps, watchers)
    return as_scores(logs, return_dict)


def as_scores(logs, return_dict):
    """The loss, or a list of loss and metrics, or all of them by name."""
    if return_dict:
        return logs
    values = list(logs.values())
    return values if len(values) > 1 else values[0]


def predict(model, x, batch_size=None, verbose=0, one_batch=False, steps=None, callbacks=None):
    """See `Sequential.predict` and `predict_on_batch`."""
    display = find_display(verbose)
    callbacks = checked_callbacks(callbacks)
    watchers = callbacks, verbose, display
    return whole_pass(model, "predict", (x,), batch_size, one_batch, steps, watchers)


def train_on_batch(model, x, y, sample_weight, class_weight, return_dict):
    """See `Sequential.train_on_batch`."""
    model.need_compiled()
    return_dict = choice(return_dict, "return_dict")
    run = run_of(model, (x, y, sample_weight, class_weight), one_batch=True, learn=True)
    warn_of_outputs(model)
    if run(0, 1) == 0:
        skip_nonfinite(run, 0, 0, 0, [])
    return as_scores(run.logs(), return_dict)
