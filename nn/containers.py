"""Modules that hold modules: `Sequential` runs them in order, `ModuleList` and `ModuleDict` only keep them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from nn.module import Module


class Sequential(Module):
    """Modules run one after the other, each on the result of the one before.

    Args:
        modules: modules, named "0", "1", ... as in PyTorch; or one mapping of names to modules.
        name: the name of the outermost scope in pictures; "sequential" by default.

    Raises:
        TypeError: a part is not a Module.

    Example:
        >>> import nn
        >>> model = nn.Sequential(nn.Flatten(), nn.Linear(64, 10))
        >>> list(model.state_dict())
        ['1.weight', '1.bias']
        >>> nn.Sequential({"flatten": nn.Flatten(), "scores": nn.Linear(64, 10)}, name="digits")
        Sequential(
          (flatten): Flatten(start_dim=1, end_dim=-1)
          (scores): Linear(in_features=64, out_features=10, bias=True)
        )
    """

    def __init__(self, *modules: Module | Mapping[str, Module], name: str = "") -> None:
        super().__init__(name)
        if len(modules) == 1 and isinstance(modules[0], Mapping):
            named: Iterable[tuple[str, Any]] = modules[0].items()
        else:
            named = ((str(place), module) for place, module in enumerate(modules))
        for part_name, module in named:
            _add(self, part_name, module)

    def forward(self, x: Any) -> Any:
        """The last module's result, or `x` itself where there is no module."""
        for module in self.children():
            x = module(x)
        return x

    def __len__(self) -> int:
        return len(self._module_names)

    def __iter__(self) -> Iterator[Module]:
        return iter(self.children())

    def append(self, module: Module) -> Sequential:
        """Add a module at the end, named by the first free number, and return the whole."""
        number = len(self)
        while str(number) in self._module_names:
            number += 1
        _add(self, str(number), module)
        return self

    def __getitem__(self, place: int | slice) -> Any:
        """The module at a place; of a slice a `Sequential` of these modules, which keep their names in this one."""
        if isinstance(place, slice):
            part = Sequential()
            for name in self._module_names[place]:
                object.__setattr__(part, name, getattr(self, name))
                part._module_names += (name,)
            return part
        return self.children()[place]


class _Keeper(Module):
    """What keeps modules for a `forward` elsewhere: their scopes are named after it and their place in it."""

    def __len__(self) -> int:
        return len(self._module_names)

    def _part_name(self, name: str) -> str:
        return f"{self._name}.{name}" if self._name else name  # it is never called itself and opens no scope

    def _move(self, path: str) -> None:
        super()._move(path)
        self._name_parts()

    def _name_parts(self) -> None:
        for name, part in self.named_children():
            part._name = self._part_name(name)
            if isinstance(part, _Keeper):
                part._name_parts()


class ModuleList(_Keeper):
    """A list of modules whose parameters are found, for a `forward` that runs them in its own way.

    A part's parameters and scope are named after the list and its place, as in ``layers.0``.

    Raises:
        TypeError: an element is not a Module.

    Example:
        >>> import nn
        >>> class Sum(nn.Module):
        ...     def __init__(self):
        ...         self.branches = nn.ModuleList([nn.Linear(2, 3), nn.Linear(2, 3)])
        ...     def forward(self, x):
        ...         return sum(branch(x) for branch in self.branches)
        >>> list(Sum().state_dict())
        ['branches.0.weight', 'branches.0.bias', 'branches.1.weight', 'branches.1.bias']
    """

    def __init__(self, modules: Iterable[Module] = ()) -> None:
        super().__init__()
        for module in modules:
            self.append(module)

    def append(self, module: Module) -> None:
        """Add a module at the end."""
        _add(self, str(len(self)), module)

    def __iter__(self) -> Iterator[Module]:
        return iter(self.children())

    def __getitem__(self, place: int) -> Module:
        part: Module = self.children()[place]
        return part


class ModuleDict(_Keeper):
    """A dict of modules whose parameters are found, for a `forward` that runs them in its own way.

    A part's parameters and scope are named after the dict and its key, as in ``heads.digit``.

    Raises:
        TypeError: a value is not a Module.
        ValueError: a key is no text, is empty, or holds "." or "/".

    Example:
        >>> import nn
        >>> class Heads(nn.Module):
        ...     def __init__(self):
        ...         self.heads = nn.ModuleDict({"digit": nn.Linear(4, 10), "parity": nn.Linear(4, 2)})
        ...     def forward(self, x, head):
        ...         return self.heads[head](x)
        >>> list(Heads().state_dict())
        ['heads.digit.weight', 'heads.digit.bias', 'heads.parity.weight', 'heads.parity.bias']
    """

    def __init__(self, modules: Mapping[str, Module] | None = None) -> None:
        super().__init__()
        for key, module in (modules or {}).items():
            self[key] = module

    def __setitem__(self, key: str, module: Module) -> None:
        _add(self, key, module)

    def __getitem__(self, key: str) -> Module:
        if key not in self._module_names:
            raise KeyError(f"{self.describe()}: has no module {key!r}; it has {list(self._module_names)}")
        part: Module = getattr(self, key)
        return part

    def __contains__(self, key: str) -> bool:
        return key in self._module_names

    def __iter__(self) -> Iterator[str]:
        return iter(self._module_names)

    def keys(self) -> list[str]:
        """The keys, in order."""
        return list(self._module_names)

    def values(self) -> list[Module]:
        """The modules, in order."""
        return self.children()

    def items(self) -> list[tuple[str, Module]]:
        """Each key with its module, in order."""
        return self.named_children()


def _add(container: Module, name: str, module: Any) -> None:
    if not isinstance(module, Module):
        raise TypeError(
            f"{type(container).__name__}: part {name!r} is a {type(module).__name__}, not a Module; give an instance, "
            f"as nn.ReLU(), or one of a subclass of nn.Module whose forward calls your function"
        )
    if not name or "." in name or "/" in name:
        raise ValueError(
            f"{type(container).__name__}: a part cannot be named {name!r}; write a text without '.' and '/'"
        )
    setattr(container, name, module)
