"""Where the tensors of the layers lie in the one vector of parameters, and which are trained."""

import math

import numpy as np

from .. import constraints, regularizers
from ..data.arrays import aligned
from ..data.available import need_memory
from ..data.gate import need_shapes
from ..layers.declared import (
    check_constraints,
    check_regularizers,
    idle_tensors_of,
    name_of,
    tensors_of,
)
from ..surface.errors import mismatch


def need_room(layers, dtype):
    """Refuse more parameters than fit: drawn in float64, and theta, grad and two moments."""
    parts = [part for layer in layers for part in layer.parts()]
    count = sum(math.prod(shape) for part in parts for shape, _ in tensors_of(part).values())
    need_memory(
        count * (8 + 4 * dtype.itemsize),
        "The parameters do not fit into memory: lower units, or the features of a sample.",
        f"{count:,} parameters",
    )


def draw(layers, rng, given, dtype):
    """Parameters of the layers: a `Parameters`, and the vector of the dtype.

    given: {layer: its arrays}, which are not drawn.
    """
    offsets, values, size = {}, [np.zeros(0, dtype)], 0
    for layer in layers:
        tensors = [(part, name) for part in layer.parts() for name in part.tensors()]
        arrays = given_for(layer, given[layer]) if layer in given else drawn_for(layer, rng, dtype)
        for tensor, value in zip(tensors, arrays, strict=True):
            offsets[tensor] = (size, value.shape)
            values.append(value.reshape(-1))
            size += value.size
    theta = aligned(size, dtype)
    np.concatenate(values, out=theta, casting="same_kind")
    return Parameters(layers, offsets), theta


def given_for(layer, arrays):
    """The arrays that a layer has, which fit: it may have been built alone for other inputs."""
    shapes = [tuple(shape) for part in layer.parts() for shape, _ in tensors_of(part).values()]
    need_shapes(arrays, shapes, f"Layer {layer.name!r}")
    return arrays


def drawn_for(layer, rng, dtype):
    """The initial values of a layer, part by part."""
    parts = layer.parts()
    for part in parts:
        check_regularizers(part)
        check_constraints(part)
    return [value for part in parts for value in part.initial_values(rng, dtype).values()]


class Parameters:
    """Places of the tensors in a vector of parameters, or of gradients or moments.

    Parameters
    ----------
    layers : list of Layer
    offsets : dict
        {(part of a layer, name): (offset, shape)}, in their order.
    """

    def __init__(self, layers, offsets):
        self.layers, self.offsets = list(layers), offsets
        self._spans = {}  # what `trained_tensors` found
        self.penalized, self.constrained = self.said("regularizers"), self.said("constraints")

    def views(self, layer, vector):
        """The layer's tensors by name, in a vector that is laid out so: views."""
        return {
            part.prefix + name: self.view(part, name, vector)
            for part in layer.parts()
            for name in part.tensors()
        }

    def offsets_of(self, part):
        """Where the tensors of a part begin, in their order; they are those that it was built with.

        Raises
        ------
        ValueError
            If it has other ones now: a setting was changed.
        """
        now = {name: tuple(shape) for name, (shape, _) in tensors_of(part).items()}
        built = {name: shape for (one, name), (_, shape) in self.offsets.items() if one is part}
        if now != built:
            raise mismatch(
                f"Layer {part.name!r} was built with other parameters.",
                f"the settings that give {built}",
                f"settings that give {now}",
            )
        return [self.offsets[part, name][0] for name in now]

    def view(self, part, name, vector):
        """One tensor of a part."""
        start, stop = self.span(part, name)
        return vector[start:stop].reshape(self.offsets[part, name][1])

    def span(self, part, name):
        """Start and stop of a tensor."""
        offset, shape = self.offsets[part, name]
        return offset, offset + math.prod(shape)

    def trained_parts(self):
        """The parts that are trained: where the layer and the part are to be."""
        return [
            part
            for layer in self.layers
            for part in layer.parts()
            if layer.trainable and part.trainable
        ]

    def weights(self, vector, train):
        """Views of the tensors that are trained, or of those that are not."""
        parts = self.trained_parts()
        return [self.view(*key, vector) for key in self.offsets if (key[0] in parts) == train]

    def trained(self):
        """Start and stop of each tensor that is trained."""
        parts = self.trained_parts()
        return [self.span(*key) for key in self.offsets if key[0] in parts]

    def trained_names(self):
        """Names of these, "lstm/kernel", in the same order."""
        trained = self.trained_parts()
        owners = {part: layer for layer in self.layers for part in layer.parts()}
        return [name_of(owners[part], part, name) for part, name in self.offsets if part in trained]

    def said(self, what):
        """What the parts say of their parameters, {(part, name): penalty or constraint}."""
        found = {key: getattr(key[0], what).get(key[1]) for key in self.offsets}
        return {key: one for key, one in found.items() if one is not None}

    def penalties(self, dtype):
        """The table of the penalties on parameters that are trained."""
        return regularizers.rows_of(self.of_trained(self.penalized), dtype)

    def constraints(self, dtype):
        """The table of the constraints on parameters that are trained."""
        return constraints.rows_of(self.of_trained(self.constrained), dtype)

    def of_trained(self, said):
        """(what is said, place, shape) of each parameter that is trained, of which it is."""
        parts = self.trained_parts() if said else []
        return [(one, *self.offsets[key]) for key, one in said.items() if key[0] in parts]

    def trained_tensors(self, program, optimizer):
        """Start and stop of each trained tensor, and of the unbroken spans that need updates.

        A tensor that gets no gradient from batches of this shape, and got none before, is left out
        of the spans where its update is zero.
        """
        if program.idle is None:
            program.idle = self.idle_tensors(program)
        idle, moments = program.idle if optimizer.may_rest() else [], optimizer.moments
        skipped = [start for start, stop in idle if not moments[:, start:stop].any()]
        key = (tuple(self.trained_parts()), *skipped)
        if key not in self._spans:
            tensors = self.trained()
            spans = unbroken([span for span in tensors if span[0] not in skipped])
            arrays = (np.array(found, np.int64).reshape(-1, 2) for found in (tensors, spans))
            self._spans[key] = tuple(arrays)
        return self._spans[key]

    def idle_tensors(self, program):
        """Start and stop of each tensor that gets no gradient from a program's batches."""
        return [
            self.span(part, name)
            for part, row in zip(program.layers, program.table, strict=True)
            for name in idle_tensors_of(part, int(row["steps"]) * program.chain, int(row["carry"]))
            if (part, name) not in self.penalized
        ]


def unbroken(spans):
    """Spans (start, stop), in order, with those that touch made one."""
    joined = []
    for start, stop in spans:
        if joined and joined[-1][1] == start:
            joined[-1][1] = stop
        else:
            joined.append([start, stop])
    return joined
