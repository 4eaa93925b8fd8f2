"""The state container, and the three modes: no other file of the engine knows them.

``stateless``      every sample starts from zeros (or a given state).
``batch_carried``  a sample starts from the final state of the sample before it in the same batch,
                   the batch's first from zeros; the gradient flows back through the whole batch.
``stateful``       a row starts from the final state of the same row of the batch before, which is
                   a constant for the gradient; until a reset.

The container turns a mode and a batch size into a `Batches` plan, which the compiled loop follows
without knowing modes: in ``batch_carried``, B samples of T steps are one row of B * T steps.
"""

from __future__ import annotations

from collections.abc import Sequence
from threading import get_ident
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, Self, get_args

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..data.arrays import copied, zeros
from ..data.available import need_memory
from ..data.gate import as_array, real_array
from ..surface.arguments import as_list, find, known
from ..surface.copying import Uncopied
from ..surface.errors import mismatch
from ..surface.types import Array, Change, States, StatesLike
from ..whole import Span, sets

if TYPE_CHECKING:
    from .recurrent import Recurrent

StateMode = Literal["stateless", "batch_carried", "stateful"]
MODES = get_args(StateMode)
DEFAULT_BATCH_SIZE = 32  # Keras'


def mode_of(stateful, state_mode):
    """The mode that Keras' ``stateful`` or our ``state_mode`` names."""
    if state_mode is None:
        return "stateful" if stateful else "stateless"
    if stateful and state_mode != "stateful":
        raise mismatch(
            "stateful=True is Keras' spelling of state_mode='stateful'.",
            "one of the two",
            f"stateful=True with state_mode={state_mode!r}",
        )
    return known(MODES, state_mode, "state mode")


def is_carried(mode):
    """Whether a layer in this mode goes on from the batch before."""
    return mode == "stateful"


def hands_on(mode):
    """Whether a sample may start from the state of another one."""
    return mode != "stateless"


class Batches(NamedTuple):
    """How samples are cut into batches and laid into sequences."""

    size: int  # samples in a batch
    count: int  # type: ignore[assignment]  # of batches
    rows: int  # sequences side by side
    chain: int  # samples that one sequence is made of, end to end
    chained: bool
    hand_on: bool  # the state goes from batch to batch
    carry: tuple  # for each recurrent layer: 1, it starts from the state that came in


class Held(NamedTuple):
    """What a state holds."""

    values: np.ndarray  # a vector: see `State.views`
    rows: int | None  # side by side, None where nothing says how many
    free: bool  # zeros: another batch size may come


