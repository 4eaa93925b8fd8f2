"""Where the state of each sample came from and where it went, in each of the three modes.

The model is built once more in each mode, with its own weights, and reads the same batches; what
happened then is noted by a `StateRecorder` and drawn as in `plotting.state_strip`.
"""

from __future__ import annotations

from contextlib import ExitStack
from typing import Any

import numpy as np

from ..layers.state import MODES, hands_on, is_carried
from ..plotting.marks import LEGEND, SIDE, cut, edge, way
from ..plotting.recording import GIVEN, ZEROS, StateRecorder
from ..plotting.strip import box_of
from ..saving.description import assembled
from .subject import Subject

BOXES = 240  # samples of a mode on a page, at most
BATCHES = 8  # are on it, however few samples are
FEW = 8  # pairs of samples that are compared first: most lengths do not overlap in them
SAME = 1e-5  # of the largest output: what differs by less is rounded otherwise


def part(subject: Subject) -> dict[str, Any]:
    """``modes``, what is drawn of each, and what stands in all of them.

    own, carried : the model's mode, and whether in it a state goes from batch to batch.
    moved : of a mode, how many of its samples have other outputs than in the first one.
    """
    model, size = subject.model, subject.batch_size
    wanted = max(BATCHES, 1 + int(subject.shown.max()) // size)
    batches = max(1, min(wanted, len(subject.x) // size, BOXES // size))
    x = subject.x[: batches * size]
    samples = np.arange(batches * size).reshape(batches, size)[:, :BOXES]
    modes = [in_mode(subject, mode, x, samples) for mode in MODES]
    plain = modes[0].get("y_hat")  # in which nothing is handed on
    for mode in modes:
        if "y_hat" in mode:
            mode["moved"] = differing(mode["y_hat"], plain)
            mode["answers"] = answers(mode.pop("y_hat"))
    return {
        "modes": modes,
        "own": model.state.layers[0].state_mode,
        "carried": bool(model.state.hand_on),
        "layers": {layer.name: of_layer(layer, modes) for layer in model.state.layers},
        "batches": batches,
        "all_batches": -(-len(subject.x) // size),
        "lanes": samples.shape[1],
        "rows": size,
        "side": SIDE,
        "reset": subject.fit["reset"],
        "words": {kind: words for kind, (words, _) in LEGEND.items()},
    }


def of_layer(layer, modes):
    """How the boxes of a layer are drawn: what is where in them, and up to which size."""
    sizes = [mode["sizes"][layer.name] for mode in modes if mode["boxes"]]
    largest = float(max((one.max() for one in sizes), default=0))
    return {"box": box_of(layer.state_names), "largest": largest or 1.0}


def in_mode(subject, mode, x, samples):
    """What is drawn of a mode: boxes, ways, and outputs of the samples; or why there is none."""
    found = {"mode": mode, "boxes": [], "why": None, "doubts": doubts(subject, mode)}
    try:
        twin = twin_of(subject.model, mode)
    except ValueError as reason:
        return found | {"why": refusal(reason)}
    recorders = {one.name: StateRecorder(twin, one.name) for one in twin.state.layers}
    with ExitStack() as stack:
        for recorder in recorders.values():
            stack.enter_context(recorder)
        y = twin.predict(x, batch_size=subject.batch_size)
        if subject.fit["reset"]:
            twin.reset_states()
        twin.predict(x[: subject.batch_size], batch_size=subject.batch_size)
    lanes = range(samples.shape[1])
    first = next(iter(recorders.values()))  # a state goes the same way in all layers
    return found | {
        "boxes": [
            box_at(column, batch, row, samples)
            for column, batch in enumerate(first.batches)
            for row in lanes
        ],
        "sizes": {name: sizes_of(one.batches, lanes) for name, one in recorders.items()},
        "y_hat": y[samples.reshape(-1)],
    }


def refusal(reason):
    """What a refusal says, and what it expected, which may be the very reason: sentences."""
    return " ".join(str(reason).splitlines()[:2]).rstrip(".") + "."


def sizes_of(batches, lanes):
    """Sizes of the states before and after each sample: (boxes, states, 2)."""
    return np.array(
        [[pair[:, row] for pair in batch.sizes.values()] for batch in batches for row in lanes]
    )


def answers(y):
    """What each sample is answered in the end: the first output, the likeliest and its share."""
    last = y[:, -1] if y.ndim == 3 else y
    return np.stack([last[:, 0], last.argmax(axis=1), last.max(axis=1)], axis=1)


def differing(y, plain):
    """How many samples have other outputs, at whatever step."""
    apart = np.abs(y - plain).reshape(len(y), -1).max(axis=1)
    return int((apart > SAME * np.abs(plain).max()).sum())


def twin_of(model, mode):
    """The model in another mode, with its weights.

    Raises
    ------
    ValueError
        If its layers know no such mode.
    """
    layers = [layer.copy() for layer in model.layers]
    for part in (part for layer in layers for part in layer.parts()):
        if part.state_names:
            part._settle(state_mode=mode, stateful=is_carried(mode))
    shape = None, *model.batch_input_shape[1:]
    twin = assembled(type(model), model.name, model.dtype, shape, layers)
    twin.set_weights(model.get_weights())
    return twin


def box_at(column, batch, row, samples):
    """A sample in its batch, and how its state and the gradient came to it."""
    source = batch.sources[row]
    return {
        "column": column,
        "row": row,
        "sample": int(samples[column % len(samples), row]),
        "from": source if isinstance(source, str) else list(source),
        "way": way(column, batch, row),
        "kind": "given" if source == GIVEN else "arrow",
        "cut": cut(column, batch, row) if source == ZEROS else None,
        "stop": edge(column, row, batch.chained) if batch.stops[row] else None,
    }


def doubts(subject, mode):
    """What of these samples, or of the training, a carried state can make nothing of: sentences."""
    x, size, found = subject.x, subject.batch_size, []
    own = mode == subject.model.state.layers[0].state_mode
    if not hands_on(mode):
        return found
    apart = size if is_carried(mode) else 1  # from a sample to the one that goes on from it
    alone = size == 1 and not is_carried(mode)  # nothing is handed on within a batch of one
    seen = overlap(x[:-apart], x[apart:]) if len(x) > apart and not alone else 0
    if seen:
        found.append(
            f"Windows overlap: each sample begins with {seen} of the {x.shape[1]} steps of the one "
            "that it goes on from, so the state has seen them already."
        )
    if own and subject.fit["shuffle"]:
        found.append(
            "The training shuffled the samples, so a state went to a sample that does not follow."
        )
    if is_carried(mode) and len(x) <= size:
        found.append(
            "All samples are in one batch, so an epoch is one batch, and no state is handed on "
            "within it."
        )
    if alone:
        found.append("A batch has one sample, so nothing is handed on within it.")
    if own and is_carried(mode) and not subject.fit["reset"] and not subject.model.state.free:
        found.append(
            "The state is never reset: each epoch goes on from the end of the one before, and only "
            "the first starts from zeros."
        )
    return found


def overlap(x, following):
    """With how many of the last steps of each sample the following one begins."""
    steps = x.shape[1]

    def begins(k, pairs):
        return bool((x[:pairs, steps - k :] == following[:pairs, :k]).all())

    return next((k for k in range(steps - 1, 0, -1) if begins(k, FEW) and begins(k, None)), 0)
