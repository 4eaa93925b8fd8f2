"""Scripts for Keras 1 and 2, run in this process or in one of their own."""

import contextlib
import io
import os
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

from tests.processes import PATIENCE, ROOT
from tinylstm.legacy.dialect import Dialect
from tinylstm.legacy.script import run_script

SCRIPTS = ROOT / "tests" / "scripts"
MODEL = """
import numpy as np
from keras.models import Sequential
from keras.layers import LSTM, Dense
np.random.seed(3)
x, y = np.random.random((10, 3, 2)), np.eye(4)[np.arange(10) % 4]
model = Sequential()
model.add(LSTM(5, input_shape=(3, 2)))
model.add(Dense(4, activation='softmax'))
model.compile(loss='categorical_crossentropy', optimizer='adam', metrics=['accuracy'])
"""


class Ran(NamedTuple):
    """What a script did."""

    status: int
    out: str
    err: str

    @property
    def lines(self):
        return self.out.splitlines()


def run_text(folder, text, *arguments, name="script.py", check=True, **dialect):
    """Write a script into a folder and run it in this process."""
    path = Path(folder, name)
    path.write_text(text, encoding="utf-8")
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            status = run_script(str(path), list(arguments), Dialect(**dialect), check)
        except SystemExit as reason:
            status = reason.code
    return Ran(status, out.getvalue(), err.getvalue())


def start(*arguments, **environment):
    """A process ``python -m tinylstm run`` with these arguments."""
    command = [sys.executable, "-u", "-m", "tinylstm", "run", *map(str, arguments)]
    kept = {
        name: value for name, value in os.environ.items() if name not in ("DISPLAY", "MPLBACKEND")
    }
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    return subprocess.Popen(command, env=kept | environment, **pipes)


def run_process(*arguments, **environment):
    """The same, to its end."""
    process = start(*arguments, **environment)
    out, err = process.communicate(timeout=PATIENCE)
    return Ran(process.returncode, out, err)
