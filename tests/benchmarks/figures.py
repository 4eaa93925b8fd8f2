"""What was measured, in a file: parts can be measured again, pages written without measuring."""

import json
import os
import platform
from dataclasses import asdict
from datetime import datetime
from math import prod
from time import perf_counter

from tests.benchmarks.jobs import PARTS
from tests.benchmarks.rounds import Result

AGREE = 1e-3  # first losses and outputs that differ by more are marked


class Figures:
    """Results of one or more runs.

    Parameters
    ----------
    file : Path or None
        Where they are kept, as JSON; None: nowhere.
    """

    def __init__(self, file=None):
        self.file = file
        self.data = {"runs": {}, "results": {}, "floors": {}, "alone": {}}
        if file and file.exists():
            self.data = json.loads(file.read_text(encoding="utf-8"))

    def begin(self, engines):
        """A new run on this machine with these engines, {name: version}."""
        self.run, self.start = now(), perf_counter()
        self.data["runs"][self.run] = machine() | {"engines": engines}

    def keep(self, job, results):
        """Results of a job in place of older ones of the same engines."""
        for result in results:
            result.run = self.run
        measured = {result.engine for result in results}
        older = [old for old in self.of(job) if old.engine not in measured]
        self.data["results"][job] = [asdict(result) for result in results + older]
        self.save()

    def keep_alone(self, part, found):
        """Figures of a part without peers."""
        self.data["alone"][part] = {"run": self.run} | found
        self.save()

    def minutes(self):
        """Since the run began."""
        return (perf_counter() - self.start) / 60

    def save(self):
        """Write the file, without runs of which nothing is left."""
        self.data["runs"][self.run]["minutes"] = self.minutes()
        used = {result["run"] for rows in self.data["results"].values() for result in rows}
        used |= {part["run"] for part in self.data["alone"].values()}
        self.data["runs"] = {run: at for run, at in self.data["runs"].items() if run in used}
        if self.file:
            self.file.parent.mkdir(parents=True, exist_ok=True)
            self.file.write_text(json.dumps(self.data, indent=1) + "\n", encoding="utf-8")

    def of(self, job):
        """Results of one job."""
        return [Result(**row) for row in self.data["results"].get(job, [])]

    def part(self, name):
        """{job: results} of a part, as far as it was measured."""
        found = {job: self.of(job) for job in PARTS[name].jobs}
        return {job: results for job, results in found.items() if results}

    def product_speed(self):
        """GFLOP/s of the fastest large matrix product, or None."""
        results = [r for rows in self.part("product").values() for r in rows]
        return max((r.gflop / r.median * 1e6 for r in results), default=None)


def now():
    """The date and time that name a run."""
    return datetime.now().isoformat(" ", "minutes")


def machine():
    """What this runs on."""
    return {
        "processor": processor(),
        "cores": os.cpu_count(),
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        "load": round(os.getloadavg()[0], 1) if hasattr(os, "getloadavg") else None,
    }


def processor():
    """Its name; Linux knows it better than Python does."""
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as file:
            names = [
                line.partition(":")[2].strip() for line in file if line.startswith("model name")
            ]
    except OSError:
        names = []
    return names[0] if names else platform.processor() or platform.machine()


def ours(results):
    """tinylstm's result, or None."""
    return next((r for r in results if r.engine == "tinylstm" and r.times), None)


def best_peer(results):
    """The fastest of the others, or None."""
    peers = [r for r in results if not r.engine.startswith("tinylstm") and r.times]
    return min(peers, key=lambda r: r.median, default=None)


def ratio(results):
    """tinylstm's time over that of the best peer, or None where one of them is missing."""
    mine, best = ours(results), best_peer(results)
    return mine.median / best.median if mine and best else None


def geometric_mean(values):
    """The mean for ratios."""
    return prod(values) ** (1 / len(values))


def ratios(part):
    """{job: ratio} of a part, where there is one."""
    found = {job: ratio(results) for job, results in part.items()}
    return {job: value for job, value in found.items() if value is not None}
