"""Checks of any layer."""

import numpy as np

from ...layers import SimpleRNN
from ...layers.composite import flow
from ..near import SAME
from .bounds import bounds, need_used
from .comparing import need_same
from .memory import dirty_workspace, two_passes
from .report import Wrong
from .sharing import shared_by
from .slopes import gradients
from .subject import (
    SAMPLES,
    SEED,
    STEPS,
    both_ways,
    go_back,
    random_states,
    results,
    start,
    with_dense,
)

FAR = 100.0  # e^100 is more than float32 has
FLOAT32_MAX = 1e38


def always(subject):
    return True


def shapes(subject):
    """Outputs are of the shape that was said, all written, for any number of samples and steps."""
    tried = list(subject.shapes)
    if subject.has_steps() and not fixed_steps(subject):
        tried += [subject.longer(1), subject.longer(STEPS + 3)]
    for shape in tried:
        for rows in (1, SAMPLES):
            model, x = subject.model(shape=shape), subject.x(rows, shape)
            y, said = model.predict(x), (rows, *flow(model.network.chain, shape)[1])
            if y.shape != said or not np.isfinite(y).all():
                came = f"shape {y.shape}" if y.shape != said else "numbers that are not finite"
                raise Wrong(
                    f"{rows} samples of shape {shape} give {came}; output_shape says {said}.",
                    "output_shape, and the sizes in the forward kernel: B = batch.rows, T = "
                    "batch.chain * layer.steps, D = layer.fan_in, H = layer.units.",
                )
    for shape in subject.shapes:
        need_used(subject, shape)


def fixed_steps(subject):
    """Whether the layer takes samples of one length alone."""
    if subject.layer.batch_input_shape is not None:
        return True
    try:
        shapes = [subject.model(shape=subject.longer(n)).theta.shape for n in (1, STEPS + 3)]
    except ValueError:
        return True
    return shapes[0] != shapes[1]


def gradients_of_inference(subject):
    gradients(subject, subject.model())


def gradients_in_training(subject):
    gradients(subject, subject.model(), training=True)


def rows(subject):
    """A row alone is the row in a batch, forward and back; parameters' gradients are sums."""
    model, x = subject.model(), subject.x(SAMPLES + 2)
    states = random_states(model, len(x), SEED) if subject.recurrent else None
    rng = np.random.default_rng(SEED + 2)
    made = start(model, x, states)
    dy = rng.normal(size=made.y().shape)
    dstates = random_states(model, len(x), SEED + 4) if subject.recurrent else None
    go_back(made, dy, dstates)
    whole, alone = results(made), []
    for r in range(len(x)):
        own = [a and row_of(a, r) for a in (states, dstates)]
        new = subject.model()  # whose workspace nobody has used: `two_passes` asks for that
        alone.append(both_ways(new, x[r : r + 1], own[0], dy=dy[r : r + 1], dstates=own[1]))
    found = {
        name: sum(one[name] for one in alone)
        if name.removeprefix("the gradient of ") in model.views(model.layers[0], model.theta)
        else np.concatenate([one[name] for one in alone])
        for name in whole
    }
    need_same(
        whole,
        found,
        "Of a batch, {} is not what its rows give one by one: rows mix, or a row's place counts.",
        "Indices of rows, in the pass that makes it: arrays are (T, B, ...), row r is a[:, r]. No "
        "mean or sum over B but in the gradients of parameters, which are sums over rows.",
    )
    part = model.predict(x, batch_size=SAMPLES)  # the last batch is smaller
    need_same(
        {"y": part},
        {"y": whole_of(model, x)},
        "With a last batch of fewer rows, {} differs.",
        "Sizes in the forward kernel: it is batch.rows that counts, in this batch.",
    )


def row_of(states, r):
    """The states of one row."""
    return {name: [a[r : r + 1] for a in arrays] for name, arrays in states.items()}


def whole_of(model, x):
    """The outputs of all samples, each alone."""
    return np.concatenate([model.predict(x[r : r + 1]) for r in range(len(x))])


def dtypes(subject):
    """In float32 the same numbers as in float64, to what float32 can tell."""
    wide, narrow = (both_ways(subject.model(dtype), subject.x()) for dtype in SAME)
    need_same(
        {name: a.astype(np.float64) for name, a in narrow.items()},
        wide,
        "In float32 {} is not what it is in float64.",
        "Constants that float32 does not have: below 1e-38, above 3e38; differences of numbers "
        "that are nearly the same; sums of many.",
        "float32",
    )


def extremes(subject):
    """Far from zero there are no infinite numbers in float32 where float64 has none of its size."""
    x = subject.x()
    x = FAR * (1 - 2 * (np.indices(x.shape).sum(axis=0) % 2))
    wide, narrow = (both_ways(subject.model(dtype), x) for dtype in SAME)
    for name, right in wide.items():
        if np.isfinite(right).all() and (np.abs(right) < FLOAT32_MAX).all():
            lost = np.argwhere(~np.isfinite(narrow[name]))
        else:
            lost = np.argwhere(np.isnan(right))
        if len(lost):
            at = tuple(int(k) for k in lost[0])
            raise Wrong(
                f"Of inputs of {FAR:g} and -{FAR:g}, {name} {[*at]} is {narrow[name][at]:g} in "
                f"float32; in float64 it is {right[at]:g}.",
                "Exponentials: take out what overflows, as log(1 + e^x) = max(x, 0) + "
                "log1p(e^-|x|) and e^x / (1 + e^x) = 1 / (1 + e^-x).",
            )


