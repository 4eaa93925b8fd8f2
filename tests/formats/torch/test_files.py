"""Files of PyTorch: what is written and read, what is refused, and that nothing of one is run."""

import pickle
import subprocess
import sys
from zipfile import ZipFile

import numpy as np
import pytest
from click.testing import CliRunner
from safetensors.numpy import load_file, save_file

from tests.formats.torch.nets import D, H, K, Net, T, drawn, nn, state_of, torch
from tests.snapshots import refused
from tinylstm import LSTM, Dense, Sequential, from_torch, load_model, to_torch
from tinylstm.__main__ import main
from tinylstm.commands.show import show


def test_files_say_what_the_dict_says(tmp_path):
    net = drawn(Net("LSTM", "last", num_layers=2))
    state, expected = net.state_dict(), from_torch(net.state_dict())
    arrays = {name: tensor.numpy() for name, tensor in state.items()}
    save_file(arrays, tmp_path / "net.safetensors")
    np.savez(tmp_path / "net.npz", **arrays)
    np.savez_compressed(tmp_path / "packed.npz", **arrays)
    torch.save(state, tmp_path / "net.pt")
    for name in ("net.safetensors", "net.npz", "packed.npz", "net.pt"):
        found = from_torch(tmp_path / name)
        assert np.array_equal(found.theta, expected.theta), name
        assert [layer.name for layer in found.layers] == [layer.name for layer in expected.layers]


def test_the_doors_know_the_format(tmp_path):
    net = drawn(Net("LSTM", "last", num_layers=2, batch_first=True), torch.float32)
    model = from_torch(net.state_dict())
    for name, how in (("a.pt", None), ("b.pth", None), ("c.safetensors", "torch.safetensors")):
        path = tmp_path / name
        model.save_weights(path, format=how)
        read = load_file(path) if how else torch.load(path, weights_only=True)
        net.load_state_dict({key: torch.as_tensor(array) for key, array in read.items()})
        again = load_model(path, format=how)
        assert np.array_equal(again.theta, model.theta)
        other = Sequential([LSTM(H, return_sequences=True), LSTM(H), Dense(K)])
        other.build((None, T, D))
        other.load_weights(path, format=how)
        assert np.array_equal(other.theta, model.theta)
    with refused(ValueError, "Files of PyTorch of the format 'torch' hold weights only"):
        model.save(tmp_path / "d.pt")


@pytest.mark.parametrize("ours", [True, False])
def test_a_file_of_names_of_pytorch_is_said_to_be_one(tmp_path, ours):
    path, model = tmp_path / "a.safetensors", Sequential([LSTM(H, input_shape=(T, D))])
    if ours:
        model.save_weights(path, format="torch.safetensors")
    else:
        save_file({name: one.numpy() for name, one in nn.LSTM(D, H).state_dict().items()}, path)
    with refused(ValueError, "called as those of PyTorch") as caught:
        model.load_weights(path, format="safetensors")
    assert "tinylstm.from_torch(path)" in str(caught.value)
    with refused(ValueError, "no model in") as caught:
        load_model(path, format="safetensors")
    assert "tinylstm.from_torch(path)" in str(caught.value)
    from_torch(path, model=model)


@pytest.mark.parametrize("ours", [True, False])
def test_the_doors_see_that_a_safetensors_file_is_of_pytorch(tmp_path, ours):
    path, net = tmp_path / "a.safetensors", nn.ModuleDict({"rnn": nn.LSTM(D, H)})
    state = net.state_dict()
    model = from_torch(state)
    if ours:
        model.save_weights(path, format="torch.safetensors")
    else:
        save_file({name: one.numpy() for name, one in state.items()}, path)
    assert np.array_equal(load_model(path).theta, model.theta)
    other = Sequential([LSTM(H, input_shape=(T, D))])
    other.load_weights(path)
    assert np.array_equal(other.theta, model.theta)
    done = CliRunner().invoke(main, ["convert", str(path), str(tmp_path / "b.keras")])
    assert done.exit_code == 0, done.output
    assert np.array_equal(load_model(tmp_path / "b.keras").theta, model.theta)


@pytest.mark.parametrize("name", ["a.pt", "a.txt", "a.py"])
def test_what_is_no_file_of_weights_is_not_called_a_damaged_one(tmp_path, name):
    path = tmp_path / name
    path.write_bytes(b"import tinylstm\n" * 9)
    for read in (load_model, from_torch):
        with refused(ValueError, "does not begin as") as caught:
            read(path)
        assert "header" not in str(caught.value)


def test_a_state_dict_of_which_too_little_is_known_is_converted_with_its_model(tmp_path):
    source, target = tmp_path / "a.pt", tmp_path / "b.keras"
    torch.save(nn.ModuleDict({"rnn": nn.GRU(D, H, bidirectional=True)}).state_dict(), source)
    done = CliRunner().invoke(main, ["convert", str(source), str(target)])
    assert done.exit_code == 1
    assert "or --model FILE, with the model that they are of" in done.output


def test_what_a_file_holds_is_shown(tmp_path):
    torch.save(state_of(gru=nn.GRU(D, H), norm=nn.BatchNorm1d(H)), tmp_path / "a.pt")
    done = CliRunner().invoke(show, [str(tmp_path / "a.pt")])
    assert done.exit_code == 0, done.output
    lines = [line.split() for line in done.output.splitlines()]
    assert "weights of PyTorch" in done.output
    assert ["gru", "nn.GRU", "weight_ih_l0", "18", "x", "3", "54"] in lines
    assert any(line[:2] == ["norm", "weight"] for line in lines)
    torch.save({"epoch": 3, "net": state_of(a=nn.Linear(D, K))}, tmp_path / "b.pt")
    done = CliRunner().invoke(show, [str(tmp_path / "b.pt")])
    assert "net.a  nn.Linear  weight  2 x 3" in done.output
    assert done.output.endswith("8 parameters of float64\n'epoch' is no tensor\n")
    save_file({"gru.weight_ih_l0": np.ones((3, 2))}, tmp_path / "a.safetensors")
    done = CliRunner().invoke(show, [str(tmp_path / "a.safetensors")])
    assert "weights of PyTorch" in done.output
    assert done.output.splitlines()[-1] == "6 parameters of float64"


