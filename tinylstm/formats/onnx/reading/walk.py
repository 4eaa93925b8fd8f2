"""The way through a graph, from its inputs to its outputs: node after node, what each value is."""

from typing import NamedTuple

import numpy as np

from ....files.refusals import Damaged, named
from ....saving.model_file import CANNOT_BE
from ..functions import DOMAIN
from ..messages import array_of, attributes_of, by_name
from . import layers
from .known import Known
from .masks import WORDS
from .operators import OF_FILLED, OF_MORE, OURS, PLAIN
from .values import BATCH, FEATURES, STEPS, WAYS, Filled, Flow, Given, OtherAxes, Unknown

STANDARD = "", "ai.onnx"
# Of an input by how many axes it has; the samples or the steps come first.
AXES = {2: [(BATCH,), (FEATURES,)], 3: [(BATCH,), (STEPS,), (FEATURES,)]}
OF_NUMBERS = [(BATCH,), (STEPS,)]
OF_STATES = {2: ((BATCH,), (FEATURES,)), 3: ((WAYS,), (BATCH,), (FEATURES,))}
WHOLE_NUMBERS = 6, 7  # data types


class Node(NamedTuple):
    """A node of a graph."""

    operator: str
    domain: str
    name: str
    outputs: list
    attributes: dict


class Graph:
    """What a file says of its graph.

    Parameters
    ----------
    message : dict
    room : int
        Bytes that known numbers may take beside those of the file.
    """

    def __init__(self, message, room):
        self.nodes = message.get("node", [])
        self.room = room
        self.tensors = by_name(message.get("initializer", ()))
        inputs = by_name(message.get("input", ()))
        self.inputs = [one for name, one in inputs.items() if name not in self.tensors]
        self.outputs = [one.get("name", "") for one in message.get("output", ())]
        if not self.inputs or not self.outputs:
            raise Damaged("its graph has no input or no output")
        self.makers = {}
        for k, node in enumerate(self.nodes):
            for name in filter(None, node.get("output", ())):  # "" is an output that is left out
                if name in self.makers or name in self.tensors:
                    raise Damaged(f"{named(name)} is made twice")
                self.makers[name] = k
        self.needed = self._needed()
        ours = {self.nodes[k].get("op_type") for k in self.needed}
        self.words = WORDS if "MaskWords" in ours else ""

    def _needed(self):
        """The numbers of the nodes that what goes out is made by."""
        found, waiting = set(), [*self.outputs]
        while waiting:
            k = self.makers.get(waiting.pop())
            if k is not None and k not in found:
                found.add(k)
                waiting += self.nodes[k].get("input", ())
        return found

    def walk(self, steps_first):
        """What goes out, value after value.

        Parameters
        ----------
        steps_first : bool
            Whether the input has its steps before its samples.

        Raises
        ------
        OtherAxes
            If it has not the one first that it was said to have, but may have the other.
        ValueError
            If a node is no part of a layer; names it.
        """
        known, values = Known(self.room), self._values(steps_first)
        for k in sorted(self.needed):
            message = self.nodes[k]
            inputs = [self._value(values, name) for name in message.get("input", ())]
            outputs = message.get("output", [])
            node = Node(
                message.get("op_type", ""),
                message.get("domain", ""),
                message.get("name") or "".join(outputs[:1]),
                outputs,
                attributes_of(message),
            )
            try:
                found = outputs_of(node, inputs, known, self.words)
            except Unknown as reason:
                if isinstance(reason, OtherAxes) and not steps_first:
                    raise
                raise reason.at(node) from None
            except CANNOT_BE as reason:
                what = "its inputs or its attributes are not those of this operator"
                raise Unknown(what, "what ONNX says of it", named(str(reason))).at(node) from reason
            values |= zip(outputs, found, strict=False)
        return [self._value(values, name) for name in self.outputs]

    def _values(self, steps_first):
        """The inputs: the first one flows, the others are states."""
        first, *states = self.inputs
        values = {first["name"]: input_flow(first, steps_first)}
        for one in states:
            rank = len(dims_of(one))
            if rank in OF_STATES:
                lengths = dict(
                    zip([axis[0] for axis in OF_STATES[rank]], dims_of(one), strict=True)
                )
                count = lengths.get(WAYS, 1) or 0
                rows = tuple((one["name"], k) for k in range(min(count, len(self.nodes))))
                values[one["name"]] = Given(rows, OF_STATES[rank], lengths)
        return values

    def _value(self, values, name):
        """What a name stands for; None of an input that is left out."""
        if name == "":
            return None
        if name not in values:
            if name not in self.tensors:
                raise Damaged(f"{named(name)} is read before anything makes it")
            values[name] = array_of(self.tensors[name])
        return values[name]


def outputs_of(node, inputs, known, words):
    """What a node makes of its inputs; words: the mask of an Embedding, if there is one."""
    flows = [value for value in inputs if not isinstance(value, np.ndarray | None)]
    if node.domain == DOMAIN and node.operator in OURS:
        return OURS[node.operator](node, inputs)
    if node.domain not in STANDARD:
        raise Unknown("nobody here knows its domain", "operators of ONNX", named(node.domain))
    if not flows and known.has(node.operator):
        return known.outputs(node, inputs)
    if flows and isinstance(inputs[0], Filled) and node.operator in OF_FILLED:
        return [inputs[0]]
    if node.operator in OF_MORE:
        return OF_MORE[node.operator](node, inputs)
    if node.operator == "Gather" and isinstance(inputs[0], np.ndarray):
        return [layers.embedding(node, inputs, words)]
    if node.operator not in PLAIN:
        expected = f"one of {', '.join(sorted({*PLAIN, *OF_MORE}))}"
        raise Unknown("there is no layer for it", expected, named(node.operator))
    return [PLAIN[node.operator](node, inputs)]


def dims_of(one):
    """The lengths that are said of an input; None of those that are free."""
    dims = one.get("type", {}).get("tensor_type", {}).get("shape", {}).get("dim", ())
    return [dim.get("dim_value") if dim.get("dim_value", 0) > 0 else None for dim in dims]


def has_numbers(one):
    """Whether an input has whole numbers."""
    return one.get("type", {}).get("tensor_type", {}).get("elem_type") in WHOLE_NUMBERS


def input_flow(one, steps_first):
    """What flows in."""
    lengths = dims_of(one)
    numbers = len(lengths) == 2 and has_numbers(one)
    axes = OF_NUMBERS if numbers else AXES.get(len(lengths))
    if axes is None:
        raise Damaged(
            f"its input {named(one['name'])} has {len(lengths)} axes, not samples, steps, features"
        )
    if steps_first:
        axes = [(STEPS,), (BATCH,), *axes[2:]]
    found = Flow(None, tuple(axes), {axis[0]: n for axis, n in zip(axes, lengths, strict=True)})
    if found.lengths.get(FEATURES, 0) is None:
        raise Damaged(f"its input {named(one['name'])} does not say how many features there are")
    return found
