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
from ...kernels.training.regularizers import penalty_gradient_of_all, penalty_of_all
from ...layers import RNN
from ...surface.errors import mismatch
from ..elementwise import own_steps
from .guards import FLAGS, GAP, NUMBERS, VALUES, Guards, Span, need_bounds
from .report import Unsafe, Wrong
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
NO_TENSORS = "The kernels ask for layer.tensor[0]; tensors() has none."
STATES = "state_in", "state_out", "dstate_in", "dstate_out"
UNWRITTEN = 54321.0  # in gradients, before the way back


class Unused(Wrong):
    """A fault of a shape, after which what is found of gradients leads astray."""

    stops = "a parameter is not of the shape that the kernels see"


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
        said = {}
        for layer, row in zip(self.layers, self.table, strict=True):
            for name in "xy":
                said.setdefault(int(row[f"{name}_flags"]), f"the flags of {self._of(name, layer)}")
        return [Span(said[start], start, stop, OF_FLAGS) for start, stop in self.flag_spans]

    def named_spans(self):
        """The arrays with their names, in the order of their places."""
        said = {int(self.batch[name][0]): (name, OF_STATE.format(name)) for name in STATES}
        for layer, row in zip(self.layers, self.table, strict=True):
            for name, where in FIELDS.items():
                said.setdefault(int(row[name]), (self._of(name, layer), where))
        for (layer, name), place in self.places.items():
            where = SAID.format("buffers(steps, rows)", name, "")
            said[place] = f"the buffer {self._of(name, layer)}", where
        nobody = "an array of another layer", "Indices and shapes in the kernels."
        found = [(said.get(start, nobody), start, stop) for start, stop in self.spans]
        return [Span(name, start, stop, where) for (name, where), start, stop in found]

    def _of(self, name, layer):
        """The name of a layer's array, with the layer's where there are several."""
        return name if len(self.layers) == 1 else f"{name} of {layer.name}"


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
    return found or [Span("tensors()", GAP, GAP, NO_TENSORS)]


class ApartPass:
    """A pass of a model that nobody else has, whose arrays lie apart."""

    def __init__(self, model, x, mask=None, training=False, states=None):
        lay_out_apart(model)
        with apart():
            self.made = start(model, x, states, mask, training)
        program, parameters = self.made.program, model.network.parameters
        self.model, (x, *_) = model, program.named_spans()[len(STATES) :]
        self.x = program.work[x.start : x.stop]
        kinds = NUMBERS if model.layers[0].reads_numbers else VALUES
        self.guards = [
            Guards(model.theta, spans_of(parameters, "the parameter {}")),
            Guards(model.grad, spans_of(parameters, "the gradient of {}")),
            Guards(program.work, program.named_spans(), kinds),
            Guards(program.flags, program.named_flags(), FLAGS),
        ]

    def run(self):
        """Forward and back: all that comes out."""
        self.made.forward()
        go_back(self.made)
        return results(self.made)


def need_own_bounds(model, x, mask, training, states):
    """Refuse a model with a layer of one's own that reads or writes beside its arrays."""
    kernels = [kernel for part in model.network.chain for kernel in part.pair()]
    if not COMPILED or all(is_ours(kernel) for kernel in kernels):
        return
    twin = model.copy(dtype="float64")
    one = ApartPass(twin, *twin.samples(x), mask, training, states)
    try:
        need_bounds(one.guards, one.run)
    except Unsafe as found:
        sentence = "A kernel of this model leaves its arrays; check_layer looks at a layer alone."
        raise mismatch(sentence, found.where, found.what) from None


def bounds(subject):
    """No kernel reads or writes beside its arrays."""
    if isinstance(subject.layer, RNN) and not (COMPILED and is_ours(subject.layer.cell.step)):
        for _, vectors, run in own_steps(subject.layer):
            run(vectors)  # Python notices an index that is outside
    for shape in subject.shapes:
        need_bounds_with(subject, shape)


def need_bounds_with(subject, shape):
    """Refuse a layer that leaves its arrays in some mode, with samples of a shape."""
    modes = [{"mode": mode} for mode in subject.modes] or [{}]
    if subject.recurrent:
        modes += [{"return_sequences": True}]
    for settings in modes:
        for masked in (False, True) if subject.has_steps() else (False,):
            x = subject.x(shape=shape)
            mask = np.indices(x.shape[:2]).sum(axis=0) % 3 > 0 if masked else None
            one = ApartPass(subject.model(shape=shape, **settings), x, mask, training=masked)
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
        cost = penalty_of_all(model.theta, penalties)
        penalty_gradient_of_all(model.theta, model.grad, penalties)
        apply_constraints(model.theta, constraints)
        found = {"the penalty": np.array(cost)}
        for key in parameters.offsets:
            for vector in (model.theta, model.grad):
                found[key, vector is model.grad] = parameters.view(*key, vector).copy()
        return found

    if parts:
        names = " or ".join(type(part).__name__ for part in parts)
        need_bounds(one.guards, run, f"Indices in the kernels of {names}: w and dw are (n, m).")


def need_used(subject, shape):
    """Refuse a parameter of which a part is neither read nor given a gradient."""
    one = ApartPass(subject.model(shape=shape), subject.x(shape=shape))
    model, parameters = one.model, one.model.network.parameters
    model.grad[:] = UNWRITTEN
    one.run()
    for (part, name), (_, shape) in parameters.offsets.items():
        gradient, w = (parameters.view(part, name, vector) for vector in (model.grad, model.theta))
        idle = gradient == UNWRITTEN
        w[idle] = np.nan
        if idle.any() and np.isfinite(one.run()["y"]).all():
            raise Unused(
                f"{idle.sum()} of the {idle.size} numbers of {name} are never used.",
                f"tensors() says the shape of {name}, {shape}: is it that of its view in the "
                "kernels?",
            )
