"""Gelu as exporters write it before opset 20, an operator after the other.

x (1 + erf(x / sqrt 2)) / 2, whose factors come in any order.
"""

import math
from typing import Any, NamedTuple

import numpy as np

from .layers import activated
from .values import Flow, Part

ROOT = math.sqrt(2)
NUMBERS = {"sqrt 2": ROOT, "1 / sqrt 2": 1 / ROOT, "1": 1.0, "1/2": 0.5, "2": 2.0}
NEAR = 1e-6  # of the numbers of a graph, which are rounded to float32
GELU = "gelu"
MADE = {  # by an operator, of what it reads
    ("Div", "x", "sqrt 2"): "x / sqrt 2",
    ("Mul", "x", "1 / sqrt 2"): "x / sqrt 2",
    ("Erf", "x / sqrt 2"): "erf",
    ("Add", "erf", "1"): "1 + erf",
    ("Mul", "x", "1/2"): "x / 2",
    ("Div", "x", "2"): "x / 2",
    ("Mul", "x", "1 + erf"): "x (1 + erf)",
    ("Mul", "1 + erf", "1/2"): "(1 + erf) / 2",
    ("Div", "1 + erf", "2"): "(1 + erf) / 2",
    ("Mul", "x", "(1 + erf) / 2"): GELU,
    ("Mul", "x / 2", "1 + erf"): GELU,
    ("Mul", "x (1 + erf)", "1/2"): GELU,
    ("Div", "x (1 + erf)", "2"): GELU,
}


class Read(NamedTuple):
    """What an operator reads: which of what there is in `MADE`, and the flow that it is made of."""

    what: str
    of: Any


def read(value):
    """A `Read` of a value; None where it is none of a Gelu."""
    if isinstance(value, Part):
        return Read(value.made, value.of)
    if isinstance(value, Flow) and value.merged is None:
        return Read("x", value)
    if isinstance(value, np.ndarray) and value.dtype.kind == "f" and value.size == 1:
        near = (k for k, n in NUMBERS.items() if math.isclose(value.item(), n, rel_tol=NEAR))
        return next((Read(name, None) for name in near), None)
    return None


def made_of(node, inputs):
    """What an operator makes of values that a Gelu is made of, in any order but of a division; None
    where that is nothing of one."""
    given = [read(value) for value in inputs]
    flows = {id(one.of): one.of for one in given if one is not None and one.of is not None}
    if None in given or len(flows) != 1:
        return None
    whats = [one.what for one in given]
    orders = [whats] if node.operator == "Div" else [whats, whats[::-1]]
    made = next(
        (MADE[node.operator, *one] for one in orders if (node.operator, *one) in MADE), None
    )
    (flow,) = flows.values()
    if made == GELU:
        return activated(node, [flow], GELU)
    return made and Part(flow, made)


def or_of_gelu(layer):
    """The function of an operator that may be one of a Gelu, and else is a layer."""

    def read_either(node, inputs):
        found = made_of(node, inputs)
        return layer(node, inputs) if found is None else found

    return read_either
