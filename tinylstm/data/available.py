"""How much memory this process can still have, and the refusal of more.

A vector of zeros costs nothing until it is written: the system gives one that is larger than what
is there, and ends the process in the middle of the work. So what is there is looked at before.
"""

import os
import sys
from contextlib import suppress
from pathlib import Path

from ..surface.errors import mismatch

UNASKED = 2**20  # bytes that are always there
PROC, GROUPS = Path("/proc"), Path("/sys/fs/cgroup")  # Linux
UNITS = 1024  # bytes: what /proc/meminfo counts in
# Of a group of processes, in versions 1 and 2: what it may have, what it has, and the part of that
# which is files' and is given back when it is wanted.
OF_GROUPS = {
    "memory": ("memory.limit_in_bytes", "memory.usage_in_bytes", "total_{}active_file"),
    "": ("memory.max", "memory.current", "{}active_file"),
}
LIMITS = {"RLIMIT_AS": 0, "RLIMIT_DATA": 5}  # of this process, and the column of /proc/self/statm


def need_memory(size, sentence, received):
    """Refuse to reserve more bytes than there are.

    Raises
    ------
    MemoryError
        The sentence says which argument to lower.
    """
    if size > UNASKED and size > (there := available()):
        raise mismatch(
            sentence, f"at most {there:,} bytes, now", f"{size:,} bytes for {received}", MemoryError
        )


def available():
    """Bytes that the machine, its containers and the limits of the process leave it now."""
    if not hasattr(os, "sysconf"):
        return sys.maxsize  # Windows, which refuses by itself
    return max(min([of_machine(), *of_groups(), *of_limits()]), 0)


def of_machine():
    """What is free, or would be if it were wanted, with the swap; all memory where nobody says."""
    with suppress(OSError, KeyError, ValueError):
        lines = (PROC / "meminfo").read_text().splitlines()
        named = dict(line.split(":") for line in lines if ":" in line)
        free = [int(named[name].split()[0]) for name in ("MemAvailable", "SwapFree")]
        return UNITS * sum(free)
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")


def of_groups():
    """What each group of processes leaves that this one is in: a container, a service, a job."""
    found = []
    with suppress(OSError):
        for line in (PROC / "self" / "cgroup").read_text().splitlines():
            _, controllers, path = line.split(":", 2)
            for kind, names in OF_GROUPS.items():
                if kind in controllers.split(","):
                    inner = GROUPS / kind / path.lstrip("/")
                    top = len((GROUPS / kind).parts)
                    folders = [inner, *inner.parents][: len(inner.parts) - top + 1]
                    found += [left for one in folders for left in of_group(one, *names)]
    return found


def of_group(folder, limit, usage, files):
    """What one group leaves: a list, empty where it has no limit."""
    with suppress(OSError, ValueError):  # it is not there, or its limit is "max"
        left = int((folder / limit).read_text()) - int((folder / usage).read_text())
        stat = dict(line.split() for line in (folder / "memory.stat").read_text().splitlines())
        return [left + sum(int(stat.get(files.format(kind), 0)) for kind in ("", "in"))]
    return []


def of_limits():
    """What `ulimit` leaves of the process's own."""
    with suppress(OSError, ImportError):
        import resource  # not on Windows

        has = (PROC / "self" / "statm").read_text().split()
        page = os.sysconf("SC_PAGE_SIZE")
        limits = [(resource.getrlimit(getattr(resource, name))[0], k) for name, k in LIMITS.items()]
        return [limit - page * int(has[k]) for limit, k in limits if limit >= 0]
    return []
