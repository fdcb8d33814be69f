"""`nn.from_torch`: every layer, and whole models, compute what PyTorch's compute, in values and gradients."""

from __future__ import annotations

import copy
import inspect
import sys
import warnings
from typing import Any

import numpy as np
import pytest

import nn
from autograd import Tensor
from tests.nn.oracle import RELATIVE, assert_near, torch
from tests.nn.saving.pytorch_draws import DRAWS

T = torch.nn
COUNT = 8  # configurations of each layer
ROUGH = {"Hardsigmoid": 1e-7}  # whose gradient PyTorch takes with a sixth of float32
SHARED = {name for name in nn.layers.__all__ if hasattr(torch.nn, name)}
RANDOM_IN_TRAINING = ("Dropout", "RReLU")
# Options of PyTorch's layers that change no number, by which nothing is to be read.
WITHOUT_EFFECT = {"inplace", "device", "dtype", "size_average", "reduce", "min_value", "max_value", "_weight"}
WITHOUT_EFFECT |= {"_freeze", "enable_nested_tensor", "mask_check", "norm_type", "args", "kwargs"}
REFUSED_OPTIONS = {"max_norm", "scale_grad_by_freq", "sparse"}


def randomised(module: Any, rng: np.random.Generator) -> Any:
    """In float64, every number drawn anew: variances positive, counts whole."""
    module = module.double()
    with torch.no_grad():
        for name, tensor in module.state_dict().items():
            if tensor.is_floating_point():
                drawn = rng.uniform(0.3, 1.2, tuple(tensor.shape)) if "var" in name else rng.normal(size=tensor.shape)
                tensor.copy_(torch.from_numpy(np.asarray(drawn)))
            else:
                tensor.fill_(3)
    return module


def flat(result: Any) -> list[Any]:
    return [each for part in result for each in flat(part)] if isinstance(result, tuple) else [result]


def assert_same_state(ours: Any, theirs: Any, relative: float = 0.0) -> None:
    state, expected = ours.state_dict(), theirs.state_dict()
    assert list(state) == list(expected)
    for name, tensor in expected.items():
        assert_near(state[name], tensor.numpy(), relative, name)


def assert_computes_the_same(
    theirs: Any, inputs: list[Any], rng: np.random.Generator, relative: float = RELATIVE["gradient"]
) -> Any:
    """Values, gradients of inputs and parameters under random upstream gradients, and buffers after the call."""
    ours = nn.from_torch(theirs)
    assert_same_state(ours, theirs)
    modules = dict(theirs.named_modules())
    assert all(part.training == modules[path].training for path, part in ours.named_modules())
    floats = [x.dtype.kind == "f" for x in inputs]
    leaves = [Tensor(x, requires_grad=True) if float_ else x for x, float_ in zip(inputs, floats, strict=True)]
    references = [torch.tensor(x, requires_grad=float_) for x, float_ in zip(inputs, floats, strict=True)]
    outs = flat(ours(*leaves))
    expected = flat(theirs(*(x * 1 for x in references)))  # a layer may write into what it is given
    for out, reference in zip(outs, expected, strict=True):
        assert_near(out.data, reference.detach().numpy(), RELATIVE["value"], "value")
        upstream = np.asarray(rng.normal(size=out.shape))
        if reference.requires_grad:
            out.backward(upstream)
            reference.backward(torch.from_numpy(upstream), retain_graph=True)
        assert out.requires_grad == reference.requires_grad
    pairs = list(zip(leaves, references, strict=True)) + [
        (parameter, dict(theirs.named_parameters())[path]) for path, parameter in ours.named_parameters()
    ]
    for own, reference in pairs:
        if not isinstance(own, Tensor):
            continue
        assert own.requires_grad == reference.requires_grad
        found = np.zeros(own.shape) if own.grad is None else own.grad
        wanted = np.zeros(own.shape) if reference.grad is None else reference.grad.numpy()
        # Where a gradient is 0 but for rounding, as attention's by a bias of the keys, its terms are of about 1.
        assert_near(found, wanted, relative, f"gradient {own.name}", least=1.0)
    assert_same_state(ours, theirs, RELATIVE["value"])
    return ours


