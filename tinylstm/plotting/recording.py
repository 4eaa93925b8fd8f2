"""What happened to the state, batch for batch: where each sample started from, and where it went.

Nothing is deduced from the state mode. The state that a sample started from and the one that it
ended with are read from the workspace of the batch; a state was handed on where the two are equal,
element for element.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any, NamedTuple, Self

import numpy as np

from ..engine.program import PLAN_FIELD
from ..kernels.tables import RESTART
from ..layers import RNN
from ..owners import Owner
from ..surface.arguments import find, need_model
from ..surface.copying import Uncopied
from ..surface.errors import mismatch
from ..surface.types import Array
from ..whole import Span

if TYPE_CHECKING:
    from ..model import Sequential

ZEROS, GIVEN = "zeros", "given"  # where a state came from, if not from an earlier sample


class Batch(NamedTuple):
    """One batch; row r is its r-th sample.

    sources (rows): where the state that came in is from: (batch, row), the numbers of the batch in
    `StateRecorder.batches` and of the row whose last state it is; ``"zeros"``; or ``"given"``, any
    other state, from `set_states` or an unrecorded call.
    """

    call: str  # "fit", "evaluate" or "predict"
    epoch: int
    number: int  # of the batch in its epoch
    sizes: dict  # {state: (2, rows)}: before and after, the root of the mean square of its units
    sources: list
    stops: np.ndarray  # (rows,) bool: the gradient goes no further back than this sample's start
    chained: bool  # the samples form one sequence, end to end

    @property
    def h(self) -> Array:
        """Size of h before and after: (2, rows)."""
        return self.sizes["h"]

    @property
    def c(self) -> Array:
        """The same of an LSTM's c."""
        return self.sizes["c"]


class StateRecorder(Span, Uncopied):
    """Follow the state of one recurrent layer through all calls that read batches.

    Parameters
    ----------
    model : Sequential
    layer : str, optional
        Name of an LSTM, a GRU or another layer of a cell, of a direction of both
        ("bidirectional/backward_lstm") too; by default the first.

    Raises
    ------
    ValueError
        If the model has no such layer.

    Notes
    -----
    Within the ``with`` block every batch is a compiled call of its own, so a training takes longer,
    and the states of every sample are kept until the block ends. Computed values do not change.

    Examples
    --------
    >>> with StateRecorder(model) as recorder:
    ...     model.fit(x, y, batch_size=1, epochs=2, reset_states="epoch")
    >>> plotting.state_strip(recorder)
    """

    copied_by = "recorder.batches, which is plain data"
    model = Owner("Which has the recorder, also for some time after its block.")

    def __init__(self, model: Sequential, layer: str | None = None) -> None:
        need_model(model)
        parts = [part for layer in model.layers for part in layer.parts()]
        layers = {part.name: part for part in parts if isinstance(part, RNN)}
        if not layers:
            raise mismatch(
                "There is no state to record.", "a model with a recurrent layer", repr(model)
            )
        super().__init__()
        self.model = model
        self.layer = (
            find(layers, layer, "recurrent layer")
            if layer is not None
            else next(iter(layers.values()))
        )
        self.batches = []
        self.thread: int | None = None  # that is in its block
        self._ends = {}  # by state: the (batch, row) of the samples that ended with it

    def __repr__(self) -> str:
        return f"<StateRecorder of layer {self.layer.name!r}: {len(self.batches)} batches>"

    @property
    def largest(self) -> float:
        """Size of the largest state so far; 0 before the first batch."""
        found = (float(pair.max()) for one in self.batches for pair in one.sizes.values())
        return max(found, default=0.0)

    def __enter__(self) -> Self:
        model, self.thread = self.model, threading.get_ident()
        if model is None:
            raise mismatch(
                "The model of this recorder is gone.", "a model that is kept", repr(self)
            )
        model.add_recorder(self)
        return super().__enter__()

    def forget(self) -> None:
        """When its block has ended: no state is compared any more."""
        self._ends.clear()

    def record(self, run: Any, number: int) -> None:
        """Note a batch that has just been run; `number` counts from the run's first epoch on.

        May be called again where it was interrupted.
        """
        batch = run.program.batch
        rows, chain = int(batch["rows"][0]), int(batch["chain"][0])
        starts, ends = boundaries(run.program, self.layer, rows, chain)
        stops = gradient_stops(run.program, rows, chain)
        epoch, j = divmod(number, run.batches.count)
        self.batches.append(
            Batch(
                call_of(run.fields),
                *(epoch, j),
                {name: sizes(start, ends[name]) for name, start in starts.items()},
                self._sources(starts, ends, stops, rows),
                stops,
                run.batches.chained,
            )
        )

    def _sources(self, starts, ends, stops, side):
        """Where each sample's state came from, `side` of them at a time; remember where it went."""
        came, went = (list(zip(*arrays.values(), strict=True)) for arrays in (starts, ends))
        sources, now = [], len(self.batches)
        for link in range(0, len(came), side):
            here = range(link, link + side)
            for row in here:
                inside = (now, row - side)  # the sample before in the same sequence
                sources.append(self._source(row, came[row]) if stops[row] else inside)
            for row in here:
                self._ends.setdefault(key(went[row]), []).append((now, row))
        return sources

    def _source(self, row, states):
        """The last batch that ended with this state, in it the nearest row; or how else it came."""
        ended = self._ends.get(key(states), [])
        if not any(state.any() for state in states):
            before = (len(self.batches) - 1, row)  # zeros may be carried on too
            return before if before in ended and self.layer.stateful else ZEROS
        return max(ended, key=lambda at: (at[0], -abs(at[1] - row))) if ended else GIVEN


def key(states):
    """What is equal for equal states; -0 is 0."""
    return b"".join((state + 0).tobytes() for state in states)


def call_of(fields):
    """Which call a run belongs to, from its plan."""
    if fields[PLAN_FIELD["learn"]]:
        return "fit"
    return "evaluate" if fields[PLAN_FIELD["score"]] else "predict"


def boundaries(program, layer, rows, chain):
    """The states of every sample before its first and after its last step, from the workspace.

    Returns two dicts of arrays (rows * chain, H), in the order of the samples. Slot s holds the
    state before the s-th step of processing, and the last one the state after all.
    """
    buffers = program.buffers(layer, rows, chain)
    starts, ends = {}, {}
    order = slice(None, None, -1 if layer.go_backwards else 1)
    for name, slots in zip(layer.state_names, buffers["states"], strict=True):
        steps = (len(slots) - 1) // chain
        starts[name] = slots[:-1:steps][order].reshape(-1, layer.units)
        ends[name] = slots[steps::steps][order].reshape(-1, layer.units)
    return starts, ends


def sizes(starts, ends):
    """Roots of mean squares over the units, before and after: (2, rows)."""
    return np.sqrt(np.mean(np.square([starts, ends], dtype=np.float64), axis=2))


def gradient_stops(program, rows, chain):
    """Which samples' first steps let no gradient through to a sample before: bool (rows * chain).

    Those that begin a sequence of the batch, whose incoming state is a constant; and those whose
    flag says restart, which no call of the surface sets yet.
    """
    first = program.flags[: rows * chain * program.steps].reshape(chain, program.steps, rows)[:, 0]
    stops = (first & RESTART) != 0
    stops[0] = True
    return stops.reshape(-1)
