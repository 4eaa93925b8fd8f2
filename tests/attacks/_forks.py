"""Many HDF5 files, each read by a process of its own that need not import anything first.

`tinylstm.formats.hdf5.reading` starts a process that runs `child`: a third of a second, most of it
for imports. Here a process that has imported all of that forks another one for each file, which
does what the started one does then, with the same limits: `child.serve`. All else is the engine's.
"""

import os
import socket
import struct
import subprocess
import sys
from contextlib import contextmanager
from typing import NamedTuple

from tinylstm.formats.hdf5 import Group, child, content_of, reading

ASKED, ANSWERED = struct.Struct("<QQd"), struct.Struct("<?iQd")
SERVER = """
import os, select, socket, sys, traceback
from struct import Struct
sys.path[:0] = sys.argv[2:]
import child
child.load_all()
asked, answered = Struct("<QQd"), Struct("<?iQd")
door = socket.socket(fileno=int(sys.argv[1]))
while True:
    said, files, _, _ = socket.recv_fds(door, asked.size, 3)
    if not said:
        break
    most, seconds, patience = asked.unpack(said)
    process = os.fork()
    if not process:
        try:
            for number, file in enumerate(files):
                os.dup2(file, number)
            os.closerange(3, 100)
            child.serve(most, seconds)
            os._exit(0)
        except BaseException:
            traceback.print_exc()
            sys.stderr.flush()
            os._exit(1)
    for file in files:
        os.close(file)
    handle = os.pidfd_open(process)
    in_time = bool(select.select([handle], [], [], patience)[0])
    if not in_time:
        os.kill(process, 9)
    os.close(handle)
    _, status, used = os.wait4(process, 0)
    ended, more = os.waitstatus_to_exitcode(status), 1024 * used.ru_maxrss
    door.sendall(answered.pack(in_time, ended, more, used.ru_utime + used.ru_stime))
"""


class Ended(NamedTuple):
    """How a process ended, the memory that it took, and the seconds of the processor."""

    returncode: int
    memory: int
    seconds: float


class Forks:
    """What stands in the place of `subprocess` in `reading`; `ended`: how each process did."""

    TimeoutExpired = subprocess.TimeoutExpired

    def __init__(self):
        self.door, inside = socket.socketpair()
        folders = os.path.dirname(child.__file__), *dict.fromkeys(reading.folders())
        command = [sys.executable, "-I", "-c", SERVER, str(inside.fileno()), *folders]
        options = {"env": os.environ | reading.QUIET, "pass_fds": [inside.fileno()]}
        self.server = subprocess.Popen(command, stdin=subprocess.DEVNULL, **options)
        inside.close()
        self.ended = []

    def run(self, command, stdin, stdout, stderr, timeout, **_):
        """As `subprocess.run` with the command of `reading`, whose last words are the limits."""
        files = [one.fileno() for one in (stdin, stdout, stderr)]
        most, seconds = map(int, command[-2:])
        socket.send_fds(self.door, [ASKED.pack(most, seconds, timeout)], files)
        try:
            answer = self.answer()
        except KeyboardInterrupt:  # who asks next is not to hear of this one
            self.answer()
            raise
        in_time, *how = ANSWERED.unpack(answer)
        self.ended.append(Ended(*how))
        if not in_time:
            raise subprocess.TimeoutExpired(command, timeout)
        return self.ended[-1]

    def answer(self):
        """How the process ended that was asked for."""
        return self.door.recv(ANSWERED.size, socket.MSG_WAITALL)

    def memory(self):
        """Bytes that the last process took at most, beside what the first one did for a file of
        nothing."""
        return self.ended[-1].memory - self.ended[0].memory

    def deaths(self):
        """{how: how many} of the processes that were ended by a signal."""
        found = [-one.returncode for one in self.ended if one.returncode < 0]
        return {f"signal {number}": found.count(number) for number in sorted({*found})}

    def end(self):
        """Have the server end."""
        self.door.close()
        self.server.wait()


@contextmanager
def forks():
    """A block in which processes that read HDF5 are forked, not started."""
    found, before = Forks(), reading.subprocess
    reading.subprocess = found
    reading.read(content_of(Group()))
    try:
        yield found
    finally:
        reading.subprocess = before
        found.end()
