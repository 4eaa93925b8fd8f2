"""Archives of arrays are read as NumPy reads them, and nothing else is: see also the attack."""

import io
import struct
import zipfile

import numpy as np
import pytest

from tests.attacks.damaged_archives import Pickled, pickled
from tests.snapshots import refused
from tinylstm.files import npz, zipped

pytestmark = pytest.mark.quick
DTYPES = "float16", ">f4", "float64", "int8", "uint64", "bool"
SHAPES = (), (0,), (5,), (3, 4), (2, 1, 3)


def packed(path, members, method=zipfile.ZIP_DEFLATED):
    """An archive of members by their names."""
    with zipfile.ZipFile(path, "w", method) as archive:
        for name, content in members.items():
            archive.writestr(name, content)


def member(array):
    """The bytes of a member."""
    file = io.BytesIO()
    np.save(file, array)
    return file.getvalue()


@pytest.mark.parametrize("save", [np.savez, np.savez_compressed])
@pytest.mark.parametrize("dtype", DTYPES)
def test_arrays_are_those_that_were_written(tmp_path, save, dtype):
    rng = np.random.default_rng(2)
    arrays = {f"a{k}": rng.normal(size=shape).astype(dtype) for k, shape in enumerate(SHAPES)}
    arrays["by columns"] = np.asfortranarray(arrays["a3"])
    save(tmp_path / "a.npz", **arrays)
    found = npz.read(tmp_path / "a.npz")
    assert [*found] == [*arrays]
    for name, array in arrays.items():
        assert (found[name].dtype, found[name].shape) == (array.dtype, array.shape)
        assert found[name].tobytes() == array.tobytes()


REFUSED = {  # members of an archive, and words of the sentence
    "objects": ({"a.npy": pickled()}, "dtype '|O', which is not one of numbers"),
    "words": ({"a.npy": member(np.array(["a"]))}, "not one of numbers"),
    "complex": ({"a.npy": member(np.ones(2, complex))}, "not one of numbers"),
    "records": (
        {"a.npy": member(np.zeros(2, [("a", "f4")]))},
        "not described as an array of numbers",
    ),
    "no array": ({"a.txt": b"1, 2"}, "is no array"),
    "no header": ({"a.npy": b""}, "no array of NumPy"),
    "another version": ({"a.npy": b"\x93NUMPY\x09\x00" + bytes(99)}, "no array of NumPy"),
    "a long header": ({"a.npy": b"\x93NUMPY\x02\x00\xff\xff\xff\xff"}, "header of 4,294,967,295"),
    "too few numbers": ({"a.npy": member(np.zeros(9))[:-1]}, "needs 72 bytes and has 71"),
    "too many numbers": ({"a.npy": member(np.zeros(9)) + b"\0"}, "needs 72 bytes and has 73"),
    "a bomb": ({"a.npy": member(np.zeros(2**22))}, "would have 33,554,560 bytes"),
    "a negative length": (
        {"a.npy": member(np.zeros(3)).replace(b"(3,)", b"(-3)")},
        "not described as an array of numbers",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_no_array_of_numbers_is_refused(tmp_path, case):
    members, words = REFUSED[case]
    packed(tmp_path / "a.npz", members)
    with refused(ValueError, words):
        npz.read(tmp_path / "a.npz")
    assert not Pickled.run


def test_a_shape_beyond_all_memory_is_refused_before_it_is_reserved(tmp_path):
    head = b"{'descr': '<f8', 'fortran_order': False, 'shape': (%d, %d), }\n" % (2**40, 2**40)
    packed(tmp_path / "a.npz", {"a.npy": b"\x93NUMPY\1\0" + struct.pack("<H", len(head)) + head})
    with refused(ValueError, "a shape that no memory can hold"):
        npz.read(tmp_path / "a.npz")


def test_archives_that_are_not_sound_are_refused(tmp_path):
    path, content = tmp_path / "a.npz", member(np.ones(9))
    packed(path, {"a.npy": content}, zipfile.ZIP_STORED)
    sound = path.read_bytes()
    for broken in (
        sound[:-1],
        sound[9:],
        sound + b"\0",
        sound.replace(content[-8:], bytes(8)),
        b"",
    ):
        path.write_bytes(broken)
        with refused(ValueError, "is not a file of NumPy's savez"):
            npz.read(path)
    folder = zipfile.ZipInfo("a.npy")
    folder.external_attr = 0x10
    packed(path, {folder: content})
    with refused(ValueError, "a member is a folder"):
        npz.read(path)
    packed(path, {"a.npy": content}, zipfile.ZIP_LZMA)
    with refused(ValueError, "packed in a way that is not read here"):
        npz.read(path)
    packed(path, {"a.npy": content, "b.npy": content})
    path.write_bytes(path.read_bytes().replace(b"b.npy", b"a.npy"))
    with refused(ValueError, "two members of one name"):
        npz.read(path)
    with refused(FileNotFoundError, "no such file"):
        npz.read(tmp_path)


def test_a_list_of_members_is_looked_at_before_it_is_read(tmp_path):
    path = tmp_path / "a.npz"
    packed(path, {f"{k}.npy": b"" for k in range(2**20 // 50)}, zipfile.ZIP_STORED)
    with refused(ValueError, "its list of members has 1,"):
        npz.read(path)


def test_an_archive_with_the_longer_record_is_read(tmp_path, monkeypatch):
    """As PyTorch writes it, and Python where there are many members."""
    monkeypatch.setattr(zipfile, "ZIP_FILECOUNT_LIMIT", 0)
    packed(tmp_path / "a.npz", {"a.npy": member(np.arange(3.0))})
    content = (tmp_path / "a.npz").read_bytes()
    assert zipped.LONG_END.unpack(content[-98:-42])[0] == b"PK\x06\x06"
    assert npz.read(tmp_path / "a.npz")["a"].tolist() == [0, 1, 2]
    at = len(content) - 98 + 40  # the length of the list, in that record
    (tmp_path / "a.npz").write_bytes(content[:at] + struct.pack("<Q", 2**40) + content[at + 8 :])
    with refused(ValueError, "its list of members has 1,099,511,627,776 bytes"):
        npz.read(tmp_path / "a.npz")
