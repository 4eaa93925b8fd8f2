"""Is the backward pass the derivative of the forward pass?  Central differences say."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from ..engine.study import Pass, from_rows, to_rows
from ..kernels.cells.cell import TENSORS
from ..kernels.compiling import COMPILED
from ..kernels.tables import HOLD
from ..kernels.training.regularizers import penalty_gradient_of_all, penalty_of_all
from ..layers import RNN
from ..layers.declared import name_of
from ..surface.arguments import choice, need_model
from ..surface.types import StatesLike
from .differences import DIRECTIONS, LIMIT, STEPS, Differences, GradientReport, by_gate
from .elementwise import need_elementwise

if TYPE_CHECKING:
    from ..model import Sequential


def gradient_check(
    model: Sequential,
    x: ArrayLike,
    y: ArrayLike,
    states: StatesLike | None = None,
    mask: ArrayLike | None = None,
    sample_weight: ArrayLike | None = None,
    training: bool = False,
    quick: bool | None = None,
) -> GradientReport:
    """Compare `backward` with central differences of the loss, in float64, on a copy of the model.

    The loss is the model's own, in its own state mode; a stateful model starts from the state it
    holds. Where no state comes in by itself (a stateless model, ``batch_carried``, or after a
    reset), a second pass starts from random states, so that their gradient, and the recurrent term
    of the first step, are checked too.

    Parameters
    ----------
    model : Sequential
        Built and compiled; stays as it is.
    x : array (samples, steps, features)
    y : array, the targets
    states : dict or list of arrays, optional
        The state to start from.
    mask : bool array (samples, steps), optional
        False: the step is masked.
    sample_weight : array (samples,) or (samples, steps), optional
        Weight of each sample, or of each of its steps, in the loss.
    training : bool, default=False
        With dropout, its masks held at those of the next update.
    quick : bool, optional
        Few passes: whether each tensor is right, and where not, one element. They ask for the slope
        of the loss in two random directions of each tensor, all elements at once by 1 or -1. A
        gradient that agrees with both is right; that a wrong one does is as likely as that errors
        cancel to seven digits, twice. In a wrong one an element is found by halves. By default
        where nothing is compiled, with NUMBA_DISABLE_JIT=1; otherwise each element is changed.

    Returns
    -------
    GradientReport
        One `Difference` for each parameter tensor, for x and for each incoming state.

    Raises
    ------
    ValueError
        If a layer's cell says ``elementwise=True`` and is not: its results would depend on which
        rows are done together, and gradients would be right all the same. If a layer of one's own
        reads or writes beside its arrays: nothing that is found then would be true.
    """
    from .batteries.bounds import need_own_bounds  # which no start of tinylstm waits for

    need_loss(model, "gradient_check")
    need_elementwise(model)
    need_own_bounds(model, x, mask, training, states)
    quick = not COMPILED if quick is None else choice(quick, "quick")
    checks = loss_checks(model, x, y, states, mask, sample_weight, training)
    return worst_of([check.differences(quick) for check in checks])


quick_check = partial(gradient_check, quick=True)


def need_loss(model, what):
    """Refuse what has no loss of which there are gradients."""
    need_model(model)
    model.need_built(what)
    model.need_compiled()


def loss_checks(model, x, y, states, mask, sample_weight, training):
    """A `LossCheck` of the model in float64, and another one from random states where none come in
    by themselves; each is of use until the next."""
    twin = model.copy(dtype="float64")
    x, y, weight = twin.samples(x, y, sample_weight)
    made = Pass(twin, twin.network.chain, x, states, mask, training, traced=False)
    yield LossCheck(made, y, weight, with_states=any(made.batches.carry))
    if twin.state.layers and states is None and (not all(made.batches.carry) or twin.state.free):
        rng = np.random.default_rng(0)
        shape = made.batches.rows
        random = {
            layer.name: [0.5 * rng.normal(size=(shape, layer.units)) for _ in layer.state_names]
            for layer in twin.state.layers
        }
        made = Pass(twin, twin.network.chain, x, random, mask, training, traced=False)
        yield LossCheck(made, y, weight, with_states=True)


def worst_of(reports):
    """One report: of each tensor the `Difference` with the largest error."""
    named = {}
    for difference in (one for report in reports for one in report):
        first = named.setdefault(difference.name, difference)
        if difference.error > first.error:
            named[difference.name] = difference
    return GradientReport(named.values(), reports[0].against, reports[0].limit)


class LossCheck(Differences):
    """The loss of one pass as a function of everything in the workspace that it depends on."""

    def __init__(self, made, y, weight, with_states):
        self.made, self.model, self.program = made, made.model, made.program
        self.with_states = with_states
        program = self.program
        program.set_loss(self.model.loss)
        plan = {name: int(program.plan[name][0]) for name in program.plan.dtype.names}
        self.layers = plan["layers_backward"]
        self.data = y, weight
        target = y if y.ndim == 3 else y[:, None]
        self.target = np.ascontiguousarray(to_rows(target, made.batches))
        n, K = len(self.target), program.y_features
        weight = np.ones(target.shape[:2]) if weight is None else weight
        self.weight = np.ascontiguousarray(to_rows(weight[..., None], made.batches)[:, 0]) / n
        if plan["masked"]:
            counts = (program.flags[plan["y_flags"] :][:n] & HOLD) == 0
            self.weight *= counts * (n / max(counts.sum(), 1))
        self.kernel, _ = self.model.loss.kernel_for(made.layers)
        self.option = self.model.loss.option
        self.y, self.z = program.view(plan["y"], (n, K)), program.view(plan["z"], (n, K))
        self.dz = program.view(plan["dz"], (n, K))
        self.penalties = self.model.network.parameters.penalties(self.model.dtype)
        self.own_penalties = {
            name_of(layer, part, name): type(penalty).__name__
            for layer in self.model.layers
            for part in layer.parts()
            for name, penalty in part.regularizers.items()
            if penalty is not None and penalty.kernels
        }
        self.gates = {
            name_of(layer, part, name): part.cell.gates
            for layer in self.model.layers
            for part in layer.parts()
            if isinstance(part, RNN)
            for name in TENSORS
        }

    def loss(self):
        """Loss of the pass, run again."""
        self.made.forward(self.layers)
        arrays = self.z, self.target, self.weight, self.y, self.dz
        return self.kernel(*arrays, self.option) + penalty_of_all(self.model.theta, self.penalties)

    def differences(self, quick=False, most=None):
        """The report for the parameters, x and, where one came in, the state.

        most: of each tensor look at no more elements than that.
        """
        size = np.max([abs(self.loss()), np.abs(self.z).max()])  # what the loss is a difference of
        rounding = 4 * np.finfo(np.float64).eps * size / STEPS[0]
        jumps = self.made.layers[0].masks and self.masked_input()
        report, rng = GradientReport(), np.random.default_rng(0) if quick else None
        for name, exact, array in self.gradients():
            smooth = np.ones(array.shape)
            if name == "x" and jumps is not False:
                smooth[jumps] = 0  # a step that is changed is not masked any more
            found = self.difference(name, exact, array, rounding, rng, smooth, most)
            if name in self.gates and not found.error <= LIMIT:
                pair = (
                    self.slopes_by_gate(name, array, exact) if quick else (exact, found.numerical)
                )
                found.gates = by_gate(self.gates[name], *pair, rounding)
            found.penalty = self.own_penalties.get(name, "")
            report.append(found)
        return report

    def slopes_by_gate(self, name, array, exact):
        """Analytic and numerical slopes in random directions, a gate's behind each other."""
        rng, G = np.random.default_rng(1), len(self.gates[name])
        gate = np.arange(exact.shape[-1]) // (exact.shape[-1] // G)
        signs = [rng.choice([-1.0, 1.0], exact.shape) for _ in range(DIRECTIONS)]
        each = [one * (gate == k) for k in range(G) for one in signs]
        slopes = [self.slope(array, ..., STEPS[0], direction) for direction in each]
        return np.array([np.sum(exact * direction) for direction in each]), np.array(slopes)

    def gradients(self):
        """Of the loss as it was computed last: (name, a copy of the gradient, what it is of)."""
        made, model, program = self.made, self.model, self.program
        made.set_dstates(None)
        made.backward(self.layers)
        penalty_gradient_of_all(model.theta, model.grad, self.penalties)
        pairs = []
        for layer in model.layers:
            gradients = model.views(layer, model.grad)
            for name, array in model.views(layer, model.theta).items():
                pairs.append((f"{layer.name}/{name}", gradients[name], array))
        x = self.rows_of_input(program.plan["x"])
        if not made.layers[0].reads_numbers:
            pairs.append(("x", self.rows_of_input(program.table["dx"]), x))
        if self.with_states:
            incoming, gradient = made.vector("state_in"), made.vector("dstate_in")
            for layer in model.state.layers:
                arrays = model.state.views(layer, incoming, made.batches.rows)
                gradients = model.state.views(layer, gradient, made.batches.rows)
                for name, array in arrays.items():
                    pairs.append((f"{layer.name}/{name}0", gradients[name], array))
        return [(name, gradient.copy(), array) for name, gradient, array in pairs]

    def rows_of_input(self, places):
        """The input's array at the first of the places, as (samples, steps, features): a view."""
        program, batches = self.program, self.made.batches
        rows = program.rows * program.chain * program.steps
        array = program.view(int(places[0]), (rows, program.features))
        return from_rows(array, batches, program.steps)

    def masked_input(self):
        """Which steps of the samples the first layer masks: (samples, steps) booleans."""
        program, batches = self.program, self.made.batches
        rows = program.rows * program.chain * program.steps
        flags = program.flags[int(program.table["y_flags"][0]) :][:rows]
        return from_rows(flags[:, None], batches, program.steps)[..., 0] & HOLD > 0
