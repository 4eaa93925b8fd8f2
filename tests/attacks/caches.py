"""Cache folders that somebody has been at: owners, modes, links, kinds of file, content, dates.

Each try takes a sound folder of one user, does something to it, to the kernel's file and beside it,
and lets one or two processes of that user run the kernel. No planted code runs, the value is right,
each process ends well and in time and says one thing at most; the next one finds what they have
healed, and nothing else is left. Only root can play several users.
"""

import os
import pathlib
import pickle
import random
import shutil
import tempfile

from tinylstm.kernels.compiling.trust import remove

from tests.kernel_runs import RIGHT, Planted, answer, file_of, plant, run_kernel, start_child

ROOT = os.geteuid() == 0
ME, OTHER = (31_001, 31_002) if ROOT else (os.geteuid(), None)
OLD_OR_COMING = (10**9, 4 * 10**9)  # dates


def give(path, user):
    if ROOT:
        os.chown(path, user, user, follow_symlinks=False)


def put(path, draw):
    """Something that is no kernel's file, or nothing."""
    makers = [
        os.mkfifo,
        os.mkdir,
        lambda path: path.write_bytes(draw.randbytes(draw.choice([0, 40, 5000]))),
        lambda path: path.symlink_to("nothing"),
        lambda path: path.symlink_to(path.name),
        lambda path: path.symlink_to("/dev/zero"),
    ]
    draw.choice(makers)(path)
    give(path, draw.choice([ME, OTHER]))


def replaced(path, draw):
    path.unlink()
    if draw.random() < 0.8:
        put(path, draw)


def damaged(path, draw):
    data = bytearray(path.read_bytes())
    where = draw.randrange(len(data))
    how = draw.randrange(3)
    if how == 0:
        data[where] ^= 1 << draw.randrange(8)
    elif how == 1:
        del data[where:]
    else:
        data[where:where] = draw.randbytes(8)
    path.write_bytes(data)


def no_kernel(path, draw):
    """The right digest of something else, or a kernel of which a part is missing."""
    payload = path.read_bytes()[32:]
    plant(path, draw.choice([b"", pickle.dumps({}), payload[: draw.randrange(len(payload))]]))


def exchanged(path, draw):
    other = path.with_name(
        draw.choice(["losses.other", "optimizers.adam"]) + "-0123456789abcdef.nbc"
    )
    plant(other, path.read_bytes()[32:])
    other.replace(path)


def of_another(path, draw):
    """Code of somebody who could write the file."""
    plant(path, pickle.dumps(Planted()))
    if ROOT and draw.random() < 0.5:
        give(path, OTHER)
    else:
        path.chmod(draw.choice([0o620, 0o602, 0o666, 0o777]))


def behind_a_link(path, draw):
    plant(path, pickle.dumps(Planted()))
    path.rename(path.parents[1] / "code")
    path.symlink_to("../code")
    give(path, draw.choice([ME, OTHER]))


FILE = [lambda path, draw: None, replaced, damaged, no_kernel, exchanged, of_another, behind_a_link]


def left_over(path, draw):
    """What processes left that died, long ago or by another clock."""
    for number in range(draw.randrange(4)):
        one = path.with_suffix(f".{number}{draw.choice(['.part', '.lock', '.loading'])}")
        put(one, draw)
        os.utime(one, (draw.choice(OLD_OR_COMING),) * 2, follow_symlinks=False)
    lock = path.with_suffix(".lock")
    if draw.random() < 0.3:
        put(lock, draw)


def former(path, draw):
    """Folders of many former sources, of any date."""
    for k in range(draw.randrange(12)):
        one = path.parents[1] / f"kernels-{k:020x}"
        one.mkdir()
        os.utime(one, (draw.choice(OLD_OR_COMING) + k,) * 2)
        give(one, ME)


def open_to_others(path, draw):
    """Code of somebody who could write to a folder; returns the folder's name for the user."""
    remove(path)
    plant(path, pickle.dumps(Planted()))
    cache, below = path.parents[1], path.parent
    deeds = [
        (below, draw.choice([0o770, 0o777, 0o1777])),
        (cache, draw.choice([0o770, 0o777, 0o2775])),
        (cache.parent, 0o777),
    ]
    one, mode = draw.choice(deeds)
    if ROOT and draw.random() < 0.3:
        give(draw.choice([below, cache]), OTHER)
    elif ROOT and draw.random() < 0.3:
        link = cache.with_name("link")
        link.symlink_to(cache)
        give(link, OTHER)
        return link
    else:
        one.chmod(mode)
    return cache


def no_folder(path, draw):
    """Something else in the place of the folder, or a folder for reading alone."""
    one = draw.choice([path.parent, path.parents[1]])
    if ROOT and draw.random() < 0.3:
        give(one, 0)
    elif ROOT and draw.random() < 0.3:
        one.chmod(draw.choice([0, 0o500, 0o300]))
    else:
        shutil.rmtree(one)
        while not os.path.lexists(one) or one.is_dir():
            shutil.rmtree(one, ignore_errors=True)
            put(one, draw)
    return path.parents[1]


def one_try(sound, place, draw):
    """What one try shows to be wrong, in words; nothing where all is right."""
    cache = pathlib.Path(shutil.copytree(sound, place / "cache"))
    path = file_of(cache)
    for one in [cache, *cache.rglob("*")]:
        give(one, ME)
    deeds = [draw.choice(FILE), left_over, former]
    for deed in deeds:
        deed(path, draw)
    deed = draw.choice([None, None, open_to_others, no_folder])
    named = cache if deed is None else deed(path, draw)
    options = {"user": ME if ROOT else None, "umask": draw.choice([0, 0o022, 0o077, 0o777])}

    def run():
        return run_kernel(named)

    results = [
        answer(one) for one in [start_child(run, **options) for _ in draw.choice(["1", "22"])]
    ]
    for result in results:
        if isinstance(result, str):
            yield f"a process {result}"
        elif result[0] != RIGHT or len(result[2]) > 1:
            yield f"{result}"
    if deed is None:
        again = answer(start_child(run, **options))
        if again != (RIGHT, True, []):
            yield f"the next process: {again}"
        left = [one.name for one in path.parent.iterdir() if one.suffix != ".nbc"]
        if left and not all(loaded for _, loaded, _ in results):
            yield f"left over: {left}"


def attack(tries, seed):
    """Yields a sentence for each find."""
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        folder.chmod(0o755)
        run_kernel(folder / "sound")  # and imports all that the children need
        for number in range(tries):
            place = folder / f"{number}"
            place.mkdir()
            place.chmod(0o1777)
            for find in one_try(folder / "sound", place, random.Random(f"{seed} {number}")):
                yield f"try {number}: {find}"
            shutil.rmtree(place)
