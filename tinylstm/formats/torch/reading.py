"""Models of what a state_dict of PyTorch says, and of what somebody says beside it."""

from collections.abc import Mapping
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from ...files.refusals import named
from ...layers import Activation, Bidirectional, Dense, Dropout, Embedding, LayerNormalization
from ...surface.arguments import choice, known, need_model
from ...surface.errors import mismatch, warn
from .. import matching
from . import living
from .cells import CELLS, names_of, ours
from .modules import modules_in, without_weights
from .sources import tensors_of
from .writing import need_known_there

EPSILON = 1e-5  # of nn.LayerNorm, unless it is told another one


class Piece(NamedTuple):
    """What one layer here is: a module, or a layer of one of several.

    Attributes
    ----------
    name : str
    kind : type
    arrays : list
        Its weights, in Keras' order.
    """

    name: str
    kind: type
    arrays: list


def read(kind, source, model, modules, order, nonlinearity, **said):
    """See `tinylstm.from_torch`; kind: that of models, said: what a new one is made of."""
    known(("tanh", "relu"), nonlinearity, "nonlinearity")
    alive = living.lives(source)
    kinds = living.kinds_in(source, nonlinearity) if alive else {}
    tensors, where, in_order = tensors_of(source)
    found = modules_in(tensors, kinds | table(modules, "modules"), order, in_order)
    if alive:
        living.tell_steps_first(source)
    if model is None:
        further = (living.epsilons_in(source), living.rates_in(source)) if alive else ()
        return built(kind, found, *further, nonlinearity=nonlinearity, **said)
    need_model(model)
    if any(value is not None for value in said.values()):
        raise mismatch(
            "A model that takes weights has its own activations and outputs.",
            "model alone, or what a new one is to be made of",
            "both",
        )
    model.need_built("from_torch")
    for layer in model.layers:
        need_known_there(layer)
    matching.load(model, layers_of(found), where)
    return model


def table(value, what):
    """What is said of modules by their paths; nothing of None."""
    if value is not None and not isinstance(value, Mapping):
        raise mismatch(f"{what} names modules.", "a dict", repr(value), TypeError)
    return dict(value or {})


def layers_of(modules):
    """[(name of a layer, its class, arrays)], as `matching` takes it."""
    pieces = [piece for module in modules for piece in pieces_of(module)]
    return [(piece.name, piece.kind.__name__, piece.arrays) for piece in pieces]


def pieces_of(module):
    """The layers that a module is, one upon the other."""
    name = module.name or module.kind.lower()
    if module.kind == "Linear":
        return [Piece(name, Dense, [np.ascontiguousarray(array.T) for array in module.arrays])]
    if module.kind == "Embedding":
        return [Piece(name, Embedding, module.arrays)]
    if module.kind == "LayerNorm":
        return [Piece(name, LayerNormalization, module.arrays)]
    cell, found = CELLS[module.kind], []
    kind = Bidirectional if len(module.directions) == 2 else cell.kind
    for level in range(module.levels):
        arrays = []
        for ending in module.directions:
            names = names_of(level, ending, module.with_bias)
            arrays += ours(cell, [module.tensors[tensor] for tensor in names])
        found.append(Piece(f"{name}_l{level}" if module.levels > 1 else name, kind, arrays))
    return found


