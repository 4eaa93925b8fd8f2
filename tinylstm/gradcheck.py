"""Is the backward pass the derivative of the forward pass?  Central differences say."""

import numpy as np

from .data import real_array
from .errors import mismatch
from .study import Pass, from_rows, to_rows

STEPS = 1e-4, 1e-5, 1e-6  # of the differences, in the unit of what is changed
LIMIT = 1e-7  # normwise error that counts as right


class Difference:
    """Analytic against numerical gradient of one tensor.

    Attributes
    ----------
    name : str
    error : float
        Normwise: max |a - n| / max |n|; or over the smallest gradient that differences can tell
        from rounding to within the limit, where max |n| is below it.
    worst : tuple
        (index, analytic, numerical) of the element where the two differ most.
    """

    def __init__(self, name, analytic, numerical, rounding):
        self.name = name
        gap = np.abs(analytic - numerical)
        scale = max(np.abs(numerical).max(), rounding / LIMIT)
        self.error = float(gap.max() / scale) if scale > 0 else float(gap.max())
        index = np.unravel_index(gap.argmax(), gap.shape)
        self.worst = (tuple(int(k) for k in index), float(analytic[index]), float(numerical[index]))


class GradientReport(list):
    """The `Difference` of every tensor; prints as a table.

    Attributes
    ----------
    worst_error : float
        The largest normwise error of all tensors.
    passed : bool
        Whether it is within the limit, 1e-7.
    """

    @property
    def worst_error(self):
        return max(difference.error for difference in self)

    @property
    def passed(self):
        return self.worst_error <= LIMIT

    def __str__(self):
        head = ("tensor", "normwise error", "worst element", "backward", "differences")
        rows = [head]
        for d in self:
            index, analytic, numerical = d.worst
            at = "[" + ", ".join(map(str, index)) + "]"
            rows.append((d.name, f"{d.error:.1e}", at, f"{analytic:+.9e}", f"{numerical:+.9e}"))
        widths = [max(len(row[k]) for row in rows) for k in range(len(head))]
        lines = [
            "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
            for row in rows
        ]
        lines.insert(1, "  ".join("-" * width for width in widths))
        verdict = "right" if self.passed else "WRONG"
        lines.append(f"{verdict}: worst error {self.worst_error:.1e}, limit {LIMIT:.0e}")
        return "\n".join(lines)


