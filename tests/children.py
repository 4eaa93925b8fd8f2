"""What a forked child finds, said to the parent."""

import os
import select
import signal
import traceback

SECONDS = 60  # that a child has, on a machine with much else to do


def said_by_child(look):
    """Fork, and call a function in the child; returns what it said there, "" where all is well.

    look: what it returns, where that is a sentence, and its exception is what it said; and so is a
    silence of some length.
    """
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            said = look()
            os.write(writing, said.encode()[:4000] if isinstance(said, str) else b"")
        except BaseException:
            os.write(writing, traceback.format_exc().encode()[-4000:])
        finally:
            os._exit(0)
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        in_time = bool(select.select([pipe], [], [], SECONDS)[0])
        said = pipe.read().decode() if in_time else f"The child hung for {SECONDS} seconds."
    if not in_time:
        os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    return said or (f"The child ended with {status}." if status else "")
