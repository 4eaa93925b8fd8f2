"""Damaged files of PyTorch: each is refused in a sentence, or read as PyTorch reads it.

Files of `torch.save` are flipped, cut, lengthened, patched; or packed anew with such a member, most
often the pickle, or with a pickle that calls something. What may come of it: `_judge`; and no
number that is not finite is taken. PyTorch must be installed.
"""

import io
import os
import pickle
import zipfile
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from tests.attacks._judge import OWN, Row, finds, into, quiet
from tests.attacks._mutations import BYTES, cut, drawn, flipped, lengthened, of_odd_numbers, patched
from tests.attacks.damaged_archives import of_other_numbers
from tests.attacks.odd_values import little_memory
from tinylstm import LSTM, Dense, Sequential
from tinylstm.formats.torch import checkpoint, sources

T, D, H, K = 3, 2, 4, 2  # steps, features, units, outputs
CALLS = os.system, os.mkdir, eval, exec, open, print, getattr, __import__, pickle.loads, np.load


def attack(tries, seed):
    """Sound files, and so many mutants."""
    files = sound()
    model = Sequential([LSTM(H, input_shape=(T, D)), Dense(K)])
    model.build((None, T, D))
    with TemporaryDirectory() as folder:
        path = Path(folder) / "a.pt"
        for content in files:
            path.write_bytes(content)
            taken(path, model)  # what the first ones take is of PyTorch and Numba
        row = Row(taken, wrong, model=lambda: model, modules=(*OWN, "torch"))
        with little_memory():
            for content in files:
                yield from finds(row, path, "a sound file", content, True)
            for name, one, _, content in drawn(tries, seed, files, MUTATIONS):
                yield from finds(row, path, name, content, content == one)


def sound():
    """Files of an LSTM and a Linear, in four dtypes, and with all numbers in one member."""
    import torch  # takes seconds, and is not installed everywhere

    torch.manual_seed(3)
    net = torch.nn.ModuleDict({"lstm": torch.nn.LSTM(D, H), "head": torch.nn.Linear(H, K)})
    states = [
        dict(net.to(dtype).state_dict())
        for dtype in (torch.float16, torch.bfloat16, torch.float64, torch.float32)
    ]
    whole = torch.cat([one.reshape(-1) for one in states[-1].values()])
    parts = whole.split([one.numel() for one in states[-1].values()])
    both = zip(states[-1].items(), parts, strict=True)
    states.append({name: part.view(one.shape) for (name, one), part in both})
    return [saved(state) for state in states]


def saved(state):
    """The bytes of a file."""
    import torch

    file = io.BytesIO()
    torch.save(state, file)
    return file.getvalue()


def taken(path, model):
    """The arrays of a file, and the model that they have gone into."""
    return sources.arrays_of(checkpoint.read(path), path), into(path, model)


def wrong(both, content):
    """Whether PyTorch reads other numbers, or numbers that are not finite are taken."""
    import torch

    arrays, model = both
    with quiet():
        theirs = torch.load(io.BytesIO(content), map_location="cpu", weights_only=True)
    if arrays.keys() != theirs.keys() or any(
        not np.array_equal(one, theirs[name].double().numpy()) for name, one in arrays.items()
    ):
        yield "otherwise than PyTorch reads it"
    if not np.isfinite(model.theta).all():
        yield "with numbers that are not finite"


def of_another_member(content, rng):
    """The same members packed anew, one of them damaged."""
    members = members_of(content)
    pickles = [name for name in members if name.endswith(".pkl")]
    name = rng.choice([*4 * pickles, *members])
    changed = rng.choice((flipped, patched, cut, lengthened, of_odd_numbers))
    members[name] = changed(members[name], rng)
    return archive_of(members)


def members_of(content):
    """{name: bytes} of an archive."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {info.filename: archive.read(info) for info in archive.infolist()}


def archive_of(members):
    """The bytes of an archive."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, inside in members.items():
            archive.writestr(name, inside)
    return file.getvalue()


class Call:
    """What is a call where it is unpickled."""

    def __init__(self, function):
        self.function = function

    def __reduce__(self):
        return self.function, ("was_here",)


def of_a_call(content, rng):
    """A pickle that calls something, alone, or among the tensors' names."""
    members = members_of(content)
    (name,) = (name for name in members if name.endswith(".pkl"))
    call = pickle.dumps(Call(rng.choice(CALLS)), protocol=2)
    whole = members[name]
    members[name] = rng.choice((call, whole[:-1] + call[2:], call[:-1] + whole[2:]))
    return archive_of(members)


MUTATIONS = BYTES | {
    "of other numbers": of_other_numbers,
    "of another member": of_another_member,
    "of another pickle": of_another_member,
    "of a call": of_a_call,
}
