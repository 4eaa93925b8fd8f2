"""Proofs. Processes that they start take the package from this checkout, wherever they start."""

import os
from pathlib import Path

ROOT = Path(__file__).parent.parent
os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))
