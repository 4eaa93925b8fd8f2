"""Every public call is tried with every value of every argument that its docstring names."""

import ast
import inspect
import re

import numpy as np
import pytest

import tinylstm
from tests.surface.use import given, required
from tests.surface.uses import USES
from tinylstm.surface.callables import arguments_of


def usual(use, argument, k):
    """Whether a call with that value is the one without it."""
    if argument in required(use.documented):
        return k == 0
    parameter = inspect.signature(use.documented).parameters.get(argument)
    if parameter is None or argument in use.beside:
        return False
    value, default = use.values[argument][k], parameter.default
    return type(value) is type(default) and value == default


CASES = dict.fromkeys(
    (name, "", 0) if usual(use, argument, k) else (name, argument, k)
    for name, use in USES.items()
    for argument, values in (use.values or {"": [None]}).items()
    for k in range(len(values))
)


def arrays_in(result):
    """All numbers of what a call gave."""
    if isinstance(result, dict):
        result = result.values()
    if isinstance(result, dict | list | tuple) or type(result).__name__ == "dict_values":
        return [array for part in result for array in arrays_in(part)]
    return [np.asarray(result)] if isinstance(result, np.ndarray | float) else []


@pytest.mark.filterwarnings("ignore:shuffle=True with a carried state")
@pytest.mark.parametrize(("name", "argument", "k"), CASES)
def test_each_value_is_taken(name, argument, k):
    use = USES[name]
    others = {one: use.values[one][0] for one in required(use.documented) if one in use.values}
    tried = {argument: use.values[argument][k]} if argument else {}
    arguments = {one: given(value) for one, value in (use.beside | others | tried).items()}
    result = use.call(**arguments)
    assert all(np.isfinite(array).all() for array in arrays_in(result))


NOT_GIVEN = {"StateRecorder": {"model"}, "to_json": {"options"}}  # by a user, or by us
ASIDE = {
    "Layer",
    "Recurrent",
    "activation",
    "cell",
    "kernel",
    "view",
}  # of one's own: tested elsewhere
ASIDE |= {"floatx", "get_num_threads", "Callback", "History", "GradientNorms"}


def test_every_call_is_in_the_table():
    """A new name, argument or choice of a docstring needs its values there."""
    documented = {use.documented.__qualname__ for use in USES.values()}
    methods = {
        f"Sequential.{name}"
        for name, value in vars(tinylstm.Sequential).items()
        if inspect.isfunction(value) and name[0] != "_" and name not in tinylstm.model.INSIDE
    }
    modules = tinylstm, tinylstm.callbacks, tinylstm.plotting
    names = {name for module in modules for name in module.__all__ if name not in ASIDE}
    names -= {"callbacks", "constraints", "initializers", "losses", "metrics", "regularizers"}
    assert (methods | names) - documented == set()


DOCUMENTED = {use.documented.__qualname__: use.documented for use in USES.values()}


@pytest.mark.parametrize("documented", DOCUMENTED.values(), ids=DOCUMENTED)
def test_every_argument_and_every_choice_is_in_the_table(documented):
    tried = {}
    for use in USES.values():
        for name, values in use.values.items() if use.documented is documented else ():
            tried[name] = [*tried.get(name, ()), *values]
    kind = inspect.isclass(documented)
    names = arguments_of(documented) if kind else {*inspect.signature(documented).parameters}
    assert names - set(tried) - NOT_GIVEN.get(documented.__name__, set()) - {"self"} == set()
    for found in re.finditer(r"^ +([\w, ]+) : \{(.*?)\}", documented.__doc__, re.MULTILINE):
        for name in found[1].split(", "):
            for choice in ast.literal_eval(f"({found[2]},)"):
                assert choice in tried[name], (name, choice)


def test_dir_of_a_model_shows_what_a_user_has():
    model = tinylstm.Sequential([tinylstm.Dense(1, input_shape=(2,))])
    assert model.built
    names = [name for name in dir(model) if not name.startswith("_")]
    assert {"fit", "predict", "trace", "layers", "weights", "theta", "state"} <= set(names)
    assert not tinylstm.model.INSIDE & set(names)
    assert all(hasattr(model, name) for name in tinylstm.model.INSIDE - {"scored_metrics"})