def two_threads(subject):
    """Two threads that share a batch come to the numbers of one."""
    for ways in ({"wide": False}, {"wide": True}):
        found = [trained(subject, count, **ways) for count in (1, 2)]
        need_same(
            found[1],
            found[0],
            "Where two threads share the rows of a batch, {} differs from that of one thread.",
            "Numbers of rows: a thread has batch.rows of them, batch.before come before its own, "
            "and batch.behind after. If rows are not apart, do not say each_row or each_step.",
        )


def trained(subject, count, wide):
    """Outputs, and parameters after two updates, by so many threads."""
    with shared_by(count, wide):
        model, x = with_dense(subject), subject.x(2 * SAMPLES)
        y = np.random.default_rng(SEED).normal(size=(len(x), *model.network.shape_of_output(x)))
        found = {"y": model.predict(x, batch_size=len(x))}
        for _ in range(2):
            model.train_on_batch(x, y)
        return found | {
            f"{name} of {layer.name} after two updates": w.copy()
            for layer in model.layers
            for name, w in layer.named_weights().items()
        }


def stepper(subject):
    """One step a call gives what all steps at once give."""
    settings = {"return_sequences": True} if subject.recurrent else {}
    model, x = subject.model(**settings), subject.x()
    right = model.predict(x)
    for count in (1, SAMPLES):
        step = model.stepper(rows=count)
        found = [step(x[:count, t] if count > 1 else x[0, t]).copy() for t in range(x.shape[1])]
        found = np.array(found).swapaxes(0, 1) if count > 1 else np.array(found)[None]
        need_same(
            {"y": found},
            {"y": right[:count]},
            "Step by step, {} is not what it is for all steps at once.",
            "each_step = True says that a step of the output is made from that step of the input "
            "alone. A recurrent layer starts from batch.state_in and leaves batch.state_out.",
        )


def steps_apart(subject):
    """Each step of the output is made from the same step of the input alone, as was said."""
    model, x = subject.model(), subject.x()
    right, changed = model.predict(x), x.copy()
    changed[:, 1] += 1.0
    found = model.predict(changed)
    others = [t for t in range(x.shape[1]) if t != 1]
    need_same(
        {"y": found[:, others]},
        {"y": right[:, others]},
        "It says each_step = True, but another second step of x changes {}, of other steps.",
        "Indices of steps in the forward kernel; or each_step = True, if it is not so.",
    )


def behind_a_carried_batch(subject):
    """Behind a layer whose samples go on from each other it does the same with each sample."""
    before = SimpleRNN(
        subject.shape[-1], return_sequences=True, state_mode="batch_carried", name="before"
    )
    model, x = subject.model(before=[before]), subject.x()
    behind = subject.model()
    behind.set_weights(model.layers[1].get_weights())
    inner = inner_of(model, x)
    need_same(
        {"y": model.predict(x, batch_size=len(x))},
        {"y": behind.predict(inner)},
        "Behind a recurrent layer in the mode batch_carried, {} differs.",
        "Sizes: T = batch.chain * layer.steps, for then all samples are one row, end to end.",
    )


def inner_of(model, x):
    """What the first of two layers puts out."""
    alone = type(model)(dtype="float64")
    alone.seed = SEED
    alone.add(model.layers[0].copy())
    alone.build((None, *x.shape[1:]))
    alone.set_weights(model.layers[0].get_weights())
    return alone.predict(x, batch_size=len(x))


def copies(subject):
    """A copy of a model with the layer computes the same, and has parameters of its own."""
    model, x = with_dense(subject), subject.x()
    right, twin = model.predict(x), model.copy()
    for weights in (model.theta,):
        weights[:] = 0.0
    need_same(
        {"y": twin.predict(x)},
        {"y": right},
        "In a copy of the model {} differs.",
        "Settings that are not in the layer's attributes: a copy has the same attributes.",
    )


BEFORE = {  # what else may be wrong because of these
    "bounds": (bounds, always),
    "shapes": (shapes, always),
    "dirty workspace": (dirty_workspace, always),
    "two passes": (two_passes, always),
}
FIRST = {
    "gradients": (gradients_of_inference, always),
    "gradients, training": (gradients_in_training, always),
}
CHECKS = {
    "rows": (rows, always),
    "dtypes": (dtypes, always),
    "extremes": (extremes, lambda subject: not subject.layer.reads_numbers),
    "threads": (two_threads, lambda subject: subject.rows_apart),
    "each step alone": (
        steps_apart,
        lambda subject: subject.layer.each_step and subject.has_steps(),
    ),
    "stepper": (stepper, lambda subject: subject.streams and subject.has_steps()),
    "behind a carried batch": (
        behind_a_carried_batch,
        lambda subject: (
            not subject.recurrent and len(subject.shape) == 2 and not subject.layer.reads_numbers
        ),
    ),
    "copies": (copies, always),
}
