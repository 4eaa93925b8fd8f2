"""What a recurrent cell is: the names of its vectors, one step forward and one step backward.

::

    @cell(gates="ifgo", states="hc", kept=["phi_c"])
    def lstm(i, f, g, o, c_prev, c, phi_c, h, phi, sigma):
        ...

    @lstm.backward
    def lstm_backward(i, f, g, o, c_prev, phi_c, dh, dc, di, df, dg, do, ..., phi, sigma):
        ...

Both are functions of vectors, of the units of a row, and ask for them by name:

    i             of a gate: its block of z = b + x W + h_prev U in, what the cell makes of it out,
                  and that again on the way back
    i_h           where the parts are `apart`, i is b + x W alone, and i_h the rest, b_h + h_prev U;
                  on the way back, what the step left there
    c_prev, c     of a state: before the step, in, and after it, out; on the way back c is in, zeros
                  where the next step restarts
    phi_c         what else is kept for the way back, out: a number a unit
    p             a parameter of the cell's own, one number a unit
    U_g           of a gate g with `inside`: its block of U, for `recur` and `recur_backward`
    phi, sigma    kinds of activation, for `activate` and `activate_backward`
    dh, dc        of a state: the gradient that reaches it, in; dh has that of the output
    di, di_h      of a gate: the gradient of its z, or of both parts, out
    dc_prev       of the state before, out: what goes back to it, but for h_prev U, whose part the
                  time loop adds; none, where the step does not ask for it
    dphi_c        room for a gradient of what is kept
    dp            of a parameter: to be added to

What is out does not start at zero: all of it is written. The step backward may change dh and dc,
and leaves what the step forward has left.

The first state is the output, and the one that U multiplies. With ``inside={"g": "h_r"}`` gate g
reads no h_prev U: there U_g multiplies h_r, which the step makes. So h_r is kept, the step does the
product, and the time loop the gradient of U_g.
"""

import inspect
from collections.abc import Callable, Mapping, Sequence
from types import FunctionType
from typing import Any

from ..tables import MAX_TENSORS

KINDS = "phi", "sigma"
TENSORS = "kernel", "recurrent_kernel", "bias"  # what W, U and b are called among the weights
MAX_VECTORS = MAX_TENSORS - len(TENSORS)  # as many as there is room for beside W, U and b


class Cell:
    """A recurrent cell; made by `cell`.

    Attributes
    ----------
    gates, states, kept : tuple of str
    vectors : dict
        {name: initialiser} of the parameters of its own.
    apart, elementwise : bool
    inside : dict
        {gate: what its block of U multiplies}; these are the first of what is kept.
    step, step_backward : callable
        The two functions, as they stand: they can be called with arrays.
    """

    def __init__(
        self,
        step: Callable[..., Any],
        gates: str | Sequence[str],
        states: str | Sequence[str],
        kept: str | Sequence[str],
        vectors: Mapping[str, Any],
        apart: bool,
        inside: Mapping[str, str],
        elementwise: bool,
    ) -> None:
        self.gates, self.states, self.vectors = tuple(gates), tuple(states), dict(vectors)
        self.inside, self.kept = dict(inside), (*inside.values(), *kept)
        self.apart, self.elementwise = apart, elementwise
        self.step, self.step_backward = step, None
        self.name, self.__doc__, self.__module__ = step.__name__, step.__doc__, step.__module__
        self._check_names()
        self._check_inside()
        needed = [*self.planes, *self.states, *self.kept, *self.vectors, *self.blocks]
        self._check(step, self.names, needed)

    def __repr__(self) -> str:
        return f"<cell {self.name!r}: gates {self.gates}, states {self.states}>"

    def __reduce__(self):
        """`pickle` and `copy` take it by its name, as they take a function."""
        return self.name

    def backward(self, step_backward: Callable[..., Any]) -> Callable[..., Any]:
        """Take the function of the step backward (decorator)."""
        read = {*inspect.signature(self.step).parameters}
        before = [f"{name}_prev" for name in self.states if f"{name}_prev" in read]
        needed = [f"d{name}" for name in [*self.planes, *before, *self.vectors]]
        self._check(step_backward, self.names_backward, [*needed, *self.blocks])
        self.step_backward = step_backward
        return step_backward

    @property
    def planes(self) -> tuple[str, ...]:
        """Names of the gates, and of their parts of h_prev where those are apart."""
        return self.gates + tuple(f"{name}_h" for name in self.gates if self.apart)

    @property
    def blocks(self) -> tuple[str, ...]:
        """Names of the blocks of U whose products are inside the step."""
        return tuple(f"U_{gate}" for gate in self.inside)

    @property
    def names(self) -> list[str]:
        """Vectors that the step can ask for, in the order in which they are laid out."""
        before = [f"{name}_prev" for name in self.states]
        return [*self.planes, *before, *self.states, *self.kept, *self.vectors]

    @property
    def names_backward(self) -> list[str]:
        """The same of the step backward."""
        before = [f"{name}_prev" for name in self.states]
        back = [*self.planes, *self.states, *before, *self.kept, *self.vectors]
        return [*self.names, *(f"d{name}" for name in back)]

    def _check_names(self):
        """Refuse names that are none, or stand for two things, and too many parameters."""
        names = [*self.names_backward, *self.blocks, *KINDS, *TENSORS]
        fit = all(isinstance(name, str) and name.isidentifier() for name in names)
        if not (fit and self.gates and self.states and len({*names}) == len(names)):
            twice = sorted({name for name in names if names.count(name) > 1})
            raise refused(
                f"Cell {self.name!r} needs a name for each of its vectors.",
                'gates="ifgo", states="hc": one letter each, or ["forget", "update"]; at least one '
                "gate and one state, and no name twice, those with _h, _prev or d included",
                f"gates {self.gates}, states {self.states}, kept {self.kept}, vectors "
                f"{(*self.vectors,)}" + (f"; twice: {', '.join(twice)}" if twice else ""),
            )
        if len(self.vectors) > MAX_VECTORS:
            expected = f"at most {MAX_VECTORS} beside W, U and b"
            raise refused(f"Cell {self.name!r} has too many vectors.", expected, len(self.vectors))

    def _check_inside(self):
        """Refuse products inside a step that the loop cannot leave to it."""
        last = self.gates[len(self.gates) - len(self.inside) :]
        if self.inside and (self.apart or self.elementwise or tuple(self.inside) != last):
            raise refused(
                f"Cell {self.name!r} cannot have products inside its step.",
                "inside={gate: vector} of the last gates, in their order, without apart=True, and "
                "without elementwise=True, for such a product mixes the units",
                f"inside {self.inside}, gates {self.gates}, apart={self.apart}, "
                f"elementwise={self.elementwise}",
            )

    def _check(self, function, known, needed):
        """Refuse a function that asks for what there is not, or not for what it must."""
        if not isinstance(function, FunctionType):
            expected = "a plain function, without @inner, @kernel or @njit: the cell compiles it"
            raise refused(f"A step of cell {self.name!r} is no function.", expected, function)
        asked = list(inspect.signature(function).parameters)
        known = [*known, *self.blocks, *KINDS]
        unknown, missing = {*asked} - {*known}, {*needed} - {*asked}
        if unknown or missing:
            parts = ("unknown", unknown), ("missing", missing)
            wrong = [f"{what} {', '.join(sorted(names))}" for what, names in parts if names]
            ways = {
                "parts of h_prev are there with apart=True": {
                    f"{d}{name}_h" for d in ("", "d") for name in self.gates
                },
                "U_k of a gate k is there with inside={k: vector}": {
                    f"U_{name}" for name in self.gates
                },
                "others are declared, by vectors=[...] or kept=[...]": unknown,
            }
            way = next((f"; {said}" for said, names in ways.items() if unknown & names), "")
            raise refused(
                f"{function.__name__}, a step of cell {self.name!r}, cannot be called: "
                f"{'; '.join(wrong)}.",
                f"arguments among {', '.join(known)}, of which {', '.join(needed)} must "
                f"be there{way}",
                f"{function.__name__}({', '.join(asked)})",
            )


