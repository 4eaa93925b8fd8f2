"""What `fit` calls between its compiled calls: methods to override, or functions to give."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Literal, TypedDict, Unpack

from ..surface.arguments import known
from ..surface.callables import Signature, need_arguments
from ..surface.described import Asked
from ..surface.errors import near, warn
from ..surface.types import Logs
from .gradients import GradientNorms

if TYPE_CHECKING:
    from ..model import Sequential


class Callback(metaclass=Asked):
    """Methods that `fit`, `evaluate` and `predict` call; override those that you need.

    What has ``batch`` in its name is called between batches only where a callback overrides it:
    each batch is then a compiled call of its own, which costs some 10 us.

    A callback ends a training with ``self.model.stop_training = True``; so do ``stop_evaluating``
    and ``stop_predicting`` with the others.
    """

    __signature__ = Signature()
    model: Sequential = None  # type: ignore[assignment]  # until `fit` sets it, and the other one
    params: dict[str, Any] = None  # type: ignore[assignment]

    def __getstate__(self):
        """What `pickle` and `copy` take along: all but the model, which the next `fit` sets."""
        return {name: value for name, value in vars(self).items() if name != "model"}

    def set_model(self, model: Sequential) -> None:
        """Called once, before anything else."""
        self.model = model

    def set_params(self, params: dict[str, Any]) -> None:
        """Called once: {"epochs", "initial_epoch", "verbose", "steps" (batches an epoch),
        "samples", "batch_size"}, and "validation_samples" where there are some. By `evaluate`
        and `predict`, {"epochs": 1, "verbose", "steps", "samples", "batch_size"}."""
        self.params = params

    def on_train_begin(self, logs: Logs = None) -> None:
        """Before the first epoch."""

    def on_train_end(self, logs: Logs = None) -> None:
        """After the last epoch, or the one that was stopped; logs: that epoch's.

        Not after an exception or Ctrl-C: what it does to the model would come as a surprise then.
        """

    def on_epoch_begin(self, epoch: int, logs: Logs = None) -> None:
        """Before an epoch; epochs count from 0."""

    def on_epoch_end(self, epoch: int, logs: Logs = None) -> None:
        """After an epoch; logs: its loss (nats, or what the loss counts in) and metrics."""

    def on_batch_begin(self, batch: int, logs: Logs = None) -> None:
        """Before a batch; batches count from 0 in each epoch."""

    def on_batch_end(self, batch: int, logs: Logs = None) -> None:
        """After a batch; logs: means over the epoch so far."""

    def on_train_batch_begin(self, batch: int, logs: Logs = None) -> None:
        """As on_batch_begin, in training."""
        self.on_batch_begin(batch, logs)

    def on_train_batch_end(self, batch: int, logs: Logs = None) -> None:
        """As on_batch_end, in training."""
        self.on_batch_end(batch, logs)

    def on_test_begin(self, logs: Logs = None) -> None:
        """Before `evaluate`, or the validation of an epoch."""

    def on_test_end(self, logs: Logs = None) -> None:
        """After it; logs: its loss and metrics, by their names without ``val_``."""

    def on_test_batch_begin(self, batch: int, logs: Logs = None) -> None:
        """Before a batch of it; batches count from 0."""

    def on_test_batch_end(self, batch: int, logs: Logs = None) -> None:
        """After a batch of it; logs: means over the batches so far."""

    def on_predict_begin(self, logs: Logs = None) -> None:
        """Before `predict`."""

    def on_predict_end(self, logs: Logs = None) -> None:
        """After it."""

    def on_predict_batch_begin(self, batch: int, logs: Logs = None) -> None:
        """Before a batch of it; batches count from 0."""

    def on_predict_batch_end(self, batch: int, logs: Logs = None) -> None:
        """After a batch of it; logs: {"outputs": array}."""

    def on_chunk_end(self, batches: int, logs: Logs = None) -> None:
        """After each compiled call, some 30 ms of batches; logs: means so far, none in `predict`.

        What shows progress needs no more. It costs nothing between batches, and is not called for
        the validation of an epoch.
        """

    def on_nonfinite(self, epoch: int, batch: int, loss: float) -> None:
        """When a batch's loss is NaN or infinite; its update was not made."""

    def on_gradients(self, epoch: int, norms: GradientNorms) -> None:
        """After the batches of an epoch, before `on_epoch_end`: how long its gradients were.

        They are measured only where a callback overrides this.
        """

    def wants_batches(self) -> bool:
        """Whether it is told of each batch of a training."""
        return self.looks_between("train")

    def looks_between(self, kind: Literal["train", "test", "predict"]) -> bool:
        """Whether a method between batches is overridden, in the class or in the object.

        kind : "train", "test" or "predict".
        """
        return any(self._overrides(name) for name in BETWEEN_BATCHES[kind])

    def wants_chunks(self) -> bool:
        """Whether it is told of each compiled call."""
        return self._overrides("on_chunk_end")

    def wants_gradients(self) -> bool:
        """Whether it is told of gradients."""
        return self._overrides("on_gradients")

    def _overrides(self, name):
        return getattr(getattr(self, name), "__func__", None) is not getattr(Callback, name)

    def check_arguments(self) -> None:
        """Refuse methods that cannot be called with what `fit` gives them; warn of a name that is
        nearly one of theirs, which nobody calls."""
        for name in dir(type(self)):
            meant = near(METHODS, name) if name.startswith("on_") and name not in METHODS else []
            if meant:
                kind = type(self).__name__
                warn(f"Nobody calls {kind}.{name}. Did you mean {' or '.join(meant)}?")
        for name in METHODS:
            if self._overrides(name):
                need_arguments(
                    getattr(self, name), ARGUMENTS[name], f"{type(self).__name__}'s method"
                )


