"""A graph as it grows: nodes, constants, what comes in and goes out."""

import numpy as np

from ..functions import DOMAIN, FUNCTIONS
from ..messages import NUMBERS, attribute_of, tensor_of


class Graph:
    """What an ONNX graph will have.

    Parameters
    ----------
    dtype : numpy.dtype
        Of the numbers that flow.
    """

    def __init__(self, dtype):
        self.dtype = dtype.newbyteorder("<")
        self.nodes, self.constants, self.inputs, self.outputs = [], {}, [], []
        self._tensors = []
        self._values, self._named = 0, set()

    def node(self, operator, inputs, name="", outputs=1, **attributes):
        """Append a node; the name of its output, or names of its outputs."""
        found = [self._fresh(name or operator) for _ in range(outputs)]
        self.put(operator, inputs, found, name, **attributes)
        return found[0] if outputs == 1 else found

    def put(self, operator, inputs, outputs, name="", **attributes):
        """Append a node whose outputs have names; its own is left out where another one has it."""
        self.nodes.append(
            {
                "input": inputs,
                "output": outputs,
                "name": "" if name in self._named else name,
                "op_type": operator,
                "attribute": [attribute_of(*item) for item in attributes.items()],
                "domain": DOMAIN if operator in FUNCTIONS else "",
            }
        )
        self._named.add(name)

    def tensor(self, name, array):
        """Add parameters; their name."""
        self._tensors.append(tensor_of(np.asarray(array, self.dtype), name))
        return name

    def numbers(self, *values):
        """A vector of whole numbers; its name."""
        name = f"[{', '.join(map(str, values))}]"
        self.constants[name] = np.array(values, "<i8")
        return name

    def number(self, value):
        """A whole number; its name."""
        self.constants[str(value)] = np.array(value, "<i8")
        return str(value)

    def scalar(self, value):
        """A number of the kind that flows; its name."""
        name = f"{float(value)!r}"
        self.constants[name] = np.array(value, self.dtype)
        return name

    def input(self, name, lengths, dtype=None):
        """Have something come in; its name."""
        self.inputs.append(value_info(name, lengths, dtype or self.dtype))
        return name

    def output(self, value, name, lengths, first=False):
        """Have a value go out under a name, behind the others or before them."""
        self.put("Identity", [value], [name])
        at = 0 if first else len(self.outputs)
        self.outputs.insert(at, value_info(name, lengths, self.dtype))

    def message(self, name):
        """All of it, as `messages` says it."""
        constants = [tensor_of(array, name) for name, array in self.constants.items()]
        return {
            "node": self.nodes,
            "name": name,
            "initializer": [*self._tensors, *constants],
            "input": self.inputs,
            "output": self.outputs,
        }

    def _fresh(self, name):
        """A name that no value has."""
        self._values += 1
        return f"{name}:{self._values}"


def value_info(name, lengths, dtype):
    """What is said of a value: lengths are whole numbers, or words for those that are free."""
    dims = [{"dim_param" if isinstance(n, str) else "dim_value": n} for n in lengths]
    kind = {"elem_type": NUMBERS[dtype], "shape": {"dim": dims}}
    return {"name": name, "type": {"tensor_type": kind}}