def gradient_check(model, x, y, states=None, mask=None, sample_weight=None, training=False):
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
    sample_weight : array (samples,), optional
        Weight of each sample in the loss.
    training : bool, default=False
        With dropout, its masks held at those of the next update.

    Returns
    -------
    GradientReport
        One `Difference` for each parameter tensor, for x and for each incoming state.
    """
    model.need_built("gradient_check")
    model.need_compiled()
    twin = model.copy(dtype="float64")
    x, y = twin.samples(x, y)
    made = Pass(twin, twin.chain, x, states, mask, training, traced=False)
    check = LossCheck(made, y, sample_weight)
    report = check.differences(with_states=any(made.batches.carry))
    if twin.state.layers and states is None and (not all(made.batches.carry) or twin.state.free):
        rng = np.random.default_rng(0)
        shape = made.batches.rows
        random = {
            layer.name: [0.5 * rng.normal(size=(shape, layer.units)) for _ in layer.state_names]
            for layer in twin.state.layers
        }
        made = Pass(twin, twin.chain, x, random, mask, training, traced=False)
        second = LossCheck(made, y, sample_weight).differences(with_states=True)
        named = {difference.name: difference for difference in report}
        for difference in second:
            first = named.get(difference.name)
            if first is None or difference.error > first.error:
                named[difference.name] = difference
        report = GradientReport(named.values())
    return report


class LossCheck:
    """The loss of one pass as a function of everything in the workspace that it depends on."""

    def __init__(self, made, y, sample_weight):
        self.made = made
        model, program = made.model, made.program
        target = y if y.ndim == 3 else y[:, None]
        weight = np.ones(len(y)) if sample_weight is None else sample_weight
        weight = real_array(weight, np.float64, "sample_weight")
        if weight.shape != (len(y),):
            raise mismatch("There is a weight for each sample.", f"shape {(len(y),)}", weight.shape)
        weight = np.repeat(weight[:, None], target.shape[1], axis=1) / (len(y) * target.shape[1])
        self.target = np.ascontiguousarray(to_rows(target, made.batches))
        self.weight = np.ascontiguousarray(to_rows(weight[..., None], made.batches)[:, 0])
        self.kernel, self.fused = model.loss.kernel_for(made.layers)
        last = program.table[len(made.layers) - 1 :]
        n, K = self.target.shape
        y_at, dy_at = int(program.plan["y"][0]), program.dy
        z_at, dz_at = (int(last["x"][0]), int(last["dx"][0])) if self.fused else (y_at, dy_at)
        self.y, self.z = program.view(y_at, (n, K)), program.view(z_at, (n, K))
        self.dz = program.view(dz_at, (n, K))
        self.layers = len(made.layers) - 1 if self.fused else len(made.layers)

    def loss(self):
        """Loss of the pass, run again."""
        self.made.forward(self.layers)
        return self.kernel(self.z, self.target, self.weight, self.y, self.dz)

    def differences(self, with_states):
        """The report for the parameters, x and, where one came in, the state."""
        made, model, program = self.made, self.made.model, self.made.program
        size = max(abs(self.loss()), np.abs(self.z).max())  # what the loss is a difference of
        rounding = 4 * np.finfo(np.float64).eps * size / STEPS[0]
        made.set_dstates(None)
        made.backward(self.layers)

        def of_samples(place):  # the input's array at a place, as (samples, steps, features)
            rows = program.view(int(place), (len(program.flags), program.features))
            return from_rows(rows, made.batches, program.steps)

        pairs = []
        for layer in model.layers:
            gradients = model.views(layer, model.grad)
            for name, array in model.views(layer, model.theta).items():
                pairs.append((f"{layer.name}/{name}", gradients[name], array))
        dx, x = of_samples(program.table["dx"][0]), of_samples(program.plan["x"][0])
        pairs.append(("x", dx, x))
        if with_states:
            incoming, gradient = made.vector("state_in"), made.vector("dstate_in")
            for layer in model.state.layers:
                arrays = model.state.views(layer, incoming, made.batches.rows)
                gradients = model.state.views(layer, gradient, made.batches.rows)
                for name, array in arrays.items():
                    pairs.append((f"{layer.name}/{name}0", gradients[name], array))
        analytic = [gradient.copy() for _, gradient, _ in pairs]
        report = GradientReport()
        for (name, _, array), exact in zip(pairs, analytic, strict=True):
            report.append(Difference(name, exact, self.central_differences(array, exact), rounding))
        return report

    def central_differences(self, array, exact):
        """dL/da for every element of a view into parameters or workspace.

        A trained model bends so much that a step can be too long; so where the backward pass
        disagrees, shorter steps are tried too. A wrong gradient agrees with none of them.
        """
        numerical = np.empty(array.shape)
        for index in np.ndindex(array.shape):
            numerical[index] = self.slope(array, index, STEPS[0])
        for step in STEPS[1:]:
            scale = np.abs(numerical).max()
            for index in np.argwhere(np.abs(exact - numerical) > 0.1 * LIMIT * scale):
                slope = self.slope(array, index := tuple(index), step)
                if abs(exact[index] - slope) < abs(exact[index] - numerical[index]):
                    numerical[index] = slope
        return numerical

    def slope(self, array, index, step):
        """(8 (L(a + e) - L(a - e)) - (L(a + 2e) - L(a - 2e))) / 12e, right to within e^4."""
        value, losses = array[index], []
        for steps in (1, -1, 2, -2):
            array[index] = value + steps * step
            losses.append(self.loss())
        array[index] = value
        return (8 * (losses[0] - losses[1]) - (losses[2] - losses[3])) / (12 * step)
