"""Operators that put the axes of a value in another order, or take a part of it."""

import math

import numpy as np

from ....layers import Flatten, RepeatVector, Reshape
from .chain import grown, merged, settled, step_of
from .known import axes_of, axes_put_in, one, place, slice_of, slices, whole
from .values import (
    BATCH,
    FEATURES,
    ONE,
    STEPS,
    WAYS,
    Filled,
    Flow,
    Given,
    Mask,
    Several,
    Unknown,
    length_of,
    said,
)

MOST_AXES = 5


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


def reshape(node, inputs):
    """The numbers of a flow side by side in other axes."""
    value, lengths = inputs[0], inputs[1].tolist()
    if isinstance(value, Mask):
        return value
    if not 0 < len(lengths) <= MOST_AXES:
        raise Unknown("it makes too many axes", f"1 to {MOST_AXES}", len(lengths))
    own = [length_of(value, axis) for axis in value.axes] + [0] * len(lengths)
    lengths = [own[k] if n == 0 else n for k, n in enumerate(lengths)]
    axes = regrouped(value, lengths)
    if axes is not None:
        return beside(value._replace(axes=axes))
    flow = settled(value)
    fits = flow.axes[:1] == ((BATCH,),) and lengths[0] in (-1, length_of(flow, (BATCH,)))
    if not fits or len(lengths) not in (2, 3):
        raise Unknown("it lays out numbers anew", "the samples first", said(flow))
    target = tuple(whole(np.array(lengths[1:], object)))
    need_order(flow)
    numbers = math.prod(flow.lengths[part] or 0 for axis in flow.axes[1:] for part in axis)
    return reshaped(flow, Reshape, {"target_shape": target}, known_shape(numbers, target))


def flatten(node, inputs):
    """All of a sample in one axis."""
    flow, axis = inputs[0], node.attributes.get("axis", 1)
    if axis != 1:
        raise Unknown("it puts samples together", "axis=1", f"axis={axis}")
    axes = flow.axes[0], tuple(part for one in flow.axes[1:] for part in one if part != ONE)
    return beside(flow._replace(axes=axes))


def regrouped(flow, lengths):
    """The axes of a flow whose parts are laid side by side in axes of other lengths; None where
    these parts have no such axes."""
    alone = isinstance(flow, Flow) and len(flow.ways) == 1
    parts = [part for axis in flow.axes for part in axis if part != ONE]
    return grouped(flow, [part for part in parts if not (alone and part == WAYS)], lengths)


def grouped(flow, parts, lengths):
    """The parts as axes of these lengths, of which -1 is any."""
    if not lengths:
        return None if parts else ()
    for count in (*range(1, len(parts) + 1), 0):
        axis = tuple(parts[:count])
        if lengths[0] in (-1, length_of(flow, axis)):
            rest = grouped(flow, parts[count:], lengths[1:])
            if rest is not None:
                return (axis or (ONE,), *rest)
    return None


def beside(flow):
    """The flow, where the steps of a sample do not lie beside its features; else it is flat."""
    if (STEPS, FEATURES) not in flow.axes:
        return flow
    flow = settled(flow)
    if flow.axes != ((BATCH,), (STEPS, FEATURES)):
        raise Unknown("it lays steps side by side", "the samples first", said(flow))
    need_order(flow)
    if flow.lengths[STEPS] is None:
        raise Unknown("it lays steps side by side", "a number of steps that is known", said(flow))
    return reshaped(flow, Flatten, {}, (length_of(flow, (STEPS, FEATURES)),))


def need_order(flow):
    """Refuse steps the last of which comes first."""
    if flow.turned:
        raise Unknown("it lays steps side by side", "the first one first", "the last one first")


def reshaped(flow, kind, settings, shape):
    """A flow with a layer that gives a sample another shape."""
    flow = grown(flow, kind, settings)
    lengths = flow.lengths | dict(zip((STEPS, FEATURES)[-len(shape) :], shape, strict=True))
    axes = ((BATCH,), (STEPS,), (FEATURES,)) if len(shape) == 2 else ((BATCH,), (FEATURES,))
    return flow._replace(axes=axes, lengths=lengths, turned=False)


