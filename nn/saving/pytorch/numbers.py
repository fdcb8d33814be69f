"""Parameters and buffers of PyTorch as Tensors and arrays: each parameter once, wherever it is held."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from autograd import Tensor
from nn.module import Module, Parameter
from nn.saving.pytorch.refusal import refusal

Array = npt.NDArray[Any]


class SharedNumbers:
    """The parameters that were converted so far: one that PyTorch holds in two places becomes one Tensor."""

    def __init__(self, torch: Any) -> None:
        self._torch = torch
        self._made: dict[int, Tensor] = {}  # by the `id` of PyTorch's
        self._memory: dict[tuple[str, int], str] = {}  # where each begins, and the path that first led there

    def copy(self, path: str, theirs: Any, ours: Module) -> None:
        """Give a layer the parameters and buffers of PyTorch's layer.

        Raises:
            ValueError: they are not those that the layer's options ask for, in names or shapes; or they are no
                floating-point numbers, are nowhere, or lie in another parameter's memory.
        """
        given = {name: parameter for name, parameter in theirs._parameters.items() if parameter is not None}
        self._compare(path, theirs, given, dict(ours._own_parameters()), "parameter")
        for name, parameter in given.items():
            setattr(ours, name, self._parameter(path, theirs, name, parameter))
        buffers = {name: buffer for name, buffer in theirs._buffers.items() if buffer is not None}
        self._compare(path, theirs, buffers, dict.fromkeys(ours._buffer_names) | dict(ours._own_buffers()), "buffer")
        for name in ours._buffer_names:
            setattr(ours, name, self._array(path, theirs, name, buffers[name]) if name in buffers else None)

    def _compare(self, path: str, theirs: Any, given: dict[str, Any], own: dict[str, Any], kind: str) -> None:
        surplus = [name for name in given if name not in own]
        missing = [name for name in own if name not in given] if kind == "parameter" else []
        for name in surplus + missing:
            has = "has a" if name in surplus else "lacks the"
            raise refusal(
                path, theirs, f"{has} {kind} {name!r}, unlike other such layers", "build the layer as its class does"
            )
        for name, tensor in given.items():
            if own[name] is not None and tuple(tensor.shape) != own[name].shape:
                raise refusal(
                    path, theirs, f"has a {kind} {name!r} of shape {tuple(tensor.shape)}, and by its options it would "
                    f"be {own[name].shape}", "set the options that the numbers belong to",
                )  # fmt: skip

    def _parameter(self, path: str, theirs: Any, name: str, parameter: Any) -> Tensor:
        if id(parameter) not in self._made:
            array = self._array(path, theirs, name, parameter)
            if array.dtype.kind != "f":
                raise refusal(
                    path, theirs, f"has a parameter {name!r} of {parameter.dtype}, which no gradient is taken of here",
                    "give it floating-point numbers, as with .double()",
                )  # fmt: skip
            self._check_memory(path, theirs, name, parameter)
            self._made[id(parameter)] = Parameter(array, requires_grad=parameter.requires_grad)
        return self._made[id(parameter)]

    def _check_memory(self, path: str, theirs: Any, name: str, parameter: Any) -> None:
        if not parameter.numel():
            return
        here = f"{path}.{name}".lstrip(".")
        first = self._memory.setdefault((str(parameter.device), parameter.data_ptr()), here)
        if first != here:
            raise refusal(
                path, theirs, f"has a parameter {name!r} in the memory of the parameter {first!r}, which is another",
                "make them one, by assigning the parameter and not its .data, or copy the one",
            )  # fmt: skip

    def _array(self, path: str, theirs: Any, name: str, tensor: Any) -> Array:
        """The tensor's numbers on the CPU, still in its memory if that is there."""
        if tensor.is_meta:
            raise refusal(path, theirs, f"has no numbers: {name!r} is on the meta device", "give it numbers first")
        held = tensor.detach()
        if held.dtype == self._torch.bfloat16:
            held = held.float()
        try:
            return np.asarray(held.cpu().numpy())
        except (TypeError, RuntimeError) as error:
            raise refusal(
                path, theirs, f"holds {name!r} as {tensor.dtype}, {tensor.layout}, which NumPy does not take",
                "make it an ordinary tensor of float32 or float64",
            ) from error  # fmt: skip
