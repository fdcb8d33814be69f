"""Modules to a file and back: whole or not at all, in both directions."""

import os
import pickle
import stat
import sys
import zipfile

import numpy as np
import pytest

import nn
from nn.saving import tensors


def model(seed=0, dtype=np.float64):
    rng = np.random.default_rng(seed)
    return nn.Sequential(nn.Conv2d(1, 2, 2, rng=rng, dtype=dtype), nn.Flatten(), nn.Linear(8, 3, rng=rng, dtype=dtype))


def assert_same(first, second):
    assert first.keys() == second.keys()
    for name in first:
        np.testing.assert_array_equal(first[name], second[name])


def test_to_a_file_and_back(tmp_path):
    source, target = model(1), model(2)
    path = tmp_path / "model"  # the name is taken as it is
    nn.save(model(3), path)
    nn.save(source, path)
    assert nn.load(target, str(path)) == ([], [])
    assert_same(source.state_dict(), target.state_dict())
    assert os.listdir(tmp_path) == ["model"]


def test_each_parameter_keeps_its_dtype(tmp_path):
    path, target = tmp_path / "model.safetensors", model(2, dtype=np.float32)
    nn.save(model(1), path)
    nn.load(target, path)
    assert target[0].weight.dtype == np.float32
    np.testing.assert_array_equal(target[0].weight.data, model(1)[0].weight.data.astype(np.float32))


def test_equal_modules_give_equal_bytes(tmp_path):
    for name in ("first", "second"):
        nn.save(model(1), tmp_path / name)
    assert (tmp_path / "first").read_bytes() == (tmp_path / "second").read_bytes()


def test_the_file_says_what_it_holds(tmp_path):
    nn.save(model(), tmp_path / "model")
    metadata = tensors.read_header(tmp_path / "model").metadata
    assert metadata == {"format": "gradwalk", "version": "1", "class": "Sequential", "module": repr(model())}


def test_buffers_and_shared_parameters_are_saved(tmp_path):
    class Tied(nn.Module):
        def __init__(self):
            self.first = nn.Linear(2, 2)
            self.second = nn.Linear(2, 2)
            self.second.weight = self.first.weight
            self.register_buffer("calls", 3)
            self.register_buffer("seen", [True, False])
            self.register_buffer("mean", np.array([1.5], np.float32))
            self.register_buffer("scratch", [0.0], persistent=False)

    source, target = Tied(), Tied()
    target.calls, target.seen = 0, [False, False]
    nn.save(source, tmp_path / "model")
    nn.load(target, tmp_path / "model")
    assert_same(source.state_dict(), target.state_dict())
    assert "scratch" not in target.state_dict()
    assert (target.calls, target.mean.dtype, target.seen.dtype) == (3, np.float32, bool)
    assert target.second.weight is target.first.weight


def test_values_are_saved_and_loaded_too(tmp_path):
    source, target = nn.MLP(2, [3, 1]), nn.MLP(2, [3, 1])
    assert list(nn.Neuron(2).state_dict()) == ["w.0", "w.1", "b"]
    nn.save(source, tmp_path / "mlp")
    nn.load(target, tmp_path / "mlp")
    assert [p.data for p in target.parameters()] == [p.data for p in source.parameters()]


def test_a_module_without_parameters_is_saved(tmp_path):
    nn.save(nn.ReLU(), tmp_path / "relu")
    assert nn.load(nn.ReLU(), tmp_path / "relu") == ([], [])


# ---- what does not fit ----------------------------------------------------------------------------------------------


def test_what_does_not_fit_names_the_file_and_changes_nothing(tmp_path):
    path, target = tmp_path / "model", nn.Sequential(nn.Conv2d(1, 2, 2), nn.Flatten(), nn.Linear(7, 3))
    nn.save(model(1), path)
    before = target.state_dict()
    with pytest.raises(
        ValueError, match=r"model: load_state_dict: .*nothing was changed:\n  '2\.weight' has shape \(3, 8"
    ):
        nn.load(target, path)
    assert_same(target.state_dict(), before)


def test_no_number_is_read_of_a_file_that_does_not_fit(tmp_path, monkeypatch):
    nn.save(model(1), tmp_path / "model")
    monkeypatch.setattr("nn.saving.weights.read_tensors", lambda *_: pytest.fail("the numbers were read"))
    with pytest.raises(ValueError, match="missing: 'weight'"):
        nn.load(nn.Linear(2, 2), tmp_path / "model")


def test_without_strict_what_is_missing_stays(tmp_path):
    path = tmp_path / "part"
    nn.save(nn.Sequential({"0": model(1)[0], "other": nn.Linear(1, 1)}), path)
    target = model(2)
    assert nn.load(target, path, strict=False) == (["2.weight", "2.bias"], ["other.bias", "other.weight"])
    np.testing.assert_array_equal(target[0].weight.data, model(1)[0].weight.data)
    np.testing.assert_array_equal(target[2].weight.data, model(2)[2].weight.data)


def test_a_later_format_is_refused(tmp_path):
    tensors.write_tensors(tmp_path / "new", nn.Linear(1, 1).state_dict(), {"format": "gradwalk", "version": "2"})
    with pytest.raises(ValueError, match=r"new: is of gradwalk's format '2'.*install a newer gradwalk"):
        nn.load(nn.Linear(1, 1), tmp_path / "new")


