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
    i_h           where the parts are `apart`, i is b + x W alone, and i_h the rest, b_h + h_prev U
    c_prev, c     of a state: before the step, in, and after it, out
    phi_c         what else is kept for the way back, out
    p             a parameter of the cell's own, one number a unit
    phi, sigma    kinds of activation, for `activate` and `activate_backward`
    dh, dc        of a state: the gradient that reaches it, in; dh has that of the output
    di, di_h      of a gate: the gradient of its z, or of both parts, out
    dc_prev       of the state before: zeros in; out, what goes back past h_prev U, whose part the
                  time loop adds
    dphi_c        room for a gradient of what is kept
    dp            of a parameter: to be added to

The first state is the output, and the one that U multiplies.
"""

import inspect


class Cell:
    """A recurrent cell; made by `cell`.

    Attributes
    ----------
    gates, states, kept : tuple of str
    vectors : dict
        {name: initialiser} of the parameters of its own.
    apart, elementwise : bool
    step, step_backward : callable
        The two functions.
    """

    def __init__(self, step, gates, states, kept, vectors, apart, elementwise):
        self.gates, self.states, self.kept = tuple(gates), tuple(states), tuple(kept)
        self.vectors = dict(vectors)
        self.apart, self.elementwise = apart, elementwise
        self.step, self.step_backward = step, None
        self.name, self.__doc__, self.__module__ = step.__name__, step.__doc__, step.__module__
        self._check(step, self.names, self.states)

    def __repr__(self):
        return f"<cell {self.name!r}: gates {self.gates}, states {self.states}>"

    def backward(self, step_backward):
        """Take the function of the step backward (decorator)."""
        self._check(step_backward, self.names_backward, [f"d{name}" for name in self.planes])
        self.step_backward = step_backward
        return step_backward

    @property
    def planes(self):
        """Names of the gates, and of their parts of h_prev where those are apart."""
        return self.gates + tuple(f"{name}_h" for name in self.gates if self.apart)

    @property
    def names(self):
        """Vectors that the step can ask for, in the order in which they are laid out."""
        before = [f"{name}_prev" for name in self.states]
        return [*self.planes, *before, *self.states, *self.kept, *self.vectors]

    @property
    def names_backward(self):
        """The same of the step backward."""
        before = [f"{name}_prev" for name in self.states]
        back = [*self.planes, *self.states, *before, *self.kept, *self.vectors]
        return [*self.names, *(f"d{name}" for name in back)]

    def _check(self, function, known, needed):
        """Refuse a function that asks for what there is not, or does not put out what it must."""
        asked = list(inspect.signature(function).parameters)
        kinds = {"phi", "sigma"}
        if len(set(known)) < len(known) or kinds & set(known):
            raise TypeError(f"The vectors of cell {self.name!r} need names that differ: {known}.")
        unknown, missing = set(asked) - {*known, *kinds}, set(needed) - set(asked)
        if unknown or missing:
            raise TypeError(
                f"{function.__name__}, a step of cell {self.name!r}, cannot be called. "
                f"Expected: arguments among {', '.join([*known, *sorted(kinds)])}, of which "
                f"{', '.join(needed)} must be there. Received: "
                + "; ".join(
                    f"{what} {', '.join(sorted(names))}"
                    for what, names in (("unknown", unknown), ("missing", missing))
                    if names
                )
            )


def cell(*, gates, states, kept=(), vectors=(), apart=False, elementwise=False):
    """Make a `Cell` of the function of its step forward (decorator).

    Parameters
    ----------
    gates, states : str or list of str
        Names, in the order of the blocks of W, U and b, and of the states; a string has one letter
        for each.
    kept : list of str
        Further vectors that the step leaves for the way back.
    vectors : dict or list of str
        Parameters of the cell's own: {name: initialiser}, or names alone, and they begin at zero.
    apart : bool
        The step reads b + x W and b_h + h_prev U apart, not their sum.
    elementwise : bool
        A unit's results need nothing of other units but by way of z. Then several rows are done at
        a time, as one vector, and several threads may have some units each.

    Raises
    ------
    TypeError
        If a step asks for an argument that is none of the names, or leaves out a result.
    """
    own = vectors if isinstance(vectors, dict) else dict.fromkeys(vectors, "zeros")
    return lambda step: Cell(step, gates, states, kept, own, apart, elementwise)
