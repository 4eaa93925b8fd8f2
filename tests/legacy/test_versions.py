"""``--keras-version``: whole numbers of versions, and majors and minors alone."""

import pytest

from tinylstm.legacy.dialect import Dialect, checked_version


@pytest.mark.parametrize(
    ("given", "meant"),
    [
        ("1", "1.2.2"),
        ("1.x", "1.2.2"),
        ("1.1", "1.1.2"),
        ("2", "2.15.0"),
        ("2.1", "2.1.6"),
        ("2.2", "2.2.5"),
        ("2.2.4", "2.2.4"),
        ("2.9", "2.9"),
    ],
)
def test_a_version_alone_is_the_latest_of_it(given, meant):
    assert checked_version(given) == meant


def test_the_latest_of_a_minor_has_what_came_within_it():
    assert Dialect(checked_version("2.1")).epsilon == 1e-7
    assert Dialect("2.1.0").epsilon == 1e-8


@pytest.mark.parametrize("given", ["3", "0.3", "2.", "two", "2.2.4.1", ".x"])
def test_what_is_no_version_is_refused_with_examples(given):
    with pytest.raises(ValueError, match=r"the latest of 1, 2\.2"):
        checked_version(given)
