"""A recurrent layer of any cell: what the time loop of ``kernels/layers/recurrent.py`` needs."""

from __future__ import annotations

from functools import cached_property
from types import FunctionType
from typing import Any, Unpack

from .. import constraints, initializers, regularizers
from ..constraints import Constraint, ConstraintLike
from ..initializers import InitializerLike
from ..kernels.cells import Cell
from ..kernels.layers.memory import ARRAYS, GROUP, PLANE
from ..kernels.layers.recurrent import recurrent_backward, recurrent_forward
from ..kernels.layers.steps import steps_of
from ..kernels.layers.thinned import (
    thin_input,
    thin_recurrent,
    thin_recurrent_back,
    thin_weights,
)
from ..kernels.products import packed_size, pays
from ..regularizers import Regularizer, RegularizerLike
from ..surface.arguments import choice
from ..surface.errors import kind_of, mismatch
from ..surface.types import Array
from .activation import ActivationLike, gate_of
from .dropout import checked_dropout
from .recurrent import Recurrent, RecurrentArguments


class RNN(Recurrent):
    """A recurrent layer whose step is a cell's: one of ours, or one of your own.

    ::

        z = b + x W + h_prev U
        h, ... = cell(z, h_prev, ...)

    Parameters
    ----------
    cell : Cell
        Made by `tinylstm.cell`; see ``docs/own_cell.md``.
    units : int
        H, the width of the state and of the output.
    activation : str, default="tanh"
        phi: linear, tanh, sigmoid, relu, hard_sigmoid, hard_sigmoid_keras2.
    recurrent_activation : str, default="sigmoid"
        sigma, likewise.
    use_bias : bool, default=True
    kernel_initializer, recurrent_initializer, bias_initializer : str or callable
        Of W (D, G H), U (H, G H) and b (G H), G the number of the cell's gates; b is (2, G H) where
        the cell reads the parts of x and of h_prev apart. The cell says how its own parameters
        begin.
    kernel_regularizer, recurrent_regularizer, bias_regularizer : str or Regularizer, optional
        A penalty on W, U or b: see `tinylstm.regularizers`.
    kernel_constraint, recurrent_constraint, bias_constraint : str or Constraint, optional
        What W, U or b are after each update: see `tinylstm.constraints`.
    dropout, recurrent_dropout : float, default=0
        Probability with which, in training, a feature of x or a unit of h_prev is left out of
        z = b + x W + h_prev U, for all steps of a sequence alike; the others are scaled by
        1 / (1 - rate). With recurrent dropout each gate has masks of its own, without it they
        share one, as in Keras.
    **kwargs
        Of `Recurrent`: return_sequences (every step is put out, not the last alone), return_state
        (``layer(x)`` returns the state too), go_backwards (the last step is read first), stateful
        or state_mode (where a sample's first step starts from), zero_output_for_mask (zeros at
        masked steps). Of `Layer`: name, trainable, input_shape, batch_input_shape, dtype.

    Raises
    ------
    TypeError
        If cell is no cell, or one without its step backward.
    """

    kernels = (recurrent_forward, recurrent_backward)

    def __init__(
        self,
        cell: Cell,
        units: int,
        activation: ActivationLike = "tanh",
        recurrent_activation: ActivationLike = "sigmoid",
        use_bias: bool = True,
        kernel_initializer: InitializerLike = "glorot_uniform",
        recurrent_initializer: InitializerLike = "orthogonal",
        bias_initializer: InitializerLike = "zeros",
        kernel_regularizer: RegularizerLike = None,
        recurrent_regularizer: RegularizerLike = None,
        bias_regularizer: RegularizerLike = None,
        kernel_constraint: ConstraintLike = None,
        recurrent_constraint: ConstraintLike = None,
        bias_constraint: ConstraintLike = None,
        dropout: float = 0.0,
        recurrent_dropout: float = 0.0,
        **kwargs: Unpack[RecurrentArguments],
    ) -> None:
        super().__init__(units, **kwargs)
        self.cell = checked_cell(cell)
        self._steps = steps_of(cell)  # of now: the cell may get another step backward
        self.state_names = cell.states
        self.activation, self.recurrent_activation = activation, recurrent_activation
        self._activation, self._recurrent = gate_of(activation), gate_of(recurrent_activation)
        self.use_bias = choice(use_bias, "use_bias")
        self.kernel_initializer = initializers.get(kernel_initializer)
        self.recurrent_initializer = initializers.get(recurrent_initializer)
        self.bias_initializer = initializers.get(bias_initializer)
        self._own_initializers = {
            name: initializers.get(initial) for name, initial in cell.vectors.items()
        }
        self.kernel_regularizer = regularizers.get(kernel_regularizer)
        self.recurrent_regularizer = regularizers.get(recurrent_regularizer)
        self.bias_regularizer = regularizers.get(bias_regularizer)
        self.kernel_constraint = constraints.get(kernel_constraint)
        self.recurrent_constraint = constraints.get(recurrent_constraint)
        self.bias_constraint = constraints.get(bias_constraint)
        self.dropout = checked_dropout(dropout)
        self.recurrent_dropout = checked_dropout(recurrent_dropout)

    def __getstate__(self):
        """Its settings, for `pickle` and `copy`."""
        return {name: value for name, value in vars(self).items() if name != "_steps"}

    @cached_property
    def _steps(self):
        """The compiled steps of the cell."""
        return steps_of(self.cell)

    @property
    def regularizers(self) -> dict[str, Regularizer | None]:
        return {
            "kernel": self.kernel_regularizer,
            "recurrent_kernel": self.recurrent_regularizer,
            "bias": self.bias_regularizer,
        }

    @property
    def constraints(self) -> dict[str, Constraint | None]:
        return {
            "kernel": self.kernel_constraint,
            "recurrent_kernel": self.recurrent_constraint,
            "bias": self.bias_constraint,
        }

    @property
    def gate_names(self) -> tuple[str, ...]:
        """Names of the cell's gates, in the order of the blocks of W, U and b."""
        return self.cell.gates

    @property
    def is_thinned(self) -> bool:
        """Whether dropout is inside."""
        return bool(self.dropout or self.recurrent_dropout)

    @property
    def each_column(self) -> bool:
        """Whether threads may have some units each: those need nothing of the others but by z."""
        return self.cell.elementwise and not self.is_thinned

    @property
    def is_elementwise(self) -> bool:
        """Whether several rows are as good as one that is wider: no unit has a place of its own."""
        return self.cell.elementwise and not self.cell.vectors

    @property
    def columns(self) -> int:
        """G H: columns of W, U and z."""
        return len(self.cell.gates) * self.units

    @property
    def fields(self) -> dict[str, Any]:
        cell = self.cell
        return super().fields | {
            "activation": self._activation,
            "recurrent_activation": self._recurrent,
            "use_bias": int(self.use_bias),
            "rate": self.dropout,
            "recurrent_rate": self.recurrent_dropout,
            "thinned": int(self.is_thinned),
            "gates": len(cell.gates),
            "states": len(cell.states),
            "kept": len(cell.kept),
            "vectors": len(cell.vectors),
            "apart": int(cell.apart),
            "inside": len(cell.inside),
            "at_once": max(1, PLANE // self.units) if self.is_elementwise else 1,
        }

    @property
    def calls(self) -> dict[str, Any]:
        thinned = {"thin_input": thin_input, "thin_recurrent": thin_recurrent}
        return {"step": self._steps.forward} | (thinned if self.is_thinned else {})

    @property
    def calls_back(self) -> dict[str, Any]:
        thinned = {"thin_recurrent_back": thin_recurrent_back, "thin_weights": thin_weights}
        return {"step_back": self._steps.backward} | (thinned if self.is_thinned else {})

    def tensors(self) -> dict[str, Any]:
        D, H = self.sample_shape[-1], self.units
        tensors: dict[str, Any] = {
            "kernel": ((D, self.columns), self.kernel_initializer),
            "recurrent_kernel": ((H, self.columns), self.recurrent_initializer),
        }
        if self.use_bias:
            shape = (2, self.columns) if self.cell.apart else (self.columns,)
            tensors["bias"] = (shape, self._initial_bias)
        return tensors | {name: ((H,), own) for name, own in self._own_initializers.items()}

    def _initial_bias(self, shape, rng):
        return self.bias_initializer(shape, rng)

    def multiply_adds(self) -> int:
        return (self.sample_shape[-1] + self.units) * self.columns  # b may be a matrix too

    def idle_tensors(self, steps: int, carry: int) -> tuple[str, ...]:
        return () if steps > 1 or carry else ("recurrent_kernel",)  # h_prev is zero

    def traced(self, buffers: dict[str, Array]) -> dict[str, Array]:
        """Arrays (T, B, width) by name, in the order of time: z where it is one sum, the gates and
        states, and the gradients of z and of the states."""
        arrays = {} if self.cell.apart or self.cell.inside else {"z": buffers["z"]}
        arrays |= {name: buffers["gates"][:, k] for k, name in enumerate(self.cell.gates)}
        for k, name in enumerate(self.cell.states):
            arrays[name] = buffers["states"][k, 1:]
            arrays[f"d{name}"] = buffers["dstates_traced"][k]
        arrays["dz"] = buffers["dz"]
        return {name: a[::-1] if self.go_backwards else a for name, a in arrays.items()}

    def group(self, steps: int, rows: int, traced: bool = False) -> int:
        """Of how many steps x W is added at once: their z stays in the cache till its step.

        A traced pass keeps z of all steps.
        """
        return steps if traced else min(steps, max(1, GROUP // (rows * self.columns)))

    def buffers(self, steps: int, rows: int, traced: bool = False) -> dict[str, Any]:
        T, B, D, H, columns = steps, rows, self.sample_shape[-1], self.units, self.columns
        cell, G = self.cell, len(self.cell.gates)
        masks, thinned = G * self.is_thinned, int(self.is_thinned)
        shapes = ARRAYS.shapes(
            **{"steps": T, "slots": T + 1, "rows": B, "features": D, "units": H, "two": 2},
            **{"columns": columns, "states": len(cell.states), "kept": len(cell.kept)},
            **{"planes": len(cell.planes), "apart": int(cell.apart), "masks": masks},
            z=self.group(T, B, traced) * B * columns,
            steps_apart=T * cell.apart,
            steps_backwards=T * self.go_backwards,
            steps_traced=T * traced,
            packed_w=packed_size(D, columns, G) if pays(T * B, D, columns, T) else 0,
            packed_u=max(
                packed_size(H, columns, G) if pays(B, H, columns, T) else 0,
                packed_size(columns, H) if pays(B, columns, H, T, turned=True) else 0,
            ),
            rows_gathered=T * B * (thinned or bool(cell.inside)),
            product_rows=max(T * B * thinned, H * (thinned or bool(cell.inside))),
            units_inside=H * bool(cell.inside),
            widest=max(D, H),
        )
        return shapes | ({"z": (T, B, columns)} if traced else {})

    def products(self, steps: int, rows: int) -> tuple[tuple[int, int, int], ...]:
        n, D, H = steps * rows, self.sample_shape[-1], self.units
        return (n, D, self.columns), (n, H, self.columns), (rows, H, self.columns)


def checked_cell(cell):
    """The cell, which can go forward and back."""
    if isinstance(cell, Cell) and cell.step_backward is not None:
        return cell
    received = kind_of(cell)
    if isinstance(cell, Cell):
        received = f"cell {cell.name!r} without its step backward, though only to predict"
    elif isinstance(cell, FunctionType):
        received = f"the function {cell.__name__}; the step backward needs a name of its own"
    raise mismatch(
        "RNN runs the steps of a cell.",
        "a function with @cell(gates=..., states=...), and behind it one with @NAME.backward",
        received,
        TypeError,
    )
