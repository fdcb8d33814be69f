"""What cannot be converted, known before anything is: each by name, with what to do instead."""

from __future__ import annotations

from typing import Any

from nn.saving.pytorch.layers import kind_of
from nn.saving.pytorch.refusal import refusal

_HOOKS = ("_forward_hooks", "_forward_pre_hooks", "_backward_hooks", "_backward_pre_hooks")
_QUANTISED = ("torch.ao.", "torch.nn.quantized", "torch.nn.quantizable", "torch.nn.qat", "torch.nn.intrinsic")
_WRAPPERS = {"DataParallel": ".module", "DistributedDataParallel": ".module", "OptimizedModule": "._orig_mod"}
_REMOVE_HOOKS = (
    "take it away and convert, then register it here; torch.nn.utils.prune.remove and "
    "torch.nn.utils.remove_weight_norm take away their own"
)
_OTHER_WAYS = (
    "write the class with nn.Module, and either convert its parts one by one with nn.from_torch or load its numbers "
    "with ours.load_state_dict(theirs.state_dict()); or export it with torch.onnx.export, and read it with nn.from_onnx"
)
# Options that nn has not, with the value that changes nothing and why.
_WITHOUT = {
    "max_norm": (None, "which rewrites the table in a call; shorten its rows yourself, and set it to None"),
    "scale_grad_by_freq": (False, "which divides gradients by counts; set it to False"),
    "sparse": (False, "and gradients here are whole arrays of the same numbers; set it to False"),
}


def check_convertible(torch: Any, path: str, theirs: Any) -> None:
    """Raise where a layer's class, state or options have no like in nn."""
    _check_state(torch, path, theirs)
    _check_class(torch, path, theirs)
    _check_hooks(path, theirs)
    for name, (harmless, reason) in _WITHOUT.items():
        if getattr(theirs, name, harmless) != harmless:
            raise refusal(path, theirs, f"has {name}={getattr(theirs, name)!r}, {reason}")
    if getattr(theirs, "dim", 0) is None:
        raise refusal(path, theirs, "has dim=None, by which PyTorch guesses the axis", "set its dim to the axis")


def _check_state(torch: Any, path: str, theirs: Any) -> None:
    kind = type(theirs)
    if kind.__name__ in _WRAPPERS and kind.__module__.startswith("torch."):
        raise refusal(path, theirs, "wraps another module", f"convert what it holds, its {_WRAPPERS[kind.__name__]}")
    if torch.nn.utils.parametrize.is_parametrized(theirs):
        names = ", ".join(map(repr, theirs.parametrizations))
        raise refusal(
            path, theirs, f"is parametrised: {names} is computed from other parameters",
            "torch.nn.utils.parametrize.remove_parametrizations(layer, name) makes it a parameter again",
        )  # fmt: skip
    if isinstance(theirs, torch.nn.modules.lazy.LazyModuleMixin):
        raise refusal(path, theirs, "is lazy: its shapes are not known yet", "call the module on a batch first")
    if kind.__module__.startswith(_QUANTISED):
        raise refusal(path, theirs, "is made for quantisation", "convert the module before it is quantised")


def _check_class(torch: Any, path: str, theirs: Any) -> None:
    kind = type(theirs)
    if kind_of(torch, theirs) is None:
        if getattr(torch.nn, kind.__name__, None) is kind:
            raise refusal(path, theirs, "has no like in nn, whose layers docs/modules.md lists", _OTHER_WAYS)
        sequential = isinstance(theirs, torch.nn.Sequential)
        unchanged = "; where its forward is Sequential's, give torch.nn.Sequential(*module)" if sequential else ""
        raise refusal(
            path, theirs, "is no layer of torch.nn but a class of its own, whose forward is code that its structure "
            "does not tell", _OTHER_WAYS + unchanged,
        )  # fmt: skip
    if "forward" in vars(theirs):
        raise refusal(path, theirs, "has a forward of its own in the place of its class's", _OTHER_WAYS)


def _check_hooks(path: str, theirs: Any) -> None:
    for kind in _HOOKS:
        if getattr(theirs, kind):
            raise refusal(path, theirs, f"has a hook in {kind}", _REMOVE_HOOKS)
    for name, parameter in theirs._parameters.items():
        if getattr(parameter, "_backward_hooks", None) or getattr(parameter, "_post_accumulate_grad_hooks", None):
            raise refusal(path, theirs, f"has a hook on its parameter {name!r}", _REMOVE_HOOKS)
