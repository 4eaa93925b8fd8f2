"""Which format a file has, or is to have."""

from importlib import import_module
from importlib.util import find_spec

from ..files.opening import opened_file
from ..files.refusals import told
from ..saving.model_file import CANNOT_BE
from ..surface.arguments import find
from ..surface.errors import mismatch, warn
from . import FORMATS, OTHERS, OWN, PACKAGES, Format

START = 16  # bytes, of which a file's format is told
OF_TORCH = FORMATS["torch.safetensors"]  # which begins as our own does
OF_JSON = slice(8, 9)  # where a safetensors file has the first bracket of its header
OF_MODELS = {"save": "model.save({})", "save_weights": "model.save_weights({})"}
OF_CHECKPOINTS = {
    "save": "ModelCheckpoint({})",
    "save_weights": "ModelCheckpoint({}, save_weights_only=True)",
}


def to_write(path, name):
    """The format of a name, or of the path's suffix; our own for any other. A `Format` is itself:
    who gives it has said what there is to say."""
    if isinstance(name, Format):
        return name
    found = by_suffix(path)
    if name is not None:
        one = find(FORMATS, name, "format")
        if found not in (None, one) and one.suffixes:
            warn(
                f"{path.name} is a file of {one.whose} of the format {name!r}, although its suffix "
                f"is that of {found.name!r}: programs that go by it will not read it. Those of "
                f"{name!r} end in {' or '.join(one.suffixes)}."
            )
        return one
    whose, _ = OTHERS.get(path.suffix.lower(), (None, None))
    if found is None and whose is not None:
        warn(
            f"{path.name} is a safetensors file, although its suffix is that of {whose}. Files of "
            f"other programs are those with one of {suffixes()}; format='safetensors' says that it "
            "is meant so."
        )
    return found or OWN


def to_read(path, name):
    """The format of a name, or as the file begins, or of the path's suffix."""
    if name is not None:
        return find(FORMATS, name, "format")
    start = start_of(path)
    if start[OF_JSON] == b"{":
        return OF_TORCH if holds(OF_TORCH, path) else OWN
    alike = [one for one in FORMATS.values() if one.begins and start.startswith(one.begins)]
    likely = by_suffix(path)
    if len(alike) > 1:
        alike.sort(key=lambda one: one is not likely)
        found = next((one for one in alike if is_there(one) and holds(one, path)), None)
    else:
        found = alike[0] if alike else likely
    if found is None:
        need_no_other(path)
        if not alike and start[OF_JSON]:
            raise mismatch(
                f"{path.name} does not begin as any file that is read here.",
                f"{readable()}, or one of tinylstm by any name; a copy, if it is damaged",
                f"{path}, which begins with {start[: OF_JSON.start]!r}",
            )
    return found or next(iter(alike), OWN)


def suffixes():
    """Those of all formats, as they stand in a sentence."""
    return ", ".join(suffix for one in FORMATS.values() for suffix in one.suffixes)


def readable():
    """What files are expected, in words."""
    return f"a file that ends in one of {suffixes()}"


def need_no_other(path):
    """Refuse a file whose suffix is that of a program whose files are never read."""
    whose, way = OTHERS.get(path.suffix.lower(), (None, None))
    if whose is not None:
        raise mismatch(
            f"{path.name} seems to be a file of {whose}, which is not read here.",
            f"{readable()}; {way}",
            str(path),
        )


def holds(one, path):
    """Whether a file is of a format, as far as it makes sense; a damaged one is refused."""
    try:
        return module_of(one).holds(path)
    except CANNOT_BE as reason:
        if "\nExpected: " in str(reason):
            raise
        return False


def by_suffix(path):
    """The format whose suffix a path has, the longest; or None."""
    found = {suffix: one for one in FORMATS.values() for suffix in one.suffixes}
    fitting = [suffix for suffix in found if path.name.lower().endswith(suffix)]
    return found[max(fitting, key=len)] if fitting else None


def start_of(path):
    """The first bytes of a file."""
    with told(path, "read"), opened_file(path) as (file, _):
        return file.read(START)


def module_for(one, what, path, ways=OF_MODELS):
    """The module of a format, for one of what it can with the file at a path.

    ways: how a file is written, as a call, by what is to be in it.

    Raises
    ------
    ImportError
        If something must be installed for it.
    ValueError
        If the format has no such thing.
    """
    if what not in one.can:
        if what == "load":
            raise mismatch(
                f"There are weights alone in files of {one.whose} of the format {one.name!r}.",
                "model.load_weights(path), of a model that is built with the same layers",
                str(path),
            )
        has = "weights only" if what == "save" else "whole models only"
        raise mismatch(
            f"Files of {one.whose} of the format {one.name!r} hold {has}.",
            " or ".join(ways_to_write(one, what, path, ways)),
            str(path),
        )
    return module_of(one)


def ways_to_write(one, what, path, ways):
    """Calls that write: what a format has into this file, or what it has not into one beside it."""
    said = repr(str(path)) + ("" if by_suffix(path) is one else f", format={one.name!r}")
    yield ways["save_weights" if what == "save" else "save"].format(said)
    fitting = [other for other in FORMATS.values() if what in other.can and other.suffixes]
    other = next((other for other in fitting if other.whose == one.whose), OWN)
    ends = [suffix for suffix in one.suffixes if path.name.lower().endswith(suffix)]
    stem = path.name[: -len(max(ends, key=len))] if ends else path.stem
    yield ways[what].format(repr(str(path.with_name(f"{stem}{other.suffixes[0]}"))))


def is_there(one):
    """Whether all is installed that a format needs."""
    package = PACKAGES.get(one.extra)
    return package is None or find_spec(package) is not None


def module_of(one):
    """The module of a format, imported."""
    if not is_there(one):
        package = PACKAGES[one.extra]
        raise mismatch(
            f"Files of {one.whose} need {package}, which is not installed.",
            f'pip install "tinylstm[{one.extra}]"',
            f"a file of the format {one.name!r}",
            ImportError,
        )
    return import_module(f"{__package__}.{one.module}")
