"""The battery for a loss: each of its kernels, and a model that learns with it."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import ArrayLike

from ... import losses
from ...kernels.compiling import COMPILED
from ...layers import Activation, Dense
from ...losses import LossLike
from ...model import Sequential
from ..differences import STEPS, Differences
from ..gradient import gradient_check
from ..near import SAME, error, place
from .comparing import need_same
from .guards import NUMBERS, VALUES, alone, need_bounds
from .report import CheckReport, Wrong, run

ROWS, OUTPUTS = 5, 3
SEED = 7
LARGE = 1e4  # logits
FAR = 1e3, 1e6  # outputs of a loss that is one of any numbers
ACTIVATIONS = {
    "softmax": lambda z: np.exp(z) / np.exp(z).sum(axis=1, keepdims=True),
    "sigmoid": lambda z: 1 / (1 + np.exp(-z)),
}


def check_loss(
    loss: LossLike,
    y: ArrayLike | None = None,
    target: ArrayLike | None = None,
    *,
    leave_out: Iterable[str] = (),
    raises: bool = True,
) -> CheckReport:
    """Run all that a loss has to do on a loss of your own.

    Each of its kernels, of outputs and of pre-activations: the gradient against differences, the
    weights, rows that do not know of each other, what lay in dz before, ends of the range, both
    dtypes; and the gradients of a model with it.

    Parameters
    ----------
    loss : Loss, str, function or kernel
        As in `Sequential.compile`.
    y : array (rows, outputs), optional
        Outputs to try; by default rows of probabilities that sum to 1.
    target : array (rows, outputs), or (rows, 1) for classes by number, optional
        By default probabilities too, or classes.
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
    loss = losses.get(loss)
    subject = LossSubject(loss, y, target)
    return run(f"loss {loss.name}", checks_for(subject), subject, leave_out, raises)


class LossSubject:
    """A loss that is tried, and its data."""

    def __init__(self, loss, y, target):
        self.loss, rng = loss, np.random.default_rng(SEED)
        shares = rng.uniform(0.1, 0.9, (ROWS, OUTPUTS))
        y = shares / shares.sum(axis=1, keepdims=True) if y is None else np.array(y, np.float64)
        self.y, (rows, outputs) = y, y.shape
        if target is None and loss.sparse:
            target = rng.integers(0, outputs, (rows, 1))
        elif target is None:
            target = rng.uniform(0.1, 0.9, y.shape)
            target /= target.sum(axis=1, keepdims=True)
        self.target = np.array(target, np.float64)
        self.weight = rng.uniform(0.2, 2.0, rows)
        self.kernels = {"": with_option(loss.kernel, loss.option)}
        for activation, kernel in loss.fused.items():
            own = with_option(kernel, loss.option)
            self.kernels[f" of pre-activations, {activation}"] = own

    def z(self, form):
        """What a kernel reads: outputs, or any numbers."""
        return self.y if form == "" else np.log(self.y) + np.arange(len(self.y))[:, None] - 2.0


def with_option(kernel, option):
    """The kernel as a function of its arrays alone, with the parameters that the loss has."""
    return lambda *arrays, option=option: kernel(*arrays, option)


def called(kernel, fused, z, target, weight, dz=0.0, dtype="float64"):
    """A kernel's loss, its gradient, and what it has written as the output."""
    z, target, weight = (np.array(a, dtype, order="C") for a in (z, target, weight))
    y, given = np.full_like(z, np.nan) if fused else z, (z.copy(), target.copy(), weight.copy())
    dz = np.full_like(z, dz)
    loss = kernel(z, target, weight, y, dz)
    for name, before, after in zip(
        ("z", "target", "weight"), given, (z, target, weight), strict=True
    ):
        if not np.array_equal(before, after):
            raise Wrong(f"It changes {name}.", "Only dz, and y of a fused loss, are written.")
    return float(loss), dz, y


class OfZ(Differences):
    """The loss as a function of what its kernel reads."""

    def __init__(self, kernel, fused, z, target, weight):
        self.kernel, self.fused, self.z = kernel, fused, z.copy()
        self.data = target, weight

    def loss(self):
        return called(self.kernel, self.fused, self.z, *self.data)[0]


