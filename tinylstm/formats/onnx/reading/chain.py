"""The chain of layers that a graph stands for: what is used of a recurrent operator, and layers
behind it."""

from ....layers import Bidirectional
from .values import FEATURES, STEPS, WAYS, Flow, Link, Unknown, said


def settled(flow):
    """A flow whose layers are all in its chain, since it is known what is used of them.

    Raises
    ------
    Unknown
        If no layer puts that out.
    """
    if not isinstance(flow, Flow):
        raise Unknown("it reads what no layer puts out", "what layers have made of x", said(flow))
    if flow.packed is not None:
        raise Unknown("its steps are not where they belong", "Unpack of what is packed", said(flow))
    if not flow.ways:
        return flow
    if flow.state == "goes on":
        raise Unknown("it reads a state that goes on", "h of the last step", said(flow))
    made = layer_of(flow)
    backwards = flow.state == "every" and len(flow.ways) == 1 and flow.ways[0].backwards
    lengths = flow.lengths
    axes = tuple(axis for axis in flow.axes if axis != (WAYS,) or len(flow.ways) > 1)
    if (WAYS, FEATURES) in axes:
        lengths = lengths | {FEATURES: 2 * lengths[FEATURES]}
        axes = tuple((FEATURES,) if axis == (WAYS, FEATURES) else axis for axis in axes)
    if any(WAYS in axis for axis in axes):
        raise Unknown("it reads both directions apart", "them side by side", said(flow))
    if len(axes) != len(flow.axes):
        raise Unknown("it reads an axis of directions", "a Squeeze before it", said(flow))
    turned = lengths.get(STEPS) != 1 and flow.turned ^ backwards  # a step alone is no order
    return Flow(made, axes, lengths, turned)


def layer_of(flow):
    """The layer of a recurrent operator."""
    first, *second = flow.ways
    settings = first.settings | {"return_sequences": flow.state == "every"}
    weights = tuple(array for way in flow.ways for array in way.weights)
    if not second:
        told = {"go_backwards": first.backwards, "zero_output_for_mask": flow.blanked}
        settings |= {name: True for name, value in told.items() if value}
        return Link(
            first.before, first.operator.layer, settings, weights, first.name, "", flow.ways
        )
    if flow.state == "every" and masks_behind(first.before) and not flow.blanked:
        raise Unknown("masked steps of both directions are put out", "zeros there", said(flow))
    inside = first.operator.layer, settings
    settings = {"layer": inside, "merge_mode": flow.merged or "concat"}
    return Link(first.before, Bidirectional, settings, weights, first.name, "", flow.ways)


def masks_behind(chain):
    """The masks that hold behind some layers."""
    found = set()
    while chain is not None and keeps_mask(chain):
        found |= {chain.mask} - {""}
        chain = chain.before
    return frozenset(found)


def keeps_mask(link):
    """Whether steps that are masked before a layer are so behind it."""
    inside = link.settings["layer"][1] if link.kind is Bidirectional else link.settings
    return inside["return_sequences"] if link.ways else link.kind.keeps_mask


def grown(flow, kind, settings=None, weights=(), name="", mask=""):
    """The flow with one more layer, which changes no length."""
    link = Link(flow.chain, kind, settings or {}, tuple(weights), name, mask)
    return flow._replace(chain=link)


def step_of(flow, first, last):
    """A step of a flow, which has no axis of steps any more.

    Parameters
    ----------
    flow : Flow
    first, last : bool
        Whether it is the one in front, the one at the end, or both, where it is the only one.

    Raises
    ------
    Unknown
        If it is not the one that a layer without return_sequences puts out.
    """
    axes = tuple(axis for axis in flow.axes if axis != (STEPS,))
    expected = "the step that a recurrent layer reads last; where it reads in both directions, "
    expected += "each direction's own last one"
    way = flow.ways[0] if len(flow.ways) == 1 else None
    at_end = not flow.turned if way is None else flow.turned == way.backwards
    fits = flow.state == "every" and len(flow.ways) < 2
    if not fits or not (last if at_end else first):
        raise Unknown("it takes a step that is not the last one read", expected, said(flow))
    if way is not None:
        return flow._replace(axes=axes, state="h", turned=False)
    return flow._replace(axes=axes, chain=last_alone(flow.chain, expected), turned=False)


def last_alone(chain, expected):
    """The chain whose last recurrent layer puts out its last step alone: what stands behind it
    makes each step of the same one."""
    behind = []
    while chain is not None and chain.kind.each_step:
        behind.append(chain)
        chain = chain.before
    if chain is None or chain.settings.get("return_sequences") is not True:
        what = "no layer takes one step of what it reads there"
        raise Unknown(what, expected, "x" if chain is None else chain.kind.__name__)
    found = chain._replace(settings=chain.settings | {"return_sequences": False})
    for link in reversed(behind):
        found = link.behind(found)
    return found


def merged(a, b, how):
    """Two directions of a recurrent operator as one: what a Bidirectional puts out.

    Raises
    ------
    Unknown
        If they are not two directions that are alike but for their weights.
    """
    expected = "what the two directions of one kind of layer make of the same steps, the forward "
    expected += "one first"
    if not all(isinstance(one, Flow) and len(one.ways) == 1 for one in (a, b)):
        raise Unknown("it reads two things", expected, f"{said(a)}; {said(b)}")
    (forward,), (backward,) = a.ways, b.ways
    alike = (
        forward.before is backward.before
        and (forward.operator, forward.settings) == (backward.operator, backward.settings)
        and (forward.backwards, backward.backwards) == (False, True)
        and a._replace(ways=(), chain=None) == b._replace(ways=(), chain=None)
        and a.state != "goes on"
    )
    if not alike:
        raise Unknown("it reads two layers that differ", expected, f"{said(a)}; {said(b)}")
    return a._replace(ways=(forward, backward), merged=how)
