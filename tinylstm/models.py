"""Models from files, from texts, and from other models."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, Literal

from .formats import doors
from .formats.torch import reading, writing
from .layers.activation import ActivationLike
from .model import Sequential
from .saving import model_file
from .saving.description import assembled
from .surface.arguments import need_model
from .surface.errors import mismatch
from .surface.plain import knowing
from .surface.types import PathLike

__all__ = [
    "Sequential",
    "clone_model",
    "from_torch",
    "load_model",
    "model_from_json",
    "save_model",
    "to_torch",
]


def load_model(
    filepath: PathLike,
    custom_objects: Mapping[str, Any] | None = None,
    compile: bool = True,
    format: str | None = None,
) -> Sequential:
    """A model from a file of `Sequential.save`, or of another program.

    From a safetensors file the next `fit` goes on, with ``initial_epoch=`` the epochs that it has
    had, bit for bit as if the model had never been saved.

    Parameters
    ----------
    filepath : str or Path
    custom_objects : dict, optional
        {name: what it stands for} of classes, functions and cells of your own that it is made of.
    compile : bool, default=True
        With its optimiser, loss and metrics.
    format : str, optional
        As in `Sequential.save`. By default it is seen from how the file begins, and from its
        suffix.

    Returns
    -------
    Sequential

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    ImportError
        If the format needs a package that is not installed: that says which.
    ValueError
        If it is damaged, has no model, or a name in it is not known: that says which.
    """
    return doors.load(Sequential, filepath, custom_objects, compile, format)


def save_model(
    model: Sequential, filepath: PathLike, overwrite: bool = True, format: str | None = None
) -> None:
    """See `Sequential.save`."""
    model.save(filepath, overwrite, format)


def model_from_json(
    json_string: str, custom_objects: Mapping[str, Any] | None = None
) -> Sequential:
    """A new model from what `Sequential.to_json` gave: its weights are drawn anew.

    Parameters
    ----------
    json_string : str
    custom_objects : dict, optional
        As in `load_model`.

    Returns
    -------
    Sequential

    Raises
    ------
    ValueError
        If it is no JSON, describes no model, or has a name that is not known.
    """
    try:
        said = json.loads(json_string)
    except (TypeError, ValueError, RecursionError) as reason:
        received = f"{type(reason).__name__}: {reason}"
        raise mismatch("This is no description of a model.", "model.to_json()", received) from None
    with knowing(custom_objects), model_file.sense_in("the text", "model.to_json()"):
        return model_file.made_from(Sequential, said)


def clone_model(model: Sequential) -> Sequential:
    """A new model of the same layers, not compiled, whose weights are drawn anew.

    Parameters
    ----------
    model : Sequential

    Returns
    -------
    Sequential
    """
    need_model(model)
    shape = model.batch_input_shape
    layers = [layer.copy() for layer in model.layers]
    return assembled(type(model), model.name, model.dtype, shape, layers)


def from_torch(
    source: PathLike | Mapping[str, Any] | Any,
    *,
    return_sequences: bool | None = None,
    nonlinearity: Literal["tanh", "relu"] = "tanh",
    activations: Mapping[str, ActivationLike] | None = None,
    modules: Mapping[str, str] | None = None,
    order: Sequence[str] | None = None,
    model: Sequential | None = None,
) -> Sequential:
    """A model of the weights of PyTorch: of nn.LSTM, nn.GRU, nn.RNN, nn.Linear, nn.Embedding and
    nn.LayerNorm, one behind the other.

    A ``state_dict`` has the names of tensors and their numbers. What ``forward`` makes of them is
    not in it: that is said here, or by a model that takes them.

    Parameters
    ----------
    source : dict, nn.Module, str or Path
        A ``state_dict`` of tensors or of arrays, a module that has one, or a file:
        ``.safetensors``, ``.npz``, or ``.pt`` and ``.pth``, which PyTorch itself reads, where it is
        installed, with ``weights_only=True``.
    return_sequences : bool, optional
        Of the last recurrent layer. False, as where nothing is said, is its last step,
        ``out[:, -1]``; True every step, ``out``. Where it is bidirectional it must be said: False
        is ``torch.cat([h_n[-2], h_n[-1]], -1)`` then.
    nonlinearity : {"tanh", "relu"}, default="tanh"
        Of nn.RNN.
    activations : dict, optional
        {path of a module: what its output goes through}, such as ``{"fc1": "relu"}``; of a module
        without weights, as nn.Sequential has them, what it is itself, "linear" for an nn.Dropout.
        An nn.Linear that another one follows must be named, and such a module too.
    modules : dict, optional
        {path: "Embedding", "Linear" or "LayerNorm"}, where the shapes leave it open.
    order : list of str, optional
        Paths of all modules in the order of ``forward``, where they were made in another one.
    model : Sequential, optional
        A built model, that takes the weights, layer by layer, and is returned. It says itself all
        that a state_dict does not.

    Returns
    -------
    Sequential
        Of the dtype of the weights, float32 where they have half of it. Layers have the names of
        their modules; those of one nn.LSTM with several are called lstm_l0, lstm_l1 ...

    Raises
    ------
    ValueError
        If a module is another one, tensors are missing, too many, of other shapes or not finite; or
        it is not clear what the model is: the sentence names the argument that says it.
    ImportError
        If it is a ``.pt`` file, and PyTorch is not installed.
    """
    return reading.read(
        Sequential,
        source,
        model,
        modules,
        order,
        nonlinearity,
        return_sequences=return_sequences,
        activations=activations,
    )


def to_torch(model: Sequential) -> dict[str, Any]:
    """The weights of a model as a ``state_dict`` of PyTorch: what ``load_state_dict`` takes.

    It fits a module whose attributes have the names of the layers. Of an LSTM and a Dense::

        class Net(nn.Module):
            def __init__(self):
                super().__init__()
                self.lstm = nn.LSTM(1, 32, batch_first=True)
                self.dense = nn.Linear(32, 1)

            def forward(self, x):
                h, _ = self.lstm(x)
                return self.dense(h[:, -1])

        net = Net()
        net.load_state_dict(tinylstm.to_torch(model))

    Layers called lstm_l0, lstm_l1, of the same units and one behind the other, are those of one
    nn.LSTM with ``num_layers=2``, which is called lstm. What is made of the weights (the last step
    or all, activations, masks) ``forward`` says: ``docs/pytorch.md`` has a table of it.

    Parameters
    ----------
    model : Sequential

    Returns
    -------
    dict of str to torch.Tensor
        Copies, in the dtype of the model. nn.LSTM and nn.RNN have two biases where a layer has one:
        it is the first, and the second is zeros.

    Raises
    ------
    ValueError
        If the model has a layer with weights that nn has not: an activation inside, a cell of one's
        own, ``go_backwards``.
    ImportError
        If PyTorch is not installed. ``model.save_weights("net.safetensors", format="torch")`` needs
        it where the file is read, and not here.
    """
    need_model(model)
    return writing.state_dict_of(model)
