"""What `nn.from_torch` cannot convert is refused by name, with the remedy."""

from __future__ import annotations

import importlib
import subprocess
import sys
from typing import Any

import numpy as np
import pytest

import nn
from tests.nn.oracle import torch

T = torch.nn


class OwnClass(torch.nn.Module):  # type: ignore[misc, name-defined]
    def __init__(self) -> None:
        super().__init__()
        self.first = T.Linear(2, 2)


class OwnSequence(torch.nn.Sequential):  # type: ignore[misc, name-defined]
    pass


class OwnLinear(torch.nn.Linear):  # type: ignore[misc, name-defined]
    pass


def aliased() -> Any:
    pair = T.Sequential(T.Linear(2, 2), T.Linear(2, 2))
    pair[1].weight.data = pair[0].weight.data
    return pair


def looped() -> Any:
    outer, inner = T.Sequential(), T.Sequential()
    outer.append(inner)
    inner.append(outer)
    return outer


def bare_norm() -> Any:
    layer = T.LayerNorm(2)
    layer.weight = None
    return layer


def old() -> Any:
    """As it is read from a file of a version that did not know an option yet."""
    layer = T.Flatten()
    del layer.end_dim
    return layer


def prune(layer: Any) -> None:
    importlib.import_module("torch.nn.utils.prune").l1_unstructured(layer, "weight", 1)


def hook(*_: Any) -> None:
    """Does nothing."""


def linear(change: Any) -> Any:
    """Gives a layer that something was done to."""

    def build() -> Any:
        layer = T.Linear(2, 2)
        change(layer)
        return layer

    return build


REFUSED = {
    "own class": (OwnClass, r"the module \(OwnClass\) is no layer of torch\.nn.*load_state_dict.*torch\.onnx\.export"),
    "own sequence": (OwnSequence, r"OwnSequence.*give torch\.nn\.Sequential\(\*module\)"),
    "own layer": (lambda: OwnLinear(2, 2), r"'0' \(OwnLinear\) is no layer"),
    "unsupported": (lambda: T.FractionalMaxPool2d(2, 1), r"'0' \(FractionalMaxPool2d\) has no like in nn"),
    "lazy": (lambda: T.LazyLinear(2), r"'0' \(LazyLinear\) is lazy.*call the module on a batch"),
    "forward hook": (linear(lambda m: m.register_forward_hook(hook)), r"'0'.*_forward_hooks"),
    "pre-hook": (linear(lambda m: m.register_forward_pre_hook(hook)), "_forward_pre_hooks"),
    "backward hook": (linear(lambda m: m.register_full_backward_hook(hook)), "_backward_hooks"),
    "tensor hook": (linear(lambda m: m.bias.register_hook(hook)), "hook on its parameter 'bias'"),
    "parametrised": (
        lambda: torch.nn.utils.parametrizations.weight_norm(T.Linear(2, 2)), r"'weight' is computed.*remove_parametriz",
    ),
    "pruned": (linear(prune), r"_forward_pre_hooks.*prune\.remove"),
    "data parallel": (lambda: T.DataParallel(T.Linear(2, 2)), r"\(DataParallel\) wraps another module.*its \.module"),
    "forward replaced": (linear(lambda m: setattr(m, "forward", hook)), "forward of its own"),
    "max_norm": (lambda: T.Embedding(3, 2, max_norm=1.0), r"'0' \(Embedding\) has max_norm=1\.0"),
    "scaled": (lambda: T.Embedding(3, 2, scale_grad_by_freq=True), r"has scale_grad_by_freq=True"),
    "sparse": (lambda: T.EmbeddingBag(3, 2, sparse=True), r"has sparse=True"),
    "no axis": (lambda: T.Softmax(), r"has dim=None"),
    "activation": (
        lambda: T.TransformerEncoderLayer(4, 2, activation=lambda x: x), r"activation=<function.*give a module",
    ),
    "surplus parameter": (
        linear(lambda m: m.register_parameter("own", T.Parameter(torch.ones(1)))),
        r"has a parameter 'own', unlike",
    ),
    "missing parameter": (bare_norm, r"lacks the parameter"),
    "surplus buffer": (linear(lambda m: m.register_buffer("own", torch.ones(1))), "buffer 'own'"),
    "surplus part": (linear(lambda m: m.add_module("own", T.Tanh())), r"holds the parts \['own'\]"),
    "stale option": (linear(lambda m: setattr(m, "in_features", 3)), r"of shape \(2, 2\), and"),
    "complex": (lambda: T.Linear(2, 2, dtype=torch.complex64), r"'weight' of torch\.complex64"),
    "meta": (lambda: T.Linear(2, 2, device="meta"), r"'weight' is on the meta device"),
    "aliased": (aliased, r"'0\.1' \(Linear\) .*in the memory of the parameter '0\.0\.weight'"),
    "old": (old, r"'0' \(Flatten\) is refused here: .*no attribute 'end_dim'"),
    "looped": (looped, r"\(Sequential\) holds itself"),
    "name": (lambda: T.ModuleDict({"summary": T.Tanh()}), r"'0' \(ModuleDict\) is refused here: .*'summary' is taken"),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_converted_is_refused_by_name(case: str) -> None:
    build, message = REFUSED[case]
    module = build()
    with pytest.raises(ValueError, match=message) as caught:
        nn.from_torch(module if message.startswith(("the module", "OwnSeq")) else T.Sequential(module))
    assert str(caught.value).startswith("from_torch: the ")


def test_quantised_layers_are_refused() -> None:
    with pytest.raises(ValueError, match="is made for quantisation"):
        nn.from_torch(torch.ao.nn.qat.Linear(2, 2, qconfig=torch.ao.quantization.get_default_qat_qconfig("fbgemm")))


@pytest.mark.parametrize("given", [None, {}, np.ones(2), nn.Linear(2, 2)])
def test_what_is_no_module_of_pytorch_is_refused(given: Any) -> None:
    with pytest.raises(TypeError, match=r"from_torch: expected a torch\.nn\.Module, not "):
        nn.from_torch(given)


def test_pytorch_is_imported_by_nobody_but_who_uses_it() -> None:
    code = "import sys, nn\ntry: nn.from_torch(1)\nexcept TypeError: print('torch' in sys.modules)"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "False"


def test_a_class_of_ones_own_is_written_again_as_the_message_says() -> None:
    class Ours(nn.Module):
        def __init__(self) -> None:
            self.first = nn.Linear(2, 2)

    theirs, ours = OwnClass(), Ours()
    ours.load_state_dict(theirs.state_dict())
    np.testing.assert_array_equal(ours.first.weight.data, theirs.first.weight.detach().numpy())
