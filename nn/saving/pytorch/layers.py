"""A layer of nn with the options of PyTorch's layer of the same name, read from its attributes."""

from __future__ import annotations

import inspect
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np

from nn import containers, functional, layers
from nn.module import Module
from nn.saving.pytorch.refusal import refusal

_CONTAINERS: dict[str, Callable[[dict[str, Module]], Module]] = {
    "Sequential": containers.Sequential,
    "ModuleDict": containers.ModuleDict,
    "ModuleList": lambda parts: containers.ModuleList(parts.values()),
}
_NOT_IN_PYTORCH = ("rng", "dtype", "name")  # arguments of ours that no option of PyTorch stands for
# Options that stand under another name there, or under none: in what the layer holds.
_ELSEWHERE: dict[tuple[str, str], Callable[[Any], Any]] = {
    ("MultiheadAttention", "bias"): lambda theirs: theirs.in_proj_bias is not None,
    ("MultiheadAttention", "add_bias_kv"): lambda theirs: theirs.bias_k is not None,
    ("PairwiseDistance", "p"): lambda theirs: theirs.norm,
}
_FUNCTIONS = ("activation", "distance_function")
# Layers made of others: built as small as can be, for all their parts are then replaced by converted ones.
_SMALLEST_LAYER = {"d_model": 1, "nhead": 1, "dim_feedforward": 1}
_COMPOUND: dict[str, tuple[dict[str, Any], tuple[str, ...]]] = {  # fixed arguments, and those that are read
    "TransformerEncoderLayer": (_SMALLEST_LAYER, ("activation", "norm_first")),
    "TransformerDecoderLayer": (_SMALLEST_LAYER, ("activation", "norm_first")),
    "TransformerEncoder": ({"encoder_layer": layers.Identity(), "num_layers": 1}, ()),
    "TransformerDecoder": ({"decoder_layer": layers.Identity(), "num_layers": 1}, ()),
    "Transformer": (
        {"custom_encoder": layers.Identity(), "custom_decoder": layers.Identity()}, ("d_model", "nhead", "batch_first"),
    ),
}  # fmt: skip


def kind_of(torch: Any, theirs: Any) -> Any:
    """The class of nn that has the name of a class of `torch.nn`, or None."""
    kind = type(theirs)
    if kind is torch.nn.modules.linear.NonDynamicallyQuantizableLinear:  # attention's projection, a Linear in all else
        return layers.Linear
    name = kind.__name__
    if kind is not getattr(torch.nn, name, None) or name not in (*layers.__all__, *_CONTAINERS):
        return None
    return getattr(containers if name in _CONTAINERS else layers, name)


def bare_layer(torch: Any, path: str, theirs: Any, parts: dict[str, Module]) -> Module:
    """The layer with PyTorch's options; its numbers are not PyTorch's yet, nor, unless it is a container, its parts."""
    kind = kind_of(torch, theirs)
    if kind.__name__ in _CONTAINERS:
        return _CONTAINERS[kind.__name__](parts)
    arguments = inspect.signature(kind).parameters
    fixed, read = _COMPOUND.get(kind.__name__, ({}, _options(arguments)))
    options = dict(fixed)
    for name in read:
        if name in _FUNCTIONS:
            options |= _function(torch, path, theirs, name)
        elif name not in theirs._buffers:  # such as the weights of classes, which come with the numbers
            options[name] = _option(kind.__name__, theirs, name)
    if "rng" in arguments:
        options["rng"] = np.random.default_rng(0)  # the default generator goes on as if nothing had been drawn
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # PyTorch has warned of the same options
        layer: Module = kind(**options)
    if hasattr(layer, "rng"):
        layer.rng = None
    return layer


def give_parts(ours: Module, parts: dict[str, Module]) -> Module:
    """The layer with converted modules in the places of those that it was built with."""
    if type(ours).__name__ not in _CONTAINERS:
        for name, part in parts.items():
            if hasattr(ours, name):  # what has no place here is left to be told
                setattr(ours, name, part)
    if isinstance(ours, layers.TransformerEncoder | layers.TransformerDecoder):
        ours.num_layers = len(ours.layers)
    return ours


def _options(arguments: Any) -> tuple[str, ...]:
    variable = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
    return tuple(
        name for name, each in arguments.items() if each.kind not in variable and name not in _NOT_IN_PYTORCH
    )  # fmt: skip


def _option(kind: str, theirs: Any, name: str) -> Any:
    if (kind, name) in _ELSEWHERE:
        return _ELSEWHERE[kind, name](theirs)
    if name in theirs._parameters:  # an option that asks for a parameter, as `bias`
        return theirs._parameters[name] is not None
    return getattr(theirs, name)


def _function(torch: Any, path: str, theirs: Any, name: str) -> dict[str, Any]:
    """Our function of the same name as PyTorch's; nothing where a module is in its place, which is one of the parts."""
    if name in theirs._modules and name not in vars(theirs):  # else the attribute is what PyTorch finds
        return {}
    function = getattr(theirs, name)
    known = getattr(function, "__name__", "")
    theirs_so_called = (getattr(place, known, None) for place in (torch.nn.functional, torch))
    if known in functional.__all__ and function in theirs_so_called:
        return {name: getattr(functional, known)}
    raise refusal(
        path, theirs, f"has {name}={function!r}, and nn.functional knows no such function",
        f"give a module, as torch.nn.GELU(), or one of torch.nn.functional's, in the place of {name}",
    )  # fmt: skip
