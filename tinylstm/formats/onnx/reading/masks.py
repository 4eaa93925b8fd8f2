"""The functions of ``functions.py``, which say what masked steps do."""

from ....layers import Masking
from .chain import grown, masks_behind, settled
from .values import BATCH, ONE, STEPS, Counts, Flow, Given, Mask, Unknown, said

WORDS = "words"  # the mask of an Embedding
SAMPLES_FIRST = ((BATCH,), (STEPS,)), ((ONE,), (BATCH, STEPS))


def mask_numbers(node, inputs):
    """A Masking."""
    value = float(one_float(inputs[1]))
    mask = node.outputs[1]
    flow = grown(settled(inputs[0]), Masking, {"mask_value": value}, (), node.name, mask)
    return [flow, Mask(frozenset({mask}))]


def one_float(value):
    """A known number."""
    if getattr(value, "size", 0) != 1:
        raise Unknown("it needs one number", "one number", said(value))
    return value.item()


def mask_words(node, inputs):
    """That of an Embedding, which reads the same numbers."""
    if not isinstance(inputs[0], Flow) or inputs[0].chain is not None:
        raise Unknown("it looks at what is no input", "the numbers of the input", said(inputs[0]))
    return [Mask(frozenset({WORDS}))]


def both(node, inputs):
    """The steps that count by two masks."""
    if not all(isinstance(value, Mask) for value in inputs):
        raise Unknown("it reads what is no mask", "two masks", said(inputs[0]))
    return [Mask(inputs[0].of | inputs[1].of)]


def pack(node, inputs):
    """The steps that count at the front, and how many they are."""
    flow, mask = samples_first(settled(inputs[0])), mask_of(inputs[1])
    return [flow._replace(packed=mask), Counts(mask)]


def unpack(node, inputs):
    """Each step of a recurrent operator where it was."""
    flow, mask = samples_first(inputs[0]), mask_of(inputs[1])
    backwards = node.operator == "UnpackBackwards"
    fits = is_open(flow, "every") and flow.packed == mask
    if not fits or backwards != (len(flow.ways) == 1 and flow.ways[0].backwards):
        raise Unknown("it unpacks what was not packed so", "Pack with the same mask", said(flow))
    return [flow._replace(packed=None)]


def blank(node, inputs):
    """Zeros at masked steps."""
    flow, mask = samples_first(inputs[0]), mask_of(inputs[1])
    if not is_open(flow, "every") or flow.packed or masks_behind(flow.ways[0].before) != mask:
        raise Unknown("it blanks other steps", "those that a layer has read as masked", said(flow))
    return [flow._replace(blanked=True)]


def or_before(node, inputs):
    """A last state of an operator, also where no step counts."""
    flow, mask, before = inputs[0], mask_of(inputs[1]), inputs[2]
    if not is_open(flow, "h", "goes on") or flow.packed != mask:
        raise Unknown("it reads another state", "one of the same mask", said(flow))
    if isinstance(before, Given):
        return [flow._replace(packed=None, state="goes on")]
    if one_float(before) or (flow.ways[0].settings.get("stateful") and flow.state == "goes on"):
        raise Unknown("it puts numbers in the place of a state", "0, or the state", said(before))
    return [flow._replace(packed=None)]


def samples_first(flow):
    """A flow whose axes are those of a mask, in the same order."""
    fits = isinstance(flow, Flow) and flow.axes[:2] in SAMPLES_FIRST and not flow.turned
    if not fits:
        raise Unknown("it needs steps in their order", "(samples, steps, features)", said(flow))
    return flow


def is_open(flow, *states):
    """Whether it is the output of a recurrent operator."""
    return isinstance(flow, Flow) and bool(flow.ways) and flow.state in states


def mask_of(value):
    """The layers that say so."""
    if not isinstance(value, Mask):
        raise Unknown("it needs a mask", "a mask", said(value))
    return value.of
