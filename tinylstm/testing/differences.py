"""Central differences: how they are taken, and how a gradient is held to them."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from ..surface.types import Array
from .near import relation

STEPS = 1e-4, 1e-5, 1e-6  # of the differences, in the unit of what is changed
LIMIT = 1e-7  # normwise error that counts as right
DIRECTIONS = 2  # of each tensor, in a check that is quick


class Difference:
    """Analytic against numerical gradient of one tensor.

    Attributes
    ----------
    name : str
    error : float
        Normwise: max abs(a - n) / max abs(n); or over the smallest gradient that differences can
        tell from rounding to within the limit, where max abs(n) is below it. Infinite where a
        number of either is not finite, or the loss is not.
    worst : tuple
        (index, analytic, numerical) of the element where the two differ most.
    gates : dict
        {gate: normwise error of its block} of a wrong W, U or b of a recurrent layer.
    relation : str
        In a few words how a wrong gradient comes from the right one, where that is seen: "its sign
        is turned".
    penalty : str
        What kind of penalty of one's own is on the tensor, or "".
    """

    def __init__(
        self, name: str, analytic: Array, numerical: Array, rounding: float, of: str = "element"
    ) -> None:
        self.name, self.of, self.gates, self.numerical = name, of, {}, numerical
        self.penalty = ""
        finite = np.isfinite(analytic) & np.isfinite(numerical)
        gap = np.where(finite, gaps(analytic, numerical), np.inf)
        scale = np.max([np.abs(numerical).max(), rounding / LIMIT])  # NaN, if one is
        worst = gap.max() if np.isfinite(scale) else np.inf
        self.error = float(worst / scale if 0 < scale < np.inf else worst)
        index = np.unravel_index(gap.argmax(), gap.shape)
        self.worst = (tuple(int(k) for k in index), float(analytic[index]), float(numerical[index]))
        self.relation = "" if self.error <= LIMIT else relation(analytic, numerical)

    @property
    def place(self) -> str:
        """Index of the worst element as text: [3, 7]; or which direction it is."""
        index = ", ".join(map(str, self.worst[0]))
        return f"[{index}]" if self.of == "element" else f"{self.of} {index}"


def gaps(a, b):
    """abs(a - b), NaN between two infinities."""
    with np.errstate(invalid="ignore"):
        return np.abs(a - b)


def some_of(exact, most):
    """Indices of all elements; or of so many, half of which have the largest gradients."""
    if most is None or exact.size <= most:
        return np.ndindex(exact.shape)
    order = np.argsort(-np.abs(exact), axis=None, kind="stable")
    others = np.random.default_rng(0).choice(order[most // 2 :], most - most // 2, replace=False)
    places = np.unravel_index(np.concatenate([order[: most // 2], others]), exact.shape)
    return zip(*places, strict=True)


def by_gate(gates, analytic, numerical, rounding):
    """{gate: its normwise error} of arrays whose last axis has a block for each gate."""
    blocks = [np.split(array, len(gates), axis=-1) for array in (analytic, numerical)]
    found = [Difference(*one, rounding) for one in zip(gates, *blocks, strict=True)]
    return {difference.name: difference.error for difference in found}


class GradientReport(list[Difference]):
    """The `Difference` of every tensor; prints as a table.

    Parameters
    ----------
    differences : iterable of Difference
    against : str
        What the backward pass was compared with: head of a column.
    limit : float
        Normwise error that counts as right.

    Attributes
    ----------
    worst : Difference
        Of the tensor with the largest normwise error, or with one that is not a number.
    worst_error : float
        That error.
    passed : bool
        Whether it is within the limit, 1e-7 for differences.
    topmost : str
        The layer nearest to the output of which a tensor or an incoming state is wrong, or "": what
        is wrong below may come from there.
    """

    def __init__(
        self,
        differences: Iterable[Difference] = (),
        against: str = "differences",
        limit: float = LIMIT,
    ) -> None:
        super().__init__(differences)
        self.against, self.limit = against, limit

    @property
    def worst(self) -> Difference:
        return self[np.argmax([difference.error for difference in self])]  # the first NaN, if any

    @property
    def worst_error(self) -> float:
        return self.worst.error

    @property
    def passed(self) -> bool:
        return self.worst_error <= self.limit

    @property
    def ok(self) -> bool:
        """The same as `passed`."""
        return self.passed

    @property
    def topmost(self) -> str:
        layers = {d.name: d.name.partition("/")[0] for d in self if "/" in d.name}
        order = list(dict.fromkeys(layers.values()))
        wrong = [layers[d.name] for d in self if d.name in layers and not d.error <= self.limit]
        return max(wrong, key=order.index, default="")

    @property
    def wrong(self) -> list[Difference]:
        """Those whose error is not within the limit."""
        return [difference for difference in self if not difference.error <= self.limit]

    @property
    def penalized(self) -> list[Difference]:
        """The wrong ones, if a penalty of one's own is on each: nothing but that is in doubt."""
        return self.wrong if all(difference.penalty for difference in self.wrong) else []

    def __str__(self) -> str:
        return "\n".join([*self._table(), *self._by_gate(), self._verdict(), *self._kinds()])

    def _table(self) -> list[str]:
        directions = any(difference.of == "direction" for difference in self)
        place = "element or direction" if directions else "worst element"
        head = ("tensor", "normwise error", place, "backward", self.against)
        rows = [head]
        for d in self:
            _, analytic, numerical = d.worst
            numbers = f"{analytic:+.9e}", f"{numerical:+.9e}"
            rows.append((d.name, f"{d.error:.1e}", d.place, *numbers))
        widths = [max(len(row[k]) for row in rows) for k in range(len(head))]
        lines = [
            "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
            for row in rows
        ]
        lines.insert(1, "  ".join("-" * width for width in widths))
        return lines

    def _by_gate(self) -> list[str]:
        lines = []
        for d in self:
            if d.gates and d.name.startswith(f"{self.topmost}/"):
                gates = ", ".join(f"{name} {error:.1e}" for name, error in d.gates.items())
                lines.append(f"{d.name}, gate by gate: {gates}")
        return lines

    def _verdict(self) -> str:
        limit = f"limit {self.limit:.0e}"
        if self.passed:
            return f"right: worst error {self.worst_error:.1e}, {limit}"
        where = f"{self.worst.name} {self.worst.place}, {limit}"
        top = f"; topmost wrong layer: {self.topmost}" * bool(self.topmost and not self.penalized)
        return f"WRONG: worst error {self.worst_error:.1e} in {where}{top}"

    def _kinds(self) -> list[str]:
        """What kind of wrong it is, of those in which the fault may lie."""
        lines = [
            f"{d.name}: {d.relation}"
            for d in self.wrong
            if d.relation and d.name.startswith(f"{self.topmost}/" if self.topmost else "")
        ]
        return lines + [
            f"{d.name} has the penalty {d.penalty}, and no other tensor is wrong: look at the "
            "gradient kernel of the penalty"
            for d in self.penalized
        ]


