"""Operators that lay the numbers of a flow side by side in other axes, or repeat them."""

import math

import numpy as np

from ....layers import Flatten, RepeatVector, Reshape
from .chain import grown, settled
from .known import whole
from .values import BATCH, FEATURES, ONE, STEPS, WAYS, Flow, Mask, Unknown, length_of, said

MOST_AXES = 5


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
    these parts have no such axes.

    Where lengths of 1 leave a choice, two axes are samples and all else, and of more the features
    are by themselves, and then the samples.
    """
    alone = isinstance(flow, Flow) and len(flow.ways) == 1
    parts = [part for axis in flow.axes for part in axis if part != ONE]
    found = grouped(flow, [part for part in parts if not (alone and part == WAYS)], lengths)
    flat = len(lengths) == 2
    return min(
        found,
        key=lambda axes: ((STEPS, FEATURES) in axes and not flat, (BATCH,) not in axes),
        default=None,
    )


def grouped(flow, parts, lengths):
    """The parts as axes of these lengths, of which -1 is any: each way."""
    if not lengths and not parts:
        yield ()
    for count in (*range(1, len(parts) + 1), 0) if lengths else ():
        axis = tuple(parts[:count])
        if lengths[0] in (-1, length_of(flow, axis)):
            for rest in grouped(flow, parts[count:], lengths[1:]):
                yield (axis or (ONE,), *rest)


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
