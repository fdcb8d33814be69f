"""MNIST and Fashion-MNIST from a folder, in each spelling of their names, and what keeps them from being read."""

import gzip
import struct

import numpy as np
import pytest

import nn
from autograd import DTypeError

NAMES = ("train-images-idx3-ubyte", "train-labels-idx1-ubyte", "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte")


def idx(array):
    return struct.pack(f">HBB{array.ndim}I", 0, 0x08, array.ndim, *array.shape) + array.tobytes()


def arrays(train=6, held_out=3):
    rng = np.random.default_rng(4)
    found = {}
    for part, count in (("train", train), ("t10k", held_out)):
        images = rng.integers(0, 256, size=(count, 28, 28), dtype=np.uint8)
        images[0, 0, :2] = 0, 255
        found[f"{part}-images-idx3-ubyte"] = images
        found[f"{part}-labels-idx1-ubyte"] = rng.integers(0, 10, size=count, dtype=np.uint8)
    return found


def write(folder, contents, spelling=str, pack=bytes):
    for name, array in contents.items():
        ending = ".gz" if pack is gzip.compress else ""
        (folder / f"{spelling(name)}{ending}").write_bytes(pack(idx(array)))


@pytest.mark.parametrize("pack", [bytes, gzip.compress])
@pytest.mark.parametrize("spelling", [str, lambda name: name.replace("-idx", ".idx")])
@pytest.mark.parametrize("load", [nn.load_mnist, nn.load_fashion_mnist])
def test_both_spellings_plain_and_compressed(tmp_path, load, spelling, pack):
    contents = arrays()
    write(tmp_path, contents, spelling, pack)
    split = load(tmp_path)
    for (images, labels), part in zip(split, ("train", "t10k"), strict=True):
        expected = contents[f"{part}-images-idx3-ubyte"]
        assert images.dtype == np.float64
        assert labels.dtype == np.int64
        assert (images.min(), images.max()) == (0.0, 1.0)
        np.testing.assert_array_equal(images[:, 0], expected / 255.0)
        np.testing.assert_array_equal(labels, contents[f"{part}-labels-idx1-ubyte"])
    assert split.train[0].shape == (6, 1, 28, 28)
    assert split.held_out[0].shape == (3, 1, 28, 28)


def test_files_may_be_mixed_and_float32_is_kept(tmp_path):
    contents = arrays()
    first, *others = NAMES
    write(tmp_path, {first: contents[first]}, pack=gzip.compress)
    write(tmp_path, {name: contents[name] for name in others})
    images = nn.load_mnist(str(tmp_path), dtype=np.float32).train[0]
    assert images.dtype == np.float32
    np.testing.assert_array_equal(images[:, 0], contents[first].astype(np.float32) / np.float32(255))


def test_a_plain_file_is_taken_before_a_compressed_one(tmp_path):
    contents = arrays()
    write(tmp_path, {name: np.zeros_like(array) for name, array in contents.items()}, pack=gzip.compress)
    write(tmp_path, contents)
    np.testing.assert_array_equal(nn.load_mnist(tmp_path).train[1], contents["train-labels-idx1-ubyte"])


def test_a_split_goes_into_a_training(tmp_path):
    write(tmp_path, arrays())
    train, _ = nn.load_mnist(tmp_path)
    model = nn.Sequential(nn.Flatten(), nn.Linear(784, 10))
    history = nn.fit(
        model,
        nn.DataLoader(train, batch_size=3),
        epochs=30,
        optimizer=nn.Adam(model.parameters(), lr=0.01),
        loss=nn.functional.cross_entropy,
        metrics={"accuracy": nn.accuracy},
        progress=False,
    )
    assert history.metrics["accuracy"][-1] == 1.0


def test_every_missing_file_is_named(tmp_path):
    contents = arrays()
    del contents["train-labels-idx1-ubyte"], contents["t10k-images-idx3-ubyte"]
    write(tmp_path, contents)
    with pytest.raises(FileNotFoundError, match=r"load_mnist: .* holds none of train-labels-idx1-ubyte, t10k-images"):
        nn.load_mnist(tmp_path)
    with pytest.raises(FileNotFoundError, match=r"load_fashion_mnist: .*absent.* nothing is downloaded"):
        nn.load_fashion_mnist(tmp_path / "absent")


@pytest.mark.parametrize(
    "name, array, message",
    [
        (NAMES[0], np.zeros((6, 28, 27), np.uint8), r"uint8 numbers of shape \(6, 28, 27\), not images: uint8"),
        (NAMES[2], np.zeros((0, 28, 28), np.uint8), r"shape \(0, 28, 28\), not images"),
        (NAMES[0], np.zeros(6, np.uint8), r"shape \(6,\), not images"),
        (NAMES[1], np.zeros((6, 1), np.uint8), r"shape \(6, 1\), not labels: uint8 of shape \(N,\)"),
        (NAMES[1], np.zeros(5, np.uint8), "holds 6 images and .*train-labels-idx1-ubyte 5 labels"),
        (NAMES[3], np.array([0, 9, 10], np.uint8), "t10k-labels-idx1-ubyte holds the label 10 at 2; labels are 0 to 9"),
    ],
)
def test_files_that_hold_something_else(tmp_path, name, array, message):
    write(tmp_path, {**arrays(), name: array})
    with pytest.raises(ValueError, match=f"load_mnist: .*{message}"):
        nn.load_mnist(tmp_path)


def test_a_damaged_file_is_named(tmp_path):
    write(tmp_path, arrays())
    whole = (tmp_path / NAMES[2]).read_bytes()
    (tmp_path / NAMES[2]).write_bytes(whole[:-100])
    with pytest.raises(nn.FileFormatError, match=f"{NAMES[2]}: is truncated"):
        nn.load_mnist(tmp_path)


def test_shades_are_fractions(tmp_path):
    with pytest.raises(DTypeError, match="load_mnist: dtype=int64 cannot hold the shades from 0 to 1"):
        nn.load_mnist(tmp_path, dtype=int)
    with pytest.raises(DTypeError, match="load_digits: dtype=uint8"):
        nn.load_digits(dtype=np.uint8)


def test_ten_classes_of_clothes():
    assert len(set(nn.FASHION_CLASSES)) == 10
    assert nn.FASHION_CLASSES[0] == "T-shirt/top"
