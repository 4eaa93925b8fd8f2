"""What is public, by name: what modules hand out, and what public calls give."""

import importlib
import inspect

import tinylstm
from tinylstm.engine.memory import Memory
from tinylstm.engine.stepper import Stepper
from tinylstm.engine.study import Gradients, LayerTrace, Trace
from tinylstm.layers import state
from tinylstm.layers.weights import Weights
from tinylstm.plotting.recording import Batch
from tinylstm.report.shown import Report
from tinylstm.testing.batteries.report import CheckReport
from tinylstm.testing.differences import Difference, GradientReport

NAMES = (
    "callbacks constraints initializers inside layers losses metrics models optimizers plotting "
    "regularizers settings testing testing.fixtures testing.strategies"
)
MODULES = [tinylstm, *(importlib.import_module(f"tinylstm.{name}") for name in NAMES.split())]
GIVEN = (  # what public calls give, and nobody makes
    *(Batch, CheckReport, Difference, GradientReport, Gradients, LayerTrace, Memory, Report),
    *(state.Scratch, state.State, Stepper, Trace, Weights),
)
BY_NUMBA = {"view"}


def named():
    """{name: function or class} of all that is public."""
    found = {f"{one.__module__}.{one.__qualname__}": one for one in GIVEN}
    for module in MODULES:
        own = [
            name
            for name, thing in vars(module).items()
            if not name.startswith("_")
            and getattr(thing, "__module__", "").startswith(module.__name__)
        ]
        for name in getattr(module, "__all__", own):
            thing = getattr(module, name)
            if (inspect.isclass(thing) or inspect.isfunction(thing)) and name not in BY_NUMBA:
                found[f"{thing.__module__}.{thing.__qualname__}"] = thing
    return found


PUBLIC = named()


def functions_of(kind):
    """{name: function} of a public class: its constructor, its methods and its properties."""
    hidden = {*tinylstm.model.INSIDE, "__call__"} if kind is tinylstm.Sequential else ()
    found = {}
    for base in kind.__mro__:
        for name, thing in vars(base).items() if base.__module__.startswith("tinylstm") else ():
            thing = thing.fget if isinstance(thing, property) else thing
            shown = name in ("__init__", "__call__") or not name.startswith("_")
            # The hint of a property that a lambda makes stands beside its name.
            written = inspect.isfunction(thing) and thing.__name__ != "<lambda>"
            if shown and written and name not in hidden:
                found.setdefault(name, thing)
    return found


FUNCTIONS = {}
for name, thing in PUBLIC.items():
    own = functions_of(thing) if inspect.isclass(thing) else {"": thing}
    FUNCTIONS |= {f"{name}.{method}".strip("."): one for method, one in own.items()}
