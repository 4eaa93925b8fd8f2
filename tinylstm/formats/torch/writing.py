"""What a model is called and how its weights lie in a ``state_dict`` of PyTorch."""

import re
from typing import NamedTuple

import numpy as np

from ...layers import (
    GRU,
    LSTM,
    Bidirectional,
    Dense,
    Dropout,
    Embedding,
    LayerNormalization,
    SimpleRNN,
    TimeDistributed,
)
from ...surface.arguments import need_model
from ...surface.errors import mismatch, warn
from .cells import CELLS, DIRECTIONS, names_of, theirs
from .checkpoint import torch_for

LEVEL = re.compile(r"(.+)_l(\d+)")  # a layer of a module with several
ACTIVATIONS = {LSTM: ("tanh",), GRU: ("tanh",), SimpleRNN: ("tanh", "relu")}


class Level(NamedTuple):
    """Which layer of which recurrent module a layer here is, and what they all must have alike."""

    module: str
    number: int
    alike: tuple


def state_dict_of(model):
    """See `tinylstm.to_torch`."""
    need_model(model)
    arrays = arrays_of(model)
    torch = torch_for("a state_dict")
    return {name: torch.from_numpy(array) for name, array in arrays.items()}


def arrays_of(model):
    """The same as arrays, {name: array}: copies; a warning says what they leave to forward."""
    model.need_built("to_torch")
    found, before = {}, None
    for layer in model.layers:
        need_known_there(layer)
        need_forwards(layer)
        arrays = layer.get_weights()
        if is_recurrent(layer):
            before = level_of(layer, before)
            found |= of_recurrent(layer, arrays, before)
        elif arrays:
            found |= {f"{layer.name}.{name}": array for name, array in of_plain(layer, arrays)}
        if not is_recurrent(layer) and not isinstance(layer, Dropout):
            before = None
    tell_unsaid(model)
    return found


def tell_unsaid(model):
    """Warn of what layers with weights do that no module of nn does, beside them."""
    layers = [(layer.name, inner(layer)) for layer in model.layers]
    recurrent = [(name, one) for name, one in layers if is_recurrent(one)]
    masks = [name for name, one in layers if one.masks]
    carry = [name for name, one in recurrent if one.stateful]
    thin = [name for name, one in recurrent if one.dropout or one.recurrent_dropout]
    said = {
        "masked steps, by pack_padded_sequence where they are the last ones": masks,
        "the carried state, as out, state = self.NAME(x, state)": carry,
        "dropout inside, while it trains": thin,
    }
    unsaid = [f"{what} (layer {', '.join(names)})" for what, names in said.items() if names]
    if unsaid:
        warn(
            "Modules of nn compute otherwise with these weights, unless forward there sees to it: "
            f"{'; '.join(unsaid)}."
        )


def inner(layer):
    """The layer that another one is made of, or it is itself."""
    return layer.layer if isinstance(layer, Bidirectional | TimeDistributed) else layer


def is_recurrent(layer):
    """Whether it has a state."""
    return isinstance(inner(layer), LSTM | GRU | SimpleRNN)


def need_known_there(layer):
    """Refuse a layer whose weights no module of nn has, or with other activations.

    Raises
    ------
    ValueError
        Names the layer, and what nn has in its place.
    """
    one = inner(layer)
    if is_recurrent(layer):
        need_activations(one, layer.name)
        need_reset_after(one, layer.name)
    elif not isinstance(one, Dense | Embedding | LayerNormalization) and layer.named_weights():
        raise mismatch(
            f"PyTorch has no module with the weights of layer {layer.name!r}.",
            "LSTM, GRU, SimpleRNN, Bidirectional, Dense, Embedding, LayerNormalization",
            type(layer).__name__,
        )


def need_activations(layer, name):
    """Refuse a recurrent layer whose activations nn has not."""
    kind = next(kind for kind in ACTIVATIONS if isinstance(layer, kind))
    expected = f"activation={' or '.join(map(repr, ACTIVATIONS[kind]))}"
    received = f"activation={layer.activation!r}"
    fits = layer.activation in ACTIVATIONS[kind]
    if kind is not SimpleRNN:
        expected += ", recurrent_activation='sigmoid'"
        received += f", recurrent_activation={layer.recurrent_activation!r}"
        fits = fits and layer.recurrent_activation == "sigmoid"
    if not fits:
        there = "RNN" if kind is SimpleRNN else kind.__name__
        raise mismatch(f"nn.{there} cannot be as layer {name!r} is.", expected, received)


def need_reset_after(layer, name):
    """Refuse a GRU that resets before the product: nn.GRU resets behind it."""
    if isinstance(layer, GRU) and not layer.reset_after:
        raise mismatch(
            f"nn.GRU cannot be as layer {name!r} is: it resets behind the product with U.",
            "reset_after=True, trained so; there are no weights that make one form of the other",
            "reset_after=False",
        )


def need_forwards(layer):
    """Refuse a layer that reads the last step first: no module of nn does."""
    if is_recurrent(layer) and inner(layer).go_backwards:
        there = type(inner(layer)).__name__
        raise mismatch(
            f"No module of nn reads the last step first, as layer {layer.name!r} does.",
            f"{there}(..., go_backwards=False) with the same weights, that gets x[:, ::-1] here "
            "and x.flip(1) there",
            "go_backwards=True",
        )


def level_of(layer, before):
    """Where a recurrent layer has its place: in the module of the one before it, or in its own.

    before : Level or None
        Of the recurrent layer that this one reads from.
    """
    one, said = inner(layer), LEVEL.fullmatch(layer.name)
    alike = type(one), one.units, one.use_bias, isinstance(layer, Bidirectional)
    if said and int(said[2]) == 0:
        return Level(said[1], 0, alike)
    if said and before == Level(said[1], int(said[2]) - 1, alike):
        return Level(said[1], int(said[2]), alike)
    return Level(layer.name, 0, alike)


def of_recurrent(layer, arrays, level):
    """{name: array} of a recurrent layer."""
    cell = next(cell for cell in CELLS.values() if isinstance(inner(layer), cell.kind))
    endings = DIRECTIONS if isinstance(layer, Bidirectional) else DIRECTIONS[:1]
    each, found = len(arrays) // len(endings), {}
    for k, ending in enumerate(endings):
        names = names_of(level.number, ending, inner(layer).use_bias)
        own = theirs(cell, arrays[k * each : (k + 1) * each])
        found |= {f"{level.module}.{name}": one for name, one in zip(names, own, strict=True)}
    return found


def of_plain(layer, arrays):
    """(name, array) of each tensor of another layer."""
    one = inner(layer)
    if isinstance(one, Dense):
        arrays = [np.ascontiguousarray(array.T) for array in arrays]
    elif isinstance(one, LayerNormalization) and not one.scale:
        arrays = [np.ones_like(arrays[0]), *arrays]
    return zip(("weight", "bias"), arrays, strict=False)
