"""The battery for a layer: what applies is found from the layer itself."""

from __future__ import annotations

from collections.abc import Iterable

from ...kernels.cells import Cell
from ...layers import RNN
from ...layers.layer import Layer
from ...surface.types import ShapeLike
from . import any_layer, recurrent
from .report import CheckReport, run
from .subject import Subject


def check_layer(
    layer: Layer,
    input_shape: ShapeLike | None = None,
    *,
    leave_out: Iterable[str] = (),
    raises: bool = True,
) -> CheckReport:
    """Run all that a layer has to do on a layer of your own.

    It is tried in small models, of its own numbers of units, forward and back: gradients against
    differences in every state mode, shapes, rows, masks, pieces of a sequence, both directions, a
    dirty workspace, both dtypes, two threads, a stepper, a trace, copies. What applies is found
    from the layer: one that is not recurrent has no modes, one that says neither ``each_step`` nor
    ``each_row`` shares no batch among threads.

    Parameters
    ----------
    layer : Layer
        Of a few units: its size is the time that this takes. It stays as it is.
    input_shape : tuple of int, optional
        Of a sample; by default what the layer names or was built for. Otherwise the first of
        (4, 2), (2,) that it takes, and where sizes count one with 5 features as well.
    leave_out : list of str, optional
        Names of checks that are not to be run, of what the layer does not promise.
    raises : bool, default=True
        False: only return the report.

    Returns
    -------
    CheckReport
        ``report.ok``; printed, a table of the checks and a sentence for each fault.

    Raises
    ------
    AssertionError
        With the report, if something is wrong.
    """
    subject = Subject(layer, input_shape)
    return run(subject.name, checks_for(subject), subject, leave_out, raises, subject.tried)


def check_cell(
    cell: Cell, units: int = 3, *, leave_out: Iterable[str] = (), raises: bool = True
) -> CheckReport:
    """Run all that a cell has to do on a cell of your own, in a recurrent layer of it.

    Parameters
    ----------
    cell : Cell
        Made by `tinylstm.cell`.
    units : int, default=3
    leave_out, raises
        As in `check_layer`.

    Returns
    -------
    CheckReport

    Raises
    ------
    AssertionError
        With the report, if something is wrong.
    TypeError
        If it is no cell, or one without its step backward.
    """
    subject = Subject(RNN(cell, units))
    return run(f"cell {cell.name}", checks_for(subject), subject, leave_out, raises, subject.tried)


def checks_for(subject):
    """{name: check} of what applies to a layer, in the order in which a fault is best found."""
    first = recurrent.FIRST if subject.recurrent else any_layer.FIRST
    more = recurrent.CHECKS if subject.recurrent else {}
    every = any_layer.BEFORE | first | any_layer.CHECKS | more
    return {name: check for name, (check, applies) in every.items() if applies(subject)}
