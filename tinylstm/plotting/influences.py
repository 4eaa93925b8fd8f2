"""How much each input moves each output."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..inside.influence import influence as influence_of
from ..surface.arguments import whole_number
from .figure import BLUE, new_figure
from .maps import MASKED, SMALL, draw_map, name_steps
from .traced import Labels, names_given, step_names

if TYPE_CHECKING:
    from matplotlib.figure import Figure
    from numpy.typing import ArrayLike

    from ..model import Sequential

SHOWN = {"color": "#D55E00", "linewidth": 1.2, "linestyle": ":"}  # line through the row below


def influence(
    model: Sequential,
    x: ArrayLike,
    labels: Labels | None = None,
    output: int | None = None,
) -> Figure:
    """How much each input moves each output: the norm of d y_t / d x_s, and one row of it.

    Several samples stand one behind the other, with a line between them. Where an input does not
    move an output at all, the map is grey: one that comes later, say, a masked one, or one of
    another sequence.

    Parameters
    ----------
    model : Sequential
    x : array (samples, steps, features)
        Or (samples, steps) whole numbers for an `Embedding`.
    labels : str, list or array, optional
        A letter, a word or a time for each step of a sample, or of all samples; by default numbers
        from 0.
    output : int, optional
        The output whose row is drawn below the map, counted over all samples; by default the last.

    Returns
    -------
    matplotlib.figure.Figure
        The map, outputs by inputs, from 0 to its largest value; no map where there is one output.

    Raises
    ------
    ValueError
        If x does not fit the model, there is no such output, or a label too many or too few.
    ImportError
        If Matplotlib is not installed.

    See Also
    --------
    tinylstm.inside.influence : the numbers, and their equation.
    """
    found = influence_of(model, x)
    samples, outputs, _, steps = found.shape
    matrix = found.reshape(samples * outputs, samples * steps)
    names = names_of(labels, samples, steps)
    last = len(matrix) - 1
    output = last if output is None else whole_number(output, "output", 0, most=last)
    one = len(matrix) == 1
    figure = new_figure(7.5, 2.6 if one else 6.4)
    panels = figure.subplots(1 if one else 2, squeeze=False, height_ratios=None if one else (5, 2))
    row = panels[-1, 0]
    said = [names[(n + 1) * steps - outputs + t] for n in range(samples) for t in range(outputs)]
    if not one:
        draw_matrix(panels[0, 0], matrix, samples, names, said)
        name_marks(panels[0, 0], panels[0, 0].axhline(output, **SHOWN), (matrix == 0).any())
    draw_row(row, matrix[output], samples, names, "the output" if one else f"output {said[output]}")
    figure.suptitle(f"Influence of each input on {'the output' if one else 'each output'}")
    return figure


def names_of(labels, samples, steps):
    """A name for each step of each sample; those of one sample serve for all."""
    if labels is None:
        return step_names(None, steps) * samples if steps > 1 else step_names(None, samples)
    names = names_given(labels)
    return names * samples if len(names) == steps else step_names(names, samples * steps)


def draw_matrix(panel, matrix, samples, names, said):
    """The map of all outputs by all inputs."""
    image = draw_map(panel, matrix, (0, matrix.max() or 1.0), matrix == 0)
    panel.figure.colorbar(image, ax=panel, pad=0.02, fraction=0.05, label="norm of dy / dx")
    name_steps(panel.xaxis, names, inches=5.4)
    name_steps(panel.yaxis, said, inches=3.6, across=True)
    panel.set(xlabel="input", ylabel="output")
    draw_ends(panel, samples, *matrix.shape)


def name_marks(panel, line, grey):
    """What the dotted line means, and grey where there is any."""
    from matplotlib.patches import Patch

    marks = {"the row below": line}
    if grey:
        marks["no influence at all"] = Patch(color=MASKED)
    place = {"loc": "lower center", "bbox_to_anchor": (0.5, 1), "frameon": False}
    panel.legend(marks.values(), marks.keys(), ncols=2, fontsize=SMALL, **place)


def draw_row(panel, row, samples, names, what):
    """One row of the map."""
    panel.bar(range(len(row)), row, color=BLUE)
    panel.set(xlim=(-0.5, len(row) - 0.5), xlabel="input", ylabel="norm of dy / dx")
    panel.set_title(f"{what}: how much each input moves it", fontsize="medium")
    panel.tick_params(axis="y", labelsize=SMALL)
    name_steps(panel.xaxis, names, inches=5.4)
    draw_ends(panel, samples, 0, len(row))


def draw_ends(panel, samples, outputs, inputs):
    """Lines between the samples."""
    for n in range(1, samples if inputs > samples else 0):
        style = {"color": "0.6", "linewidth": 0.6}
        panel.axvline(n * inputs / samples - 0.5, **style)
        if outputs:
            panel.axhline(n * outputs / samples - 0.5, **style)
