"""What recurrent layers share: units, a state, its mode, and which steps they put out."""

from __future__ import annotations

from typing import Any, Unpack

from numpy.typing import ArrayLike

from ..surface.arguments import choice, whole_number
from ..surface.types import Array, Shape
from .layer import Layer, LayerArguments, need_steps
from .masking import Blank
from .state import StateMode, is_carried, mode_of


class RecurrentArguments(LayerArguments, total=False):
    """What every recurrent layer takes by name beside what every layer does."""

    return_sequences: bool
    return_state: bool
    go_backwards: bool
    stateful: bool
    state_mode: StateMode | None
    zero_output_for_mask: bool


class Recurrent(Layer):
    """A layer that reads (steps, features) one step after the other and carries a state.

    Parameters
    ----------
    units : int
        H, the width of the state and of the output.
    return_sequences : bool, default=False
        Put out every step, (steps, units), instead of the last, (units,).
    return_state : bool, default=False
        ``layer(x)`` returns the state after the last step too.
    go_backwards : bool, default=False
        Read the steps from the last to the first; outputs come in that order. A mask stays in the
        order of the input, also for the layers above, as in Keras.
    stateful : bool, default=False
        Keras' spelling of a state mode.
    state_mode : str, optional
        "stateless", "batch_carried" or "stateful": where a sample's first step starts from; see
        ``docs/state.md``.
    zero_output_for_mask : bool, default=False
        With ``return_sequences``: put out zeros at a masked step, instead of the output before it.
    **kwargs
        Of `Layer`.

    Raises
    ------
    ValueError
        If units is not a positive integer, or the two spellings of the mode disagree.
    """

    each_row = True
    made_of = ("tail",)
    gate_names: tuple[str, ...] = ()  # of what a trace shows

    def __init__(
        self,
        units: int,
        *,
        return_sequences: bool = False,
        return_state: bool = False,
        go_backwards: bool = False,
        stateful: bool = False,
        state_mode: StateMode | None = None,
        zero_output_for_mask: bool = False,
        **kwargs: Unpack[LayerArguments],
    ) -> None:
        super().__init__(**kwargs)
        self.units = whole_number(units, "units")
        self.return_sequences = self.keeps_mask = choice(return_sequences, "return_sequences")
        self.return_state = choice(return_state, "return_state")
        self.go_backwards = choice(go_backwards, "go_backwards")
        self.state_mode = mode_of(choice(stateful, "stateful"), state_mode)
        self.stateful = is_carried(self.state_mode)
        self.zero_output_for_mask = choice(zero_output_for_mask, "zero_output_for_mask")
        blank = self.zero_output_for_mask and self.return_sequences
        self.tail = Blank(self.go_backwards) if blank else None

    def parts(self) -> tuple[Layer, ...]:
        return (self,) if self.tail is None else (self, self.tail)

    @property
    def streams(self) -> bool:
        return not self.go_backwards

    @property
    def fields(self) -> dict[str, Any]:
        return {"go_backwards": int(self.go_backwards)}

    def output_shape(self, input_shape: Shape) -> Shape:
        need_steps(self, input_shape)
        return (input_shape[0], self.units) if self.return_sequences else (self.units,)

    def traced(self, buffers: dict[str, Array]) -> dict[str, Array]:
        """What a trace shows of the buffers: arrays (steps, rows, width) by name; here none."""
        return {}

    def reset_states(self, rows: ArrayLike | None = None) -> None:
        """Set the layer's state to zeros, for all rows of the batch or for some."""
        reset_parts((self,), rows)

    reset_state = reset_states


def reset_parts(parts, rows):
    """Set the state of some parts of a model to zeros, in one go."""
    model = parts[0].model
    if model is not None and model.built:
        with model._lock:
            model.state.reset(rows, [part.in_model for part in parts])
