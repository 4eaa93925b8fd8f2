"""Operators that put the axes of a value in another order, or more and fewer of them."""

import numpy as np

from .known import axes_of, axes_put_in
from .values import ONE, WAYS, Unknown, length_of, said


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


def squeeze(node, inputs):
    """Fewer axes, of length 1: one that was put in, or that of a single direction."""
    value = inputs[0]
    gone = axes_of(node, inputs, len(value.axes))
    alone = [k for k, axis in enumerate(value.axes) if is_single(value, axis)]
    if not gone or set(gone) - set(alone):
        raise Unknown("it leaves out an axis", "one of a single direction", said(value))
    return value._replace(axes=tuple(a for k, a in enumerate(value.axes) if k not in gone))


def is_single(value, axis):
    """Whether nothing lies along an axis that could be more."""
    return axis == (ONE,) or (axis == (WAYS,) and value.lengths[WAYS] == 1)
