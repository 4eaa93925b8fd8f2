"""A test of the tests: bugs planted in the engine are caught, each by the right checks.

Each bug meets the checks that its row names, in ``python -m tests.planted_bugs`` all of them.
"""

import ast

import pytest

from tests.planted_bugs.anchors import Exchange
from tests.planted_bugs.bugs import BUGS
from tests.planted_bugs.checks import CHECKS, MIRRORED
from tests.planted_bugs.planting import all_findings, failed
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


def test_two_gates_swapped_both_ways_are_seen_by_the_naive_twin_alone(found):
    (swapped,) = (bug for bug in BUGS if bug.name.startswith("gates i and f swapped"))
    others = {name for name in CHECKS if not name.startswith("twin_")}
    assert others <= found[swapped].result().keys()
    caught = set(failed(found[swapped].result()))
    assert caught.isdisjoint(others)
    assert {"twin_stateless", "twin_stateful", "twin_batch_carried"} <= caught


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


SOURCE = """
def step(f, c):  # a comment
    for j in range(3):
        f[j] = g(c[j],
                 2)
    if c[0] > 0 and f[0] > 0:
        return stop(f)
"""


@pytest.mark.parametrize(
    ("right", "wrong", "line"),
    [
        ("f[j] = ...", "f[j] = 0", "        f[j] = 0"),
        ("f[j] = ...", "...\nf[j] += 1", "        f[j] = g(c[j], 2)\n        f[j] += 1"),
        ("g(c[j], ...)", "g(c[j], 3)", "        f[j] = g(c[j], 3)"),
        ("c[j]", "... + 1", "        f[j] = g(c[j] + 1, 2)"),
        ("... and f[0] > 0", "f[0] > 0", "    if f[0] > 0:"),
        ("if ...: ...", "return stop(c)", "    return stop(c)"),
    ],
)
def test_a_piece_of_syntax_is_exchanged_however_it_is_written(right, wrong, line):
    tree = ast.parse(SOURCE)
    assert Exchange(right, wrong).made_in(tree) == 1
    assert f"\n{line}\n" in f"{ast.unparse(tree)}\n"


@pytest.mark.parametrize("right", ["f[k] = ...", "g(c[j])", "... and f[0]", "f[j] = ...\nc = ..."])
def test_what_is_not_there_is_not_exchanged(right):
    tree = ast.parse(SOURCE)
    assert Exchange(right, "pass").made_in(tree) == 0
    assert ast.dump(tree) == ast.dump(ast.parse(SOURCE))


@pytest.mark.parametrize(
    "changes", [{"where": "lstm_backwards"}, {"where": "__init__"}, {"right": "c[0]"}, {"times": 2}]
)
def test_a_bug_whose_place_in_the_source_is_gone_is_an_error(changes):
    bug = next(bug for bug in BUGS if bug.where == "lstm.lstm_backward")
    file, source = bug.planted()
    assert (file.name, ast.unparse(ast.parse(bug.wrong)) in source) == ("lstm.py", True)
    with pytest.raises(LookupError, match="this row has to follow the source"):
        bug._replace(**changes).planted()
