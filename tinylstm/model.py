"""The model: a chain of layers with one vector of parameters, and Keras' methods on it."""

from __future__ import annotations

import inspect
import json
import threading
from collections.abc import Callable, Mapping, Sequence
from functools import wraps
from typing import TYPE_CHECKING, Any, Literal, Self, TypeVar

import numpy as np
from numpy.typing import ArrayLike, DTypeLike, NDArray

from . import losses, optimizers
from .callbacks import Callback
from .callbacks.history import History, Last
from .data import gate
from .engine import building, generation, study, training
from .engine.memory import Memory, memory_of
from .engine.stepper import Stepper
from .engine.structure import Input, whole_shape
from .engine.study import Gradients, Trace
from .formats import doors
from .kernels.compiling import show
from .layers import Layer
from .layers.state import Scratch, State
from .losses import Loss, LossLike
from .metrics import MetricLike, distinct_names, metrics_of
from .optimizers import Optimizer
from .saving import backup, description, position
from .settings import float_dtype
from .shown import summary
from .surface.absent import OF_MODELS, no_attribute, say_again
from .surface.arguments import checked_name, choice, find, known, listed, whole_number
from .surface.callables import need_arguments
from .surface.chosen import Chosen, Flag, not_yet
from .surface.errors import mismatch
from .surface.plain import know, knowing, plain
from .surface.types import Array, Data, PathLike, Shape, ShapeLike, States, StatesLike, Verbose
from .threads import forks
from .whole import at_once, sets, writes

INSIDE = {  # what other files ask of a model, and nobody who uses it
    *("network", "views", "samples", "write", "changes", "in_one_piece"),
    *("need_built", "need_compiled", "need_own_moments", "all_or_nothing"),
    *("chosen_metrics", "scored_metrics", "moments", "draws", "given_weights"),
    *("last_pass", "add_recorder", "recorders", "note_call", "outputs_doubted", "epochs_seen"),
    *("back_up", "read_backup", "need_writer"),
}


Method = TypeVar("Method", bound=Callable[..., Any])


def one_at_a_time(method: Method) -> Method:
    """A method that holds the model's lock, so that threads take turns, and names what it takes."""
    names = frozenset(inspect.signature(method).parameters) - {"self"}

    @wraps(method)
    def locked(self, *args, **kwargs):
        for name in () if names.issuperset(kwargs) else kwargs:
            known(names, name, f"argument of {method.__name__}", TypeError)
        with self._lock:
            return method(self, *args, **kwargs)

    return locked  # type: ignore[return-value]


def between_calls(method: Method) -> Method:
    """Such a method that takes from others what they work on: within one of them it is refused, in
    a callback, say, or a generator."""
    locked = one_at_a_time(method)

    @wraps(method)
    def alone(self, *args, **kwargs):
        if self._lock._is_owned():
            raise mismatch(
                f"{method.__name__} changes a model in training.",
                "before or after fit",
                "a callback or generator",
            )
        return locked(self, *args, **kwargs)

    return alone  # type: ignore[return-value]


def of_network(name: str, meaning: str) -> Any:
    """What a model has from its build on; None before."""
    return property(lambda self: getattr(self.network, name, None), doc=meaning)


def vector(name: str, meaning: str) -> Any:
    """A vector that keeps its place: what is assigned is copied into it."""

    def assign(self, values):
        self.need_built("Setting a vector")
        own = getattr(self.network, name)
        (values,) = gate.fitting_arrays([values], [own.shape], self.dtype, f"Model {self.name!r}")
        self.write(writes(own, values))

    return of_network(name, meaning).setter(one_at_a_time(assign))


