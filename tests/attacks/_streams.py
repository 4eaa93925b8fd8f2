"""What `tests.attacks.generators` draws: streams of every kind, and how they break."""

from queue import Queue
from threading import Thread
from typing import NamedTuple

import numpy as np

from tests.data.staging.data import Batches, mapped

T, D = 3, 2


class Boom(Exception):
    """A stream's own."""


def put(part, value):
    """A batch with a number in one place of one part."""

    def of(batch):
        parts = [array.copy() for array in batch]
        parts[part].reshape(-1)[1] = value
        return tuple(parts)

    return of


def raises(error):
    """No batch, but an error."""

    def of(batch):
        raise error("mine")

    return of


BREAKS = {  # how a batch is wrong, and what is raised then
    "own exception": (raises(Boom), Boom),
    "Ctrl-C": (raises(KeyboardInterrupt), KeyboardInterrupt),
    "GeneratorExit": (raises(GeneratorExit), GeneratorExit),
    "NaN in x": (put(0, np.nan), ValueError),
    "infinity in y": (put(1, np.inf), ValueError),
    "axes": (lambda batch: (batch[0][0], *batch[1:]), ValueError),
    "steps": (lambda batch: (batch[0][:, :1], *batch[1:]), ValueError),
    "letters": (lambda batch: (np.full(batch[0].shape, "a"), *batch[1:]), TypeError),
    "outputs": (lambda batch: (batch[0], batch[1][:, :0]), ValueError),
    "samples": (lambda batch: (batch[0], batch[1][:-1]), ValueError),
    "parts": (lambda batch: (*batch, None, None), ValueError),
    "None": (lambda batch: None, (TypeError, ValueError)),
}
KINDS = ("generator", "iterator", "sequence", "thread", "memmap")
OF_TARGETS = ("infinity in y", "outputs", "samples", "parts")  # which `predict` does not read


class Case(NamedTuple):
    """One try."""

    method: str
    kind: str  # of stream
    how: str  # the batch is wrong
    at: int | None  # the batch that is wrong, counted over all epochs; None: no batch is
    steps: int  # batches an epoch
    epochs: int
    size: int  # of a batch
    stateful: bool
    weighted: bool
    reused: bool  # all batches come in the same arrays, float32
    between: bool  # a callback between the batches
    validated: str  # with "arrays", a "stream", a "broken" one or "nothing"
    stage_bytes: int
    team: int  # threads
    verbose: int

    def data(self, rng):
        """x, y and weights, with float32 values."""
        count = self.steps * self.size
        arrays = [rng.normal(size=(count, T, D)), rng.normal(size=(count, 2))]
        arrays += [rng.random(count)] * self.weighted
        return [array.astype(np.float32).astype(np.float64) for array in arrays]


def draw(r):
    """A random case."""
    method, kind = r.choice(("fit", "fit", "evaluate", "predict")), r.choice(KINDS)
    steps, epochs = r.randint(1, 9), r.randint(1, 3) if method == "fit" else 1
    at = None if r.random() < 0.15 else r.randrange(steps * epochs)
    hows = [how for how in BREAKS if method == "fit" or how not in OF_TARGETS]
    how = r.choice(hows)
    if kind == "memmap":
        how, at = "NaN in x", None if at is None else at % steps
    if kind == "sequence" and at is not None:
        at %= steps
    return Case(
        *(method, kind, how, at, steps, epochs, r.choice((1, 2, 8)), r.random() < 0.4),
        *(r.random() < 0.3, r.random() < 0.5, r.random() < 0.5),
        r.choice(("nothing", "nothing", "arrays", "stream", "broken")),
        *(r.choice((1, 500, 2**24)), r.choice((1, 2)), r.choice((0, 0, 2))),
    )


def batches_of(case, arrays, wrong):
    """All batches of an epoch after the other, in the same arrays or in new ones."""
    plain, number, buffers = Batches(*arrays, size=case.size), 0, None
    while True:
        for k in range(case.steps):
            batch = plain[k]
            if case.reused:
                buffers = buffers or [array.astype(np.float32) for array in batch]
                for buffer, array in zip(buffers, batch, strict=True):
                    buffer[:] = array
                batch = tuple(buffers)
            yield wrong(batch) if number == case.at else batch
            number += 1


class Iterating:
    """An iterator that is no generator."""

    def __init__(self, batches):
        self.batches = batches

    def __iter__(self):
        return self

    def __next__(self):
        return next(self.batches)


class Wrong(Batches):
    """A Sequence of which one batch is wrong."""

    def __init__(self, arrays, case, wrong):
        super().__init__(*arrays, size=case.size)
        self.at, self.wrong = case.at, wrong

    def __getitem__(self, k):
        batch = super().__getitem__(k)
        return self.wrong(batch) if k == self.at else batch


def from_a_thread(batches, count):
    """Batches that another thread makes, copies of what it may fill again."""
    queue = Queue(2)

    def feed():
        try:
            for _ in range(count):
                batch = next(batches)
                queue.put((batch and tuple(a if a is None else a.copy() for a in batch), None))
        except BaseException as error:
            queue.put((None, error))

    Thread(target=feed, daemon=True).start()
    for _ in range(count):
        batch, error = queue.get()
        if error is not None:
            raise error
        yield batch


def stream(case, arrays, wrong, folder):
    """x, and what stands beside it in the call."""
    if case.kind == "memmap":
        arrays = [array.copy() for array in arrays]
        if case.at is not None:
            arrays[0][case.at * case.size, 0, 0] = np.nan
        x = mapped(folder, "x", arrays[0])
        beside = {} if case.method == "predict" else {"y": arrays[1]}
        if case.weighted and beside:
            beside["sample_weight"] = arrays[2]
        if case.method == "fit":
            beside["shuffle"] = False
        return x, beside | {"batch_size": case.size}
    beside = {("steps_per_epoch" if case.method == "fit" else "steps"): case.steps}
    if case.kind == "sequence":
        return Wrong(arrays, case, wrong), beside
    batches = batches_of(case, arrays, wrong)
    if case.kind == "thread":
        return from_a_thread(batches, case.steps * case.epochs), beside
    return Iterating(batches) if case.kind == "iterator" else batches, beside
