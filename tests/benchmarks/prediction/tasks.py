"""What is predicted: models with start weights, and the data they are called with."""

from dataclasses import dataclass

import numpy as np

from tests.benchmarks.workloads import start_weights

STREAM, SEQUENCE, CLOSED_LOOP = "stream", "sequence", "closed loop"
LOOP = 1000  # steps of a closed loop
SIZES = (32, 1), (128, 16), (512, 64)  # units, features


@dataclass(frozen=True)
class Task:
    """One model and how it is called; LSTM(units) alone, or with a linear Dense(outputs).

    Parameters
    ----------
    name : str
        What the tables call it.
    way : str
        ``STREAM``: one step a call, the state carried.  ``SEQUENCE``: whole samples in one call,
        the output after their last step.  ``CLOSED_LOOP``: 1000 steps, each reading the output of
        the one before.
    units, features : int
    batch, steps : int, default=1
        Samples a call, and steps of each.
    outputs : int, default=0
        Those of a Dense layer on top; 0: there is none.
    """

    name: str
    way: str
    units: int
    features: int
    batch: int = 1
    steps: int = 1
    outputs: int = 0

    kind = "predict"  # the function of an engine that takes it
    gflop = None
    chaotic = False

    @property
    def count(self):
        """What the time of a run is divided by: the steps of a closed loop, else one call."""
        return LOOP if self.way == CLOSED_LOOP else 1

    @property
    def first(self):
        """Calls after which outputs are compared, from a zero state."""
        return 50 if self.way == STREAM else 1

    @property
    def title(self):
        """The model and the call, in words."""
        head = f", Dense({self.outputs})" if self.outputs else ""
        features = f"{self.features} feature{'s' * (self.features > 1)}"
        call = {
            STREAM: "one step a call",
            SEQUENCE: f"{self.batch} x {self.steps} steps",
            CLOSED_LOOP: "closed loop, a step",
        }[self.way]
        return f"LSTM({self.units}){head}, {features}: {call}"

    def weights(self):
        """Start weights in Keras' order."""
        return start_weights(self.features, (self.units,), self.outputs)

    def inputs(self):
        """Steps of a stream, to be read in a circle, or samples of a call; float32.

        256 steps (256, D); or (B, T, D).
        """
        rng = np.random.default_rng(6)
        if self.way == SEQUENCE:
            return rng.standard_normal((self.batch, self.steps, self.features), np.float32)
        return rng.standard_normal((256, self.features), np.float32)


def all_tasks():
    """Every task, by name."""
    tasks = [Task(f"stream-{H}-{D}", STREAM, H, D) for H, D in SIZES]
    tasks += [
        Task("sequence-128", SEQUENCE, 128, 16, steps=500),
        Task("sequence-256", SEQUENCE, 256, 64, batch=64, steps=100),
    ]
    tasks += [Task(f"loop-{H}-{D}", CLOSED_LOOP, H, D, outputs=D) for H, D in SIZES]
    return {task.name: task for task in tasks}


TASKS = all_tasks()


def streamed(step, rows, array_of=np.array):
    """``run(times)`` for a function of one step: rows are read in a circle.

    array_of() makes an array of what step() returns.
    """
    place = 0

    def run(times):
        nonlocal place
        for _ in range(times):
            y = step(rows[place])
            place = (place + 1) % len(rows)
        return array_of(y)

    return run


def looped(start, step, array_of=np.array):
    """``run(times)`` for a function of one step that reads its own output.

    start() gives the first input, from which and from a zero state each loop goes on.
    """

    def run(times):
        for _ in range(times):
            x, answers = start(), []
            for _ in range(LOOP):
                x = step(x)
                answers.append(array_of(x).ravel())
        return np.array(answers)

    return run
