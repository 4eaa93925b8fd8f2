"""The types of kernels: read from the names of their parameters, and the same for all of a kind."""

import inspect
from itertools import permutations

import numba
import pytest
from numba import types
from tinylstm.kernels import kinds
from tinylstm.kernels.compiling import COMPILED
from tinylstm.kernels.registry import all_kernels
from tinylstm.kernels.signatures import parameters_of, signature, types_by_name
from tinylstm.kernels.training.loop import all_finite, run_batches
from tinylstm.kernels.training.optimizers import RULE, nadam, rule_with

from tinylstm.constraints import CONSTRAINTS
from tinylstm.engine.program import in_order
from tinylstm.legacy.updates import AdagradOfKeras2, NadamOfKeras2, RMSpropOfKeras2
from tinylstm.losses import LOSSES
from tinylstm.optimizers import OPTIMIZERS

OF_KERAS_2 = AdagradOfKeras2, NadamOfKeras2, RMSpropOfKeras2
KINDS = [one for one in vars(kinds).values() if inspect.isfunction(one)]


def test_types_are_those_of_the_names_and_of_the_annotation():
    vector, rows = types.Array(types.float32, 1, "C"), types.Array(types.float32, 2, "C")
    option = types.Array(types.float64, 1, "C")
    assert signature(all_finite, "float32") == types.boolean(vector)
    assert signature(kinds.loss, "float32") == types.float64(rows, rows, vector, rows, rows, option)
    assert signature(kinds.advance, "float64") == types.none(numba.from_dtype(RULE))


def test_the_numbers_of_an_optimiser_may_have_names_of_their_own():
    of_nadam = signature(kinds.update, "float64", rule_with(("product",)))
    assert signature(nadam, "float64") == of_nadam != signature(kinds.update, "float64")


@pytest.mark.skipif(not COMPILED, reason="is about compiled kernels")
def test_every_name_has_a_type_and_none_is_there_for_nothing():
    kernels = [one for one, _ in all_kernels("float32")]
    names = {name for one in (*kernels, *KINDS) for name in parameters_of(one)}
    assert names == set(types_by_name("float32"))


def test_our_kernels_have_the_types_of_their_kind():
    """They have its names; those of a user may have others."""
    pairs = [(one.kernel, kinds.constraint) for one in CONSTRAINTS.values()]
    for loss in LOSSES.values():
        pairs += [(one, kinds.loss) for one in (loss.kernel, *loss.fused.values())]
    for one, kind in pairs:
        assert signature(one, "float32") == signature(kind, "float32")
    for kind in (*OPTIMIZERS.values(), *OF_KERAS_2):
        for one, said in kind().calls("float32").values():
            assert signature(one, "float32") == said


def test_no_rule_is_a_kind_of_another_one():
    """Numba would take one for the other where a function that both share is compiled, and warn."""
    records = {kind().record for kind in (*OPTIMIZERS.values(), *OF_KERAS_2)}
    rules = [numba.from_dtype(record) for record in (RULE, *records)]
    for one, other in permutations(dict.fromkeys(rules), 2):
        assert one.can_convert_to(None, other) is None


def test_the_loop_gets_its_arguments_in_the_order_of_its_definition():
    names = parameters_of(run_batches)
    assert in_order({name: name for name in sorted(names)}) == names
