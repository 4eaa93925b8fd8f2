"""Some of many values, with the same distances."""

from itertools import pairwise

import pytest

from tinylstm.data.evenly import evenly

pytestmark = pytest.mark.quick


@pytest.mark.parametrize(
    ("count", "found"),
    [
        (0, []),
        (1, [8]),
        (2, [0, 8]),
        (3, [0, 4, 8]),
        (5, [0, 2, 4, 6, 8]),
        (9, [*range(9)]),
        (20, [*range(9)]),
    ],
)
def test_so_many_have_the_same_distances(count, found):
    assert evenly(range(9), count) == found


def test_no_distance_differs_from_another_by_more_than_one():
    for count in range(2, 31):
        places = evenly(range(31), count)
        distances = {b - a for a, b in pairwise(places)}
        assert (len(places), places[0], places[-1]) == (count, 0, 30)
        assert max(distances) - min(distances) <= 1
