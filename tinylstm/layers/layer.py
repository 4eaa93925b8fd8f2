"""What every layer has: a name, its parameters as named views, and its row in the model's table."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from typing import TYPE_CHECKING, Any, Self, TypedDict
from weakref import ref

import numpy as np
from numpy.typing import ArrayLike, DTypeLike

from .. import initializers
from ..data.gate import fitting_arrays
from ..kernels import kinds
from ..owners import Owner
from ..settings import float_dtype
from ..surface.arguments import OWN, checked_name, choice, known, shape_of
from ..surface.callables import arguments_of, need_kernel, need_pair
from ..surface.copying import twin_of
from ..surface.described import Described
from ..surface.errors import mismatch
from ..surface.types import Array, Change, Kernel, Shape, ShapeLike
from ..whole import at_once, sets, writes
from .declared import tensors_of
from .settled import LIVE, READ_BY_ADD, Kind, is_settled, too_late
from .weights import Weights

if TYPE_CHECKING:
    from ..model import Sequential

KINDS = kinds.forward, kinds.backward  # of the two kernels
WIDE = 2**20  # numbers of a layer's matrices that the cache of a core does not hold


class LayerArguments(TypedDict, total=False):
    """What every layer takes by name: the ``**kwargs`` of those that pass them on to `Layer`."""

    name: str | None
    trainable: bool
    input_shape: ShapeLike | None
    batch_input_shape: ShapeLike | None
    dtype: DTypeLike | None


class Layer(Described, metaclass=Kind):
    """A layer: a pair of kernels, and what the compiled loop must know to call them.

    A kind of layer sets `kernels` and, where it needs them, overrides the methods below; see
    ``docs/own_layer.md`` for one of your own.

    Parameters
    ----------
    name : str, optional
        Unique in a model; by default the class's name in lower case, then with ``_1``, ``_2`` ...
    trainable : bool, default=True
        False keeps the parameters as they are in training.
    input_shape : tuple of int, optional
        (steps, features) or (features,) of one sample, for the first layer of a model; steps may
        be None.
    batch_input_shape : tuple of int, optional
        The same with the batch size in front, as a stateful model needs it.
    dtype : str, optional
        "float32" or "float64"; all layers of a model have one dtype.
    """

    kernels: Any = None  # (forward, backward)
    fields: Mapping[str, Any] = {}  # further ones of its row in the table: ``kernels/tables.py``
    state_names: tuple[str, ...] = ()  # arrays (rows, units) that it carries from step to step
    regularizers: Mapping[str, Any] = {}  # {name of a parameter: Regularizer or None}
    constraints: Mapping[str, Any] = {}  # {name of a parameter: Constraint or None}
    masks = False  # it marks steps of its output as masked
    keeps_mask = True  # steps that are masked in its input are so in its output
    reads_numbers = False  # its input is (samples, steps), whole numbers
    each_step = False  # every step of its output is made from the same step of its input alone
    each_row = False  # every row of its output is made from the same row of its input alone
    each_column = False  # its kernels compute this thread's `own_units` and `own_columns` alone
    # {field of its row: kernel that its forward kernel calls at a step}, and its backward kernel;
    # they are of the kinds `step` and `step_back`.
    calls: Mapping[str, Any] = {}
    calls_back: Mapping[str, Any] = {}
    fixed: tuple[str, ...] = ()  # arguments of its bases that it gives them itself
    made_of: tuple[str, ...] = ()  # names of the attributes that hold other layers
    inlets = outlets = 1  # outputs that it reads, layers that read its own
    prefix = ""  # of its parameters' names, as part of another layer
    name: str = None  # type: ignore[assignment]  # until it has one
    model = Owner("Its model, None where it has none, or that is gone.")
    _model: Any = None  # a reference to it
    _arrays: Any = None  # its parameters by name, once they exist: views that outlive the model
    # Where it has weights without a model: (one of its own, its twin in that, the name that it had
    # before).
    _alone: Any = None
    run_alone: Any  # both in `calling`
    build_alone: Any

    def __init_subclass__(cls, **options):
        super().__init_subclass__(**options)
        if "kernels" in vars(cls):  # what is inherited was said of other kernels
            cls.each_column = vars(cls).get("each_column", False)

    def __init__(
        self,
        name: str | None = None,
        trainable: bool = True,
        input_shape: ShapeLike | None = None,
        batch_input_shape: ShapeLike | None = None,
        dtype: DTypeLike | None = None,
        **unknown: Any,
    ) -> None:
        need_shape_of_today(type(self), unknown)
        for argument in unknown:
            known(arguments_of(type(self)), argument, f"argument of {type(self).__name__}")
        self.name = checked_name(name, "A layer")
        self.trainable = trainable
        self.dtype = None if dtype is None else float_dtype(dtype).name
        if input_shape is not None:
            shape = shape_of(
                input_shape, "input_shape", "a tuple: (steps, features) or (features,)"
            )
            batch_input_shape = (None, *shape)
        self.batch_input_shape = batch_input_shape
        self.sample_shape: Any = None  # of its input, as soon as it is known
        check_kernels(type(self))

    def __setattr__(self, name, value):
        if is_settled(self, name):
            raise too_late(self, name)
        super().__setattr__(name, choice(value, name) if name == "trainable" else value)

    def _settle(self, **settings):
        """Set what is settled, as the engine may."""
        vars(self).update(settings)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.name!r}>"

    def output_shape(self, input_shape: Shape) -> Shape:
        """Shape of one sample of the output, (steps, features) or (features,)."""
        return input_shape

    @property
    def input_shape(self) -> Shape | None:
        """Shape of one sample of the input, None before it is known."""
        return self.sample_shape

    def pair(self) -> tuple[Kernel, Kernel]:
        """Its two kernels, (forward, backward)."""
        return type(self).kernels

    def parts(self) -> tuple[Layer, ...]:
        """The rows of the table that it stands for, in their order."""
        return (self,)

    def tensors(self) -> dict[str, Any]:
        """Parameters: {name: (shape, initializer)}, in the order of ``layer.tensor[k]``.

        `self.sample_shape` is known when it is called.
        """
        return {}

    def buffers(self, steps: int, rows: int, traced: bool = False) -> dict[str, Any]:
        """Arrays in the workspace: {name: shape}, in the order of ``layer.buffer[k]``.

        steps counts those of a whole sequence; rows the sequences side by side. A name in the
        place of a shape: the same memory as that array.
        """
        return {}

    def group(self, steps: int, rows: int, traced: bool = False) -> int:
        """Of how many steps the product of the input is made at once; of a recurrent layer."""
        return steps

    def multiply_adds(self) -> int:
        """Those of the products of one step, forward: one for each element of a matrix."""
        shapes = [shape for shape, _ in self.tensors().values()]
        return sum(math.prod(shape) for shape in shapes if len(shape) == 2)

    @property
    def is_wide(self) -> bool:
        """Whether threads can share it, and it is too large to stay in the cache of a core."""
        self.known_shape()
        return self.each_column and self.multiply_adds() >= WIDE

    def products(self, steps: int, rows: int) -> tuple[tuple[int, int, int], ...]:
        """Sizes (n, k, m) of its matrix products ``(n, k) @ (k, m)``, forward."""
        return ()

    def idle_tensors(self, steps: int, carry: int) -> tuple[str, ...]:
        """Names of parameters that sequences of so many steps give no gradient.

        carry is 1 where they start from a state that came in.
        """
        return ()

    @property
    def units_out(self) -> int:
        """Features of the output."""
        return self.output_shape(self.known_shape())[-1]

    @property
    def streams(self) -> bool:
        """Whether it can be fed one step after the other, from the first to the last."""
        return self.each_step

    def known_shape(self) -> Shape:
        """Shape of one sample of the input.

        Raises
        ------
        AttributeError
            If it is not known yet: `input_shape` is None then.
        """
        if self.sample_shape is None:
            raise mismatch(
                f"The shapes of layer {self.name!r} are not known yet.",
                "a layer of a model with an input shape, or that has seen data",
                "a layer alone, or of a model that is not built",
                AttributeError,
            )
        return self.sample_shape

    def _built_model(self, kind=ValueError):
        """Its model, which must be built; None where it is gone, and the weights are there."""
        if not self.built:
            raise mismatch(
                f"Layer {self.name!r} has no weights yet.",
                "a layer of a built model: call model.build(shape), or fit or predict on data",
                "a layer before its build",
                kind,
            )
        return self.model

    @property
    def built(self) -> bool:
        """Whether it has parameters; builds its model, where that can be built."""
        model = self.model
        return self._has_arrays() if model is None else model.built

    def build(self, input_shape: ShapeLike) -> None:
        """Draw the parameters of a layer that has no model, for an input shape with the batch in
        front: (None, steps, features). A model that it is added to later keeps them."""
        self.build_alone(input_shape)

    def _has_arrays(self):
        return all(part._arrays is not None for part in self.parts())

    def _turn(self):
        """What is held while the weights are read or written: the lock of its model."""
        model = self.model
        return nullcontext() if model is None else model._lock

    def _write(self, targets, arrays):
        """Copy arrays into some of the parameters."""
        model, changes = self.model, list(map(writes, targets, arrays))
        if model is None:
            at_once(*changes)
        else:
            model.write(*changes)

    @property
    def in_model(self) -> Layer:
        """The layer that its model has: itself, or its twin where it has weights alone."""
        return self if self._alone is None else self._alone[1]

    @property
    def weights(self) -> Weights:
        """The parameters by name: views into the model's vector.

        ``weights["kernel"] = array`` copies the array in.
        """
        self._built_model(AttributeError)
        return Weights(self)

    def named_weights(self) -> dict[str, Array]:
        """The parameters by name, as they are now: what `weights` asks at each look."""
        with self._turn():
            self._built_model()
            return {
                part.prefix + name: array
                for part in self.parts()
                for name, array in part._arrays.items()
            }

    def count_params(self) -> int:
        """Number of parameters."""
        with self._turn():
            return sum(array.size for array in self.named_weights().values())

    def get_weights(self) -> list[Array]:
        """Copies of the parameters, in Keras' order."""
        with self._turn():
            return [array.copy() for array in self.named_weights().values()]

    def set_weights(self, weights: Sequence[ArrayLike]) -> None:
        """Copy arrays into the parameters: all of them, or none where one does not fit.

        Raises
        ------
        ValueError
            If the number of arrays or a shape differs, or a value is not finite.
        """
        with self._turn():
            targets = list(self.named_weights().values())
            shapes = [target.shape for target in targets]
            dtype = targets[0].dtype if targets else None
            self._write(targets, fitting_arrays(weights, shapes, dtype, f"Layer {self.name!r}"))

    def __call__(
        self,
        x: ArrayLike,
        initial_state: Sequence[ArrayLike] | None = None,
        mask: ArrayLike | None = None,
    ) -> Any:
        """The layer alone on data.

        Parameters
        ----------
        x : array (samples, steps, features) or (samples, features)
        initial_state : list of arrays (samples, units), optional
            The state, as h and c of an LSTM, that every sample starts from.
        mask : bool array (samples, steps), optional
            False: the step is masked; the state stays as it is.

        Returns
        -------
        array, or (output, h, c) for a recurrent layer with ``return_state=True``
        """
        return self.run_alone(x, initial_state, mask)

    def is_owned(self) -> bool:
        """Whether it, or a part of it, belongs to a model."""
        return any(one._model is not None for one in whole(self))  # also where it is gone

    def stands_alone(self) -> bool:
        """Whether it has weights and no model: it was built or called alone."""
        return self._alone is not None

    def chosen_name(self) -> str | None:
        """The name that it was given, or None."""
        return self._alone[2] if self.stands_alone() else self.name

    def _arguments(self):
        values = super()._arguments()
        values.pop("input_shape", None)  # batch_input_shape says it too
        now = {name: getattr(self, name) for name in (*READ_BY_ADD, *LIVE) if name in values}
        return values | now

    def __copy__(self):
        return with_weights(*self._with_weights()) if self.is_owned() else self.copy()

    def __reduce_ex__(self, protocol):
        if not self.is_owned():
            return super().__reduce_ex__(protocol)
        return with_weights, self._with_weights()

    def _with_weights(self):
        """What `with_weights` makes another one of, in no model."""
        with self._turn():
            shape, weights = None, []
            if self.built:
                shape = self.sample_shape[: 1 if self.reads_numbers else None]
                weights = self.get_weights()
            return self.copy(), shape, weights

    def owned_by(self, model: Sequential | None) -> list[Change]:
        """Changes: it and its parts get a model, or None."""
        owner = None if model is None else ref(model)
        return [sets(one, _model=owner, _arrays=None, _alone=None) for one in whole(self)]

    def as_it_is(self) -> Sequence[Change]:
        """Changes back to what it and its parts are now, of what a model changes."""
        kept = "name", "prefix", "sample_shape", "_model", "_arrays", "_alone"
        return [sets(one, **{name: getattr(one, name) for name in kept}) for one in whole(self)]

    def prefix_of(self, part: Layer) -> str:
        """What is before the names of the parameters of one of its parts."""
        return part.prefix

    def copy(self, dtype: DTypeLike | None = None) -> Self:
        """A new layer with the same settings, in no model; with another dtype, if one is named."""
        twin = twin_of(self)
        twin.model = twin.sample_shape = None
        twin._settle(_arrays=None, _alone=None)
        twin._settle(dtype=self.dtype if dtype is None else float_dtype(dtype).name)
        parts = {name: getattr(self, name) for name in self.made_of}
        copies = {name: part and part.copy(dtype) for name, part in parts.items()}
        twins = {id(part): copies[name] for name, part in parts.items()}
        args, kwargs = self._made
        args = tuple(twins.get(id(one), one) for one in args)
        kwargs = {name: twins.get(id(one), one) for name, one in kwargs.items()}
        twin._settle(_made=(args, kwargs), **copies)
        return twin

    def initial_values(self, rng: np.random.Generator, dtype: DTypeLike) -> dict[str, Array]:
        """Draw the parameters of this part: {name: array of the dtype}."""
        return {
            name: initializers.values(
                initializers.get(initializer), shape, rng, dtype, self.initial(name)
            )
            for name, (shape, initializer) in tensors_of(self).items()
        }

    def initial(self, name: str) -> str:
        """What the first values of a parameter are called in a message."""
        return f"The initial {name} of layer {self.name!r}"


