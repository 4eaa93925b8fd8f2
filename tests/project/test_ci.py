"""``.ci/run`` runs each part of the tests whatever became of the others, and sums them up."""

import re
import shutil
import subprocess

import pytest

from tests import ROOT

RUN = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
PARTS = re.findall(r"\bpart (\w+) ", RUN)
DEFINED = RUN[RUN.index("failed=()") : RUN.index("sphinx-build")]
AT_THE_END = RUN[RUN.index('(cd "$SAID"') :]

pytestmark = pytest.mark.skipif(shutil.which("bash") is None, reason="is written for bash")


def summed_up(folder, failing):
    """What comes of parts of which some fail."""
    lines = [
        f"part {name} bash -c 'echo {name} ends; exit {int(name in failing)}'" for name in PARTS
    ]
    script = "\n".join(["set -euo pipefail", f"SAID='{folder}'", DEFINED, *lines, AT_THE_END])
    return subprocess.run(["bash", "-c", script], capture_output=True, text=True)


@pytest.mark.parametrize("failing", [[], PARTS[:1], PARTS[1:3], PARTS[-1:]], ids=str)
def test_every_part_runs_and_those_that_failed_are_named_last(tmp_path, failing):
    done = summed_up(tmp_path, failing)
    assert done.returncode == bool(failing), done.stderr
    ran, _, end = done.stdout.partition("==> ")
    assert ran.split("\n")[: len(PARTS)] == [f"{name} ends" for name in PARTS]
    for name in PARTS:
        assert f"{name} <==\n{name} ends\n" in end
    last = end.splitlines()[-1]
    assert last == (f"failed: {' '.join(failing)}" if failing else f"{PARTS[-1]} ends")
