"""A test of the tests: bugs planted in copies of the engine are caught, each by the right checks.

Each bug meets the checks that its row names, in ``python -m tests.planted_bugs`` all of them.
"""

import ast

import pytest

from tests.planted_bugs.bugs import BUGS
from tests.planted_bugs.checks import CHECKS, MIRRORED
from tests.planted_bugs.planting import all_findings, failed, findings
from tests.processes import ROOT

WRONG_NUMBERS = ("AssertionError", "OverflowError")  # how a check may fail of a bug


@pytest.fixture(scope="module")
def found():
    """Futures of what the checks find: in the engine as it is (None), and with each bug."""
    with all_findings(BUGS, named=True) as futures:
        yield futures


def test_without_a_bug_no_check_fails(found):
    reasons = {name: finding.reason for name, finding in found[None].result().items()}
    assert reasons == dict.fromkeys(CHECKS, "")


@pytest.mark.parametrize("bug", BUGS, ids=lambda bug: bug.name)
def test_a_planted_bug_is_caught_by_the_checks_that_should_see_it(found, bug):
    caught = set(failed(found[bug].result()))
    assert caught, "nothing sees this bug"
    assert set(bug.caught.split()) <= caught
    assert caught.isdisjoint(bug.unseen.split())


@pytest.mark.parametrize("bug", BUGS, ids=lambda bug: bug.name)
def test_a_planted_bug_gives_wrong_numbers_and_does_not_stop_the_engine(found, bug):
    reasons = [finding.reason for finding in found[bug].result().values() if finding.reason]
    assert [reason for reason in reasons if not reason.startswith(WRONG_NUMBERS)] == []


def test_two_gates_swapped_both_ways_are_seen_by_the_naive_twin_alone():
    (swapped,) = (bug for bug in BUGS if bug.name.startswith("gates i and f swapped"))
    caught = failed(findings(swapped))
    assert {name.partition("_")[0] for name in caught} == {"twin"}
    assert {"twin_stateless", "twin_stateful", "twin_batch_carried"} <= set(caught)


def test_every_check_is_expected_to_catch_some_bug():
    assert {name for bug in BUGS for name in bug.caught.split()} == set(CHECKS)
    assert {name for bug in BUGS for name in bug.unseen.split()} <= set(CHECKS)


def test_there_are_many_bugs_and_each_has_its_name():
    assert len({bug.name for bug in BUGS}) == len(BUGS) >= 22


@pytest.mark.parametrize("name", CHECKS)
def test_a_check_makes_the_comparison_of_tests_that_exist(name):
    for node in MIRRORED[name]:
        file, test = node.split("::")
        module = ast.parse((ROOT / "tests" / file).read_text(encoding="utf-8"))
        assert test in [part.name for part in module.body if isinstance(part, ast.FunctionDef)]


@pytest.mark.parametrize("times", [0, 2])
def test_a_bug_whose_place_in_the_source_is_gone_is_an_error(times):
    bug = BUGS[0]
    assert bug.planted(f"a {bug.right} b") == f"a {bug.wrong} b"
    with pytest.raises(LookupError, match="this row has to follow the source"):
        bug.planted(f"{bug.right}\n" * times)
