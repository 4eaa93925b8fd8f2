"""The code of the child that reads HDF5, for many files in one process: a start takes a third of a
second, a small file some milliseconds."""

import os
import select
import subprocess
import sys
from contextlib import contextmanager

from tinylstm.files.refusals import Damaged
from tinylstm.formats.hdf5 import child, reading

MANY = 200  # files that one process reads: the library keeps some memory of what it refuses
SECONDS, CLOCK = 10, 45  # for a file: of the processor, on the clock
CODE = """
import resource, sys
sys.path[:0] = sys.argv[1:]
import child, io
child.load_all()
first = True
while length := sys.stdin.buffer.read(8):
    content = sys.stdin.buffer.read(int.from_bytes(length, "little"))
    most = 2 * len(content) + {room}
    if first:
        child.limit(most, 10**6)
        first = False
    used = resource.getrusage(resource.RUSAGE_SELF)
    soon = int(used.ru_utime + used.ru_stime) + {seconds}
    resource.setrlimit(resource.RLIMIT_CPU, (soon, resource.getrlimit(resource.RLIMIT_CPU)[1]))
    made = io.BytesIO()
    child.write(made, *child.answer(content, most))
    sys.stdout.buffer.write(len(made.getvalue()).to_bytes(8, "little") + made.getvalue())
    sys.stdout.buffer.flush()
"""


class Reader:
    """A process that reads file after file; a new one where it has died."""

    def __init__(self):
        self.process, self.left, self.deaths = None, 0, []

    def start(self):
        """Have a fresh process."""
        self.end()
        code = CODE.format(room=reading.ROOM, seconds=SECONDS)
        folders = os.path.dirname(child.__file__), *dict.fromkeys(reading.folders())
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL}
        command = [sys.executable, "-I", "-c", code, *folders]
        self.process = subprocess.Popen(command, **pipes, env=os.environ | reading.QUIET)
        self.left = MANY

    def end(self):
        """Have none."""
        if self.process is not None:
            self.process.kill()
            self.process.communicate()
            self.process = None

    def run(self, file, found, size):
        """As `reading.run`."""
        if not self.left or self.process.poll() is not None:
            self.start()
        self.left -= 1
        content = file.read()
        self.process.stdin.write(len(content).to_bytes(8, "little") + content)
        self.process.stdin.flush()
        ready, _, _ = select.select([self.process.stdout], [], [], CLOCK)
        length = self.process.stdout.read(8) if ready else b""
        if len(length) < 8:
            self.end_of(ready)
        found.write(self.process.stdout.read(int.from_bytes(length, "little")))

    def end_of(self, ready):
        """Say how a process died, or that it hangs."""
        ended = self.process.wait() if ready else "too long"
        self.deaths.append(ended)
        self.left = 0
        raise Damaged(f"reading it ended the process that did so ({ended})")


@contextmanager
def one_reader():
    """A block in which one process reads all HDF5 files."""
    reader, before = Reader(), reading.run
    reading.run = reader.run
    try:
        yield reader
    finally:
        reading.run = before
        reader.end()
