"""Checks of a recurrent layer: its state, from step to step, piece to piece, batch to batch."""

import numpy as np

from ...layers import RNN
from ...layers.composite import Composite
from ..elementwise import check_steps
from ..near import error
from .any_layer import always, row_of
from .comparing import need_same
from .report import Wrong
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
)

FUNCTIONS = {"activation": "sigmoid", "recurrent_activation": "hard_sigmoid"}
HELD = np.array([[True, False, True, True], [False, True, False, True], [False] * STEPS])


def gradients_in(mode):
    """The check of the gradients in a state mode, each step put out and the last alone."""

    def check(subject):
        for return_sequences in (True, False):
            model = subject.model(mode=mode, return_sequences=return_sequences)
            if mode == "stateful":
                model.set_states(random_states(model, SAMPLES, SEED))
            gradients(subject, model)

    return check


def gradients_in_training(subject):
    gradients(subject, subject.model(return_sequences=True), training=True)


def gradients_with_mask(subject):
    model = subject.model(return_sequences=True)
    gradients(subject, model, mask=mask_for(subject))


def mask_for(subject):
    """A mask of the samples: steps in front, in the middle, and all of one sample."""
    steps = subject.shape[0]
    return np.tile(HELD, (1, -(-steps // STEPS)))[:, :steps]


def other_functions(subject):
    """The derivative is that of the functions which the layer was given."""
    model = rnn_model(subject, FUNCTIONS)
    gradients(subject, model)


def dropout_inside(subject):
    model = rnn_model(subject, {"dropout": 0.3, "recurrent_dropout": 0.4})
    gradients(subject, model, training=True)


def rnn_model(subject, settings):
    """A model of an RNN of the same cell with other settings."""
    from .subject import Subject

    layer = subject.layer
    other = RNN(layer.cell, layer.units, use_bias=layer.use_bias, **settings)
    return Subject(other, subject.shape).model(return_sequences=True)


def elementwise(subject):
    """A cell that says so needs no unit but its own."""
    check_steps(subject.layer)


def masks(subject):
    """A masked step changes nothing, and the gradient passes it by."""
    model, x, mask = subject.model(return_sequences=True), subject.x(), mask_for(subject)
    states = random_states(model, SAMPLES, SEED)
    dstates = random_states(model, SAMPLES, SEED + 4)
    dy = np.random.default_rng(SEED + 2).normal(size=model.predict(x).shape)
    dy[~mask.any(axis=1)] = 0
    found = both_ways(model, x, states, mask, dy=dy, dstates=dstates)
    other, new = x + 5.0 * ~mask[..., None], subject.model(return_sequences=True)
    need_same(
        both_ways(new, other, states, mask, dy=dy, dstates=dstates),
        found,
        "What stands in a masked step changes {}.",
        "The forward kernel: flags[layer.x_flags + ...] & HOLD says that the step (s, row) is "
        "masked; h = h_prev then, and y what it was. kernels/layers/masks.py shows how.",
    )
    if found["dx"][~mask].any():
        raise Wrong(
            "dx of a masked step is not zero.",
            "The backward kernel: a masked step gives dx = 0 and adds nothing to the parameters'.",
        )
    passed(model, found, states, dstates, mask)
    without(model, subject, x, states, mask)


def passed(model, found, states, dstates, mask):
    """In a row without a step that counts, states and their gradients are as they came."""
    row = int(np.flatnonzero(~mask.any(axis=1))[0])
    for layer in model.state.layers:
        for k, name in enumerate(layer.state_names):
            known = f"{name} of {layer.name}" if len(model.state.layers) > 1 else name
            if not error(found[f"the last {known}"][row], states[layer.name][k][row]) <= 1e-12:
                raise Wrong(
                    f"In a row whose steps are all masked, {known} is not what it was before.",
                    "The forward kernel: a masked step leaves the state as it is.",
                )
            gradient = found[f"the gradient of the first {known}"][row]
            if not error(gradient, dstates[layer.name][k][row]) <= 1e-12:
                raise Wrong(
                    f"A masked step does not let the gradient of {known} through as it is.",
                    "The backward kernel: dh_prev = dh where a step is masked, for each state.",
                )


def without(model, subject, x, states, mask):
    """The last states are those of the steps that count, one after the other."""
    for row in range(2):
        kept = x[row : row + 1, mask[row]]
        short = subject.model(shape=(kept.shape[1], *subject.shape[1:]), return_sequences=True)
        one = row_of(states, row)
        masked = start(model, x[row : row + 1], one, mask[row : row + 1])
        alone = start(short, kept, one)
        need_same(
            {name: a for name, a in results(masked).items() if name != "y"},
            {name: a for name, a in results(alone).items() if name != "y"},
            "With masked steps {} is not what it is without these steps.",
            "The forward kernel: after a masked step the next one starts from the state before it.",
        )


def pieces(subject):
    """A sequence in two pieces, the state handed on, is the sequence in one; back as well."""
    cut, steps = 2, STEPS + 1
    whole = subject.model(shape=subject.longer(steps), return_sequences=True)
    first = subject.model(shape=subject.longer(cut), return_sequences=True)
    second = subject.model(shape=subject.longer(steps - cut), return_sequences=True)
    x = subject.x(shape=subject.longer(steps))
    states, dstates = (random_states(whole, SAMPLES, seed) for seed in (SEED, SEED + 4))
    right = start(whole, x, states)
    dy = np.random.default_rng(SEED + 2).normal(size=right.y().shape)
    go_back(right, dy, dstates)
    before = start(first, x[:, :cut], states)
    behind = start(second, x[:, cut:], before.final_states())
    go_back(behind, dy[:, cut:], dstates)
    go_back(before, dy[:, :cut], behind.states("dstate_in"))
    made, one, two = results(right), results(before), results(behind)
    if not error(two["y"], made["y"][:, cut:]) <= 1e-10:
        from_zeros = start(second, x[:, cut:], zeros_of(states)).y()
        where = (
            "The forward kernel: where layer.carry is 1, h of the first step is batch.state_in."
            if error(two["y"], from_zeros) <= 1e-10 and final_differs(before, states)
            else "What is put at batch.state_out: the state after the last step, all of it."
        )
        raise Wrong("In two pieces the second one's y is not that of the whole sequence.", where)
    joined = {name: a for name, a in one.items() if name.startswith("the gradient of the first")}
    joined |= {name: a for name, a in two.items() if name.startswith("the last")}
    joined["y"] = np.concatenate([one["y"], two["y"]], axis=1)
    if "dx" in made:
        joined["dx"] = np.concatenate([one["dx"], two["dx"]], axis=1)
    for name in made.keys() - joined.keys():
        joined[name] = one[name] + two[name]
    need_same(
        joined,
        made,
        "In two pieces {} is not that of the whole sequence.",
        "batch.state_in and batch.state_out going forward, batch.dstate_out and batch.dstate_in "
        "going back: the gradient of the last state starts the way back, the first's ends it.",
    )


def zeros_of(states):
    return {name: [np.zeros_like(a) for a in arrays] for name, arrays in states.items()}


def final_differs(made, states):
    """Whether the states after a pass are others than zeros."""
    return any(a.any() for arrays in made.final_states().values() for a in arrays)


def carried(subject):
    """In the mode stateful, batches go on from each other; in the mode stateless none does."""
    x = subject.x(shape=subject.longer(2 * STEPS))
    halves = x[:, :STEPS], x[:, STEPS:]
    settings = {"shape": subject.longer(STEPS), "return_sequences": True}
    long = subject.model(shape=subject.longer(2 * STEPS), return_sequences=True)
    alone = [subject.model(**settings).predict(half, batch_size=SAMPLES) for half in halves]
    right = {"stateful": long.predict(x), "stateless": np.concatenate(alone, axis=1)}
    for mode, y in right.items():
        model = subject.model(mode=mode, **settings)
        found = [model.predict(half, batch_size=SAMPLES) for half in halves]
        need_same(
            {"y": np.concatenate(found, axis=1)},
            {"y": y},
            f"In the mode {mode}, {{}} of one batch after the other differs.",
            "layer.carry: 1, the first step starts from batch.state_in; 0, from zeros.",
        )


def one_long_row(subject):
    """In the mode batch_carried the samples of a batch are one sequence, end to end."""
    settings = {"shape": subject.longer(STEPS), "return_sequences": True}
    model = subject.model(mode="batch_carried", **settings)
    long = subject.model(shape=subject.longer(SAMPLES * STEPS), return_sequences=True)
    x = subject.x(shape=subject.longer(STEPS))
    row = x.reshape(1, SAMPLES * STEPS, *x.shape[2:])
    dy = np.random.default_rng(SEED).normal(size=start(model, x).y().shape)
    found = both_ways(model, x, dy=dy)
    right = both_ways(long, row, dy=dy.reshape(1, SAMPLES * STEPS, -1))
    need_same(
        {name: a.reshape(right[name].shape) for name, a in found.items()},
        right,
        "In the mode batch_carried {} is not that of one long sequence.",
        "Steps of a row: T = batch.chain * layer.steps; layer.steps are those of one sample.",
    )


def last_step(subject):
    """Without return_sequences the last step of each sample is put out."""
    for mode in subject.modes:
        every = subject.model(mode=mode, return_sequences=True)
        last = subject.model(mode=mode, return_sequences=False)
        x = subject.x()
        need_same(
            {"y": last.predict(x, batch_size=SAMPLES)},
            {"y": every.predict(x, batch_size=SAMPLES)[:, -1]},
            f"In the mode {mode} the last step of each sample is not what is put out: {{}}.",
            "layer.every: y has T // layer.every steps, and step t is put out where (t + 1) % "
            "layer.every == 0.",
        )


def direction(subject):
    """go_backwards reads the steps from the last to the first."""
    model, x = subject.model(return_sequences=True), subject.x()
    back = subject.model(return_sequences=True, go_backwards=True)
    need_same(
        both_ways(back, x[:, ::-1]) | {"dx": both_ways(back, x[:, ::-1])["dx"][:, ::-1]},
        both_ways(model, x),
        "go_backwards=True does not read the steps from the last to the first: {} is not that of "
        "the reversed samples.",
        "layer.go_backwards: step t of the kernel is then step T - 1 - t of x, and of dx. A layer "
        "that does not know it must not stand in a Bidirectional.",
    )


def trace(subject):
    """A traced pass gives the same outputs, and its arrays are of each step, in time order."""
    model, x = subject.model(return_sequences=True), subject.x()
    made = model.trace(x)
    need_same(
        {"y": made.y},
        {"y": model.predict(x)},
        "In a traced pass {} differs.",
        "buffers(steps, rows, traced): what changes with traced, and layer.traced in the kernels.",
    )
    model.backward(np.ones_like(made.y))
    for layer in model.state.layers:
        one, last = made[layer.name], made.states[layer.name]
        arrays = {name: a for name, a in one.__getstate__().items() if not name.startswith("_")}
        for name, array in arrays.items():
            if array.shape[:2] != x.shape[:2] or not np.isfinite(array).all():
                raise Wrong(
                    f"The trace's {name} is of shape {array.shape}, or not finite.",
                    "traced(buffers): arrays (steps, rows, width), written in every pass.",
                )
        for name, state in zip(layer.state_names, last, strict=True):
            step = 0 if layer.go_backwards else -1
            if name in arrays and not error(arrays[name][:, step], state) <= 1e-12:
                raise Wrong(
                    f"The trace's {name} does not end with the last state.",
                    "traced(buffers): the state after each step, not before it.",
                )


def is_rnn(subject):
    return isinstance(subject.layer, RNN)


def is_whole(subject):
    """Whether it is one recurrent layer that reads from the first step on, not made of others."""
    return not isinstance(subject.layer, Composite) and not subject.backwards


def has_mode(mode):
    """What says of a subject whether it can be in that state mode."""
    return lambda subject: mode in subject.modes


FIRST = {
    **{
        f"gradients, {mode}": (gradients_in(mode), has_mode(mode))
        for mode in ("stateless", "stateful", "batch_carried")
    },
    "gradients, training": (gradients_in_training, always),
    "gradients, masked": (gradients_with_mask, always),
    "gradients, other functions": (other_functions, is_rnn),
    "gradients, dropout inside": (dropout_inside, is_rnn),
}
CHECKS = {
    "masks": (masks, is_whole),
    "pieces": (pieces, is_whole),
    "state carried": (carried, is_whole),
    "one long row": (one_long_row, lambda subject: "batch_carried" in subject.modes),
    "last step": (last_step, lambda subject: not isinstance(subject.layer, Composite)),
    "direction": (direction, is_whole),
    "trace": (trace, always),
    "elementwise": (
        elementwise,
        lambda subject: is_rnn(subject) and subject.layer.cell.elementwise,
    ),
}