class Sequential:
    """A chain of layers.

    Parameters
    ----------
    layers : list of Layer, optional
        May begin with an `Input`. Without any input shape the model is built on first data.
    name : str, default="sequential"
    dtype : str, optional
        "float32" or "float64"; by default the layers' own, or `tinylstm.floatx`.

    Examples
    --------
    >>> model = Sequential([LSTM(32, input_shape=(3, 1)), Dense(26, activation="softmax")])
    >>> model.compile(optimizer="adam", loss="categorical_crossentropy", metrics=["accuracy"])
    """

    stop_training = Flag("True ends `fit` after the batch or the epoch that runs.")
    stop_evaluating = Flag("True ends `evaluate` in the same way.")
    stop_predicting = Flag("True ends `predict` in the same way.")
    layers: Chosen[list[Layer]] = Chosen(
        "The layers in their order.", "model.add(layer) and model.pop()"
    )
    optimizer: Chosen[Optimizer] = Chosen(
        "The `Optimizer`, None before `compile`.", "model.compile(optimizer, loss)"
    )
    loss: Chosen[Loss] = Chosen(
        "The loss, None before `compile`.", "model.compile(optimizer, loss)"
    )
    metrics_names: Chosen[list[str]] = Chosen(
        "Names of what is scored.", "model.compile(optimizer, loss, metrics)"
    )
    dtype: Chosen[np.dtype[Any]] = Chosen(
        "That of all layers.", "Sequential(layers, dtype=...), or model.copy(dtype)"
    )
    batch_input_shape: Chosen[Shape] = Chosen(
        "Shape of a batch, None before it is known.",
        "model.build(shape), or an input_shape in the first layer",
    )

    history = Last("The `History` of the last training, None before.")
    epochs_seen: int

    def __init__(
        self,
        layers: Sequence[Layer | Input] | None = None,
        name: str = "sequential",
        dtype: DTypeLike | None = None,
    ) -> None:
        if isinstance(name, Layer):
            raise mismatch(
                "Layers come in one list.",
                "Sequential([first, second])",
                "two arguments",
                TypeError,
            )
        self.name = checked_name(name, "A model")
        self._layers = []
        self._batch_input_shape = None
        self._dtype = None if dtype is None else float_dtype(dtype)
        self._seed: int | None = None
        self.network: Any = None  # until it is built
        self.given_weights = {}  # of layers that were there before the layers changed,
        self.draws = None  # and where those to come draw from: behind what was drawn for these
        self._optimizer = self._loss = self.history = None
        self.moments = None  # of its optimiser, which serves no other model
        self._metrics_names = ["loss"]
        self.chosen_metrics = []  # as they were given to `compile`
        self.stop_training = self.stop_evaluating = self.stop_predicting = False
        self.outputs_doubted = False  # whether they were looked at since `compile`: see doubts.py
        self.last_pass = None  # of forward: what backward goes back from
        self._changes = 0  # of the parameters, but for updates
        self._recorders = []  # of the state, some of which may have ended
        self.note_call = None  # notes what the call of fit that is under way has done
        self._lock = threading.RLock()
        self.in_one_piece = threading.RLock()  # held while vectors change: see forks.py
        forks.note(self)
        building.add_all(self, listed(layers, "layers"))

    @between_calls
    def add(self, layer: Layer | Input) -> None:
        """Append a layer; the model is built as soon as its input shape is known.

        Raises
        ------
        TypeError
            If it is not a layer, or belongs to a model already.
        ValueError
            If its dtype is another than the model's, or it does not fit the layer before.
        """
        building.add(self, layer)

    @between_calls
    def pop(self) -> Layer:
        """Take the last layer off and return it, free for another model, its weights gone.

        Those of the other layers stay; moments and the carried state start anew.

        Raises
        ------
        ValueError
            If there is no layer.
        """
        return building.pop(self)

    def get_layer(self, name: str | None = None, index: int | None = None) -> Layer:
        """The layer of a name, or at an index from 0.

        Raises
        ------
        ValueError
            If there is none, or not exactly one of the two is given.
        """
        if (name is None) == (index is None):
            raise mismatch(
                "A layer has a name and an index.",
                "one of the two",
                f"name={name!r}, index={index!r}",
            )
        layers = self.layers
        if index is None:
            return find({layer.name: layer for layer in layers}, name, "layer of this model")
        least = -len(layers)
        at = whole_number(index, "index", least)
        if at >= len(layers):
            raise mismatch("There is no such layer.", f"{least} to {-least - 1}", f"index={index}")
        return layers[at]

    @one_at_a_time
    def add_recorder(self, recorder):
        """Have one more that reads each batch, for as long as its block lasts."""
        self._recorders = [*self.recorders, recorder]

    @property
    def recorders(self):
        """Those that read each batch: see recording.py."""
        if self._recorders:
            for ended in (one for one in self._recorders if not one.lasts):
                ended.forget()
            self._recorders = [one for one in self._recorders if one.lasts]
        return self._recorders

    # What a built model has.

    @property
    def seed(self) -> int | None:
        """Of weights, dropout and the order of samples; drawn with the first layer."""
        return self._seed

    @seed.setter
    def seed(self, seed: int | None) -> None:
        if seed is not None or self.network is not None:
            seed = whole_number(seed, "seed", least=0)
        of_network = [] if self.network is None else [self.network.seeded(seed)]
        at_once(sets(self, _seed=seed), *of_network)

    def __dir__(self):
        return sorted(set(super().__dir__()) - INSIDE)

    if not TYPE_CHECKING:  # for whom it would have every name, and be called

        def __getattr__(self, name):
            if "_lock" not in vars(self):
                raise not_yet(self, name)
            say_again(self, name)
            raise no_attribute(type(self).__name__, name, OF_MODELS, dir(self))

        def __call__(self, *args, **kwargs):
            raise mismatch(
                "A model is not called.",
                "model.predict(x), or model.forward(x) for what model.backward(dy) goes back from",
                "model(...)",
                TypeError,
            )

    def __repr__(self) -> str:
        return f"<Sequential {self.name!r}: {', '.join(layer.name for layer in self.layers)}>"

    @property
    def built(self) -> bool:
        """Whether the parameters exist; draws them where the input shape is known."""
        if self.network is None and self.layers and self.batch_input_shape is not None:
            self.build(self.batch_input_shape)
        return self.network is not None

    @one_at_a_time
    def build(self, input_shape: ShapeLike) -> None:
        """Draw the parameters for an input shape with the batch in front: (None, steps, features).

        Raises
        ------
        ValueError
            If the shape does not fit the layers, or the model has none.
        """
        if not self.layers:
            raise mismatch(
                "A model needs a layer before it can be built.", "model.add(layer)", "none"
            )
        if self.network is None:
            building.build(self, input_shape)
        elif whole_shape(input_shape, self.layers[0].reads_numbers) != self.batch_input_shape:
            raise mismatch("The model is built already.", self.batch_input_shape, input_shape)

    def need_own_moments(self, optimizer):
        """Refuse one that holds the moments of another model."""
        held = None if optimizer is None else optimizer.moments
        if held is not None and held is not self.moments:
            raise mismatch(
                "This optimiser serves another model already.",
                "a new optimiser",
                f"one with the moments of {held.shape[1]:,} parameters",
            )

    def all_or_nothing(self):
        """Where what is done with it is refused, a model that was not built is not."""
        return building.AllOrNothing(self)

    def need_built(self, what, kind=ValueError):
        """Refuse what needs parameters before there are any."""
        if not self.built:
            raise mismatch(
                f"{what} needs a built model.",
                "an input_shape in the first layer, model.build(shape), or data in fit or predict",
                "a model whose input shape is not known",
                kind,
            )

    def need_compiled(self):
        """Refuse what needs a loss before there is one."""
        if self.loss is None:
            raise mismatch(
                "The model has no loss yet.",
                "model.compile(optimizer=..., loss=...) first",
                "a model that was not compiled",
            )

    def samples(self, x, *targets, own=False):
        """Data through the gate, as a list of arrays of the model's dtype; builds a deferred model.

        [x], or with targets (y, sample_weight and class_weight where they are given):
        [x, y, weight of each target or None]. own: never the arrays that were given.
        """
        if not self.built:
            first = gate.real_array(x, self.dtype or float_dtype(None), "x")
            self.build((None, *first.shape[1:]))
        x = gate.input_samples(x, self, own)
        if not targets:
            return [x]
        y = gate.target_samples(targets[0], x, self, own)
        classes = self.loss.classes(self.network.shape_of_output(x)[-1])
        return [x, y, gate.target_weights(y, classes, *targets[1:])]

    @property
    @one_at_a_time
    def input_shape(self) -> Shape:
        """Shape of a batch of samples, as in Keras: (None or the pinned batch size, ...)."""
        self.need_built("input_shape", AttributeError)
        return self.batch_input_shape

    @property
    @one_at_a_time
    def output_shape(self) -> Shape:
        """Shape of a batch of outputs, as in Keras."""
        self.need_built("output_shape", AttributeError)
        last = self.layers[-1]
        return self.batch_input_shape[0], *last.output_shape(last.sample_shape)

    def views(self, layer, vector):
        """The layer's tensors by name, in a vector laid out as the parameters: views."""
        return self.network.views(layer, vector)

    @one_at_a_time
    def memory(self, batch_size: int | None = None, steps: int | None = None) -> Memory:
        """What a training step needs in memory, in bytes, counted before it is reserved.

        Parameters
        ----------
        batch_size : int, optional
            By default 32, or that of the carried state.
        steps : int, optional
            T of a sample, where the model does not name it.

        Returns
        -------
        Memory
            ``parameters``, ``gradients``, ``moments``, ``workspace`` and ``total``, bytes; printed,
            a table. The data themselves are not in it. Before `compile`, of a prediction.

        Raises
        ------
        ValueError
            If the model is not built, or a sample may have any number of steps and none is given.
        """
        return memory_of(self, batch_size, steps)

    # Parameters.

    theta: Array = vector("theta", "All parameters, one vector; None before the build.")
    grad: Array = vector("grad", "Their gradients, in the same places; None before the build.")

    state: State = of_network("state", "The state container; None before the build.")

    @property
    @one_at_a_time
    def weights(self) -> list[Array]:
        """All parameters as views, in Keras' order."""
        self.need_built("Reading the weights", AttributeError)
        return [array for layer in self.layers for array in self.views(layer, self.theta).values()]

    @property
    def trainable(self) -> bool:
        """Whether any layer is trained; setting it sets it for all layers."""
        return any(layer.trainable for layer in self.layers)

    @trainable.setter
    @one_at_a_time
    def trainable(self, value: bool) -> None:
        value = choice(value, "trainable")
        at_once(*(sets(layer, trainable=value) for layer in self.layers))

    @property
    @one_at_a_time
    def trainable_weights(self) -> list[Array]:
        """The parameters that training changes, as views."""
        self.need_built("Reading the weights", AttributeError)
        return self.network.parameters.weights(self.theta, train=True)

    @property
    @one_at_a_time
    def non_trainable_weights(self) -> list[Array]:
        """The parameters that training leaves as they are, as views."""
        self.need_built("Reading the weights", AttributeError)
        return self.network.parameters.weights(self.theta, train=False)

    @one_at_a_time
    def get_weights(self) -> list[Array]:
        """Copies of all parameters, in Keras' order."""
        self.need_built("get_weights")
        return [array.copy() for array in self.weights]

    @one_at_a_time
    def set_weights(self, weights: Sequence[ArrayLike]) -> None:
        """Copy arrays into the parameters: all of them, or none where one does not fit."""
        self.need_built("set_weights")
        shapes = [array.shape for array in self.weights]
        arrays = gate.fitting_arrays(weights, shapes, self.dtype, f"Model {self.name!r}")
        flat = [array.reshape(-1) for array in arrays]
        self.write(writes(self.theta, np.concatenate([*flat, self.theta[:0]])))

    @property
    def changes(self):
        """Counts the changes of the parameters: what was made of former ones has another number.

        Compiled calls count their updates themselves.
        """
        return self._changes + (0 if self.optimizer is None else self.optimizer.iterations)

    def write(self, *changes):
        """Write values into some of the parameters."""
        with self.in_one_piece:
            at_once(*changes, sets(self, _changes=self._changes + 1))

    @one_at_a_time
    def save(self, filepath: PathLike, overwrite: bool = True, format: str | None = None) -> None:
        """Write the whole model into a file, for `tinylstm.load_model`, or for another program.

        It has the layers with all their settings, the parameters, the carried state, and, where
        the model is compiled, the loss, the metrics and the optimiser with its moments: all that
        training further needs. ``docs/files.md`` shows what is in it.

        Parameters
        ----------
        filepath : str or Path
            Whenever the process dies, it is the old file or the new one, complete.
        overwrite : bool, default=True
        format : str, optional
            "safetensors", which keeps all of it; or another one, whose files other programs read
            and which keeps what they know: see `tinylstm.formats`. By default that of the path's
            suffix, safetensors where it is none of theirs.

        Raises
        ------
        FileExistsError
            If there is such a file and `overwrite` is False.
        FileNotFoundError
            If the folder does not exist.
        ImportError
            If the format needs a package that is not installed: that says which.
        ValueError
            If the format has no word for a part of the model: that says which.
        """
        doors.save(self, filepath, overwrite, format)

    @one_at_a_time
    def back_up(self, path, training):
        """Write the model and what a training has come to; see `BackupAndRestore`."""
        backup.back_up(self, path, training)

    @one_at_a_time
    def read_backup(self, path, check):
        """The training of a backup, with the changes of its model."""
        return backup.read(self, path, check)

    def need_writer(self, path, what):
        """Refuse a path to which it cannot be saved later; what: "save" or "save_weights"."""
        doors.need_writer(path, what)

    @one_at_a_time
    def get_config(self) -> dict[str, Any]:
        """The layers with all their settings, as JSON knows them: what `from_config` takes."""
        return description.config_of(self)

    @classmethod
    def from_config(
        cls, config: Mapping[str, Any], custom_objects: Mapping[str, Any] | None = None
    ) -> Self:
        """A new model of the layers that `get_config` gave; its weights are drawn anew.

        Parameters
        ----------
        config : dict
        custom_objects : dict, optional
            As in `tinylstm.load_model`.
        """
        with knowing(custom_objects):
            return description.model_of(cls, config)

    def to_json(self, **options: Any) -> str:
        """`get_config` as a text, for `tinylstm.model_from_json`.

        Parameters
        ----------
        **options
            Of `json.dumps`, as ``indent=2``.
        """
        return json.dumps(plain(self), **options)

    def __reduce_ex__(self, protocol):
        """For `pickle` and `copy`: all that a file from `save` has."""
        return position.remade, (type(self), *self._description())

    @one_at_a_time
    def _description(self, dtype=None):
        """What `position.remade` takes, with layers of a dtype, or as they are."""
        arrays, numbers = position.position_of(self)
        arrays = {name: array.copy() for name, array in arrays.items()}
        layers = [layer.copy(dtype) for layer in self.layers]
        made_of = self.name, dtype or self.dtype, self.batch_input_shape, layers
        with_what = None
        if self.loss is not None:
            with_what = self.optimizer.copy(), self.loss, self.chosen_metrics
        return made_of, with_what, arrays, numbers

    @one_at_a_time
    def save_weights(
        self, filepath: PathLike, overwrite: bool = True, format: str | None = None
    ) -> None:
        """Write all parameters into a file: in safetensors "lstm/kernel", "lstm/bias" ...

        Parameters
        ----------
        filepath : str or Path
            Whenever the process dies, it is the old file or the new one, complete.
        overwrite : bool, default=True
        format : str, optional
            As in `save`.

        Raises
        ------
        FileExistsError
            If there is such a file and `overwrite` is False.
        FileNotFoundError
            If the folder does not exist.
        ImportError
            If the format needs a package that is not installed: that says which.
        """
        doors.save_weights(self, filepath, overwrite, format)

    @one_at_a_time
    def load_weights(
        self,
        filepath: PathLike,
        by_name: bool = False,
        skip_mismatch: bool = False,
        format: str | None = None,
    ) -> None:
        """Read parameters from a file of any format: all of them, or none; in the model's dtype.

        Parameters
        ----------
        filepath : str or Path
        by_name : bool, default=False
            Only layers of names that are in the file too get weights; the others keep theirs. By
            default all get theirs: in a file of `save_weights` by their names, or in their order
            where the file's have other names; in those of other programs in their order.
        skip_mismatch : bool, default=False
            Weights of another shape than in the file are left as they are; a warning names them.
            Where nothing fits, that is refused all the same.
        format : str, optional
            As in `save`. By default it is seen from how the file begins, and from its suffix.

        Raises
        ------
        FileNotFoundError
            If there is no such file.
        ImportError
            If the format needs a package that is not installed: that says which.
        ValueError
            If it is cut off or in no known format, or its tensors or shapes are not the model's.
        """
        doors.load_weights(self, filepath, by_name, skip_mismatch, format)

    @one_at_a_time
    def copy(self, dtype: DTypeLike | None = None) -> Sequential:
        """A model of its own with the same layers, parameters, state, loss and optimiser settings.

        Parameters
        ----------
        dtype : str, optional
            "float32" or "float64"; by default the same.
        """
        self.need_built("copy")
        dtype = self.dtype if dtype is None else float_dtype(dtype)
        return position.remade(Sequential, *self._description(dtype))

    @one_at_a_time
    def count_params(self) -> int:
        """Number of parameters."""
        self.need_built("count_params")
        return len(self.theta)

    @one_at_a_time
    def summary(
        self, line_length: int | None = None, print_fn: Callable[[str], object] | None = None
    ) -> None:
        """Print the layers with output shapes, parameters and state modes, and what they amount to.

        Parameters
        ----------
        line_length : int, optional
            Characters of a line; by default what the contents need, at most 100. Long names go on
            in the next line.
        print_fn : callable, default=print
            Called with each line.
        """
        print_fn = show if print_fn is None else print_fn
        need_arguments(print_fn, ("line",), "print_fn")
        for line in summary.lines_of(self, line_length):
            print_fn(line)

    # State.

    @one_at_a_time
    def reset_states(self, rows: ArrayLike | None = None) -> None:
        """Set the carried state to zeros: all of it, or the rows of the batch that are named."""
        if self.built:
            self.state.reset(rows)

    @one_at_a_time
    def get_states(self) -> States:
        """Copies of the carried state: {layer name: [h, c]}, each (batch rows, units)."""
        self.need_built("get_states")
        return self.state.get()

    @one_at_a_time
    def set_states(self, states: StatesLike) -> None:
        """Copy a state in, as `get_states` gives it or as a list h, c, h, c ... of the layers.

        Layers that are not named start from zeros.
        """
        self.need_built("set_states")
        self.state.set(states)

    @one_at_a_time
    def scratch_state(self, zero: bool = False) -> Scratch:
        """Work on a copy of the carried state, or from zeros; it is as before afterwards.

        What other threads do meanwhile, they do with the state itself.
        """
        self.need_built("scratch_state")
        return self.state.scratch(choice(zero, "zero"))

    def stepper(self, rows: int = 1) -> Stepper:
        """A `Stepper`: one step a call, from a state of its own, for data that comes as it goes."""
        self.need_built("stepper")
        return Stepper(self, whole_number(rows, "rows"))

    @one_at_a_time
    def generate(
        self,
        x: ArrayLike,
        steps: int,
        feedback: Literal["value", "argmax", "sample"] = "value",
        temperature: float = 1.0,
        scale: float | None = None,
        window: int | None = None,
        seed: int | None = None,
    ) -> NDArray[Any]:
        """Go on, for so many steps, on the model's own answers; its state stays as it is.

        Parameters
        ----------
        x : array (steps, features) or (rows, steps, features)
            What it reads first, from a zero state; (steps,) or (rows, steps) for an `Embedding`.
        steps : int
        feedback : {"value", "argmax", "sample"}
            What it reads next: its output, its likeliest class, or a class drawn with the
            probabilities p_k^(1 / temperature) over their sum.
        temperature : float, default=1
        scale : float, optional
            A class is fed back as its number times this, to one feature. By default as a row with
            a one at its place, or as it is to an `Embedding`.
        window : int, optional
            Read each step from so many last ones, from a zero state; by default the state goes on
            from step to step.
        seed : int, optional
            Of what is drawn; by default from `tinylstm.set_random_seed`.

        Returns
        -------
        array (steps, outputs), or (steps,) classes; with an axis of rows in front where x has one

        Raises
        ------
        ValueError
            If what the model puts out does not fit what it reads, or an argument is out of range.
        """
        self.need_built("generate")
        return generation.generate(self, x, steps, feedback, temperature, scale, window, seed)

    # Training.

    @between_calls
    def compile(
        self,
        optimizer: str | Optimizer = "rmsprop",
        loss: LossLike | None = None,
        metrics: Sequence[MetricLike] | MetricLike | None = None,
    ) -> None:
        """Choose the optimiser, the loss and the metrics.

        Parameters
        ----------
        optimizer : str or Optimizer, default="rmsprop"
            Starts anew: its moments and its count of updates become zero.
        loss : str, Loss, function or kernel
            mse, mae, mape, huber, hinge, kl_divergence, binary_crossentropy,
            categorical_crossentropy or sparse_categorical_crossentropy (classes by number), as a
            name or from `tinylstm.losses`; or a kernel of one's own.
        metrics : list of str, Metric, function or kernel, optional
            accuracy (or acc), binary_accuracy, categorical_accuracy, sparse_categorical_accuracy,
            top_k_categorical_accuracy, sparse_top_k_categorical_accuracy, auc, mse, mae, as names
            or from `tinylstm.metrics`; a function of arrays (y_true, y_pred), a number for each
            target or for a batch; or a kernel of one's own.

        Raises
        ------
        ValueError
            If a name is unknown; names the nearest known one.
        TypeError
            If a function or a kernel takes other arguments.
        """
        chosen = optimizers.get(optimizer), losses.get(loss)
        found = metrics_of(metrics)
        for metric in found:
            metric.for_outputs(2, chosen[1].sparse)
        self.need_own_moments(chosen[0])
        names = ["loss", *distinct_names(found)]
        count, changes = self.changes - chosen[0].iterations, []  # whose sum stays
        if self.optimizer is not None and self.optimizer is not chosen[0]:
            changes.append(sets(self.optimizer, moments=None))  # it is free for any model
        if self.network is not None:
            changes += building.bound(self, *chosen, found, len(self.theta), self.dtype)
            changes.append(self.network.forgetting())
            count = self.changes  # its updates are counted from zero
        settings: dict[str, Any] = dict(zip(("_optimizer", "_loss"), chosen, strict=True))
        settings |= {"_metrics_names": names, "_changes": count, "outputs_doubted": False}
        at_once(*changes, sets(self, chosen_metrics=found, **settings))

    @one_at_a_time
    def fit(
        self,
        x: Data,
        y: ArrayLike | None = None,
        batch_size: int | None = None,
        epochs: int = 1,
        verbose: Verbose = 1,
        callbacks: Sequence[Callback] | Callback | None = None,
        validation_split: float = 0.0,
        validation_data: Data | None = None,
        shuffle: bool | None = None,
        class_weight: Mapping[int, float] | None = None,
        sample_weight: ArrayLike | None = None,
        initial_epoch: int = 0,
        steps_per_epoch: int | None = None,
        validation_steps: int | None = None,
        validation_freq: int | Sequence[int] = 1,
        reset_states: Literal["epoch"] | None = None,
    ) -> History:
        """Train.

        Parameters
        ----------
        x : array (samples, steps, features) or (samples, features)
            Or (samples, steps) whole numbers, for an `Embedding`. A `numpy.memmap` is read a stage
            of batches at a time. Or a generator of batches (x, y) or (x, y, sample_weight), or a
            sequence of them with ``__len__``, ``__getitem__`` and ``on_epoch_end``. Batches are
            copied as they come, some 30 ms ahead of their updates; a sequence has as many as at the
            beginning, and hears of an epoch's end after the callbacks. Arrays of the model's dtype
            are read where they are: do not change them meanwhile.
        y : array (samples, outputs) or (samples, steps, outputs)
            For sparse_categorical_crossentropy (samples,) or (samples, steps). Not with a
            generator.
        batch_size : int, optional
            Samples an update; by default 32, or that of the carried state.
        epochs : int, default=1
            Number of the last epoch.
        verbose : {0, 1, 2, 3, "auto"}, default=1
            Nothing; a progress bar, or, in a file or a log, a line each ten seconds and a last one;
            a line an epoch; a bar and a line an epoch above it. "auto" is 1.
        callbacks : list of Callback, optional
        validation_split : float, default=0
            Share of the samples, from the end, that is evaluated after each epoch instead.
        validation_data : (x, y) or (x, y, sample_weight), optional
            The same, from elsewhere, or a generator. Either way it starts from zeros on a scratch
            state.
        shuffle : bool, optional
            By default True, or False where a state is carried.
        class_weight : dict, optional
            {class: weight in the loss}; 1 for the others.
        sample_weight : array (samples,) or (samples, steps), optional
            Weight of each sample, or of each of its steps, in the loss: a mean over all targets of
            weight times loss. With both, their product.
        initial_epoch : int, default=0
        steps_per_epoch, validation_steps : int, optional
            Batches of a generator that make an epoch; by default all that come.
        validation_freq : int or list of int, default=1
            Validate after every so many epochs, or after those listed, counted from 1.
        reset_states : {None, "epoch"}
            Reset the carried state after each epoch.

        Returns
        -------
        History
            ``history["loss"]`` (nats a target for the cross-entropies) and metrics of each epoch.

        Raises
        ------
        ValueError, TypeError
            If the data, a size or a name does not fit; nothing has changed then. What is read in
            stages is checked stage by stage: the batches before a wrong one are trained, and their
            updates stay; then it is named by its number, from 0. Updates stay too where a
            generator, a callback or Ctrl-C ends the training.
        """
        with self.all_or_nothing():
            return training.fit(
                self,
                x,
                y,
                batch_size=batch_size,
                epochs=epochs,
                verbose=verbose,
                callbacks=callbacks,
                validation_split=validation_split,
                validation_data=validation_data,
                shuffle=shuffle,
                class_weight=class_weight,
                sample_weight=sample_weight,
                initial_epoch=initial_epoch,
                steps_per_epoch=steps_per_epoch,
                validation_steps=validation_steps,
                validation_freq=validation_freq,
                reset_states=reset_states,
            )

    @one_at_a_time
    def evaluate(
        self,
        x: Data,
        y: ArrayLike | None = None,
        batch_size: int | None = None,
        verbose: Verbose = 0,
        sample_weight: ArrayLike | None = None,
        steps: int | None = None,
        callbacks: Sequence[Callback] | Callback | None = None,
        return_dict: bool = False,
    ) -> Any:
        """Loss and metrics over samples; a carried state goes on.

        Parameters
        ----------
        x, y, batch_size, sample_weight
            As in `fit`.
        verbose : {0, 1, 2, 3, "auto"}, default=0
            Nothing, a progress bar, or a line; "auto" is 1, and so is 3.
        steps : int, optional
            Batches of a generator; by default all.
        callbacks : list of Callback, optional
            Their ``on_test_...`` are called.
        return_dict : bool, default=False

        Returns
        -------
        float, or list of float
            The loss, or [loss, metrics ...]; {"loss": ..., the name of a metric: ...} by
            `return_dict`.

        Raises
        ------
        ValueError, TypeError
            If the data, a size or a name does not fit. Whatever ends it before the last batch, a
            wrong batch, a generator, a callback or Ctrl-C: there is no result, and the carried
            state is as before.
        """
        options = {"steps": steps, "callbacks": callbacks, "return_dict": return_dict}
        return training.evaluate(self, x, y, batch_size, verbose, sample_weight, **options)

    @one_at_a_time
    def predict(
        self,
        x: Data,
        batch_size: int | None = None,
        verbose: Verbose = 0,
        steps: int | None = None,
        callbacks: Sequence[Callback] | Callback | None = None,
    ) -> Array:
        """Outputs for samples; a carried state goes on.

        Parameters
        ----------
        x, batch_size
            As in `fit`.
        verbose : {0, 1, 2, 3, "auto"}, default=0
            Nothing, a progress bar, or a line; "auto" is 1, and so is 3.
        steps : int, optional
            Batches of a generator; by default all.
        callbacks : list of Callback, optional
            Their ``on_predict_...`` are called.

        Returns
        -------
        array (samples, ...)
            A new one.

        Raises
        ------
        ValueError, TypeError
            As in `evaluate`: there is no result then, and the carried state is as before.
        """
        return training.predict(self, x, batch_size, verbose, steps=steps, callbacks=callbacks)

    @one_at_a_time
    def train_on_batch(
        self,
        x: ArrayLike,
        y: ArrayLike,
        sample_weight: ArrayLike | None = None,
        class_weight: Mapping[int, float] | None = None,
        return_dict: bool = False,
    ) -> Any:
        """One update on one batch; returns what `evaluate` does, from before the update."""
        return training.train_on_batch(self, x, y, sample_weight, class_weight, return_dict)

    @one_at_a_time
    def test_on_batch(
        self,
        x: ArrayLike,
        y: ArrayLike,
        sample_weight: ArrayLike | None = None,
        return_dict: bool = False,
    ) -> Any:
        """What `evaluate` returns, of one batch."""
        options = {"sample_weight": sample_weight, "return_dict": return_dict}
        return training.evaluate(self, x, y, one_batch=True, **options)

    @one_at_a_time
    def predict_on_batch(self, x: ArrayLike) -> Array:
        """Outputs for one batch."""
        return training.predict(self, x, one_batch=True)

    # Study.

    @one_at_a_time
    def forward(
        self,
        x: ArrayLike,
        states: StatesLike | None = None,
        mask: ArrayLike | None = None,
        training: bool = False,
        return_states: bool = False,
    ) -> Any:
        """Outputs for one batch, keeping what `backward` needs; reads the state, leaves it.

        Parameters
        ----------
        x : array (samples, steps, features)
        states : dict or list of arrays, optional
            Where to start from, as `get_states` gives it; then also for stateless layers.
        mask : bool array (samples, steps), optional
            False: the step is masked.
        training : bool, default=False
            Dropout on, with the masks of the next update.
        return_states : bool, default=False
            Return (y, final states) instead of y.
        """
        return_states = choice(return_states, "return_states")
        made = study.forward(self, x, states, mask, training)
        return (made.y(), made.final_states()) if return_states else made.y()

    @one_at_a_time
    def backward(self, dy: ArrayLike, dstates: StatesLike | None = None) -> Gradients:
        """Gradients of sum(dy * y) (+ sum(dstates * final states)) after `forward` or `trace`.

        Returns
        -------
        Gradients
            ``grads["lstm"]["kernel"]``, ``grads.x``, ``grads.states``.
        """
        return study.backward(self, dy, dstates)

    @one_at_a_time
    def trace(
        self,
        x: ArrayLike,
        states: StatesLike | None = None,
        mask: ArrayLike | None = None,
        training: bool = False,
    ) -> Trace:
        """Every gate of every step: a `Trace`, ``trace["lstm"].i`` of (samples, steps, units)."""
        return study.Trace(study.forward(self, x, states, mask, training, traced=True))


know(Sequential)
