"""Which modules a state_dict is of: names and shapes of its tensors say it, or leave it open.

A state_dict names each tensor by its place, ``encoder.lstm.weight_ih_l0``: the path of the module,
and what the module calls it. The class of a module is nowhere.
"""

import re
from typing import NamedTuple

from ...files.refusals import named
from ...surface.arguments import as_list, known
from ...surface.errors import mismatch
from ..matching import listed
from .cells import CELLS, DIRECTIONS, names_of
from .chain import settled

OF_A_CELL = re.compile(r"((?:weight|bias)_(?:ih|hh))(_l\d+)?(_reverse)?")
GATES = {4: "LSTM", 3: "GRU", 1: "RNN"}  # rows of weight_hh over its columns
MODULES = "nn.LSTM, nn.GRU, nn.RNN, nn.Linear, nn.Embedding, nn.LayerNorm"


class Module(NamedTuple):
    """A module that has parameters.

    Attributes
    ----------
    name : str
        Its path.
    kind : str
        What nn calls its class.
    tensors : {str: array}
        As the module calls them.
    """

    name: str
    kind: str
    tensors: dict

    @property
    def place(self):
        """The path of what it is in, and its number there, as in an nn.Sequential, or None."""
        parent, _, last = self.name.rpartition(".")
        return parent, int(last) if re.fullmatch("[0-9]{1,3}", last) else None

    @property
    def levels(self):
        """How many layers one upon the other it has: num_layers."""
        return len([name for name in self.tensors if re.fullmatch(r"weight_hh_l\d+", name)])

    @property
    def directions(self):
        """What the names of its tensors end in, direction by direction."""
        return DIRECTIONS if "weight_hh_l0_reverse" in self.tensors else DIRECTIONS[:1]

    @property
    def with_bias(self):
        """Whether a cell of it has biases."""
        return "bias_ih_l0" in self.tensors

    @property
    def widths(self):
        """Features that it reads, None for an Embedding, and features that it gives."""
        if self.kind in CELLS:
            units = self.tensors["weight_hh_l0"].shape[1]
            return self.tensors["weight_ih_l0"].shape[1], units * len(self.directions)
        first, *_, last = self.tensors["weight"].shape * 2
        return (None, last) if self.kind == "Embedding" else (last, first)

    @property
    def arrays(self):
        """Weight and bias, as far as they are there, of a module that is not recurrent."""
        return [self.tensors[name] for name in ("weight", "bias") if name in self.tensors]


def modules_in(tensors, said=(), order=None, in_order=True):
    """The modules of a state_dict, in the order in which x goes through them.

    Parameters
    ----------
    tensors : {path: array}
    said : {path of a module: its class}, optional
        Where the shapes leave it open.
    order : list of str, optional
        Paths of the modules; by default that of the state_dict.
    in_order : bool, default=True
        Whether the state_dict has one.
    """
    groups, said = grouped(tensors), dict(said)
    for name in said:
        known(groups, name, "module of the state_dict")
    names = [*groups] if order is None else checked_order(order, groups)
    kinds = {name: classes_of(name, groups[name]) for name in names}
    kinds |= {
        name: [need_one_of(kinds[name], name, kind, groups[name])] for name, kind in said.items()
    }
    options = [[Module(name, kind, groups[name]) for kind in kinds[name]] for name in names]
    ways = (True,) if order is not None else (True, False) if in_order else (False,)
    return settled(options, ways)


def grouped(tensors):
    """{path of a module: {what it calls a tensor: the tensor}}, in the order of the state_dict."""
    groups = {}
    for path, array in tensors.items():
        name, _, tensor = path.rpartition(".")
        groups.setdefault(name, {})[of_a_layer(tensor)] = array
    return groups


def of_a_layer(tensor):
    """The name of a tensor, with that of its layer too where it is one of an nn.LSTMCell."""
    found = OF_A_CELL.fullmatch(tensor)
    return f"{found[1]}{found[2] or '_l0'}{found[3] or ''}" if found else tensor


