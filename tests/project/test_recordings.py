"""The tool that compares two versions of the kernels sees a single bit, and a missing number."""

import numpy as np
import pytest
from click.testing import CliRunner

from tests.recordings import main

ONLY = ["--only", "last, stateless"]


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "before.npz"
    assert CliRunner().invoke(main, ["write", str(path), *ONLY]).exit_code == 0
    return path


def compared(file):
    result = CliRunner().invoke(main, ["compare", str(file), *ONLY])
    return result.exit_code, result.output


def test_the_same_engine_gives_the_same_bits(file):
    code, output = compared(file)
    assert code == 0
    assert "1 configurations, 13 arrays: 0 are not the same" in output


@pytest.mark.parametrize("change", ["a bit", "a name"])
def test_what_differs_is_named(file, change):
    with np.load(file) as arrays:
        found = dict(arrays)
    name = "last, stateless: weights"
    if change == "a bit":
        found[name].view(np.int32)[5] ^= 1
    else:
        found["last, stateless: gates"] = found.pop(name)
    np.savez(file, **found)
    code, output = compared(file)
    assert code == 1
    assert name in output
    assert f": {1 if change == 'a bit' else 2} are not the same" in output
