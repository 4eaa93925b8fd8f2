"""What a page is about: a model, its samples, what they are called, and what of it is shown."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..callbacks import Recorder
from ..data.gate import target_samples
from ..engine.study import LayerTrace, Trace
from ..engine.training import checked_reset
from ..plotting.traced import names_given, step_names
from ..surface.arguments import as_list, checked_name, choice, need_model, whole_number
from ..surface.errors import mismatch
from ..surface.types import Array
from .room import NUMBERS, SAMPLES, STEPS, UNITS

if TYPE_CHECKING:
    from ..model import Sequential


class Subject(NamedTuple):
    """What a page is about."""

    model: Sequential  # a copy: what is asked of it leaves no trace in the user's
    x: Array  # (samples, steps, features) or (samples, features), all of them
    y: Array | None
    shown: NDArray[Any]  # the numbers of the samples that are on the page
    names: list[list[str]]  # of the shown steps of each shown sample
    classes: list[str] | None  # names of the outputs
    batch_size: int
    fit: dict[str, Any]  # how it was trained: shuffle, reset
    recorder: Any
    title: str

    @property
    def steps(self) -> int:
        """T; 1 where a sample is a row of features."""
        return self.x.shape[1] if self.x.ndim == 3 else 1

    def passes(self) -> Iterator[tuple[Trace, NDArray[Any], NDArray[Any]]]:
        """Trace batch for batch from zeros, as `predict` reads them, until all shown ones are read.

        With each trace come the rows of it that are shown, and their places on the page. What is
        asked of the model in between, `Sequential.backward` say, is about this batch.
        """
        model, size = self.model, self.batch_size
        with model.scratch_state(zero=True):
            for start in range(0, int(self.shown.max()) + 1, size):
                trace = model.trace(self.x[start : start + size])
                places = np.flatnonzero((self.shown >= start) & (self.shown < start + size))
                yield trace, self.shown[places] - start, places
                if carried := model.get_states():
                    model.set_states({name: trace.states[name] for name in carried})

    def first_of(self, rows: NDArray[Any], places: NDArray[Any]) -> int:
        """The number of the first sample of a batch, from what `passes` gives with it."""
        return int(self.shown[places[0]] - rows[0])

    def gathered(self, read: Any) -> dict[str, Array]:
        """Arrays of all shown samples, from ``read(trace)``: a dict of those of a batch."""
        found: dict[str, Array] = {}
        for trace, rows, places in self.passes():
            for name, array in read(trace).items():
                if name not in found:
                    found[name] = np.empty((len(self.shown), *array.shape[1:]), array.dtype)
                found[name][places] = array[rows]
        return found


def subject_of(
    model,
    x,
    y=None,
    labels=None,
    classes=None,
    batch_size=None,
    samples=None,
    shuffle=None,
    reset_states=None,
    recorder=None,
    title=None,
) -> Subject:
    """See `tinylstm.report`, whose arguments these are.

    Raises
    ------
    TypeError, ValueError
        If something does not fit the model.
    """
    need_model(model)
    (x,) = model.samples(x)
    if not any(layer.gate_names for layer in model.state.layers):
        raise mismatch("There are no gates to show.", "a recurrent layer", repr(model))
    if recorder is not None and not isinstance(recorder, Recorder):
        expected = "a tinylstm.Recorder that was among the callbacks of fit"
        raise mismatch("recorder is no Recorder.", expected, repr(recorder), TypeError)
    model = model.copy()
    if y is not None:
        model.need_compiled()
        y = target_samples(y, x, model)
    size = model.state.default_batch_size() if batch_size is None else batch_size
    size = whole_number(size, "batch_size")
    model.state.batches(len(x), size, goes_on=False)
    shown = shown_samples(samples, x, y, model, size)
    names = names_of(labels, len(x), x.shape[1] if x.ndim == 3 else 1)
    return Subject(
        *(model, x, y, shown, [names[k][-STEPS:] for k in shown]),
        None if classes is None else class_names(classes, model.output_shape[-1]),
        min(size, len(x)),
        {"shuffle": choice(shuffle, "shuffle"), "reset": checked_reset(reset_states)},
        recorder,
        checked_name(title, "A page") or model.name,
    )


def shown_samples(samples, x, y, model, batch_size):
    """The numbers of the samples on the page: those asked for, or the first that have room."""
    if samples is not None and not np.isscalar(samples):
        asked = as_list(samples, "samples", "how many, or a list of numbers")
        if not asked:
            raise mismatch("samples names none.", "the number of a sample, or several", asked)
        return np.array([whole_number(k, "Each of samples", 0, len(x) - 1) for k in asked])
    if samples is not None:
        return np.arange(whole_number(samples, "samples", 1, len(x)))
    with model.scratch_state(zero=True):
        first = model.trace(x[:batch_size])
    each = sum(numbers_of(trace) for trace in layers_of(first).values())
    each += sum(shown_size(array) for array in (x, first.y, y) if array is not None)
    return np.arange(min(len(x), SAMPLES, max(1, NUMBERS // each)))


def shown_size(array: Array) -> int:
    """How many numbers a sample has of an input, an output or a target, as far as it is shown."""
    return array[0, -STEPS:].size if array.ndim == 3 else array[0].size


def numbers_of(trace: LayerTrace) -> int:
    """The same of a layer's gates and states, and of the gradients."""
    arrays = len(trace.gate_names) + 3 * len(trace.state_names)  # of a state two gradients too
    steps = trace.masked.shape[1]
    units = getattr(trace, trace.state_names[0]).shape[-1]
    return min(steps, STEPS) * min(units, UNITS) * arrays


def layers_of(trace: Trace) -> dict[str, LayerTrace]:
    """Those recurrent layers of a trace that have gates to show."""
    return {name: one for name, one in trace.items() if one.gate_names}


def names_of(labels: Any, samples: int, steps: int) -> list[list[str]]:
    """The names of the steps of each sample; see `tinylstm.report`."""
    if labels is not None:
        given = list(labels) if isinstance(labels, str) else as_list(labels, "labels")
        if len(given) == samples and all(is_of_steps(one, steps) for one in given):
            return [
                step_names([one] if steps == 1 and np.isscalar(one) else one, steps)
                for one in given
            ]
    return [step_names(labels, steps)] * samples


def is_of_steps(labels, steps):
    """Whether it names each of so many steps; where there is one step, a word is its name."""
    if steps == 1 and np.isscalar(labels):
        return True
    return hasattr(labels, "__len__") and len(labels) == steps


def class_names(classes, count):
    """A name for each output.

    Raises
    ------
    TypeError, ValueError
        If they are no words or numbers, or not as many as there are outputs.
    """
    names = names_given(classes)
    if len(names) != count:
        raise mismatch("classes name the outputs.", f"one each of {count}", len(names))
    return names
