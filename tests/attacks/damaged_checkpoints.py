"""Damaged files of PyTorch: each is refused in a sentence, or read as PyTorch reads it.

A file of `torch.save` is flipped, cut, lengthened, patched; or packed anew with such a member,
most often the pickle. No sentence of a library may be heard, no number that is not finite be taken;
and no file may take a second, or 64 MiB beside twice its size. PyTorch must be installed.
"""

import io
import random
import zipfile
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from tests.attacks.damaged_archives import finds, of_other_numbers
from tests.attacks.damaged_files import cut, flipped, lengthened, patched
from tinylstm.formats.torch import checkpoint, sources


def attack(tries, seed):
    """Mutants of a sound file."""
    import torch  # takes seconds, and is not installed everywhere

    file = io.BytesIO()
    torch.save(torch.nn.LSTM(3, 4).state_dict(), file)
    content = file.getvalue()
    with TemporaryDirectory() as folder:
        path = Path(folder) / "a.pt"
        path.write_bytes(content)
        read(path)  # what the first one takes is of PyTorch itself
        for k in range(tries):
            rng = random.Random(f"{seed} {k}")
            kind = rng.choice(list(MUTATIONS))
            other = MUTATIONS[kind](content, rng)
            name = f"mutant {k}, {kind}"
            yield from finds(path, name, other, [content], read, is_as_pytorch_reads_it)


def read(path):
    """The arrays of a file."""
    return sources.arrays_of(checkpoint.read(path), path)


def is_as_pytorch_reads_it(arrays, path):
    """Whether PyTorch has the same numbers, which are finite."""
    import torch

    with open(path, "rb") as file:
        theirs = torch.load(file, map_location="cpu", weights_only=True)
    return arrays.keys() == theirs.keys() and all(
        np.isfinite(one).all() and np.array_equal(one, theirs[name].float().numpy())
        for name, one in arrays.items()
    )


def of_another_member(content, rng):
    """The same members packed anew, one of them damaged."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        members = {info.filename: archive.read(info) for info in archive.infolist()}
    pickles = [name for name in members if name.endswith(".pkl")]
    name = rng.choice([*4 * pickles, *members])
    members[name] = rng.choice((flipped, patched, cut, lengthened))(members[name], rng)
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for one, inside in members.items():
            archive.writestr(one, inside)
    return file.getvalue()


MUTATIONS = {
    "flipped": flipped,
    "cut": cut,
    "lengthened": lengthened,
    "patched": patched,
    "of other numbers": of_other_numbers,
    "of another member": of_another_member,
    "of another pickle": of_another_member,
}
