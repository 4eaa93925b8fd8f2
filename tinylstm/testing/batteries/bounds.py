"""Does a layer stay within its arrays?  Its parameters and its workspace, laid out apart."""

import math
from contextlib import contextmanager
from unittest.mock import patch

import numpy as np

from ...engine import network
from ...engine.parameters import Parameters
from ...engine.program import Program
from ...kernels.compiling import COMPILED, is_ours
from ...kernels.training.constraints import apply_constraints
from ...kernels.training.regularizers import any_penalty, any_penalty_gradient
from ...layers import RNN
from ..elementwise import own_steps
from .guards import FLAGS, GAP, NUMBERS, VALUES, Guards, Span, need_bounds
from .report import Wrong
from .subject import go_back, results, start

SAID = (
    "{} says what the shape of {} is{}: its view in the kernels is to have the same, and no index "
    "is to lie outside of it."
)
OF_INPUT = "(T, B, D) with T = batch.chain * layer.steps, B = batch.rows, D = layer.fan_in"
OF_OUTPUT = "(T // layer.every, B, H) with T = batch.chain * layer.steps, B = batch.rows, H = "
OF_STATE = "(B, H) at batch.{} + layer.state * B, with B = batch.rows, H = layer.units"
OF_FLAGS = (
    "(T, B) at layer.x_flags, layer.y_flags, with T = batch.chain * layer.steps of that array."
)
FIELDS = {
    **dict.fromkeys(("x", "dx"), f"Its view is {OF_INPUT}."),
    **dict.fromkeys(("y", "dy"), f"Its view is {OF_OUTPUT}layer.units."),
}
STATES = "state_in", "state_out", "dstate_in", "dstate_out"
UNWRITTEN = 54321.0  # in gradients, before the way back


class Spaced(Program):
    """A program whose arrays lie apart in the workspace."""

    def __init__(self, *args, **options):
        self.spans, self.flag_spans = [], []  # (start, stop) of each array
        super().__init__(*args, **options)

    def _place(self, shape):
        if not self.spans:
            super()._place((GAP,))
        start = super()._place(shape)
        super()._place((GAP,))
        self.spans.append((start, start + math.prod(shape)))
        return start

    def _flags(self, steps):
        start, stop = super()._flags(steps), self.flag_count
        self.flag_count += GAP
        self.flag_spans.append((start, stop))
        return start

    def named_flags(self):
        """The flags of each output, with their names."""
        said = {int(row[f"{name}_flags"]): name for row in self.table for name in "yx"}
        return [Span(f"the flags of {said[a]}", a, b, OF_FLAGS) for a, b in self.flag_spans]

    def named_spans(self):
        """The arrays with their names, in the order of their places."""
        said = {int(self.batch[name][0]): (name, OF_STATE.format(name)) for name in STATES}
        for row in self.table:
            said |= {int(row[name]): (name, where) for name, where in FIELDS.items()}
        for (_, name), place in self.places.items():
            said[place] = f"the buffer {name}", SAID.format("buffers(steps, rows)", name, "")
        nobody = "an array of another layer", "Indices and shapes in the kernels."
        found = [(said.get(start, nobody), start, stop) for start, stop in self.spans]
        return [Span(name, start, stop, where) for (name, where), start, stop in found]


@contextmanager
def apart():
    """Inside, the programs of a model are `Spaced`."""
    with patch.object(network, "Program", Spaced):
        yield


def lay_out_apart(model):
    """Give a built model vectors of parameters and gradients in which its tensors lie apart."""
    built, old = model.network, model.network.parameters
    offsets, size = {}, GAP
    for (part, name), (_, shape) in old.offsets.items():
        if isinstance(part, RNN) and name in part.cell.vectors:
            size -= GAP  # the engine's kernels have those of a cell side by side
        offsets[part, name] = size, shape
        size += math.prod(shape) + GAP
    new = Parameters(old.layers, offsets)
    theta = np.zeros(size, built.dtype)
    for part, name in offsets:
        new.view(part, name, theta)[:] = old.view(part, name, built.theta)
    built.parameters, built.theta, built.grad = new, theta, np.zeros(size, built.dtype)