def built(
    kind,
    modules,
    epsilons=None,
    rates=None,
    return_sequences=None,
    nonlinearity="tanh",
    activations=None,
):
    """A new model of a kind, of the modules and of what is said of them.

    epsilons, rates : dict, optional
        {path: epsilon} and {path: rate of dropout} of modules that live.
    """
    activations, epsilons, rates = table(activations, "activations"), epsilons or {}, rates or {}
    before = without_weights(modules)
    need_activations(modules, before, activations, rates)
    recurrent = [module for module in modules if module.kind in CELLS]
    pieces = {module.name: pieces_of(module) for module in modules}
    last = pieces[recurrent[-1].name][-1] if recurrent else None
    each_step = last_sequences(recurrent[-1], return_sequences) if recurrent else None
    layers, weights = [], {}
    for module in modules:
        for name in before[module.name]:
            own = activation(activations.get(name), name)
            layers += own if name in activations else dropout(rates[name], name)
        for piece in pieces[module.name]:
            sequences = each_step if piece is last else True
            epsilon = epsilons.get(module.name, EPSILON)
            layer = layer_of(piece, module, nonlinearity, sequences, epsilon)
            layers.append(layer)
            weights[layer] = piece.arrays
            if piece is not pieces[module.name][-1]:
                layers += dropout(rates.get(module.name), f"{piece.name}_dropout")
        layers += activation(activations.get(module.name), f"{module.name}_activation")
    dtype = np.result_type(*(array for own in weights.values() for array in own))
    model = kind(layers, dtype=dtype)
    model.given_weights = {
        layer: [array.astype(dtype) for array in own] for layer, own in weights.items()
    }
    model.build(shape_of_batch(modules[0], bool(recurrent)))
    return model


def activation(said, name):
    """A layer of an activation, or none: a list."""
    return [] if said in (None, "linear") else [Activation(said, name=name)]


def dropout(rate, name):
    """A layer that drops numbers at a rate, or none: a list."""
    return [Dropout(rate, name=name)] if rate else []


def shape_of_batch(first, with_steps):
    """The shape of what the first module reads."""
    features, _ = first.widths
    if features is None:
        return None, None
    return (None, None, features) if with_steps else (None, features)


def layer_of(piece, module, nonlinearity, return_sequences, epsilon):
    """A new layer, which has no weights yet."""
    name, arrays = piece.name, piece.arrays
    if module.kind == "Linear":
        return Dense(arrays[0].shape[1], use_bias=len(arrays) == 2, name=name)
    if module.kind == "Embedding":
        return Embedding(*arrays[0].shape, name=name)
    if module.kind == "LayerNorm":
        return LayerNormalization(epsilon=epsilon, center=len(arrays) == 2, name=name)
    of_rnn = {"activation": nonlinearity} if module.kind == "RNN" else {}
    settings = {"use_bias": module.with_bias, "return_sequences": return_sequences, **of_rnn}
    kind, units = CELLS[module.kind].kind, arrays[1].shape[0]
    if piece.kind is Bidirectional:
        return Bidirectional(kind(units, **settings), name=name)
    return kind(units, name=name, **settings)


def last_sequences(module, said):
    """Whether the last recurrent module puts out every step."""
    if said is None and len(module.directions) == 2:
        raise mismatch(
            f"What is taken of {named(module.name)}, which reads in both directions, is not said.",
            "from_torch(..., return_sequences=False) for torch.cat([h_n[-2], h_n[-1]], -1), True "
            "for every step; for out[:, -1] True, and [:, -1] of what the model answers",
            "no return_sequences",
        )
    return choice(said, "return_sequences")


def need_activations(modules, before, said, rates):
    """Refuse what leaves open which activations there are, or names one where none can be; and
    warn of an nn.Dropout that is nowhere."""
    between = [name for names in before.values() for name in names]
    for name in said:
        known([*before, *between], name, "module in activations")
    lost = [named(name) for name in rates if name not in {*before, *between}]
    if lost:
        warn(
            f"The nn.Dropout {', '.join(lost)} is not in the model: where it is, forward says. A "
            "model with a Dropout there takes the weights by from_torch(..., model=model)."
        )
    silent = [name for name in between if name not in {*said, *rates}]
    if silent:
        raise mismatch(
            f"A state_dict does not say what is without weights: {', '.join(map(named, silent))}.",
            f"from_torch(..., activations={dict.fromkeys(silent, 'relu')}), say; 'linear' where it "
            "changes nothing, as an nn.Dropout",
            "activations without it",
        )
    for one, other in pairwise(modules):
        both = one.kind == other.kind == "Linear"
        if both and one.name not in said and not before[other.name]:
            raise mismatch(
                f"A state_dict does not say which activation is between {named(one.name)} and "
                f"{named(other.name)}.",
                f"from_torch(..., activations={{{one.name!r}: 'relu'}}), say; 'linear' where there "
                "is none",
                "activations without it",
            )
