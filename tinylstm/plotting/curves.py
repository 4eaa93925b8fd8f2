"""Curves over epochs and over time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..callbacks.history import History
from ..data.gate import as_array
from ..surface.arguments import known, whole_number
from ..surface.errors import mismatch
from .figure import checked_axes, new_figure

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from ..model import Sequential

LOSS_UNITS = {  # of the loss, where it is known
    "binary_crossentropy": "nats a target",
    "categorical_crossentropy": "nats a target",
    "sparse_categorical_crossentropy": "nats a target",
    "mean_squared_error": "squared units of the target",
    "mean_absolute_error": "units of the target",
    "mean_absolute_percentage_error": "percent of the target",
    "kl_divergence": "nats a target",
    "huber": "squared units of the target",
}
METRIC_UNITS = {
    "mse": LOSS_UNITS["mean_squared_error"],
    "mae": LOSS_UNITS["mean_absolute_error"],
    "mean_squared_error": LOSS_UNITS["mean_squared_error"],
    "mean_absolute_error": LOSS_UNITS["mean_absolute_error"],
}
SHARE = "share of the targets"  # of an accuracy
TRAINED, VALIDATED = "C0", "C1"  # colours


def training_curves(
    history: History | Mapping[str, Sequence[float]],
    metric: str | None = None,
    ax: Axes | None = None,
) -> Figure:
    """Loss and metrics of each epoch, and those of the validation beside them.

    Parameters
    ----------
    history : History or dict
        What `fit` returned, or its ``history``: {name: a value an epoch}. A dict does not know what
        the loss counts in.
    metric : str, optional
        The only one to draw; by default the loss and every metric, a panel each.
    ax : matplotlib.axes.Axes, optional
        Where to draw; then one of them, by default the loss.

    Returns
    -------
    matplotlib.figure.Figure
        x: epochs from 1; y: nats a target for the cross-entropies.

    Raises
    ------
    ValueError
        If nothing was recorded under that name, or a dict lacks the validation of some epochs.
    ImportError
        If Matplotlib is not installed.
    """
    values = getattr(history, "history", history)
    if not isinstance(values, dict) or not all(isinstance(name, str) for name in values):
        expected = "what fit returned, or its history: {name: a value an epoch}"
        raise mismatch("There is no history to draw.", expected, repr(history), TypeError)
    names = [name for name in values if not name.startswith("val_")]
    if not names:
        raise mismatch("There is no epoch to draw.", "a history of one epoch or more", values)
    if metric is not None or ax is not None:
        names = [known(names, names[0] if metric is None else metric, "metric")]
    panels = new_panels(len(names)) if ax is None else [checked_axes(ax)]
    epochs = 1 + np.asarray(getattr(history, "epoch", range(len(values[names[0]]))))
    validated = 1 + np.asarray(getattr(history, "validated", range(len(epochs))))
    for panel, name in zip(panels, names, strict=True):
        draw_curve(panel, epochs, validated, values, name)
        panel.set(xlabel="epoch", ylabel=with_unit(name, getattr(history, "model", None)))
    return panels[0].figure


def new_panels(count):
    """Axes side by side in a new figure."""
    return new_figure(1 + 4 * count, 3.2).subplots(1, count, squeeze=False)[0]


def draw_curve(panel, epochs, validated, values, name):
    """One quantity of the training, and of the validation where there was one."""
    marker = "o" if len(epochs) == 1 else None
    both = f"val_{name}" in values
    if both and len(values[f"val_{name}"]) != len(validated):
        received = f"{len(epochs)} epochs, {len(values[f'val_{name}'])} validations"
        raise mismatch("A dict does not say which epochs were validated.", "a History", received)
    panel.plot(epochs, values[name], color=TRAINED, marker=marker, label="training")
    if both:
        style = {"color": VALIDATED, "marker": marker, "linestyle": "--", "label": "validation"}
        panel.plot(validated, values[f"val_{name}"], **style)
        panel.legend()
    panel.xaxis.get_major_locator().set_params(integer=True, min_n_ticks=1)
    panel.grid(alpha=0.3)


def with_unit(name, model):
    """The name of an axis: the quantity, and what it counts in."""
    unit = unit_of(name, model)
    return f"{name} ({unit})" if unit else name


def unit_of(name: str, model: Sequential | None) -> str | None:
    """What the loss of a model counts in, None where it is not known; or a metric."""
    if name == "loss":
        loss = getattr(model, "loss", None)
        return None if loss is None else LOSS_UNITS.get(loss.name)
    return METRIC_UNITS.get(name, SHARE if "acc" in name else "1")


def prediction(
    truth: ArrayLike,
    predicted: ArrayLike,
    start: int | None = None,
    first: int = 0,
    label: str = "value",
    ax: Axes | None = None,
) -> Figure:
    """A predicted series against the true one.

    Parameters
    ----------
    truth : array (steps,)
    predicted : array (length,)
        For the steps first ... first + length - 1.
    start : int, optional
        The step from which on the model was fed its own answers: the closed loop. By default none
        was.
    first : int, default=0
        The step of the first prediction.
    label : str, default="value"
        Name and unit of what is predicted.
    ax : matplotlib.axes.Axes, optional
        Where to draw.

    Returns
    -------
    matplotlib.figure.Figure
        x: time steps from 0.

    Raises
    ------
    ValueError
        If a series has more axes than time, or the closed loop does not start within the
        prediction.
    ImportError
        If Matplotlib is not installed.
    """
    truth, predicted = series(truth, "truth"), series(predicted, "predicted")
    first = whole_number(first, "first", least=0)
    last = first + len(predicted) - 1
    start = None if start is None else whole_number(start, "start", least=0)
    if start is not None and not first <= start <= last:
        raise mismatch(
            "The closed loop starts where nothing is predicted.",
            f"start from {first} to {last}",
            start,
        )
    panel = new_figure(9, 3.4).subplots() if ax is None else checked_axes(ax)
    panel.plot(truth, color="0.6", linewidth=3, label="truth")
    panel.plot(range(first, last + 1), predicted, color=VALIDATED, label="prediction")
    if start is not None:
        panel.axvline(start, color="black", linestyle=":", label=f"closed loop from step {start}")
    panel.set(xlabel="time step", ylabel=label)
    panel.margins(x=0.01)
    panel.legend(loc="lower center", bbox_to_anchor=(0.5, 1), ncols=3, frameon=False)
    panel.grid(alpha=0.3)
    return panel.figure


def series(values: Any, name: str) -> NDArray[Any]:
    """The values as a vector; axes of length 1 do not count."""
    given = as_array(values, name)
    array = np.squeeze(given)
    if array.ndim != 1 or array.dtype.kind not in "fiub":
        raise mismatch(
            f"{name} is a series of numbers.",
            "shape (steps,)",
            f"{given.dtype} of shape {given.shape}",
        )
    return array.astype(np.float64)
