"""Layers that are called by themselves, ``layer(x)``: each is a part of a model, or gets one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from numpy.typing import ArrayLike

from .data import gate
from .data.arrays import copied
from .engine.structure import Input
from .engine.study import Pass
from .layers.layer import Layer, whole
from .layers.state import split_by_layer
from .model import Sequential
from .settings import float_dtype
from .surface.arguments import shape_of
from .surface.errors import kind_of, mismatch
from .surface.types import ShapeLike
from .whole import at_once, sets

SHARED = "name", "prefix", "sample_shape", "_model", "_arrays"  # by a layer that stands alone


def call_layer(
    layer: Any,
    x: ArrayLike,
    initial_state: Sequence[ArrayLike] | None,
    mask: ArrayLike | None,
) -> Any:
    """See `Layer.__call__`."""
    if isinstance(x, Layer | Input):
        raise mismatch(
            "A layer is called on an array.",
            "Sequential([first, second]) for a layer behind another",
            kind_of(x),
            TypeError,
        )
    if (model := layer.model) is None:
        stand_alone(layer, gate.real_array(x, float_dtype(layer.dtype), "x").shape)
        model = layer.model
    layer = layer.in_model
    with model._lock:
        model.need_built("Calling a layer")
        if layer.model is not model:
            what, way_out = f"Layer {layer.name!r} was taken off its model.", "a layer of a model"
            raise mismatch(what, way_out, "one that another thread has taken off meanwhile")
        x = gate.real_array(x, model.dtype, "x")
        x = x[..., None] if layer.reads_numbers else x
        if x.ndim != len(layer.sample_shape) + 1 or x.shape[-1] != layer.sample_shape[-1]:
            raise mismatch(
                f"x does not fit layer {layer.name!r}.",
                f"samples of shape {layer.sample_shape}",
                f"shape {x.shape}",
            )
        if layer.reads_numbers:
            gate.check_numbers(x, layer.input_dim, "x", "an Embedding's input_dim")
        states = None if initial_state is None else states_of_parts(layer, initial_state)
        model.last_pass = None  # this one may use its workspace
        made = Pass(model, layer.parts(), x, states, mask, False, False)
        carry_on(made)
        if getattr(layer, "return_state", False):
            return made.y(), *made.final_states()[layer.name]
        return made.y()


def build_layer(layer: Any, input_shape: ShapeLike) -> None:
    """See `Layer.build`."""
    if not layer.is_owned():
        stand_alone(layer, shape_of(input_shape, "input_shape"))


def stand_alone(layer, shape):
    """Give a layer weights for data of a shape without a model of the user's: a twin of it has a
    model, which the layer keeps. Where it was in a model that is gone, it has weights already."""
    twin = layer.copy()
    model = Sequential([twin])
    if layer.built:
        model.given_weights[twin] = layer.get_weights()
    model.build((None, *shape[1:]))
    at_once(
        *(
            sets(
                one,
                _alone=(model, other, one.name),
                **{name: getattr(other, name) for name in SHARED},
            )
            for one, other in zip(whole(layer), whole(twin), strict=True)
        )
    )


def states_of_parts(layer, arrays):
    """{name of a recurrent part: its arrays} from the arrays of all of a layer's parts."""
    parts = [part for part in layer.parts() if part.state_names]
    return split_by_layer(arrays, parts)


def carry_on(made):
    """The stateful ones of the layers that were called go on from where they came to."""
    state = made.model.state
    called = [layer for layer in state.carried_layers() if layer in made.layers]
    if called:
        rows = made.batches.rows
        values = copied(state.open(made.batches)[0])
        for layer in called:
            final = state.views(layer, made.vector("state_out"), rows)
            for name, array in state.views(layer, values, rows).items():
                array[...] = final[name]
        state.hold(values, rows, False)


Layer.run_alone, Layer.build_alone = call_layer, build_layer