def refused(sentence, expected, received):
    """The exception for what is no cell."""
    return TypeError(f"{sentence}\nExpected: {expected}\nReceived: {received}")


def cell(
    function: None = None,
    /,
    *,
    gates: str | Sequence[str] = (),
    states: str | Sequence[str] = (),
    kept: str | Sequence[str] = (),
    vectors: Mapping[str, Any] | Sequence[str] = (),
    apart: bool = False,
    inside: Mapping[str, str] | None = None,
    elementwise: bool = False,
) -> Callable[[Callable[..., Any]], Cell]:
    """Make a `Cell` of the function of its step forward (decorator).

    ``@NAME.backward`` then takes the function of its step backward; see ``docs/own_cell.md``.

    Parameters
    ----------
    gates : str or list of str
        Names, in the order of the blocks of W, U and b; a string has one letter for each.
    states : str or list of str
        Names of what is carried from step to step. The first one is the output, and U multiplies
        it.
    kept : str or list of str
        Further vectors that the step leaves for the way back.
    vectors : dict or list of str
        Parameters of the cell's own, one number a unit: {name: initialiser}, by name or a function,
        or names alone, and they begin at zero.
    apart : bool
        The step reads b + x W and b_h + h_prev U apart, not their sum: a gate i as i and i_h.
    inside : dict, optional
        {gate: vector}, of the last gates: its block of U multiplies not h_prev but this vector,
        which the step makes and which is kept. The step asks for the block, U_g, and does the
        product by `tinylstm.kernels.recur`.
    elementwise : bool
        A unit's results need nothing of other units but by way of z. Then several rows are done at
        a time, as one vector, and several threads may have some units each.

    Returns
    -------
    Cell
        For `tinylstm.RNN`.

    Raises
    ------
    TypeError
        If what should be names is something else; if a step asks for an argument that is none of
        the names, or leaves out a result.
    """
    if function is not None:
        expected = '@cell(gates="ifgo", states="hc"), the names in brackets'
        raise refused("A cell needs names.", expected, f"@cell alone, above {function!r}")
    for name, given in {"gates": gates, "states": states, "kept": kept, "vectors": vectors}.items():
        if not isinstance(given, Sequence | Mapping):
            expected = f'{name}=["one", "another"], or a string, a name a letter'
            raise refused(f"The {name} of a cell are names.", expected, f"{name}={given!r}")
    inside = {} if inside is None else inside
    if not isinstance(inside, Mapping):
        wrong = "A product inside the step is that of a gate with a vector."
        raise refused(wrong, 'inside={"g": "h_r"}', f"inside={inside!r}")
    own = vectors if isinstance(vectors, Mapping) else dict.fromkeys(vectors, "zeros")
    return lambda step: Cell(step, gates, states, kept, own, apart, inside, elementwise)
