"""Processes that start with a copy of the package and a kernel cache of their own."""

import os
import pathlib
import shutil

ROOT = pathlib.Path(__file__).parent.parent


def copy_package(path):
    """Copy the package into a folder, its kernels inside; returns the folder, for PYTHONPATH."""
    shutil.copytree(ROOT / "tinylstm", path / "tinylstm")
    shutil.copytree(ROOT / "kernels", path / "tinylstm" / "kernels")
    return path


def environment(path, cache, **changes):
    """Variables for a process; one that is None is taken away, and so are all of Numba's."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("NUMBA_")}
    own = {"PYTHONPATH": str(path), "TINYLSTM_CACHE_DIR": str(cache)}
    return {name: value for name, value in (kept | own | changes).items() if value is not None}