def each(check):
    """A check of every kernel of a loss."""

    def of_all(subject):
        for form, kernel in subject.kernels.items():
            try:
                check(subject, kernel, form)
            except Wrong as wrong:
                raise type(wrong)(f"The kernel{form}: {wrong.what}", wrong.where) from None

    return of_all


@each
def bounds(subject, kernel, form):
    """No number beside the arrays is read or written."""
    z = subject.z(form)
    where = (
        "Indices: z, y and dz are (n, K), weight is (n,), the target (n, K), or (n, 1) where it is "
        "the number of a class; option has as many numbers as the loss was made with."
    )
    arrays = {"z": z, "target": subject.target, "weight": subject.weight, "y": z, "dz": 0 * z}
    arrays["option"] = subject.loss.option
    kinds = {"target": NUMBERS} if subject.loss.sparse else {}
    pairs = {name: alone(a, name, where, kinds.get(name, VALUES)) for name, a in arrays.items()}
    z, target, weight, y, dz, option = (a for a, _ in pairs.values())
    y = z if form == "" else y

    def run():
        loss = kernel(z, target, weight, y, dz, option=option)
        return {"the loss": np.array(loss), "dz": dz.copy(), "y": y.copy()}

    need_bounds([guards for _, guards in pairs.values()], run)


@each
def gradient(subject, kernel, form):
    z, fused = subject.z(form), form != ""
    of_z = OfZ(kernel, fused, z, subject.target, subject.weight)
    _, dz, _ = called(kernel, fused, z, subject.target, subject.weight)
    rounding = 4 * np.finfo(np.float64).eps * max(1.0, abs(of_z.loss())) / STEPS[0]
    found = of_z.difference("dz", dz, of_z.z, rounding)
    if not found.error <= 1e-7:
        told = f", for {found.relation}" if found.relation else ""
        _, backward, slope = found.worst
        raise Wrong(
            f"dz {found.place} is {backward:+.6e}, differences say {slope:+.6e}{told}.",
            "The line that writes dz: the derivative of the line that adds to the loss, times the "
            "row's weight, and over K where the loss is a mean over outputs.",
        )


@each
def weights(subject, kernel, form):
    """Loss and gradient of a row are multiplied by its weight."""
    z, fused, w = subject.z(form), form != "", subject.weight
    loss, dz, _ = called(kernel, fused, z, subject.target, np.ones_like(w))
    for factor in (2.0, 0.0):
        other, dother, _ = called(kernel, fused, z, subject.target, np.full_like(w, factor))
        if not abs(other - factor * loss) <= 1e-10 * abs(loss):
            raise Wrong(
                f"With weights of {factor:g} the loss is {other:g}, and {loss:g} with 1.",
                "The line that adds to the loss: weight[r] * ..., all of it.",
            )
        if not error(dother, factor * dz) <= SAME["float64"]:
            raise Wrong(
                f"With weights of {factor:g} dz {place(dother, factor * dz)} is not {factor:g} "
                "times as large.",
                "The line that writes dz: weight[r] * ..., all of it.",
            )


@each
def rows(subject, kernel, form):
    """The loss is a sum over rows, none of which knows of another."""
    z, fused, w = subject.z(form), form != "", subject.weight
    loss, dz, _ = called(kernel, fused, z, subject.target, w)
    each_row = [
        called(kernel, fused, z[r : r + 1], subject.target[r : r + 1], w[r : r + 1])
        for r in range(len(z))
    ]
    total = sum(one[0] for one in each_row)
    where = (
        "No mean over rows: 1 / n is in the weights. What is summed in a row begins at zero in it."
    )
    if not abs(total - loss) <= 1e-10 * abs(loss):
        raise Wrong(f"The loss is {loss:g}; its rows one by one add up to {total:g}.", where)
    found = np.concatenate([one[1] for one in each_row])
    if not error(dz, found) <= SAME["float64"]:
        raise Wrong(f"dz {place(dz, found)} differs where the row is alone.", where)


@each
def dirty_memory(subject, kernel, form):
    """dz is overwritten, and so is the output of a fused loss."""
    z, fused = subject.z(form), form != ""
    loss, dz, _ = called(kernel, fused, z, subject.target, subject.weight)
    for fill in (np.nan, 3.0):
        other, found, _ = called(kernel, fused, z, subject.target, subject.weight, fill)
        if not (other == loss and error(found, dz) <= SAME["float64"]):
            raise Wrong(
                f"dz {place(found, dz)} depends on what lay there before.",
                "dz[r, k] = ..., not +=; in every row and column, whatever the target is.",
            )


