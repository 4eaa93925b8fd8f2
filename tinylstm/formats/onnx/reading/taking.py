"""Operators that take a part of a value, or put parts together again: steps, directions, states."""

import numpy as np

from .chain import merged, settled, step_of
from .known import axes_of, one, place, slice_of, slices
from .values import (
    FEATURES,
    ONE,
    STEPS,
    WAYS,
    Filled,
    Flow,
    Given,
    Several,
    Unknown,
    length_of,
    said,
)


def gather(node, inputs):
    """One step, one direction or one state."""
    value, number = inputs[0], one(inputs[1])
    k = place(node.attributes.get("axis", 0), len(value.axes))
    found = taken(value, k, number, number + 1 or None, 1)
    return found if inputs[1].ndim else without(found, [k])


def squeeze(node, inputs):
    """Fewer axes, of length 1."""
    return without(inputs[0], axes_of(node, inputs, len(inputs[0].axes)))


def without(value, gone):
    """A value without some axes, of one step, of one direction, or that were put in."""
    for k in gone:
        if value.axes[k] == (STEPS,) and value.lengths[STEPS] == 1:
            value = one_step(value, k, first=True, last=True)
        elif value.axes[k] == (FEATURES,) and isinstance(value, Flow):
            value = settled(value)
            if value.lengths[FEATURES] == 1:  # as a graph may put it out: see `made`
                value = value._replace(axes=(*value.axes[:k], (ONE,), *value.axes[k + 1 :]))
    alone = [(ONE,), (WAYS,)] if value.lengths.get(WAYS) == 1 else [(ONE,)]
    if not gone or any(value.axes[k] not in alone for k in gone):
        raise Unknown("it leaves out an axis", "one of a single step or direction", said(value))
    return value._replace(axes=tuple(a for k, a in enumerate(value.axes) if k not in gone))


def take_slices(node, inputs):
    """Some steps, in their order or the other, directions or states."""
    value = inputs[0]
    for k, *ends in slices(inputs, len(value.axes)):
        value = taken(value, k, *ends)
    return value


def taken(value, k, start, end, step):
    """A part of a value along its k-th axis, which is kept."""
    axis = value.axes[k]
    length = length_of(value, axis)
    free = isinstance(length, str)
    if free and step == 1 and start == 0 and (end or 0) >= 2**31 - 1:
        return value
    if free or length is None:
        return of_steps(value, k, start, end, step)
    chosen = range(length)[slice_of(length, start, end, step)]
    if chosen == range(length):
        return value
    if axis == (WAYS,) and chosen:
        return of_ways(value, chosen)
    if axis == (STEPS,) and len(chosen) == length:
        return value._replace(turned=not value.turned)
    if axis == (STEPS,) and len(chosen) == 1:
        return one_step(value, k, chosen[0] == 0, chosen[0] == length - 1)
    raise Unknown("it takes a part", "one step, one direction, one state, or all", said(value))


def of_steps(value, k, start, end, step):
    """The same where it is not known how many steps there are."""
    if value.axes[k] == (STEPS,):
        if step == -1 and start in (-1, 2**63 - 1) and end < -(2**31) + 1:
            return value._replace(turned=not value.turned)
        at_end = start == -1 and (end is None or end >= 2**31 - 1)
        if step == 1 and (at_end or (start, end) == (0, 1)):
            return one_step(value, k, not at_end, at_end)
    raise Unknown("it takes a part", "one step, one direction, one state, or all", said(value))


def one_step(value, k, first, last):
    """A step, in an axis of length 1."""
    if not isinstance(value, Flow) or not (first or last):
        raise Unknown("it takes a step in the middle", "the last one", said(value))
    found = step_of(value, first, last)
    return found._replace(axes=(*found.axes[:k], (ONE,), *found.axes[k:]))


def of_ways(value, chosen):
    """Some directions of an operator, or some of the states that come in."""
    lengths = value.lengths | {WAYS: len(chosen)}
    if isinstance(value, Given):
        return value._replace(rows=tuple(value.rows[k] for k in chosen), lengths=lengths)
    if isinstance(value, Several):
        of = tuple(value.of[k] for k in chosen)
        return of[0] if len(of) == 1 else Several(of, value.axes, lengths)
    return value._replace(ways=tuple(value.ways[k] for k in chosen), lengths=lengths)


def reverse(node, inputs):
    """All steps in the other order: a ReverseSequence of the whole length."""
    flow, counts = inputs
    k = node.attributes.get("time_axis", 0)
    length = length_of(flow, flow.axes[k])
    known = counts.value if isinstance(counts, Filled) else counts
    if flow.axes[k] != (STEPS,) or not np.all(np.asarray(known, object) == length):
        raise Unknown("it turns a part of the steps", "all of them", said(flow))
    return flow._replace(turned=not flow.turned)


def concat(node, inputs):
    """Two directions side by side, or states one behind the other."""
    first = inputs[0]
    axis = place(node.attributes.get("axis", 0), len(first.axes))
    if any(type(one) is not type(first) or one.axes != first.axes for one in inputs):
        raise Unknown("it puts different things together", "things alike", said_all(inputs))
    if first.axes[axis] in ((WAYS,), (ONE,)):
        return one_behind_the_other(inputs, axis)
    if len(inputs) != 2 or first.axes[axis] != (FEATURES,):
        raise Unknown("it puts together what it reads", "two directions", said_all(inputs))
    found = merged(*inputs, "concat")
    axes = tuple((WAYS, FEATURES) if one == (FEATURES,) else one for one in found.axes)
    return found._replace(axes=axes, lengths=found.lengths | {WAYS: 2})


def one_behind_the_other(values, axis):
    """States of several directions or layers."""
    first = values[0]
    axes = tuple((WAYS,) if k == axis else one for k, one in enumerate(first.axes))
    if isinstance(first, Given):
        rows = tuple(row for value in values for row in value.rows)
        return Given(rows, axes, first.lengths | {WAYS: len(rows)})
    flows = tuple(alone for value in values for alone in each_way(value, axes))
    if any(flow.state == "every" for flow in flows):
        raise Unknown("it puts layers together", "states", said_all(values))
    return Several(flows, axes, first.lengths | {WAYS: len(flows)})


def each_way(value, axes):
    """The directions of a state, each by itself."""
    if isinstance(value, Several):
        return value.of
    return [
        value._replace(ways=(way,), axes=axes, lengths=value.lengths | {WAYS: 1})
        for way in value.ways
    ]


def said_all(values):
    """What some values are, in words."""
    return "; ".join(map(said, values))
