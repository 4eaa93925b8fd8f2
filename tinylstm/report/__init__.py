"""The report: one page, a file of its own, in which a model can be looked at step by step.

`report` writes it. What the page shows is gathered here, a file a subject, and drawn by the modules
of the folder ``page/``, a panel each; ``page/main.js`` says what a panel is.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from numpy.typing import ArrayLike

from ..engine.training import checked_reset
from ..files.replacing import write_whole
from ..surface.arguments import checked_name, choice
from ..surface.types import PathLike
from .shown import Report

if TYPE_CHECKING:
    from ..model import Sequential
    from ..plotting.traced import Labels

__all__ = ["Report", "report"]


def report(
    model: Sequential,
    x: ArrayLike,
    y: ArrayLike | None = None,
    path: PathLike = "report.html",
    labels: Labels | Sequence[Labels] | None = None,
    classes: Labels | None = None,
    batch_size: int | None = None,
    samples: int | Sequence[int] | None = None,
    shuffle: bool | None = None,
    reset_states: str | None = None,
    recorder: Any = None,
    title: str | None = None,
) -> Report:
    """Write a page that shows what a model does with some samples: a file that needs no network.

    Parameters
    ----------
    model : Sequential
        With a recurrent layer. It is not changed.
    x : array (samples, steps, features) or (samples, steps)
        What `Sequential.predict` reads.
    y : array, optional
        Targets, as `Sequential.fit` takes them.
    path : str or Path, default="report.html"
        Where the page is written.
    labels : str, list or array, optional
        A letter, a word or a time for each step; or, one behind the other, those of each sample; by
        default numbers from 0.
    classes : str, list or array, optional
        A letter or a word for each output, where the outputs are probabilities.
    batch_size : int, optional
        As in `Sequential.predict`. A carried state starts from zeros and goes from batch to batch.
    samples : int or list of int, optional
        How many of the first samples are on the page, or which; by default as many as it has room
        for.
    shuffle, reset_states : optional
        As they were given to `Sequential.fit`: the page warns where a carried state can make
        nothing of them.
    recorder : Recorder, optional
        What was recorded in the training, with which the page goes back to earlier epochs.
    title : str, optional
        By default the name of the model.

    Returns
    -------
    Report
        Has the path, and shows itself in a notebook.

    Raises
    ------
    TypeError, ValueError
        If the model has no recurrent layer, or the samples, targets or labels do not fit it.
    OSError
        If the file cannot be written; where its folder does not exist, before anything is computed.
    ImportError
        If Jinja2 is not installed.

    Examples
    --------
    >>> tinylstm.report(model, x, y, labels=["ABC", "BCD"], classes="ABCDEFGHIJKLMNOPQRSTUVWXYZ")
    """
    from .contents import contents  # these take time to import
    from .page import filled, page_file
    from .subject import (
        Subject,
        batch_of,
        class_names,
        looked_at,
        names_of,
        recorded,
        shown_samples,
    )

    file = page_file(path)
    twin, inputs, targets = looked_at(model, x, y)
    rows = batch_of(batch_size, twin, inputs)
    seen = recorded(recorder, twin)
    shown = shown_samples(samples, inputs, targets, twin, rows, seen)
    subject = Subject(
        model=twin,
        x=inputs,
        y=targets,
        shown=shown,
        asked=samples is not None,
        names=names_of(labels, inputs, shown),
        classes=class_names(classes, twin),
        batch_size=rows,
        fit={"shuffle": choice(shuffle, "shuffle"), "reset": checked_reset(reset_states)},
        recorder=seen,
        title=checked_name(title, "A page") or model.name,
    )
    write_whole(file, [filled(contents(subject)).encode()])
    return Report(file)
