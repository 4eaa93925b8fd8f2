"""Figures: curves of a training, predictions, the way of the state, and what goes on inside.

Matplotlib is needed only here, and loaded at the first figure: ``pip install -e ".[plot]"`` in the
checkout installs it.
Every function returns a `matplotlib.figure.Figure` and shows nothing: a notebook with ``%matplotlib
inline`` displays it, and ``figure.savefig("name.png")`` writes a file. To draw into a figure of
your own, or into a window, pass ``ax``.
"""

from .curves import prediction, training_curves
from .gate_maps import gates
from .gradient_maps import gradients
from .influences import influence
from .lifetimes import memory
from .recording import StateRecorder
from .strip import state_strip
from .weight_maps import weights

__all__ = [
    "StateRecorder",
    "gates",
    "gradients",
    "influence",
    "memory",
    "prediction",
    "state_strip",
    "training_curves",
    "weights",
]
