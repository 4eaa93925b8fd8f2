"""ONNX Runtime: prediction alone, by ``run`` or with bound memory, on one thread and on all."""

from itertools import product as combinations

import numpy as np
import onnxruntime

from tests.benchmarks.prediction.onnx_graph import graph
from tests.benchmarks.prediction.tasks import SEQUENCE, STREAM, looped, streamed

VERSION = f"ONNX Runtime {onnxruntime.__version__}"


def predict(task):
    """Threads and the two ways of calling."""
    ways = {"run": plain_step, "bound memory": bound_step}
    threads = {"all threads": 0, "1 thread": 1}
    return {
        f"{way}, {count}": program(task, ways[way](task, session(task, threads[count])))
        for way, count in combinations(ways, threads)
    }


def session(task, threads):
    """The task's graph, ready to run."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    return onnxruntime.InferenceSession(graph(task), options, ["CPUExecutionProvider"])


def program(task, calls):
    """``run(times)`` from ``step(x)`` and ``reset()``."""
    step, reset = calls
    data = task.inputs()
    if task.way == STREAM:
        return streamed(lambda x: step(x)[0], list(data[:, None, None]))
    if task.way == SEQUENCE:
        return whole(step, reset, np.ascontiguousarray(data.transpose(1, 0, 2)))

    def start():
        reset()
        return data[0, None, None]

    return looped(start, lambda x: step(x)[None])


def whole(step, reset, x):
    """All samples in one call, from zeros each time."""

    def run(times):
        for _ in range(times):
            reset()
            y = step(x)
        return np.array(y)

    return run


def plain_step(task, session):
    """By ``session.run``, which takes arrays and makes new ones."""
    zeros = np.zeros((1, task.batch, task.units), np.float32)
    h = c = zeros

    def step(x):
        nonlocal h, c
        y, h, c = session.run(None, {"x": x, "h": h, "c": c})
        return y

    def reset():
        nonlocal h, c
        h = c = zeros

    return step, reset


def bound_step(task, session):
    """By a binding to memory of ours; two of them by turns, as what one writes the other reads."""
    state = (2, 1, task.batch, task.units)
    h, c = np.zeros(state, np.float32), np.zeros(state, np.float32)
    x = np.zeros((task.steps, task.batch, task.features), np.float32)
    y = np.zeros((task.batch, task.outputs or task.units), np.float32)
    value = onnxruntime.OrtValue.ortvalue_from_numpy
    hs, cs = [[value(part) for part in parts] for parts in (h, c)]
    bindings = []
    for k in (0, 1):
        binding = session.io_binding()
        for name, part in (("x", value(x)), ("h", hs[k]), ("c", cs[k])):
            binding.bind_ortvalue_input(name, part)
        for name, part in (("y", value(y)), ("h_new", hs[1 - k]), ("c_new", cs[1 - k])):
            binding.bind_ortvalue_output(name, part)
        bindings.append(binding)
    turn = 0

    def step(features):
        nonlocal turn
        x[...] = features
        session.run_with_iobinding(bindings[turn])
        turn = 1 - turn
        return y

    def reset():
        h[...] = c[...] = 0

    return step, reset
