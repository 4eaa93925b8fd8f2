"""Streaming: one step a call, the state kept between the calls."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

import numpy as np
from numpy.typing import ArrayLike

from ..data.arrays import copied
from ..data.gate import check_numbers, real_array
from ..kernels.signatures import address_for
from ..kernels.streaming.stepping import step
from ..surface.copying import Uncopied, twin_of
from ..surface.errors import mismatch
from ..surface.types import Array, States, StatesLike
from ..threads.helpers import wake
from ..threads.sharing import helpers_for
from .program import Program

if TYPE_CHECKING:
    from ..model import Sequential


class Stepper(Uncopied):
    """A model that is fed step by step, with a state of its own.

    Calling it with the features of one step gives the output after that step, as `Sequential.
    predict` would on all steps so far at once. It starts from zeros, whatever the model's state
    modes are, uses the model's parameters as they are at each call, and leaves the model's own
    state alone. (Numbers written into the arrays of `Layer.weights` by hand are sure to be seen
    from the next `reset` on: threads that share a large layer have copies.)

    Parameters
    ----------
    model : Sequential
    rows : int, default=1
        Sequences side by side.

    Raises
    ------
    ValueError
        If a layer needs more than one step at a time (Bidirectional, go_backwards, RepeatVector,
        Flatten, Reshape), or is one of your own that does not say ``each_step = True``.

    Examples
    --------
    >>> stepper = model.stepper()
    >>> y = stepper([0.5])  # the array is written anew by the next call
    """

    copied_by = "stepper.copy(), or stepper.state for what it has come to"

    def __init__(self, model: Sequential, rows: int = 1) -> None:
        self.model, self.rows = model, rows
        self._changes = None  # number of the last change of the parameters that it has seen
        with model._lock:
            self._open()

    def _open(self):
        """Lay out the tables and the workspace, for the model as it is."""
        model, rows = self.model, self.rows
        model.need_built("stepper")
        need_streaming(model.layers)
        self._network = network = model.network  # of this build
        self._in_one_piece = model.in_one_piece
        self.program = program = Program(
            network, network.chain, 1, rows, 1, others=helpers_for(network, rows, 1)
        )
        program.set_carry((1,) * len(network.state.layers))
        program.batch["rows"], program.batch["chain"], program.batch["keep"] = rows, 1, 0
        program.batch["goes_on"] = 1
        address_for(network.dtype, step)
        self._reads_numbers = network.chain[0].reads_numbers
        self._find()

    def __repr__(self) -> str:
        return f"<Stepper of {self.rows} rows of {self.model!r}>"

    def _find(self):
        """Views of the workspace: x and y."""
        program = self.program
        self.x = program.view(int(program.plan["x"][0]), (self.rows, program.features))
        y = program.view(int(program.plan["y"][0]), (self.rows, program.y_features))
        self.y = y[0] if self.rows == 1 else y
        self._one = self.x[0] if self.rows == 1 else self.x
        self._form = self._one.shape, self._one.dtype
        self._tables = (
            program.table,
            program.batch,
            program.flags,
            self._network.theta,
            program.work,
        )

    def __call__(self, x: ArrayLike) -> Array:
        """The output after one more step.

        Parameters
        ----------
        x : array (features,) or, for several rows, (rows, features)
            Also with an axis of one row or one step; a number where there is one feature.

        Returns
        -------
        array (outputs,) or (rows, outputs), in memory that the next call overwrites

        Raises
        ------
        ValueError
            If x has another shape or a number that is not finite; the state is as it was.
        """
        plain = type(x) is np.ndarray and (x.shape, x.dtype) == self._form
        row = x if plain and not self._reads_numbers else self._checked(x)
        with self._in_one_piece:  # between two calls of a training, and of other threads
            self._one[...] = row
            if self._network is not self.model.network:
                what = "one of the model before"
                raise mismatch("The model was built anew.", "a new stepper", what)
            if self.program.others > 0:
                self._call_helpers()
            finite = step(*self._tables)
        if not finite:
            raise mismatch("x holds a value that is not finite.", "finite numbers", repr(x))
        return self.y

    def _call_helpers(self):
        """Let those who share the row look for work; they copy what has changed since."""
        if self._changes == self.model.changes:
            wake(self._network.dtype, self.program.others)
        else:
            self.program.call_helpers(wait=False)
            self._changes = self.model.changes

    def _checked(self, x):
        """Whatever it is, in the shape of the step."""
        x = real_array(x, self._network.dtype, "x")
        shape, features = self._one.shape, self.program.features
        rows = {(self.rows,)} if self.rows > 1 else {(), (1,)}
        forms = {(*row, *step, features) for row in rows for step in ((), (1,))}
        if x.shape not in forms | (rows if features == 1 else set()):
            raise mismatch("x is one step.", f"shape {shape}", f"shape {x.shape}")
        if self._reads_numbers:
            check_numbers(x, self._network.chain[0].input_dim, "x", "an Embedding's input_dim")
        return x.reshape(shape)

    @property
    def _state(self):
        """The state that comes in, a view: with each step it changes places with the one behind."""
        program, size = self.program, self._network.state.units * self.rows
        return program.view(int(program.batch["state_in"][0]), (size,))

    @property
    def state(self) -> States:
        """Copies of the state: {layer name: [h, c]}, each (rows, units)."""
        container = self._network.state
        with self._in_one_piece:
            vector = self._state.copy()
        return {
            layer.name: [a.copy() for a in container.views(layer, vector, self.rows).values()]
            for layer in container.layers
        }

    @state.setter
    def state(self, states: StatesLike) -> None:
        vector, rows = self._network.state.vector_of(states, self._network.state.layers)
        if rows != self.rows:
            raise mismatch("The state has other rows than the stepper.", self.rows, rows)
        with self._in_one_piece:
            self._state[:] = vector

    def reset(self) -> None:
        """Start again from zeros."""
        with self._in_one_piece:
            self._changes = None
            self._state[:] = 0

    def copy(self) -> Self:
        """A stepper that goes on from here on its own: for branches of a search, or what-if."""
        twin = twin_of(self)
        twin.program = twin_of(self.program)
        with self._in_one_piece:
            twin.program.work = copied(self.program.work)
            twin.program.flags = copied(self.program.flags)
            twin.program.batch = self.program.batch.copy()
        twin._find()
        return twin


def need_streaming(layers):
    """Refuse layers that cannot read step by step."""
    for layer in layers:
        if not layer.streams:
            raise mismatch(
                "A stepper sees one step at a time.",
                "layers that do, from the first step to the last; each_step = True says so of "
                "a layer of your own",
                f"layer {layer.name!r}, a {type(layer).__name__}",
            )
