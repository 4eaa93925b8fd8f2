"""Damaged ONNX graphs: each is refused in a sentence, or is the model that ONNX Runtime runs.

Files are flipped, cut, lengthened, patched; and what they say is edited as a message: operators,
attributes, names, lengths, numbers, nodes that are left out, doubled, or read each other. What may
come of it: `_judge`; and where ONNX Runtime, if it is there, takes a graph too, both put out the
same.
"""

import struct
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

import tinylstm
from tests.attacks._judge import Row, finds, quiet
from tests.attacks._mutations import BYTES, drawn
from tests.attacks.odd_values import little_memory
from tests.formats.onnx.graphs import GRAPHS
from tests.formats.onnx.models import MODELS, STATEFUL, B, T, made
from tinylstm.formats.onnx.messages import MODEL
from tinylstm.formats.onnx.wire import Reader, written

SOUND = ("LSTM", "the last step first", "both directions, sum", "words", "masks of every step")
CARRIED = "both directions", "masks"
NUMBERS = (-1, 0, 1, 2, 3, 4, 5, 6, 7, 12, 16, 2**31 - 1, 2**31, 2**40, 2**62, 2**63 - 1, -(2**63))
WORDS = (
    *("", "x", "y", "h", "LSTM", "GRU", "RNN", "Identity", "Add", "Mul", "Reshape", "Slice"),
    *("Transpose", "Squeeze", "Concat", "Loop", "If", "Tanh", "Softmax", "reverse", "forward"),
    *("bidirectional", "Sigmoid", "HardSigmoid", "tinylstm", "com.microsoft", "\x1b", "a" * 1000),
)
FLOATS = (-1.0, 0.0, 0.5, 1.0, 2.0, 1e-3, 1e30, float("nan"), float("inf"))
NO_MESSAGE = (AttributeError, LookupError, TypeError, ValueError, RecursionError, struct.error)
NEAR = {"rtol": 1e-3, "atol": 1e-4}
DTYPES = {"tensor(float)": "f4", "tensor(double)": "f8", "tensor(int64)": "i8"}
LONG = 100  # samples, steps, features
LARGE = 10  # weights, from which on the last bits of a step become the first ones of a later one


def sound(path):
    """Files as they are written here, and graphs as others write them."""
    found = [written(MODEL, one) for one in GRAPHS.values()]
    for models, names in ((MODELS, SOUND), (STATEFUL, CARRIED)):
        for name in names:
            made(models[name]()).save(path)
            found.append(path.read_bytes())
    return found


def attack(tries, seed):
    """Sound files, and so many mutants."""
    with TemporaryDirectory() as folder, little_memory():
        path = Path(folder) / "w.onnx"
        files = sound(path)
        for content in files:
            yield from finds(ROW, path, "a sound file", content, True)
        for name, _, _, content in drawn(tries, seed, files, MUTATIONS):
            yield from finds(ROW, path, name, content)


def wrong(model, content):
    """Whether a model puts out something else than ONNX Runtime does with the graph."""
    session = session_of(content)
    too_long = max(n or 0 for n in model.batch_input_shape) > LONG
    if session is None or too_long or np.abs(model.theta).max(initial=0) > LARGE:
        return
    x = input_of(model)
    expected = [*outputs(session, x)]
    if not expected:
        return
    with quiet(), np.errstate(all="ignore"):
        found = model.predict(x, batch_size=len(x), verbose=0)
    if not any(is_near(found, one) for one in expected):
        yield "otherwise than ONNX Runtime runs it"


def is_near(found, expected):
    """Whether the numbers are the same, up to what two programs differ by."""
    alike = found.shape == expected.shape
    return alike and np.allclose(found, expected, **NEAR, equal_nan=True)


def session_of(content):
    """The graph in ONNX Runtime; None where it does not take it, or is not there."""
    if find_spec("onnxruntime") is None:
        return None
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    try:
        return onnxruntime.InferenceSession(content, options, ["CPUExecutionProvider"])
    except Exception:  # its own refusals, of many kinds
        return None


def input_of(model):
    """Data for a model: small numbers, some of which are masked."""
    rows, *lengths = model.batch_input_shape
    lengths = [T if n is None else n for n in lengths]
    rng = np.random.default_rng(3)
    if model.layers[0].reads_numbers:
        return rng.integers(0, model.layers[0].input_dim, (rows or B, *lengths))
    x = rng.normal(size=(rows or B, *lengths)).astype(model.dtype)
    x[0, :1] = x[-1, -1:] = 0
    return x


def outputs(session, x):
    """What the graph puts out first, from states of zeros: with the samples first or the steps, as
    far as ONNX Runtime takes that."""
    first, *states = session.get_inputs()
    for axes in ((0, 1), (1, 0)):
        given = {first.name: turned(x, axes).astype(DTYPES.get(first.type))}
        for one in states:
            shape = [n if isinstance(n, int) else len(x) for n in one.shape]
            given[one.name] = np.zeros(shape, DTYPES.get(one.type))
        try:
            yield turned(session.run([session.get_outputs()[0].name], given)[0], axes)
        except Exception:  # its own refusals, of many kinds
            continue


def turned(array, axes):
    """The array with its first two axes in an order, where they are samples and steps."""
    both = array.ndim > 2 or (array.ndim == 2 and array.dtype.kind == "i")
    return array.transpose(*axes, *range(2, array.ndim)) if both else array


def edited(content, rng):
    """A file of which the message was edited, once to three times."""
    message = Reader(content).read(MODEL)
    for _ in range(rng.choice((1, 1, 2, 3))):
        places = list(inside(message))
        where, key = rng.choice(places)
        edit(where, key, rng, places)
    try:
        return written(MODEL, message)
    except NO_MESSAGE:
        return content[: rng.randrange(len(content))]


def inside(value):
    """Each place in a message, as what it is in and its name or number there."""
    keys = value if isinstance(value, dict) else range(len(value))
    for key in keys:
        yield value, key
        if isinstance(value[key], dict | list):
            yield from inside(value[key])


def edit(where, key, rng, places):
    """Put something else at a place; or take it out, double it, or exchange it."""
    what, old = rng.random(), where[key]
    if what < 0.15:
        del where[key]
    elif what < 0.3 and isinstance(where, list):
        where.insert(rng.randrange(len(where) + 1), old)
    elif what < 0.5:
        alike = [
            (a, k) for a, k in places if k in range(len(a) if type(a) is list else 0) or k == key
        ]
        other, name = rng.choice(alike or places)
        where[key], other[name] = other[name], old
    else:
        where[key] = other_value(old, rng)


def other_value(old, rng):
    """Something of the same kind."""
    if isinstance(old, int):
        return rng.choice((*NUMBERS, old + 1, old - 1, 2 * old))
    if isinstance(old, str):
        return rng.choice(WORDS)
    if isinstance(old, float):
        return rng.choice(FLOATS)
    if isinstance(old, memoryview | bytes):
        content = bytes(old)
        return rng.choice((content[:-1], content + bytes(4), b"", bytes(len(content))))
    return old


MUTATIONS = BYTES | {f"edited {k}": edited for k in range(6)}
ROW = Row(tinylstm.load_model, wrong)
