"""`from_torch`: a module of PyTorch, layer by layer, as the module of nn that computes the same."""

from __future__ import annotations

import sys
from typing import Any

from autograd.progress import with_progress
from nn.module import Module
from nn.saving.pytorch.checks import check_convertible
from nn.saving.pytorch.layers import bare_layer, give_parts
from nn.saving.pytorch.numbers import SharedNumbers
from nn.saving.pytorch.refusal import refusal


@with_progress
def from_torch(module: Any) -> Module:
    """The module of nn with the structure and the numbers of a `torch.nn.Module`.

    Every layer that nn has under PyTorch's name is converted, with its options; so are `Sequential`, `ModuleList` and
    `ModuleDict` that hold such layers, nested at will. Parameters and buffers are copied in their dtype (bfloat16,
    which NumPy lacks, as float32). What is in training stays so, and what is frozen; a parameter or module that is held
    in two places is one here, too. Gradients are not copied. Dropout draws from the generator of `nn.manual_seed`.

    The `forward` of a class of your own is code, and no structure tells what it does. Write the class again with nn,
    and convert its parts, or load its numbers: ``ours.load_state_dict(theirs.state_dict())``; or export it, with
    `torch.onnx.export`, and read it with `nn.from_onnx`.

    Args:
        module: a module of supported layers, on any device.

    Returns:
        A module that shares no memory with the one given. Its names, and so its `state_dict`, are PyTorch's.

    Raises:
        TypeError: what is given is no module of PyTorch.
        ValueError: a layer, or an option of it, is not supported; or it has hooks, is parametrised, quantised or lazy.
            The message names the layer by its path and its class, and the remedy.

    Example:
        >>> import pytest
        >>> torch = pytest.importorskip("torch")
        >>> import nn
        >>> theirs = torch.nn.Sequential(torch.nn.Linear(2, 3), torch.nn.ReLU(), torch.nn.Linear(3, 1, bias=False))
        >>> ours = nn.from_torch(theirs)
        >>> ours
        Sequential(
          (0): Linear(in_features=2, out_features=3, bias=True)
          (1): ReLU()
          (2): Linear(in_features=3, out_features=1, bias=False)
        )
        >>> bool((ours[0].weight.data == theirs[0].weight.detach().numpy()).all()), ours[0].weight.dtype
        (True, dtype('float32'))
    """
    torch = sys.modules.get("torch")  # who has a module of PyTorch has imported it
    if torch is None or not isinstance(module, torch.nn.Module):
        raise TypeError(
            f"from_torch: expected a torch.nn.Module, not {type(module).__name__}; a state_dict goes into a module "
            f"of nn by its load_state_dict"
        )
    shared = SharedNumbers(torch)
    converted: dict[int, Module] = {}
    for path, theirs in _parts_before_wholes(torch, module):
        parts = {name: converted[id(part)] for name, part in _parts(theirs).items()}
        try:
            ours = give_parts(bare_layer(torch, path, theirs, parts), parts)
        except (AttributeError, TypeError, ValueError) as error:  # an attribute may lack in what was unpickled
            if str(error).startswith("from_torch"):
                raise
            raise refusal(path, theirs, f"is refused here: {error}") from error
        _compare_parts(path, theirs, ours, parts)
        shared.copy(path, theirs, ours)
        ours.training = bool(theirs.training)
        converted[id(theirs)] = ours
    return converted[id(module)]


def _parts(theirs: Any) -> dict[str, Any]:
    """What a module of PyTorch holds and finds, under every name: its own listings name one that is held twice once.

    An attribute hides a part of the same name, as the function does that PyTorch's copies of a TransformerDecoderLayer
    have for an activation that was a module: they compute relu.
    """
    return {name: part for name, part in theirs._modules.items() if part is not None and name not in vars(theirs)}


def _parts_before_wholes(torch: Any, root: Any) -> list[tuple[str, Any]]:
    """Every module once, after its own parts, with its dotted path; all are seen to be convertible on the way."""
    order: list[tuple[str, Any]] = []
    opened: set[int] = set()
    closed: set[int] = set()
    pending: list[tuple[str, Any, bool]] = [("", root, False)]
    while pending:
        path, theirs, parts_are_done = pending.pop()
        if parts_are_done:
            closed.add(id(theirs))
            order.append((path, theirs))
        elif id(theirs) not in opened:
            opened.add(id(theirs))
            check_convertible(torch, path, theirs)
            pending.append((path, theirs, True))
            parts = [(f"{path}.{name}" if path else name, part) for name, part in _parts(theirs).items()]
            pending += [(part_path, part, False) for part_path, part in reversed(parts)]
        elif id(theirs) not in closed:
            raise refusal(path, theirs, "holds itself, and would call itself without end", "take it out of its parts")
    return order


def _compare_parts(path: str, theirs: Any, ours: Module, parts: dict[str, Module]) -> None:
    """Raise where parts were added to a layer of PyTorch or taken from it: its `forward` may look at them or not."""
    held = dict(ours.named_children())
    if held.keys() != parts.keys():
        raise refusal(
            path, theirs, f"holds the parts {sorted(parts)}, and such a layer has {sorted(held)}",
            "build the layer as its class does",
        )  # fmt: skip