def known_shape(numbers, target):
    """A target shape without -1."""
    rest = math.prod(n for n in target if n != -1)
    if rest < 1 or numbers % rest or (-1 not in target and rest != numbers) or numbers == 0:
        raise Unknown("it lays out numbers anew", f"a shape of {numbers} numbers", target)
    return tuple(numbers // rest if n == -1 else n for n in target)


def gather(node, inputs):
    """One step, one direction or one state."""
    value, number = inputs[0], one(inputs[1])
    k = place(node.attributes.get("axis", 0), len(value.axes))
    found = taken(value, k, number, number + 1 or None, 1)
    if inputs[1].ndim == 0:
        axes = found.axes[:k] + found.axes[k + 1 :]
        return found._replace(axes=axes)
    return found


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
        return one_step(value, k, chosen[0] == length - 1, chosen[0] == 0)
    raise Unknown("it takes a part", "one step, one direction, one state, or all", said(value))


def of_steps(value, k, start, end, step):
    """The same where it is not known how many steps there are."""
    if value.axes[k] == (STEPS,):
        if step == -1 and start in (-1, 2**63 - 1) and end < -(2**31) + 1:
            return value._replace(turned=not value.turned)
        at_end = start == -1 and (end is None or end >= 2**31 - 1)
        if step == 1 and (at_end or (start, end) == (0, 1)):
            return one_step(value, k, at_end, not at_end)
    raise Unknown("it takes a part", "one step, one direction, one state, or all", said(value))


def one_step(value, k, last, first):
    """A step, in an axis of length 1."""
    if not isinstance(value, Flow) or not (last or first):
        raise Unknown("it takes a step in the middle", "the last one", said(value))
    found = step_of(value, last)
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


def repeat(node, inputs):
    """The same vector at each of n steps: Tile, or Expand."""
    flow = settled(inputs[0])
    own = [length_of(flow, axis) for axis in flow.axes]
    lengths = inputs[1].tolist()
    if len(lengths) != len(own):
        raise Unknown("it makes more axes", f"{len(own)} lengths", lengths)
    if node.operator == "Expand":  # to these lengths; Tile: so often
        lengths = [1 if n == k else n for n, k in zip(lengths, own, strict=True)]
    more = [k for k, n in enumerate(lengths) if n != 1]
    if not more:
        return flow
    has_steps = any(STEPS in axis for axis in flow.axes)
    if len(more) > 1 or flow.axes[more[0]] != (ONE,) or has_steps:
        raise Unknown("it repeats what it reads", "a vector, (samples, 1, features)", said(flow))
    count = whole(np.array([lengths[more[0]]], object))[0]
    flow = grown(flow, RepeatVector, {"n": count}, name=node.name)
    axes = (*flow.axes[: more[0]], (STEPS,), *flow.axes[more[0] + 1 :])
    return flow._replace(axes=axes, lengths=flow.lengths | {STEPS: count})


def reverse(node, inputs):
    """All steps in the other order: a ReverseSequence of the whole length."""
    flow, counts = inputs
    k = node.attributes.get("time_axis", 0)
    length = length_of(flow, flow.axes[k])
    known = counts.value if isinstance(counts, Filled) else counts
    if flow.axes[k] != (STEPS,) or not np.all(np.asarray(known, object) == length):
        raise Unknown("it turns a part of the steps", "all of them", said(flow))
    return flow._replace(turned=not flow.turned)


def with_steps(flow):
    """A flow of vectors that has one more axis, as sequences: (features, 1), or (1, features)."""
    axes = [axis for axis in flow.axes if axis in ((ONE,), (FEATURES,))]
    if len(flow.axes) != 3 or sorted(flow.axes) != sorted([(BATCH,), (ONE,), (FEATURES,)]):
        return flow
    count = flow.lengths[FEATURES]
    shape = (count, 1) if axes[0] == (FEATURES,) else (1, count)
    names = iter([(STEPS,), (FEATURES,)])
    laid = tuple(axis if axis == (BATCH,) else next(names) for axis in flow.axes)
    return reshaped(flow, Reshape, {"target_shape": shape}, shape)._replace(axes=laid)
