"""Optimisers: their hyper-parameters and what they remember; the arithmetic is in ``kernels``."""

import math
from functools import partial
from numbers import Real

from .data.arrays import aligned, table
from .kernels.training import optimizers as kernels
from .surface.arguments import choice, find, known
from .surface.callables import arguments_of
from .surface.chosen import Chosen
from .surface.copying import Uncopied, twin_of
from .surface.errors import mismatch
from .whole import at_once, sets

LARGEST = 1e18  # hyper-parameter
BY_COMPILE = "a new optimiser in model.compile(optimizer, loss)"
DECAYS = ("beta_1", "beta_2", "rho", "momentum")


def checked_rate(name, value):
    """A hyper-parameter as a float, so small that no step it makes is infinite in float32."""
    if not isinstance(value, Real) or not 0 <= value <= LARGEST:
        raise mismatch(f"{name} is a number, not negative.", f"0 to {LARGEST:g}", repr(value))
    if name in DECAYS and value >= 1:
        raise mismatch(f"{name} is a share that is kept in each step.", "0 <= share < 1", value)
    return float(value)


def checked_choice(name, value):
    """A hyper-parameter that is chosen or not."""
    return choice(value, name)


class HyperParameter:
    """A number that is read and written where the loop reads it: a new one works at once.

    Parameters
    ----------
    doc : str
    checked : function (name, value) -> number
    """

    def __init__(self, doc, checked=checked_rate):
        self.__doc__, self.checked = doc, checked

    def __set_name__(self, kind, name):
        self.name = name

    def __get__(self, optimizer, kind=None):
        return self if optimizer is None else optimizer.rule[self.name].item()

    def __set__(self, optimizer, value):
        optimizer.rule[self.name] = self.checked(self.name, value)


class Optimizer(Uncopied):
    """What the optimisers share: a learning rate, clipping, moments, a count of updates.

    Parameters
    ----------
    learning_rate : float
    decay : float, default=0
        The rate of an update is learning_rate / (1 + decay t) after t updates.
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
    """

    learning_rate = HyperParameter("Step size an update.")
    decay = HyperParameter("Of the step size.")
    clipnorm = Chosen("Bound on the norm of each tensor's gradient, or None.", BY_COMPILE)
    clipvalue = Chosen("Bound on each element, or None.", BY_COMPILE)
    global_clipnorm = Chosen("Bound on the norm of all gradients, or None.", BY_COMPILE)
    copied_by = "optimizer.copy() for a new one with the same hyper-parameters"
    kernel = None
    moments_needed = 1
    one_bound = True  # an old script may bound a norm, and then each element

    def __init__(
        self,
        learning_rate,
        decay=0.0,
        clipnorm=None,
        clipvalue=None,
        global_clipnorm=None,
        **rates,
    ):
        self.rule = table(kernels.RULE, 1)
        self.moments = None
        given = [limit for limit in (clipnorm, clipvalue, global_clipnorm) if limit is not None]
        if len(given) > 1 and self.one_bound:
            raise mismatch(
                "Gradients are bounded in one way at a time.",
                "one of clipnorm, clipvalue and global_clipnorm",
                f"clipnorm={clipnorm}, clipvalue={clipvalue}, global_clipnorm={global_clipnorm}",
            )
        for name, value in {"learning_rate": learning_rate, "decay": decay, **rates}.items():
            known(arguments_of(type(self)), name, f"argument of {type(self).__name__}")
            setattr(self, name, value)
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

    def __repr__(self):
        names = [name for name in self.rule.dtype.names if name in arguments_of(type(self))]
        numbers = ", ".join(f"{name}={self.rule[name][0]:g}" for name in names)
        return f"<{type(self).__name__} after {self.iterations} updates: {numbers}>"

    def __setattr__(self, name, value):
        if name == "lr" and not hasattr(type(self), name):  # Keras' old name
            received = f"optimizer.lr = {value!r}"
            raise mismatch("There is no lr.", "optimizer.learning_rate", received, AttributeError)
        super().__setattr__(name, value)

    @property
    def iterations(self):
        """Updates made so far."""
        return int(self.rule["iteration"][0])

    def _is_free(self):
        return self.moments is None

    def copy(self):
        """A new optimiser with the same hyper-parameters."""
        twin = twin_of(self)
        twin.rule, twin.moments = self.rule.copy(), None
        return twin

    def build(self, size, dtype):
        """Forget everything, for a vector of that many parameters."""
        at_once(*self.fresh(size, dtype)[1])

    def fresh(self, size, dtype):
        """New moments, and the parts of the change to them; see `build`."""
        moments = aligned(self.moments_needed * size, dtype).reshape(self.moments_needed, size)
        rule = (partial(self.rule.__setitem__, name, 0) for name in ("iteration", "unusable"))
        return moments, (sets(self, moments=moments), *rule)


