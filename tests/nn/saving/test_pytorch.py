"""Weights from PyTorch and to it: state dicts saved by `safetensors.torch`, under the same names."""

import numpy as np
import pytest

import nn
from nn.saving.tensors import read_tensors

torch = pytest.importorskip("torch", reason="PyTorch is the oracle of these tests: pip install gradwalk[torch]")
torch.set_num_threads(1)
safetensors = pytest.importorskip("safetensors.torch", reason="it writes PyTorch's files: pip install gradwalk[torch]")

LAYERS = {
    "Linear": (3, 4),
    "Bilinear": (2, 3, 4),
    "Conv1d": (2, 4, 3),
    "Conv2d": (2, 4, 3, 1, 0, 1, 2),
    "Conv3d": (2, 4, (1, 2, 3)),
    "ConvTranspose1d": (2, 4, 3),
    "ConvTranspose2d": (2, 4, 3, 1, 0, 0, 2),
    "ConvTranspose3d": (2, 4, 2),
    "BatchNorm1d": (3,),
    "BatchNorm2d": (3,),
    "BatchNorm3d": (3,),
    "LayerNorm": ((2, 3),),
    "GroupNorm": (2, 4),
    "RMSNorm": (3,),
    "PReLU": (3,),
    "Embedding": (5, 3),
    "EmbeddingBag": (5, 3),
    "RNN": (3, 4, 2),
    "GRU": (3, 4),
    "LSTM": (3, 4, 2, True, False, 0.0, True),
    "RNNCell": (3, 4),
    "GRUCell": (3, 4),
    "LSTMCell": (3, 4),
    "MultiheadAttention": (4, 2),
    "TransformerEncoderLayer": (4, 2, 6),
    "TransformerDecoderLayer": (4, 2, 6),
}


def network(library, dtype=None):
    options = {} if dtype is None else {"dtype": dtype}
    return library.Sequential(
        library.Conv2d(1, 2, 3, **options), library.BatchNorm2d(2, **options), library.ReLU(), library.Flatten(),
        library.Linear(8, 3, **options),
    )  # fmt: skip


def of_random_state(module):
    """A module of PyTorch whose every number is drawn anew."""
    generator = torch.Generator().manual_seed(0)
    for tensor in module.state_dict().values():
        if tensor.is_floating_point():
            tensor.copy_(torch.rand(tensor.shape, generator=generator, dtype=torch.float64))
        else:
            tensor.fill_(7)
    return module


@pytest.mark.parametrize("name", LAYERS)
@pytest.mark.parametrize("dtype", ["float64", "float32", "float16", "bfloat16"])
def test_a_layers_state_goes_from_pytorch_to_here_and_back(name, dtype, tmp_path):
    theirs = of_random_state(getattr(torch.nn, name)(*LAYERS[name]).to(getattr(torch, dtype)))
    ours = getattr(nn, name)(*LAYERS[name])
    safetensors.save_file(theirs.state_dict(), tmp_path / "theirs.safetensors")
    assert nn.load(ours, tmp_path / "theirs.safetensors") == ([], [])
    state = ours.state_dict()
    assert state.keys() == theirs.state_dict().keys()
    for key, tensor in theirs.state_dict().items():
        expected = tensor.to(torch.float64).numpy() if tensor.is_floating_point() else tensor.numpy()
        np.testing.assert_array_equal(state[key], expected)

    nn.save(ours, tmp_path / "ours.safetensors")
    fresh = getattr(torch.nn, name)(*LAYERS[name]).to(torch.float64)
    fresh.load_state_dict(safetensors.load_file(tmp_path / "ours.safetensors"))
    for key, tensor in fresh.state_dict().items():
        np.testing.assert_array_equal(tensor.numpy(), state[key])


def test_a_network_gives_the_same_numbers(tmp_path):
    theirs, ours = of_random_state(network(torch.nn)).eval(), network(nn, np.float32).eval()
    safetensors.save_file(theirs.state_dict(), tmp_path / "weights", metadata={"format": "pt"})
    nn.load(ours, tmp_path / "weights")
    x = np.random.default_rng(0).normal(size=(3, 1, 4, 4)).astype(np.float32)
    np.testing.assert_allclose(ours(x).data, theirs(torch.from_numpy(x)).detach().numpy(), rtol=1e-4, atol=1e-5)


def test_integers_and_booleans_keep_their_kind(tmp_path):
    tensors = {
        "ids": torch.arange(3),
        "mask": torch.tensor([True, False]),
        "bytes": torch.tensor([255], dtype=torch.uint8),
    }
    safetensors.save_file(tensors, tmp_path / "file")
    for name, array in read_tensors(tmp_path / "file")[0].items():
        np.testing.assert_array_equal(array, tensors[name].numpy(), strict=True)


@pytest.mark.parametrize("dtype", ["float8_e4m3fn", "float8_e5m2", "bfloat16", "float16"])
def test_few_digits_are_widened_as_pytorch_does(dtype, tmp_path):
    tensor = torch.linspace(-3.0, 3.0, 50).to(getattr(torch, dtype))
    safetensors.save_file({"w": tensor}, tmp_path / "file")
    np.testing.assert_array_equal(read_tensors(tmp_path / "file")[0]["w"], tensor.float().numpy())


def test_names_of_a_parallel_model_are_explained(tmp_path):
    state = {f"module.{name}": tensor for name, tensor in network(torch.nn).state_dict().items()}
    safetensors.save_file(state, tmp_path / "weights")
    with pytest.raises(ValueError, match=r"(?s)weights: .*begin with 'module\.' in excess: .*removeprefix"):
        nn.load(network(nn), tmp_path / "weights")
    state, _ = nn.read_tensors(tmp_path / "weights")  # as the remedy says
    network(nn).load_state_dict({name.removeprefix("module."): array for name, array in state.items()})


@pytest.mark.parametrize("legacy", [False, True])
def test_a_pickle_is_refused_with_the_remedy(legacy, tmp_path):
    path = tmp_path / "weights.pt"
    torch.save(network(torch.nn).state_dict(), path, _use_new_zipfile_serialization=not legacy)
    with pytest.raises(ValueError, match=r"is a PyTorch pickle.*safetensors\.torch\.save_file\(torch\.load"):
        nn.load(network(nn), path)
    with pytest.raises(ValueError, match=r"is a PyTorch pickle.*torch\.onnx\.export"):
        nn.from_onnx(path)
    safetensors.save_file(torch.load(path, weights_only=True), tmp_path / "model.safetensors")  # as the remedy says
    nn.load(network(nn), tmp_path / "model.safetensors")
