"""The battery for an optimiser: its kernel on plain vectors, and a model that it trains."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from ... import optimizers
from ...layers import Dense
from ...model import Sequential
from ...optimizers import Optimizer
from ..near import SAME, error, place
from .guards import alone, need_bounds
from .report import CheckReport, Wrong, run

SIZE, START, STOP = 12, 3, 8
UPDATES = 5
SEED = 7
RUN = "Indices: from start to stop - 1, in theta, in grad and in each row of moments."
ROWS = "moments_needed of the class: rows of moments that the kernel uses. " + RUN
UNUSABLE = np.nan, np.inf, -np.inf, 1e30, -1e30, 1e-30, 0.0


def check_optimizer(
    optimizer: str | Optimizer, *, leave_out: Iterable[str] = (), raises: bool = True
) -> CheckReport:
    """Run all that an optimiser has to do on an optimiser of your own.

    Its kernel: as many moments as were declared and no memory beside them, a first update, elements
    outside start ... stop - 1 that stay, spans in pieces that are the span in one, a zero gradient,
    a learning rate of zero, a way downhill, both dtypes, numbers that are not finite; and copies,
    and a training that is repeated.

    Parameters
    ----------
    optimizer : Optimizer or str
        It stays as it is: copies are tried.
    leave_out : list of str, optional
        Names of checks that are not to be run.
    raises : bool, default=True
        False: only return the report.

    Returns
    -------
    CheckReport

    Raises
    ------
    AssertionError
        With the report, if something is wrong.
    """
    optimizer = optimizers.get(optimizer)
    return run(type(optimizer).__name__, CHECKS, optimizer, leave_out, raises)


class Vectors:
    """Parameters, gradients and moments of an optimiser that starts anew."""

    def __init__(self, optimizer, dtype="float64", **settings):
        self.optimizer, self.dtype = optimizer.copy(), np.dtype(dtype)
        self.rule = self.optimizer.rule
        for name, start in self.optimizer.starts.items():
            self.rule[name] = start
        for name, value in settings.items():
            setattr(self.optimizer, name, value)
        rng = np.random.default_rng(SEED)
        theta, grad = (rng.normal(size=SIZE).astype(dtype) for _ in range(2))
        count = self.optimizer.moments_needed
        moments = np.zeros((count, SIZE), dtype)
        self.optimizer.begin(moments)
        rows = f"the {count} row{'s' * (count != 1)} of moments that it declares"
        declared = rows if count else "moments, of which it declares none"
        arrays = {
            "theta": (theta, RUN),
            "grad": (grad, RUN),
            declared: (moments, ROWS),
        }
        pairs = [alone(array, name, where) for name, (array, where) in arrays.items()]
        (self.theta, self.grad, self.moments), self.guards = zip(*pairs, strict=True)

    def update(self, *spans):
        """One update, in these spans of elements; the loop counts it."""
        if self.optimizer.advance is not None:
            self.optimizer.advance(self.rule[0])
        for start, stop in spans or ((0, SIZE),):
            self.optimizer.kernel(self.rule[0], self.theta, self.grad, self.moments, start, stop)
        self.rule["iteration"] += 1

    def train(self, spans=(), updates=UPDATES):
        """Some updates, whose gradients are drawn."""
        rng = np.random.default_rng(SEED + 1)
        for _ in range(updates):
            self.grad[:] = rng.normal(size=SIZE)
            self.update(*spans)
        return self


class NoStart(Wrong):
    """A fault that is in every run, for all of them begin with it."""

    stops = "each begins with such an update"


def not_finite(vectors):
    """Which of parameters and moments is not finite, or ""."""
    names = "theta", "moments"
    return next((name for name in names if not np.isfinite(getattr(vectors, name)).all()), "")


def over_zero(name):
    """What is said where a gradient of zero leaves a number that is not finite."""
    return Wrong(
        f"A gradient of zero leaves a number in {name} that is not finite.",
        "A division by zero: add epsilon to what is divided by.",
    )


def first_update(optimizer):
    """The first update, from moments as they begin, leaves finite numbers."""
    vectors = Vectors(optimizer)
    vectors.update()
    if name := not_finite(vectors):
        raise NoStart(
            f"After the first update {name} is not finite.",
            "rule.iteration counts from 0: in a correction such as 1 - beta ** t, t is "
            "rule.iteration + 1. If it is another division by zero: add epsilon.",
        )


def start_and_stop(optimizer):
    """What is outside of a span is not touched."""
    vectors = Vectors(optimizer).train()
    before = vectors.theta.copy(), vectors.moments.copy()
    vectors.update((START, STOP))
    outside = np.r_[0:START, STOP:SIZE]
    for name, old, new in zip(
        ("theta", "moments"), before, (vectors.theta, vectors.moments), strict=True
    ):
        if not np.array_equal(old[..., outside], new[..., outside]):
            raise Wrong(
                f"{name} is changed outside of start ... stop - 1.",
                "Slices: theta[start:stop], grad[start:stop], moments[k, start:stop], for other "
                "threads and layers that are not trained have the rest.",
            )
    if np.array_equal(vectors.theta, before[0]):
        raise Wrong("An update changes nothing.", "theta[start:stop] is a view: write into it.")


def pieces(optimizer):
    """Spans one after the other are one long span."""
    whole = Vectors(optimizer).train()
    cut = Vectors(optimizer).train([(0, START), (START, STOP), (STOP, SIZE)])
    for name in ("theta", "moments"):
        right, found = getattr(whole, name), getattr(cut, name)
        if not np.array_equal(right, found):
            raise Wrong(
                f"In three spans, {name} {place(found, right)} is not that of one span.",
                "Indices: element j of a slice of theta is j of grad's and of the moments'. "
                "Sums over elements do not belong here, nor does counting: rule.iteration is the "
                "loop's, and the same in all spans of an update.",
            )


def rule(optimizer):
    """An update, which may be several calls, leaves the rule as it is."""
    vectors = Vectors(optimizer).train()
    before = vectors.rule.copy()
    vectors.optimizer.kernel(vectors.rule[0], vectors.theta, vectors.grad, vectors.moments, 0, SIZE)
    for name in before.dtype.names:
        if name != "unusable" and not np.array_equal(before[name], vectors.rule[name]):
            raise Wrong(
                f"The kernel changes rule.{name}.",
                "The rule is read only, but for rule.unusable: a kernel is called for each span of "
                "elements, by each thread, and the loop counts rule.iteration.",
            )


def zero_gradient(optimizer):
    """From a zero gradient alone comes no step, and no number that is not finite."""
    vectors = Vectors(optimizer)
    before = vectors.theta.copy()
    vectors.grad[:] = 0
    for _ in range(UPDATES):
        vectors.update()
    if name := not_finite(vectors):
        raise over_zero(name)
    decays = float(getattr(optimizer, "weight_decay", 0) or 0) > 0
    if not decays and not error(vectors.theta, before) <= SAME["float64"]:
        raise Wrong(
            f"Gradients of zero change theta {place(vectors.theta, before)}.",
            "The step: each of its terms has the gradient or a moment as a factor.",
        )


def learning_rate(optimizer):
    """The learning rate is what the step is multiplied with."""
    vectors = Vectors(optimizer, learning_rate=0.0)
    before = vectors.theta.copy()
    vectors.train()
    if not error(vectors.theta, before) <= SAME["float64"]:
        raise Wrong(
            f"With a learning rate of zero theta {place(vectors.theta, before)} changes.",
            "The step: rule.learning_rate, as it is at each update, is a factor of all of it.",
        )


def downhill(optimizer):
    """Updates lead to smaller values of a loss: sum theta^2 / 2, whose gradient is theta."""
    vectors = Vectors(optimizer)
    sums = [float(np.sum(vectors.theta**2))]
    for _ in range(50):
        vectors.grad[:] = vectors.theta
        vectors.update()
        sums.append(float(np.sum(vectors.theta**2)))
    if not sums[-1] < sums[0]:
        raise Wrong(
            f"Fifty updates on sum theta^2 lead from {sums[0]:.6g} to {sums[-1]:.6g}.",
            "The sign of the step: theta -= learning rate * gradient.",
        )


def dtypes(optimizer):
    """In float32 the same numbers as in float64, to what float32 can tell."""
    wide, narrow = (Vectors(optimizer, dtype).train() for dtype in SAME)
    for name in ("theta", "moments"):
        right, found = getattr(wide, name), getattr(narrow, name).astype(np.float64)
        if not error(found, right) <= SAME["float32"]:
            raise Wrong(
                f"In float32 {name} {place(found, right)} is not what it is in float64.",
                "Constants that float32 does not have: below 1e-38, above 3e38.",
            )


def finite(optimizer):
    """No gradient leaves a number that is not finite."""
    for dtype in SAME:
        vectors = Vectors(optimizer, dtype).train()
        vectors.grad[:] = 0
        vectors.update()
        if name := not_finite(vectors):
            raise over_zero(name)
        with np.errstate(over="ignore"):
            vectors.grad[: len(UNUSABLE)] = UNUSABLE
        vectors.update()
        if name := not_finite(vectors):
            raise Wrong(
                f"After gradients of {', '.join(f'{g:g}' for g in UNUSABLE)}, {dtype}, {name} is "
                "not finite.",
                "Gradients that are not finite, or whose square is not. With `from "
                "tinylstm.kernels import note, within` the kernel takes such a one for zero and "
                "notes it: docs/own_optimizer.md shows how. That is more than a textbook asks: "
                "leave_out=['finite'] where nobody promises it.",
            )


def moments(optimizer):
    """As many moments are used as are declared, and no other memory."""
    vectors = Vectors(optimizer)

    def run():
        for name, start in optimizer.starts.items():
            vectors.rule[name] = start
        vectors.train()
        return {"theta": vectors.theta.copy(), "moments": vectors.moments.copy()}

    need_bounds(vectors.guards, run)


def repeatable(optimizer):
    """The same gradients lead to the same parameters: all that is remembered is in the moments."""
    first, second = Vectors(optimizer).train(), Vectors(optimizer).train()
    if not np.array_equal(first.theta, second.theta):
        raise Wrong(
            "The same updates lead elsewhere the second time.",
            "What it remembers: rows of moments, which begin at zero, and nothing else.",
        )


def training(optimizer):
    """A model trains with it; compiled again, or with a copy, it trains in the same way."""
    x = np.random.default_rng(SEED).normal(size=(8, 3))
    y = x @ np.array([[1.0], [-2.0], [0.5]])
    found = []
    first = optimizer.copy()
    for one in (first, first, first.copy()):
        model = found[0][0] if len(found) == 1 else Sequential(dtype="float64")
        if len(found) != 1:
            model.seed = SEED
            model.add(Dense(1))
            model.build((None, 3))
            begin = model.get_weights()
        model.set_weights(begin)
        model.compile(one, "mse")
        model.fit(x, y, batch_size=4, epochs=3, shuffle=False, verbose=0)
        found.append((model, model.theta.copy()))
    for (_, theta), said in zip(found[1:], ("compiled again", "with a copy"), strict=True):
        if not np.array_equal(theta, found[0][1]):
            raise Wrong(
                f"Trained {said}, the optimiser leads elsewhere.",
                "What it remembers: moments and rule.iteration, which begin at zero. What it is "
                "made with: fields of rule, which a copy has.",
            )


CHECKS = {
    "moments": moments,
    "first update": first_update,
    "start and stop": start_and_stop,
    "pieces": pieces,
    "rule": rule,
    "zero gradient": zero_gradient,
    "learning rate": learning_rate,
    "downhill": downhill,
    "dtypes": dtypes,
    "finite": finite,
    "repeatable": repeatable,
    "training": training,
}
