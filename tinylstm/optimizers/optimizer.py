"""What all optimisers have in common, and what one of one's own has to say."""

from __future__ import annotations

import math
from functools import partial
from typing import Any, Self, TypedDict

import numpy as np

from ..data.arrays import aligned, table
from ..kernels import kinds
from ..kernels.compiling import COMPILED
from ..kernels.signatures import signature
from ..kernels.training import optimizers as kernels
from ..surface.arguments import OWN, known
from ..surface.callables import arguments_of, need_kernel
from ..surface.chosen import Chosen
from ..surface.copying import twin_of
from ..surface.described import Described
from ..surface.errors import mismatch
from ..surface.types import Array, Change
from ..whole import at_once, sets
from .hyper_parameters import HyperParameter, RunningNumber, checked_rate

BY_COMPILE = "a new optimiser in model.compile(optimizer, loss)"
KINDS = {"kernel": kinds.update, "advance": kinds.advance}  # of its kernels


def checked_decay(name, value):
    """A rate, for None none."""
    return 0.0 if value is None else checked_rate(name, value)


class Bounds(TypedDict, total=False):
    """What every optimiser takes by name, but for weight_decay, which `AdamW` has itself."""

    decay: float
    clipnorm: float | None
    clipvalue: float | None
    global_clipnorm: float | None


class OptimizerArguments(Bounds, total=False):
    """What is passed on to `Optimizer`: the ``**bounds`` of the others."""

    weight_decay: float | None


class Optimizer(Described):
    """What the optimisers share: a learning rate, clipping, moments, a count of updates.

    One of one's own derives from it: ``docs/own_optimizer.md``. It has a `kernel` and names its
    hyper-parameters.

    Parameters
    ----------
    learning_rate : float
    decay : float, default=0
        The rate of an update is learning_rate / (1 + decay t) after t updates.
    weight_decay : float, optional
        Before each update theta -= rate weight_decay theta, of all that is trained.
    clipnorm : float, optional
        Bound on the norm of each tensor's gradient.
    clipvalue : float, optional
        Bound on each element.
    global_clipnorm : float, optional
        Bound on the norm of all gradients together.
    **rates
        The optimiser's own hyper-parameters.

    Raises
    ------
    ValueError
        If more than one bound is given, or a number is negative or not finite.

    Attributes
    ----------
    kernel : kernel (rule, theta, grad, moments, start, stop)
        Updates a span of the parameters; it leaves the rule as it is.
    advance : kernel (rule), optional
        Changes each `RunningNumber`, once before each update.
    moments_needed : int, default=1
        How many numbers it remembers of each parameter.
    rests : bool, default=False
        Whether a parameter stays whose gradient and moments are zero. Then that is left out where
        a tensor is known to get no gradient. True for all those of this package.
    """

    learning_rate = HyperParameter("Step size an update.")
    decay = HyperParameter("Of the step size.")
    weight_decay = HyperParameter("Share of the weights, times the step size.", checked_decay)
    clipnorm: Chosen[float | None] = Chosen(
        "Bound on the norm of each tensor's gradient, or None.", BY_COMPILE
    )
    clipvalue: Chosen[float | None] = Chosen("Bound on each element, or None.", BY_COMPILE)
    global_clipnorm: Chosen[float | None] = Chosen(
        "Bound on the norm of all gradients, or None.", BY_COMPILE
    )
    kernel: Any = None
    advance: Any = None
    moments_needed = 1
    rests = False
    record = kernels.RULE  # with names for its own numbers
    starts = {"iteration": 0, "unusable": 0}  # noqa: RUF012  what begins anew, and with which value

    def __init__(
        self,
        learning_rate: float,
        decay: float = 0.0,
        weight_decay: float | None = None,
        clipnorm: float | None = None,
        clipvalue: float | None = None,
        global_clipnorm: float | None = None,
        **rates: float | None,
    ) -> None:
        check_kernels(type(self))
        self.rule = table(self.record, 1)
        self.moments: Any = None
        given = [limit for limit in (clipnorm, clipvalue, global_clipnorm) if limit is not None]
        if len(given) > 1:
            raise mismatch(
                "Gradients are bounded in one way at a time.",
                "one of clipnorm, clipvalue and global_clipnorm",
                f"clipnorm={clipnorm}, clipvalue={clipvalue}, global_clipnorm={global_clipnorm}",
            )
        rates |= {"learning_rate": learning_rate, "decay": decay, "weight_decay": weight_decay}
        for name, value in rates.items():
            known(arguments_of(type(self)), name, f"argument of {type(self).__name__}")
            setattr(self, name, value)
        for name, start in self.starts.items():
            self.rule[name] = start
        self.rule["clip_value"] = math.inf
        if clipvalue is not None:
            self.rule["clipping"] = kernels.CLIP_VALUE
            self.rule["clip_value"] = checked_rate("a bound on gradients", clipvalue)
        norms = {kernels.CLIP_NORM: clipnorm, kernels.CLIP_GLOBAL_NORM: global_clipnorm}
        for kind, limit in norms.items():
            if limit is not None:
                self.rule["clipping"] = kind
                self.rule["clip_norm"] = checked_rate("a bound on gradients", limit)
        self._clipnorm, self._clipvalue, self._global_clipnorm = (
            clipnorm,
            clipvalue,
            global_clipnorm,
        )

    def __init_subclass__(cls, **options):
        super().__init_subclass__(**options)
        for name in KINDS.keys() & vars(cls).keys():
            made = vars(cls)[name]
            if callable(made) and not isinstance(made, staticmethod):
                setattr(cls, name, staticmethod(made))  # a function of arrays is no method
        if "kernel" in vars(cls):
            cls.rests = vars(cls).get("rests", False)
        numbers = numbers_of(cls)
        starts = {k: one.start for k, one in numbers.items() if isinstance(one, RunningNumber)}
        cls.starts = Optimizer.starts | starts
        cls.record = kernels.rule_with(tuple(k for k in numbers if k not in SHARED))

    def __repr__(self) -> str:
        names = [name for name in self.rule.dtype.names if name in arguments_of(type(self))]
        numbers = ", ".join(f"{name}={self.rule[name][0]:g}" for name in names)
        return f"<{type(self).__name__} after {self.iterations} updates: {numbers}>"

    def __setattr__(self, name, value):
        if name == "lr":  # Keras' old name
            received = f"optimizer.lr = {value!r}"
            raise mismatch("There is no lr.", "optimizer.learning_rate", received, AttributeError)
        super().__setattr__(name, value)

    @property
    def iterations(self) -> int:
        """Updates made so far."""
        return int(self.rule["iteration"][0])

    def _arguments(self):
        values = super()._arguments()
        numbers = values.keys() & numbers_of(type(self))
        return values | {name: getattr(self, name) for name in numbers}

    def __copy__(self):
        return self.copy()

    def __reduce_ex__(self, protocol):
        """For `pickle` and `copy`: a new one with the same hyper-parameters."""
        free = self if self.moments is None else self.copy()
        return super(Optimizer, free).__reduce_ex__(protocol)

    def copy(self) -> Self:
        """A new optimiser with the same hyper-parameters."""
        twin = twin_of(self)
        twin.rule, twin.moments = table(self.record, 1), None  # zeros where no number is
        twin.rule[:] = self.rule
        return twin

    def build(self, size: int, dtype: np.dtype[Any]) -> None:
        """Forget everything, for a vector of that many parameters."""
        at_once(*self.fresh(size, dtype)[1])

    def fresh(self, size: int, dtype: np.dtype[Any]) -> tuple[Array, tuple[Change, ...]]:
        """New moments, and the changes to them; see `build`."""
        moments = aligned(self.moments_needed * size, dtype).reshape(self.moments_needed, size)
        self.begin(moments)
        rule = (partial(self.rule.__setitem__, *start) for start in self.starts.items())
        return moments, (sets(self, moments=moments), *rule)

    def begin(self, moments: Array) -> None:
        """Write what the moments begin with, where that is not zero.

        Parameters
        ----------
        moments : array (moments_needed, P)
            Zeros.
        """

    def as_it_is(self) -> tuple[Change, ...]:
        """Changes back to what it remembers now."""
        rule = (partial(self.rule.__setitem__, k, self.rule[k].copy()) for k in self.starts)
        return sets(self, moments=self.moments), *rule

    def take_over(self, other: Optimizer) -> None:
        """Go on where another one of this kind is."""
        self.moments[:] = other.moments
        for name in self.starts:
            self.rule[name] = other.rule[name]

    @property
    def shared_rule(self) -> Any:
        """Its numbers, as the loop knows them."""
        return self.rule.view(kernels.RULE) if COMPILED else self.rule

    def calls(self, dtype: np.dtype[Any]) -> dict[str, Any]:
        """What the loop calls: {field of the plan: (kernel, signature)}."""
        found = {"update": (self.kernel, signature(kinds.update, dtype, self.record))}
        if self.advance is not None:
            found["advance"] = self.advance, signature(kinds.advance, dtype, self.record)
        if self.rule["clipping"][0] != kernels.NO_CLIP:
            found["clipping"] = kernels.clip, signature(kernels.clip, dtype)
        return found

    def may_rest(self) -> bool:
        """Whether no update is needed where the gradient and the moments are zero."""
        return self.rests and self.weight_decay == 0