BETWEEN_BATCHES = {
    kind: [f"on_{what}batch_{when}" for what in also for when in ("begin", "end")]
    for kind, also in (("train", ("", "train_")), ("test", ("test_",)), ("predict", ("predict_",)))
}
METHODS = [name for name in vars(Callback) if name.startswith("on_")]
ARGUMENTS = {  # of each method
    name: tuple(inspect.signature(getattr(Callback, name)).parameters)[1:] for name in METHODS
}
Told = Callable[..., object] | None


class Functions(TypedDict, total=False):
    """What a `LambdaCallback` is made of."""

    on_train_begin: Told
    on_train_end: Told
    on_epoch_begin: Told
    on_epoch_end: Told
    on_batch_begin: Told
    on_batch_end: Told
    on_train_batch_begin: Told
    on_train_batch_end: Told
    on_test_begin: Told
    on_test_end: Told
    on_test_batch_begin: Told
    on_test_batch_end: Told
    on_predict_begin: Told
    on_predict_end: Told
    on_predict_batch_begin: Told
    on_predict_batch_end: Told
    on_chunk_end: Told
    on_nonfinite: Told
    on_gradients: Told


class LambdaCallback(Callback):
    """A callback made of functions, named after the methods of `Callback` that they override.

    Parameters
    ----------
    **functions
        ``on_epoch_end=lambda epoch, logs: ...``, ``on_train_batch_end=lambda batch, logs: ...``,
        ``on_train_begin=lambda logs: ...`` and so on.

    Raises
    ------
    ValueError
        If `fit` calls no method of that name; names the nearest one.

    Source: ``keras.callbacks.LambdaCallback``.
    """

    __signature__ = Signature(METHODS)

    def __init__(self, **functions: Unpack[Functions]) -> None:
        for name, function in functions.items():
            known(METHODS, name, "method of a callback")
            if function is not None:
                need_arguments(function, ARGUMENTS[name], f"The {name} function")
                setattr(self, name, function)