def checked_order(order, groups):
    """The paths of all modules, in an order that somebody gave."""
    order = as_list(order, "order", "a list of modules")
    if sorted(map(str, order)) != sorted(groups):
        raise mismatch(
            "order has the path of each module of the state_dict once.",
            f"those of {[*groups]} in another order",
            repr(order),
        )
    return order


def without_weights(modules):
    """{path of a module: those of what is right before it in an nn.Sequential, without weights}."""
    places = {module.name: module.place for module in modules}
    found = {}
    for name, (parent, number) in places.items():
        taken = [n for other, n in places.values() if other == parent and n is not None]
        before = max((n for n in taken if number is not None and n < number), default=-1)
        start = f"{parent}." if parent else ""
        found[name] = [f"{start}{n}" for n in range(before + 1, number or 0)]
    return found


def classes_of(name, tensors):
    """The classes of which a module can be that has these tensors.

    Raises
    ------
    ValueError
        If it is none that there is a layer for.
    """
    if any(OF_A_CELL.fullmatch(tensor) for tensor in tensors):
        return [class_of_cells(name, tensors)]
    match {tensor: array.shape for tensor, array in tensors.items()}:
        case {"weight": (units, _), "bias": (n,), **others} if n == units and not others:
            return ["Linear"]
        case {"weight": (n,), "bias": (m,), **others} if n == m and not others:
            return ["LayerNorm"]
        case {"weight": (_, _), **others} if not others:
            return ["Embedding", "Linear"]
        case {"weight": (_,), **others} if not others:
            return ["LayerNorm", "another"]
    raise mismatch(
        f"There is no layer for the module {named(name)}, or its tensors are not whole.",
        f"tensors of {MODULES}",
        listed(tensors.items()),
    )


def classes_or_none(name, tensors):
    """The same in words, or None."""
    try:
        return " or ".join(f"nn.{kind}" for kind in classes_of(name, tensors))
    except ValueError:
        return None


def class_of_cells(name, tensors):
    """The class of a recurrent module whose tensors are all there, of the shapes they must have.

    Raises
    ------
    ValueError
        If that is not so.
    """
    if "weight_hr_l0" in tensors:
        raise mismatch(
            f"{named(name)} is an nn.LSTM whose state is projected, for which there is no layer.",
            "an nn.LSTM with proj_size=0",
            listed([("weight_hr_l0", tensors["weight_hr_l0"])]),
        )
    first = tensors.get("weight_hh_l0")
    rows, units = first.shape if first is not None and first.ndim == 2 else (0, 0)
    gates = rows // units if units and rows % units == 0 else 0
    module = Module(name, GATES.get(gates), tensors)
    expected = shapes_needed(module, rows, units) if module.kind else {}
    received = {tensor: array.shape for tensor, array in tensors.items()}
    if expected != received:
        wrong = [one for one in {**expected, **received} if expected.get(one) != received.get(one)]
        raise mismatch(
            f"The tensors of {named(name)} are not those of an nn.LSTM, nn.GRU or nn.RNN.",
            ", ".join(f"{one} {expected[one]}" for one in wrong if one in expected)
            or "weight_hh_l0 (4 H, H), (3 H, H) or (H, H), and what belongs to it",
            listed((one, tensors[one]) for one in wrong if one in tensors) or "none of these",
        )
    return module.kind


def shapes_needed(module, rows, units):
    """{name: shape} of all tensors of a recurrent module, as far as those say that are there."""
    inputs = module.tensors.get("weight_ih_l0")
    width = inputs.shape[-1] if inputs is not None and inputs.ndim else 0
    found = {}
    for level in range(module.levels):
        for ending in module.directions:
            shapes = (rows, width), (rows, units), (rows,), (rows,)
            found |= zip(names_of(level, ending, module.with_bias), shapes, strict=False)
        width = units * len(module.directions)
    return found


def need_one_of(kinds, name, said, tensors):
    """The class that somebody says a module has, which it can have."""
    if said not in kinds or said == "another":
        fitting = [kind for kind in kinds if kind != "another"]
        raise mismatch(
            f"The tensors of {named(name)} are not those of what modules says.",
            f"from_torch(..., modules={{{name!r}: {' or '.join(map(repr, fitting))}}})",
            f"{said!r} for {listed(tensors.items())}",
        )
    return said