SHARED = {*kernels.RULE.names} - {"named"}  # names that several optimisers have
RESERVED = {
    *("iteration", "unusable", "clipping", "clip_norm", "clip_value", "named"),
    *("kernel", "advance", "rule", "moments"),
}


def numbers_of(kind):
    """{name: its `HyperParameter` or `RunningNumber`}, those of the classes before it first.

    Raises
    ------
    TypeError
        If a name is taken by something else, or there are too many.
    """
    found = {}
    for base in reversed(kind.__mro__):
        one_of_ours = HyperParameter | RunningNumber
        found |= {k: one for k, one in vars(base).items() if isinstance(one, one_of_ours)}
    for name in found:
        taken = vars(Optimizer).get(name)
        if name in RESERVED or not isinstance(taken, HyperParameter | None):
            raise mismatch(
                f"{kind.__name__} has a number whose name is taken.",
                "another name",
                name,
                TypeError,
            )
    own = [name for name in found if name not in SHARED]
    if len(own) > kernels.MAX_NUMBERS:
        expected = f"at most {kernels.MAX_NUMBERS} that no other optimiser has"
        raise mismatch(
            f"{kind.__name__} has too many numbers.", expected, ", ".join(own), TypeError
        )
    return found


def check_kernels(kind):
    """Refuse a kind of optimiser whose kernels the compiled loop cannot call."""
    for name, wanted in KINDS.items():
        given = getattr(kind, name)
        if isinstance(given, property) or (given is None and name == "advance"):
            continue
        need_kernel(given, wanted, f"The {name} of {kind.__name__}", OWN["optimizer"])
