"""Models from files, from texts, and from other models."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from .formats import doors
from .model import Sequential
from .saving import model_file
from .saving.description import assembled
from .surface.arguments import need_model
from .surface.errors import mismatch
from .surface.plain import knowing
from .surface.types import PathLike

__all__ = ["Sequential", "clone_model", "load_model", "model_from_json", "save_model"]


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
