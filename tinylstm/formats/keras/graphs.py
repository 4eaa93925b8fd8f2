"""The chain in a graph of layers: what a Functional model of Keras has to be, to be a Sequential.

Each layer says what it reads, in a node for each of its calls: ``{"args": [tensor], "kwargs":
{...}}`` of Keras 3, ``[[name, node, tensor, {...}]]`` of Keras 2. A graph of Keras 3 also has the
operations that make the masks of its recurrent layers, which here follow from `Masking` and
`Embedding`.
"""

from typing import Any, NamedTuple

from ...files.refusals import named
from ...surface.errors import mismatch
from .settings import class_and_config

TENSOR = "__keras_tensor__"
IDLE = None, False  # of what a layer is called with beside its input
MODELS = "Sequential", "Functional", "Model"  # that may be in the place of a layer
ONCE = [0, 0], [1, 0]  # the output of the one call; in Keras 2 a model has one of its own before


class Node(NamedTuple):
    """A call of a layer: names of what it reads, and all else that it was called with."""

    reads: list[Any]
    others: dict[str, Any]


def chain_of(config, entries):
    """The layers of a graph in their order, from the input to the output.

    Raises
    ------
    ValueError
        If it is no chain; names the layer where it ends to be one.
    """
    by_name = {name_of(entry): entry for entry in entries}
    name, chain = only_name(config.get("output_layers"), "output"), []
    while True:
        if name not in by_name or len(chain) == len(entries):
            raise no_chain(f"Nothing in it is called {named(name)}, which a layer reads")
        chain.append(by_name[name])
        if chain[-1].get("class_name") == "InputLayer":
            break
        name = source_of(chain[-1], name)
    if only_name(config.get("input_layers"), "input") != name:
        raise no_chain("It has an input that no layer reads")
    chain.reverse()
    need_masks(chain, by_name)
    return chain


def no_chain(sentence):
    """What to raise of a graph that is no chain."""
    expected = "a chain: one input, and layers each of which reads the output of the one before"
    return mismatch(f"The model is no chain of layers. {sentence}.", expected, "another graph")


def name_of(entry):
    """What an entry of a graph is called there."""
    kind, config = class_and_config(entry, "A layer")
    return entry.get("name", config.get("name", kind))


def only_name(said, what):
    """The name of the one input or output: ``[name, 0, 0]``, or a list of one of these."""
    one = said[0] if isinstance(said, list) and said and isinstance(said[0], list) else said
    count = len(said) if one is not said else 1
    if count != 1 or not isinstance(one, list) or one[1:3] not in ONCE:
        raise no_chain(f"It has {named(said)} as its {what}")
    return one[0]


def node_of(entry, name):
    """The one call of a layer."""
    nodes = entry.get("inbound_nodes")
    if not isinstance(nodes, list) or len(nodes) != 1:
        raise no_chain(f"Layer {named(name)} is called several times, or never")
    node = nodes[0]
    if isinstance(node, dict):
        args, kwargs = node.get("args"), node.get("kwargs")
        if isinstance(args, list) and isinstance(kwargs, dict):
            return Node([read_by(one) for one in args], kwargs)
    if isinstance(node, list) and all(isinstance(one, list) and len(one) >= 3 for one in node):
        others = node[0][3] if len(node) == 1 and len(node[0]) == 4 else {}
        if isinstance(others, dict):
            return Node([one[:3] for one in node], others)
    raise no_chain(f"What layer {named(name)} reads is not said")


def read_by(argument):
    """``[name, node, tensor]`` of a tensor, or a number as it is."""
    if isinstance(argument, dict) and argument.get("class_name") == TENSOR:
        config = argument.get("config")
        return config.get("keras_history") if isinstance(config, dict) else None
    return argument


def source_of(entry, name):
    """The name of what a layer reads.

    Raises
    ------
    ValueError
        If that is more than the output of another one, or it was called with further things.
    """
    node = node_of(entry, name)
    read = node.reads[0] if len(node.reads) == 1 else None
    if not isinstance(read, list) or read[1:] not in ONCE:
        raise no_chain(f"Layer {named(name)} reads {named(node.reads)}")
    further = {k: v for k, v in node.others.items() if k != "mask" and v not in IDLE}
    if further:
        raise no_chain(f"Layer {named(name)} is called with {named(further)}")
    return read[0]


def need_masks(chain, by_name):
    """Refuse masks that are made otherwise than by a layer before, and what is beside the chain."""
    made, used = None, {name_of(entry) for entry in chain}
    for entry in chain[1:]:
        name = name_of(entry)
        node = node_of(entry, name)
        mask = read_by(node.others.get("mask"))
        if mask is not None:
            found, operations = mask_of(mask, by_name, name)
            if found != made:
                raise no_chain(f"Layer {named(name)} has a mask of its own")
            used |= operations
        made = mask_made_by(entry, node) or made
    left = [name for name in by_name if name not in used]
    if left:
        raise no_chain(f"Beside it there is {named(left[0])}")


def mask_made_by(entry, node):
    """The mask that a layer makes, None if it makes none: (what it compares, with what, whether any
    feature that differs does)."""
    kind, config = class_and_config(entry, "A layer")
    if kind == "Masking":
        return node.reads[0], config.get("mask_value", 0.0), True
    if kind == "Embedding" and config.get("mask_zero"):
        return node.reads[0], 0, False
    return None


def mask_of(tensor, by_name, name):
    """The mask that a layer is given, as `mask_made_by` says it, and names of its operations."""
    operations, of_any = set(), False
    while isinstance(tensor, list) and tensor[1:] == [0, 0] and tensor[0] in by_name:
        entry = by_name[tensor[0]]
        kind, config = class_and_config(entry, "An operation")
        reads = node_of(entry, tensor[0]).reads
        operations.add(tensor[0])
        if kind == "NotEqual" and len(reads) == 2:
            return (reads[0], reads[1], of_any), operations
        if of_any or kind != "Any" or config.get("axis") != -1 or config.get("keepdims"):
            break
        tensor, of_any = reads[0], True
    raise no_chain(f"Layer {named(name)} has a mask of its own")
