"""The check of gradients against differences, and where to look for what is wrong."""

import numpy as np

from ...kernels.compiling import COMPILED
from ..gradient import loss_checks, worst_of
from .report import Wrong
from .subject import SAMPLES, SEED


def gradients(subject, model, mask=None, training=False, states=None):
    """The backward pass of a model is the derivative of its forward pass, which has a fault."""
    model.compile("sgd", "mse")
    x = subject.x()
    rng = np.random.default_rng(SEED + 3)
    y = rng.normal(size=(SAMPLES, *model.network.shape_of_output(x)))
    checks = loss_checks(model, x, y, states, mask, None, training)
    report = worst_of([check.differences(subject.quick or not COMPILED) for check in checks])
    if report.ok:
        return
    wrong = report.wrong
    one = wrong[0]
    _, backward, slope = one.worst
    told = f", for {one.relation}" if one.relation else ""
    others = [other.name.partition("/")[2] or other.name for other in wrong[1:]]
    also = f" Wrong too: {', '.join(others)}." if others else ""
    name = one.name.partition("/")[2] or one.name
    where = where_of([other.name.rpartition("/")[2] for other in wrong], report)
    tensors = {f"{layer.name}/{name}" for layer in model.layers for name in layer.weights}
    fault = tuple(other.name for other in wrong if other.name in tensors)
    raise Wrong(
        f"The gradient of {name} {one.place} is {backward:+.6e}, differences say {slope:+.6e}"
        f"{told}.{also}",
        where,
        ("gradients", fault or where),
    )


def where_of(wrong, report):
    """Where a gradient goes wrong that is wrong in these tensors alone."""
    all_names = [one.name.rpartition("/")[2] for one in report]
    right = [name for name in all_names if name not in wrong]
    gates = [one.gates for one in report if one.gates]
    blocks = " By gate: " + ", ".join(f"{k} {e:.0e}" for k, e in gates[-1].items()) if gates else ""
    if report.penalized:
        return (
            f"The gradient kernel of the penalty {report.penalized[0].penalty}; all else is right."
        )
    if wrong == ["x"]:
        return "The line of the backward pass that makes dx; all else is right."
    if all(name not in ("x", *right) and name[-1:] == "0" for name in wrong):
        return "What is put at batch.dstate_in: the gradient of the state that came in." + blocks
    if right:
        return (
            f"The lines that make these gradients. Right are {', '.join(right)}, and so what those "
            "are made from." + blocks
        )
    return (
        "All gradients are wrong. If something else is too, begin there; if not, the fault is in "
        "what they share: read the backward pass from its first line, the output, on." + blocks
    )