@pytest.mark.parametrize("name", sorted(DRAWS))
def test_a_layer_computes_what_pytorchs_does(name: str) -> None:
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", category=UserWarning, module="torch")
        for seed in range(COUNT):
            rng = np.random.default_rng(seed)
            theirs, inputs = DRAWS[name](rng)
            theirs = randomised(theirs, rng)
            drops = [part for part in theirs.modules() if getattr(part, "dropout", 0.0) or _is_random(part)]
            theirs.train(not drops and seed % 3 > 0)
            try:
                ours = assert_computes_the_same(theirs, inputs, rng, ROUGH.get(name, RELATIVE["gradient"]))
                assert type(ours).__name__ == name
            except Exception as error:
                error.add_note(f"configuration {seed}: {theirs!r}")
                raise


def _is_random(part: Any) -> bool:
    return any(kind in type(part).__name__ for kind in RANDOM_IN_TRAINING)


def test_every_layer_that_both_have_is_drawn() -> None:
    assert set(DRAWS) == SHARED


@pytest.mark.parametrize("name", sorted(SHARED))
def test_no_option_of_pytorchs_layer_is_overlooked(name: str) -> None:
    theirs = set(inspect.signature(getattr(torch.nn, name).__init__).parameters) - {"self"}
    assert theirs - WITHOUT_EFFECT - REFUSED_OPTIONS <= set(inspect.signature(getattr(nn, name)).parameters)


@pytest.mark.parametrize("name", ["Dropout", "Dropout1d", "Dropout2d", "Dropout3d", "AlphaDropout", "RReLU", "LSTM"])
def test_the_options_of_what_is_random_in_training_are_kept(name: str) -> None:
    option = {"RReLU": "upper", "LSTM": "dropout"}.get(name, "p")
    theirs = T.LSTM(2, 2, 2, dropout=0.375) if name == "LSTM" else getattr(T, name)(**{option: 0.375})
    ours: Any = nn.from_torch(theirs)
    assert getattr(ours, option) == 0.375
    assert ours.training
    assert ours.rng is None  # nn.manual_seed's


def test_options_that_the_draws_leave_alone_are_kept() -> None:
    pool: Any = nn.from_torch(T.MaxPool2d(2, return_indices=True))
    bag: Any = nn.from_torch(T.EmbeddingBag(3, 2, include_last_offset=True))
    cosine: Any = nn.from_torch(T.CosineSimilarity(eps=0.5))
    encoder: Any = nn.from_torch(MODELS["encoder"][0]())
    assert (pool.return_indices, bag.include_last_offset, cosine.eps) == (True, True, 0.5)
    assert (encoder.num_layers, len(encoder.layers)) == (2, 2)


def test_an_activation_that_a_copy_of_pytorchs_decoder_layer_hides_is_hidden_here() -> None:
    layer = copy.deepcopy(T.TransformerDecoderLayer(4, 2, 6, activation=T.Tanh()))
    ours: Any = nn.from_torch(layer)
    assert ours.activation is nn.functional.relu
    assert isinstance(nn.from_torch(T.TransformerDecoderLayer(4, 2, activation=T.Tanh())).activation, nn.Tanh)


# ---- whole models -------------------------------------------------------------------------------------------------


def cnn() -> Any:
    """With a branch in a container within a container, and named layers."""
    block = T.Sequential(T.Conv2d(4, 4, 3, padding=1, groups=2), T.BatchNorm2d(4), T.ReLU(inplace=True))
    named = torch.nn.Sequential()
    layers = {"first": T.Conv2d(1, 4, 3), "block": block, "pool": T.MaxPool2d(2), "flat": T.Flatten()}
    for name, layer in {**layers, "head": T.Linear(36, 3)}.items():
        named.add_module(name, layer)
    return named


MODELS = {
    "cnn": (cnn, (2, 1, 8, 8)),
    "mlp": (lambda: T.Sequential(T.Linear(5, 6), T.BatchNorm1d(6), T.GELU(), T.Sequential(), T.Linear(6, 2)), (4, 5)),
    "encoder": (
        lambda: T.TransformerEncoder(
            T.TransformerEncoderLayer(8, 2, 12, 0.0, batch_first=True), 2, T.LayerNorm(8), enable_nested_tensor=False
        ),
        (3, 5, 8),
    ),
}


@pytest.mark.parametrize("training", [True, False])
@pytest.mark.parametrize("name", MODELS)
def test_a_model_computes_the_same(name: str, training: bool) -> None:
    build, shape = MODELS[name]
    rng = np.random.default_rng(0)
    theirs = randomised(build(), rng).train(training)
    for _ in range(2):  # with running statistics that have moved
        theirs.zero_grad()
        assert_computes_the_same(theirs, [rng.normal(size=shape)], rng)