def spans_of(parameters, words):
    """The tensors' places in a vector, with their names."""
    found = []
    for (_, name), (place, shape) in parameters.offsets.items():
        where = SAID.format("tensors()", name, f", {shape}")
        found.append(Span(words.format(name), place, place + math.prod(shape), where))
    return found


class ApartPass:
    """A pass of a small model of a layer, whose arrays lie apart."""

    def __init__(self, subject, masked, training, **settings):
        model, x = subject.model(**settings), subject.x()
        lay_out_apart(model)
        mask = np.indices(x.shape[:2]).sum(axis=0) % 3 > 0 if masked else None
        with apart():
            self.made = start(model, x, mask=mask, training=training)
        program, parameters = self.made.program, model.network.parameters
        self.model, (x, *_) = model, self.made.program.named_spans()[4:]
        self.x = program.work[x.start : x.stop]
        self.guards = [
            Guards(model.theta, spans_of(parameters, "the parameter {}")),
            Guards(model.grad, spans_of(parameters, "the gradient of {}")),
            Guards(
                program.work,
                program.named_spans(),
                NUMBERS if subject.layer.reads_numbers else VALUES,
            ),
            Guards(program.flags, program.named_flags(), FLAGS),
        ]

    def run(self):
        """Forward and back: all that comes out."""
        self.made.forward()
        go_back(self.made)
        return results(self.made)


def bounds(subject):
    """No kernel reads or writes beside its arrays."""
    if isinstance(subject.layer, RNN) and not (COMPILED and is_ours(subject.layer.cell.step)):
        for _, vectors, run in own_steps(subject.layer):
            run(vectors)  # Python notices an index that is outside
    modes = [{"mode": mode} for mode in subject.modes] or [{}]
    if subject.recurrent:
        modes += [{"return_sequences": True}]
    for settings in modes:
        for masked in (False, True) if subject.has_steps() else (False,):
            one = ApartPass(subject, masked, training=masked, **settings)
            before = one.x.copy()
            need_bounds(one.guards, one.run)
            if not np.array_equal(one.x, before):
                raise Wrong(
                    "It changes x.",
                    "x is read only: it is what the layer before has put out, and reads again on "
                    "the way back. Results go to layer.y.",
                )
    need_bounds_of_parts(one)


def need_bounds_of_parts(one):
    """Refuse a penalty or a constraint whose kernel reads or writes beside its parameter."""
    model, parameters = one.model, one.model.network.parameters
    parts = [*parameters.penalized.values(), *parameters.constrained.values()]
    penalties, constraints = parameters.penalties(model.dtype), parameters.constraints(model.dtype)

    def run():
        cost = any_penalty(model.theta, penalties)
        any_penalty_gradient(model.theta, model.grad, penalties)
        apply_constraints(model.theta, constraints)
        found = {"the penalty": np.array(cost)}
        for key in parameters.offsets:
            for vector in (model.theta, model.grad):
                found[key, vector is model.grad] = parameters.view(*key, vector).copy()
        return found

    if parts:
        names = " or ".join(type(part).__name__ for part in parts)
        need_bounds(one.guards, run, f"Indices in the kernels of {names}: w and dw are (n, m).")


def need_used(subject):
    """Refuse a parameter of which a part is neither read nor given a gradient."""
    one = ApartPass(subject, masked=False, training=False)
    model, parameters = one.model, one.model.network.parameters
    model.grad[:] = UNWRITTEN
    one.run()
    for (part, name), (_, shape) in parameters.offsets.items():
        gradient, w = (parameters.view(part, name, vector) for vector in (model.grad, model.theta))
        idle = gradient == UNWRITTEN
        w[idle] = np.nan
        if idle.any() and np.isfinite(one.run()["y"]).all():
            raise Wrong(
                f"{idle.sum()} of the {idle.size} numbers of {name} are never used.",
                f"tensors() says the shape of {name}, {shape}: is it that of its view in the "
                "kernels?",
            )