class Differences:
    """A number, `loss()`, as a function of arrays that are changed in place."""

    def loss(self):
        """The number, for what is in the arrays now."""
        raise NotImplementedError

    def difference(self, name, exact, array, rounding, rng=None, smooth=1.0, most=None):
        """The `Difference` of one array, of which exact is said to be the gradient.

        rng: of random directions, for a check that is quick; else each element is changed.
        smooth: 0 in the places where the number jumps. most: change no more elements than that.
        """
        if rng is None:
            numerical = smooth * self.central_differences(array, exact, some_of(exact, most))
            return Difference(name, exact, numerical, rounding)
        signs = rng.choice([-1.0, 1.0], (DIRECTIONS, *array.shape))
        slopes = [self.slope(array, ..., STEPS[0], smooth * each) for each in signs]
        along = [np.sum(exact * each) for each in signs]
        found = Difference(name, np.array(along), np.array(slopes), rounding, "direction")
        if found.error <= LIMIT:
            return found
        numerical = self.wrong_element(array, exact, smooth * signs[0], along[0] - slopes[0])
        wrong = Difference(name, exact, numerical, rounding)
        wrong.relation = wrong.relation or found.relation
        return wrong

    def wrong_element(self, array, exact, signs, gap):
        """The gradient, with the slope in the place of one element that is wrong.

        gap: by how much it misses the slope in the direction of the signs; what half of the
        elements miss, the others do not, so the larger half is looked through.
        """
        places = np.arange(exact.size)
        while len(places) > 1:
            half, direction = places[: len(places) // 2], np.zeros(exact.size)
            direction[half] = signs.reshape(-1)[half]
            direction = direction.reshape(exact.shape)
            missed = np.sum(exact * direction) - self.slope(array, ..., STEPS[0], direction)
            first = not abs(missed) < abs(gap - missed)
            places, gap = (half, missed) if first else (places[len(half) :], gap - missed)
        numerical, index = exact.copy(), np.unravel_index(places[0], exact.shape)
        numerical[index] = self.slope(array, index, STEPS[0])
        return numerical

    def central_differences(self, array, exact, places):
        """dL/da at places of a view into parameters or workspace; elsewhere what is exact.

        A trained model bends so much that a step can be too long; so where the backward pass
        disagrees, shorter steps are tried too. A wrong gradient agrees with none of them.
        """
        numerical = exact.copy()
        for index in places:
            numerical[index] = self.slope(array, index, STEPS[0])
        for step in STEPS[1:]:
            scale = np.abs(numerical).max()
            for index in np.argwhere(gaps(exact, numerical) > 0.1 * LIMIT * scale):
                slope = self.slope(array, index := tuple(index), step)
                if abs(exact[index] - slope) < abs(exact[index] - numerical[index]):
                    numerical[index] = slope
        return numerical

    def slope(self, array, index, step, direction=1.0):
        """(8 (L(a + e) - L(a - e)) - (L(a + 2e) - L(a - 2e))) / 12e, right to within e^4.

        a: an element, or all of them, which change in a direction.
        """
        value, losses = np.copy(array[index]), []
        for steps in (1, -1, 2, -2):
            array[index] = value + steps * step * direction
            losses.append(self.loss())
        array[index] = value
        return (8 * (losses[0] - losses[1]) - (losses[2] - losses[3])) / (12 * step)
