"""Operators on numbers that are known: shapes, mostly, that are reckoned within a graph.

Numbers are views as far as they can be. What has to be made anew counts: a graph makes no more than
its file has, and `BESIDE`.
"""

import math

import numpy as np

from ....files.refusals import named
from ..messages import DTYPES
from .values import Filled, Unknown

BESIDE = 2**20  # bytes
INTS = np.dtype("<i8")


def whole(values):
    """Whole numbers, none of which is a word."""
    found = values.reshape(-1).tolist() if isinstance(values, np.ndarray) else [None]
    if not all(isinstance(n, int) for n in found):
        raise Unknown("it needs to know some lengths", "whole numbers", named(found))
    return found


def one(values):
    """One of them."""
    numbers = whole(values)
    if len(numbers) != 1:
        raise Unknown("it needs one number", "one number", f"{len(numbers)} numbers")
    return numbers[0]


def place(axis, rank):
    """An axis from the front."""
    if not -rank <= axis < rank:
        raise Unknown("it has no such axis", f"one of {rank} axes", axis)
    return axis % rank


def axes_of(node, inputs, rank):
    """The axes that an operator is told, in its second input or in an attribute; or none."""
    told = inputs[1] if len(inputs) > 1 else None
    numbers = node.attributes.get("axes", ()) if told is None else whole(told)
    return [place(n, rank) for n in numbers]


def axes_put_in(node, inputs, rank):
    """The axes of length 1 that an Unsqueeze puts in, by their places among all."""
    told = inputs[1] if len(inputs) > 1 else None
    numbers = node.attributes.get("axes", ()) if told is None else whole(told)
    return sorted(place(n, rank + len(numbers)) for n in numbers)


def slices(inputs, rank):
    """[(axis, start, end, step)] of a Slice."""
    starts, ends, *further = [whole(one) for one in inputs[1:] if one is not None]
    axes = further[0] if further else range(len(starts))
    steps = further[1] if len(further) > 1 else [1] * len(starts)
    return [
        (place(axis, rank), start, end, step)
        for axis, start, end, step in zip(axes, starts, ends, steps, strict=True)
    ]


def slice_of(length, start, end, step):
    """What is taken of a length: Python's slice, whose ends may lie beyond."""
    end = None if step < 0 and end < -length else end
    return slice(start, end, step)


class Known:
    """The operators by name, and the room that there is.

    Parameters
    ----------
    room : int
        Bytes that they may make.
    """

    def __init__(self, room):
        self.room = room + BESIDE

    def has(self, operator):
        """Whether there is such an operator."""
        return hasattr(self, f"on_{operator}")

    def outputs(self, node, inputs):
        """What a node makes of known numbers."""
        return [getattr(self, f"on_{node.operator}")(node, inputs)]

    def needs(self, shape, dtype):
        """Take room for an array."""
        if min(shape, default=0) < 0:
            raise ValueError(f"the shape {shape}")
        self.room -= math.prod(shape) * dtype.itemsize
        if self.room < 0:
            raise Unknown("it makes more numbers than the file has", "less", f"shape {shape}")

    def on_Identity(self, node, inputs):
        return inputs[0]

    def on_Constant(self, node, inputs):
        for name, dtype in (("value", None), ("value_float", "<f4"), ("value_floats", "<f4")):
            if name in node.attributes:
                return np.asarray(node.attributes[name], dtype)
        for name in ("value_int", "value_ints"):
            if name in node.attributes:
                return np.asarray(node.attributes[name], INTS)
        raise Unknown("it has no numbers", "numbers", named([*node.attributes]))

    def on_Gather(self, node, inputs):
        array, index = inputs
        self.needs((*index.shape, array.size), array.dtype)
        return np.asarray(np.take(array, index.astype(int), node.attributes.get("axis", 0)))

    def on_Slice(self, node, inputs):
        found = inputs[0]
        for axis, *ends in slices(inputs, found.ndim):
            cut = slice_of(found.shape[axis], *ends)
            found = found[(slice(None),) * axis + (cut,)]
        return found

    def on_Concat(self, node, inputs):
        self.needs((sum(one.size for one in inputs),), inputs[0].dtype)
        return np.concatenate(inputs, node.attributes["axis"])

    def on_Unsqueeze(self, node, inputs):
        return np.expand_dims(inputs[0], axes_put_in(node, inputs, inputs[0].ndim))

    def on_Squeeze(self, node, inputs):
        shape = inputs[0].shape
        of_one = [k for k, n in enumerate(shape) if n == 1]
        return np.squeeze(inputs[0], tuple(axes_of(node, inputs, len(shape)) or of_one))

    def on_Reshape(self, node, inputs):
        shape = [inputs[0].shape[k] if n == 0 else n for k, n in enumerate(whole(inputs[1]))]
        self.needs(inputs[0].shape, inputs[0].dtype)
        return inputs[0].reshape(shape)

    def on_Transpose(self, node, inputs):
        return np.transpose(inputs[0], node.attributes.get("perm"))

    def on_Cast(self, node, inputs):
        if inputs[0].dtype == object:  # lengths stay what they are
            return inputs[0]
        if node.attributes.get("to") not in DTYPES:
            raise Unknown("it makes a kind of numbers that is not read here", "floats", "others")
        dtype = DTYPES[node.attributes["to"]][0]
        self.needs(inputs[0].shape, dtype)
        return inputs[0].astype(dtype)

    def on_ConstantOfShape(self, node, inputs):
        value = np.ravel(node.attributes.get("value", np.zeros(1, "<f4")))
        return self._filled(value[0], inputs[0])

    def on_Expand(self, node, inputs):
        return self._filled(inputs[0], inputs[1])

    def _filled(self, value, shape):
        if value.size == 1 and any(isinstance(n, str) for n in shape.tolist()):
            return Filled(value.item())
        shape = whole(shape)
        self.needs(shape, value.dtype)
        return np.broadcast_to(value, np.broadcast_shapes(value.shape, tuple(shape)))

    def on_Add(self, node, inputs):
        return self._reckoned(np.add, *inputs)

    def on_Sub(self, node, inputs):
        return self._reckoned(np.subtract, *inputs)

    def on_Mul(self, node, inputs):
        return self._reckoned(np.multiply, *inputs)

    def _reckoned(self, operation, a, b):
        a, b = (np.reshape(whole(x), x.shape) if x.dtype == object else x for x in (a, b))
        shape = np.broadcast_shapes(a.shape, b.shape)
        self.needs(shape, a.dtype)
        return operation(a, b)
