"""`Module`: the functions of one program, and the table of the addresses that they work on."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from autograd.replay.arrays.compiled.assembly import Function, Machine

Buffer = tuple[Any, ...]  # what an address is of: ("value", place), ("gradient", place), ("work", stage, name)


class Module:
    """What is written for one program.

    Attributes:
        slots: the place of each buffer's address in the table.
        sizes: how many bytes each work buffer takes.
    """

    def __init__(self, machine: Machine) -> None:
        self.machine = machine
        self.slots: dict[Buffer, int] = {}
        self.sizes: dict[Buffer, int] = {}
        self._functions: dict[Any, Function] = {}
        self._tables: dict[tuple[int, ...], str] = {}

    def slot(self, buffer: Buffer, size: int = 0) -> int:
        """The place of a buffer's address."""
        if size:
            self.sizes[buffer] = max(size, self.sizes.get(buffer, 0))
        return self.slots.setdefault(buffer, len(self.slots))

    def function(self, name: str) -> Function:
        """A function that can be called from outside, with the table."""
        made = Function(name, ["%table"], self.machine, internal=False)
        self._functions[name] = made
        return made

    def kernel(self, write: Callable[..., Function], kind: str, **parameters: Any) -> str:
        """The name of a kernel of these parameters, which is written once."""
        key = (write, kind, *((name, _hashable(value)) for name, value in sorted(parameters.items())))
        if key not in self._functions:
            self._functions[key] = write(f"kernel{len(self._functions)}", self.machine, kind, **parameters)
        return self._functions[key].name

    def table(self, numbers: Sequence[int]) -> str:
        """The address of constant integers."""
        return self._tables.setdefault(tuple(numbers), f"@table{len(self._tables)}")

    def text(self) -> str:
        """The module in LLVM's language."""
        constants = [
            f"{name} = internal constant [{len(numbers)} x i64] [{', '.join(f'i64 {each}' for each in numbers)}]"
            for numbers, name in self._tables.items()
        ]
        declared = sorted(set().union(*(f.declared for f in self._functions.values())))
        return "\n".join([*constants, *declared, *(f.text() for f in self._functions.values())])


def _hashable(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value