def test_lists_and_dicts_keep_their_names() -> None:
    theirs = T.ModuleDict({"a": T.ModuleList([T.Linear(2, 2), T.ModuleDict({"b": T.PReLU()})]), "c": T.Tanh()})
    ours: Any = nn.from_torch(theirs)
    assert_same_state(ours, theirs)
    assert [name for name, _ in ours.named_modules()] == [name for name, _ in theirs.named_modules()]
    assert isinstance(ours["a"], nn.ModuleList)
    assert isinstance(ours["a"][1], nn.ModuleDict)


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_the_dtype_is_kept(dtype: str) -> None:
    theirs = T.Sequential(T.Linear(3, 2), T.BatchNorm1d(2)).to(getattr(torch, dtype))
    ours = nn.from_torch(theirs)
    assert_same_state(ours, theirs)
    assert {str(parameter.dtype) for parameter in ours.parameters()} == {dtype}


def test_bfloat16_becomes_float32() -> None:
    theirs = T.Linear(3, 2).to(torch.bfloat16)
    np.testing.assert_array_equal(
        nn.from_torch(theirs).state_dict()["weight"], theirs.weight.detach().float().numpy(), strict=True
    )


def test_no_memory_is_shared_with_pytorch() -> None:
    theirs = T.Sequential(T.Linear(2, 2), T.BatchNorm1d(2))
    before = {name: tensor.clone() for name, tensor in theirs.state_dict().items()}
    ours = nn.from_torch(theirs)
    with torch.no_grad():
        for tensor in theirs.state_dict().values():
            tensor.add_(1)
    for name, array in ours.state_dict().items():
        np.testing.assert_array_equal(array, before[name].numpy())


def test_what_is_frozen_or_in_evaluation_stays_so_part_by_part() -> None:
    theirs = T.Sequential(T.Linear(2, 2), T.BatchNorm1d(2), T.Dropout(0.5))
    theirs[0].weight.requires_grad_(False)
    theirs[1].eval()
    ours: Any = nn.from_torch(theirs)
    assert [parameter.requires_grad for parameter in ours.parameters()] == [False, True, True, True]
    assert [part.training for part in ours.modules()] == [True, True, False, True]


def test_tied_parameters_and_modules_are_one() -> None:
    layer = T.Linear(3, 3)
    theirs = T.Sequential(T.Embedding(3, 3), layer, T.Tanh(), layer)
    layer.weight = theirs[0].weight
    theirs = theirs.double()
    ours: Any = assert_computes_the_same(theirs, [np.array([0, 2, 2, 1])], np.random.default_rng(0))
    assert ours[0].weight is ours[1].weight
    assert ours[1] is ours[3]
    assert len(ours.parameters()) == 2


def test_parts_that_were_exchanged_in_a_transformer_are_converted() -> None:
    theirs = T.TransformerEncoderLayer(4, 2, 6, 0.0).double()
    theirs.norm1, theirs.linear1 = T.RMSNorm(4).double(), T.Sequential(T.Linear(4, 6), T.Tanh()).double()
    theirs.dropout2.p = 0.25
    ours: Any = nn.from_torch(theirs)
    assert isinstance(ours.norm1, nn.RMSNorm)
    assert ours.dropout2.p == 0.25
    rng = np.random.default_rng(0)
    theirs.dropout2.p = 0.0
    assert_computes_the_same(theirs, [rng.normal(size=(3, 2, 4))], rng)


def test_nothing_is_drawn_from_the_default_generator() -> None:
    nn.manual_seed(0)
    expected = nn.Linear(2, 2).weight.data
    nn.manual_seed(0)
    nn.from_torch(T.Sequential(T.Linear(4, 4), T.LSTM(2, 3), T.TransformerEncoderLayer(4, 2)))
    np.testing.assert_array_equal(nn.Linear(2, 2).weight.data, expected)


@pytest.mark.uncounted
def test_a_deep_nest_needs_no_recursion() -> None:
    theirs = T.Tanh()
    for _ in range(400):
        theirs = T.Sequential(theirs)
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(len(inspect.stack(0)) + 100)
    try:
        ours = nn.from_torch(theirs)
    finally:
        sys.setrecursionlimit(limit)
    assert len(ours.modules()) == 401
    assert isinstance(ours.modules()[-1], nn.Tanh)