@each
def outputs(subject, kernel, form):
    """A fused loss writes the output: its activation of what it reads."""
    name = form.rpartition(" ")[2]
    if name in ACTIVATIONS:
        z = subject.z(form)
        _, _, y = called(kernel, True, z, subject.target, subject.weight)
        right = ACTIVATIONS[name](z)
        if not error(y, right) <= SAME["float64"]:
            raise Wrong(
                f"y {place(y, right)} is not {name}(z).",
                "A fused loss takes the place of the activation: it writes y, all of it.",
            )


@each
def extremes(subject, kernel, form):
    """Loss and gradient are finite at the ends of what comes in."""
    for z, said in ends(subject, form):
        for dtype in ("float64", "float32"):
            loss, dz, _ = called(kernel, form != "", z, subject.target, subject.weight, dtype=dtype)
            if not (np.isfinite(loss) and np.isfinite(dz).all()):
                raise Wrong(
                    f"For {said}, in {dtype}, the loss is {loss:g}, dz finite: "
                    f"{bool(np.isfinite(dz).all())}.",
                    "Logarithms and divisions: keep their argument from 0, as by min(max(y, eps), "
                    "1 - eps) with an eps that 1 - eps can tell in float32. Exponentials: take out "
                    "what overflows, as log(1 + e^a) = max(a, 0) + log1p(e^-|a|).",
                )


def ends(subject, form):
    """The outputs, or pre-activations, at the ends of their range, each with its words."""
    rows, outputs = subject.y.shape
    sign = 1 - 2 * (np.indices(subject.y.shape).sum(axis=0) % 2)
    if form != "":
        return [(LARGE * sign, f"pre-activations of {LARGE:g} and -{LARGE:g}")]
    shares = np.eye(outputs)[np.arange(rows) % outputs], "outputs of exactly 0 and 1"
    far = FAR if is_of_any_numbers(subject.loss) else ()
    return [shares, *((one * sign, f"outputs of {one:g} and -{one:g}") for one in far)]


def is_of_any_numbers(loss):
    """Whether outputs and targets may be any numbers, as far as the loss says."""
    try:
        loss.check(np.array([[-FAR[0], FAR[0]]]))
    except ValueError:
        return False
    return not (loss.sparse or loss.fused)


@each
def dtypes(subject, kernel, form):
    """In float32 the same numbers as in float64, to what float32 can tell."""
    z, fused = subject.z(form), form != ""
    narrow, wide = (
        called(kernel, fused, z, subject.target, subject.weight, dtype=dtype)
        for dtype in ("float32", "float64")
    )
    need_same(
        {"the loss": np.array(narrow[0]), "dz": narrow[1].astype(np.float64)},
        {"the loss": np.array(wide[0]), "dz": wide[1]},
        "In float32 {} is not what it is in float64.",
        "Differences of numbers that are nearly the same; constants that float32 does not have.",
        "float32",
    )


def in_a_model(subject):
    """The gradients of a model with the loss."""
    for form in subject.kernels:
        name = form.rpartition(" ")[2] or "softmax"
        model = Sequential(dtype="float64")
        model.seed = SEED
        model.add(Dense(subject.y.shape[1], name))
        if form == "":  # nothing that it could see through
            model.add(Activation("linear"))
        model.build((None, 4))
        model.compile("sgd", subject.loss)
        x = np.random.default_rng(SEED).normal(size=(len(subject.y), 4))
        target = subject.target[:, 0] if subject.loss.sparse else subject.target
        report = gradient_check(model, x, target, quick=not COMPILED)
        if not report.ok:
            raise Wrong(
                f"In a model the gradient of {report.worst.name} is wrong.",
                "What the loss reads: z is the output, or, of a fused one, what goes into the "
                "activation.",
            )


def checks_for(subject):
    """{name: check} of what applies to a loss."""
    checks = {
        "bounds": bounds,
        "dirty memory": dirty_memory,
        "gradient": gradient,
        "weights": weights,
        "rows": rows,
        "outputs": outputs,
        "extremes": extremes,
        "dtypes": dtypes,
        "in a model": in_a_model,
    }
    if not subject.loss.fused:
        del checks["outputs"]
    return checks
