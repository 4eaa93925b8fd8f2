"""What is drawn of a trace: its layer, its sample, and what its steps are called."""

from __future__ import annotations

from collections.abc import Sequence

from numpy.typing import NDArray

from ..engine.study import LayerTrace, Trace
from ..surface.arguments import as_list, find, is_finite, whole_number
from ..surface.errors import kind_of, mismatch

Labels = Sequence[str | float] | NDArray  # of steps: letters, words or times


def what_is_drawn(
    trace: Trace | LayerTrace, sample: int, labels: Labels | None, layer: str | None
) -> tuple[LayerTrace, int, list[str]]:
    """The trace of a layer, the number of a sample, and the names of its steps.

    Raises
    ------
    TypeError, ValueError
        If there is no such layer or sample, or a label too many or too few.
    """
    trace = layer_trace(trace, layer)
    samples, steps = trace.masked.shape
    return trace, whole_number(sample, "sample", 0, most=samples - 1), step_names(labels, steps)


def layer_trace(trace: Trace | LayerTrace, layer: str | None) -> LayerTrace:
    """The trace of one recurrent layer: the first, or that of a name.

    Raises
    ------
    TypeError, ValueError
        If it is no trace, has no such layer, or the layer has no gates to show.
    """
    if isinstance(trace, Trace):
        if not trace:
            raise mismatch("There are no gates to draw.", "a model with a recurrent layer", "none")
        trace = find(trace, layer if layer is not None else next(iter(trace)), "recurrent layer")
    if not isinstance(trace, LayerTrace):
        expected = "what model.trace(x) gave, or that of a layer"
        raise mismatch("This is not a trace.", expected, repr(trace), TypeError)
    if not trace.gate_names:
        raise mismatch(
            "This layer has no gates to draw.", "an RNN of a cell, an LSTM, say", trace.layer_name
        )
    return trace


def names_given(labels, what="labels"):
    """Letters, words or times as a list of words; ``what`` they are called in a refusal.

    Raises
    ------
    TypeError
        If they are something else.
    """
    expected = "a letter, a word or a time for each"
    found = list(labels) if isinstance(labels, str) else as_list(labels, what, expected)
    for name in found:
        if not isinstance(name, str) and not is_finite(name):
            raise mismatch(f"{what} are words or numbers.", expected, kind_of(name), TypeError)
    return [name if isinstance(name, str) else f"{name:g}" for name in found]


def step_names(labels, count, what="steps"):
    """The names of the steps, or of what else: those that were given, or numbers from 0.

    Raises
    ------
    TypeError, ValueError
        If they are no words or numbers, or not as many as there are steps.
    """
    if labels is None:
        return [str(k) for k in range(count)]
    names = names_given(labels)
    if len(names) != count:
        raise mismatch(f"labels name the {what}.", f"one each of {count}", len(names))
    return names