class State(Uncopied):
    """The states of every recurrent layer of a model, between batches.

    Parameters
    ----------
    layers : list of Recurrent
    dtype : numpy.dtype
    rows : int or None
        Batch size that a ``batch_input_shape`` names.

    Raises
    ------
    ValueError
        If ``batch_carried`` stands beside another mode or ``go_backwards``.
    """

    copied_by = "model.get_states() for copies of its arrays"

    def __init__(self, layers: Sequence[Recurrent], dtype: np.dtype[Any], rows: int | None) -> None:
        self.layers = layers
        modes = [layer.state_mode for layer in layers]
        if "batch_carried" in modes and (
            set(modes) != {"batch_carried"} or any(layer.go_backwards for layer in layers)
        ):
            raise mismatch(
                "batch_carried lays the samples of a batch end to end, so a whole stack carries.",
                "every recurrent layer with state_mode='batch_carried' and go_backwards=False; no "
                "Bidirectional",
                f"modes {modes}, go_backwards {[layer.go_backwards for layer in layers]}",
            )
        self.chained = "batch_carried" in modes
        self.hand_on = "stateful" in modes
        self.carry = tuple(int(is_carried(mode)) for mode in modes)
        self.default_rows = rows
        self.dtype = dtype
        self.before = {}  # units of state a row that lie before a layer's
        self.width = {layer: layer.units for layer in layers}  # as it is built
        self.units = 0
        for layer in layers:
            self.before[layer] = self.units
            self.units += len(layer.state_names) * layer.units
        arrays = [layer.units for layer in layers for _ in layer.state_names]
        self.widths = np.array(arrays, np.int64)  # of each array in a state vector, in their order
        size = self.units * (rows or 0)
        need_memory(
            size * dtype.itemsize,
            "The state does not fit into memory: lower the batch size of batch_input_shape.",
            f"{rows} rows of {self.units} units",
        )
        self._held = Held(zeros(size, dtype), rows, rows is None)
        self._nothing = zeros(0, dtype)
        self._scratches = {}  # by thread: its innermost block on a scratch state

    values = property(lambda self: self._place()._held.values, doc="The state vector.")
    rows = property(lambda self: self._place()._held.rows, doc="Of the state that is held.")
    free = property(
        lambda self: self._place()._held.free, doc="It is zeros: another batch size may come."
    )

    def _place(self):
        """Where this thread's state is: in its block on a scratch state, or here."""
        if not self._scratches:
            return self
        me = get_ident()
        while (place := self._scratches.get(me)) is not None and not place.lasts:
            self._scratches[me] = place.outer
        return place or self

    def __repr__(self) -> str:
        return f"<State of {', '.join(layer.name for layer in self.layers)}>"

    def hold(self, values: Array, rows: int | None, free: bool) -> None:
        """Hold this, all of it or nothing."""
        self._place()._held = Held(values, rows, free)

    def holding(self, values: Array, rows: int | None, free: bool) -> Change:
        """A change: hold this."""
        return sets(self._place(), _held=Held(values, rows, free))

    def default_batch_size(self) -> int:
        """What a call without ``batch_size`` means: the state's own where one is held."""
        held = self.rows if self.hand_on and not self.free else self.default_rows
        return held or DEFAULT_BATCH_SIZE

    def batches(self, samples: int, batch_size: int, goes_on: bool = True) -> Batches:
        """The plan for a number of samples; changes nothing.

        goes_on is False where another state is given than the one that is held.

        Raises
        ------
        ValueError
            If a carried state does not fit the batch size or the number of samples.
        """
        size = min(batch_size, samples)
        if self.hand_on:
            if samples % size:
                raise mismatch(
                    "A carried state needs whole batches: row r of one batch goes on in row r of "
                    "the next.",
                    f"a number of samples that batch_size={batch_size} divides",
                    f"{samples} samples",
                )
            if goes_on:
                self._check_rows(size)
        rows, chain = (1, size) if self.chained else (size, 1)
        count = -(-samples // batch_size)
        return Batches(size, count, rows, chain, self.chained, self.hand_on, self.carry)

    def _check_rows(self, size):
        if not self.free and size != self.rows:
            raise mismatch(
                "The batch size differs from that of the state: the one that is carried, or that "
                "batch_input_shape names.",
                f"batch_size={self.rows}, or model.reset_states() first",
                f"batch_size={size}",
            )

    def open(self, batches: Batches) -> tuple[Array, tuple[Change, ...]]:
        """The state vector that the batches go on from and write to; and the changes to a
        state that holds it, one or none.

        Raises
        ------
        ValueError
            If a callback has left a state of another batch size.
        """
        if not self.hand_on:
            return self._nothing, ()
        self._check_rows(batches.rows)
        place = self._place()
        values, rows, free = place._held
        if rows == batches.rows and not free:
            return values, ()
        if rows != batches.rows or len(values) != self.units * rows:
            values = zeros(self.units * batches.rows, self.dtype)
        return values, (sets(place, _held=Held(values, batches.rows, False)),)

    def views(self, layer: Recurrent, vector: Array, rows: int) -> dict[str, Array]:
        """The layer's arrays (rows, units) in a state vector, by name."""
        arrays = {}
        at = self.before[layer] * rows
        for name in layer.state_names:
            width = self.width[layer]
            arrays[name] = vector[at : at + rows * width].reshape(rows, width)
            at += rows * width
        return arrays

    def carried_layers(self) -> list[Recurrent]:
        """The layers whose state goes from batch to batch."""
        return [layer for layer, carry in zip(self.layers, self.carry, strict=True) if carry]

    def reset(
        self, rows: ArrayLike | None = None, layers: Sequence[Recurrent] | None = None
    ) -> None:
        """Set the state to zeros: of all rows, or of those that an index or a mask names."""
        whole = rows is None and layers is None
        values, held, free = self.held()
        if rows is not None:
            rows = checked_rows(rows, held or 0)
        for layer in self.layers if layers is None else layers:
            for array in self.views(layer, values, held or 0).values():
                array[slice(None) if rows is None else rows] = 0
        carried = [self.views(layer, values, held or 0) for layer in self.carried_layers()]
        zero = not any(array.any() for arrays in carried for array in arrays.values())
        self.hold(values, held, free or whole or zero)

    def get(self) -> States:
        """Copies of the carried state: {layer name: [h, c]}, each (rows, units)."""
        return {
            layer.name: [a.copy() for a in self.views(layer, self.values, self.rows or 0).values()]
            for layer in self.carried_layers()
        }

    def set(self, states: StatesLike) -> None:
        """Copy a state in: {layer name: [h, c]}, or the arrays in one list; all or nothing."""
        layers = self.carried_layers()
        vector, rows = self.vector_of(states, layers)
        self.hold(vector, rows or None, not rows)

    def vector_of(self, states: StatesLike, layers: Sequence[Recurrent]) -> tuple[Array, int]:
        """A state vector from arrays, zeros for layers that are not named; and its rows.

        Raises
        ------
        ValueError
            If a layer is unknown, or the arrays do not fit in number, shape or kind.
        """
        named = {layer.name: layer for layer in layers}
        if not isinstance(states, dict):
            states = split_by_layer(states, layers)
        arrays_of = {}
        for name, arrays in states.items():
            layer = find(named, name, "recurrent layer")
            what = f"The state of layer {name!r}"
            arrays_of[layer] = [as_array(array, what) for array in as_list(arrays, what)]
        if not arrays_of:
            raise mismatch("There is no state in it.", f"states of {list(named)}", repr(states))
        rows = max((len(a) for arrays in arrays_of.values() for a in arrays if a.ndim), default=0)
        for layer, arrays in arrays_of.items():
            shapes = [array.shape for array in arrays]
            if shapes != [(rows, self.width[layer])] * len(layer.state_names):
                raise mismatch(
                    f"The state of layer {layer.name!r} does not fit.",
                    f"{', '.join(layer.state_names)}, each (rows, {self.width[layer]})",
                    f"shapes {shapes}",
                )
        vector = zeros(self.units * rows, self.dtype)
        for layer, arrays in arrays_of.items() if rows else ():
            for target, array in zip(self.views(layer, vector, rows).values(), arrays, strict=True):
                target[...] = real_array(array, self.dtype, f"The state of layer {layer.name!r}")
        return vector, rows

    def held(self) -> Held:
        """What it holds, with a copy of the vector."""
        values, rows, free = self._place()._held
        return Held(copied(values), rows, free)

    def scratch(self, zero: bool = False) -> Scratch:
        """A block on a copy of the state (or on zeros); the state is as before afterwards."""
        return Scratch(self, zero)

    def leave_scratches(self, thread: int) -> None:
        """Be out of all blocks but those of one thread: the others do not go on."""
        self._scratches = {me: one for me, one in self._scratches.items() if me == thread}


class Scratch(Span):
    """A block in which a state is, for the thread whose block it is, a copy of itself, or zeros.

    Parameters
    ----------
    state : State
    zero : bool
    """

    def __init__(self, state: State, zero: bool) -> None:
        super().__init__()
        self.state, held = state, state.held()
        self._held = held
        if zero:
            held.values[:] = 0
            self._held = held._replace(free=True)

    def __enter__(self) -> Self:
        scratches, me = self.state._scratches, get_ident()
        self.outer = scratches.get(me)
        scratches[me] = self
        return super().__enter__()


def split_by_layer(arrays: Any, layers: Any) -> dict[str, list[Any]]:
    """{layer name: its arrays} from the arrays of all layers in one list."""
    arrays, count = as_list(arrays, "A state"), sum(len(layer.state_names) for layer in layers)
    if len(arrays) != count:
        raise mismatch(
            "A list of states has the arrays of all layers, one after the other.",
            f"{count} arrays",
            f"{len(arrays)} arrays",
        )
    arrays = iter(arrays)
    return {layer.name: [next(arrays) for _ in layer.state_names] for layer in layers}


def checked_rows(rows: Any, held: int) -> NDArray[Any]:
    """Row numbers from an index, a list of them or a boolean mask over the batch."""
    index = np.atleast_1d(as_array(rows, "rows"))
    if index.dtype == bool and index.shape == (held,):
        return np.flatnonzero(index)
    if index.dtype.kind not in "iu" or index.size == 0 or index.min() < 0 or index.max() >= held:
        raise mismatch(
            "These rows are not in the state.",
            f"row numbers from 0 to {held - 1}, or a boolean mask of {held}",
            repr(rows),
        )
    return index
