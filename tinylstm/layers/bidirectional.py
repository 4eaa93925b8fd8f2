"""Bidirectional: a recurrent layer that reads the steps in both directions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, Self, Unpack

from numpy.typing import ArrayLike

from ..kernels.layers import bidirectional as kernels
from ..surface.arguments import known
from ..surface.errors import mismatch
from ..surface.plain import meant
from .composite import Composite
from .layer import Layer, LayerArguments
from .recurrent import Recurrent, reset_parts
from .state import StateMode

Mode = Literal["concat", "sum", "mul", "ave"]
MERGES = {
    "concat": kernels.CONCAT,
    "sum": kernels.SUM,
    "mul": kernels.MULTIPLY,
    "ave": kernels.AVERAGE,
}


class Fork(Layer):
    """x for both directions; the sum of their gradients."""

    kernels = (kernels.fork_forward, kernels.fork_backward)
    outlets = 2
    each_row = True


class Merge(Layer):
    """The two outputs as one."""

    kernels = (kernels.merge_forward, kernels.merge_backward)
    inlets = 2
    each_row = True

    def __init__(self, mode, **kwargs):
        super().__init__(**kwargs)
        self.mode = mode
        self.fields = {"option": (MERGES[mode], 0, 0, 0)}

    def output_shape(self, input_shape):
        *steps, units = input_shape
        return (*steps, 2 * units) if self.mode == "concat" else input_shape


class Bidirectional(Composite):
    """Two recurrent layers, one from the first step on, one from the last; their outputs merged.

    The backward one starts at the end of each sample. Where states are carried, each direction
    carries its own (the backward one from a batch's first step to the next batch's last, which is
    seldom what is wanted); a reset reaches both.

    Parameters
    ----------
    layer : Recurrent
        An LSTM, say, or a GRU; the other direction is another layer like it, with weights of its
        own.
    merge_mode : {"concat", "sum", "mul", "ave"}, default="concat"
        [fwd | bwd], fwd + bwd, fwd * bwd or (fwd + bwd) / 2 of the two outputs at the same step;
        zeros at a masked one, where every step is put out.
    **kwargs
        Of `Layer`.

    Attributes
    ----------
    forward_layer : Recurrent
    backward_layer : Recurrent

    Raises
    ------
    TypeError
        If it is not a new recurrent layer, or one with ``return_state`` or ``go_backwards``.
    ValueError
        If merge_mode is unknown.

    Source: Schuster and Paliwal 1997; as ``keras.layers.Bidirectional``.
    """

    made_of = ("fork", "forward_layer", "backward_layer", "merge")

    def __init__(
        self, layer: Recurrent, merge_mode: Mode = "concat", **kwargs: Unpack[LayerArguments]
    ) -> None:
        super().__init__(**kwargs)
        fits = isinstance(layer, Recurrent) and not layer.is_owned()
        if not fits or layer.return_state or layer.go_backwards:
            raise mismatch(
                "Bidirectional reads with a recurrent layer.",
                "a new LSTM, GRU or SimpleRNN, without return_state and go_backwards",
                repr(layer),
                TypeError,
            )
        known(MERGES, merge_mode, "merge_mode")
        self.wrap(layer)
        self.merge_mode = merge_mode
        if self.batch_input_shape is None:
            self._settle(batch_input_shape=layer.batch_input_shape)
        self.forward_layer, self.backward_layer = layer, layer.copy()
        args, kwargs = self.backward_layer._made
        made = args, {**kwargs, "go_backwards": True}
        self.backward_layer._settle(go_backwards=True, _made=made)
        self.fork, self.merge = Fork(), Merge(merge_mode)

    def get_config(self) -> dict[str, Any]:
        return super().get_config() | {"backward_trainable": self.backward_layer.trainable}

    @classmethod
    def from_config(cls, config: Mapping[str, Any]) -> Self:
        values = {name: meant(value) for name, value in config.items()}
        trainable = values.pop("backward_trainable", None)
        made = cls(**values)
        if trainable is not None:
            made.backward_layer.trainable = trainable
        return made

    def parts(self) -> tuple[Layer, ...]:
        return (self.fork, self.forward_layer, self.backward_layer, self.merge)

    def prefix_of(self, part: Layer) -> str:
        directions: tuple[Layer, ...] = self.forward_layer, self.backward_layer
        return dict(zip(directions, ("forward_", "backward_"), strict=True)).get(part, "")

    @property
    def layer(self) -> Recurrent:
        """What it was made with: the forward one."""
        return self.forward_layer

    @property
    def state_mode(self) -> StateMode:
        """That of both directions."""
        return self.forward_layer.state_mode

    @property
    def stateful(self) -> bool:
        """Whether both directions are."""
        return self.forward_layer.stateful

    @property
    def return_sequences(self) -> bool:
        """Whether both directions put out every step."""
        return self.forward_layer.return_sequences

    def reset_states(self, rows: ArrayLike | None = None) -> None:
        """Set the state of both directions to zeros, for all rows of the batch or for some."""
        reset_parts((self.forward_layer, self.backward_layer), rows)

    reset_state = reset_states
