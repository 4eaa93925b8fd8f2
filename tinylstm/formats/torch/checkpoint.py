"""Files of ``torch.save``, which PyTorch itself reads and writes, where it is installed.

They are pickles. ``weights_only=True`` has PyTorch take tensors and plain values from one, and run
nothing of it.
"""

import pickle
import warnings
from collections.abc import Mapping
from importlib.util import find_spec

from ...files import zipped
from ...files.refusals import Damaged
from ...surface.errors import kind_of, mismatch

PICKLES = tuple(bytes([0x80, protocol]) for protocol in range(2, 6))  # how they begin
SAFE = "2.6"  # of PyTorch; before it a file could run code although weights_only=True
BESIDE = 16 * 2**20  # bytes that the tensors may have beside twice those of the file
SAFER = (
    "safetensors.torch.save_file(net.state_dict(), path), which is read without PyTorch and pickles"
)


def torch_for(what):
    """PyTorch, imported; what: what it is needed for."""
    if find_spec("torch") is None:
        raise mismatch(
            "This needs PyTorch, which is not installed.",
            f"pip install torch; or, where it is, {SAFER}",
            what,
            ImportError,
        )
    import torch  # takes seconds

    return torch


def reader_for(path):
    """PyTorch, where it reads a file without running anything of it."""
    torch = torch_for(path)
    if torch.__version__ < SAFE:
        raise mismatch(
            f"PyTorch before {SAFE} may run code that is in a file.",
            f"PyTorch {SAFE} or more; or {SAFER}",
            f"PyTorch {torch.__version__}",
            ImportError,
        )
    return torch


def holds(path):
    """Whether a zip archive is one of `torch.save`: it has a pickle in a folder."""
    try:
        with zipped.file_at(path) as (file, size), zipped.opened(file, size) as archive:
            return any(name.endswith("/data.pkl") for name in archive.namelist())
    except Damaged:
        return False


def read(path):
    """The tensors of a file, by their names.

    Raises
    ------
    ImportError
        If PyTorch is not installed, or too old.
    OSError
        If there is no file, or the system does not let it be read.
    ValueError
        If it is damaged, or has anything but tensors and plain values.
    """
    with zipped.file_at(path) as (file, size):
        try:
            found = loaded(file, size, reader_for(path))
        except Damaged as reason:
            raise mismatch(
                f"{path} is not a file of weights of PyTorch: {reason}.",
                f"torch.save(net.state_dict(), path), or {SAFER}",
                f"{size:,} bytes",
            ) from None
    if not isinstance(found, Mapping):
        raise mismatch(
            f"There is no state_dict in {path}.",
            "torch.save(net.state_dict(), path)",
            kind_of(found),
        )
    return found


def loaded(file, size, torch):
    """What PyTorch reads from an open file, whose tensors are no more than its size allows.

    Its members have checksums, which PyTorch does not compare.
    """
    with zipped.opened(file, size) as archive:
        if any(name.endswith("/constants.pkl") for name in archive.namelist()):
            raise Damaged("it is a program, as TorchScript saves it, for torch.jit.load")
        zipped.need_checksums(archive)
    file.seek(0)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            found = torch.load(file, map_location="cpu", weights_only=True)
    except pickle.UnpicklingError:
        raise Damaged("it has more than tensors and plain values, as a whole module has") from None
    except Exception as reason:  # whatever its C++ says
        raise Damaged(f"PyTorch cannot read it ({type(reason).__name__})") from None
    tensors = found.values() if isinstance(found, Mapping) else ()
    total = sum(one.numel() * one.element_size() for one in tensors if torch.is_tensor(one))
    if total > 2 * size + BESIDE:
        raise Damaged(f"its tensors would have {total:,} bytes")
    return found


def write(path, tensors):
    """Write arrays by their names into a file, as `torch.save` does with a state_dict."""
    torch = torch_for("a file of PyTorch")
    with open(path, "wb") as file:
        torch.save({name: torch.from_numpy(array) for name, array in tensors.items()}, file)
