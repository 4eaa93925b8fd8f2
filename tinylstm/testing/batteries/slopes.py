"""The check of gradients against differences, and where to look for what is wrong."""

import numpy as np

from ...kernels.compiling import COMPILED
from ...layers.layer import whole
from ...layers.recurrent import Recurrent
from ..differences import LIMIT
from ..gradient import loss_checks, worst_of
from .report import Wrong
from .subject import SAMPLES, SEED, settings_of

ALL_WRONG = (
    "All gradients are wrong. If something else is too, begin there; if not, the fault is in what "
    "they share: read the backward pass from its first line, the output, on."
)


def gradients(subject, model, mask=None, training=False, states=None):
    """The backward pass of a model is the derivative of its forward pass, which has a fault."""
    quick = subject.quick or not COMPILED
    report = slopes_of(model, subject.x(), quick, mask, training, states)
    if report.ok:
        return
    wrong = report.wrong
    one = wrong[0]
    _, backward, slope = one.worst
    told = f", for {one.relation}" if one.relation else ""
    others = [other.name.partition("/")[2] or other.name for other in wrong[1:]]
    also = f" Wrong too: {', '.join(others)}." if others else ""
    name = one.name.partition("/")[2] or one.name
    where = where_of(report)
    if not where:
        where = where_in_a_step(subject, model, quick, mask, training)
        where = where or ALL_WRONG + gates_in_words(report)
    tensors = {f"{layer.name}/{name}" for layer in model.layers for name in layer.weights}
    fault = tuple(other.name for other in wrong if other.name in tensors)
    raise Wrong(
        f"The gradient of {name} {one.place} is {backward:+.6e}, differences say {slope:+.6e}"
        f"{told}.{also}",
        where,
        ("gradients", fault or where),
    )


def slopes_of(model, x, quick, mask=None, training=False, states=None):
    """The report of the gradients of a model, for a loss of random targets."""
    model.compile("sgd", "mse")
    rng = np.random.default_rng(SEED + 3)
    y = rng.normal(size=(SAMPLES, *model.network.shape_of_output(x)))
    checks = loss_checks(model, x, y, states, mask, None, training)
    return worst_of([check.differences(quick) for check in checks])


def where_of(report):
    """Where a gradient goes wrong that is wrong in these tensors alone; "" if all are."""
    wrong, right = names_of(report.wrong), names_of(one for one in report if one.error <= LIMIT)
    if report.penalized:
        return (
            f"The gradient kernel of the penalty {report.penalized[0].penalty}; all else is right."
        )
    if wrong == ["x"]:
        return "The line of the backward pass that makes dx; all else is right."
    if all(name not in ("x", *right) and name[-1:] == "0" for name in wrong):
        gates = gates_in_words(report)
        return f"What is put at batch.dstate_in: the gradient of the state that came in.{gates}"
    if right:
        return (
            f"The lines that make these gradients. Right are {', '.join(right)}, and so what those "
            f"are made from.{gates_in_words(report)}"
        )
    return ""


def names_of(differences):
    """Names of the tensors, without those of their layers."""
    return [one.name.rpartition("/")[2] for one in differences]


def gates_in_words(report):
    """How wrong the last tensor that is wrong is in each of its gates; "" where it has none."""
    gates = [one.gates for one in report if one.gates]
    if not gates:
        return ""
    errors = ", ".join(f"{name} {error:.0e}" for name, error in gates[-1].items())
    return f" Relative error by gate: {errors}."


def where_in_a_step(subject, model, quick, mask, training):
    """Where to look, of a recurrent layer, by what is wrong in samples of one step; or ""."""
    carried = any(layer.state_mode == "batch_carried" for layer in model.state.layers)
    if not subject.recurrent or mask is not None or carried or subject.shape[0] == 1:
        return ""
    names = [name for layer in model.state.layers for name in layer.state_names]
    one = of_one_step(model)
    report = slopes_of(one, subject.x(shape=subject.longer(1)), quick, training=training)
    wrong = names_of(report.wrong)
    if not wrong:
        return (
            "In samples of one step all gradients are right, so look at what comes from the step "
            f"behind: {' and '.join(f'd{name}' for name in names)}. A step adds to what comes, and "
            "does not begin anew."
        )
    if all(name.removesuffix("0") in names for name in wrong):
        return (
            f"In samples of one step {' and '.join(wrong)} alone is wrong, so look at what goes to "
            f"the step before: {' and '.join(f'd{name[:-1]}_prev' for name in wrong)}."
        )
    return where_in_gates([one.gates for one in report if one.gates])


def where_in_gates(tensors):
    """Where to look, if only some of the gates are wrong in one step; or ""."""
    gates = list(tensors[0]) if tensors else []
    wrong = [gate for gate in gates if not all(one[gate] <= LIMIT for one in tensors)]
    if len(wrong) == len(gates):
        return ""
    lines = ", ".join(f"d{gate}" for gate in wrong)
    shared = ", and at what they share" * (len(wrong) > 1)
    are = "are" if len(wrong) > 1 else "is"
    return (
        f"In samples of one step, of the gates {', '.join(gates)} only {', '.join(wrong)} {are} "
        f"wrong: look at the lines that make {lines}{shared}."
    )


def of_one_step(model):
    """The same model, stateless, for samples of one step."""
    twin = type(model)(dtype=model.dtype)
    for layer in model.layers:
        new = layer.copy()
        for part in whole(new):
            if isinstance(part, Recurrent):
                part._settle(**settings_of())
        twin.add(new)
    twin.build((None, 1, *model.layers[0].sample_shape[1:]))
    twin.set_weights(model.get_weights())
    return twin
