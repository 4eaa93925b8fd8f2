"""Damaged files of Keras 3, ``.keras``: each is refused in a sentence, or is the model it says.

Bytes are flipped, cut, lengthened, patched; members of the archive are left out, doubled, called
otherwise, packed, exchanged; the description is edited as JSON; the weights in it are damaged as in
`damaged_hdf5`. Nothing is unpacked to the disk, imported or run, and no number taken that the
archive's own sums deny.
"""

import io
import json
import warnings
import zipfile
import zlib

import tinylstm
from tests.attacks import damaged_hdf5
from tests.attacks._judge import Row
from tests.attacks._mutations import BYTES, cut, edited, flipped, of_odd_numbers, patched

CONFIG, WEIGHTS = "config.json", "model.weights.h5"
NAMES = ("../../evil", "/etc/evil", "config.json/", "C:\\evil", "model.weights.h5/x", "", "\0", "é")
PACKED = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA)


def attack(tries, seed):
    """So many mutants of archives."""
    return damaged_hdf5.of_keras(".keras", MUTATIONS, row_of, tries, seed)


def row_of(sound, kind):
    """What is asked of a mutant: a model."""
    return Row(tinylstm.load_model, wrong_archive, **damaged_hdf5.LIMITS)


def wrong_archive(model, content):
    """What is wrong with a model that was made of an archive."""
    if not has_its_sums(content):
        yield "with a wrong sum"
    yield from damaged_hdf5.wrong_model(model, content)


def has_its_sums(content):
    """Whether what is read of an archive that was taken is what its sums are of."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        try:
            return all(archive.read(name) for name in (CONFIG, WEIGHTS))
        except zipfile.BadZipFile:
            return False


def members(content):
    """[(name, bytes)] of an archive."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return [(one.filename, archive.read(one)) for one in archive.infolist()]


def archive_of(members, packed=zipfile.ZIP_STORED):
    """The bytes of an archive."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", packed) as archive:
        for name, content in members:
            archive.writestr(zipfile.ZipInfo(name), content, packed)
    return made.getvalue()


def of_other_members(content, rng):
    """Members left out, doubled, called otherwise, exchanged, or none of them."""
    found = members(content)
    for _ in range(rng.choice((1, 1, 2))):
        what, at = rng.randrange(5), rng.randrange(len(found))
        name, inside = found[at]
        if what == 0 and len(found) > 1:
            del found[at]
        elif what == 1:
            found[at] = rng.choice(NAMES), inside
        elif what == 2:
            found.append(
                (rng.choice((name, *NAMES)), rng.choice((inside, b"{}", rng.randbytes(99))))
            )
        elif what == 3:
            found[at] = name, rng.choice((b"", b"{}", b"[]", b"null", bytes(99), found[0][1]))
        else:
            rng.shuffle(found)
    return warned_not(found, rng.choice(PACKED))


def warned_not(found, packed):
    """An archive, of which Python warns where a name is twice."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return archive_of(found, packed)


def of_other_descriptions(content, rng):
    """The description edited as JSON, with the right sums."""
    found = dict(members(content))
    found[CONFIG] = json.dumps(edited(json.loads(found[CONFIG]), rng)).encode()
    return archive_of(found.items())


def of_other_letters(content, rng):
    """Letters of the description exchanged, with the right sums."""
    found = dict(members(content))
    found[CONFIG] = rng.choice((flipped, patched, cut))(found[CONFIG], rng)
    return archive_of(found.items())


def of_other_weights(content, rng):
    """The weights damaged, with the right sums."""
    found = dict(members(content))
    kind = rng.choice([*damaged_hdf5.MUTATIONS])
    found[WEIGHTS] = damaged_hdf5.MUTATIONS[kind](found[WEIGHTS], rng)
    return archive_of(found.items(), rng.choice(PACKED[:2]))


def of_another_size(content, rng):
    """A bomb: zeros behind the description, packed; or a size that is not so."""
    found = dict(members(content))
    name = rng.choice([*found])
    found[name] += (b" " if name != WEIGHTS else b"\0") * rng.choice((10**6, 3 * 10**7))
    made = bytearray(archive_of(found.items(), zipfile.ZIP_DEFLATED))
    if rng.random() < 0.5:
        size, other = len(found[name]), rng.choice((0, 10, 2**31, 2**32 - 2))
        old = size.to_bytes(4, "little")
        made = made.replace(old, other.to_bytes(4, "little"))
    return bytes(made)


def of_another_sum(content, rng):
    """The sum of a member changed, or its bytes."""
    _, inside = rng.choice(members(content))
    total = zlib.crc32(inside).to_bytes(4, "little")
    if rng.random() < 0.5:
        return content.replace(total, rng.randbytes(4))
    return content.replace(inside[-40:], flipped(inside[-40:], rng))


MUTATIONS = BYTES | {
    "of odd numbers": of_odd_numbers,
    "of other members": of_other_members,
    "of other descriptions": of_other_descriptions,
    "of more descriptions": of_other_descriptions,
    "of other letters": of_other_letters,
    "of other weights": of_other_weights,
    "of another size": of_another_size,
    "of another sum": of_another_sum,
}