def with_weights(layer, shape, weights):
    """A layer that has weights alone, for samples of a shape; without them it is as it was."""
    if shape is not None:
        layer.build((None, *shape))
        layer.set_weights(weights)
    return layer


def whole(layer):
    """A layer and its parts."""
    return (layer, *layer.parts())


def need_steps(layer, input_shape):
    """Refuse samples without an axis of steps."""
    if len(input_shape) != 2:
        raise mismatch(
            f"Layer {layer.name!r} reads sequences.",
            "samples of shape (steps, features): input_shape=(steps, features) in the first "
            "layer, x[:, :, None] of data whose steps are numbers, return_sequences=True in a "
            "recurrent layer before it",
            f"samples of shape {tuple(input_shape)}",
        )


def check_kernels(kind):
    """Refuse a kind of layer whose kernels the compiled loop cannot call."""
    if kind.kernels == () and kind.parts is not Layer.parts:  # its parts have them
        return
    need_pair(kind.kernels, "(forward, backward)", kind, OWN["layer"])
    for kernel, one, way in zip(kind.kernels, KINDS, ("forward", "backward"), strict=True):
        need_kernel(kernel, one, f"The {way} kernel of {kind.__name__}", OWN["layer"])


def need_shape_of_today(kind, given):
    """Refuse arguments by which Keras 1 and 2 said the shape of a sample; names that of today."""
    old = {name: given[name] for name in ("input_length", "input_dim") if name in given}
    if not old:
        return
    steps, features = old.get("input_length"), old.get("input_dim", "features")
    if kind.reads_numbers:
        shape = f"({steps},)"
    elif "input_length" in old or "state_mode" in arguments_of(kind):
        shape = f"({steps}, {features})"
    else:
        shape = f"({features},)"
    raise mismatch(
        f"Unknown argument of {kind.__name__}: {next(iter(old))!r}. Did you mean "
        f"input_shape={shape}?",
        f"input_shape={shape}, the shape of one sample",
        ", ".join(f"{name}={value!r}" for name, value in old.items()),
    )
