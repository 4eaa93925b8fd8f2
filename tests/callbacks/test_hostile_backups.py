"""What is kept of a training does no harm to one that goes on from it, whoever wrote it."""

import json

import pytest

from tests.attacks.damaged_backups import FILE, Killed, fit, kill, model_of
from tests.attacks.damaged_models import with_
from tests.files.by_hand import parts
from tests.snapshots import changed, refused, snapshot
from tinylstm.callbacks import LambdaCallback, ModelCheckpoint

FIRST = ("noted", 0, 1)  # of what the callbacks have noted: EarlyStopping
CHANGES = {  # the text, the path in it, the value, and what is then said
    "an epoch without an end": ("training", ("epoch",), 2**62, "The epoch must be"),
    "an epoch below zero": ("training", ("epoch",), -1, "The epoch must be"),
    "a batch that no epoch has": ("training", ("batch",), 2, "The batch must be"),
    "a word for a best value": ("training", (*FIRST, "best"), "low", "The best of EarlyStopping"),
    "a word for a method": ("training", (*FIRST, "on_epoch_end"), "run", "The on_epoch_end of"),
    "a number for a list": ("training", ("noted", 2, 1, "epoch"), 7, "The epoch of History"),
    "nothing for a list": ("training", ("noted", 2, 1, "epoch"), None, "The epoch of History"),
    "a rate that is a word": ("rule", ("learning_rate",), "fast", "learning_rate is a number"),
    "rows that the state has not": ("position", ("rows",), 10**6, "that of another model"),
}


@pytest.fixture(scope="module")
def content(tmp_path_factory):
    """The bytes of a training that was killed."""
    folder = tmp_path_factory.mktemp("kept")
    with pytest.raises(Killed):
        fit(model_of(), folder, LambdaCallback(on_epoch_end=kill))
    return (folder / FILE).read_bytes()


@pytest.mark.parametrize("name", CHANGES)
def test_what_cannot_be_is_refused_and_the_model_is_as_it_was(tmp_path, content, name):
    text, path, value, fragment = CHANGES[name]
    (tmp_path / FILE).write_bytes(with_(content, text, path, value))
    model = model_of()
    before = snapshot(model)
    with refused(ValueError, fragment):
        fit(model, tmp_path)
    assert changed(model, before) == []


def test_no_file_says_where_a_checkpoint_is_written(tmp_path, content):
    value = json.loads(json.loads(parts(content)[0])["__metadata__"]["training"])["noted"]
    value.append(["ModelCheckpoint", {"filepath": str(tmp_path / "elsewhere")}])
    (tmp_path / FILE).write_bytes(with_(content, "training", ("noted",), value))
    with refused(ValueError, "The filepath of ModelCheckpoint cannot be what the backup has"):
        fit(model_of(), tmp_path, ModelCheckpoint(tmp_path / "here"))
    assert not (tmp_path / "elsewhere").exists()
