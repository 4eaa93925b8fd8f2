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
        suffixes = ", ".join(suffix for one in FORMATS.values() for suffix in one.suffixes)
        warn(
            f"{path.name} is a safetensors file, although its suffix is that of {whose}. Files of "
            f"other programs are those with one of {suffixes}; format='safetensors' says that it "
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
    return found or next(iter(alike), OWN)


def need_no_other(path):
    """Refuse a file whose suffix is that of a program whose files are never read."""
    whose, way = OTHERS.get(path.suffix.lower(), (None, None))
    if whose is not None:
        files = ", ".join(suffix for one in FORMATS.values() for suffix in one.suffixes)
        raise mismatch(
            f"{path.name} seems to be a file of {whose}, which is not read here.",
            f"a file that ends in one of {files}; {way}",
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


def module_for(one, what):
    """The module of a format, for one of what it can.

    Raises
    ------
    ImportError
        If something must be installed for it.
    ValueError
        If the format has no such thing.
    """
    if what not in one.can:
        others = " or ".join(repr(other.name) for other in FORMATS.values() if what in other.can)
        if what == "load":
            raise mismatch(
                f"There are weights alone in files of {one.whose} of the format {one.name!r}.",
                "model.load_weights(path), of a model that is built with the same layers",
                "load_model",
            )
        other, has = ("save_weights", "weights alone") if what == "save" else ("save", "all")
        raise mismatch(
            f"{what} does not go with files of {one.whose} of the format {one.name!r}, that have "
            f"{has} of a model.",
            f"model.{other}(path); or {what} with format={others}",
            f"format={one.name!r}",
        )
    return module_of(one)


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
