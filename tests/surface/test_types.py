"""Hints say what each argument and each result is, and mypy reads them as a user does."""

import inspect
import re
from contextlib import chdir
from typing import get_args

import pytest
from mypy import api

import tinylstm
from tests import ROOT
from tests.surface.public import FUNCTIONS, PUBLIC
from tinylstm import Layer
from tinylstm.callbacks.callback import METHODS, Functions
from tinylstm.layers import bidirectional
from tinylstm.layers.layer import LayerArguments
from tinylstm.layers.recurrent import RecurrentArguments
from tinylstm.optimizers.optimizer import Optimizer, OptimizerArguments


def test_the_public_surface_is_found():
    assert len(PUBLIC) > 100
    assert {"tinylstm.model.Sequential.fit", "tinylstm.losses.huber"} <= set(FUNCTIONS)


def test_every_argument_and_every_result_has_a_hint():
    lacking = []
    for name, function in FUNCTIONS.items():
        signature = inspect.signature(function)
        parameters = [one for one in signature.parameters.values() if one.name != "self"]
        lacking += [f"{name}({one.name})" for one in parameters if one.annotation is one.empty]
        lacking += [f"{name} ->"] * (signature.return_annotation is signature.empty)
    assert lacking == []


@pytest.mark.parametrize(
    ("names", "kind"),
    [
        (LayerArguments, Layer),
        (RecurrentArguments, tinylstm.Recurrent),
        (OptimizerArguments, Optimizer),
    ],
)
def test_what_is_passed_on_is_what_the_constructor_takes(names, kind):
    """The two places that write it down say the same of each."""
    taken = inspect.signature(kind).parameters
    assert {name: one.__forward_arg__ for name, one in names.__annotations__.items()} == {
        name: one.annotation for name, one in taken.items() if one.default is not one.empty
    }


def test_names_that_a_hint_lists_are_those_that_are_known():
    assert [*Functions.__annotations__] == METHODS
    assert [*get_args(bidirectional.Mode)] == [*bidirectional.MERGES]


USE = "tests/surface/typed_use.py"


@pytest.fixture(scope="module")
def said():
    """{file: {(line, kind of mistake)}} of what mypy says of the package and of a program."""
    with chdir(ROOT):
        output, errors, _ = api.run(["--config-file=setup.cfg", "tinylstm", USE])
    assert not errors, errors
    found = {}
    for path, line, text, kind in re.findall(r"^(.+?):(\d+): error: (.*)  \[(.+)\]$", output, re.M):
        found.setdefault(path, {})[int(line), kind] = text
    assert found or "Success" in output, output
    return found


def test_mypy_finds_the_mistakes_of_a_user_and_no_other(said):
    lines = enumerate((ROOT / USE).read_text(encoding="utf-8").splitlines(), 1)
    marked = {
        (k, found[1]) for k, line in lines if (found := re.search("# wrong: ([a-z-]+)$", line))
    }
    assert set(said.get(USE, {})) == marked


def test_mypy_finds_nothing_in_the_package(said):
    assert {path: found for path, found in said.items() if path != USE} == {}
