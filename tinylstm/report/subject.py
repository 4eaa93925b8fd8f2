"""What a page is about: a model, its samples, what they are called, and what of it is shown."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..callbacks import Recorder
from ..data.gate import target_samples
from ..engine.study import LayerTrace, Trace
from ..files.weights import tensors_of
from ..plotting.traced import names_given, step_names
from ..surface.arguments import as_list, need_model, whole_number
from ..surface.errors import mismatch
from ..surface.types import Array
from .room import EPOCHS, FOLLOWED, NUMBERS, OF_STEP, SAMPLES, STEPS, UNITS, WEIGHTS

if TYPE_CHECKING:
    from ..model import Sequential


class Subject(NamedTuple):
    """What a page is about."""

    model: Sequential  # a copy: what is asked of it leaves no trace in the user's
    x: Array  # (samples, steps, features) or (samples, features), all of them
    y: Array | None
    shown: NDArray[Any]  # the numbers of the samples that are on the page
    asked: bool  # whether these samples were asked for
    names: list[list[str]]  # of the shown steps of each shown sample
    classes: list[str] | None  # names of the outputs
    batch_size: int
    fit: dict[str, Any]  # how it was trained: shuffle, reset
    recorder: Any  # a Recorder, or None
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


def looked_at(model: Any, x: Any, y: Any) -> tuple[Sequential, Array, Array | None]:
    """A copy of the model, and its samples and targets as arrays.

    Raises
    ------
    TypeError, ValueError
        If it is no model, is not built, has no gates or, with targets, is not compiled; if they do
        not fit it.
    """
    need_model(model)
    model.need_built("A page")
    (x,) = model.samples(x)
    if not any(layer.gate_names for layer in model.state.layers):
        raise mismatch("There are no gates to show.", "a recurrent layer", repr(model))
    if y is not None:
        model.need_compiled()
        y = target_samples(y, x, model)
    return model.copy(), x, y


def batch_of(batch_size: int | None, model: Sequential, x: Array) -> int:
    """How many samples are read at a time, as `predict` would."""
    size = model.state.default_batch_size() if batch_size is None else batch_size
    size = whole_number(size, "batch_size")
    model.state.batches(len(x), size, goes_on=False)
    return min(size, len(x))


def recorded(recorder: Any, model: Sequential) -> Recorder | None:
    """The recorder of a training of this model, or None without one.

    Raises
    ------
    TypeError, ValueError
        If it is another thing, or was at another training.
    """
    if recorder is None:
        return None
    expected = "a tinylstm.Recorder that was among the callbacks of this model's fit"
    if not isinstance(recorder, Recorder):
        raise mismatch("recorder is no Recorder.", expected, repr(recorder), TypeError)
    if recorder.places != {name: array.shape for name, array in tensors_of(model).items()}:
        wrong = "The recorder was at the training of another model, or at none."
        raise mismatch(wrong, expected, repr(recorder))
    return recorder


def shown_samples(
    samples: Any,
    x: Array,
    y: Array | None,
    model: Sequential,
    batch_size: int,
    recorder: Recorder | None,
) -> NDArray[Any]:
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
    each += FOLLOWED * (min(x.shape[1], STEPS) if x.ndim == 3 else 1)
    return np.arange(min(len(x), SAMPLES, max(1, room_of_samples(model, recorder) // each)))


def room_of_samples(model: Sequential, recorder: Recorder | None) -> int:
    """How many numbers of samples have room: their share, and what is left of that of weights."""
    count = model.count_params()
    if count > WEIGHTS:
        return NUMBERS + WEIGHTS + EPOCHS  # there are no weights on the page
    epochs = count * len(recorder.epochs) if recorder else 0
    return NUMBERS + WEIGHTS - count + max(0, EPOCHS - epochs)


def shown_size(array: Array) -> int:
    """How many numbers a sample has of an input, an output or a target, as far as it is shown."""
    return array[0, -STEPS:].size if array.ndim == 3 else array[0].size


def numbers_of(trace: LayerTrace) -> int:
    """The same of a layer's gates and states, masks, gradients and their norms."""
    arrays = len(trace.gate_names) + 3 * len(trace.state_names)  # of a state two gradients too
    steps = trace.masked.shape[1]
    units = getattr(trace, trace.state_names[0]).shape[-1]
    return min(steps, STEPS) * (min(units, UNITS) * arrays + OF_STEP)


def layers_of(trace: Trace) -> dict[str, LayerTrace]:
    """Those recurrent layers of a trace that have gates to show."""
    return {name: one for name, one in trace.items() if one.gate_names}


def names_of(labels: Any, x: Array, shown: NDArray[Any]) -> list[list[str]]:
    """The names of the shown steps of each shown sample; see `tinylstm.report`.

    Raises
    ------
    TypeError, ValueError
        If they are neither those of all samples nor of each.
    """
    samples, steps = len(x), x.shape[1] if x.ndim == 3 else 1
    if labels is None:
        return [step_names(None, steps)[-STEPS:]] * len(shown)
    given = list(labels) if isinstance(labels, str) else as_list(labels, "labels")
    if len(given) == samples and all(is_of_steps(one, steps) for one in given):
        rows = [row_of_names(one, steps) for one in given]
        return [rows[k][-STEPS:] for k in shown]
    if len(given) == steps:
        return [step_names(given, steps)[-STEPS:]] * len(shown)
    each = f"one each of {steps}, or such a row for each of {samples} samples"
    raise mismatch("labels name the steps.", each, len(given))


def row_of_names(labels, steps):
    """The names of the steps of a sample."""
    return step_names([labels] if steps == 1 and np.isscalar(labels) else labels, steps)


def is_of_steps(labels, steps):
    """Whether it names each of so many steps; where there is one step, a word is its name."""
    if steps == 1 and np.isscalar(labels):
        return True
    return hasattr(labels, "__len__") and len(labels) == steps


def class_names(classes: Any, model: Sequential) -> list[str] | None:
    """A name for each output, or None without any.

    Raises
    ------
    TypeError, ValueError
        If they are no words or numbers, or not as many as there are outputs.
    """
    if classes is None:
        return None
    names, count = names_given(classes, "classes"), model.output_shape[-1]
    if len(names) != count:
        raise mismatch("classes name the outputs.", f"one each of {count}", len(names))
    return names
