"""Does a layer know of what lay in memory before?  A dirty workspace, and a second pass."""

import numpy as np

from ...kernels.tables import HOLD, RESTART
from ..near import SAME, error, place
from .comparing import need_same
from .report import Wrong
from .subject import SAMPLES, go_back, results, start

ADDED = 3.0  # what lies in a dirty workspace, to see whether it was added to


def dirty_workspace(subject):
    """Nothing that is read was not written before: what lies in memory does not count."""
    for masked in (False, True) if subject.has_steps() else (False,):
        clean = soiled(subject, None, masked)
        for fill in (np.nan, ADDED):
            compare_soiled(soiled(subject, fill, masked), clean, fill)


def soiled(subject, fill, masked):
    """All that a pass makes, in a workspace and gradients full of one number."""
    settings = {"return_sequences": True} if subject.recurrent else {}
    model, x = subject.model(**settings), subject.x()
    mask = np.indices((SAMPLES, subject.shape[0])).sum(axis=0) % 2 > 0 if masked else None
    made = start(model, x, mask=mask)
    program = made.program
    if fill is not None:
        size = x.size
        at = int(program.plan["x"][0])
        own = program.work[at : at + size].copy()
        program.work[:] = fill
        program.work[at : at + size] = own
        model.grad[:] = fill
        if subject.layer.masks and len(made.layers) == 1:
            program.flags[int(program.plan["y_flags"][0]) :] = HOLD | RESTART
        made.forward()
    go_back(made)
    found = results(made)
    if subject.layer.masks:
        found["the flags of y"] = program.flags.astype(np.float64)
    return found


def compare_soiled(found, clean, fill):
    for name, right in clean.items():
        array = found[name]
        if error(array, right) <= SAME["float64"]:
            continue
        at, left = place(array, right), np.abs(array - right) > 1e-6
        if np.isnan(fill):
            if name == "y" or name.startswith("the last") or name == "the flags of y":
                where = (
                    "The forward kernel: what is not written in this pass another one has left. "
                    "Where layer.carry is 0, the first step starts from zeros, not from state_in."
                )
            else:
                where = (
                    "The backward kernel: gradients are overwritten, a[:] = ..., or set to zero "
                    "before anything is added; all of them."
                )
            kind = kind_of_dirt(name, array, right)
            raise Wrong(f"{name} {at} depends on what lay in memory before{kind}.", where)
        raise Wrong(
            f"{name} {at} differs where memory was not clean ({int(left.sum())} elements).",
            "Every array of the workspace: written before it is read, in each pass.",
        )


def kind_of_dirt(name, array, right):
    """What NaN everywhere says beyond that a place is dirty."""
    share = np.isnan(array).mean()
    return ": it is written nowhere, or added to" if share == 1 else ", in part"


def two_passes(subject):
    """The same pass twice gives the same, forward and back."""
    model, x = subject.model(), subject.x()
    made = start(model, x)
    go_back(made)
    first = results(made)
    made.forward()
    go_back(made)
    need_same(
        results(made),
        first,
        "In a second pass over the same batch, {} differs.",
        "What a pass leaves for the next: += where it should be =, or an array of the first pass "
        "that the second reads.",
    )
