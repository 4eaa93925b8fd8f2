"""The compact checks that find the planted bugs, on this engine: nearly every mistake in seconds.

Which check finds which bug is held by ``tests/planted_bugs/test_planted_bugs.py``.
"""

import pytest

from tests.planted_bugs.bugs import BUGS
from tests.planted_bugs.checks import CHECKS

QUICK = [*CHECKS]


@pytest.mark.quick
@pytest.mark.parametrize("name", QUICK)
def test_the_check_finds_nothing_wrong(name):
    CHECKS[name]()


def test_nine_of_ten_planted_bugs_are_found_by_these():
    found = [bug for bug in BUGS if set(bug.caught.split()) & set(QUICK)]
    assert len(found) >= 0.9 * len(BUGS)