def npz(path):
    with open(path, "wb") as file:
        np.savez(file, weight=np.ones((1, 1)), bias=np.ones(1))


def keras(path):
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("metadata.json", "{}")


def pytorch(path):
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("archive/data.pkl", b"\x80\x02}q\x00.")


@pytest.mark.parametrize(
    "write, message",
    [
        (pytorch, r"PyTorch pickle.*safetensors\.torch\.save_file\(torch\.load\(path, weights_only=True\)"),
        (lambda path: path.write_bytes(b"\x80\x02\x8a\x0al\xfc\x9cF\xf9 j\xa8P\x19.\x80\x02M"), "PyTorch pickle"),
        (npz, r"NumPy archive \(\.npz\).*load_state_dict\(dict\(file\)\)"),
        (lambda path: path.write_bytes(b"\x93NUMPY\x01\x00v\x00{"), r"one NumPy array \(\.npy\)"),
        (keras, r"Keras.*nn\.from_keras_kernel"),
        (lambda path: path.write_bytes(b"\x89HDF\r\n\x1a\n" + bytes(100)), r"Keras.*nn\.from_keras_kernel"),
        (lambda path: path.write_bytes(b"GGUF\x03\x00\x00\x00"), "GGUF file"),
        (lambda path: path.write_bytes(b"PK\x03\x04" + bytes(100)), "ZIP archive"),
        (lambda path: path.write_bytes(b"\x08\x09\x12\x07pytorch\x1a\x05"), r"ONNX model; load it with nn\.from_onnx"),
        (lambda path: path.write_bytes(b""), "has only 0 bytes"),
        (lambda path: path.write_text("Not Found: the page you asked for"), "claims a header of"),
    ],
)
def test_a_file_of_another_format_is_refused_with_the_remedy(tmp_path, write, message):
    target, path = nn.Linear(1, 1), tmp_path / "weights"
    write(path)
    before = target.state_dict()
    with pytest.raises(ValueError, match=message):
        nn.load(target, path)
    assert_same(target.state_dict(), before)


def test_the_error_can_be_copied(tmp_path):
    (tmp_path / "weights").write_bytes(b"")
    with pytest.raises(nn.FileFormatError) as caught:
        nn.load(nn.Linear(1, 1), tmp_path / "weights")
    assert str(pickle.loads(pickle.dumps(caught.value))) == str(caught.value)


# ---- whole or not at all --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("call", ["fsync", "replace", "chmod"])
def test_a_file_that_could_not_be_written_leaves_the_old_one(tmp_path, monkeypatch, call):
    path = tmp_path / "model"
    nn.save(model(1), path)

    def fail(*_):
        raise OSError("disk full")

    monkeypatch.setattr(os, call, fail)
    with pytest.raises(OSError, match="disk full"):
        nn.save(model(2), path)
    monkeypatch.undo()
    target = model(3)
    nn.load(target, path)
    assert_same(target.state_dict(), model(1).state_dict())
    assert os.listdir(tmp_path) == ["model"]


def test_an_interrupt_leaves_the_old_file(tmp_path, monkeypatch):
    path = tmp_path / "model"
    nn.save(model(1), path)

    def interrupt(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "fsync", interrupt)
    with pytest.raises(KeyboardInterrupt):
        nn.save(model(2), path)
    assert os.listdir(tmp_path) == ["model"]


@pytest.mark.skipif(sys.platform == "win32", reason="not on this platform: permissions are POSIX's")
def test_permissions_are_those_of_an_ordinary_file(tmp_path):
    path, ordinary = tmp_path / "model", tmp_path / "ordinary"
    nn.save(model(1), path)
    ordinary.write_bytes(b"")
    assert stat.S_IMODE(path.stat().st_mode) == stat.S_IMODE(ordinary.stat().st_mode)
    path.chmod(0o640)
    nn.save(model(2), path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o640


@pytest.mark.skipif(sys.platform == "win32", reason="not on this platform: links need a right of their own")
def test_a_link_stays_a_link(tmp_path):
    (tmp_path / "link").symlink_to("real")
    nn.save(model(1), tmp_path / "link")
    assert (tmp_path / "link").is_symlink()
    assert_same(tensors.read_tensors(tmp_path / "real")[0], model(1).state_dict())


@pytest.mark.skipif(sys.platform == "win32", reason="not on this platform: pipes and devices are POSIX's")
def test_folders_pipes_and_devices_are_refused(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path / "pipe", "/dev/null"):
        with pytest.raises(OSError, match="no ordinary file"):
            nn.save(model(), path)
        with pytest.raises(ValueError, match="no ordinary file"):
            nn.load(model(), path)
    with pytest.raises(OSError, match="is a folder"):
        nn.save(model(), tmp_path)
    with pytest.raises(ValueError, match="no ordinary file"):
        nn.load(model(), tmp_path)
    with pytest.raises(FileNotFoundError):
        nn.load(model(), tmp_path / "nothing")
    with pytest.raises(FileNotFoundError):
        nn.save(model(), tmp_path / "no folder" / "model")
    assert os.listdir(tmp_path) == ["pipe"]
