"""Functions of other engines, to be checked by `check_grad`: those of PyTorch and of JAX, where these are installed.

Arrays go in as arrays of NumPy, reach the function as the engine's own, and its own backward pass is checked.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from autograd.optional import optional
from autograd.testing.structure import Structure
from autograd.testing.subject import Linearised, Subject

Array = Any

__all__ = ["Foreign", "from_jax", "from_torch"]


class Foreign:
    """A function of another engine; `from_torch` and `from_jax` make it."""

    def __init__(self, function: Callable[..., Any], kind: type[_ForeignSubject]) -> None:
        self._function = function
        self._kind = kind

    def subject(self, inputs: Sequence[Any], wrt: Any) -> Subject:
        """The function at its inputs, as `check_grad` takes it."""
        return self._kind(self._function, inputs, wrt)


def from_torch(function: Callable[..., Any]) -> Foreign:
    """A function of PyTorch tensors, for `check_grad`.

    Args:
        function: takes tensors in the places of the inputs that hold floats, and integer tensors in those of arrays of
            integers; returns a tensor, or several.

    Raises:
        ImportError: PyTorch is not installed.

    Example:
        >>> import numpy as np, pytest
        >>> torch = pytest.importorskip("torch")
        >>> from autograd.testing import check_grad
        >>> check_grad(from_torch(torch.tanh), np.array([0.5, -1.0])).verdict
        'pass'
    """
    optional("torch", of="PyTorch", extra="torch", needed_by="from_torch")
    return Foreign(function, _TorchSubject)


def from_jax(function: Callable[..., Any]) -> Foreign:
    """A function of JAX arrays, for `check_grad`; float64 is switched on while it is checked.

    Raises:
        ImportError: JAX is not installed.
    """
    optional("jax", of="JAX", extra="jax", needed_by="from_jax")
    return Foreign(function, _JaxSubject)


class _ForeignSubject(Subject):
    def __init__(self, function: Callable[..., Any], inputs: Sequence[Any], wrt: Any) -> None:
        self._function = function
        self.name = getattr(function, "__name__", type(function).__name__)
        self.structure = Structure(function, inputs, wrt)
        self.place_leaves(self.structure.leaves, self.structure.integers)

    def call_text(self) -> str:
        engine = "from_torch" if isinstance(self, _TorchSubject) else "from_jax"
        return f"check_grad({engine}({self.name}), {{}})"


class _TorchSubject(_ForeignSubject):
    def _called(self, arrays: list[Array], track: bool) -> tuple[list[Any], list[Any]]:
        import torch

        leaves = [torch.tensor(np.ascontiguousarray(array)).requires_grad_(track) for array in arrays]
        fixed = [torch.tensor(array) for array in self.fixed]
        return _tensors(self._function(*self.structure.filled(leaves, fixed))), leaves

    def forward(self, arrays: list[Array]) -> list[Array]:
        return [out.detach().numpy() for out in self._called(arrays, False)[0]]

    def linearise(self, arrays: list[Array]) -> Linearised:
        import torch

        outputs, leaves = self._called(arrays, True)

        def pull(upstream: list[Array]) -> list[Array | None]:
            pairs = [
                (out, torch.tensor(np.ascontiguousarray(each)))
                for out, each in zip(outputs, upstream, strict=True)
                if out.requires_grad
            ]
            if not pairs:
                return [None] * len(leaves)
            found = torch.autograd.grad(
                [out for out, _ in pairs], leaves, [each for _, each in pairs], retain_graph=True, allow_unused=True
            )
            return [None if each is None else each.numpy().copy() for each in found]

        return Linearised([out.detach().numpy().copy() for out in outputs], pull)


def _tensors(result: Any) -> list[Any]:
    if isinstance(result, dict):
        return _tensors(list(result.values()))
    if isinstance(result, list | tuple):
        return [each for part in result for each in _tensors(part)]
    return [result] if getattr(result, "is_floating_point", bool)() else []


class _JaxSubject(_ForeignSubject):
    def _outputs(self, leaves: Sequence[Any]) -> list[Any]:
        import jax
        import jax.numpy as jnp

        result = self._function(*self.structure.filled(leaves, [jnp.asarray(array) for array in self.fixed]))
        return [each for each in jax.tree_util.tree_leaves(result) if jnp.issubdtype(each.dtype, jnp.floating)]

    def forward(self, arrays: list[Array]) -> list[Array]:
        import jax
        import jax.numpy as jnp

        with jax.enable_x64(True):
            return [np.asarray(out) for out in self._outputs([jnp.asarray(array) for array in arrays])]

    def linearise(self, arrays: list[Array]) -> Linearised:
        import jax
        import jax.numpy as jnp

        with jax.enable_x64(True):
            leaves = [jnp.asarray(array) for array in arrays]
            outputs, pullback = jax.vjp(lambda *given: self._outputs(given), *leaves)

        def pull(upstream: list[Array]) -> list[Array | None]:
            with jax.enable_x64(True):
                return [np.array(each) for each in pullback([jnp.asarray(each) for each in upstream])]

        def push(tangents: list[Array]) -> list[Array]:
            with jax.enable_x64(True):
                given = [jnp.asarray(tangent) for tangent in tangents]
                return [np.array(each) for each in jax.jvp(lambda *x: self._outputs(x), leaves, given)[1]]

        return Linearised([np.asarray(out) for out in outputs], pull, push)
