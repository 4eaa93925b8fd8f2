"""Ctrl-C while the command ``tinylstm`` is still importing: no traceback then either."""

import os
import sys


def stop_quietly(kind, reason, trace):
    """A ``sys.excepthook`` that ends the process with status 130 on Ctrl-C."""
    if not issubclass(kind, KeyboardInterrupt):
        return sys.__excepthook__(kind, reason, trace)
    sys.stderr.write("\nStopped.\n")
    sys.stderr.flush()
    os._exit(130)


script = os.path.basename(sys.argv[0] if sys.argv else "").removesuffix(".exe")
as_module = "-m" in sys.orig_argv and sys.orig_argv[sys.orig_argv.index("-m") + 1] == "tinylstm"
if as_module or script == "tinylstm":
    sys.excepthook = stop_quietly