class Adam(Optimizer):
    """m = b1 m + (1 - b1) g;  v = b2 v + (1 - b2) g^2;  theta -= rate m / (sqrt(v) + eps),
    rate = lr sqrt(1 - b2^t) / (1 - b1^t).

    Parameters
    ----------
    learning_rate : float, default=0.001
    beta_1 : float, default=0.9
        Decay a step of the mean of gradients.
    beta_2 : float, default=0.999
        Decay a step of the mean of squared gradients.
    epsilon : float, default=1e-7
    **bounds
        Of `Optimizer`.

    Source: Kingma and Ba 2015, in the form of ``keras.optimizers.Adam``.
    """

    kernel = staticmethod(kernels.adam)
    beta_1 = HyperParameter("Decay a step of the mean of gradients.")
    beta_2 = HyperParameter("Decay a step of the mean of squared gradients.")
    epsilon = HyperParameter("Added to the root.")
    moments_needed = 2

    def __init__(self, learning_rate=0.001, beta_1=0.9, beta_2=0.999, epsilon=1e-7, **bounds):
        super().__init__(learning_rate, beta_1=beta_1, beta_2=beta_2, epsilon=epsilon, **bounds)


class SGD(Optimizer):
    """theta -= lr g, or with momentum m = momentum m - lr g and theta += m.

    Parameters
    ----------
    learning_rate : float, default=0.01
    momentum : float, default=0
    nesterov : bool, default=False
        theta += momentum m - lr g instead.
    **bounds
        Of `Optimizer`.
    """

    kernel = staticmethod(kernels.sgd)
    momentum = HyperParameter("Share of the last step that is kept.")
    nesterov = HyperParameter("Whether the momentum comes before the gradient.", checked_choice)

    def __init__(self, learning_rate=0.01, momentum=0.0, nesterov=False, **bounds):
        super().__init__(learning_rate, momentum=momentum, nesterov=nesterov, **bounds)


class RMSprop(Optimizer):
    """v = rho v + (1 - rho) g^2;  theta -= lr g / sqrt(v + eps).

    Parameters
    ----------
    learning_rate : float, default=0.001
    rho : float, default=0.9
    momentum : float, default=0
    epsilon : float, default=1e-7
    centered : bool, default=False
        Divide by the variance's root: v less the squared mean of gradients.
    **bounds
        Of `Optimizer`.

    Source: Tieleman and Hinton 2012, in the form of ``keras.optimizers.RMSprop``.
    """

    kernel = staticmethod(kernels.rmsprop)
    rho = HyperParameter("Decay a step of the mean of squared gradients.")
    momentum = HyperParameter("Share of the last step that is kept.")
    epsilon = HyperParameter("Added under the root.")
    centered = HyperParameter("Whether it divides by the root of the variance.", checked_choice)
    moments_needed = 3

    def __init__(
        self, learning_rate=0.001, rho=0.9, momentum=0.0, epsilon=1e-7, centered=False, **bounds
    ):
        super().__init__(
            learning_rate, rho=rho, momentum=momentum, epsilon=epsilon, centered=centered, **bounds
        )


OPTIMIZERS = {"adam": Adam, "sgd": SGD, "rmsprop": RMSprop}


def get(optimizer):
    """An optimiser by name, or the one that was given."""
    if isinstance(optimizer, Optimizer):
        return optimizer
    if isinstance(optimizer, type) and issubclass(optimizer, Optimizer):
        made, whose = f"what it makes: {optimizer.__name__}()", f"the class {optimizer.__name__}"
        raise mismatch("An optimizer is an object.", made, whose, TypeError)
    name = optimizer.lower() if isinstance(optimizer, str) else optimizer
    return find(OPTIMIZERS, name, "optimizer")()
