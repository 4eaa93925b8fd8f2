"""Operators that put the axes of a value in another order, or more and fewer of them."""

import numpy as np

from .known import axes_put_in
from .values import ONE, Unknown, length_of


def as_it_is(node, inputs):
    """Identity, Cast, Dropout: nothing that a prediction would notice."""
    return inputs[0]


def shape(node, inputs):
    """The lengths of a flow: whole numbers, and words for those that are free."""
    flow = inputs[0]
    lengths = np.array([length_of(flow, axis) for axis in flow.axes], object)
    return lengths[node.attributes.get("start", 0) : node.attributes.get("end")]


def transpose(node, inputs):
    """The axes in another order."""
    value = inputs[0]
    order = node.attributes.get("perm", range(len(value.axes))[::-1])
    if sorted(order) != list(range(len(value.axes))):
        raise Unknown("it has other axes", f"{len(value.axes)} axes", order)
    return value._replace(axes=tuple(value.axes[k] for k in order))


def unsqueeze(node, inputs):
    """More axes, of length 1."""
    axes = list(inputs[0].axes)
    for k in axes_put_in(node, inputs, len(axes)):
        axes.insert(k, (ONE,))
    return inputs[0]._replace(axes=tuple(axes))