class Attack:
    """What a pickle can do."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return open, (self.path, "w")


def test_a_pickle_in_a_file_of_pytorch_is_not_run(tmp_path):
    path, trace = tmp_path / "a.pt", tmp_path / "was here"
    for content in ({"a.weight": Attack(str(trace))}, Attack(str(trace))):
        torch.save(content, path)
        with refused(ValueError, "more than tensors and plain values"):
            from_torch(path)
    path.write_bytes(pickle.dumps(Attack(str(trace))))
    with refused(ValueError, "is a pickle"):
        from_torch(path)
    assert not trace.exists()


def test_files_that_are_not_whole_or_not_of_weights_are_refused(tmp_path):
    path = tmp_path / "a.pt"
    torch.save(state_of(a=nn.Linear(D, K)), path)
    content = path.read_bytes()
    for broken in (
        content[:-5],
        content[: len(content) // 2],
        content[:4],
        b"PK\x03\x04" + bytes(99),
    ):
        path.write_bytes(broken)
        with refused(ValueError, "not a file of weights of PyTorch"):
            from_torch(path)
    weights = state_of(a=nn.Linear(D, K))["a.weight"].numpy().tobytes()
    path.write_bytes(content.replace(weights, bytes(len(weights))))
    with refused(ValueError, "another checksum than it says"):
        from_torch(path)
    torch.save([1, 2], path)
    with refused(ValueError, "no state_dict in"):
        from_torch(path)
    torch.save({"epoch": 3, "model_state_dict": state_of(a=nn.Linear(D, K))}, path)
    with refused(ValueError, "is no tensor") as caught:
        from_torch(path)
    assert "['model_state_dict']" in str(caught.value)
    torch.save({"epoch": 3, "net": state_of(a=nn.Linear(D, K))}, path)
    with refused(ValueError, "'epoch' in") as caught:
        from_torch(path)
    assert "['net']" in str(caught.value)
    torch.save(nn.Linear(D, K), path)
    with refused(ValueError, "as a whole module has") as caught:
        from_torch(path)
    assert "torch.load" not in str(caught.value)
    path.write_bytes(b"")
    with refused(ValueError, "is empty"):
        from_torch(path)
    torch.save({"a.weight": torch.ones(1).expand(2**30, 2)}, path)  # one number, again and again
    with refused(ValueError, "would have 8,589,934,592 bytes"):
        from_torch(path)
    with refused(FileNotFoundError, "no such file"):
        from_torch(tmp_path / "none.pt")


def test_a_program_of_torchscript_is_refused_before_pytorch_sees_it(tmp_path, monkeypatch):
    torch.save(state_of(a=nn.Linear(D, K)), tmp_path / "a.pt")
    with ZipFile(tmp_path / "a.pt", "a") as archive:
        archive.writestr("a/constants.pkl", b"")
    monkeypatch.setattr(torch, "load", None)
    with refused(ValueError, "as TorchScript saves it"):
        from_torch(tmp_path / "a.pt")


def test_a_pytorch_that_may_run_code_is_not_asked(tmp_path, monkeypatch):
    torch.save(state_of(a=nn.Linear(D, K)), tmp_path / "a.pt")
    for version in ("2.5.1+cpu", "1.13.0"):
        monkeypatch.setattr(torch, "__version__", type(torch.__version__)(version))
        with refused(ImportError, "may run code that is in a file"):
            from_torch(tmp_path / "a.pt")
    monkeypatch.setattr(torch, "__version__", type(torch.__version__)("2.13.0"))
    from_torch(tmp_path / "a.pt")


def test_a_file_from_before_zip_archives_says_what_makes_it_one(tmp_path):
    path, state = tmp_path / "a.pt", state_of(a=nn.Linear(D, K))
    torch.save(state, path, _use_new_zipfile_serialization=False)
    for read in (from_torch, load_model):
        with refused(ValueError, "PyTorch before 1.6") as caught:
            read(path)
    assert "torch.save(torch.load(path, weights_only=True), path)" in str(caught.value)
    torch.save(torch.load(path, weights_only=True), path)
    assert np.array_equal(from_torch(path).theta, from_torch(state).theta)


def test_without_pytorch_a_file_says_what_to_do(tmp_path, monkeypatch):
    path = tmp_path / "a.pt"
    torch.save(state_of(a=nn.Linear(D, K)), path)
    monkeypatch.setattr("tinylstm.formats.torch.checkpoint.find_spec", lambda name: None)
    with refused(ImportError, "PyTorch, which is not installed") as caught:
        from_torch(path)
    assert "safetensors.torch.save_file" in str(caught.value)
    with refused(ImportError, "PyTorch, which is not installed") as caught:
        to_torch(Sequential([Dense(2, input_shape=(3,))]))
    assert "pip install torch" in str(caught.value)
    with refused(ImportError, "PyTorch, which is not installed") as caught:
        Sequential([Dense(2, input_shape=(3,))]).save_weights(tmp_path / "b.pt")
    assert "Received: a file of PyTorch" in str(caught.value)


def test_nothing_of_pytorch_is_imported_before_it_is_needed():
    line = "import sys, tinylstm; tinylstm.from_torch; sys.exit('torch' in sys.modules)"
    subprocess.run([sys.executable, "-c", line], check=True)
